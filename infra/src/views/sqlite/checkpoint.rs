//! How far each projection is, in which table, and what is parked.

use domain::kernel::{StreamId, StreamType, TenantId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::sql;
use super::table::position;
use crate::views::{Checkpoint, Parked, TableId};

/// The checkpoint of a projection, whatever its version.
pub(super) fn checkpoint(connection: &Connection, projection: &str) -> rusqlite::Result<Option<Checkpoint>> {
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Checkpoint {
            table: TableId { projection: projection.to_owned(), version: row.get(0)?, generation: row.get(1)? },
            position: position(row.get(2)?),
            event: row.get::<_, Option<[u8; 16]>>(3)?.map(Uuid::from_bytes),
        })
    };
    connection.prepare_cached(sql::CHECKPOINT)?.query_row([projection], read).optional()
}

/// Points the projection to this table at this position.
pub(super) fn point(connection: &Connection, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
    let Checkpoint { table: TableId { projection, version, generation }, position, event } = checkpoint;
    connection
        .prepare_cached(sql::POINT)?
        .execute(params![projection, version, generation, position.0.cast_signed(), bytes(*event)])
        .map(drop)
}

/// Moves a checkpoint on; false when it is not where it is believed to be.
pub(super) fn advance(connection: &Connection, from: &Checkpoint, to: &Checkpoint) -> rusqlite::Result<bool> {
    let TableId { projection, generation, .. } = &from.table;
    let (at, upto) = (from.position.0.cast_signed(), to.position.0.cast_signed());
    let mut statement = connection.prepare_cached(sql::ADVANCE)?;
    Ok(statement.execute(params![projection, at, upto, bytes(to.event), generation, to.table.generation])? == 1)
}

fn bytes(event: Option<Uuid>) -> Option<[u8; 16]> {
    event.map(Uuid::into_bytes)
}

/// Removes every table of rows that no checkpoint points to.
pub(super) fn sweep(connection: &Connection) -> rusqlite::Result<()> {
    let strays =
        connection.prepare(sql::STRAYS)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    strays.iter().try_for_each(|table| connection.execute_batch(&sql::drop(table)))
}

/// Notes a parked stream.
pub(super) fn park(connection: &Connection, projection: &str, parked: &Parked) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql::PARK)?;
    statement
        .execute(params![
            projection,
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
pub(super) fn unpark(connection: &Connection, projection: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql::UNPARK)?.execute([projection]).map(drop)
}

/// What a projection has parked.
pub(super) fn parked(connection: &Connection, projection: &'static str) -> rusqlite::Result<Vec<Parked>> {
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
