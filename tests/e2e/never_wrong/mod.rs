//! Never wrong: random shops are entered through GraphQL, planned and taken over, and what their board shows is checked against what
//! was entered, by a checker that knows nothing of Kilter. A few each time; as many as `KILTER_SHOPS` says by `./test never-wrong`.

mod check;
mod enter;
mod hours;
mod shop;

use std::collections::BTreeSet;

use api::planning::Sight;
use domain::kernel::Caller;
use futures_util::StreamExt;
use projections::planning::{ConflictKind, Options};
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};

use self::check::{Bar, faults};
use self::shop::{Shop, number, shop};
use crate::planning::{accept, start};

const BOARD: &str = "query($from: DateTime!, $until: DateTime!) { it: board(from: $from, until: $until, by: MACHINE) {
    bars { ...It } elsewhere { ...It } pageInfo { hasNextPage } } }
fragment It on BoardBar { job { code } operation machine { code } operator { code } start runStart end late status }";
const UNPLANNED: &str = "query { it: unplanned(first: 100) { edges { node { job { code } operations { number } } } } }";
const FOLLOW: &str = "subscription($run: ID!) { it: planProgress(run: $run) { state objective { unplaced } } }";
/// Shops in one Kilter.
const TOGETHER: u64 = 100;

/// Plans, and takes over the first plan that there is.
async fn plan(app: &TestApp, planner: Caller) {
    let run = start(app, planner, json!({ "seconds": 20 })).await;
    let mut stream = app.subscribe(planner, FOLLOW, json!({ "run": run }));
    loop {
        let message = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time").expect("a message");
        let told = message.data.into_json().expect("JSON")["it"].take();
        assert_ne!(told["state"], "FAILED", "{told}");
        if !told["objective"].is_null() {
            break;
        }
    }
    let accepted = accept(app, planner, json!({ "runId": run })).await;
    assert_eq!(accepted["userErrors"], json!([]), "a plan can be taken over at once");
    app.settle().await;
}

/// What a client sees.
async fn board(app: &TestApp, planner: Caller, shop: &Shop) -> Vec<Bar> {
    let [from, until] = [shop.now - 86_400, shop.now + 398 * 86_400].map(|at| enter::at(at).to_string());
    let told = app.data(planner, BOARD, json!({ "from": from, "until": until })).await["it"].take();
    assert_eq!(told["pageInfo"]["hasNextPage"], false);
    let bars = [&told["bars"], &told["elsewhere"]].into_iter().flat_map(|bars| bars.as_array().expect("bars"));
    bars.map(Bar::read).collect()
}

/// What has no place, as a client is told.
async fn unplanned(app: &TestApp, planner: Caller) -> BTreeSet<(usize, usize)> {
    let told = app.data(planner, UNPLANNED, json!({})).await["it"]["edges"].take();
    let jobs = told.as_array().expect("jobs").iter().map(|edge| &edge["node"]);
    let of = |node: &Json| {
        let job: usize = node["job"]["code"].as_str().expect("a code")[1..].parse().expect("a place");
        let numbers = node["operations"].as_array().expect("operations").clone();
        numbers
            .into_iter()
            .map(move |it| (job, usize::try_from(it["number"].as_u64().expect("a number")).expect("small") / 10 - 1))
    };
    jobs.flat_map(of).collect()
}

/// Everything that is wrong with a shop after it was planned.
async fn wrong(app: &TestApp, planner: Caller, shop: &Shop) -> Vec<String> {
    let bars = board(app, planner, shop).await;
    let mut found = faults(shop, &bars);
    let left_out = unplanned(app, planner).await;
    let shown: BTreeSet<(usize, usize)> = bars.iter().map(Bar::of).collect();
    for (job, step) in
        shop.jobs.iter().enumerate().flat_map(|(job, it)| (0..it.operations.len()).map(move |step| (job, step)))
    {
        if shown.contains(&(job, step)) == left_out.contains(&(job, step)) {
            found.push(format!("J{job} {}: is on the board and left out, or neither", number(step)));
        }
    }
    let seen = Sight::of(&app.deps).shop(planner.tenant).await.expect("the shop");
    let planning = seen.shop.problem(seen.now, &Options::default()).expect("a problem");
    let running = shop.running.map(|(job, ..)| domain::kernel::JobId::from_key(planner.tenant, &format!("J{job}")));
    for conflict in planning.conflicts(seen.shop.plan.placements.values()) {
        // What is at work is where it is, also while its machine is closed.
        let at_work = Some(conflict.operation.job) == running && conflict.operation.operation.0 == 10;
        if conflict.kind != ConflictKind::Late && !at_work {
            found.push(format!("{conflict:?}"));
        }
    }
    found
}

/// A number that whoever runs the test may say.
#[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
fn said(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_board_of_a_random_shop_shows_passes_a_checker_that_knows_only_what_was_entered() {
    let (first, count, began) = (said("KILTER_SHOP", 0), said("KILTER_SHOPS", 8), std::time::Instant::now());
    let (mut found, mut bars, mut at_work) = (Vec::new(), 0, 0);
    let mut app = TestApp::start().await;
    for seed in first..first + count {
        if seed > first && (seed - first).is_multiple_of(TOGETHER) {
            println!("{} shops after {} s, {} wrong", seed - first, began.elapsed().as_secs(), found.len());
            app.assert_rebuilt_is_live().await;
            app = TestApp::start().await;
        }
        let mut shop = shop(seed);
        let planner = enter::enter(&app, &format!("shop-{seed}"), &mut shop).await;
        at_work += u32::from(shop.running.is_some());
        plan(&app, planner).await;
        bars += board(&app, planner, &shop).await.len();
        let wrong = wrong(&app, planner, &shop).await;
        found.extend(wrong.into_iter().map(|fault| format!("KILTER_SHOP={seed}: {fault}")));
    }
    app.assert_rebuilt_is_live().await;
    println!("{count} shops, {bars} bars, {at_work} with work that has begun, {} s", began.elapsed().as_secs());
    assert!(found.is_empty(), "{} faults\n{}", found.len(), found[..found.len().min(40)].join("\n"));
    assert!(bars > 0, "something was planned");
}
