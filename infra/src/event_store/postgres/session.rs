//! The writer's connection. A batch takes two trips to the server: one for the lock and what the appends are judged by, one to
//! write what was accepted and commit. Thrown away whole after any failure.

use std::collections::HashMap;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{AppendError, Appended, Hash, Position};
use futures_util::future::{join, try_join4};
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, IsolationLevel, Row, Statement, Transaction};
use uuid::Uuid;

use crate::event_store::chain;
use crate::event_store::prepared::{Prepared, PreparedEvent, Standing, is_as_expected};
use crate::event_store::queue::Maintenance;
use crate::event_store::row::{bounded, sized, unsigned};

const SETTINGS: &str = "
    SET kilter.scope = 'system';
    SET synchronous_commit = on;
    SET lock_timeout = '5s';
    -- A node that is stopped in the middle must not stop the others.
    SET idle_in_transaction_session_timeout = '2s'";

/// Whatever the server's own defaults are.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

pub(super) const LOCK: &str = "SELECT position FROM head FOR UPDATE";

pub(super) const HEADS: &str = "
    SELECT asked.number, last.revision, last.hash, deleted.tenant IS NOT NULL
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS asked (tenant, stream, kind, number)
    LEFT JOIN LATERAL (
        SELECT revision, hash FROM events
        WHERE events.tenant = asked.tenant AND events.stream = asked.stream AND events.kind = asked.kind
        ORDER BY revision DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN deleted_streams AS deleted
        ON deleted.tenant = asked.tenant AND deleted.stream = asked.stream AND deleted.kind = asked.kind";

/// Order and limit keep it a look into the index for each, however small the planner takes the table to be.
const STANDINGS: &str = "
    SELECT known.*
    FROM unnest($1::uuid[], $2::uuid[]) AS asked (tenant, event_id)
    CROSS JOIN LATERAL (
        SELECT tenant, event_id, stream, kind, details, salt, revision, position FROM events
        WHERE events.tenant = asked.tenant AND events.event_id BETWEEN asked.event_id AND asked.event_id
        ORDER BY events.event_id LIMIT 1
    ) AS known";

const APPEND: &str = "
    WITH moved AS (UPDATE head SET position = position + cardinality($1::bigint[])),
    told AS (SELECT pg_notify(current_schema(), ''))
    INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, salt, body)
    SELECT written.*
    FROM told, unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::uuid[], $7::bytea[], $8::bytea[],
        $9::bytea[], $10::bytea[], $11::bytea[]) AS written";

pub(super) const REMOVE_BODIES: &str = "
    UPDATE events SET body_hash = sha256(salt || body), salt = NULL, body = NULL
    WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision < $4 AND body IS NOT NULL";

pub(super) const MARK_DELETED: &str = "INSERT INTO deleted_streams VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

pub(super) type Outcome = Result<Appended, AppendError>;

pub(super) struct Session {
    client: Client,
    lock: Statement,
    heads: Statement,
    standings: Statement,
    append: Statement,
}

impl Session {
    pub(super) async fn over(client: Client) -> Result<Self, Error> {
        client.batch_execute(SETTINGS).await?;
        let (lock, heads, standings, append) =
            try_join4(client.prepare(LOCK), client.prepare(HEADS), client.prepare(STANDINGS), client.prepare(APPEND))
                .await?;
        Ok(Self { client, lock, heads, standings, append })
    }

    /// Takes the lock and judges the appends, each by itself, after those before it.
    pub(super) async fn judge<'a>(&self, batch: &[&'a Prepared]) -> Result<Judged<'a>, Failure> {
        let (tenants, streams, kinds) = columns(batch);
        let (of_ids, ids): (Vec<Uuid>, Vec<Uuid>) = batch
            .iter()
            .flat_map(|append| append.events.iter().map(|event| (append.tenant.0, event.event.event_id)))
            .unzip();
        let ((), head, heads, standings) = try_join4(
            self.client.batch_execute(BEGIN),
            self.client.query_one(&self.lock, &[]),
            self.client.query(&self.heads, &[&tenants, &streams, &kinds]),
            self.client.query(&self.standings, &[&of_ids, &ids]),
        )
        .await
        .map_err(Failure::Undone)?;
        let mut judged = Judged::of(head.get(0), batch, &heads, &standings).map_err(Failure::Damaged)?;
        judged.outcomes = batch.iter().map(|append| judged.judge(append)).collect();
        Ok(judged)
    }

    /// Writes what was accepted, and commits.
    pub(super) async fn commit(&self, accepted: &[Accepted<'_>]) -> Result<(), Failure> {
        if accepted.is_empty() {
            return self.client.batch_execute("ROLLBACK").await.map_err(Failure::Undone);
        }
        let numbers = |of: fn(&Accepted<'_>) -> i64| accepted.iter().map(of).collect::<Vec<_>>();
        let uuids = |of: fn(&Accepted<'_>) -> Uuid| accepted.iter().map(of).collect::<Vec<_>>();
        let kinds: Vec<&str> = accepted.iter().map(|row| row.stream.kind.as_str()).collect();
        let previous: Vec<&[u8]> = accepted.iter().map(|row| row.previous_hash.as_slice()).collect();
        let hashes: Vec<&[u8]> = accepted.iter().map(|row| row.hash.as_slice()).collect();
        let details: Vec<&[u8]> = accepted.iter().map(|row| row.event.details.as_slice()).collect();
        let salts: Vec<&[u8]> = accepted.iter().map(|row| row.event.event.salt.as_slice()).collect();
        let bodies: Vec<&[u8]> = accepted.iter().map(|row| row.event.event.data.as_slice()).collect();
        let (positions, revisions) = (numbers(|row| row.position), numbers(|row| row.revision));
        let (tenants, streams) = (uuids(|row| row.tenant.0), uuids(|row| row.stream.id));
        let ids = uuids(|row| row.event.event.event_id);
        let columns: [&(dyn ToSql + Sync); 11] =
            [&positions, &tenants, &streams, &kinds, &revisions, &ids, &previous, &hashes, &details, &salts, &bodies];
        let writing = self.client.execute(&self.append, &columns);
        let (written, committed) = join(writing, self.client.batch_execute("COMMIT")).await;
        match written {
            // Nothing of a transaction with a refused statement is ever committed.
            Err(error) if error.as_db_error().is_some() => Err(Failure::Undone(error)),
            Err(error) => Err(Failure::Unknown(error)),
            Ok(_) => committed.map_err(Failure::of_commit),
        }
    }

    /// Does maintenance in a transaction of its own.
    pub(super) async fn maintain(&mut self, task: Maintenance) -> Result<(), Failure> {
        let transaction =
            self.client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).read_only(false);
        let transaction = transaction.start().await.map_err(Failure::Undone)?;
        remove(&transaction, &self.lock, task).await.map_err(Failure::Undone)?;
        transaction.commit().await.map_err(Failure::of_commit)
    }
}

async fn remove(transaction: &Transaction<'_>, lock: &Statement, task: Maintenance) -> Result<(), Error> {
    let (tenant, stream, below) = match task {
        Maintenance::Probe => return Ok(()),
        Maintenance::TruncateBefore(tenant, stream, revision) => (tenant, stream, bounded(revision)),
        Maintenance::DeleteStream(tenant, stream) => (tenant, stream, i64::MAX),
    };
    transaction.query_one(lock, &[]).await?;
    transaction.batch_execute("SET LOCAL kilter.maintenance = 'on'").await?;
    let kind = stream.kind.as_str();
    transaction.execute(REMOVE_BODIES, &[&tenant.0, &stream.id, &kind, &below]).await?;
    if matches!(task, Maintenance::DeleteStream(..)) {
        transaction.execute(MARK_DELETED, &[&tenant.0, &stream.id, &kind]).await?;
    }
    Ok(())
}

/// Why a transaction did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was changed.
    Undone(Error),
    /// It may be committed.
    Unknown(Error),
    /// What is stored makes no sense; nothing was changed.
    Damaged(String),
}

impl Failure {
    /// Only what the server says in good health is its word: one that is shutting down may have committed before.
    fn of_commit(error: Error) -> Self {
        match error.as_db_error().and_then(DbError::parsed_severity) {
            Some(Severity::Error) => Self::Undone(error),
            _ => Self::Unknown(error),
        }
    }
}

/// The streams of a batch, by column; number n of an answer is the n-th append.
fn columns(batch: &[&Prepared]) -> (Vec<Uuid>, Vec<Uuid>, Vec<&'static str>) {
    let tenants = batch.iter().map(|append| append.tenant.0).collect();
    let streams = batch.iter().map(|append| append.stream.id).collect();
    let kinds = batch.iter().map(|append| append.stream.kind.as_str()).collect();
    (tenants, streams, kinds)
}

/// How a stream stands.
#[derive(Clone, Copy)]
struct StreamHead {
    /// Revision and hash of its last event.
    last: Option<(u64, Hash)>,
    deleted: bool,
}

/// What is known of the event of an identity.
struct Known {
    stream: Uuid,
    /// As it is stored: perhaps one that only a newer build knows.
    kind: String,
    details: Vec<u8>,
    /// None once the body is removed.
    salt: Option<Vec<u8>>,
    revision: u64,
    position: Position,
}

/// One event to be written.
pub(super) struct Accepted<'a> {
    position: i64,
    tenant: TenantId,
    stream: StreamId,
    revision: i64,
    previous_hash: Hash,
    hash: Hash,
    event: &'a PreparedEvent,
}

/// A batch after its judgement.
pub(super) struct Judged<'a> {
    position: u64,
    streams: HashMap<(TenantId, StreamId), StreamHead>,
    known: HashMap<(TenantId, Uuid), Known>,
    pub(super) accepted: Vec<Accepted<'a>>,
    /// For each append what it is answered once the batch is committed.
    pub(super) outcomes: Vec<Outcome>,
}

impl<'a> Judged<'a> {
    fn of(position: i64, batch: &[&Prepared], heads: &[Row], standings: &[Row]) -> Result<Self, String> {
        let mut streams = HashMap::with_capacity(heads.len());
        for row in heads {
            let asked = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
            let (revision, hash): (Option<i64>, Option<&[u8]>) = (row.get(1), row.get(2));
            let last = match revision.zip(hash) {
                Some((revision, hash)) => Some((unsigned(revision)?, sized(hash)?)),
                None => None,
            };
            streams.insert((batch[asked].tenant, batch[asked].stream), StreamHead { last, deleted: row.get(3) });
        }
        Ok(Self {
            position: unsigned(position)?,
            streams,
            known: standings.iter().map(known).collect::<Result<_, _>>()?,
            accepted: Vec::new(),
            outcomes: Vec::new(),
        })
    }

    fn judge(&mut self, append: &'a Prepared) -> Outcome {
        let earlier: Result<_, std::convert::Infallible> =
            append.earlier_answer(|event| Ok(self.standing(append, event)));
        let Ok(earlier) = earlier;
        if let Some(answer) = earlier {
            return answer;
        }
        let stream = (append.tenant, append.stream);
        let head = self.streams.get(&stream).copied().unwrap_or(StreamHead { last: None, deleted: false });
        let actual = head.last.map(|(revision, _)| revision);
        if head.deleted {
            return Err(AppendError::Deleted);
        }
        if !is_as_expected(append.expected, actual) {
            return Err(AppendError::Conflict { actual });
        }
        let mut last = head.last;
        for event in &append.events {
            last = Some(self.accept(append, event, last));
        }
        self.streams.insert(stream, StreamHead { last, deleted: false });
        let revision = last.map_or(0, |(revision, _)| revision);
        Ok(Appended { revision, position: Position(self.position) })
    }

    fn accept(&mut self, append: &Prepared, event: &'a PreparedEvent, last: Option<(u64, Hash)>) -> (u64, Hash) {
        let (revision, previous_hash) = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
        let (tenant, stream) = (append.tenant, append.stream);
        let hash = event.hash(tenant, stream, revision, &previous_hash);
        self.position += 1;
        let known = Known {
            stream: stream.id,
            kind: stream.kind.as_str().to_owned(),
            details: event.details.clone(),
            salt: Some(event.event.salt.to_vec()),
            revision,
            position: Position(self.position),
        };
        self.known.insert((tenant, event.event.event_id), known);
        let (position, signed) = (bounded(self.position), bounded(revision));
        self.accepted.push(Accepted { position, tenant, stream, revision: signed, previous_hash, hash, event });
        (revision, hash)
    }

    fn standing(&self, append: &Prepared, event: &PreparedEvent) -> Option<Standing> {
        let known = self.known.get(&(append.tenant, event.event.event_id))?;
        let is_this = (known.stream, known.kind.as_str()) == (append.stream.id, append.stream.kind.as_str())
            && known.details == event.details
            && known.salt.as_ref().is_none_or(|salt| *salt == event.event.salt);
        Some(Standing { is_this, revision: known.revision, position: known.position })
    }

    /// Position of the last event that is written.
    pub(super) fn last(&self) -> Option<Position> {
        self.accepted.last().map(|_| Position(self.position))
    }
}

fn known(row: &Row) -> Result<((TenantId, Uuid), Known), String> {
    let known = Known {
        stream: row.get(2),
        kind: row.get(3),
        details: row.get(4),
        salt: row.get(5),
        revision: unsigned(row.get(6))?,
        position: Position(unsigned(row.get(7))?),
    };
    Ok(((TenantId(row.get(0)), row.get(1)), known))
}
