//! Open times: sorted half-open intervals with running sums, so that every question is one binary search.

mod index;
mod week;

use serde::{Deserialize, Serialize};

use super::Seconds;

use self::index::Index;

pub use self::week::{OpenTime, Week, WeekError, open_between};

/// Farther from the epoch than any instant of a problem (36 million years); twice it is far from the end of `i64`.
pub const FAR: Seconds = 1 << 50;

/// Intervals that are looked at one by one before searching.
const NEAR: usize = 4;

/// When something is open. Before the first interval and after the last it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<(Seconds, Seconds)>", into = "Vec<(Seconds, Seconds)>")]
pub struct Calendar {
    intervals: Vec<Interval>,
    index: Index,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Interval {
    start: Seconds,
    end: Seconds,
    /// Open seconds before `start`.
    before: Seconds,
}

/// An interval that ends before it starts, or lies too far away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("[{start}, {end}) is no interval: it must not end before it starts, and lie within 2^50 s of the epoch")]
pub struct NoInterval {
    /// Its start.
    pub start: Seconds,
    /// Its end.
    pub end: Seconds,
}

impl Calendar {
    /// Open in these intervals, which may be in any order, overlap, touch or be empty.
    pub fn new(mut intervals: Vec<(Seconds, Seconds)>) -> Result<Self, NoInterval> {
        for &(start, end) in &intervals {
            if start > end || start < -FAR || end > FAR {
                return Err(NoInterval { start, end });
            }
        }
        intervals.retain(|(start, end)| start < end);
        intervals.sort_unstable();
        Ok(Self::sorted(intervals))
    }

    /// Open at all times.
    pub fn always() -> Self {
        Self::sorted([(-FAR, FAR)])
    }

    /// From non-empty intervals sorted by start.
    fn sorted(intervals: impl IntoIterator<Item = (Seconds, Seconds)>) -> Self {
        let mut merged: Vec<Interval> = Vec::new();
        for (start, end) in intervals {
            match merged.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                last => {
                    let before = last.map_or(0, |last| last.before + last.end - last.start);
                    merged.push(Interval { start, end, before });
                }
            }
        }
        let index = Index::new(&merged);
        Self { intervals: merged, index }
    }

    /// The intervals in order; none touches the next.
    pub fn intervals(&self) -> impl DoubleEndedIterator<Item = (Seconds, Seconds)> + ExactSizeIterator + '_ {
        self.intervals.iter().map(|interval| (interval.start, interval.end))
    }

    /// Whether it is never open.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Index of the first interval that ends after `instant`.
    fn ending_after(&self, instant: Seconds) -> usize {
        let (from, to) = self.index.range(instant);
        from + self.intervals[from..to].partition_point(|interval| interval.end <= instant)
    }

    /// Open seconds before `instant`.
    fn work_before(&self, instant: Seconds) -> Seconds {
        match self.intervals.get(self.ending_after(instant)) {
            Some(interval) => interval.before + (instant - interval.start).max(0),
            None => self.total(),
        }
    }

    /// All open seconds.
    pub fn total(&self) -> Seconds {
        self.intervals.last().map_or(0, |last| last.before + last.end - last.start)
    }

    /// Open seconds in `[from, to)`; 0 when `to` is not after `from`.
    pub fn work_between(&self, from: Seconds, to: Seconds) -> Seconds {
        if to <= from { 0 } else { self.work_before(to) - self.work_before(from) }
    }

    /// Whether it is open during the second that starts at `instant`.
    pub fn is_open(&self, instant: Seconds) -> bool {
        self.opening(instant).is_some_and(|(start, _)| start <= instant)
    }

    /// The interval that holds `instant`, or else the next one.
    pub fn opening(&self, instant: Seconds) -> Option<(Seconds, Seconds)> {
        self.intervals.get(self.ending_after(instant)).map(|interval| (interval.start, interval.end))
    }

    /// The last interval that starts before `instant`.
    pub fn opened_before(&self, instant: Seconds) -> Option<(Seconds, Seconds)> {
        let at = self.ending_after(instant);
        let after = at + usize::from(self.intervals.get(at).is_some_and(|interval| interval.start < instant));
        self.intervals.get(after.checked_sub(1)?).map(|interval| (interval.start, interval.end))
    }

    /// The first open instant at or after `instant`.
    pub fn next_open(&self, instant: Seconds) -> Option<Seconds> {
        self.opening(instant).map(|(start, _)| start.max(instant))
    }

    /// The first instant at which `work` open seconds have passed since `start`; `start` itself when there is no work.
    /// `None` when it closes for good before.
    pub fn finish(&self, start: Seconds, work: Seconds) -> Option<Seconds> {
        if work <= 0 {
            return Some(start);
        }
        let first = self.ending_after(start);
        let goal = self.intervals.get(first).map(|it| it.before + (start - it.start).max(0))? + work;
        let short = |interval: &Interval| interval.before + (interval.end - interval.start) < goal;
        // Mostly it is this interval or one of the next.
        let near = (first + NEAR).min(self.intervals.len());
        let at = match (first..near).find(|at| !short(&self.intervals[*at])) {
            Some(at) => at,
            None => near + self.intervals[near..].partition_point(short),
        };
        self.intervals.get(at).map(|interval| interval.start + (goal - interval.before))
    }

    /// The last instant from which `work` open seconds pass until `end`; `end` itself when there is no work.
    /// `None` when it was not open long enough before.
    pub fn begin(&self, end: Seconds, work: Seconds) -> Option<Seconds> {
        if work <= 0 {
            return Some(end);
        }
        let goal = self.work_before(end) - work;
        if goal < 0 {
            return None;
        }
        let at = self.intervals.partition_point(|interval| interval.before <= goal);
        self.intervals.get(at.checked_sub(1)?).map(|interval| interval.start + (goal - interval.before))
    }

    /// Open when both are.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut here, mut there) = (self.intervals().peekable(), other.intervals().peekable());
        let mut both = Vec::new();
        while let (Some(&(start, end)), Some(&(other_start, other_end))) = (here.peek(), there.peek()) {
            let (from, to) = (start.max(other_start), end.min(other_end));
            if from < to {
                both.push((from, to));
            }
            if end <= other_end {
                here.next();
            } else {
                there.next();
            }
        }
        Self::sorted(both)
    }

    /// Closed in `closures` as well.
    #[must_use]
    pub fn without(&self, closures: &Self) -> Self {
        let mut closed = closures.intervals().peekable();
        let mut open = Vec::new();
        for (start, end) in self.intervals() {
            let mut from = start;
            while let Some(&(closes, opens)) = closed.peek() {
                if opens <= from {
                    closed.next();
                } else if closes >= end {
                    break;
                } else {
                    if from < closes {
                        open.push((from, closes));
                    }
                    from = opens.min(end);
                    if opens > end {
                        break;
                    }
                }
            }
            if from < end {
                open.push((from, end));
            }
        }
        Self::sorted(open)
    }
}

impl TryFrom<Vec<(Seconds, Seconds)>> for Calendar {
    type Error = NoInterval;

    fn try_from(intervals: Vec<(Seconds, Seconds)>) -> Result<Self, NoInterval> {
        Self::new(intervals)
    }
}

impl From<Calendar> for Vec<(Seconds, Seconds)> {
    fn from(calendar: Calendar) -> Self {
        calendar.intervals().collect()
    }
}

#[cfg(test)]
mod tests;
