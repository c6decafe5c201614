//! Tenant isolation (F19, F20), generated from the schema: every argument that names a thing × {own, foreign, random} × role.
//!
//! A foreign identity must answer exactly as one that never was; what a role may not do must answer alike for things that are
//! there and things that are not. A mutation that may do something runs in a world of its own.

mod schema;
mod world;

use std::fmt::Write as _;

use domain::kernel::{ActorId, Caller, Role, TenantId};
use serde_json::Value as Json;
use tests::golden::assert_golden;
use tests::sdl::{Operation, RootField, Sdl};

pub(crate) use schema::arguments;
use schema::{Probe, probes};
pub(crate) use world::World;

/// An answer with every identity, and the probe itself, made alike. A subscription is followed up to now, from a snapshot and
/// from the beginning.
async fn answer(world: &World, role: Role, field: &RootField, arguments: Json, probe: &str) -> String {
    let (caller, document) = (world.caller(role), field.document(&arguments));
    let mut responses = match field.operation {
        Operation::Subscription => world.app.backlog(caller, &document, arguments.clone()).await,
        Operation::Query | Operation::Mutation => vec![world.app.execute(caller, &document, arguments.clone()).await],
    };
    if field.arguments.iter().any(|argument| argument.name == "after" && argument.named_type == "Position") {
        let mut resumed = arguments;
        resumed["after"] = "0".into();
        responses.extend(world.app.backlog(caller, &field.document(&resumed), resumed).await);
    }
    for error in responses.iter_mut().flat_map(|response| &mut response.errors) {
        let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
        assert!(coded, "{document} was not even executed: {error:?}");
        error.locations.clear();
    }
    let text = serde_json::to_string(&responses).expect("an answer is JSON");
    world::without_identities(&text.replace(probe, "<probe>"))
}

/// Worlds to try things in: one serves for as long as nothing was changed in it.
#[derive(Default)]
struct Worlds(Option<World>);

impl Worlds {
    /// The answer to the field with the arguments, and the probe in them, that `choose` makes of a world.
    async fn answer(&mut self, role: Role, field: &RootField, choose: impl Fn(&World) -> (Json, String)) -> String {
        let world = match self.0.take() {
            Some(world) => world,
            None => World::new().await,
        };
        let (arguments, probe) = choose(&world);
        let answer = answer(&world, role, field, arguments, &probe).await;
        let unchanged = field.operation != Operation::Mutation || answer.contains(r#""appended":0"#);
        self.0 = Some(world).filter(|_| unchanged);
        answer
    }

    /// The answer with this probe set to what `pick` takes.
    async fn probe(&mut self, role: Role, field: &RootField, probe: &Probe, pick: impl Fn(&World) -> String) -> String {
        let choose = |world: &World| {
            let picked = pick(world);
            (probe.set(probe.arguments(field, &world.own), &picked), picked)
        };
        self.answer(role, field, choose).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_thing_answers_as_one_that_never_was_golden() {
    let (sdl, mut worlds) = (Sdl::load().await, Worlds::default());
    let mut uncovered = String::new();
    for field in sdl.roots() {
        for probe in probes(&field) {
            let own = worlds.probe(Role::Admin, &field, &probe, |world| probe.pick(&world.own)).await;
            let foreign = worlds.probe(Role::Admin, &field, &probe, |world| probe.pick(&world.foreign)).await;
            let random = worlds.probe(Role::Admin, &field, &probe, |_| probe.nothing()).await;
            assert_eq!(foreign, random, "{} {}", field.name, probe.path());
            if own == random {
                writeln!(uncovered, "{} {}", field.name, probe.path()).expect("text");
            }
        }
    }
    assert_golden("isolation-uncovered.txt", &uncovered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_and_what_they_may_do_are_golden() {
    let (sdl, mut worlds) = (Sdl::load().await, Worlds::default());
    let mut table = world::matrix();
    table.push_str("\n## What each role reaches in the API\n\n");
    table.push_str("| field | admin | manager | operator | auditor |\n|---|---|---|---|---|\n");
    for field in sdl.roots() {
        let mut line = format!("| {} `{}` |", field.operation.name(), field.name);
        for role in Role::ALL {
            let as_own = |world: &World| (arguments(&field, &world.own), "\0".to_owned());
            let own = worlds.answer(role, &field, as_own).await;
            let hidden = own.contains(r#""code":"NOT_FOUND""#);
            line.push_str(if hidden { " – |" } else { " yes |" });
            for probe in probes(&field).iter().filter(|_| hidden) {
                let random = worlds.probe(role, &field, probe, |_| probe.nothing()).await;
                assert_eq!(own, random, "{role:?} is told by {} {} what is there", field.name, probe.path());
            }
        }
        writeln!(table, "{line}").expect("text");
    }
    assert_golden("roles.md", &table);
}

#[tokio::test]
async fn what_concerns_all_companies_is_only_for_who_runs_the_installation() {
    let world = World::new().await;
    let (ours, theirs) = (world.caller(Role::Admin), world.foreign_caller);
    let installation = TenantId::installation();
    let of_installation = |role: Role| Caller::new(installation, ActorId::from_key(installation, "them"), role);
    let ask =
        async |caller, document| world.app.execute(caller, document, serde_json::json!({})).await.data.to_string();
    let start = "mutation { rebuildProjections(input: {}) { rebuild { head } userErrors { code } } }";
    for stranger in [ours, theirs, of_installation(Role::Manager), of_installation(Role::Auditor)] {
        assert!(ask(stranger, start).await.contains("NOT_FOUND"), "{stranger:?}");
    }
    assert!(!ask(of_installation(Role::Admin), start).await.contains("NOT_FOUND"));
    for question in ["{ rebuild { position head done } }", "{ readModels { name position head } }"] {
        for stranger in [ours, theirs, of_installation(Role::Manager)] {
            let answer = world.app.execute(stranger, question, serde_json::json!({})).await;
            let error = answer.errors.first().expect("refused").extensions.as_ref().and_then(|coded| coded.get("code"));
            assert_eq!(error, Some(&"NOT_FOUND".into()), "{stranger:?} {question}");
        }
        assert!(ask(of_installation(Role::Admin), question).await.contains("head"), "{question}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_tenant_shows_nothing_of_it() {
    let world = World::new().await;
    let page =
        "query($after: String) { jobs(first: 5, after: $after) { pageInfo { endCursor } edges { node { number } } } }";
    let foreign = world.app.data(world.foreign_caller, page, serde_json::json!({})).await;
    let cursor = &foreign["jobs"]["pageInfo"]["endCursor"];
    assert!(cursor.is_string());
    let own = world.app.data(world.caller(Role::Admin), page, serde_json::json!({ "after": cursor })).await;
    assert!(!own.to_string().contains("theirs"), "{own}");
}
