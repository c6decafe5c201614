//! Where in its intervals a calendar has to look for an instant: time in equal pieces, about as many as there are intervals.

use super::{FAR, Interval};
use crate::scheduling::solver::Seconds;

/// By piece of time, the first interval that ends after its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Index {
    origin: Seconds,
    /// A piece is two to the power of this long.
    shift: u32,
    first: Vec<u32>,
    intervals: usize,
}

impl Index {
    pub(super) fn new(intervals: &[Interval]) -> Self {
        let (Some(one), Some(last)) = (intervals.first(), intervals.last()) else {
            return Self { origin: FAR, shift: 0, first: Vec::new(), intervals: 0 };
        };
        let length = last.end - one.start;
        let most = i64::try_from(intervals.len()).unwrap_or(i64::MAX).saturating_mul(2);
        let shift = (0..62).find(|shift| length >> shift <= most).unwrap_or(62);
        let mut first = Vec::new();
        let mut at = 0_usize;
        for piece in 0..=length >> shift {
            let from = one.start + (piece << shift);
            while intervals.get(at).is_some_and(|interval| interval.end <= from) {
                at += 1;
            }
            first.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        Self { origin: one.start, shift, first, intervals: intervals.len() }
    }

    /// Between which places the first interval that ends after `instant` is.
    pub(super) fn range(&self, instant: Seconds) -> (usize, usize) {
        if instant < self.origin {
            return (0, 0);
        }
        let piece = usize::try_from((instant - self.origin) >> self.shift).unwrap_or(usize::MAX);
        let place = |piece: usize| self.first.get(piece).map_or(self.intervals, |first| *first as usize);
        (place(piece), place(piece.saturating_add(1)))
    }
}
