//! Questions asked of rows in memory: the same answers as a table gives.

use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

use domain::kernel::TenantId;
use projections::projection::Value;
use projections::views::{Condition, Question, Rows, Seek, StoredRow, Test};

use super::frame::{PastRow, PastTable};
use crate::views::RowKey;

/// A row with its key.
type Entry<'t> = (&'t Arc<RowKey>, &'t Arc<PastRow>);

impl PastTable {
    /// The rows under these keys that exist.
    pub(super) fn get(&self, tenant: TenantId, keys: Vec<String>) -> Vec<StoredRow> {
        let stored = |key: String| {
            let found = self.rows.get_key_value(&(tenant, key))?;
            Some(told(found, Value::Null))
        };
        keys.into_iter().filter_map(stored).collect()
    }

    /// How many rows pass.
    pub(super) fn count(&self, conditions: &[Condition]) -> u64 {
        self.rows.values().filter(|row| self.passes(row, conditions)).count() as u64
    }

    /// A page of rows.
    pub(super) fn ask(&self, tenant: TenantId, question: &Question) -> Rows {
        let descending = question.sort.descending != question.from_end;
        let mut rows = match question.sort.column {
            None => self.by_key(tenant, question, descending),
            Some(column) => self.by_column(column, question, descending),
        };
        let more = rows.len() > question.limit;
        rows.truncate(question.limit);
        if question.from_end {
            rows.reverse();
        }
        Rows { rows, more, ..Rows::default() }
    }

    /// The keys are in order: as many as are wanted are looked at, and those that do not pass.
    fn by_key(&self, tenant: TenantId, question: &Question, descending: bool) -> Vec<StoredRow> {
        let Question { after, before, sort, .. } = question;
        let (above, below) = if sort.descending { (before, after) } else { (after, before) };
        let bound = |seek: &Option<Seek>| {
            seek.as_ref().map_or(Bound::Unbounded, |seek| Bound::Excluded((tenant, seek.key.clone())))
        };
        let (above, below): (Bound<RowKey>, Bound<RowKey>) = (bound(above), bound(below));
        if let (Bound::Excluded(above), Bound::Excluded(below)) = (&above, &below)
            && above >= below
        {
            return Vec::new();
        }
        let rows = self.rows.range::<RowKey, _>((above, below));
        let rows: Box<dyn Iterator<Item = Entry<'_>>> = if descending { Box::new(rows.rev()) } else { Box::new(rows) };
        rows.filter(|(_, row)| self.passes(row, &question.conditions))
            .take(question.limit.saturating_add(1))
            .map(|entry| told(entry, Value::Null))
            .collect()
    }

    fn by_column(&self, column: &str, question: &Question, descending: bool) -> Vec<StoredRow> {
        let place = |entry: &Entry<'_>| (self.value(entry.1, column).into_owned(), entry.0.1.clone());
        let beyond = |seek: &Option<Seek>, entry: &Entry<'_>, later: bool| {
            seek.as_ref().is_none_or(|Seek { value, key }| {
                let (is, sought) = (place(entry), (value.clone(), key.clone()));
                if later == question.sort.descending { is < sought } else { is > sought }
            })
        };
        let passing = self.rows.iter().filter(|(_, row)| self.passes(row, &question.conditions));
        let within = |entry: &Entry<'_>| beyond(&question.after, entry, true) && beyond(&question.before, entry, false);
        let mut found: Vec<_> = passing.filter(within).map(|entry| (place(&entry), entry)).collect();
        found.sort_unstable_by(|(one, _), (other, _)| if descending { other.cmp(one) } else { one.cmp(other) });
        found.truncate(question.limit.saturating_add(1));
        found.into_iter().map(|((value, _), entry)| told(entry, value)).collect()
    }

    fn value<'r>(&self, row: &'r PastRow, column: &str) -> Cow<'r, Value> {
        let place = self.indexes.iter().position(|index| index.name == column);
        place.and_then(|place| row.index.get(place)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }

    fn passes(&self, row: &PastRow, conditions: &[Condition]) -> bool {
        conditions.iter().all(|Condition { column, test }| holds(test, &self.value(row, column)))
    }
}

/// Whether a value passes. `Null` never does, except where it is asked for.
fn holds(test: &Test, value: &Value) -> bool {
    if *value == Value::Null {
        return *test == Test::Is(Value::Null);
    }
    match test {
        Test::Is(wanted) => value == wanted,
        Test::In(wanted) => wanted.contains(value),
        Test::NotIn(others) => !others.contains(value),
        Test::AtLeast(least) => *least != Value::Null && value >= least,
        Test::Below(end) => *end != Value::Null && value < end,
        Test::Contains(part) => {
            matches!(value, Value::Text(whole) if whole.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
        }
    }
}

fn told((key, row): Entry<'_>, sort: Value) -> StoredRow {
    StoredRow { key: key.1.clone(), sort, position: row.position, document: row.document.clone().into_bytes() }
}

#[cfg(test)]
mod tests {
    use domain::ports::Position;
    use projections::projection::IndexColumn;
    use projections::views::Sort;
    use uuid::Uuid;

    use super::*;
    use crate::runner::past::frame::PutAside;
    use crate::runner::past::weight::Scale;

    const OURS: TenantId = TenantId(Uuid::from_u128(1));
    const COLUMNS: &[IndexColumn] = &[IndexColumn::integer("cost")];

    /// Keys a to f; costs 3, nothing, 1, 2, 1 and nothing.
    fn table() -> PastTable {
        let scale = Arc::new(Scale::default());
        let row = |(key, cost): (&str, Option<i64>)| {
            let row = PastRow {
                position: Position(1),
                index: vec![cost.map_or(Value::Null, Value::Integer)],
                document: format!("\"{key}\""),
                _weight: scale.put(1),
            };
            (Arc::new((OURS, key.to_owned())), Arc::new(row))
        };
        let rows = [("a", Some(3)), ("b", None), ("c", Some(1)), ("d", Some(2)), ("e", Some(1)), ("f", None)];
        PastTable { name: "shelf", indexes: COLUMNS, rows: rows.into_iter().map(row).collect(), aside: PutAside::new() }
    }

    fn question(column: Option<&'static str>, descending: bool) -> Question {
        let sort = Sort { column, descending };
        Question { conditions: Vec::new(), sort, after: None, before: None, from_end: false, limit: 10 }
    }

    fn keys(question: &Question) -> (String, bool) {
        let Rows { rows, more, .. } = table().ask(OURS, question);
        (rows.into_iter().map(|row| row.key).collect(), more)
    }

    fn seek(cost: Option<i64>, key: &str) -> Seek {
        Seek { value: cost.map_or(Value::Null, Value::Integer), key: key.to_owned() }
    }

    #[test]
    fn rows_come_in_the_order_of_keys_or_of_a_column_with_nothing_first() {
        assert_eq!(keys(&question(None, false)).0, "abcdef");
        assert_eq!(keys(&question(None, true)).0, "fedcba");
        assert_eq!(keys(&question(Some("cost"), false)).0, "bfceda");
        assert_eq!(keys(&question(Some("cost"), true)).0, "adecfb");
    }

    #[test]
    fn a_page_begins_and_ends_where_it_is_told_and_knows_whether_more_follow() {
        let by_key =
            |after, before, from_end, limit| Question { after, before, from_end, limit, ..question(None, false) };
        assert_eq!(keys(&by_key(Some(seek(None, "b")), None, false, 2)), ("cd".to_owned(), true));
        assert_eq!(keys(&by_key(Some(seek(None, "b")), Some(seek(None, "e")), false, 2)), ("cd".to_owned(), false));
        assert_eq!(keys(&by_key(None, None, true, 2)), ("ef".to_owned(), true));
        assert_eq!(keys(&by_key(Some(seek(None, "e")), Some(seek(None, "b")), false, 2)), (String::new(), false));
        let by_cost = |after, before, descending, from_end| Question {
            after,
            before,
            from_end,
            limit: 3,
            ..question(Some("cost"), descending)
        };
        assert_eq!(keys(&by_cost(Some(seek(Some(1), "c")), None, false, false)), ("eda".to_owned(), false));
        assert_eq!(keys(&by_cost(Some(seek(Some(2), "d")), None, true, false)), ("ecf".to_owned(), true));
        assert_eq!(keys(&by_cost(None, Some(seek(Some(2), "d")), false, true)), ("fce".to_owned(), true));
    }

    #[test]
    fn nothing_passes_no_condition_but_the_one_that_asks_for_it() {
        let passing = |test| {
            let conditions = vec![Condition { column: "cost", test }];
            assert_eq!(
                table().count(&conditions),
                keys(&Question { conditions: conditions.clone(), ..question(None, false) }).0.len() as u64
            );
            keys(&Question { conditions, ..question(None, false) }).0
        };
        assert_eq!(passing(Test::Is(Value::Null)), "bf");
        assert_eq!(passing(Test::Is(Value::Integer(1))), "ce");
        assert_eq!(passing(Test::In(vec![Value::Null, Value::Integer(2)])), "d");
        assert_eq!(passing(Test::NotIn(vec![Value::Integer(1)])), "ad");
        assert_eq!(passing(Test::AtLeast(Value::Integer(2))), "ad");
        assert_eq!(passing(Test::AtLeast(Value::Null)), "");
        assert_eq!(passing(Test::Below(Value::Integer(2))), "ce");
        assert_eq!(passing(Test::Below(Value::Null)), "");
        assert_eq!(passing(Test::Contains("1".to_owned())), "");
    }
}
