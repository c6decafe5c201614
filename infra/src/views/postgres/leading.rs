//! Who leads: one row for each version of each projection, by the clock of the server. A transaction of the leader's holds on to
//! its rows with a key share lock, which lets them be prolonged, but not be taken. Every statement locks rows in one order, so that
//! nodes never wait for each other in a circle.

use std::sync::PoisonError;

use tokio_postgres::Row;

use super::session::Unanswered;
use super::{PostgresViews, schema};
use crate::postgres::Parameters;
use crate::views::{LEASE, RowStoreError, Shape};

/// Takes what is free, prolongs what is this node's, and tells of each that is now this node's whether another one asked for it, and
/// whether it was not this node's before.
/// What is locked by a transaction of its leader is not free yet.
const LEAD: &str = "
    WITH asked AS (
        SELECT projection, version, clock_timestamp() + $4::bigint * interval '1 millisecond' AS until
        FROM unnest($2::text[], $3::bigint[]) AS asked (projection, version)
    ), new AS (
        INSERT INTO leaders (projection, version, node, until)
        SELECT projection, version, $1::uuid, until FROM asked ORDER BY projection, version
        ON CONFLICT DO NOTHING RETURNING projection
    ), free AS (
        SELECT projection, version FROM leaders JOIN asked USING (projection, version)
        WHERE node <> $1 AND leaders.until <= clock_timestamp()
        ORDER BY projection, version FOR UPDATE OF leaders SKIP LOCKED
    ), taken AS (
        UPDATE leaders SET node = $1, until = asked.until, asked_by = NULL FROM free JOIN asked USING (projection, version)
        WHERE leaders.projection = free.projection AND leaders.version = free.version RETURNING leaders.projection
    ), mine AS (
        SELECT projection, version, asked.until FROM leaders JOIN asked USING (projection, version)
        WHERE node = $1 ORDER BY projection, version FOR NO KEY UPDATE OF leaders
    ), kept AS (
        UPDATE leaders SET until = mine.until FROM mine
        WHERE leaders.projection = mine.projection AND leaders.version = mine.version
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
    WITH others AS (
        SELECT projection, version
        FROM leaders JOIN unnest($2::text[], $3::bigint[]) AS asked (projection, version) USING (projection, version)
        WHERE node <> $1::uuid ORDER BY projection, version FOR NO KEY UPDATE OF leaders
    ), asked AS (
        UPDATE leaders SET asked_by = $1 FROM others
        WHERE leaders.projection = others.projection AND leaders.version = others.version
        RETURNING leaders.projection
    ), told AS (SELECT pg_notify(current_schema(), $1::text))
    SELECT projection FROM asked, told";

const RESIGN: &str = "
    WITH mine AS (
        SELECT projection, version FROM leaders WHERE node = $1::uuid ORDER BY projection, version FOR UPDATE
    ), left_alone AS (
        DELETE FROM leaders USING mine
        WHERE leaders.projection = mine.projection AND leaders.version = mine.version RETURNING leaders.projection
    ), told AS (SELECT pg_notify(current_schema(), $1::text))
    SELECT projection FROM left_alone, told";

impl PostgresViews {
    pub(super) fn take_lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError> {
        let (names, versions) = columns(shapes);
        let (lease, node) = (lease(), self.node);
        let asking: Parameters<'_> = &[&node, &names, &versions, &lease];
        let rows = match self.ask_leaders(LEAD, asking) {
            Err(Unanswered::NoTable(_)) => {
                self.make_again()?;
                self.ask_leaders(LEAD, asking)?;
                return Err(RowStoreError::LeadLost);
            }
            answer => answer?,
        };
        let mut mine = own(&rows, shapes);
        if rows.iter().any(|row| row.get(1)) {
            // Between two transactions: what is handed over in the middle of one would have to wait for its end.
            let between = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let given = own(&self.ask_leaders(HAND_OVER, &[&node, &lease])?, shapes);
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
        Ok(self.ask_leaders(ASK_FOR_LEAD, &[&self.node, &names, &versions]).map(drop)?)
    }

    pub(super) fn give_up_lead(&self) {
        self.led.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Err(error) = self.ask_leaders(RESIGN, &[&self.node]).map_err(RowStoreError::from) {
            tracing::warn!(event = "views.not_resigned", %error, "other nodes take the lead when the lease is over");
        }
    }

    /// Where somebody dropped the schema under running nodes: it holds nothing that the events don't.
    fn make_again(&self) -> Result<(), RowStoreError> {
        self.led.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let made = self.runtime.block_on(self.server.migrate(&schema::STEPS));
        made.map_err(|refusal| RowStoreError::Unavailable(refusal.to_string()))?;
        let (event, schema) = ("views.gone", self.server.schema());
        tracing::error!(event, alert = true, schema, "the read models were gone: they are made and filled anew");
        Ok(())
    }

    fn ask_leaders(&self, text: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Unanswered> {
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
