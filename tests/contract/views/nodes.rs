//! What a view store of several nodes promises besides: one leads, and nobody gets past the fences of its tables.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::Position;
use futures_util::future::join_all;
use infra::views::RowStoreError;
use tests::stores::postgres_url;
use tests::view_stores::{Item, OURS, SHELF, TestViews, at, table};
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(20);

const EXPIRE: &str = "UPDATE leaders SET until = clock_timestamp()";

fn leads(store: &TestViews) -> bool {
    store.rows.lead(&[SHELF]).unwrap() == [SHELF.name]
}

/// Rings when a commit of another node is heard of.
fn bell(store: &TestViews) -> Arc<Notify> {
    let bell = Arc::new(Notify::new());
    let ringing = Arc::clone(&bell);
    store.rows.on_commit(Arc::new(move || ringing.notify_one()));
    bell
}

fn rings(store: &TestViews, bell: &Notify) {
    store.wait(async { tokio::time::timeout(PATIENCE, bell.notified()).await }).expect("a ring");
}

fn advance(store: &TestViews, from: u64, to: u64) -> Result<(), RowStoreError> {
    store.rows.transact(&mut |transaction| {
        assert!(transaction.advance(&at(1, from), &at(1, to))?);
        Ok(())
    })
}

fn position(store: &TestViews) -> Position {
    store.rows.checkpoints(&[SHELF]).unwrap()[0].as_ref().unwrap().position
}

#[test]
fn one_of_two_nodes_leads_until_it_resigns() {
    let store = TestViews::postgres();
    let other = store.other_node();
    assert!(leads(&store) && !leads(&other) && leads(&store));
    let bell = bell(&other);
    store.rows.resign();
    rings(&other, &bell);
    assert!(leads(&other) && !leads(&store));
}

#[test]
fn a_lease_that_is_not_prolonged_in_time_is_taken_and_fenced_off() {
    let store = TestViews::postgres();
    store.fill(1, &[]);
    let other = store.other_node();
    assert!(leads(&store));
    store.intrude(EXPIRE);
    assert_eq!(advance(&store, 7, 8), Err(RowStoreError::LeadLost), "it is over, though nobody took it yet");
    assert!(leads(&other));
    let write = store.rows.transact(&mut |_| panic!("what is fenced off does not begin"));
    assert_eq!(write, Err(RowStoreError::LeadLost));
    assert_eq!(advance(&other, 7, 8), Ok(()));
    assert!(!leads(&store));
    assert_eq!(store.rows.transact(&mut |_| Ok(())), Ok(()), "it knows by now that it leads nothing");
    assert_eq!(position(&store), Position(8));
}

#[test]
fn the_lead_is_handed_over_to_who_asks_for_it() {
    let store = TestViews::postgres();
    let other = store.other_node();
    assert!(leads(&store));
    let bell = bell(&store);
    other.rows.ask_for_lead(&[SHELF]).unwrap();
    rings(&store, &bell);
    assert!(!leads(&other), "it is not handed over yet");
    assert!(!leads(&store) && leads(&other) && !leads(&store));
    assert_eq!(store.rows.transact(&mut |_| Ok(())), Ok(()));
}

#[test]
fn nobody_takes_the_lead_in_the_middle_of_a_transaction() {
    let store = TestViews::postgres();
    store.fill(1, &[]);
    let other = store.other_node();
    assert!(leads(&store));
    let done = store.rows.transact(&mut |transaction| {
        store.intrude(EXPIRE);
        assert!(!leads(&other));
        transaction.advance(&at(1, 7), &at(1, 8)).map(drop)
    });
    assert_eq!(done, Ok(()));
    assert!(leads(&other));
    assert_eq!(advance(&other, 8, 9), Ok(()), "it goes on where the other one ended");
}

#[test]
fn a_lead_is_prolonged_in_the_middle_of_a_transaction() {
    let store = TestViews::postgres();
    store.fill(1, &[]);
    assert!(leads(&store));
    let done = store.rows.transact(&mut |transaction| {
        store.intrude(EXPIRE);
        assert!(leads(&store));
        transaction.advance(&at(1, 7), &at(1, 8)).map(drop)
    });
    assert_eq!(done, Ok(()));
    assert_eq!(advance(&store, 8, 9), Ok(()));
}

#[test]
fn a_commit_wakes_the_other_nodes_only() {
    let store = TestViews::postgres();
    let other = store.other_node();
    store.fill(1, &[]);
    let (own, others) = (bell(&store), bell(&other));
    // Those that rang when they began to listen, and for the commit before.
    let silence = |bell: &Notify| {
        store.wait(async { while tokio::time::timeout(Duration::from_millis(300), bell.notified()).await.is_ok() {} });
    };
    silence(&own);
    silence(&others);
    advance(&store, 7, 8).unwrap();
    rings(&store, &others);
    assert_eq!(position(&other), Position(8));
    let heard = store.wait(async { tokio::time::timeout(Duration::from_millis(100), own.notified()).await });
    assert!(heard.is_err(), "a node knows what it did itself");
}

#[test]
fn connections_that_are_cut_heal() {
    let store = TestViews::postgres();
    let other = store.other_node();
    store.fill(1, &[(OURS, Item::new("1", None, None))]);
    assert!(leads(&store));
    let bell = bell(&other);
    let cut = || {
        let name = format!("kilter {}", store.schema());
        let cut =
            format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}'");
        store.intrude(&cut).unwrap().parse::<u32>().unwrap()
    };
    assert!(cut() >= 4, "each has some");
    rings(&other, &bell);
    assert_eq!(advance(&store, 7, 8), Ok(()));
    rings(&other, &bell);
    assert!(leads(&store));
    assert_eq!(store.count(OURS, Vec::new()), Ok(1));
    assert_eq!(store.rows.load(&table(1), &[Arc::new((OURS, "1".to_owned()))]).unwrap().len(), 1);
    let failed = store.rows.transact(&mut |transaction| {
        assert!(transaction.advance(&at(1, 8), &at(1, 9))?);
        cut();
        Ok(())
    });
    assert!(matches!(failed, Err(RowStoreError::Unavailable(_))), "{failed:?}");
    assert_eq!(advance(&store, 8, 9), Ok(()), "what was cut in the middle never happened");
}

#[test]
fn rows_of_others_are_out_of_sight_even_of_the_owner_of_the_tables() {
    let store = TestViews::postgres();
    store.fill(1, &[(OURS, Item::new("1", None, None))]);
    assert!(postgres_url().contains("kilter"), "no superuser, whom nothing fences off");
    assert_eq!(store.intrude("SELECT count(*) FROM shelf_v1_1").unwrap(), "0");
    let scoped = format!("SET kilter.scope = '{}'; SELECT count(*) FROM shelf_v1_1", OURS.0);
    assert_eq!(store.intrude(&scoped).unwrap(), "1");
    let foreign = "SET kilter.scope = '00000000-0000-0000-0000-000000000002'; SELECT count(*) FROM shelf_v1_1";
    assert_eq!(store.intrude(foreign).unwrap(), "0");
}

#[test]
fn an_older_version_stays_for_a_day_and_as_long_as_a_node_leads_it() {
    let store = TestViews::postgres();
    store.fill(1, &[]);
    let old = "INSERT INTO checkpoint (projection, version, generation, position) VALUES ('shelf', 0, 5, 1), ('alien', 0, 1, 1);
        CREATE TABLE shelf_v0_5 (); CREATE TABLE alien_v0_1 ();
        INSERT INTO leaders (projection, version, node, until)
        VALUES ('shelf', 0, gen_random_uuid(), clock_timestamp() + interval '1 hour')";
    store.intrude(old);
    let tables = || {
        store.transact(|transaction| transaction.sweep());
        let names =
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '_v[0-9]' AND relkind = 'r'
            AND relnamespace = current_schema()::text::regnamespace";
        store.intrude(names).unwrap()
    };
    assert_eq!(tables(), "alien_v0_1 shelf_v0_5 shelf_v1_1");
    store.intrude("UPDATE checkpoint SET touched_at = now() - interval '25 hours'");
    assert_eq!(tables(), "alien_v0_1 shelf_v0_5 shelf_v1_1", "an older node is at work on it");
    store.intrude(EXPIRE);
    assert_eq!(tables(), "alien_v0_1 shelf_v1_1", "of the alien this build knows nothing");
}

#[test]
fn a_table_that_the_leader_fills_is_not_swept_away_by_another_node() {
    let store = TestViews::postgres();
    let other = store.other_node();
    assert!(leads(&store));
    store.fill(1, &[]);
    store.transact(|transaction| transaction.create(SHELF, &table(2)));
    other.transact(|transaction| transaction.sweep());
    assert!(store.rows.digests(&[table(2)]).is_ok());
    store.transact(|transaction| transaction.sweep());
    assert!(store.rows.digests(&[table(2)]).is_err());
}

#[test]
fn all_who_ask_at_once_over_new_connections_see_the_rows() {
    let views = TestViews::postgres();
    views.fill(1, &[(OURS, Item::new("a", Some("mill"), None))]);
    let started = views.other_node();
    assert_eq!(started.count(OURS, Vec::new()), Ok(1), "it knows where the rows are, over its first connection");
    let at_once = (0..8).map(|_| started.views.count(SHELF.name, OURS, Vec::new()));
    assert_eq!(started.wait(join_all(at_once)), vec![Ok(1); 8]);
}
