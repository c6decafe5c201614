//! The log: every event by itself and after the one before it, positions, streams, times.

use std::num::NonZeroUsize;

use domain::kernel::Timestamp;
use domain::ports::{Direction, Filter, Hash, Position, ReadError, Scope, StoredEvent};
use lru::LruCache;

use super::Finding;
use crate::event_store::chain;
use crate::event_store::transfer::{PortableLog, StreamKey, digest};

const PAGE: usize = 1_000;

/// What is looked at of the end of a log, when it has to be quick.
const TAIL: u64 = 10_000;

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
    let mut findings = Vec::new();
    if let Some(broken) = &walk.broken {
        findings.push(Finding::error(place, broken, RESTORE));
    } else {
        let what = format!("{} events are what their hashes say, without gap, up to position {head}", walk.events);
        findings.push(Finding::ok(place, what));
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
    let mut at = Position(if quick { head.0.saturating_sub(TAIL) } else { 0 });
    let mut walk = Walk { events: 0, heads: LruCache::new(HEADS), latest: None, backwards: None, broken: None };
    while at < head && walk.broken.is_none() {
        let page = log.read_all(Scope::System, at, PAGE, Filter::default()).await?;
        if page.scanned_to == at {
            return Err(ReadError::Corrupt(format!("no event follows position {at}, though the log ends at {head}")));
        }
        for stored in page.events.iter().filter(|stored| stored.position <= head) {
            walk.step(log, stored).await?;
        }
        at = page.scanned_to;
        progress(at, head);
    }
    Ok((walk, head))
}

impl Walk {
    async fn step(&mut self, log: &dyn PortableLog, stored: &StoredEvent) -> Result<(), ReadError> {
        let key = StreamKey { tenant: stored.tenant, stream: stored.stream };
        let before = match self.heads.get(&key) {
            Some(head) => Some(*head),
            None => before(log, stored).await?,
        };
        let expected = before.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
        let flaw = chain::verify_event(stored).err().map(|broken| broken.to_string());
        let follows = (stored.revision, stored.previous_hash) == expected;
        let flaw = flaw.or_else(|| (!follows).then(|| "it does not follow the event before it".to_owned()));
        if let Some(flaw) = flaw
            && self.broken.is_none()
        {
            self.broken = Some(format!("event {} at position {}: {flaw}", stored.event.event_id, stored.position));
        }
        self.heads.put(key, (stored.revision, stored.hash));
        self.events += 1;
        let recorded = stored.event.recorded_at;
        if let Some(latest) = self.latest {
            let back = latest.as_micros() - recorded.as_micros();
            if back > TOLERANCE && self.backwards.is_none() {
                self.backwards = Some((stored.position, back));
            }
        }
        self.latest = self.latest.max(Some(recorded));
        Ok(())
    }
}

/// The event before it in its stream, of a stream that is not remembered.
async fn before(log: &dyn PortableLog, stored: &StoredEvent) -> Result<Option<(u64, Hash)>, ReadError> {
    let Some(revision) = stored.revision.checked_sub(1) else { return Ok(None) };
    let found = log.read_stream(stored.tenant, stored.stream, revision, Direction::Forward, 1).await?;
    Ok(found.first().map(|before| (before.revision, before.hash)))
}
