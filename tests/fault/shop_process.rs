//! A small shop in a process of its own, for being killed: eight writers append the histories of eight tenants, event stores
//! and projections run, and each acknowledgement is one byte in a file that is on disk before the next append is made.
//!
//! `fault-shop FOLDER PLACE EVENTS [FAILPOINT=ACTION]`: stops by itself once each writer has so many events acknowledged.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::ports::{AppendError, EventStore};
use infra::runner::ProjectionSet;
use tests::acknowledged::{WRITERS, acknowledged, acknowledgements, appends_from, tenant};
use tests::place::Place;
use tests::projecting::Projecting;

/// The hit that an `abort` happens at; the ones before are let through.
#[cfg(feature = "failpoints")]
const ABORT_AT: usize = 4;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("a folder"));
    let place = Place::parse(&args.next().expect("a place"));
    let events: usize = args.next().and_then(|number| number.parse().ok()).expect("how many events");
    if let Some(failpoint) = args.next() {
        set(&failpoint);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(work(&folder, &place, events));
}

async fn work(folder: &Path, place: &Place, events: usize) {
    let store = place.store(folder).await;
    let shop = Projecting::start(Arc::clone(&store), place.views(folder).await, &ProjectionSet::all()).await;
    let writers: Vec<_> =
        (0..WRITERS).map(|writer| tokio::spawn(write(Arc::clone(&store), folder.to_owned(), writer, events))).collect();
    for writer in writers {
        writer.await.expect("a writer");
    }
    shop.stop().await;
}

/// Goes on where the acknowledgements end. What was under way when the process was killed is asked again.
async fn write(store: Arc<dyn EventStore>, folder: PathBuf, writer: usize, events: usize) {
    let file = acknowledgements(&folder, writer);
    let mut acknowledged = acknowledged(&folder, writer);
    let mut acknowledgements = OpenOptions::new().create(true).append(true).open(&file).expect("the file");
    for append in appends_from(writer, acknowledged) {
        if acknowledged >= events {
            return;
        }
        while let Err(error) = store.append(tenant(writer), append.clone()).await {
            assert!(matches!(error, AppendError::Unavailable(_) | AppendError::OutcomeUnknown(_)), "{error}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        acknowledgements.write_all(&vec![b'+'; append.events.len()]).expect("room for acknowledgements");
        acknowledgements.sync_data().expect("a flush");
        acknowledged += append.events.len();
    }
}

#[cfg(not(feature = "failpoints"))]
fn set(failpoint: &str) {
    panic!("{failpoint}: built without failpoints");
}

#[cfg(feature = "failpoints")]
fn set(failpoint: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let (name, action) = failpoint.split_once('=').expect("NAME=ACTION");
    if action == "abort" {
        let hits = AtomicUsize::new(0);
        let abort = move || {
            if hits.fetch_add(1, Ordering::Relaxed) + 1 == ABORT_AT {
                std::process::abort();
            }
        };
        fail::cfg_callback(name, abort).expect("a failpoint");
    } else {
        fail::cfg(name, action).expect("a failpoint and its actions");
    }
}
