//! Reading: a small pool of connections, each told before every question whose rows it may see.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, Filter, Page, Position, ReadError, Scope, StoredEvent};
use futures_util::future::try_join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::event_store::row::{Range, Row, bounded, kind, limit, unsigned};
use crate::postgres::Postgres;

/// How long one question may take, before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(30);

const FENCE: &str = "SELECT set_config('kilter.scope', $1, false)";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, body_hash, \
             salt, body FROM events ",
            $rest
        )
    };
}

const STREAM_FORWARD: &str =
    select!("WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision >= $4 ORDER BY revision LIMIT $5");
const STREAM_BACKWARD: &str =
    select!("WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision <= $4 ORDER BY revision DESC LIMIT $5");
const ALL: &str = select!("WHERE position > $1 ORDER BY position LIMIT $2");
const ALL_OF_TENANT: &str = select!("WHERE tenant = $1 AND position > $2 ORDER BY position LIMIT $3");
const AT: &str = select!("WHERE tenant = $1 AND position = ANY ($2)");
const BY_ID: &str = select!("WHERE tenant = $1 AND event_id = $2");

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) struct Reader {
    pub(super) server: Arc<Postgres>,
}

impl Reader {
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
        range.check_links(&events).map_err(|flaw| self.damaged(&flaw))?;
        Ok(events)
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
            if filter.kinds.is_empty() || filter.kinds.contains(&self.intact(kind(row.get(3)))?) {
                page.events.push(self.intact(event(row))?);
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

    pub(super) async fn find(&self, tenant: TenantId, event_id: Uuid) -> Result<Option<StoredEvent>, ReadError> {
        Ok(self.events(Scope::Tenant(tenant), BY_ID, &[&tenant.0, &event_id]).await?.pop())
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
        rows.iter().map(|row| self.intact(event(row))).collect()
    }

    /// Asks, and once more over another connection if the one at hand turns out to be dead.
    async fn ask(
        &self,
        scope: Scope,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, ReadError> {
        fail::fail_point!("event_store::read", |_| Err(self.unavailable(&"injected")));
        let mut again = true;
        loop {
            match tokio::time::timeout(PATIENCE, self.try_to_ask(scope, query, parameters)).await {
                Ok(Err(Failure::Sql(error))) if again && error.as_db_error().is_none() => again = false,
                Ok(answer) => return answer.map_err(|failure| self.failed(failure)),
                Err(_) => return Err(self.unavailable(&"no answer")),
            }
        }
    }

    async fn try_to_ask(
        &self,
        scope: Scope,
        query: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, Failure> {
        let connection = self.server.lend().await.map_err(Failure::Lending)?;
        let asking = async {
            let scope = match scope {
                Scope::System => "system".to_owned(),
                Scope::Tenant(tenant) => tenant.0.to_string(),
            };
            let fence = connection.prepare_cached(FENCE).await?;
            let query = connection.prepare_cached(query).await?;
            try_join(connection.execute(&fence, &[&scope]), connection.query(&query, parameters)).await
        };
        match asking.await {
            Ok((_, rows)) => Ok(rows),
            Err(error) => {
                // Not back into the pool: nobody knows in what state it is.
                drop(deadpool_postgres::Object::take(connection));
                Err(Failure::Sql(error))
            }
        }
    }

    fn failed(&self, failure: Failure) -> ReadError {
        match failure {
            Failure::Lending(reason) => ReadError::Unavailable(reason),
            Failure::Sql(error) => match error.code() {
                Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => {
                    ReadError::Corrupt(self.server.says(&error))
                }
                _ => ReadError::Unavailable(self.server.says(&error)),
            },
        }
    }

    fn intact<T>(&self, checked: Result<T, String>) -> Result<T, ReadError> {
        checked.map_err(|flaw| self.damaged(&flaw))
    }

    fn damaged(&self, flaw: &str) -> ReadError {
        ReadError::Corrupt(format!("{}: {flaw}", self.server.name()))
    }

    fn unavailable(&self, reason: &dyn std::fmt::Display) -> ReadError {
        ReadError::Unavailable(format!("{}: {reason}", self.server.name()))
    }
}

/// What went wrong, before the server is named.
enum Failure {
    /// No connection.
    Lending(String),
    Sql(tokio_postgres::Error),
}

fn event(row: &tokio_postgres::Row) -> Result<StoredEvent, String> {
    let columns = Row {
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
    };
    columns.event()
}
