//! Work outside the hours of who and what does it.

use domain::scheduling::solver::model::OperatorIndex;
use domain::scheduling::solver::{Calendar, Seconds};

use super::{ConflictKind, Found, Placed, Resource};
use crate::planning::problem::Planning;

/// When an operation can be worked at: its machine is open, and whoever does it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hours<'p> {
    machine: &'p Calendar,
    operator: Option<&'p Calendar>,
}

impl Planning {
    pub(super) fn hours_of(&self, it: &Placed<'_>) -> Hours<'_> {
        let present = |operator: OperatorIndex| self.problem.present(operator);
        Hours { machine: self.problem.open(it.at.machine), operator: it.at.operator.map(present) }
    }
}

impl Hours<'_> {
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
    fn gaps(&self, (from, to): (Seconds, Seconds)) -> Vec<(Seconds, Seconds)> {
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

impl Found<'_> {
    /// Whether it starts and ends in open time, and has enough of it.
    pub(super) fn hours(&mut self, it: &Placed<'_>) {
        let (planning, stale) = (self.planning, it.at.start < 0 && !it.begun);
        let own = it.data.alternatives.iter().find(|alternative| alternative.machine == it.at.machine);
        let Some(needed) = own.map(|own| own.setup + own.run).filter(|needed| *needed > 0 && !stale) else { return };
        let (ahead, hours) = (it.ahead(), planning.hours_of(it));
        if ahead.0 >= ahead.1 {
            // What should have ended is behind, and that is said of it.
            if it.at.start >= 0 {
                self.add(ConflictKind::Length, it.operation, ahead, (None, None));
            }
            return;
        }
        let gaps = hours.gaps(ahead);
        let short = hours.work(ahead) < needed;
        let at_start = gaps.first().filter(|gap| gap.0 == ahead.0 && it.at.start >= 0);
        let at_end = gaps.last().filter(|gap| gap.1 == ahead.1);
        let closed = at_start.or(at_end).or_else(|| gaps.first().filter(|_| short));
        if let Some(gap) = closed {
            let on = planning.closed_at(it, gap.0);
            self.add(ConflictKind::Closed, it.operation, *gap, (on, None));
        } else if short {
            self.add(ConflictKind::Length, it.operation, ahead, (None, None));
        }
    }
}

impl Planning {
    /// What is closed then: the machine, or else whoever does it.
    fn closed_at(&self, it: &Placed<'_>, at: Seconds) -> Option<Resource> {
        if self.problem.open(it.at.machine).is_open(at) {
            it.at.operator.and_then(|operator| self.index.operator(operator)).map(Resource::Operator)
        } else {
            self.index.machine(it.at.machine).map(Resource::Machine)
        }
    }
}
