//! Moves what is committed from the write-ahead log into the file, beside the writer instead of in its way.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::sql;

/// Time between two moves: pages that were written several times meanwhile are moved once.
const REST: Duration = Duration::from_millis(200);
/// While pages are moved others are written. They are fewer each time; once none is left, the writer begins the log anew.
const ROUNDS: usize = 5;

/// The thread that moves. Dropping it ends it.
pub(super) struct Backfill {
    wake: Option<SyncSender<()>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Backfill {
    /// For this file. Without the thread the writer moves the pages itself, later and more at once.
    pub(super) fn start(path: &Path) -> Option<Self> {
        let connection = Connection::open(path).and_then(|connection| {
            connection.execute_batch(sql::BACKFILLER)?;
            Ok(connection)
        });
        let (wake, woken) = mpsc::sync_channel(1);
        let (stop, stopped) = mpsc::channel();
        let connection = connection.inspect_err(|error| unable(error)).ok()?;
        let work = move || run(&connection, &woken, &stopped);
        let thread = thread::Builder::new().name("views-backfill".to_owned()).spawn(work);
        let thread = thread.inspect_err(|error| unable(error)).ok()?;
        Some(Self { wake: Some(wake), stop: Some(stop), thread: Some(thread) })
    }

    /// Something was committed.
    pub(super) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // Full: it has been told already.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Backfill {
    fn drop(&mut self) {
        (self.wake, self.stop) = (None, None);
        if let Some(thread) = self.thread.take() {
            // A panic of it was logged where it happened.
            drop(thread.join());
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>, stopped: &Receiver<()>) {
    while woken.recv().is_ok() {
        for _ in 0..ROUNDS {
            match pass(connection) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::debug!(event = "views.backfill_failed", %error, "the writer will come to it itself");
                    break;
                }
            }
        }
        if stopped.recv_timeout(REST) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Moves what is there now; whether something is left.
fn pass(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(sql::BACKFILL, [], |row| {
        let (written, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(moved < written)
    })
}

fn unable(error: &dyn std::fmt::Display) {
    tracing::warn!(event = "views.no_backfill", %error, "the views' log is moved by their writer");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_moved_while_others_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("views.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch(sql::WRITER).unwrap();
        writer
            .execute_batch("CREATE TABLE rows (text TEXT); INSERT INTO rows VALUES (hex(zeroblob(100000)));")
            .unwrap();
        let mover = Connection::open(&path).unwrap();
        mover.execute_batch(sql::BACKFILLER).unwrap();

        writer.execute_batch("BEGIN; INSERT INTO rows VALUES ('not yet committed');").unwrap();
        assert!(!pass(&mover).unwrap(), "all that is committed is moved");
        assert!(std::fs::metadata(&path).unwrap().len() > 200_000);
        writer.execute_batch("COMMIT").unwrap();
        assert!(!pass(&mover).unwrap());
    }

    #[test]
    fn it_ends_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let backfill = Backfill::start(&folder.path().join("views.db")).unwrap();
        backfill.wake();
        drop(backfill);
    }
}
