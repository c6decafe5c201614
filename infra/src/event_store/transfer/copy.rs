//! The copy itself: pages are read and verified while the ones before them are written.

use domain::ports::{Position, ReadError};
use futures_util::future::{join, try_join};

use super::{Intake, LogDigest, PortableLog, Record, StreamKey, TransferError, Verified, Wanted, digest};

/// Events that are read and written together.
const PAGE: usize = 1_000;

/// Streams that are asked for together.
const STREAMS: usize = 10_000;

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How far in the source.
    pub position: Position,
    /// Where the source ended when the copy began.
    pub goal: Position,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Where the source ended when the copy began: what came later is not copied.
    pub goal: Position,
    /// How many events this run brought; the others were there.
    pub events: u64,
    /// Where the target ends.
    pub end: Position,
    /// What both logs come to up to there.
    pub digest: LogDigest,
}

impl Copied {
    /// Whether events stand at other positions than in the source: one of the two has gaps between them.
    pub const fn is_renumbered(&self) -> bool {
        self.goal.0 != self.digest.events || self.end.0 != self.goal.0
    }
}

/// Copies what `to` does not have yet of `from`, and compares both afterwards. `to` is empty, or holds the beginning of the same log.
pub async fn copy_log(
    from: &dyn PortableLog,
    to: &dyn PortableLog,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Copied, TransferError> {
    let goal = from.head().await?;
    let begin = meeting_point(from, to).await?;
    let mut intake = to.intake().await?;
    let mut events = 0;
    let mut at = begin;
    let mut page = Vec::new();
    progress(Progress { position: at, goal });
    while at < goal || !page.is_empty() {
        let ready = std::mem::take(&mut page);
        events += ready.len() as u64;
        let writing = async { if ready.is_empty() { Ok(()) } else { intake.take(ready).await } };
        // What was read well is written, whatever comes after it.
        let (written, next) = join(writing, read(from, at, goal)).await;
        written?;
        (page, at) = next?;
        progress(Progress { position: at, goal });
    }
    mark_deleted(from, intake.as_mut()).await?;
    let removed = remove_bodies(from, goal, intake.as_mut()).await?;
    intake.finish().await?;
    drop(intake);
    let end = to.head().await?;
    let (source_log, target_log) = try_join(digest(from, goal), digest(to, end)).await?;
    // In a source that is served more may be removed since it was read what is: the copy has what was removed then.
    if source_log.of_events() != target_log.of_events() || target_log.removed != removed {
        return Err(TransferError::Differs { source_log: Box::new(source_log), target_log: Box::new(target_log) });
    }
    Ok(Copied { goal, events, end, digest: target_log })
}

/// Where in the source the target ends.
async fn meeting_point(from: &dyn PortableLog, to: &dyn PortableLog) -> Result<Position, TransferError> {
    let Some(last) = to.record(Wanted::Last).await? else { return Ok(Position::default()) };
    match from.record(Wanted::Identity(last.stream.tenant, last.event_id)).await? {
        Some(same) if same.hash == last.hash => Ok(same.position),
        _ => Err(TransferError::Foreign(last.event_id)),
    }
}

/// The next page, and how far it goes.
async fn read(
    from: &dyn PortableLog,
    after: Position,
    goal: Position,
) -> Result<(Vec<Verified>, Position), TransferError> {
    if after >= goal {
        return Ok((Vec::new(), after));
    }
    let page = from.records(after, PAGE).await?;
    if page.read_to == after {
        let reason = format!("no event follows position {after}, though the log ends at {goal}");
        return Err(ReadError::Corrupt(reason).into());
    }
    let records = page.records.into_iter().take_while(|record| record.position <= goal);
    let records = records.map(Record::verified).collect::<Result<_, _>>()?;
    Ok((records, page.read_to.min(goal)))
}

/// After the events: a stream that was deleted while they were copied has its last ones among them.
async fn mark_deleted(from: &dyn PortableLog, intake: &mut dyn Intake) -> Result<(), TransferError> {
    let mut after: Option<StreamKey> = None;
    loop {
        let streams = from.deleted_streams(after, STREAMS).await?;
        let Some(last) = streams.last() else { return Ok(()) };
        after = Some(last.clone());
        intake.mark_deleted(streams).await?;
    }
}

/// After the events too, for what was removed since they were copied. Returns how many bodies are.
async fn remove_bodies(from: &dyn PortableLog, goal: Position, intake: &mut dyn Intake) -> Result<u64, TransferError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let heads = from.stream_heads(goal, after, STREAMS).await?;
        let Some(last) = heads.last() else { return Ok(removed) };
        after = Some(last.key.clone());
        removed += heads.iter().map(|head| head.removed).sum::<u64>();
        let streams = heads.into_iter().filter(|head| head.removed > 0).map(|head| (head.key, head.removed));
        let streams: Vec<(StreamKey, u64)> = streams.collect();
        if !streams.is_empty() {
            intake.remove_bodies(streams).await?;
        }
    }
}
