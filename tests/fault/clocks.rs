//! F7: clocks that jump an hour and back, and nodes whose clocks differ. Order is that of positions, whatever the times say.

use std::sync::Arc;

use domain::kernel::{Caller, Role};
use domain::ports::{EventStore, Scope};
use serde_json::json;
use tests::app::TestApp;
use tests::rounds::{Random, rounds};
use tests::stores::{TestStore, everything};

const CREATE: &str = "mutation($code: String!) {
    createWorkCenter(input: { code: $code, name: \"Milling\" }) { position userErrors { code } }
}";
const RENAME: &str = "mutation($name: String!) {
    renameWorkCenter(input: { workCenterCode: \"M\", name: $name }) { position userErrors { code } }
}";

const HOUR: i64 = 3600;

/// Two nodes' worth of commands over one log in a file, by clocks that stand apart and jump.
struct Nodes {
    store: Arc<dyn EventStore>,
    apps: [TestApp; 2],
    callers: Vec<Caller>,
    random: Random,
}

impl Nodes {
    async fn start(store: &TestStore) -> Self {
        let store = store.shared();
        let apps = [TestApp::over(Arc::clone(&store)).await, TestApp::over(Arc::clone(&store)).await];
        let mut callers = Vec::new();
        for app in &apps {
            callers.push(app.caller("kestrel", Role::Admin).await);
        }
        Self { store, apps, callers, random: Random::new(7) }
    }

    /// Done by one of the nodes, after its clock has jumped.
    async fn change(&mut self, document: &str, variables: serde_json::Value) -> serde_json::Value {
        let node = self.random.between(0, 2) as usize;
        let jump = [-HOUR, -1, 0, 1, HOUR][self.random.between(0, 5) as usize];
        self.apps[node].clock.advance_seconds(jump);
        self.apps[node].change(self.callers[node], document, variables).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_clocks_say_order_is_that_of_positions_and_nothing_is_doubled_or_lost() {
    let kept = TestStore::sqlite();
    let mut nodes = Nodes::start(&kept).await;
    nodes.change(CREATE, json!({ "code": "M" })).await;
    let changes = rounds(60, 2_000);
    for n in 0..changes {
        nodes.change(RENAME, json!({ "name": format!("Milling {n}") })).await;
    }
    let events = everything(&*nodes.store, Scope::System, 100).await;
    assert_eq!(events.len(), changes + 1);
    let positions: Vec<u64> = events.iter().map(|stored| stored.position.0).collect();
    assert_eq!(positions, (1..=changes as u64 + 1).collect::<Vec<_>>());
    assert!(!events.iter().map(|stored| stored.event.recorded_at).is_sorted(), "the clocks did go back");
    for (app, caller) in nodes.apps.iter().zip(&nodes.callers) {
        app.settle().await;
        let shown = app.data(*caller, "{ workCenters(first: 1) { edges { node { name } } } }", json!({})).await;
        assert_eq!(shown["workCenters"]["edges"][0]["node"]["name"], format!("Milling {}", changes - 1));
        app.assert_rebuilt_is_live().await;
    }
}
