//! Windows of allowance in PostgreSQL: one small statement each, in a table that is not logged, so that nothing waits for the disk. The
//! server's clock alone says when a window ends.

use domain::ports::{Future, VaultError};

use super::PostgresVault;
use crate::postgres::Failure;
use crate::vault::secrets::SecretKind;
use crate::vault::windows::{SharedWindows, Taken};

const TAKE: &str = "
    INSERT INTO windows AS stands VALUES ($1, now(), $2)
    ON CONFLICT (name) DO UPDATE SET
        begun = CASE WHEN stands.begun > now() - interval '1 minute' THEN stands.begun ELSE excluded.begun END,
        used = CASE WHEN stands.begun > now() - interval '1 minute' THEN stands.used ELSE 0 END + excluded.used
    RETURNING used, (extract(epoch FROM begun + interval '1 minute' - now()) * 1000000)::bigint";
const FORGET_ENDED: &str = "DELETE FROM windows WHERE begun < now() - interval '1 minute'";

impl PostgresVault {
    async fn take_of_window(&self, name: &[u8], amount: u32) -> Result<Taken, Failure> {
        let lent = self.0.server.lend_to_change().await?;
        let take = lent.prepare_cached(TAKE).await?;
        let row = lent.query_one(&take, &[&name, &i64::from(amount)]).await?;
        let (used, rest_micros): (i64, i64) = (row.get(0), row.get(1));
        lent.give_back();
        Ok(Taken { amount, used: used.unsigned_abs(), rest_micros })
    }
}

impl SharedWindows for PostgresVault {
    fn take(&self, name: Vec<u8>, amount: u32) -> Future<'_, Result<Taken, VaultError>> {
        Box::pin(async move {
            // Networks are addresses of people: only an HMAC of them rests.
            let id = self.0.secret_keys.id(SecretKind::Attempts, &[b"window:", name.as_slice()].concat());
            let taken = self.take_of_window(&id.name, amount).await;
            taken.map_err(|failure| self.0.failed(&failure))
        })
    }

    fn forget_ended(&self) -> Future<'_, Result<(), VaultError>> {
        Box::pin(async move {
            let forgotten = async {
                let lent = self.0.server.lend_to_change().await?;
                lent.execute(FORGET_ENDED, &[]).await?;
                lent.give_back();
                Ok::<_, Failure>(())
            };
            forgotten.await.map_err(|failure| self.0.failed(&failure))
        })
    }
}
