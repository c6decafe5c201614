//! What is asked of a table of events, in the SQL that SQLite and PostgreSQL share. Parameters stand in the order of their numbers.

/// All columns of the events that the rest of the statement names.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, body_hash, \
             salt, body FROM events ",
            $rest
        )
    };
}
pub(super) use select;

/// Of a stream (tenant, id, kind) from a revision on, at most so many.
pub(super) const STREAM_FORWARD: &str =
    select!("WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision >= $4 ORDER BY revision LIMIT $5");
/// Of a stream from a revision back.
pub(super) const STREAM_BACKWARD: &str =
    select!("WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision <= $4 ORDER BY revision DESC LIMIT $5");
/// After a position, at most so many.
pub(super) const ALL: &str = select!("WHERE position > $1 ORDER BY position LIMIT $2");
/// Of a tenant after a position, at most so many.
pub(super) const ALL_OF_TENANT: &str = select!("WHERE tenant = $1 AND position > $2 ORDER BY position LIMIT $3");

/// Identity of the one at a position.
pub(super) const IDENTITY_AT: &str = "SELECT event_id FROM events WHERE position = $1";
/// The last one.
pub(super) const LAST: &str = select!("ORDER BY position DESC LIMIT 1");
/// Of a tenant, with an identity.
pub(super) const BY_ID: &str = select!("WHERE tenant = $1 AND event_id = $2");
/// Of a stream (tenant, id, kind), at a revision.
pub(super) const BY_PLACE: &str = select!("WHERE tenant = $1 AND stream = $2 AND kind = $3 AND revision = $4");
