//! Carrying a log in memory over, and taking one over.

use domain::ports::{Future, Position, ReadError};

use super::{Log, MemoryEventStore};
use crate::event_store::transfer::{
    Body, Intake, PortableLog, Record, Records, StreamHead, StreamKey, TransferError, Verified, Wanted,
};

impl PortableLog for MemoryEventStore {
    fn records(&self, after: Position, limit: usize) -> Future<'_, Result<Records, ReadError>> {
        Box::pin(async move {
            let records: Vec<Record> = self.log().after(after).iter().take(limit).cloned().collect();
            let read_to = records.last().map_or(after, |last| last.position);
            Ok(Records { records, read_to })
        })
    }

    fn record(&self, wanted: Wanted) -> Future<'_, Result<Option<Record>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            Ok(match wanted {
                Wanted::Last => log.events.last().cloned(),
                Wanted::Identity(tenant, event_id) => log.find(tenant, event_id).cloned(),
                Wanted::Place(stream, revision) => {
                    log.stream(&stream).find(|record| record.revision == revision).cloned()
                }
            })
        })
    }

    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        limit: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let keys = following(log.streams.keys(), after.as_ref());
            Ok(keys.into_iter().filter_map(|key| log.stream_head(key, upto)).take(limit).collect())
        })
    }

    fn deleted_streams(&self, after: Option<StreamKey>, limit: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            Ok(following(log.deleted.iter(), after.as_ref()).into_iter().take(limit).cloned().collect())
        })
    }

    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>> {
        Box::pin(async move { Ok(Box::new(MemoryIntake(self)) as Box<dyn Intake>) })
    }
}

/// Those after this one, in order.
fn following<'a>(keys: impl Iterator<Item = &'a StreamKey>, after: Option<&StreamKey>) -> Vec<&'a StreamKey> {
    let mut keys: Vec<&StreamKey> = keys.filter(|key| after.is_none_or(|after| *key > after)).collect();
    keys.sort_unstable();
    keys
}

struct MemoryIntake<'a>(&'a MemoryEventStore);

impl Intake for MemoryIntake<'_> {
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let mut log = self.0.log();
            page.into_iter().try_for_each(|event| log.take(event))
        })
    }

    fn remove_bodies(&mut self, streams: Vec<(StreamKey, u64)>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let mut log = self.0.log();
            for (stream, below) in &streams {
                log.remove_bodies(stream, *below);
            }
            Ok(())
        })
    }

    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let mut log = self.0.log();
            for stream in streams {
                log.delete(stream);
            }
            Ok(())
        })
    }

    fn finish(&mut self) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Log {
    fn stream_head(&self, key: &StreamKey, upto: Position) -> Option<StreamHead> {
        let events = || self.stream(key).take_while(|record| record.position <= upto);
        let last = events().last()?;
        let removed = events().filter(|record| matches!(record.body, Body::Removed(_))).count() as u64;
        Some(StreamHead { key: key.clone(), revision: last.revision, hash: last.hash, removed })
    }

    fn take(&mut self, event: Verified) -> Result<(), TransferError> {
        event.following(self.last(&event.stream))?;
        self.push(event.into_record());
        Ok(())
    }
}
