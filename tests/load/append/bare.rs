//! The limit: a loop that takes what waits, inserts it in one transaction, commits, answers; and nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use infra::event_store::{SqliteEventStore, SqliteOptions};
use rusqlite::Connection;
use tests::events::{TENANT, command, stream};
use tests::stores::{TestStore, intruder};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::body;
use crate::figures::{Pace, at_once};

/// As many bytes as the store's envelope has beside its key columns.
const DETAILS: [u8; 136] = [7; 136];
const BATCH: usize = 512;

struct Row {
    stream: Uuid,
    revision: i64,
    event: Uuid,
    body: String,
    answer: oneshot::Sender<i64>,
}

pub(super) async fn in_sqlite(file: &Path, writers: usize, appends: usize) -> Pace {
    // The same table, as the store makes it.
    drop(SqliteEventStore::open(file, SqliteOptions::default()).expect("a store"));
    let connection = Connection::open(file).expect("the same file");
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA journal_size_limit = 67108864;",
        )
        .expect("the same settings");
    let (rows, mut queue) = mpsc::channel(1024);
    let writer = std::thread::spawn(move || {
        let mut position = 0;
        while let Some(first) = queue.blocking_recv() {
            let batch = drain(first, &mut queue);
            insert(&connection, &batch, position + 1).expect("a transaction");
            position = answer(batch, position);
        }
    });
    let pace = ask(rows, writers, appends / writers).await;
    writer.join().expect("the loop");
    pace
}

/// On one connection, one statement for all that waits.
pub(super) async fn in_postgres(writers: usize, appends: usize) -> Pace {
    // The same table, as the store makes it.
    let store = TestStore::postgres().await;
    let client = intruder(store.schema().expect("a schema")).await;
    client.batch_execute("SET kilter.scope = 'system'").await.expect("a session");
    let statement = client.prepare(UNNEST).await.expect("a statement");
    let (rows, mut queue) = mpsc::channel(1024);
    let writer = tokio::spawn(async move {
        let mut position = 0;
        while let Some(first) = queue.recv().await {
            let batch = drain(first, &mut queue);
            insert_all(&client, &statement, &batch, position + 1).await.expect("a transaction");
            position = answer(batch, position);
        }
    });
    let pace = ask(rows, writers, appends / writers).await;
    writer.await.expect("the loop");
    pace
}

async fn ask(rows: mpsc::Sender<Row>, writers: usize, each: usize) -> Pace {
    at_once(0..writers, |number| {
        let rows = rows.clone();
        async move {
            let mut took: Vec<Duration> = Vec::with_capacity(each);
            for n in 0..each {
                let began = Instant::now();
                let (answer, position) = oneshot::channel();
                let row = Row {
                    stream: stream(number as u128).id,
                    revision: i64::try_from(n).expect("a small number"),
                    event: command((number * each + n) as u128).event_id(0),
                    body: body(),
                    answer,
                };
                assert!(rows.send(row).await.is_ok(), "the loop is there");
                position.await.expect("an answer");
                took.push(began.elapsed());
            }
            took
        }
    })
    .await
}

fn drain(first: Row, queue: &mut mpsc::Receiver<Row>) -> Vec<Row> {
    let mut batch = vec![first];
    while batch.len() < BATCH {
        let Ok(next) = queue.try_recv() else { break };
        batch.push(next);
    }
    batch
}

fn answer(batch: Vec<Row>, mut position: i64) -> i64 {
    for row in batch {
        position += 1;
        row.answer.send(position).expect("somebody waits");
    }
    position
}

fn insert(connection: &Connection, batch: &[Row], first_position: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, salt, \
         body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for (position, row) in (first_position..).zip(batch) {
        statement.execute((
            position,
            TENANT.0.as_bytes(),
            row.stream.as_bytes(),
            "job",
            row.revision,
            row.event.as_bytes(),
            [1_u8; 32],
            [2_u8; 32],
            DETAILS,
            row.event.as_bytes(),
            row.body.as_bytes(),
        ))?;
    }
    connection.prepare_cached("COMMIT")?.execute([]).map(drop)
}

const UNNEST: &str = "
    INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, details, salt, body)
    SELECT position, $1, stream, 'job', revision, event_id, $6, $7, $8, salt, body
    FROM unnest($2::bigint[], $3::uuid[], $4::bigint[], $5::uuid[], $9::bytea[], $10::bytea[])
        AS written (position, stream, revision, event_id, salt, body)";

async fn insert_all(
    client: &Client,
    statement: &Statement,
    batch: &[Row],
    first_position: i64,
) -> Result<u64, tokio_postgres::Error> {
    let positions: Vec<i64> = (first_position..).take(batch.len()).collect();
    let streams: Vec<Uuid> = batch.iter().map(|row| row.stream).collect();
    let revisions: Vec<i64> = batch.iter().map(|row| row.revision).collect();
    let events: Vec<Uuid> = batch.iter().map(|row| row.event).collect();
    let salts: Vec<&[u8]> = batch.iter().map(|row| row.event.as_bytes().as_slice()).collect();
    let bodies: Vec<&[u8]> = batch.iter().map(|row| row.body.as_bytes()).collect();
    let (previous, hash) = ([1_u8; 32], [2_u8; 32]);
    client
        .execute(
            statement,
            &[
                &TENANT.0,
                &positions,
                &streams,
                &revisions,
                &events,
                &previous.as_slice(),
                &hash.as_slice(),
                &DETAILS.as_slice(),
                &salts,
                &bodies,
            ],
        )
        .await
}
