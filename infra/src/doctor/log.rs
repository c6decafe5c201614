//! The log: every event by itself and after the one before it, positions, streams, times.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use domain::kernel::Timestamp;
use domain::ports::{Hash, Position, ReadError};
use lru::LruCache;

use super::Finding;
use crate::event_store::chain::Broken;
use crate::event_store::transfer::{PortableLog, Record, StreamKey, Wanted, digest};

const PAGE: usize = 1_000;

/// What is looked at of the end of a log, when it has to be quick.
const TAIL: usize = 10_000;

/// Streams whose last event is remembered.
const HEADS: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();

/// Clocks of nodes may differ by so much, in microseconds.
const TOLERANCE: i64 = 2_000_000;

const RESTORE: &str = "stop Kilter and restore the last good backup: kilter restore";

/// Reads the log through, or its end.
pub async fn examine_log(
    log: &dyn PortableLog,
    place: &str,
    quick: bool,
    progress: impl Fn(Position, Position),
) -> Vec<Finding> {
    let walked = walk(log, quick, progress).await;
    let (walk, head) = match walked {
        Ok(walked) => walked,
        Err(ReadError::Corrupt(flaw)) => return vec![Finding::error(place, flaw, RESTORE)],
        Err(ReadError::Unavailable(reason)) => {
            return vec![Finding::error(place, reason, "see that the store can be reached and read, then ask again")];
        }
    };
    if let Some(broken) = &walk.broken {
        return vec![Finding::error(place, broken, RESTORE)];
    }
    let what = format!("{} events are what their hashes say, without gap, up to position {head}", walk.events);
    let mut findings = vec![Finding::ok(place, what)];
    if !walk.newer.is_empty() {
        let kinds = walk.newer.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let what = format!("a newer Kilter has written streams of kinds that this one does not know: {kinds}");
        findings.push(Finding::warn(place, what, "they are passed over: update Kilter"));
    }
    if let Some((position, micros)) = walk.backwards {
        let what = format!("the clock went back by {} s at position {position}", micros / 1_000_000);
        findings.push(Finding::warn(place, what, "order is by position and holds; let NTP keep the clock"));
    }
    if !quick {
        findings.push(match digest(log, head).await {
            Ok(all) if all.events == walk.events => {
                Finding::ok(place, format!("{} streams are whole, {} of them deleted", all.streams, all.deleted))
            }
            Ok(all) => {
                let what = format!("streams end with {} events in all, {} stand in the log", all.events, walk.events);
                Finding::error(place, what, RESTORE)
            }
            Err(error) => Finding::error(place, error.to_string(), RESTORE),
        });
    }
    findings
}

/// Whether this machine's clock is that of a database, and not behind what was recorded.
pub fn examine_clock(place: &str, here: Timestamp, there: Timestamp) -> Finding {
    let skew = there.as_micros() - here.as_micros();
    let seconds = format!("{}.{:03}", skew.abs() / 1_000_000, skew.abs() / 1_000 % 1_000);
    if skew.abs() <= TOLERANCE {
        return Finding::ok(place, format!("its clock and this one differ by {seconds} s"));
    }
    let what = format!("its clock is {seconds} s {} this one", if skew > 0 { "ahead of" } else { "behind" });
    Finding::warn(place, what, "let NTP keep the clocks of all machines")
}

struct Walk {
    events: u64,
    heads: LruCache<StreamKey, (u64, Hash)>,
    /// Kinds of streams that only a newer Kilter knows.
    newer: BTreeSet<String>,
    latest: Option<Timestamp>,
    /// Where the clock first went back, and by how much.
    backwards: Option<(Position, i64)>,
    broken: Option<String>,
}

async fn walk(
    log: &dyn PortableLog,
    quick: bool,
    progress: impl Fn(Position, Position),
) -> Result<(Walk, Position), ReadError> {
    let head = log.head().await?;
    let mut at = if quick { log.near_end(TAIL).await? } else { Position(0) };
    let (heads, newer) = (LruCache::new(HEADS), BTreeSet::new());
    let mut walk = Walk { events: 0, heads, newer, latest: None, backwards: None, broken: None };
    while at < head && walk.broken.is_none() {
        let page = log.records(at, PAGE).await?;
        if page.read_to == at {
            return Err(ReadError::Corrupt(format!("no event follows position {at}, though the log ends at {head}")));
        }
        for record in page.records.into_iter().filter(|record| record.position <= head) {
            walk.step(log, record).await?;
        }
        at = page.read_to;
        progress(at, head);
    }
    Ok((walk, head))
}

impl Walk {
    async fn step(&mut self, log: &dyn PortableLog, record: Record) -> Result<(), ReadError> {
        let before = match self.heads.get(&record.stream) {
            Some(head) => Some(*head),
            None => before(log, &record).await?,
        };
        if record.stream.stream().is_none() && !self.newer.contains(&*record.stream.kind) {
            self.newer.insert(record.stream.kind.to_string());
        }
        self.events += 1;
        if let Some(recorded) = record.recorded_at() {
            self.look_at_clock(&record, recorded);
        }
        let (stream, end) = (record.stream.clone(), (record.revision, record.hash));
        let checked = record.verified().and_then(|verified| verified.following(before));
        if let Err(broken) = checked
            && self.broken.is_none()
        {
            self.broken = Some(told(&broken));
        }
        self.heads.put(stream, end);
        Ok(())
    }

    fn look_at_clock(&mut self, record: &Record, recorded: Timestamp) {
        if let Some(latest) = self.latest {
            let back = latest.as_micros() - recorded.as_micros();
            if back > TOLERANCE && self.backwards.is_none() {
                self.backwards = Some((record.position, back));
            }
        }
        self.latest = self.latest.max(Some(recorded));
    }
}

fn told(Broken { event_id, position, flaw, .. }: &Broken) -> String {
    format!("event {event_id} at position {position}: {flaw}")
}

/// Revision and hash of the event before it in its stream, of a stream that is not remembered.
async fn before(log: &dyn PortableLog, record: &Record) -> Result<Option<(u64, Hash)>, ReadError> {
    let Some(revision) = record.revision.checked_sub(1) else { return Ok(None) };
    let found = log.record(Wanted::Place(record.stream.clone(), revision)).await?;
    Ok(found.map(|before| (before.revision, before.hash)))
}
