//! The read models in a file: how far they are behind the log, what they put aside, and rows that nobody wrote.

use std::path::Path;

use domain::ports::Position;
use rusqlite::{Connection, OpenFlags};

use super::Finding;

/// So far behind a read model may be while a server is at work.
const LAG: u64 = 1_000;

const STANDS: &str = "SELECT projection, version, generation, position FROM checkpoint ORDER BY projection";
const PARKED: &str =
    "SELECT projection, kind || ' ' || lower(hex(stream)), position, reason FROM parked ORDER BY position";

/// Looks at the read models of a log that ends at `head`.
pub fn examine_views(file: &Path, head: Position) -> Vec<Finding> {
    let place = file.display().to_string();
    if !file.metadata().is_ok_and(|about| about.len() > 0) {
        return vec![Finding::warn(place, "there are no read models yet", "the next start builds them")];
    }
    look(file, head, &place).unwrap_or_else(|error| {
        let advice = "stop Kilter and remove the file: the next start builds it anew";
        vec![Finding::error(place, error.to_string(), advice)]
    })
}

fn look(file: &Path, head: Position, place: &str) -> rusqlite::Result<Vec<Finding>> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let mut findings = Vec::new();
    let mut stands = connection.prepare(STANDS)?;
    let rows = stands.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?, row.get::<_, i64>(3)?))
    })?;
    for row in rows {
        let (projection, version, generation, position) = row?;
        let table = format!("{projection}_v{version}_{generation}");
        findings.push(lag(place, &projection, position.cast_unsigned(), head.0));
        let count = format!("SELECT count(*) FROM {table} WHERE position > ?1");
        let orphans: i64 = connection.query_row(&count, [position], |row| row.get(0))?;
        if orphans > 0 {
            let what = format!("{orphans} rows of {projection} are of no event that it has seen");
            findings.push(Finding::error(place, what, "build it anew: kilter rebuild"));
        }
    }
    let mut parked = connection.prepare(PARKED)?;
    let rows = parked.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
    })?;
    for row in rows {
        let (projection, stream, position, reason) = row?;
        let what = format!("{projection} has put {stream} aside from position {position} on: {reason}");
        findings.push(Finding::error(place, what, "update Kilter, then kilter rebuild"));
    }
    Ok(findings)
}

fn lag(place: &str, projection: &str, position: u64, head: u64) -> Finding {
    if position > head {
        let what = format!("{projection} is at position {position}, the log ends at {head}");
        return Finding::error(place, what, "the log is older than the read models: the next start builds them anew");
    }
    let behind = head - position;
    if behind > LAG {
        let what = format!("{projection} is {behind} events behind");
        return Finding::warn(place, what, "start Kilter, or wait; ask again when it does not come down");
    }
    Finding::ok(place, format!("{projection} is at position {position} of {head}"))
}
