//! The tables beside the rows, and the tables of rows.

use projections::projection::{ColumnKind, IndexColumn};
use tokio_postgres::{Client, Error};

use crate::postgres::{fenced, may_see};
use crate::views::TableId;

/// Steps from one format to the next.
pub(super) const STEPS: [&str; 1] = [FIRST];

/// One checkpoint for each version of a projection, so that an older node goes on beside a newer one. Rows of other tenants
/// are fenced off even from the owner of the tables.
const FIRST: &str = concat!(
    may_see!(),
    "
    CREATE TABLE checkpoint (
        projection text NOT NULL,
        version bigint NOT NULL,
        generation bigint NOT NULL,
        position bigint NOT NULL,
        event uuid,
        touched_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (projection, version)
    ) WITH (fillfactor = 10);

    CREATE TABLE parked (
        projection text NOT NULL,
        version bigint NOT NULL,
        tenant uuid NOT NULL,
        kind text NOT NULL,
        stream uuid NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        reason text NOT NULL,
        PRIMARY KEY (projection, version, tenant, kind, stream)
    );

    CREATE TABLE leaders (
        projection text NOT NULL,
        version bigint NOT NULL,
        node uuid NOT NULL,
        until timestamptz NOT NULL, -- by the clock of the server
        asked_by uuid,              -- the node that wants to lead instead
        PRIMARY KEY (projection, version)
    ) WITH (fillfactor = 10);
    ",
    fenced!("parked", "tenant"),
);

/// Makes a table of rows, empty even where an attempt has left one. Index columns stand before the document.
pub(super) fn create(table: &TableId, indexes: &[IndexColumn]) -> String {
    let column = |IndexColumn { name, kind }: &IndexColumn| match kind {
        ColumnKind::Integer => format!("i_{name} bigint NOT NULL, "),
        ColumnKind::Text => format!("i_{name} text COLLATE \"C\" NOT NULL, "),
    };
    let columns: String = indexes.iter().map(column).collect();
    format!(
        "DROP TABLE IF EXISTS {table};
        CREATE TABLE {table} (tenant uuid NOT NULL, key text COLLATE \"C\" NOT NULL, position bigint NOT NULL,
            {columns}document text NOT NULL, PRIMARY KEY (tenant, key));
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY of_one_tenant ON {table} USING (may_see(tenant)) WITH CHECK (may_see(tenant))"
    )
}

/// Makes the index of a column, unless it is there, and lets the planner know what is in it.
pub(super) async fn index(client: &Client, table: &TableId, name: &str) -> Result<(), Error> {
    let index = format!("{table}_{name}");
    if client.query_one_scalar("SELECT to_regclass($1::text) IS NOT NULL", &[&index]).await? {
        return Ok(());
    }
    let make = format!(
        "SET statement_timeout = 0; CREATE INDEX {index} ON {table} (tenant, i_{name}, key);
        ANALYZE {table} (tenant, i_{name}, key)"
    );
    client.batch_execute(&make).await
}

/// The rows under some keys: `$1` tenants, `$2` keys.
pub(super) fn load(table: &TableId) -> String {
    format!(
        "SELECT tenant, key, position, document
        FROM unnest($1::uuid[], $2::text[]) AS asked (tenant, key) JOIN {table} USING (tenant, key)"
    )
}

/// Writes rows: `$1` tenants, `$2` keys, `$3` positions, `$4` documents, then the index columns.
pub(super) fn put(table: &TableId, indexes: &[IndexColumn]) -> String {
    let each = |piece: &dyn Fn(usize, &IndexColumn) -> String| -> String {
        indexes.iter().enumerate().map(|(at, column)| piece(at, column)).collect()
    };
    let columns = each(&|_, IndexColumn { name, .. }| format!(", i_{name}"));
    let excluded = each(&|_, IndexColumn { name, .. }| format!(", i_{name} = excluded.i_{name}"));
    let arrays = each(&|at, column| match column.kind {
        ColumnKind::Integer => format!(", ${}::bigint[]", at + 5),
        ColumnKind::Text => format!(", ${}::text[]", at + 5),
    });
    format!(
        "INSERT INTO {table} (tenant, key, position, document{columns})
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]{arrays})
        ON CONFLICT (tenant, key)
        DO UPDATE SET position = excluded.position, document = excluded.document{excluded}"
    )
}

/// Removes rows: `$1` tenants, `$2` keys.
pub(super) fn delete(table: &TableId) -> String {
    format!(
        "DELETE FROM {table} USING unnest($1::uuid[], $2::text[]) AS gone (tenant, key)
        WHERE {table}.tenant = gone.tenant AND {table}.key = gone.key"
    )
}

/// Every row with all its columns in one order.
pub(super) fn scan(table: &TableId) -> String {
    format!("SELECT * FROM {table} ORDER BY tenant, key")
}
