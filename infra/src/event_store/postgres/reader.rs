//! Reading: questions, and what comes back as events.

use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, Filter, Page, Position, ReadError, Scope, StoredEvent};
use uuid::Uuid;

use crate::event_store::newer::{NewerKinds, passes};
use crate::event_store::questions::{ALL, ALL_OF_TENANT, IDENTITY_AT, STREAM_BACKWARD, STREAM_FORWARD, select};
use crate::event_store::row::{Range, Row, bounded, limit, unsigned};
use crate::postgres::{Parameters, Postgres, Question, is_damage};

const AT: &str = select!("WHERE tenant = $1 AND position = ANY ($2)");
const ENDS: &str = "SELECT position, (SELECT coalesce(max(position), 0) FROM events) FROM head";

#[derive(Clone)]
pub(super) struct Reader {
    pub(super) server: Arc<Postgres>,
    newer: Arc<NewerKinds>,
}

impl Reader {
    pub(super) fn of(server: Arc<Postgres>) -> Self {
        Self { server, newer: Arc::default() }
    }

    pub(super) async fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        range: Range,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let query = match range.direction {
            Direction::Forward => STREAM_FORWARD,
            Direction::Backward => STREAM_BACKWARD,
        };
        let (from, limit) = (bounded(range.from), limit(range.limit));
        let key: Parameters<'_> = &[&tenant.0, &stream.id, &stream.kind.as_str(), &from, &limit];
        let events = self.events(Scope::Tenant(tenant), query, key).await?;
        self.check_links(range, &events)?;
        Ok(events)
    }

    /// That each event of a stream follows the one before it.
    pub(super) fn check_links(&self, range: Range, events: &[StoredEvent]) -> Result<(), ReadError> {
        range.check_links(events).map_err(|flaw| self.damaged(&flaw))
    }

    pub(super) async fn read_all(
        &self,
        scope: Scope,
        after: Position,
        count: usize,
        filter: &Filter,
    ) -> Result<Page, ReadError> {
        let (from, limit) = (bounded(after.0), limit(count));
        let rows = match scope {
            Scope::System => self.ask(scope, ALL, &[&from, &limit]).await?,
            Scope::Tenant(tenant) => self.ask(scope, ALL_OF_TENANT, &[&tenant.0, &from, &limit]).await?,
        };
        let mut page = Page { events: Vec::with_capacity(rows.len()), scanned_to: after };
        for row in &rows {
            let position = self.intact(unsigned(row.get(0)))?;
            if scope == Scope::System && position != page.scanned_to.0 + 1 {
                return Err(self.damaged(&format!("no event at position {}", page.scanned_to.0 + 1)));
            }
            page.scanned_to = Position(position);
            if passes(filter, row.get(3)) {
                match self.event(row)? {
                    Some(event) => page.events.push(event),
                    None => self.newer.passed_over(&self.server.name(), row.get(3)),
                }
            }
        }
        Ok(page)
    }

    pub(super) async fn read_at(
        &self,
        tenant: TenantId,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let asked: Vec<i64> = positions.iter().map(|position| bounded(position.0)).collect();
        let mut found = self.events(Scope::Tenant(tenant), AT, &[&tenant.0, &asked]).await?;
        found.sort_by_key(|event| event.position);
        let at = |position: &Position| found.binary_search_by_key(position, |event| event.position).ok();
        Ok(positions.iter().filter_map(at).map(|index| found[index].clone()).collect())
    }

    pub(super) async fn identity_at(&self, position: Position) -> Result<Option<Uuid>, ReadError> {
        let rows = self.ask(Scope::System, IDENTITY_AT, &[&bounded(position.0)]).await?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    /// Where the log ends: as `head` has it, and as the last event has it.
    pub(super) async fn ends(&self) -> Result<(Position, Position), ReadError> {
        let rows = self.ask(Scope::System, ENDS, &[]).await?;
        let row = rows.first().ok_or_else(|| self.damaged("the table head is empty"))?;
        let end = |column| self.intact(unsigned(row.get(column))).map(Position);
        Ok((end(0)?, end(1)?))
    }

    pub(super) async fn head(&self) -> Result<Position, ReadError> {
        let rows = self.ask(Scope::System, "SELECT position FROM head", &[]).await?;
        let row = rows.first().ok_or_else(|| self.damaged("the table head is empty"))?;
        Ok(Position(self.intact(unsigned(row.get(0)))?))
    }

    async fn events(
        &self,
        scope: Scope,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let rows = self.ask(scope, query, parameters).await?;
        rows.iter().filter_map(|row| self.event(row).transpose()).collect()
    }

    /// The event of a row that begins with the columns of one; None of a kind that only a newer Kilter knows.
    pub(super) fn event(&self, row: &tokio_postgres::Row) -> Result<Option<StoredEvent>, ReadError> {
        self.intact(columns(row).and_then(|columns| columns.event()))
    }

    pub(super) async fn ask(
        &self,
        scope: Scope,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, ReadError> {
        let answers = self.ask_all(&[Question { scope, query, parameters }]).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// The rows that answer each of these questions, all in one trip.
    pub(super) async fn ask_all(&self, questions: &[Question<'_>]) -> Result<Vec<Vec<tokio_postgres::Row>>, ReadError> {
        fail::fail_point!("event_store::read", |_| Err(ReadError::Unavailable(format!(
            "{}: injected",
            self.server.name()
        ))));
        self.server.ask_all(questions).await.map_err(|failure| {
            let reason = self.server.explains(&failure);
            if is_damage(&failure) { ReadError::Corrupt(reason) } else { ReadError::Unavailable(reason) }
        })
    }

    fn intact<T>(&self, checked: Result<T, String>) -> Result<T, ReadError> {
        checked.map_err(|flaw| self.damaged(&flaw))
    }

    fn damaged(&self, flaw: &str) -> ReadError {
        ReadError::Corrupt(format!("{}: {flaw}", self.server.name()))
    }
}

/// What stands in a row.
pub(super) fn columns(row: &tokio_postgres::Row) -> Result<Row<'_>, String> {
    Ok(Row {
        position: unsigned(row.get(0))?,
        tenant: row.get(1),
        stream: row.get(2),
        kind: row.get(3),
        revision: unsigned(row.get(4))?,
        event_id: row.get(5),
        previous_hash: row.get(6),
        hash: row.get(7),
        details: row.get(8),
        body_hash: row.get(9),
        salt: row.get(10),
        body: row.get(11),
    })
}
