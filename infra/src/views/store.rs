//! What the runner keeps beside the rows: how far each projection is, in which table, and what is parked.

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::Position;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::sql;
use super::table::{TableId, position};

/// How far a projection is, and where its rows are.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// Its table.
    pub table: TableId,
    /// The last position that its rows hold.
    pub position: Position,
    /// The last event that was folded: another one at its position means that the log is not the one we followed.
    pub event: Option<Uuid>,
}

/// A stream that a projection has put aside, from one event on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// For which projection.
    pub projection: &'static str,
    /// Whose stream.
    pub tenant: TenantId,
    /// The stream.
    pub stream: StreamId,
    /// Revision of the event that could not be folded.
    pub revision: u64,
    /// Its position.
    pub position: Position,
    /// Why it could not be folded.
    pub reason: String,
}

impl Checkpoint {
    /// The checkpoint of a projection, whatever its version.
    pub(crate) fn load(connection: &Connection, projection: &str) -> rusqlite::Result<Option<Self>> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                table: TableId { projection: projection.to_owned(), version: row.get(0)?, generation: row.get(1)? },
                position: position(row.get(2)?),
                event: row.get::<_, Option<[u8; 16]>>(3)?.map(Uuid::from_bytes),
            })
        };
        connection.prepare_cached(sql::CHECKPOINT)?.query_row([projection], read).optional()
    }

    /// Points the projection to this table at this position.
    pub(crate) fn point(&self, connection: &Connection) -> rusqlite::Result<()> {
        let TableId { projection, version, generation } = &self.table;
        connection
            .prepare_cached(sql::POINT)?
            .execute(params![projection, version, generation, self.position.0.cast_signed(), bytes(self.event)])
            .map(drop)
    }

    /// Moves on to `to`; false when the checkpoint is not where this one says.
    pub(crate) fn advance(&self, connection: &Connection, to: Position, event: Option<Uuid>) -> rusqlite::Result<bool> {
        let TableId { projection, generation, .. } = &self.table;
        let (from, to) = (self.position.0.cast_signed(), to.0.cast_signed());
        let mut statement = connection.prepare_cached(sql::ADVANCE)?;
        Ok(statement.execute(params![projection, from, to, bytes(event), generation])? == 1)
    }
}

fn bytes(event: Option<Uuid>) -> Option<[u8; 16]> {
    event.map(Uuid::into_bytes)
}

/// Removes every table of rows that no checkpoint points to.
pub(crate) fn sweep(connection: &Connection) -> rusqlite::Result<()> {
    let strays =
        connection.prepare(sql::STRAYS)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    strays.iter().try_for_each(|table| connection.execute_batch(&sql::drop(table)))
}

/// Notes a parked stream.
pub(crate) fn park(connection: &Connection, parked: &Parked) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql::PARK)?;
    statement
        .execute(params![
            parked.projection,
            parked.tenant.0.as_bytes(),
            parked.stream.kind.as_str(),
            parked.stream.id.as_bytes(),
            parked.revision.cast_signed(),
            parked.position.0.cast_signed(),
            parked.reason
        ])
        .map(drop)
}

/// Forgets what a projection has parked.
pub(crate) fn unpark(connection: &Connection, projection: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql::UNPARK)?.execute([projection]).map(drop)
}

/// What a projection has parked.
pub(crate) fn parked(connection: &Connection, projection: &'static str) -> rusqlite::Result<Vec<Parked>> {
    let read = |row: &rusqlite::Row<'_>| {
        let kind: String = row.get(1)?;
        let Some(kind) = StreamType::from_stored(&kind) else { return Ok(None) };
        Ok(Some(Parked {
            projection,
            tenant: TenantId(Uuid::from_bytes(row.get(0)?)),
            stream: StreamId::new(kind, Uuid::from_bytes(row.get(2)?)),
            revision: row.get::<_, i64>(3)?.cast_unsigned(),
            position: position(row.get(4)?),
            reason: row.get(5)?,
        }))
    };
    let rows = connection.prepare(sql::PARKED)?.query_map([projection], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows.into_iter().flatten().collect())
}
