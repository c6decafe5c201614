//! When an operator is at it, piece by piece: pauses are free for other work.

use super::open::Open;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;

/// Pieces of work by start. Only those of fixed operations overlap.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy {
    pieces: Vec<(Seconds, Seconds)>,
    /// Whether some do: then what ends last need not be what starts last.
    overlap: bool,
}

impl Busy {
    /// When there may be room for so much `work`, if other work gets in the way of working in `[from, to)`, in the hours of `open`.
    pub(super) fn clash(&self, (from, to): (Seconds, Seconds), work: Seconds, open: &Open<'_>) -> Option<Seconds> {
        if from >= to {
            return None;
        }
        let first = if self.overlap { 0 } else { self.pieces.partition_point(|piece| piece.1 <= from) };
        let overlaps = |piece: &&(Seconds, Seconds)| {
            piece.1 > from && open.opening(piece.0.max(from)).is_some_and(|(opens, _)| opens < piece.1.min(to))
        };
        let mut later = self.pieces[first..].iter();
        let mut free = later.by_ref().take_while(|piece| piece.0 < to).find(overlaps)?.1;
        // What lies closer together than the work is long leaves no room between.
        for next in later {
            if next.0 - free >= work {
                break;
            }
            free = free.max(next.1);
        }
        Some(free)
    }

    /// When the last piece ends.
    pub(super) fn tail(&self) -> Seconds {
        if self.overlap {
            return self.pieces.iter().map(|piece| piece.1).max().unwrap_or(-FAR);
        }
        self.pieces.last().map_or(-FAR, |piece| piece.1)
    }

    pub(super) fn add(&mut self, piece: (Seconds, Seconds)) {
        let at = self.pieces.partition_point(|it| *it < piece);
        let before = at.checked_sub(1).is_some_and(|before| self.pieces[before].1 > piece.0);
        self.overlap |= before || self.pieces.get(at).is_some_and(|after| after.0 < piece.1);
        self.pieces.insert(at, piece);
    }

    pub(super) fn remove(&mut self, piece: (Seconds, Seconds)) {
        let at = self.pieces.partition_point(|it| *it < piece);
        if self.pieces.get(at) == Some(&piece) {
            self.pieces.remove(at);
        }
    }
}
