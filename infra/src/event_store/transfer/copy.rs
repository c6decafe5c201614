//! The copy itself: pages are read and verified while the ones before them are written.

use domain::ports::{Filter, Position, ReadError, Scope};
use futures_util::future::{join, try_join};

use super::{Intake, LogDigest, PortableLog, StreamKey, TransferError, Verified, digest};

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
    /// What both logs come to up to there.
    pub digest: LogDigest,
}

impl Copied {
    /// Whether events stand at other positions than in the source, which has gaps between them.
    pub const fn is_renumbered(&self) -> bool {
        self.goal.0 != self.digest.events
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
    intake.finish().await?;
    drop(intake);
    let digest = compare(from, to, goal).await?;
    Ok(Copied { goal, events, digest })
}

/// Where in the source the target ends.
async fn meeting_point(from: &dyn PortableLog, to: &dyn PortableLog) -> Result<Position, TransferError> {
    let head = to.head().await?;
    if head == Position::default() {
        return Ok(head);
    }
    let last = to.read_all(Scope::System, Position(head.0 - 1), 1, Filter::default()).await?.events.pop();
    let last = last.ok_or_else(|| ReadError::Corrupt("the target's last event can't be found".to_owned()))?;
    match from.find(last.tenant, last.event.event_id).await? {
        Some(same) if same.hash == last.hash => Ok(same.position),
        _ => Err(TransferError::Foreign(last.event.event_id)),
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
    let page = from.read_all(Scope::System, after, PAGE, Filter::default()).await?;
    if page.scanned_to == after {
        let reason = format!("no event follows position {after}, though the log ends at {goal}");
        return Err(ReadError::Corrupt(reason).into());
    }
    let events = page.events.into_iter().take_while(|stored| stored.position <= goal);
    let events = events.map(Verified::try_new).collect::<Result<_, _>>()?;
    Ok((events, page.scanned_to.min(goal)))
}

/// After the events: a stream that was deleted while they were copied has its last ones among them.
async fn mark_deleted(from: &dyn PortableLog, intake: &mut dyn Intake) -> Result<(), TransferError> {
    let mut after: Option<StreamKey> = None;
    loop {
        let streams = from.deleted_streams(after, STREAMS).await?;
        let Some(last) = streams.last() else { return Ok(()) };
        after = Some(*last);
        intake.mark_deleted(streams).await?;
    }
}

async fn compare(from: &dyn PortableLog, to: &dyn PortableLog, goal: Position) -> Result<LogDigest, TransferError> {
    let target_end = to.head().await?;
    let (source_log, target_log) = try_join(digest(from, goal), digest(to, target_end)).await?;
    // A stream may have been deleted in a source that is served since its deleted streams were read: those are told by the copy.
    if source_log.of_events() == target_log.of_events() {
        return Ok(target_log);
    }
    Err(TransferError::Differs { source_log: Box::new(source_log), target_log: Box::new(target_log) })
}
