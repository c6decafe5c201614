//! Every question of the schema, asked along a history and again when it is over.

use std::collections::BTreeMap;

use domain::kernel::Role;
use serde_json::{Value as Json, json};
use tests::golden::workspace_root;
use tests::sdl::{Operation, RootField, Sdl};

use super::{as_of, at_instant, at_position, code, head, said};
use crate::isolation::{World, arguments};

/// What happens after the world is made, one step at a time.
const STEPS: [&str; 12] = [
    r#"mutation { reviseJob(input: { jobNumber: "ours-job", priority: 9, notes: "soon" }) { userErrors { message } } }"#,
    r#"mutation { reportQuantity(input: { jobNumber: "ours-job", operation: 10, operatorCode: "ours-operator", good: 2, scrap: "0.5",
        scrapReason: "cracked" }) { userErrors { message } } }"#,
    r#"mutation { finishOperation(input: { jobNumber: "ours-job", operation: 10, operatorCode: "ours-operator", good: 1 }) { userErrors { message } } }"#,
    r#"mutation { createJob(input: { number: "ours-other", due: "2012-03-05T09:00:00Z", operations: [
        { number: 10, name: "Only", workCenterCode: "ours-workCenter" }] }) { userErrors { message } } }"#,
    r#"mutation { scheduleJob(input: { jobNumber: "ours-other", windows: [
        { operation: 10, machineCode: "ours-machine", start: "2012-03-05T10:00:00Z", end: "2012-03-05T11:00:00Z" }] }) { userErrors { message } } }"#,
    r#"mutation { changeMachineStatus(input: { machineCode: "ours-machine", status: DOWN, reason: "belt torn" }) { userErrors { message } } }"#,
    r#"mutation { renameCompany(input: { name: "Another name" }) { userErrors { message } } }"#,
    r#"mutation { createWorkCenter(input: { code: "ours-second", name: "Second" }) { userErrors { message } } }"#,
    r#"mutation { registerOperator(input: { code: "ours-new", name: "New" }) { userErrors { message } } }"#,
    r#"mutation { cancelJob(input: { jobNumber: "ours-other", reason: "not wanted" }) { userErrors { message } } }"#,
    r#"mutation { inviteMember(input: { email: "second@example.com", role: MANAGER }) { userErrors { message } } }"#,
    r#"mutation { createCalendar(input: { code: "ours-nights", name: "Nights", shifts: [
        { days: [MONDAY], from: "22:00", to: "06:00" }] }) { userErrors { message } } }"#,
];

/// When tokens were used last is known of now only.
fn question(field: &RootField, arguments: &Json) -> String {
    field.document(arguments).replace("lastUsed ", "")
}

/// The table of `docs/replay.md`: what each question answers of a moment.
fn documented() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(workspace_root().join("docs/replay.md")).expect("docs/replay.md");
    let mut table = BTreeMap::new();
    let rows = text.lines().skip_while(|line| !line.starts_with("| question |")).skip(2);
    for line in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        for name in cells[1].split(',') {
            table.insert(name.trim().trim_matches('`').to_owned(), cells[2].to_owned());
        }
    }
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_is_answered_as_it_was_then_or_says_that_it_is_not_known() {
    let (sdl, world, documented) = (Sdl::load().await, World::new().await, documented());
    let (app, admin) = (&world.app, world.caller(Role::Admin));
    let fields: Vec<RootField> =
        sdl.roots().into_iter().filter(|field| matches!(field.operation, Operation::Query)).collect();
    let names: Vec<&String> = fields.iter().map(|field| &field.name).collect();
    assert!(documented.keys().all(|name| names.contains(&name)), "docs/replay.md knows more than the schema");
    let kept = |field: &&RootField| {
        let said =
            documented.get(&field.name).unwrap_or_else(|| panic!("docs/replay.md does not tell of {}", field.name));
        assert!(["as of then", "as of now", "refused"].contains(&said.as_str()), "{}: {said}", field.name);
        said != "refused"
    };
    let (kept, not_kept): (Vec<&RootField>, Vec<&RootField>) = fields.iter().partition(kept);
    let mut marks = Vec::new();
    for step in [None].into_iter().chain(STEPS.map(Some)) {
        if let Some(step) = step {
            app.clock.advance_seconds(60);
            app.change(admin, step, json!({})).await;
        }
        let at = head(app).await;
        for field in &kept {
            let asked = arguments(field, &world.own);
            let answer = app.execute(admin, &question(field, &asked), asked.clone()).await;
            marks.push((at.clone(), app.deps.clock.now().to_string(), *field, asked, said(answer)));
        }
    }
    app.clock.advance_seconds(86_400);
    let mut by_instant = 0;
    for (position, instant, field, asked, then) in &marks {
        let document = as_of(&question(field, asked));
        let again = app.execute(admin, &document, at_position(asked, position)).await;
        assert_eq!(&said(again), then, "{} at {position}", field.name);
        let again = app.execute(admin, &document, at_instant(asked, instant)).await;
        let told = again.extensions["asOf"].clone().into_json().expect("JSON");
        assert_eq!(told["instant"], json!(instant));
        // The last event of all may be another company's: its position is not told.
        if told["position"] == json!(position) {
            assert_eq!(&said(again), then, "{} at {instant}", field.name);
            by_instant += 1;
        }
    }
    assert!(by_instant > marks.len() / 2, "{by_instant} of {}", marks.len());
    for field in not_kept {
        let asked = arguments(field, &world.own);
        let refused = code(app, admin, &as_of(&field.document(&asked)), at_position(&asked, "1")).await;
        assert!(["AS_OF_NOT_KEPT", "NOT_FOUND"].contains(&refused.as_str()), "{}: {refused}", field.name);
    }
    let used = "query($at: Position) @asOf(position: $at) { apiTokens(first: 5) { edges { node { lastUsed } } } }";
    assert_eq!(code(app, admin, used, json!({ "at": head(app).await })).await, "AS_OF_NOT_KEPT");
}
