//! The digests of whole tables, read as one stream: however many rows there are, memory holds a few.

use std::pin::pin;

use futures_util::TryStreamExt;
use projections::projection::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::schema;
use super::session::Session;
use super::value::{of_text, unescaped};
use crate::views::{Digest, Digester, NOTHING, TableId};

/// All tables as they are at one instant, however long it takes to read them.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";

/// The digests of these tables, over a connection that is of no use afterwards.
pub(super) async fn digests(session: Session, tables: &[TableId]) -> Result<Vec<Digest>, Error> {
    session.client.batch_execute(BEGIN).await?;
    let mut digests = Vec::with_capacity(tables.len());
    for table in tables {
        digests.push(digest(&session, table).await?);
    }
    Ok(digests)
}

async fn digest(session: &Session, table: &TableId) -> Result<Digest, Error> {
    let none: [i64; 0] = [];
    let mut rows = pin!(session.client.query_raw(&schema::scan(table), none).await?);
    let mut digester = Digester::default();
    while let Some(row) = rows.try_next().await? {
        digester.row();
        add(&mut digester, &row)?;
    }
    Ok(digester.finish())
}

fn add(digester: &mut Digester, row: &Row) -> Result<(), Error> {
    for (at, column) in row.columns().iter().enumerate() {
        match (column.type_(), column.name()) {
            (&Type::UUID, _) => digester.bytes(row.try_get::<_, Uuid>(at)?.as_bytes()),
            (&Type::INT8, _) => digester.integer(row.try_get(at)?),
            (_, "key") => digester.bytes(unescaped(row.try_get(at)?).as_bytes()),
            (_, "document") => digester.bytes(row.try_get::<_, &str>(at)?.as_bytes()),
            _ => match of_text(row.try_get(at)?) {
                Value::Text(text) => digester.bytes(text.as_bytes()),
                Value::Null | Value::Integer(_) => digester.integer(NOTHING),
            },
        }
    }
    Ok(())
}
