//! However many moments are asked for, memory stays within its bounds.

use std::time::Duration;

use api::graphql::build_with;
use async_graphql::{Request, Variables};
use domain::kernel::Role;
use infra::runner::past::PastLimits;
use serde_json::json;
use tests::app::TestApp;
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;

const ASK: &str = "query($p: Position) @asOf(position: $p) { jobs(first: 1) { totalCount } }";

async fn asked(
    schema: &api::graphql::KilterSchema,
    caller: domain::kernel::Caller,
    position: u64,
) -> async_graphql::Response {
    let variables = Variables::from_json(json!({ "p": position.to_string() }));
    schema.execute(Request::new(ASK).variables(variables).data(caller)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_moments_leave_no_more_behind_than_is_allowed() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    fill(&*app.deps.store, &mut ShopHistory::new(1, admin.tenant), 1_500).await;
    app.settle().await;
    let limits = PastLimits { bytes: 8 << 20, frames: 6, stride: 200, ..PastLimits::default() };
    let schema = build_with(app.deps.clone(), limits);
    for round in 0..1_000_u64 {
        let position = 1 + round * 997 % 1_500;
        let answer = asked(&schema, admin, position).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        assert!(schema.pasts().frames() <= 6 && schema.pasts().bytes() <= 8 << 20, "{}", schema.pasts().bytes());
    }
    assert!(schema.pasts().bytes() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_is_too_large_is_refused_and_takes_nothing_along() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    fill(&*app.deps.store, &mut ShopHistory::new(2, admin.tenant), 1_000).await;
    app.settle().await;
    let schema = build_with(app.deps.clone(), PastLimits { bytes: 200_000, ..PastLimits::default() });
    assert!(asked(&schema, admin, 60).await.errors.is_empty(), "the beginning is small enough");
    let refused = asked(&schema, admin, 1_000).await;
    assert!(format!("{:?}", refused.errors).contains("AS_OF_TOO_LARGE"), "{refused:?}");
    assert!(schema.pasts().bytes() <= 200_000);
    assert!(asked(&schema, admin, 60).await.errors.is_empty(), "and what is small enough is answered after that");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fold_that_takes_too_long_goes_on_and_is_there_when_asked_again() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    fill(&*app.deps.store, &mut ShopHistory::new(3, admin.tenant), 2_000).await;
    app.settle().await;
    let schema = build_with(app.deps.clone(), PastLimits { patience: Duration::ZERO, ..PastLimits::default() });
    let first = asked(&schema, admin, 1_900).await;
    assert!(format!("{:?}", first.errors).contains("AS_OF_NOT_READY"), "{first:?}");
    let ready = async {
        while !asked(&schema, admin, 1_900).await.errors.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(tests::app::PATIENCE, ready).await.expect("it comes to an end");
}
