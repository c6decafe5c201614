//! When an operator is at it, piece by piece: pauses are free for other work.

use super::open::Open;
use crate::scheduling::solver::Seconds;

/// Pieces of work by start. Only those of fixed operations overlap.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy {
    pieces: Vec<(Seconds, Seconds)>,
}

impl Busy {
    /// When other work is over that gets in the way of working in `[from, to)`, in the hours of `open`.
    pub(super) fn clash(&self, (from, to): (Seconds, Seconds), open: &Open<'_>) -> Option<Seconds> {
        if from >= to {
            return None;
        }
        let first = self.pieces.partition_point(|piece| piece.1 <= from);
        self.pieces[first..]
            .iter()
            .take_while(|piece| piece.0 < to)
            .find(|piece| open.opening(piece.0.max(from)).is_some_and(|(opens, _)| opens < piece.1.min(to)))
            .map(|piece| piece.1)
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
