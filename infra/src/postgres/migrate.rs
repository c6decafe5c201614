//! Tables are made and brought up to date at start, one node at a time.

use std::cmp::Ordering;

use tokio_postgres::{Client, Transaction};

use super::{OLDEST_SERVER, Postgres, PostgresRefusal};

/// Where the format is kept: one row in every schema of Kilter's.
const FORMAT: &str = "CREATE TABLE IF NOT EXISTS kilter_format (version int NOT NULL)";

/// By what the policies of every schema fence off the rows of others, even from the owner of the tables. The planner takes the
/// `CASE` to let half of the rows through: of two equations it would expect next to none, and sort whole tables for a page.
macro_rules! may_see {
    () => {
        "CREATE FUNCTION may_see(tenant uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
            SELECT CASE current_setting('kilter.scope', true)
                WHEN 'system' THEN true ELSE tenant::text = current_setting('kilter.scope', true) END
        $$;"
    };
}
pub(crate) use may_see;

/// Fences the rows of a table off by the tenant in this column.
macro_rules! fenced {
    ($table:literal, $column:literal) => {
        concat!(
            "ALTER TABLE ",
            $table,
            " ENABLE ROW LEVEL SECURITY; ALTER TABLE ",
            $table,
            " FORCE ROW LEVEL SECURITY;
            CREATE POLICY of_one_tenant ON ",
            $table,
            " USING (may_see(",
            $column,
            ")) WITH CHECK (may_see(",
            $column,
            "));"
        )
    };
}
pub(crate) use fenced;

const FACTS: &str = "
    SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(), rolsuper OR rolbypassrls,
        current_setting('server_encoding'), current_setting('transaction_read_only')::bool,
        to_regnamespace($1) IS NOT NULL OR has_database_privilege(current_database(), 'CREATE')
    FROM pg_roles WHERE rolname = current_user";

/// Nobody waits for ever for a node that was stopped in the middle.
const SETTINGS: &str = "
    SET lock_timeout = '60s';
    SET idle_in_transaction_session_timeout = '30s'";

impl Postgres {
    /// Brings the schema to the format of this build: `steps[n]` makes format n + 1 of format n. Nothing is done to a schema of a
    /// newer build; it is refused.
    pub(crate) async fn migrate(&self, steps: &[&str]) -> Result<(), PostgresRefusal> {
        let mut client = self.connect().await?;
        client.batch_execute(SETTINGS).await.map_err(|error| PostgresRefusal::of(self.name(), &error))?;
        self.check_server(&client).await?;
        self.bring_up_to_date(&mut client, steps).await
    }

    /// That it is fit for Kilter, and lets us make the schema where it is not there; changes nothing.
    pub async fn check(&self) -> Result<(), PostgresRefusal> {
        self.check_server(&self.connect().await?).await
    }

    /// That the schema has the format of this build; changes nothing.
    pub(crate) async fn look(&self, steps: &[&str]) -> Result<(), PostgresRefusal> {
        let refusal = |error: tokio_postgres::Error| PostgresRefusal::of(self.name(), &error);
        let client = self.connect().await?;
        let (server, schema) = (self.name().to_owned(), self.schema.clone());
        let table = format!("{schema}.kilter_format");
        if !client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await.map_err(refusal)?.get::<_, bool>(0)
        {
            return Err(PostgresRefusal::Missing { server, schema });
        }
        let found: i32 = client.query_one("SELECT version FROM kilter_format", &[]).await.map_err(refusal)?.get(0);
        let known = i32::try_from(steps.len()).unwrap_or(i32::MAX);
        match found.cmp(&known) {
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(PostgresRefusal::Newer { server, schema, found, known }),
            Ordering::Less => Err(PostgresRefusal::Older { server, schema, found, known }),
        }
    }

    async fn check_server(&self, client: &Client) -> Result<(), PostgresRefusal> {
        let facts = client.query_one(FACTS, &[&self.schema]).await;
        let row = facts.map_err(|error| PostgresRefusal::of(self.name(), &error))?;
        let denied =
            |reason: String, help| Err(PostgresRefusal::Denied { server: self.name().to_owned(), reason, help });
        let (major, in_recovery, unfenced): (i32, bool, bool) = (row.get(0), row.get(1), row.get(2));
        if in_recovery {
            let reason = "it is a replica or in recovery; the primary is needed";
            return Err(PostgresRefusal::unreachable(self.name(), &reason));
        }
        let found = major.unsigned_abs();
        if found < OLDEST_SERVER {
            return Err(PostgresRefusal::TooOld { server: self.name().to_owned(), found });
        }
        if unfenced {
            return denied(
                "row-level security does not hold for this user".to_owned(),
                "use one of its own that is no superuser: CREATE USER kilter; ALTER DATABASE … OWNER TO kilter",
            );
        }
        let encoding: &str = row.get(3);
        if encoding != "UTF8" {
            return denied(
                format!("the database holds text as {encoding}"),
                "make one that holds all text: createdb --encoding UTF8 --template template0 DATABASE",
            );
        }
        if row.get(4) {
            return denied(
                "the database takes no changes (default_transaction_read_only is on)".to_owned(),
                "allow them: ALTER DATABASE … RESET default_transaction_read_only, or the same for the user",
            );
        }
        if !row.get::<_, bool>(5) {
            return denied(
                format!("the user may not make the schema {}", self.schema),
                "the user must own the database: ALTER DATABASE … OWNER TO …",
            );
        }
        Ok(())
    }

    async fn bring_up_to_date(&self, client: &mut Client, steps: &[&str]) -> Result<(), PostgresRefusal> {
        let refusal = |error: tokio_postgres::Error| PostgresRefusal::of(self.name(), &error);
        let transaction = client.transaction().await.map_err(refusal)?;
        // The other nodes wait here until it is done, and then find nothing to do.
        let lock = "SELECT pg_advisory_xact_lock(hashtext('kilter migration of ' || $1::text))";
        transaction.execute(lock, &[&self.schema]).await.map_err(refusal)?;
        let found = self.format(&transaction).await.map_err(refusal)?;
        let known = i32::try_from(steps.len()).unwrap_or(i32::MAX);
        if found > known {
            let (server, schema) = (self.name().to_owned(), self.schema.clone());
            return Err(PostgresRefusal::Newer { server, schema, found, known });
        }
        let done = usize::try_from(found).unwrap_or_default();
        for step in &steps[done..] {
            transaction.batch_execute(step).await.map_err(refusal)?;
        }
        transaction.execute("UPDATE kilter_format SET version = $1", &[&known]).await.map_err(refusal)?;
        transaction.commit().await.map_err(refusal)
    }

    /// The format that is there; 0 where there is none yet.
    async fn format(&self, transaction: &Transaction<'_>) -> Result<i32, tokio_postgres::Error> {
        let exists = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
        if !transaction.query_one(exists, &[&self.schema]).await?.get::<_, bool>(0) {
            transaction.batch_execute(&format!("CREATE SCHEMA {}", self.schema)).await?;
        }
        transaction.batch_execute(FORMAT).await?;
        match transaction.query_opt("SELECT version FROM kilter_format", &[]).await? {
            Some(row) => Ok(row.get(0)),
            None => transaction.execute("INSERT INTO kilter_format VALUES (0)", &[]).await.map(|_| 0),
        }
    }
}
