//! Carrying a log in memory over, and taking one over.

use domain::ports::{Future, Position, ReadError};

use super::{Log, MemoryEventStore};
use crate::event_store::transfer::{Intake, PortableLog, StreamHead, StreamKey, TransferError, Verified};

impl PortableLog for MemoryEventStore {
    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        limit: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let head = |(tenant, stream): &(_, _)| {
                let last = log.stream(*tenant, *stream).rfind(|stored| stored.position <= upto)?;
                let key = StreamKey { tenant: *tenant, stream: *stream };
                Some(StreamHead { key, revision: last.revision, hash: last.hash })
            };
            let mut heads: Vec<StreamHead> = log.streams.keys().filter_map(head).collect();
            heads.retain(|head| head.key.order() > StreamKey::order_after(after));
            heads.sort_unstable_by_key(|head| head.key.order());
            heads.truncate(limit);
            Ok(heads)
        })
    }

    fn deleted_streams(&self, after: Option<StreamKey>, limit: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let keys = log.deleted.iter().map(|(tenant, stream)| StreamKey { tenant: *tenant, stream: *stream });
            let mut keys: Vec<StreamKey> = keys.filter(|key| key.order() > StreamKey::order_after(after)).collect();
            keys.sort_unstable_by_key(StreamKey::order);
            keys.truncate(limit);
            Ok(keys)
        })
    }

    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>> {
        Box::pin(async move { Ok(Box::new(MemoryIntake(self)) as Box<dyn Intake>) })
    }
}

struct MemoryIntake<'a>(&'a MemoryEventStore);

impl Intake for MemoryIntake<'_> {
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let mut log = self.0.log();
            page.into_iter().try_for_each(|event| log.take(event))
        })
    }

    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move {
            let mut log = self.0.log();
            for StreamKey { tenant, stream } in streams {
                log.remove_bodies(tenant, stream, u64::MAX);
                log.deleted.insert((tenant, stream));
            }
            Ok(())
        })
    }

    fn finish(&mut self) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Log {
    fn take(&mut self, event: Verified) -> Result<(), TransferError> {
        let StreamKey { tenant, stream } = event.key();
        event.following(self.last(tenant, stream).map(|last| (last.revision, last.hash)))?;
        let index = self.events.len();
        let mut stored = event.stored;
        stored.position = Position(index as u64 + 1);
        self.streams.entry((tenant, stream)).or_default().push(index);
        self.ids.insert((tenant, stored.event.event_id), index);
        self.events.push(stored);
        Ok(())
    }
}
