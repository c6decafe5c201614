//! Relay connections over any projection: paging arguments to a question, rows to edges.

use std::borrow::Cow;

use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ComplexObject, Context, Error, SimpleObject, TypeName};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::TenantId;
use projections::projection::{Projection, Value};
use projections::views::{Condition, Question, Seek, Sort, StoredRow, decode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::row::{Row, Rows};
use super::scalars::Position;
use super::{GraphqlDeps, deps, errors};

/// The most rows that one page has.
const MOST_ROWS: i32 = 100;

/// Which page is asked for, as Relay's connections spell it.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

impl Paging {
    /// From the four arguments of a connection field.
    pub fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Self {
        Self { first, after, last, before }
    }

    /// Whether it begins where the list begins.
    pub const fn begins(&self) -> bool {
        self.after.is_none()
    }

    /// The question for this page of rows in this order.
    pub fn question(&self, conditions: Vec<Condition>, sort: Sort) -> Result<Question, Error> {
        let (limit, from_end) = self.count()?;
        Ok(Question {
            conditions,
            sort,
            after: self.after.as_deref().map(|text| seek(text, sort)).transpose()?,
            before: self.before.as_deref().map(|text| seek(text, sort)).transpose()?,
            from_end,
            limit,
        })
    }

    /// How many rows, and whether from the end.
    fn count(&self) -> Result<(usize, bool), Error> {
        let (count, from_end) = match (self.first, self.last) {
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            _ => return Err(errors::failure(errors::BAD_PAGE, "give either first or last")),
        };
        let count = usize::try_from(count).ok().filter(|_| (1..=MOST_ROWS).contains(&count));
        Ok((count.ok_or_else(|| errors::failure(errors::BAD_PAGE, "first and last are 1 to 100"))?, from_end))
    }

    /// This page of a list that is at hand, sorted by keys of which each is there once. Cursors hold the key, so a page goes on
    /// where the one before it ended though the list has changed meanwhile.
    pub fn of_list<K: Ord + Serialize + DeserializeOwned, T>(
        &self,
        mut list: Vec<(K, T)>,
    ) -> Result<(Vec<(String, T)>, PageInfo), Error> {
        let (count, from_end) = self.count()?;
        let after: Option<K> = self.after.as_deref().map(key).transpose()?;
        let before: Option<K> = self.before.as_deref().map(key).transpose()?;
        let all = list.len();
        let from = after.as_ref().map_or(0, |after| list.partition_point(|(key, _)| key <= after));
        let to = before.as_ref().map_or(all, |before| list.partition_point(|(key, _)| key < before)).max(from);
        let (from, to) = if from_end { (from.max(to.saturating_sub(count)), to) } else { (from, to.min(from + count)) };
        list.truncate(to);
        let page: Vec<(String, T)> = list.drain(from..).map(|(key, item)| (spelled(&key), item)).collect();
        let info = PageInfo {
            has_previous_page: from > 0,
            has_next_page: to < all,
            start_cursor: page.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: page.last().map(|(cursor, _)| cursor.clone()),
        };
        Ok((page, info))
    }
}

fn spelled(key: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn key<K: DeserializeOwned>(cursor: &str) -> Result<K, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.ok_or_else(|| errors::failure(errors::BAD_CURSOR, "the cursor is not one of this field"))
}

/// What a cursor holds: the sort that it belongs to and the row that it stands at.
#[derive(Serialize, Deserialize)]
struct Cursor<'a>(Cow<'a, str>, bool, CursorValue<'a>, Cow<'a, str>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CursorValue<'a> {
    Integer(i64),
    Text(Cow<'a, str>),
    Null,
}

/// The cursor that stands at this row in this order.
pub fn cursor(row: &StoredRow, sort: Sort) -> String {
    let value = match &row.sort {
        Value::Null => CursorValue::Null,
        Value::Integer(integer) => CursorValue::Integer(*integer),
        Value::Text(text) => CursorValue::Text(Cow::Borrowed(text)),
    };
    let cursor = Cursor(sort.column.unwrap_or_default().into(), sort.descending, value, Cow::Borrowed(&row.key));
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The row that this cursor stands at, if it is one of this order.
pub fn seek(text: &str, sort: Sort) -> Result<Seek, Error> {
    let bad = || errors::failure(errors::BAD_CURSOR, "the cursor is not one of this field and this sort");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
    let Cursor(column, descending, value, key) = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    if column != sort.column.unwrap_or_default() || descending != sort.descending {
        return Err(bad());
    }
    let value = match value {
        CursorValue::Null => Value::Null,
        CursorValue::Integer(integer) => Value::Integer(integer),
        CursorValue::Text(text) => Value::Text(text.into_owned()),
    };
    Ok(Seek { value, key: key.into_owned() })
}

/// Where a page lies in the whole list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether rows come before this page. Certain when paging backwards; otherwise whether a cursor was given.
    pub has_previous_page: bool,
    /// Whether rows come after this page. Certain when paging forwards; otherwise whether a cursor was given.
    pub has_next_page: bool,
    /// Cursor of the first row, for `before`.
    pub start_cursor: Option<String>,
    /// Cursor of the last row, for `after`.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// All that there is.
    pub const fn whole() -> Self {
        Self { has_previous_page: false, has_next_page: false, start_cursor: None, end_cursor: None }
    }
}

/// A row with its place in the list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<N: ContainerType> {
    /// Stands at this row, for `after` and `before` of the same field with the same sort.
    pub cursor: String,
    /// The row.
    pub node: Row<N>,
}

impl<N: ContainerType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// A page of a list.
#[derive(SimpleObject)]
#[graphql(name_type, complex)]
pub struct Connection<N: ContainerType> {
    /// The rows with their cursors.
    pub edges: Rows<Edge<N>>,
    /// Where this page lies.
    pub page_info: PageInfo,
    /// How far in the history the answer had come.
    pub position: Position,
    #[graphql(skip)]
    counted: Counted,
}

/// What `totalCount` counts, should anybody ask.
struct Counted {
    projection: &'static str,
    tenant: TenantId,
    conditions: Vec<Condition>,
}

impl<N: ContainerType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

#[ComplexObject]
impl<N: ContainerType> Connection<N> {
    /// How many rows there are on all pages. Counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, Error> {
        let Counted { projection, tenant, conditions } = &self.counted;
        let deps = deps(ctx)?;
        deps.views.count(projection, *tenant, conditions.clone()).await.map_err(errors::view_failure(deps))
    }
}

/// A page of decoded rows, not yet dressed as nodes.
pub struct Page<R> {
    rows: Vec<R>,
    cursors: Vec<String>,
    info: PageInfo,
    position: Position,
    counted: Counted,
}

impl<R> Page<R> {
    /// Takes the rows out, to be made into nodes.
    pub fn take_rows(&mut self) -> Vec<R> {
        std::mem::take(&mut self.rows)
    }

    /// The rows alone, and where they lie.
    pub fn into_rows(self) -> (Vec<R>, PageInfo) {
        (self.rows, self.info)
    }

    /// The connection with these nodes, one for each row in order.
    pub fn connect<N: ContainerType>(self, nodes: Vec<N>) -> Connection<N> {
        self.connect_found(nodes.into_iter().map(Some))
    }

    /// The same where there is no node for some rows: those are left out.
    pub fn connect_found<N: ContainerType>(self, nodes: impl IntoIterator<Item = Option<N>>) -> Connection<N> {
        let edge = |(cursor, node): (String, Option<N>)| Some(Edge { cursor, node: Row(node?) });
        let edges = self.cursors.into_iter().zip(nodes).filter_map(edge).collect();
        Connection { edges, page_info: self.info, position: self.position, counted: self.counted }
    }
}

/// Asks for a page of a projection's rows.
pub async fn page<P: Projection>(
    deps: &GraphqlDeps,
    tenant: TenantId,
    paging: &Paging,
    conditions: Vec<Condition>,
    sort: Sort,
) -> Result<Page<P::Row>, Error> {
    let question = paging.question(conditions.clone(), sort)?;
    let from_end = question.from_end;
    let answer = deps.views.ask(P::NAME, tenant, question).await.map_err(errors::view_failure(deps))?;
    let cursors: Vec<String> = answer.rows.iter().map(|row| cursor(row, sort)).collect();
    let rows = answer.rows.iter().map(decode::<P>).collect::<Result<_, _>>().map_err(errors::view_failure(deps))?;
    let info = PageInfo {
        has_previous_page: if from_end { answer.more } else { paging.after.is_some() },
        has_next_page: if from_end { paging.before.is_some() } else { answer.more },
        start_cursor: cursors.first().cloned(),
        end_cursor: cursors.last().cloned(),
    };
    let counted = Counted { projection: P::NAME, tenant, conditions };
    Ok(Page { rows, cursors, info, position: answer.position.into(), counted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ports;

    const BY_DUE: Sort = Sort { column: Some("due"), descending: false };

    fn row(sort: Value) -> StoredRow {
        StoredRow { key: "7".to_owned(), sort, position: ports::Position(3), document: Vec::new() }
    }

    #[test]
    fn a_cursor_leads_back_to_its_row() {
        for value in [Value::Null, Value::Integer(-5), Value::Text("Läufer".to_owned())] {
            let seek = seek(&cursor(&row(value.clone()), BY_DUE), BY_DUE).expect("a cursor");
            assert_eq!(seek, Seek { value, key: "7".to_owned() });
        }
    }

    #[test]
    fn a_cursor_of_another_sort_is_refused() {
        let cursor = cursor(&row(Value::Integer(1)), BY_DUE);
        assert!(seek(&cursor, Sort { descending: true, ..BY_DUE }).is_err());
        assert!(seek(&cursor, Sort { column: None, ..BY_DUE }).is_err());
        assert!(seek("nonsense", BY_DUE).is_err());
    }

    #[test]
    fn pages_of_a_list_meet_without_a_gap_from_either_end() {
        let list = || (0..7).map(|key| (key * 10, key)).collect::<Vec<(i64, i64)>>();
        let page = |first, after: Option<String>, last, before: Option<String>| {
            let (page, info) = Paging::new(first, after, last, before).of_list(list()).expect("a page");
            (page.into_iter().map(|(_, item)| item).collect::<Vec<_>>(), info)
        };
        let (items, info) = page(Some(3), None, None, None);
        assert_eq!((items, info.has_next_page, info.has_previous_page), (vec![0, 1, 2], true, false));
        let (items, next) = page(Some(5), info.end_cursor, None, None);
        assert_eq!((items, next.has_next_page, next.has_previous_page), (vec![3, 4, 5, 6], false, true));
        let (items, last) = page(None, None, Some(2), next.start_cursor);
        assert_eq!((items, last.has_next_page, last.has_previous_page), (vec![1, 2], true, true));
        // What the cursor stood at is gone: the page goes on where it would be.
        assert_eq!(page(Some(2), Some(spelled(&25)), None, None).0, vec![3, 4]);
        assert_eq!(page(Some(2), Some(spelled(&60)), None, None).0, Vec::<i64>::new());
        assert!(Paging::new(Some(1), Some("nonsense".to_owned()), None, None).of_list(list()).is_err());
    }

    #[test]
    fn a_page_has_either_first_or_last_up_to_a_hundred() {
        let ask = |first, last| Paging::new(first, None, last, None).question(Vec::new(), BY_DUE).map(|q| q.limit);
        assert_eq!(ask(Some(100), None).ok(), Some(100));
        assert_eq!(ask(None, Some(1)).ok(), Some(1));
        for (first, last) in [(None, None), (Some(1), Some(1)), (Some(0), None), (None, Some(101)), (Some(-1), None)] {
            assert!(ask(first, last).is_err(), "{first:?} {last:?}");
        }
    }
}
