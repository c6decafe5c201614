//! What a log comes to: the last hash of each of its streams tells every event, so all of them tell the log.

use std::fmt;

use domain::ports::{Hash, Position, ReadError};
use sha2::{Digest as _, Sha256};

use super::{PortableLog, StreamKey};

/// Streams that are asked for together.
const PAGE: usize = 10_000;

/// What a log comes to, whatever store it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDigest {
    /// How many events there are.
    pub events: u64,
    /// How many streams have events.
    pub streams: u64,
    /// SHA-256 over tenant, identity, kind, last revision and last hash of every stream, in the order of the first three.
    pub chains: Hash,
    /// How many bodies are removed.
    pub removed: u64,
    /// How many streams are deleted.
    pub deleted: u64,
    /// The same over tenant, identity and kind of those that are deleted.
    pub deletions: Hash,
}

impl LogDigest {
    /// What is the same for ever once the events are there.
    pub fn of_events(&self) -> (u64, u64, &Hash) {
        (self.events, self.streams, &self.chains)
    }
}

impl fmt::Display for LogDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, streams, removed, .. } = self;
        write!(f, "{events} events in {streams} streams, {removed} bodies removed, chains ")?;
        self.chains.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The digest of the events up to `upto`.
pub async fn digest(log: &dyn PortableLog, upto: Position) -> Result<LogDigest, ReadError> {
    let (mut events, mut streams, mut removed, mut chains) = (0, 0, 0, Sha256::new());
    let mut after = None;
    loop {
        let heads = log.stream_heads(upto, after, PAGE).await?;
        let Some(last) = heads.last() else { break };
        after = Some(last.key.clone());
        for head in &heads {
            write_key(&mut chains, &head.key);
            chains.update(head.revision.to_be_bytes());
            chains.update(head.hash);
            events += head.revision + 1;
            removed += head.removed;
        }
        streams += heads.len() as u64;
    }
    let (deleted, deletions) = deletions(log).await?;
    Ok(LogDigest { events, streams, removed, chains: chains.finalize().into(), deleted, deletions })
}

async fn deletions(log: &dyn PortableLog) -> Result<(u64, Hash), ReadError> {
    let (mut deleted, mut deletions) = (0, Sha256::new());
    let mut after = None;
    loop {
        let streams = log.deleted_streams(after, PAGE).await?;
        let Some(last) = streams.last() else { return Ok((deleted, deletions.finalize().into())) };
        after = Some(last.clone());
        for key in &streams {
            write_key(&mut deletions, key);
        }
        deleted += streams.len() as u64;
    }
}

fn write_key(digest: &mut Sha256, key: &StreamKey) {
    digest.update(key.tenant.0.as_bytes());
    digest.update(key.id.as_bytes());
    digest.update((key.kind.len() as u64).to_be_bytes());
    digest.update(key.kind.as_bytes());
}
