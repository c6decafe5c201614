//! Every view store answers questions as a naive list would: filter, sort, cut.

use std::cell::Cell;
use std::cmp::Ordering;

use domain::kernel::TenantId;
use domain::ports::Position;
use projections::projection::Value;
use projections::views::{Condition, Question, Rows, Seek, Sort, Test, ViewError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tests::view_stores::{Item, OURS, SHELF, TestViews, at};
use uuid::Uuid;

const THEIRS: TenantId = TenantId(Uuid::from_u128(2));

/// Sets of rows that are asked, each forty times.
const CASES: u32 = 24;

fn value<'i>(item: &'i Item, column: Option<&str>) -> &'i Value {
    match column {
        Some("name") => &item.name,
        Some("cost") => &item.cost,
        _ => &Value::Null,
    }
}

fn passes(item: &Item, Condition { column, test }: &Condition) -> bool {
    let value = value(item, Some(column));
    if *test == Test::Is(Value::Null) {
        return *value == Value::Null;
    }
    let known = *value != Value::Null;
    known
        && match test {
            Test::Is(wanted) => value == wanted,
            Test::In(wanted) => wanted.contains(value),
            Test::NotIn(others) => !others.contains(value),
            Test::AtLeast(least) => *least != Value::Null && value >= least,
            Test::Below(limit) => *limit != Value::Null && value < limit,
            Test::Contains(part) => match value {
                Value::Text(text) => text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
                _ => false,
            },
        }
}

fn in_order(sort: Sort, one: (&Value, &str), other: (&Value, &str)) -> Ordering {
    let order = one.cmp(&other);
    if sort.descending { order.reverse() } else { order }
}

/// Keys of the page, and whether more follow.
fn naive(items: &[Item], question: &Question) -> (Vec<String>, bool) {
    let Question { conditions, sort, after, before, from_end, limit } = question;
    let place = |item: &Item| (value(item, sort.column).clone(), item.key.clone());
    let passing = items.iter().filter(|item| conditions.iter().all(|condition| passes(item, condition)));
    let mut rows: Vec<_> = passing.map(place).collect();
    rows.sort_by(|one, other| in_order(*sort, (&one.0, &one.1), (&other.0, &other.1)));
    let side = |row: &(Value, String), seek: &Seek| in_order(*sort, (&row.0, &row.1), (&seek.value, &seek.key));
    rows.retain(|row| after.as_ref().is_none_or(|seek| side(row, seek) == Ordering::Greater));
    rows.retain(|row| before.as_ref().is_none_or(|seek| side(row, seek) == Ordering::Less));
    let more = rows.len() > *limit;
    if more && *from_end {
        rows.drain(..rows.len() - limit);
    }
    rows.truncate(*limit);
    (rows.into_iter().map(|(_, key)| key).collect(), more)
}

fn text() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => prop_oneof![Just("mill"), Just("Mill"), Just("lathe"), Just("Drehbänk"), Just("%_'\"--"), Just("0")],
        2 => prop_oneof![Just("ö"), Just("Ö"), Just("\u{10ffff}"), Just("İ"), Just("i")],
        1 => prop_oneof![Just(""), Just("\0"), Just("\u{1}"), Just("\u{1}\u{2}"), Just("m\0ll"), Just("\u{2}")],
    ]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![0_i64..4, Just(i64::MAX), Just(i64::MIN + 1), Just(1_000_000_000_000_000_000)]
}

fn name() -> BoxedStrategy<Value> {
    prop_oneof![6 => text().prop_map(|text| Value::Text(text.to_owned())), 1 => Just(Value::Null)].boxed()
}

fn cost() -> BoxedStrategy<Value> {
    prop_oneof![5 => number().prop_map(Value::Integer), 1 => Just(Value::Null)].boxed()
}

fn of_column(column: &str) -> BoxedStrategy<Value> {
    if column == "name" { name() } else { cost() }
}

fn key(n: u32) -> String {
    // Not in the order of the numbers, and not only plain letters.
    format!("{}{n}", ["k", "K", "ä", "\0"][n as usize % 4])
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::vec((name(), cost()), 0..40).prop_map(|values| {
        let item = |(n, (name, cost))| Item { key: key(n), name, cost };
        (0..).zip(values).map(item).collect()
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![Just("name"), Just("cost")].prop_flat_map(|column| {
        let test = prop_oneof![
            of_column(column).prop_map(Test::Is),
            prop::collection::vec(of_column(column), 0..4).prop_map(Test::In),
            prop::collection::vec(of_column(column), 0..4).prop_map(Test::NotIn),
            of_column(column).prop_map(Test::AtLeast),
            of_column(column).prop_map(Test::Below),
            prop_oneof![text(), Just("IL")].prop_map(|part| Test::Contains(part.to_owned())),
        ];
        test.prop_map(move |test| Condition { column, test })
    })
}

fn seek(column: Option<&'static str>) -> impl Strategy<Value = Option<Seek>> {
    let value = column.map_or_else(|| Just(Value::Null).boxed(), of_column);
    prop::option::of((value, 0_u32..40).prop_map(|(value, n)| Seek { value, key: key(n) }))
}

fn question() -> impl Strategy<Value = Question> {
    let column = prop_oneof![Just(None), Just(Some("name")), Just(Some("cost"))];
    (column, any::<bool>()).prop_flat_map(|(column, descending)| {
        let parts = (prop::collection::vec(condition(), 0..3), seek(column), seek(column), any::<bool>(), 0_usize..12);
        parts.prop_map(move |(conditions, after, before, from_end, limit)| {
            let sort = Sort { column, descending };
            Question { conditions, sort, after, before, from_end, limit }
        })
    })
}

fn keys(rows: &Rows) -> Vec<String> {
    rows.rows.iter().map(|row| row.key.clone()).collect()
}

fn agrees(store: &TestViews, items: &[Item], question: Question) {
    let conditions = question.conditions.clone();
    let rows = store.ask(OURS, question.clone());
    assert_eq!((keys(&rows), rows.more), naive(items, &question), "{question:?}");
    assert_eq!(rows.position, Position(7));
    for row in &rows.rows {
        let expected = items.iter().find(|item| item.key == row.key).unwrap();
        assert_eq!(&row.sort, value(expected, question.sort.column));
        assert_eq!((row.position, &row.document[..]), (Position(7), expected.document().as_bytes()));
    }
    let passing = items.iter().filter(|item| conditions.iter().all(|condition| passes(item, condition))).count();
    assert_eq!(store.count(OURS, conditions.clone()), Ok(passing as u64), "{conditions:?}");
}

pub(super) fn questions_are_answered_as_by_a_naive_list(store: &TestViews) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let cases = (items(), prop::collection::vec(question(), 40));
    let generation = Cell::new(0);
    let outcome = TestRunner::new(config).run(&cases, |(items, questions)| {
        generation.set(generation.get() + 1);
        let theirs = Item::new("k0", Some("not ours"), Some(1));
        let all: Vec<_> = items.iter().map(|item| (OURS, item.clone())).chain([(THEIRS, theirs)]).collect();
        store.fill(generation.get(), &all);
        questions.into_iter().for_each(|question| agrees(store, &items, question));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn page(column: Option<&'static str>, descending: bool) -> Question {
    let sort = Sort { column, descending };
    Question { conditions: Vec::new(), sort, after: None, before: None, from_end: false, limit: 5 }
}

fn ours(items: &[Item]) -> Vec<(TenantId, Item)> {
    items.iter().map(|item| (OURS, item.clone())).collect()
}

pub(super) fn pages_in_either_direction_cover_every_row_once(store: &TestViews) {
    let item = |n: u32| {
        let (name, cost) = (format!("machine {}", n % 5), (!n.is_multiple_of(3)).then_some(i64::from(n % 4)));
        Item::new(&key(n), Some(&name), cost)
    };
    store.fill(1, &ours(&(0..37).map(item).collect::<Vec<_>>()));
    for (column, descending, from_end) in
        [(None, false, false), (Some("name"), true, false), (Some("cost"), false, true), (Some("cost"), true, true)]
    {
        let mut question = Question { from_end, ..page(column, descending) };
        let mut seen = Vec::new();
        loop {
            let page = store.ask(OURS, question.clone());
            let edge = if from_end { page.rows.first() } else { page.rows.last() };
            let seek = edge.map(|row| Seek { value: row.sort.clone(), key: row.key.clone() });
            seen.extend(keys(&page));
            if !page.more {
                break;
            }
            if from_end { question.before = seek } else { question.after = seek }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 37);
    }
}

pub(super) fn rows_come_in_the_order_of_the_keys_with_the_position_of_one_state(store: &TestViews) {
    store.fill(1, &ours(&["a", "b", "c"].map(|key| Item::new(key, None, None))));
    let rows = store.get(OURS, &["c", "nothing", "a", "c"]);
    assert_eq!(keys(&rows), ["c", "a", "c"]);
    assert_eq!(rows.rows[1].document, b"\"a\"");
    assert_eq!((rows.position, rows.rows[0].position), (Position(7), Position(7)));
    assert_eq!(store.get(OURS, &["nothing"]).position, Position(7));
}

pub(super) fn a_tenant_sees_no_row_of_another(store: &TestViews) {
    let stranger = TenantId(Uuid::from_u128(3));
    store.fill(1, &[(OURS, Item::new("a", Some("ours"), None)), (THEIRS, Item::new("a", Some("not ours"), None))]);
    assert_eq!(store.count(stranger, Vec::new()), Ok(0));
    assert!(store.get(stranger, &["a"]).rows.is_empty());
    let theirs = store.ask(THEIRS, page(Some("name"), false));
    assert_eq!(theirs.rows.iter().map(|row| &row.sort).collect::<Vec<_>>(), [&Value::Text("not ours".to_owned())]);
}

pub(super) fn a_projection_that_nobody_filled_is_unavailable(store: &TestViews) {
    let asked = store.count(OURS, Vec::new());
    assert!(matches!(asked, Err(ViewError::Unavailable(_))), "{asked:?}");
    let asked = store.wait(store.views.count("nothing", OURS, Vec::new()));
    assert!(matches!(asked, Err(ViewError::Unavailable(_))), "{asked:?}");
}

pub(super) fn a_question_goes_to_the_table_that_the_checkpoint_points_to(store: &TestViews) {
    store.fill(1, &ours(&[Item::new("old", None, None)]));
    assert_eq!(keys(&store.ask(OURS, page(None, false))), ["old"]);
    store.fill(2, &ours(&[Item::new("new", None, None)]));
    assert_eq!(keys(&store.ask(OURS, page(None, false))), ["new"]);
    store.fill(3, &ours(&[Item::new("newer", None, None)]));
    store.transact(|transaction| transaction.sweep());
    assert_eq!(keys(&store.ask(OURS, page(None, false))), ["newer"], "the table that was asked last is gone");
    store.transact(|transaction| transaction.advance(&at(3, 7), &at(3, 8)).map(drop));
    assert_eq!(store.ask(OURS, page(None, false)).position, Position(8));
}

pub(super) fn a_cursor_of_another_kind_is_no_fault(store: &TestViews) {
    store.fill(1, &ours(&[Item::new("a", Some("a"), Some(1)), Item::new("b", None, None)]));
    for index in SHELF.indexes {
        for value in [Value::Null, Value::Integer(3), Value::Text("x".to_owned())] {
            let after = Some(Seek { value, key: "a".to_owned() });
            store.ask(OURS, Question { after, ..page(Some(index.name), false) });
        }
    }
}
