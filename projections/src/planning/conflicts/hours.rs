//! Work outside the hours of who and what does it.

use domain::scheduling::solver::Seconds;

use super::{ConflictKind, Found, Placed, Resource};
use crate::planning::problem::Planning;

impl Found<'_> {
    /// Whether it starts and ends in open time, and has enough of it.
    pub(super) fn hours(&mut self, it: &Placed<'_>) {
        let (planning, stale) = (self.planning, it.at.start < 0 && !it.begun);
        let own = it.data.alternatives.iter().find(|alternative| alternative.machine == it.at.machine);
        let Some(needed) = own.map(|own| own.setup + it.changeover + own.run).filter(|needed| *needed > 0 && !stale)
        else {
            return;
        };
        let (ahead, hours) = (it.ahead(), planning.open(&it.at));
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
