//! Who leads: one row for each version of each projection, by the clock of the server. A transaction of the leader's holds on to
//! its rows with a key share lock, which lets them be prolonged, but not be taken.

use std::sync::PoisonError;

use tokio_postgres::Row;

use super::PostgresViews;
use crate::views::{LEASE, RowStoreError, Shape};

/// Takes what is free, prolongs what is this node's, and tells of each that is now this node's whether another one asked for it, and
/// whether it was not this node's before.
/// What is locked by a transaction of its leader is not free yet.
const LEAD: &str = "
    WITH asked AS (
        SELECT projection, version, clock_timestamp() + $4::bigint * interval '1 millisecond' AS until
        FROM unnest($2::text[], $3::bigint[]) AS asked (projection, version)
    ), new AS (
        INSERT INTO leaders (projection, version, node, until) SELECT projection, version, $1::uuid, until FROM asked
        ON CONFLICT DO NOTHING RETURNING projection
    ), free AS (
        SELECT projection, version FROM leaders JOIN asked USING (projection, version)
        WHERE node <> $1 AND leaders.until <= clock_timestamp()
        ORDER BY projection FOR UPDATE OF leaders SKIP LOCKED
    ), taken AS (
        UPDATE leaders SET node = $1, until = asked.until, asked_by = NULL FROM free JOIN asked USING (projection, version)
        WHERE leaders.projection = free.projection AND leaders.version = free.version RETURNING leaders.projection
    ), kept AS (
        UPDATE leaders SET until = asked.until FROM asked
        WHERE leaders.projection = asked.projection AND leaders.version = asked.version AND node = $1
        RETURNING leaders.projection, asked_by IS NOT NULL, false
    )
    SELECT projection, false, true FROM new UNION ALL SELECT projection, false, true FROM taken UNION ALL SELECT * FROM kept";

/// Gives to others what they asked for.
const HAND_OVER: &str = "
    WITH given AS (
        SELECT projection, version FROM leaders
        WHERE node = $1::uuid AND asked_by IS NOT NULL ORDER BY projection, version FOR UPDATE
    ), handed AS (
        UPDATE leaders SET node = asked_by, until = clock_timestamp() + $2::bigint * interval '1 millisecond', asked_by = NULL
        FROM given WHERE leaders.projection = given.projection AND leaders.version = given.version
        RETURNING leaders.projection
    ), told AS (SELECT pg_notify(current_schema(), $1::text))
    SELECT projection FROM handed, told";

const ASK_FOR_LEAD: &str = "
    WITH asked AS (
        UPDATE leaders SET asked_by = $1::uuid FROM unnest($2::text[], $3::bigint[]) AS asked (projection, version)
        WHERE leaders.projection = asked.projection AND leaders.version = asked.version AND node <> $1
        RETURNING leaders.projection
    ), told AS (SELECT pg_notify(current_schema(), $1::text))
    SELECT projection FROM asked, told";

const RESIGN: &str = "
    WITH left_alone AS (DELETE FROM leaders WHERE node = $1::uuid RETURNING projection),
    told AS (SELECT pg_notify(current_schema(), $1::text))
    SELECT projection FROM left_alone, told";

impl PostgresViews {
    pub(super) fn take_lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError> {
        let (names, versions) = columns(shapes);
        let rows = self.ask_leaders(LEAD, &[&self.node, &names, &versions, &lease()])?;
        let mut mine = own(&rows, shapes);
        if rows.iter().any(|row| row.get(1)) {
            // Between two transactions: what is handed over in the middle of one would have to wait for its end.
            let between = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let given = own(&self.ask_leaders(HAND_OVER, &[&self.node, &lease()])?, shapes);
            drop(between);
            mine.retain(|name| !given.contains(name));
        }
        let fresh = |name: &str| rows.iter().any(|row| row.get::<_, &str>(0) == name && row.get(2));
        let mut lost = false;
        let mut led = self.led.lock().unwrap_or_else(PoisonError::into_inner);
        for shape in shapes {
            let key = (shape.name, shape.version);
            lost |= led.contains(&key) && fresh(shape.name);
            if mine.contains(&shape.name) {
                led.insert(key)
            } else {
                led.remove(&key)
            };
        }
        if lost { Err(RowStoreError::LeadLost) } else { Ok(mine) }
    }

    pub(super) fn ask_others_for_lead(&self, shapes: &[Shape]) -> Result<(), RowStoreError> {
        let (names, versions) = columns(shapes);
        self.ask_leaders(ASK_FOR_LEAD, &[&self.node, &names, &versions]).map(drop)
    }

    pub(super) fn give_up_lead(&self) {
        self.led.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Err(error) = self.ask_leaders(RESIGN, &[&self.node]) {
            tracing::warn!(event = "views.not_resigned", %error, "other nodes take the lead when the lease is over");
        }
    }

    fn ask_leaders(&self, text: &str, parameters: crate::postgres::Parameters<'_>) -> Result<Vec<Row>, RowStoreError> {
        let mut leading = self.leading.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.block_on(leading.ask(&self.server, text, parameters))
    }
}

fn lease() -> i64 {
    i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX)
}

/// Names and versions, by column.
pub(super) fn columns(shapes: &[Shape]) -> (Vec<&'static str>, Vec<i64>) {
    shapes.iter().map(|shape| (shape.name, i64::from(shape.version))).unzip()
}

/// The names in an answer's first column.
fn own(rows: &[Row], shapes: &[Shape]) -> Vec<&'static str> {
    let named = |name: &str| rows.iter().any(|row| row.get::<_, &str>(0) == name);
    shapes.iter().map(|shape| shape.name).filter(|name| named(name)).collect()
}
