//! One transaction of the runner's. It begins with the fence: what this node leads, and where those projections stand, both locked
//! until the end. So whether a checkpoint can be moved is known without asking, and changes are only sent: their answers are
//! awaited together with that of the commit, in one trip.

use std::collections::HashMap;

use domain::ports::Position;
use futures_util::future::{FutureExt, LocalBoxFuture, join, try_join, try_join4};
use futures_util::stream::{FuturesOrdered, StreamExt};
use projections::projection::{ColumnKind, Value};
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::leading::columns;
use super::schema;
use super::session::{PATIENCE, Session, unavailable};
use super::value::{escaped, integer, text};
use super::{PostgresViews, position};
use crate::postgres::{Parameters, whole};
use crate::views::{Change, Checkpoint, Parked, RowStoreError, RowTransaction, Shape, TableId};

const FENCE: &str = "
    SELECT projection FROM leaders JOIN unnest($2::text[], $3::bigint[]) AS led (projection, version) USING (projection, version)
    WHERE node = $1 AND until > clock_timestamp() ORDER BY projection, version FOR KEY SHARE OF leaders";

const STANDING: &str = "
    SELECT projection, version, generation, position
    FROM checkpoint JOIN unnest($1::text[], $2::bigint[]) AS led (projection, version) USING (projection, version)
    ORDER BY projection, version FOR NO KEY UPDATE OF checkpoint";

const IS_THERE: &str = "SELECT to_regclass($1::text) IS NOT NULL";

/// By this the server knows, whatever becomes of the connection, how the transaction ended.
const IDENTITY: &str = "SELECT pg_current_xact_id()::text";

const ADVANCE: &str = "
    UPDATE checkpoint SET position = $5, event = $6, generation = $7, touched_at = now()
    WHERE projection = $1 AND version = $2 AND generation = $3 AND position = $4";

const POINT: &str = "
    INSERT INTO checkpoint (projection, version, generation, position, event) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (projection, version) DO UPDATE SET generation = excluded.generation, position = excluded.position,
        event = excluded.event, touched_at = now()";

const PARK: &str = "
    INSERT INTO parked (projection, version, tenant, kind, stream, revision, position, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

const UNPARK: &str = "DELETE FROM parked WHERE projection = $1 AND version = $2";

/// What older and newer builds left of the projections that this one knows.
const FORGET: &str = "
    WITH old AS (
        SELECT checkpoint.projection, checkpoint.version
        FROM checkpoint JOIN unnest($1::text[], $2::bigint[]) AS known (projection, version) USING (projection)
        WHERE checkpoint.version <> known.version AND touched_at < now() - interval '1 day' AND NOT EXISTS (
            SELECT FROM leaders WHERE leaders.projection = checkpoint.projection
                AND leaders.version = checkpoint.version AND until > clock_timestamp())
        ORDER BY checkpoint.projection, checkpoint.version FOR UPDATE OF checkpoint SKIP LOCKED
    ), gone AS (
        DELETE FROM checkpoint USING old
        WHERE checkpoint.projection = old.projection AND checkpoint.version = old.version
        RETURNING checkpoint.projection, checkpoint.version
    ), led AS (
        DELETE FROM leaders USING gone WHERE leaders.projection = gone.projection AND leaders.version = gone.version
    )
    DELETE FROM parked USING gone WHERE parked.projection = gone.projection AND parked.version = gone.version";

/// Tables of rows that no checkpoint points to, but for those that another node may be filling; as they are written in a statement.
const STRAYS: &str = "
    SELECT quote_ident(name) FROM (
        SELECT relname::text AS name, regexp_match(relname, '^(.+)_v([0-9]+)_([0-9]+)$') AS part
        FROM pg_class WHERE relnamespace = current_schema()::text::regnamespace AND relkind = 'r'
    ) AS tables
    WHERE part IS NOT NULL AND NOT EXISTS (
        SELECT FROM checkpoint WHERE projection = part[1] AND version::text = part[2] AND generation::text = part[3]
    ) AND NOT EXISTS (
        SELECT FROM leaders
        WHERE projection = part[1] AND version::text = part[2] AND node <> $1 AND until > clock_timestamp()
    )";

/// Bytes of documents that go in one statement; it may be one document more.
const MOST_BYTES: usize = 16 << 20;

/// Owned parameters: the answer is awaited after the change that they come from is gone.
type Sent = Vec<Box<dyn ToSql + Sync>>;

pub(super) struct Transaction<'t> {
    views: &'t PostgresViews,
    session: &'t Session,
    /// Where the checkpoints stand that are locked: generation and position.
    standing: HashMap<(String, u32), (u32, Position)>,
    sent: FuturesOrdered<LocalBoxFuture<'t, Result<(), Error>>>,
    identity: String,
    /// Whether there is something to tell other nodes.
    moved: bool,
}

/// How a transaction begins.
pub(super) struct Beginning {
    identity: String,
    fenced: usize,
    standing: Vec<Row>,
}

/// Begins one; nothing is changed yet.
pub(super) async fn begin(session: &Session, node: Uuid, led: &[(&'static str, u32)]) -> Result<Beginning, Error> {
    let (fence, standing) = try_join(session.prepare(FENCE), session.prepare(STANDING)).await?;
    let identity = session.prepare(IDENTITY).await?;
    let (names, versions): (Vec<_>, Vec<_>) = led.iter().map(|(name, version)| (*name, i64::from(*version))).unzip();
    let ((), fenced, standing, identity) = try_join4(
        session.client.batch_execute("BEGIN"),
        session.client.query(&fence, &[&node, &names, &versions]),
        session.client.query(&standing, &[&names, &versions]),
        session.client.query_one(&identity, &[]),
    )
    .await?;
    Ok(Beginning { identity: identity.get(0), fenced: fenced.len(), standing })
}

/// Why a transaction did not come to its end.
pub(super) enum Failure {
    /// Nothing was changed.
    Undone(RowStoreError),
    /// It may be committed.
    Unknown(RowStoreError),
}

impl<'t> Transaction<'t> {
    /// What has begun, unless less is fenced than this node took the lead of.
    pub(super) fn over(
        views: &'t PostgresViews,
        session: &'t Session,
        begun: Beginning,
        led: usize,
    ) -> Result<Self, RowStoreError> {
        if begun.fenced < led {
            return Err(RowStoreError::LeadLost);
        }
        let known = |row: &Row| {
            let number = |column| u32::try_from(row.get::<_, i64>(column)).unwrap_or_default();
            ((row.get(0), number(1)), (number(2), position(row.get(3))))
        };
        let standing = begun.standing.iter().map(known).collect();
        let (sent, identity) = (FuturesOrdered::new(), begun.identity);
        Ok(Self { views, session, standing, sent, identity, moved: false })
    }

    /// Commits, once everything that was sent is done.
    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        let tell = format!("SELECT pg_notify(current_schema(), '{}'); COMMIT", self.views.node);
        let session = self.session;
        let committing = session.client.batch_execute(if self.moved { &tell } else { "COMMIT" });
        let done = self.together(committing);
        done.map_err(|error| match error.as_ref().and_then(Error::as_db_error).and_then(DbError::parsed_severity) {
            // Nothing of a transaction with a refused statement is ever committed.
            Some(Severity::Error) => Failure::Undone(self.unavailable(error.as_ref())),
            _ => Failure::Unknown(self.unavailable(error.as_ref())),
        })
    }

    /// The server's name for it.
    pub(super) fn identity(&self) -> &str {
        &self.identity
    }

    /// Sends a change, without waiting for its answer.
    fn send(&mut self, text: &str, parameters: Sent) -> Result<(), RowStoreError> {
        let session = self.session;
        let statement = match session.known(text) {
            Some(statement) => statement,
            None => self.wait(session.prepare(text))?,
        };
        let mut sending = async move {
            let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|parameter| &**parameter).collect();
            session.client.execute(&statement, &parameters).await.map(drop)
        }
        .boxed_local();
        // Looking at it once is what sends it.
        if let Some(done) = (&mut sending).now_or_never() {
            return done.map_err(|error| self.unavailable(Some(&error)));
        }
        self.sent.push_back(sending);
        Ok(())
    }

    fn ask(&mut self, text: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, RowStoreError> {
        let session = self.session;
        self.wait(session.query(text, parameters))
    }

    /// Waits for this and for all that was sent before.
    fn wait<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, RowStoreError> {
        self.together(work).map_err(|error| self.unavailable(error.as_ref()))
    }

    /// The first error is the cause of those that follow; none at all stands for no answer.
    fn together<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Option<Error>> {
        let sent = &mut self.sent;
        let settled = async {
            let mut outcome = Ok(());
            while let Some(done) = sent.next().await {
                outcome = outcome.and(done);
            }
            outcome
        };
        let both = async { tokio::time::timeout(PATIENCE, join(settled, work)).await };
        match self.views.runtime.block_on(both) {
            Ok((settled, done)) => settled.and(done).map_err(Some),
            Err(_) => Err(None),
        }
    }

    fn unavailable(&self, error: Option<&Error>) -> RowStoreError {
        let reason = error.map_or_else(|| "no answer".to_owned(), |error| whole(error));
        unavailable(&self.views.server, &reason)
    }

    fn put(&mut self, shape: Shape, table: &TableId, changes: &[&Change]) -> Result<(), RowStoreError> {
        let rows: Vec<_> = changes.iter().filter_map(|change| Some((*change, change.row.as_ref()?))).collect();
        let tenants: Vec<Uuid> = rows.iter().map(|(change, _)| change.key.0.0).collect();
        let keys: Vec<String> = rows.iter().map(|(change, _)| escaped(&change.key.1)).collect();
        let positions: Vec<i64> = rows.iter().map(|(change, _)| stored(change.position)).collect();
        let documents: Vec<String> = rows.iter().map(|(_, (_, document))| document.clone()).collect();
        let mut parameters: Sent = vec![Box::new(tenants), Box::new(keys), Box::new(positions), Box::new(documents)];
        for (at, column) in shape.indexes.iter().enumerate() {
            let values = rows.iter().map(|(_, (index, _))| index.get(at).unwrap_or(&Value::Null));
            parameters.push(match column.kind {
                ColumnKind::Integer => Box::new(values.map(integer).collect::<Vec<_>>()),
                ColumnKind::Text => Box::new(values.map(text).collect::<Vec<_>>()),
            });
        }
        self.send(&schema::put(table, shape.indexes), parameters)
    }

    fn is_there(&mut self, table: &TableId) -> Result<bool, RowStoreError> {
        let found = self.ask(IS_THERE, &[&table.to_string()])?;
        Ok(found.first().is_some_and(|row| row.get(0)))
    }

    /// Removes a table, unless somebody is busy with it: then it is left for the next time.
    fn drop_stray(&mut self, table: &str) -> Result<(), RowStoreError> {
        let session = self.session;
        let removal = format!(
            "SAVEPOINT stray; SET LOCAL lock_timeout = '300ms'; DROP TABLE {table};
            SET LOCAL lock_timeout = '5s'; RELEASE SAVEPOINT stray"
        );
        match self.together(session.client.batch_execute(&removal)) {
            Err(Some(error)) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                self.wait(session.client.batch_execute("ROLLBACK TO SAVEPOINT stray; RELEASE SAVEPOINT stray"))
            }
            done => done.map_err(|error| self.unavailable(error.as_ref())),
        }
    }
}

impl RowTransaction for Transaction<'_> {
    fn endure(&mut self) -> Result<(), RowStoreError> {
        self.send("SET LOCAL synchronous_commit = on", Vec::new())
    }

    fn create(&mut self, shape: Shape, table: &TableId) -> Result<(), RowStoreError> {
        let session = self.session;
        self.wait(session.client.batch_execute(&schema::create(table, shape.indexes)))
    }

    fn point(&mut self, checkpoint: &Checkpoint) -> Result<(), RowStoreError> {
        let TableId { projection, version, generation } = checkpoint.table.clone();
        let parameters: Sent = vec![
            Box::new(projection.clone()),
            Box::new(i64::from(version)),
            Box::new(i64::from(generation)),
            Box::new(stored(checkpoint.position)),
            Box::new(checkpoint.event),
        ];
        self.send(POINT, parameters)?;
        self.standing.insert((projection, version), (generation, checkpoint.position));
        self.moved = true;
        Ok(())
    }

    fn advance(&mut self, checkpoint: &Checkpoint, to: &Checkpoint) -> Result<bool, RowStoreError> {
        let TableId { projection, version, generation } = checkpoint.table.clone();
        let numbers = [i64::from(version), i64::from(generation), stored(checkpoint.position), stored(to.position)];
        let [version_, generation_, from, upto] = numbers;
        let next = i64::from(to.table.generation);
        if to.table != checkpoint.table && !self.is_there(&to.table)? {
            return Ok(false);
        }
        match self.standing.get_mut(&(projection.clone(), version)) {
            Some(standing) if *standing != (generation, checkpoint.position) => return Ok(false),
            Some(standing) => {
                *standing = (to.table.generation, to.position);
                let parameters: Sent = vec![
                    Box::new(projection),
                    Box::new(version_),
                    Box::new(generation_),
                    Box::new(from),
                    Box::new(upto),
                    Box::new(to.event),
                    Box::new(next),
                ];
                self.send(ADVANCE, parameters)?;
            }
            None => {
                let parameters: Parameters<'_> =
                    &[&projection, &version_, &generation_, &from, &upto, &to.event, &next];
                let session = self.session;
                let moving = async { session.client.execute(&session.prepare(ADVANCE).await?, parameters).await };
                if self.wait(moving)? != 1 {
                    return Ok(false);
                }
            }
        }
        self.moved = true;
        Ok(true)
    }

    fn write(&mut self, shape: Shape, table: &TableId, changes: &[Change]) -> Result<(), RowStoreError> {
        let (mut puts, mut bytes) = (Vec::with_capacity(changes.len()), 0);
        for change in changes {
            bytes += change.row.as_ref().map_or(0, |(_, document)| document.len());
            puts.extend(change.row.is_some().then_some(change));
            if bytes > MOST_BYTES {
                self.put(shape, table, &puts)?;
                (puts, bytes) = (Vec::new(), 0);
            }
        }
        if !puts.is_empty() {
            self.put(shape, table, &puts)?;
        }
        let gone = changes.iter().filter(|change| change.row.is_none());
        let (tenants, keys): (Vec<Uuid>, Vec<String>) =
            gone.map(|change| (change.key.0.0, escaped(&change.key.1))).unzip();
        if keys.is_empty() {
            return Ok(());
        }
        self.send(&schema::delete(table), vec![Box::new(tenants), Box::new(keys)])
    }

    fn park(&mut self, shape: Shape, parked: &Parked) -> Result<(), RowStoreError> {
        let parameters: Sent = vec![
            Box::new(shape.name),
            Box::new(i64::from(shape.version)),
            Box::new(parked.tenant.0),
            Box::new(parked.stream.kind.as_str()),
            Box::new(parked.stream.id),
            Box::new(parked.revision.cast_signed()),
            Box::new(stored(parked.position)),
            Box::new(escaped(&parked.reason)),
        ];
        self.send(PARK, parameters)
    }

    fn unpark(&mut self, shape: Shape) -> Result<(), RowStoreError> {
        self.send(UNPARK, vec![Box::new(shape.name), Box::new(i64::from(shape.version))])
    }

    fn sweep(&mut self) -> Result<(), RowStoreError> {
        let (names, versions) = columns(&self.views.shapes());
        self.send(FORGET, vec![Box::new(names), Box::new(versions)])?;
        let node = self.views.node;
        let strays = self.ask(STRAYS, &[&node])?;
        strays.iter().try_for_each(|stray| self.drop_stray(stray.get(0)))
    }
}

fn stored(position: Position) -> i64 {
    position.0.cast_signed()
}
