//! Questions as SQL: each is one statement over the checkpoint and the rows, so that it sees one committed state. Names in it come
//! only from projections' constants, values are always bound.

use std::borrow::Cow;

use domain::kernel::TenantId;
use projections::projection::{ColumnKind, Value};
use projections::views::{Condition, KEY, Question, Seek, Test};

use super::value::{Bound, escaped};
use crate::views::{Shape, TableId};

/// A statement with the values that it binds.
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) values: Vec<Bound>,
    shape: Shape,
}

/// Beginning of every question. However many rows there are, the checkpoint is in the answer.
const CHECKPOINT: &str = "FROM checkpoint AS at LEFT JOIN LATERAL (";

/// What is asked of a projection's rows before a question's own conditions: those of one tenant.
const FIRST: &str = "WHERE tenant = $3";

impl Statement {
    fn new(shape: Shape, tenant: TenantId, text: String) -> Self {
        let values =
            vec![Bound::Text(shape.name.to_owned()), Bound::Integer(shape.version.into()), Bound::Tenant(tenant.0)];
        Self { text, values, shape }
    }

    fn add(&mut self, pieces: &[&str]) {
        self.text += &pieces.concat();
    }

    fn place(&mut self, value: Bound) {
        self.values.push(value);
        let place = self.values.len().to_string();
        self.add(&["$", &place]);
    }

    fn kind(&self, column: &str) -> ColumnKind {
        let found = self.shape.indexes.iter().find(|index| index.name == column);
        found.map_or(ColumnKind::Text, |index| index.kind)
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.add(&[" AND "]);
            self.condition(condition);
        }
    }

    fn condition(&mut self, Condition { column, test }: &Condition) {
        let kind = self.kind(column);
        match test {
            Test::Is(value) => self.compare(column, " = ", Bound::of(kind, value)),
            Test::In(values) => {
                let known = values.iter().filter(|value| **value != Value::Null);
                self.compare(column, " = ANY ", Bound::all_of(kind, known));
            }
            Test::NotIn(values) => {
                let known = values.iter().filter(|value| **value != Value::Null);
                self.compare(column, " <> ", Bound::of(kind, &Value::Null));
                self.add(&[" AND "]);
                self.compare(column, " <> ALL ", Bound::all_of(kind, known));
            }
            Test::AtLeast(Value::Null) | Test::Below(Value::Null) => self.add(&["false"]),
            Test::AtLeast(value) => self.compare_known(column, " >= ", Bound::of(kind, value)),
            Test::Below(value) => self.compare_known(column, " < ", Bound::of(kind, value)),
            Test::Contains(_) if kind == ColumnKind::Integer => self.add(&["false"]),
            Test::Contains(text) => {
                // In this collation lower() changes ASCII letters only, as the question asks.
                self.compare(column, " <> ", Bound::of(kind, &Value::Null));
                self.add(&[" AND strpos(lower(", &named(column), "), lower("]);
                self.place(Bound::Text(escaped(text)));
                self.add(&[" COLLATE \"C\")) > 0"]);
            }
        }
    }

    fn compare(&mut self, column: &str, operator: &str, value: Bound) {
        self.add(&[&named(column), operator, "("]);
        self.place(value);
        self.add(&[")"]);
    }

    /// `Null`'s stand-in is below everything, so that only a lower bound of its own keeps it out.
    fn compare_known(&mut self, column: &str, operator: &str, value: Bound) {
        self.compare(column, " > ", Bound::of(self.kind(column), &Value::Null));
        self.add(&[" AND "]);
        self.compare(column, operator, value);
    }

    fn seek(&mut self, column: Option<&str>, operator: &str, seek: &Seek) {
        if let Some(column) = column {
            self.add(&[" AND (i_", column, ", key) ", operator, " ("]);
            self.place(Bound::of(self.kind(column), &seek.value));
            self.add(&[", "]);
        } else {
            self.add(&[" AND key ", operator, " ("]);
        }
        self.place(Bound::Text(escaped(&seek.key)));
        self.add(&[")"]);
    }

    fn end(&mut self, order: &str) {
        self.add(&[") AS found ON true WHERE at.projection = $1 AND at.version = $2", order]);
    }
}

/// A column as the table has it.
fn named(column: &str) -> Cow<'_, str> {
    if column == KEY { Cow::Borrowed(column) } else { Cow::Owned(format!("i_{column}")) }
}

/// Which generation of a table the checkpoint points to.
pub(super) const GENERATION: &str = "SELECT generation FROM checkpoint WHERE projection = $1 AND version = $2";

/// Counts the rows that pass: generation, number.
pub(super) fn count(shape: Shape, table: &TableId, tenant: TenantId, conditions: &[Condition]) -> Statement {
    let text = format!("SELECT at.generation, found.count {CHECKPOINT}SELECT count(*) FROM {table} {FIRST}");
    let mut statement = Statement::new(shape, tenant, text);
    statement.conditions(conditions);
    statement.end("");
    statement
}

/// Reads rows by key: generation, position of the projection, number of the key (from 1; null where there is no row), position,
/// `document`.
pub(super) fn get(shape: Shape, table: &TableId, tenant: TenantId, keys: &[String]) -> Statement {
    let text = format!(
        "SELECT at.generation, at.position, found.number, found.position, found.document {CHECKPOINT}\
         SELECT asked.number, position, document FROM unnest($4::text[]) WITH ORDINALITY AS asked (key, number) \
         JOIN {table} USING (key) {FIRST}"
    );
    let mut statement = Statement::new(shape, tenant, text);
    statement.values.push(Bound::Texts(keys.iter().map(|key| escaped(key)).collect()));
    statement.end(" ORDER BY found.number");
    statement
}

/// Reads one row more than a page in the direction of reading: generation, position of the projection, `key` (null where there is
/// no row), position, `document`, sort value.
pub(super) fn page(shape: Shape, table: &TableId, tenant: TenantId, question: &Question) -> Statement {
    let column = question.sort.column;
    let sort = column.map_or_else(|| "key".to_owned(), |column| format!("i_{column}"));
    let text = format!(
        "SELECT at.generation, at.position, found.key, found.position, found.document, found.sort {CHECKPOINT}\
         SELECT key, position, document, {sort} AS sort FROM {table} {FIRST}"
    );
    let mut statement = Statement::new(shape, tenant, text);
    statement.conditions(&question.conditions);
    let (later, earlier) = if question.sort.descending { ("<", ">") } else { (">", "<") };
    if let Some(seek) = &question.after {
        statement.seek(column, later, seek);
    }
    if let Some(seek) = &question.before {
        statement.seek(column, earlier, seek);
    }
    let direction = if question.sort.descending == question.from_end { "ASC" } else { "DESC" };
    statement.add(&[" ORDER BY sort ", direction, ", key ", direction, " LIMIT "]);
    statement.place(Bound::Integer(i64::try_from(question.limit).unwrap_or(i64::MAX).saturating_add(1)));
    statement.end(&format!(" ORDER BY found.sort {direction}, found.key {direction}"));
    statement
}
