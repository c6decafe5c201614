//! When an operator is at it, piece by piece: pauses are free for other work.

use super::open::Open;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;

/// Pieces of work by start. Only those of fixed operations overlap.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy {
    pieces: Vec<(Seconds, Seconds)>,
}

impl Busy {
    /// When there may be room for so much `work`, if other work gets in the way of working in `[from, to)`, in the hours of `open`.
    pub(super) fn clash(&self, (from, to): (Seconds, Seconds), work: Seconds, open: &Open<'_>) -> Option<Seconds> {
        if from >= to {
            return None;
        }
        let first = self.pieces.partition_point(|piece| piece.1 <= from);
        let overlaps = |piece: &(Seconds, Seconds)| {
            open.opening(piece.0.max(from)).is_some_and(|(opens, _)| opens < piece.1.min(to))
        };
        let within = self.pieces[first..].iter().take_while(|piece| piece.0 < to);
        let mut at = first + within.into_iter().position(overlaps)?;
        // What lies closer together than the work is long leaves no room between.
        while self.pieces.get(at + 1).is_some_and(|next| next.0 - self.pieces[at].1 < work) {
            at += 1;
        }
        Some(self.pieces[at].1)
    }

    /// When the last piece ends.
    pub(super) fn tail(&self) -> Seconds {
        self.pieces.last().map_or(-FAR, |piece| piece.1)
    }

    pub(super) fn add(&mut self, piece: (Seconds, Seconds)) {
        let at = self.pieces.partition_point(|it| *it < piece);
        self.pieces.insert(at, piece);
    }

    pub(super) fn remove(&mut self, piece: (Seconds, Seconds)) {
        let at = self.pieces.partition_point(|it| *it < piece);
        if self.pieces.get(at) == Some(&piece) {
            self.pieces.remove(at);
        }
    }
}
