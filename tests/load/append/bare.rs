//! The limit: a loop that takes what waits, inserts it in one transaction, commits, answers; and nothing else.

use std::path::Path;
use std::time::Instant;

use infra::event_store::{SqliteEventStore, SqliteOptions};
use rusqlite::Connection;
use tests::events::{TENANT, command, stream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{APPENDS, WRITERS, body};
use crate::figures::per_second;

/// As many bytes as the store's envelope has beside its key columns.
const DETAILS: [u8; 136] = [7; 136];

struct Row {
    stream: Uuid,
    revision: i64,
    event: Uuid,
    body: String,
    answer: oneshot::Sender<i64>,
}

pub(super) async fn run(file: &Path) -> f64 {
    // The same table, as the store makes it.
    drop(SqliteEventStore::open(file, SqliteOptions::default()).expect("a store"));
    let connection = Connection::open(file).expect("the same file");
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA journal_size_limit = 67108864;",
        )
        .expect("the same settings");
    let (rows, queue) = mpsc::channel(1024);
    let writer = std::thread::spawn(move || write(&connection, queue));
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let rows = rows.clone();
        writers.spawn(async move { ask(number, &rows).await });
    }
    drop(rows);
    while let Some(done) = writers.join_next().await {
        done.expect("a writer");
    }
    let figure = per_second(WRITERS * APPENDS, began.elapsed());
    writer.join().expect("the loop");
    figure
}

async fn ask(number: usize, rows: &mpsc::Sender<Row>) {
    for n in 0..APPENDS {
        let (answer, position) = oneshot::channel();
        let row = Row {
            stream: stream(number as u128).id,
            revision: i64::try_from(n).expect("a small number"),
            event: command((number * APPENDS + n) as u128).event_id(0),
            body: body(),
            answer,
        };
        assert!(rows.send(row).await.is_ok(), "the loop is there");
        position.await.expect("an answer");
    }
}

fn write(connection: &Connection, mut queue: mpsc::Receiver<Row>) {
    let mut position = 0;
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < 512 {
            let Ok(next) = queue.try_recv() else { break };
            batch.push(next);
        }
        let first_position = position + 1;
        insert(connection, &batch, first_position).expect("a transaction");
        for row in batch {
            position += 1;
            row.answer.send(position).expect("somebody waits");
        }
    }
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
