//! Every view store answers questions as a naive list would: filter, sort, cut.

use std::cmp::Ordering;

use domain::kernel::TenantId;
use domain::ports::Position;
use infra::event_store::MemoryEventStore;
use infra::runner::ProjectionSet;
use infra::views::SqliteViews;
use projections::projection::Value;
use projections::views::{Condition, Question, Rows, Seek, Sort, Test, ViewError, Views, decode};
use proptest::prelude::*;
use std::sync::Arc;
use tests::projecting::Projecting;
use tests::shelf::{Shelf, key, machine, recorded, registered};
use tests::shop_store::append;
use uuid::Uuid;

const OURS: TenantId = TenantId(Uuid::from_u128(1));
const THEIRS: TenantId = TenantId(Uuid::from_u128(2));
const SHELF: &str = "shelf";

/// What a machine is called and costs, as the naive list knows it.
#[derive(Debug, Clone)]
struct Known {
    key: String,
    name: Value,
    cost: Value,
}

impl Known {
    fn new(n: usize, (name, cost): &(String, Option<i64>)) -> Self {
        let n = u32::try_from(n).unwrap();
        Self { key: key(n), name: Value::Text(name.clone()), cost: cost.map_or(Value::Null, Value::Integer) }
    }

    fn value(&self, column: Option<&str>) -> &Value {
        match column {
            Some("name") => &self.name,
            Some("cost") => &self.cost,
            _ => &Value::Null,
        }
    }

    fn passes(&self, Condition { column, test }: &Condition) -> bool {
        let value = self.value(Some(column));
        if *test == Test::Is(Value::Null) {
            return *value == Value::Null;
        }
        let known = *value != Value::Null;
        known
            && match test {
                Test::Is(wanted) => value == wanted,
                Test::In(wanted) => wanted.contains(value),
                Test::AtLeast(least) => *least != Value::Null && value >= least,
                Test::Below(limit) => *limit != Value::Null && value < limit,
                Test::Contains(part) => match value {
                    Value::Text(text) => text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
                    _ => false,
                },
            }
    }
}

fn in_order(sort: Sort, one: (&Value, &str), other: (&Value, &str)) -> Ordering {
    let order = one.cmp(&other);
    if sort.descending { order.reverse() } else { order }
}

/// Keys of the page, and whether more follow.
fn naive(known: &[Known], question: &Question) -> (Vec<String>, bool) {
    let Question { conditions, sort, after, before, from_end, limit } = question;
    let place = |row: &Known| (row.value(sort.column).clone(), row.key.clone());
    let mut rows: Vec<_> =
        known.iter().filter(|row| conditions.iter().all(|condition| row.passes(condition))).map(place).collect();
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

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("mill"),
        Just("Mill"),
        Just("lathe"),
        Just("Drehbänk"),
        Just("%_'\"--"),
        Just("0"),
        Just("ö"),
        Just("Ö")
    ]
    .prop_map(str::to_owned)
}

fn cost() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(None), (0_i64..4).prop_map(Some), Just(Some(1_000_000_000_000_000_000))]
}

fn value(column: &'static str) -> BoxedStrategy<Value> {
    if column == "name" {
        prop_oneof![4 => name().prop_map(Value::Text), 1 => Just(Value::Null)].boxed()
    } else {
        cost().prop_map(|cost| cost.map_or(Value::Null, Value::Integer)).boxed()
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![Just("name"), Just("cost")].prop_flat_map(|column| {
        let test = prop_oneof![
            value(column).prop_map(Test::Is),
            prop::collection::vec(value(column), 0..4).prop_map(Test::In),
            value(column).prop_map(Test::AtLeast),
            value(column).prop_map(Test::Below),
            prop_oneof![name(), Just("IL".to_owned()), Just(String::new())].prop_map(Test::Contains),
        ];
        test.prop_map(move |test| Condition { column, test })
    })
}

fn seek(column: Option<&'static str>) -> impl Strategy<Value = Option<Seek>> {
    let value = column.map_or_else(|| Just(Value::Null).boxed(), value);
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

type Machines = Vec<(String, Option<i64>)>;

async fn shelf(machines: &Machines, views: SqliteViews) -> Projecting {
    let store = Arc::new(MemoryEventStore::new());
    let mut events = Vec::new();
    for (n, (name, cost)) in machines.iter().enumerate() {
        let n = u32::try_from(n).unwrap();
        events.push(recorded(OURS, machine(n), registered(n, name, *cost)));
        events.push(recorded(THEIRS, machine(n), registered(n, "not ours", Some(1))));
    }
    append(&*store, &events).await;
    let projecting = Projecting::start(store, views, &ProjectionSet::new().with::<Shelf<false>>()).await;
    projecting.settle().await;
    projecting
}

fn keys(rows: &Rows) -> Vec<String> {
    rows.rows.iter().map(|row| row.key.clone()).collect()
}

async fn agrees(views: &dyn Views, known: &[Known], question: Question) {
    let conditions = question.conditions.clone();
    let rows = views.ask(SHELF, OURS, question.clone()).await.unwrap();
    assert_eq!((keys(&rows), rows.more), naive(known, &question), "{question:?}");
    for row in &rows.rows {
        let expected = known.iter().find(|known| known.key == row.key).unwrap();
        assert_eq!(&row.sort, expected.value(question.sort.column));
        assert_eq!(Value::Text(decode::<Shelf<false>>(row).unwrap().name), expected.name);
    }
    let passing = known.iter().filter(|row| conditions.iter().all(|condition| row.passes(condition))).count();
    assert_eq!(views.count(SHELF, OURS, conditions).await.unwrap(), passing as u64);
}

fn check(machines: &Machines, questions: Vec<Question>, views: SqliteViews) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let known: Vec<Known> = machines.iter().enumerate().map(|(n, machine)| Known::new(n, machine)).collect();
        let projecting = shelf(machines, views).await;
        for question in questions {
            agrees(&projecting.views, &known, question).await;
        }
        projecting.stop().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_answers_as_a_naive_list(
        machines in prop::collection::vec((name(), cost()), 0..40),
        questions in prop::collection::vec(question(), 40),
    ) {
        check(&machines, questions, SqliteViews::in_memory().unwrap());
    }

    #[test]
    fn a_file_answers_as_a_naive_list(
        machines in prop::collection::vec((name(), cost()), 0..40),
        questions in prop::collection::vec(question(), 40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        check(&machines, questions, SqliteViews::open(&folder.path().join("views.db")).unwrap());
    }
}

#[tokio::test]
async fn pages_in_either_direction_cover_every_row_once() {
    let machines: Machines = (0..37).map(|n| (format!("machine {}", n % 5), (n % 3 != 0).then_some(n % 4))).collect();
    let projecting = shelf(&machines, SqliteViews::in_memory().unwrap()).await;
    for (column, descending, from_end) in
        [(None, false, false), (Some("name"), true, false), (Some("cost"), false, true), (Some("cost"), true, true)]
    {
        let sort = Sort { column, descending };
        let mut question = Question { conditions: Vec::new(), sort, after: None, before: None, from_end, limit: 5 };
        let mut seen = Vec::new();
        loop {
            let page = projecting.views.ask(SHELF, OURS, question.clone()).await.unwrap();
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
        assert_eq!(seen.len(), machines.len());
    }
    projecting.stop().await;
}

#[tokio::test]
async fn rows_come_in_the_order_of_the_keys_with_the_position_of_one_state() {
    let machines: Machines = vec![("a".into(), None), ("b".into(), Some(2)), ("c".into(), None)];
    let projecting = shelf(&machines, SqliteViews::in_memory().unwrap()).await;
    let rows = projecting.views.get(SHELF, OURS, vec![key(2), key(9), key(0)]).await.unwrap();
    assert_eq!(keys(&rows), [key(2), key(0)]);
    assert_eq!(rows.position, Position(6));
    projecting.stop().await;
}

#[tokio::test]
async fn a_tenant_sees_no_row_of_another() {
    let machines: Machines = vec![("a".into(), None), ("b".into(), None)];
    let projecting = shelf(&machines, SqliteViews::in_memory().unwrap()).await;
    let stranger = TenantId(Uuid::from_u128(3));
    assert_eq!(projecting.views.count(SHELF, stranger, Vec::new()).await.unwrap(), 0);
    assert!(projecting.views.get(SHELF, stranger, vec![key(0)]).await.unwrap().rows.is_empty());
    let theirs = projecting.views.get(SHELF, THEIRS, vec![key(0)]).await.unwrap();
    assert_eq!(decode::<Shelf<false>>(&theirs.rows[0]).unwrap().name, "not ours");
    projecting.stop().await;
}

#[tokio::test]
async fn an_unknown_projection_is_unavailable() {
    let views = SqliteViews::in_memory().unwrap();
    let asked = views.count("nothing", OURS, Vec::new()).await;
    assert!(matches!(asked, Err(ViewError::Unavailable(_))), "{asked:?}");
}
