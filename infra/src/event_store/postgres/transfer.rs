//! Carrying a schema's log over, and taking one over into a schema.

use std::collections::{HashMap, HashSet};

use domain::ports::{Future, Hash, Position, ReadError, Scope};
use futures_util::future::{join, try_join3};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};
use uuid::Uuid;

use super::PostgresEventStore;
use super::reader::columns;
use super::session::{BEGIN, HEADS, LOCK, MARK_DELETED, REMOVE_BODIES};
use crate::event_store::questions::{ALL, BY_ID, BY_PLACE, LAST};
use crate::event_store::row::{bounded, limit, sized, unsigned};
use crate::event_store::transfer::{
    Intake, PortableLog, Record, Records, StreamHead, StreamKey, TransferError, Verified, Wanted,
};
use crate::postgres::{Postgres, whole};

/// Of a connection that reads the log through: that takes as long as it takes.
const READING: &str = "SET kilter.scope = 'system'; SET default_transaction_read_only = on; SET statement_timeout = 0";

/// Of a connection that takes a log: what is committed is on disk once it is finished. A cut in between costs the last
/// transactions, none in the middle.
const TAKING: &str = "
    SET kilter.scope = 'system';
    SET synchronous_commit = off;
    SET lock_timeout = '5s'";

/// Byte by byte, whatever the order of the database is. Bodies are removed from the first on: where that has its own, they are
/// not counted.
const STREAM_HEADS: &str = r#"
    SELECT last.tenant, last.stream, last.kind, last.revision, events.hash,
        CASE WHEN (SELECT body IS NULL FROM events AS first WHERE first.tenant = last.tenant AND first.stream = last.stream
            AND first.kind = last.kind AND first.revision = 0)
        THEN (SELECT count(*) FROM events AS removed WHERE removed.tenant = last.tenant AND removed.stream = last.stream
            AND removed.kind = last.kind AND removed.revision <= last.revision AND removed.body IS NULL)
        ELSE 0 END
    FROM (
        SELECT tenant, stream, kind, max(revision) AS revision FROM events
        WHERE (tenant, stream) >= ($1, $2) AND (tenant, stream, kind COLLATE "C") > ($1, $2, $3) AND position <= $4
        GROUP BY tenant, stream, kind ORDER BY tenant, stream, kind COLLATE "C" LIMIT $5
    ) AS last
    JOIN events USING (tenant, stream, kind, revision)
    ORDER BY last.tenant, last.stream, last.kind COLLATE "C""#;

const DELETED_STREAMS: &str = r#"
    SELECT tenant, stream, kind FROM deleted_streams WHERE (tenant, stream, kind COLLATE "C") > ($1, $2, $3)
    ORDER BY tenant, stream, kind COLLATE "C" LIMIT $4"#;

const INSERT: &str = "
    WITH moved AS (UPDATE head SET position = position + cardinality($1::bigint[]))
    INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, body_hash, salt, body)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::uuid[], $7::bytea[], $8::bytea[],
        $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[])";

/// A commit that waits for the disk waits for those before it as well.
const TO_DISK: &str = "
    SET synchronous_commit = on;
    BEGIN; UPDATE head SET position = position; SELECT pg_notify(current_schema(), ''); COMMIT";

impl PortableLog for PostgresEventStore {
    fn records(&self, after: Position, count: usize) -> Future<'_, Result<Records, ReadError>> {
        Box::pin(async move {
            let rows = self.reader.ask(Scope::System, ALL, &[&bounded(after.0), &limit(count)]).await?;
            let mut page = Records { records: Vec::with_capacity(rows.len()), read_to: after };
            for row in &rows {
                let record = self.as_it_lies(row)?;
                if record.position.0 != page.read_to.0 + 1 {
                    return Err(self.damaged(&format!("no event at position {}", page.read_to.0 + 1)));
                }
                page.read_to = record.position;
                page.records.push(record);
            }
            Ok(page)
        })
    }

    fn record(&self, wanted: Wanted) -> Future<'_, Result<Option<Record>, ReadError>> {
        Box::pin(async move {
            let (reader, all) = (&self.reader, Scope::System);
            let rows = match &wanted {
                Wanted::Last => reader.ask(all, LAST, &[]).await?,
                Wanted::Identity(tenant, event_id) => reader.ask(all, BY_ID, &[&tenant.0, event_id]).await?,
                Wanted::Place(StreamKey { tenant, id, kind }, revision) => {
                    reader.ask(all, BY_PLACE, &[&tenant.0, id, &kind.as_ref(), &bounded(*revision)]).await?
                }
            };
            rows.first().map(|row| self.as_it_lies(row)).transpose()
        })
    }

    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        count: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>> {
        Box::pin(async move {
            let StreamKey { tenant, id, kind } = after.unwrap_or_else(StreamKey::before_all);
            let parameters: [&(dyn ToSql + Sync); 5] =
                [&tenant.0, &id, &kind.as_ref(), &bounded(upto.0), &limit(count)];
            let rows = self.read_through(STREAM_HEADS, &parameters).await?;
            let head = |row: &Row| -> Result<StreamHead, String> {
                let (revision, hash, removed) = (unsigned(row.get(3))?, sized(row.get(4))?, unsigned(row.get(5))?);
                Ok(StreamHead { key: stream_key(row), revision, hash, removed })
            };
            rows.iter().map(head).collect::<Result<_, String>>().map_err(|flaw| self.damaged(&flaw))
        })
    }

    fn deleted_streams(&self, after: Option<StreamKey>, count: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>> {
        Box::pin(async move {
            let StreamKey { tenant, id, kind } = after.unwrap_or_else(StreamKey::before_all);
            let parameters: [&(dyn ToSql + Sync); 4] = [&tenant.0, &id, &kind.as_ref(), &limit(count)];
            let rows = self.read_through(DELETED_STREAMS, &parameters).await?;
            Ok(rows.iter().map(stream_key).collect())
        })
    }

    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>> {
        Box::pin(async move {
            // Refused where it is open for reading only.
            self.requests().map_err(|error| TransferError::Target(error.to_string()))?;
            let server = &self.reader.server;
            let client = server.connect().await.map_err(|refusal| TransferError::Target(refusal.to_string()))?;
            let intake = PostgresIntake::over(server, client).await;
            Ok(Box::new(intake.map_err(|error| failed(server, &error))?) as Box<dyn Intake>)
        })
    }
}

impl PostgresEventStore {
    async fn read_through(&self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, ReadError> {
        let server = &self.reader.server;
        let client = server.connect().await.map_err(|refusal| ReadError::Unavailable(refusal.to_string()))?;
        let asking = async {
            client.batch_execute(READING).await?;
            client.query(query, parameters).await
        };
        asking.await.map_err(|error| ReadError::Unavailable(server.says(&error)))
    }

    fn as_it_lies(&self, row: &Row) -> Result<Record, ReadError> {
        columns(row).and_then(|columns| columns.record()).map_err(|flaw| self.damaged(&flaw))
    }

    fn damaged(&self, flaw: &str) -> ReadError {
        ReadError::Corrupt(format!("{}: {flaw}", self.reader.server.name()))
    }
}

fn stream_key(row: &Row) -> StreamKey {
    StreamKey::stored(row.get(0), row.get(1), row.get(2))
}

/// Takes a log over a connection of its own.
struct PostgresIntake<'a> {
    server: &'a Postgres,
    client: Client,
    lock: Statement,
    heads: Statement,
    insert: Statement,
    /// Where the target ends; unknown until the first page.
    position: Option<i64>,
}

impl<'a> PostgresIntake<'a> {
    async fn over(server: &'a Postgres, client: Client) -> Result<Self, Error> {
        client.batch_execute(TAKING).await?;
        let (lock, heads, insert) =
            try_join3(client.prepare(LOCK), client.prepare(HEADS), client.prepare(INSERT)).await?;
        Ok(Self { server, client, lock, heads, insert, position: None })
    }

    /// Two trips to the server: what the page is checked by, and the page.
    async fn take_page(&mut self, page: &[Verified]) -> Result<(), TransferError> {
        let streams: Vec<&StreamKey> =
            page.iter().map(|event| &event.stream).collect::<HashSet<_>>().into_iter().collect();
        let tenants: Vec<Uuid> = streams.iter().map(|key| key.tenant.0).collect();
        let ids: Vec<Uuid> = streams.iter().map(|key| key.id).collect();
        let kinds: Vec<&str> = streams.iter().map(|key| key.kind.as_ref()).collect();
        let ((), head, heads) = try_join3(
            self.client.batch_execute(BEGIN),
            self.client.query_one(&self.lock, &[]),
            self.client.query(&self.heads, &[&tenants, &ids, &kinds]),
        )
        .await
        .map_err(|error| failed(self.server, &error))?;
        let position: i64 = head.get(0);
        if self.position.is_some_and(|known| known != position) {
            return Err(TransferError::Busy);
        }
        let heads = last_of(&streams, &heads).map_err(TransferError::Target)?;
        check_links(page, heads)?;
        let rows = Columns::of(page, position);
        let writing = rows.write(&self.client, &self.insert);
        let (written, committed) = join(writing, self.client.batch_execute("COMMIT")).await;
        written.and(committed).map_err(|error| failed(self.server, &error))?;
        self.position = rows.positions.last().copied();
        Ok(())
    }

    /// Removes the bodies of these streams below a revision each, and bars them from appends where they are deleted.
    async fn remove(&mut self, streams: &[(StreamKey, u64)], deleted: bool) -> Result<(), Error> {
        let transaction = self.client.transaction().await?;
        transaction.query_one(&self.lock, &[]).await?;
        transaction.batch_execute("SET LOCAL kilter.maintenance = 'on'").await?;
        for (StreamKey { tenant, id, kind }, below) in streams {
            transaction.execute(REMOVE_BODIES, &[&tenant.0, id, &kind.as_ref(), &bounded(*below)]).await?;
            if deleted {
                transaction.execute(MARK_DELETED, &[&tenant.0, id, &kind.as_ref()]).await?;
            }
        }
        transaction.commit().await
    }
}

impl Intake for PostgresIntake<'_> {
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let taken = self.take_page(&page).await;
            if taken.is_err() {
                // The connection may be what failed.
                let _ = self.client.batch_execute("ROLLBACK").await;
            }
            taken
        })
    }

    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let streams: Vec<(StreamKey, u64)> = streams.into_iter().map(|stream| (stream, u64::MAX)).collect();
            let deleted = self.remove(&streams, true).await;
            deleted.map_err(|error| failed(self.server, &error))
        })
    }

    fn remove_bodies(&mut self, streams: Vec<(StreamKey, u64)>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let removed = self.remove(&streams, false).await;
            removed.map_err(|error| failed(self.server, &error))
        })
    }

    fn finish(&mut self) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let finished = self.client.batch_execute(TO_DISK).await;
            finished.map_err(|error| failed(self.server, &error))
        })
    }
}

type Heads<'a> = HashMap<&'a StreamKey, (u64, Hash)>;

fn last_of<'a>(streams: &[&'a StreamKey], rows: &[Row]) -> Result<Heads<'a>, String> {
    let mut heads = Heads::with_capacity(rows.len());
    for row in rows {
        let asked = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
        let (revision, hash): (Option<i64>, Option<&[u8]>) = (row.get(1), row.get(2));
        if let Some((revision, hash)) = revision.zip(hash) {
            heads.insert(streams[asked], (unsigned(revision)?, sized(hash)?));
        }
    }
    Ok(heads)
}

fn check_links<'a>(page: &'a [Verified], mut heads: Heads<'a>) -> Result<(), TransferError> {
    for event in page {
        let head = event.following(heads.get(&event.stream).copied())?;
        heads.insert(&event.stream, head);
    }
    Ok(())
}

/// A page by column.
#[derive(Default)]
struct Columns<'a> {
    positions: Vec<i64>,
    tenants: Vec<Uuid>,
    streams: Vec<Uuid>,
    kinds: Vec<&'a str>,
    revisions: Vec<i64>,
    ids: Vec<Uuid>,
    previous: Vec<&'a [u8]>,
    hashes: Vec<&'a [u8]>,
    details: Vec<&'a [u8]>,
    body_hashes: Vec<Option<&'a [u8]>>,
    salts: Vec<Option<&'a [u8]>>,
    bodies: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    /// The events of a page, which stand after this position.
    fn of(page: &'a [Verified], after: i64) -> Self {
        let mut columns = Self::default();
        for (event, position) in page.iter().zip(after + 1..) {
            let (salt, body) = event.kept().unzip();
            columns.positions.push(position);
            columns.tenants.push(event.stream.tenant.0);
            columns.streams.push(event.stream.id);
            columns.kinds.push(&event.stream.kind);
            columns.revisions.push(bounded(event.revision));
            columns.ids.push(event.event_id);
            columns.previous.push(&event.previous_hash);
            columns.hashes.push(&event.hash);
            columns.details.push(&event.details);
            columns.body_hashes.push(event.hash_of_removed().map(Hash::as_slice));
            columns.salts.push(salt.map(<[u8; 16]>::as_slice));
            columns.bodies.push(body);
        }
        columns
    }

    async fn write(&self, client: &Client, insert: &Statement) -> Result<(), Error> {
        let columns: [&(dyn ToSql + Sync); 12] = [
            &self.positions,
            &self.tenants,
            &self.streams,
            &self.kinds,
            &self.revisions,
            &self.ids,
            &self.previous,
            &self.hashes,
            &self.details,
            &self.body_hashes,
            &self.salts,
            &self.bodies,
        ];
        client.execute(insert, &columns).await.map(drop)
    }
}

fn failed(server: &Postgres, error: &Error) -> TransferError {
    TransferError::Target(format!("{}: {}", server.name(), whole(error)))
}
