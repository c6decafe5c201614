//! Time in which a part of an operation can be worked at: the machine's, or the machine's and its operator's together.

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::Calendar;

/// When a part can be worked at. Two calendars are looked at in place: pairs may be too many to keep all their intersections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'a> {
    pub(super) hours: &'a Calendar,
    pub(super) and: Option<&'a Calendar>,
}

impl Open<'_> {
    /// The opening that holds `at`, or else the next one.
    pub(super) fn opening(&self, mut at: Seconds) -> Option<(Seconds, Seconds)> {
        let Some(other) = self.and else { return self.hours.opening(at) };
        loop {
            let (opens, closes) = self.hours.opening(at)?;
            let (comes, goes) = other.opening(at.max(opens))?;
            let (from, to) = (opens.max(comes), closes.min(goes));
            if from < to {
                return Some((from, to));
            }
            at = from;
        }
    }

    /// The last opening that starts before `at`, as far as it lies before it.
    fn opened_before(&self, mut at: Seconds) -> Option<(Seconds, Seconds)> {
        loop {
            let (opens, closes) = self.hours.opened_before(at)?;
            let closes = closes.min(at);
            let Some(other) = self.and else { return Some((opens, closes)) };
            let (comes, goes) = other.opened_before(closes)?;
            let (from, to) = (opens.max(comes), closes.min(goes));
            if from < to {
                return Some((from, to));
            }
            at = to;
        }
    }

    /// The first open instant at or after `at`.
    pub(super) fn next(&self, at: Seconds) -> Option<Seconds> {
        self.opening(at).map(|(from, _)| from.max(at))
    }

    /// The first instant at which `work` open seconds have passed since `start`; `start` itself when there is no work.
    pub(super) fn finish(&self, start: Seconds, work: Seconds) -> Option<Seconds> {
        if self.and.is_none() || work <= 0 {
            return self.hours.finish(start, work);
        }
        let (mut at, mut left) = (start, work);
        loop {
            let (from, to) = self.opening(at)?;
            let from = from.max(at);
            if left <= to - from {
                return Some(from + left);
            }
            left -= to - from;
            at = to;
        }
    }

    /// The last instant from which `work` open seconds pass until `end`; `end` itself when there is no work.
    pub(super) fn begin(&self, end: Seconds, work: Seconds) -> Option<Seconds> {
        if self.and.is_none() || work <= 0 {
            return self.hours.begin(end, work);
        }
        let (mut at, mut left) = (end, work);
        loop {
            let (from, to) = self.opened_before(at)?;
            if left <= to - from {
                return Some(to - left);
            }
            left -= to - from;
            at = from;
        }
    }

    /// What is open of `[from, to)`, piece by piece.
    pub(super) fn pieces(&self, from: Seconds, to: Seconds) -> impl Iterator<Item = (Seconds, Seconds)> + '_ {
        let mut at = from;
        std::iter::from_fn(move || {
            if at >= to {
                return None;
            }
            let (opens, closes) = self.opening(at).filter(|(opens, _)| *opens < to)?;
            let piece = (opens.max(at), closes.min(to));
            at = closes;
            Some(piece)
        })
    }
}
