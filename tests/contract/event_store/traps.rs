//! What goes wrong with an EventStoreDB server and with its client, and what the store makes of it. Always on the stand-in.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::{AppendError, EventStore, Expected, Filter, Position, ReadError, Scope, StoredEvent};
use infra::event_store::{EventStoreDb, EventStoreDbRefusal, chain};
use tests::events::{TENANT, append, command, stream};
use tests::eventstoredb::{Loss, StandIn};
use tests::stores::{TestStore, everything, whole_stream};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(20);

async fn store() -> TestStore {
    TestStore::on(StandIn::start().await).await
}

/// Tries until it works: what can heal does so by itself.
async fn until_it_works<T, E, F: Future<Output = Result<T, E>>>(attempt: impl Fn() -> F) -> T {
    let trying = async {
        loop {
            if let Ok(done) = attempt().await {
                return done;
            }
            tokio::time::sleep(MOMENT).await;
        }
    };
    tokio::time::timeout(PATIENCE, trying).await.expect("it heals")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_is_used_again() {
    let mut store = store().await;
    let before = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    store.server().stop().await;
    for n in 0..5 {
        // The client by itself would say from the second time on, and for ever, that it is closed.
        let refused = store.append(TENANT, append(stream(1), Expected::Any, command(10 + n), 1)).await;
        assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
        assert!(matches!(store.head().await, Err(ReadError::Unavailable(_))));
        assert!(store.health().await.is_err());
    }
    store.server().start_again().await;
    let head = until_it_works(|| store.head()).await;
    assert_eq!(head, before.position);
    let after = until_it_works(|| store.append(TENANT, append(stream(1), Expected::Exact(1), command(2), 1))).await;
    assert_eq!(after.revision, 2);
    assert_eq!(store.health().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_at_the_start_can_be_tried_again() {
    let mut server = StandIn::start().await;
    server.stop().await;
    let refusal = EventStoreDb::open(&server.url(), "", None).await.err().unwrap();
    assert!(matches!(refusal, EventStoreDbRefusal::Unreachable { .. }) && refusal.may_heal(), "{refusal:?}");
    server.start_again().await;
    let store = EventStoreDb::open(&server.url(), "", None).await.unwrap();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_without_an_answer_is_unknown_and_stands_once_when_it_comes_again() {
    let mut store = store().await;
    for (n, loss, events) in [(1, Loss::Before, 1), (2, Loss::After, 1), (3, Loss::Before, 3), (4, Loss::After, 3)] {
        store.server().trouble(|troubles| troubles.losses = Some((loss, ".job-".to_owned(), 1)));
        let asked = append(stream(n), Expected::NoStream, command(n), events);
        let unknown = store.append(TENANT, asked.clone()).await;
        assert!(matches!(unknown, Err(AppendError::OutcomeUnknown(_))), "{loss:?}: {unknown:?}");
        let answer = store.append(TENANT, asked.clone()).await.unwrap();
        assert_eq!(store.append(TENANT, asked).await, Ok(answer));
        let stored = whole_stream(&*store, TENANT, stream(n)).await;
        assert_eq!(stored.len(), events, "{loss:?}");
        assert_eq!(stored.last().unwrap().position, answer.position);
        assert_eq!(chain::verify(&stored), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gets_lost_before_the_append_leaves_nothing_behind_that_matters() {
    let mut store = store().await;
    for (n, loss, part) in [
        (1, Loss::Before, ".identity-"),
        (2, Loss::After, ".identity-"),
        (3, Loss::Before, "$$"),
        (4, Loss::After, "$$"),
    ] {
        store.server().trouble(|troubles| troubles.losses = Some((loss, part.to_owned(), 1)));
        let asked = append(stream(n), Expected::NoStream, command(n), 2);
        let refused = store.append(TENANT, asked.clone()).await;
        assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{loss:?} {part}: {refused:?}");
        assert!(whole_stream(&*store, TENANT, stream(n)).await.is_empty());
        assert_eq!(store.find(TENANT, command(n).event_id(0)).await, Ok(None));
        store.append(TENANT, asked).await.unwrap();
    }
    assert_eq!(everything(&*store, Scope::System, 3).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_belongs_to_a_stream_until_who_claimed_it_can_not_append_any_more() {
    let mut store = store().await;
    store.server().trouble(|troubles| troubles.losses = Some((Loss::Before, ".job-".to_owned(), 1)));
    let lost = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await;
    assert!(matches!(lost, Err(AppendError::OutcomeUnknown(_))));
    let elsewhere = append(stream(2), Expected::NoStream, command(1), 2);
    let taken = AppendError::IdTaken(command(1).event_id(0));
    assert_eq!(store.append(TENANT, elsewhere.clone()).await, Err(taken));
    // Another event comes to stand where those would have: they can't any more.
    store.append(TENANT, append(stream(1), Expected::NoStream, command(2), 1)).await.unwrap();
    let answer = store.append(TENANT, elsewhere.clone()).await.unwrap();
    assert_eq!(store.append(TENANT, elsewhere).await, Ok(answer));
    let back = store.append(TENANT, append(stream(1), Expected::Any, command(1), 2)).await;
    assert_eq!(back, Err(AppendError::IdTaken(command(1).event_id(0))));
    assert_eq!(store.find(TENANT, command(1).event_id(1)).await.unwrap().unwrap().stream, stream(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_lead_says_who_does() {
    let (leader, follower) = (StandIn::start().await, StandIn::start().await);
    let port = leader.port();
    follower.trouble(|troubles| troubles.follows = Some(Some(port)));
    let store = TestStore::on(follower).await;
    let appended = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    let direct = TestStore::on(leader).await;
    assert_eq!(direct.head().await.unwrap(), appended.position);
    assert_eq!(whole_stream(&*store, TENANT, stream(1)).await, whole_stream(&*direct, TENANT, stream(1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_leader_nothing_is_done_until_there_is_one() {
    let (mut store, mut leader) = (store().await, StandIn::start().await);
    let port = leader.port();
    leader.stop().await;
    for (n, follows) in [(1, None), (2, Some(port))] {
        store.server().trouble(|troubles| troubles.follows = Some(follows));
        let asked = append(stream(n), Expected::NoStream, command(n), 1);
        let refused = store.append(TENANT, asked.clone()).await;
        assert!(matches!(&refused, Err(AppendError::Unavailable(why)) if why.contains("lead")), "{refused:?}");
        store.server().trouble(|troubles| troubles.follows = None);
        until_it_works(|| store.append(TENANT, asked.clone())).await;
    }
    assert_eq!(everything(&*store, Scope::System, 10).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_cluster_whoever_leads_is_found_again() {
    let (mut first, second) = (StandIn::start().await, StandIn::start().await);
    let port = first.port();
    second.trouble(|troubles| troubles.follows = Some(Some(port)));
    let url = format!("esdb://127.0.0.1:{port},127.0.0.1:{}?tls=false&discoveryInterval=5", second.port());
    let store = EventStoreDb::open(&url, "", None).await.unwrap();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    assert!(second.asked().iter().all(|method| method != "Append"));
    first.stop().await;
    second.trouble(|troubles| troubles.follows = None);
    // The second one never had the log of the first: to see who answers is all that matters here.
    until_it_works(|| store.append(TENANT, append(stream(1), Expected::NoStream, command(2), 1))).await;
    assert!(second.asked().iter().any(|method| method == "Append"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_server_is_waited_for_and_one_that_hangs_is_not() {
    let mut store = store().await;
    store.server().trouble(|troubles| troubles.pause = Duration::from_millis(300));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    store.server().trouble(|troubles| troubles.pause = Duration::from_secs(3600));
    let answer = tokio::time::timeout(PATIENCE, store.head()).await.expect("it is given up");
    assert!(matches!(answer, Err(ReadError::Unavailable(_))));
    store.server().trouble(|troubles| troubles.pause = Duration::ZERO);
    assert_eq!(until_it_works(|| whole(&store)).await.len(), 1);
}

async fn whole(store: &TestStore) -> Result<Vec<StoredEvent>, ReadError> {
    store.read_stream(TENANT, stream(1), 0, domain::ports::Direction::Forward, 10).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removed_bodies_are_gone_once_the_server_scavenges() {
    let mut store = store().await;
    let mut secret = append(stream(1), Expected::NoStream, command(1), 2);
    secret.events[0].data = b"{\"canary\":\"8d1f0c\"}".to_vec();
    store.append(TENANT, secret).await.unwrap();
    let name = format!("t{}.job-{}", TENANT.0.simple(), stream(1).id.simple());
    let events = store.server().scavenged(&name);
    assert!(!events.iter().any(|bytes| bytes.windows(6).any(|window| window == b"8d1f0c")), "bodies rest sealed");
    let first_key = key(store.server(), &name);
    store.truncate_before(TENANT, stream(1), 1).await.unwrap();
    let later_key = key(store.server(), &name);
    assert_ne!(first_key, later_key);
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    assert_eq!(key(store.server(), &name), None);
    assert_eq!(store.server().scavenged(&name), events, "the server's own events never change");
}

/// The key of a stream that the server would not scavenge.
fn key(server: &StandIn, stream: &str) -> Option<String> {
    metadata(server, stream)["kilter"]["readable"]["key"].as_str().map(str::to_owned)
}

/// What stands beside a stream.
fn metadata(server: &StandIn, stream: &str) -> serde_json::Value {
    let kept = server.scavenged(&format!("$${stream}"));
    let mut metadata: Vec<serde_json::Value> =
        kept.iter().filter(|bytes| !bytes.is_empty()).map(|bytes| serde_json::from_slice(bytes).unwrap()).collect();
    assert_eq!(metadata.len(), 1, "one metadata event is kept");
    metadata.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_removed_by_hand_is_told() {
    let mut store = store().await;
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    let name = format!("t{}.job-{}", TENANT.0.simple(), stream(1).id.simple());
    store.server().tombstone(&name);
    let refused = store.append(TENANT, append(stream(1), Expected::Exact(0), command(2), 1)).await;
    assert_eq!(refused, Err(AppendError::Deleted));
    assert!(whole(&store).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_the_server_never_gave_out_harms_nobody_else() {
    let store = store().await;
    let appended = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    for _ in 0..5 {
        let nowhere = Position(appended.position.0 - 1);
        let answer = store.read_all(Scope::System, nowhere, 10, Filter::default()).await;
        assert!(matches!(answer, Err(ReadError::Unavailable(_))), "{answer:?}");
        assert_eq!(store.head().await, Ok(appended.position));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn installations_that_share_a_server_do_not_see_each_other() {
    let server = StandIn::start().await;
    let north = EventStoreDb::open(&server.url(), "north.", None).await.unwrap();
    let south = EventStoreDb::open(&server.url(), "south.", None).await.unwrap();
    north.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    south.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    assert_eq!(everything(&north, Scope::System, 10).await.len(), 2);
    assert_eq!(everything(&south, Scope::Tenant(TENANT), 10).await.len(), 1);
    assert_eq!(everything(&south, Scope::Tenant(TenantId(Uuid::nil())), 10).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn methods_that_do_harm_are_never_called() {
    let mut store = store().await;
    for n in 0..5 {
        store.append(TENANT, append(stream(1), Expected::Any, command(n), 2)).await.unwrap();
    }
    store.truncate_before(TENANT, stream(1), 3).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    store.health().await.unwrap();
    everything(&*store, Scope::System, 3).await;
    let asked: BTreeSet<String> = store.server().asked().into_iter().collect();
    // Neither BatchAppend nor a subscription.
    assert_eq!(asked.iter().map(String::as_str).collect::<Vec<_>>(), ["Append", "GetSupportedMethods", "Read"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_beside_a_stream_says_nothing_of_ages() {
    let mut store = store().await;
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    let name = format!("t{}.job-{}", TENANT.0.simple(), stream(1).id.simple());
    let members = |server: &StandIn| metadata(server, &name).as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(store.server()), ["kilter"]);
    store.truncate_before(TENANT, stream(1), 2).await.unwrap();
    assert_eq!(members(store.server()), ["kilter"]);
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    assert_eq!(members(store.server()), ["kilter"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_up_is_not_called_all_the_time() {
    let mut store = store().await;
    store.server().trouble(|troubles| troubles.hangs_up = true);
    store.server().cut_connections();
    let (before, began) = (store.server().connections(), Instant::now());
    // Asked without a pause; the last of the attempts comes 1.5 s after the first, or later.
    let calling = async {
        while store.server().connections() < before + 16 && began.elapsed() < Duration::from_millis(1500) {
            assert!(store.head().await.is_err());
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, calling).await.expect("it goes on");
    assert!(began.elapsed() >= Duration::from_millis(1500), "{:?}", began.elapsed());
    store.server().trouble(|troubles| troubles.hangs_up = false);
    assert_eq!(until_it_works(|| store.head()).await, Position(0));
}
