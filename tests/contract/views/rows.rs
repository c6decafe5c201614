//! What the runner may rely on.

use std::sync::Arc;

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::Position;
use infra::views::{Change, Parked, Resting, RowKey, RowStoreError, Shape};
use tests::view_stores::{Item, OURS, SHELF, TestViews, at, table};
use uuid::Uuid;

fn keys(items: &[Item]) -> Vec<Arc<RowKey>> {
    items.iter().map(|item| Arc::new((OURS, item.key.clone()))).collect()
}

fn resting(item: &Item, position: u64) -> Resting {
    let document = item.document().into_bytes();
    Resting { key: (OURS, item.key.clone()), position: Position(position), document }
}

fn rests(store: &TestViews, items: &[Item]) -> Vec<Resting> {
    let mut rows = store.rows.load(&table(1), &keys(items)).unwrap();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

pub(super) fn rows_rest_as_they_were_written_whatever_is_in_them(store: &TestViews) {
    let items = [
        Item::new("", Some(""), None),
        Item::new("a\0b", Some("\0"), Some(i64::MIN + 1)),
        Item::new("big", Some(&"ü".repeat(600)), Some(i64::MAX)),
        Item::new("quote'\"\\", Some("'; DROP TABLE checkpoint; --"), Some(-1)),
        Item::new("ö\u{1}", None, Some(0)),
    ];
    store.fill(1, &items.clone().map(|item| (OURS, item)));
    let absent = Item::new("absent", None, None);
    let asked = [&items[..], &[absent]].concat();
    assert_eq!(rests(store, &asked), items.clone().map(|item| resting(&item, 7)));
    let theirs = [Arc::new((TenantId(Uuid::from_u128(2)), "big".to_owned()))];
    assert_eq!(store.rows.load(&table(1), &theirs), Ok(Vec::new()));
}

pub(super) fn a_row_is_replaced_and_removed(store: &TestViews) {
    let [one, other] = [Item::new("1", Some("one"), None), Item::new("2", Some("other"), Some(2))];
    store.fill(1, &[(OURS, one.clone()), (OURS, other.clone())]);
    let removed = Change { position: Position(9), stored: true, row: None, ..one.put(OURS, 9) };
    let replaced = Change { stored: true, ..Item::new("2", None, Some(3)).put(OURS, 8) };
    store.transact(|transaction| transaction.write(SHELF, &table(1), &[removed.clone(), replaced.clone()]));
    assert_eq!(rests(store, &[one, other.clone()]), [resting(&other, 8)]);
}

pub(super) fn work_that_fails_changes_nothing(store: &TestViews) {
    let item = Item::new("1", None, None);
    store.fill(1, &[(OURS, item.clone())]);
    let failed = store.rows.transact(&mut |transaction| {
        transaction.write(SHELF, &table(1), &[Change { stored: true, ..item.put(OURS, 8) }])?;
        transaction.write(SHELF, &table(1), &[Item::new("2", None, None).put(OURS, 8)])?;
        assert!(transaction.advance(&at(1, 7), &at(1, 8))?);
        Err(RowStoreError::Unavailable("changed my mind".to_owned()))
    });
    assert_eq!(failed, Err(RowStoreError::Unavailable("changed my mind".to_owned())));
    assert_eq!(rests(store, &[item.clone(), Item::new("2", None, None)]), [resting(&item, 7)]);
    assert_eq!(position(store), Some(Position(7)));
    let unwritable = store.rows.transact(&mut |transaction| {
        transaction.write(SHELF, &table(2), &[item.put(OURS, 8)])?;
        transaction.advance(&at(1, 7), &at(1, 8)).map(drop)
    });
    assert!(matches!(unwritable, Err(RowStoreError::Unavailable(_))), "there is no such table: {unwritable:?}");
    assert_eq!(position(store), Some(Position(7)));
}

fn position(store: &TestViews) -> Option<Position> {
    let checkpoints = store.rows.checkpoints(&[SHELF]).unwrap();
    checkpoints[0].as_ref().map(|checkpoint| checkpoint.position)
}

pub(super) fn a_checkpoint_moves_only_from_where_it_is_believed_to_be(store: &TestViews) {
    let unknown = Shape { name: "unknown", ..SHELF };
    assert!(store.rows.checkpoints(&[SHELF, unknown]).unwrap().iter().all(Option::is_none));
    for leads in [false, true] {
        store.fill(1, &[]);
        if leads {
            assert_eq!(store.rows.lead(&[SHELF]), Ok(vec![SHELF.name]));
        }
        store.transact(|transaction| {
            assert!(!transaction.advance(&at(1, 6), &at(1, 9))?, "it is at 7");
            assert!(!transaction.advance(&at(2, 7), &at(2, 9))?, "it is of generation 1");
            assert!(transaction.advance(&at(1, 7), &at(1, 8))?);
            assert!(!transaction.advance(&at(1, 7), &at(1, 9))?, "it has moved");
            assert!(transaction.advance(&at(1, 8), &at(1, 9))?);
            Ok(())
        });
        let checkpoints = store.rows.checkpoints(&[unknown, SHELF]).unwrap();
        assert!(checkpoints[0].is_none());
        let found = checkpoints[1].clone().unwrap();
        assert_eq!((found.table, found.position, found.event), (table(1), Position(9), at(1, 9).event));
    }
}

pub(super) fn a_table_begins_empty_over_what_an_attempt_has_left(store: &TestViews) {
    let item = Item::new("1", None, None);
    store.fill(1, &[(OURS, item.clone())]);
    store.transact(|transaction| transaction.create(SHELF, &table(1)));
    assert_eq!(rests(store, &[item]), []);
}

pub(super) fn a_parked_stream_is_noted_once_until_it_is_forgotten(store: &TestViews) {
    store.fill(1, &[]);
    let parked = |n: u128, position, reason: &str| Parked {
        projection: SHELF.name,
        tenant: OURS,
        stream: StreamId::new(StreamType::Machine, Uuid::from_u128(n)),
        revision: 3,
        position: Position(position),
        reason: reason.to_owned(),
    };
    let (one, other) = (parked(1, 8, "it has no name"), parked(2, 5, "\0 is no name"));
    store.transact(|transaction| {
        transaction.park(SHELF, &one)?;
        transaction.park(SHELF, &other)
    });
    store.transact(|transaction| transaction.park(SHELF, &parked(1, 9, "again")));
    assert_eq!(store.rows.parked(&[SHELF]), Ok(vec![other, one]));
    store.transact(|transaction| transaction.unpark(SHELF));
    assert_eq!(store.rows.parked(&[SHELF]), Ok(Vec::new()));
}

pub(super) fn sweeping_leaves_the_table_that_the_checkpoint_points_to(store: &TestViews) {
    store.fill(1, &[]);
    store.fill(2, &[(OURS, Item::new("1", None, None))]);
    store.transact(|transaction| transaction.create(SHELF, &table(3)));
    store.transact(|transaction| transaction.sweep());
    assert_eq!(store.rows.digests(&[table(2)]).unwrap()[0].rows, 1);
    for gone in [1, 3] {
        assert!(store.rows.digests(&[table(gone)]).is_err(), "{}", table(gone));
    }
}

pub(super) fn an_index_is_made_once(store: &TestViews) {
    store.fill(1, &[(OURS, Item::new("1", None, None))]);
    for column in SHELF.indexes {
        assert_eq!(store.rows.index(&table(1), column), Ok(()));
    }
}

pub(super) fn the_same_rows_have_the_same_digest_in_every_store(store: &TestViews) {
    let theirs = TenantId(Uuid::from_u128(0xff << 120));
    let items = [
        (theirs, Item::new("", Some("\u{1}\0"), None)),
        (OURS, Item::new("b", None, Some(5))),
        (OURS, Item::new("B", Some(""), Some(i64::MIN + 1))),
        (OURS, Item::new("ä\0", Some("Ä"), Some(-5))),
    ];
    let other = TestViews::memory();
    for store in [store, &other] {
        store.fill(1, &items);
        store.fill(2, &items[1..]);
    }
    let digests = store.rows.digests(&[table(1), table(2)]).unwrap();
    assert_eq!(digests.iter().map(|digest| digest.rows).collect::<Vec<_>>(), [4, 3]);
    assert_eq!(digests, other.rows.digests(&[table(1), table(2)]).unwrap());
    assert_ne!(digests[0].hash, digests[1].hash);
}

pub(super) fn who_is_alone_leads_everything(store: &TestViews) {
    let other = Shape { name: "other", ..SHELF };
    for _ in 0..2 {
        assert_eq!(store.rows.lead(&[SHELF, other]), Ok(vec![SHELF.name, other.name]));
        assert_eq!(store.rows.ask_for_lead(&[SHELF, other]), Ok(()));
    }
    store.rows.resign();
    assert_eq!(store.rows.lead(&[other]), Ok(vec![other.name]));
}
