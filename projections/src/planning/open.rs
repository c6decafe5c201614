//! When an operation can be worked at where it is planned.

use domain::scheduling::solver::model::OperatorIndex;
use domain::scheduling::solver::plan::Assignment;
use domain::scheduling::solver::{Calendar, Seconds};

use super::problem::Planning;

/// When an operation can be worked at: its machine is open, and whoever does it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'p> {
    machine: &'p Calendar,
    operator: Option<&'p Calendar>,
}

impl Planning {
    pub(super) fn open(&self, at: &Assignment) -> Open<'_> {
        let present = |operator: OperatorIndex| self.problem.present(operator);
        Open { machine: self.problem.open(at.machine), operator: at.operator.map(present) }
    }
}

impl Open<'_> {
    /// The pieces of a stretch of time that can be worked, in order.
    pub(super) fn pieces(&self, (from, to): (Seconds, Seconds)) -> impl Iterator<Item = (Seconds, Seconds)> {
        let mut at = from;
        std::iter::from_fn(move || {
            while at < to {
                let mut piece = self.machine.opening(at)?;
                if let Some(operator) = self.operator {
                    let (comes, leaves) = operator.opening(at)?;
                    piece = (piece.0.max(comes), piece.1.min(leaves));
                }
                let (begins, ends) = (piece.0.max(at), piece.1.min(to));
                if begins < ends {
                    at = ends;
                    return Some((begins, ends));
                }
                at = begins;
            }
            None
        })
    }

    /// How much of it can be worked.
    pub(super) fn work(&self, stretch: (Seconds, Seconds)) -> Seconds {
        self.pieces(stretch).map(|(from, to)| to - from).sum()
    }

    /// When so much has been worked, if that is in it.
    pub(super) fn worked(&self, (from, to): (Seconds, Seconds), work: Seconds) -> Option<Seconds> {
        let mut left = work;
        if left <= 0 {
            return Some(from);
        }
        for (begins, ends) in self.pieces((from, to)) {
            if left <= ends - begins {
                return Some(begins + left);
            }
            left -= ends - begins;
        }
        None
    }

    /// When work in it ends, if there is any.
    pub(super) fn last(&self, stretch: (Seconds, Seconds)) -> Option<Seconds> {
        self.pieces(stretch).last().map(|(_, to)| to)
    }

    /// The stretches of it that can't be worked, in order.
    pub(super) fn gaps(&self, (from, to): (Seconds, Seconds)) -> Vec<(Seconds, Seconds)> {
        let mut gaps = Vec::new();
        let mut at = from;
        for (begins, ends) in self.pieces((from, to)).chain([(to, to)]) {
            if at < begins {
                gaps.push((at, begins));
            }
            at = ends;
        }
        gaps
    }
}
