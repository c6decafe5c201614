//! Answers to commands that left no event, for all nodes. Keeping one does not wait for the server's disk, since losing one in a
//! crash does no harm.

use std::sync::Arc;

use domain::kernel::{CommandId, TenantId, Timestamp};
use domain::ports::{Answer, Answers, Future, Scope, VaultError};
use futures_util::future::try_join4;
use tokio_postgres::Row;

use crate::postgres::{Failure, Parameters, Postgres, PostgresRefusal, insist, is_damage};
use crate::vault::answers::{FORGOTTEN, KEPT, KEPT_MICROS, read, write};

const FIND: &str = "SELECT answer FROM answers WHERE tenant = $1 AND command = $2";

/// Of the oldest so many those that have expired (kept up to `$1`) or are too many. What another node forgets is left to it.
const FORGET: &str = "
    WITH oldest AS (SELECT number, kept_since FROM answers ORDER BY number LIMIT $3 FOR UPDATE SKIP LOCKED)
    DELETE FROM answers USING oldest
    WHERE answers.number = oldest.number
        AND (oldest.kept_since <= $1 OR oldest.number <= (SELECT max(number) FROM answers) - $2)";

/// The answer that stands; none where another node keeps one at this very moment.
const KEEP: &str = "
    WITH kept AS (
        INSERT INTO answers (tenant, command, answer, kept_since) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, command) DO NOTHING RETURNING answer
    )
    SELECT answer FROM kept UNION ALL SELECT answer FROM answers WHERE tenant = $1 AND command = $2";

/// All rows are in sight: the oldest may be anybody's.
const BEGIN: &str = "BEGIN; SET LOCAL kilter.scope = 'system'; SET LOCAL synchronous_commit = off";

/// The answers in the vault's schema.
#[derive(Clone)]
pub struct PostgresAnswers(Arc<Postgres>);

impl PostgresAnswers {
    /// Opens those in the schema of a vault that is open, and forgets what has expired.
    pub async fn open(server: Arc<Postgres>, now: Timestamp) -> Result<Self, PostgresRefusal> {
        let client = server.connect().await?;
        let forget = async {
            client.batch_execute("SET kilter.scope = 'system'").await?;
            client.execute(FORGET, &[&expired(now), &i64::from(KEPT), &i64::MAX]).await
        };
        forget.await.map_err(|error| PostgresRefusal::of(server.name(), &error))?;
        Ok(Self(server))
    }

    /// In one trip: some go, this one comes.
    async fn keep(&self, key: (TenantId, CommandId), text: &str, now: Timestamp) -> Result<Option<Row>, Failure> {
        let (forget, keep): (Parameters<'_>, Parameters<'_>) =
            (&[&expired(now), &i64::from(KEPT), &FORGOTTEN], &[&key.0.0, &key.1.0, &text, &now.as_micros()]);
        let lent = self.0.lend_to_change().await?;
        let stands = {
            let (forgets, keeps) = (lent.prepare_cached(FORGET).await?, lent.prepare_cached(KEEP).await?);
            let begun = lent.batch_execute(BEGIN);
            let done = lent.batch_execute("COMMIT");
            try_join4(begun, lent.execute(&forgets, forget), lent.query_opt(&keeps, keep), done).await?.2
        };
        lent.give_back();
        Ok(stands)
    }

    async fn find(&self, (tenant, command): (TenantId, CommandId)) -> Result<Option<Answer>, VaultError> {
        let found = self.0.ask(Scope::Tenant(tenant), FIND, &[&tenant.0, &command.0]).await;
        let rows = found.map_err(|failure| self.failed(&failure))?;
        rows.first().map(|row| read(command, row.get(0))).transpose()
    }

    fn failed(&self, failure: &Failure) -> VaultError {
        let reason = self.0.explains(failure);
        if is_damage(failure) { VaultError::Damaged(reason) } else { VaultError::Unavailable(reason) }
    }
}

fn expired(now: Timestamp) -> i64 {
    now.as_micros().saturating_sub(KEPT_MICROS)
}

impl Answers for PostgresAnswers {
    fn recall(&self, tenant: TenantId, command: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>> {
        Box::pin(self.find((tenant, command)))
    }

    fn remember(
        &self,
        tenant: TenantId,
        command: CommandId,
        answer: Answer,
        now: Timestamp,
    ) -> Future<'_, Result<Answer, VaultError>> {
        Box::pin(async move {
            let text = write(&answer)?;
            loop {
                let kept = insist(|| self.keep((tenant, command), &text, now)).await;
                let stands = kept.map_err(|failure| self.failed(&failure))?;
                if let Some(row) = stands {
                    return read(command, row.get(0));
                }
            }
        })
    }
}
