//! How the floor kept to the plan.

use domain::kernel::Timestamp;
use domain::scheduling::placement::Placement;
use domain::scheduling::solver::Seconds;

/// An operation as it was planned before it began, and as it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adherence {
    /// How much later than planned it began, seconds; less than zero is earlier. `None` while it has not begun.
    pub start_late: Option<Seconds>,
    /// How much later than planned it ended, seconds. `None` while it is not over.
    pub end_late: Option<Seconds>,
}

impl Adherence {
    /// Of an operation that was planned there when it began, or is now.
    pub fn of(planned: &Placement, began_at: Option<Timestamp>, finished_at: Option<Timestamp>) -> Self {
        let late = |is: Option<Timestamp>, planned: Timestamp| is.map(|is| is.seconds_since(planned));
        Self { start_late: late(began_at, planned.start), end_late: late(finished_at, planned.end) }
    }

    /// The same at `now`, when what is later than that already is not kept, whatever becomes of it.
    pub fn is_kept_at(&self, planned: &Placement, tolerance: Seconds, now: Timestamp) -> Option<bool> {
        let overdue = |is: Option<Seconds>, planned: Timestamp| is.is_none() && now.seconds_since(planned) > tolerance;
        let over = overdue(self.start_late, planned.start) || overdue(self.end_late, planned.end);
        if over { Some(false) } else { self.is_kept(tolerance) }
    }

    /// Whether it began and ended within so many seconds of the plan; `None` while that is open.
    pub fn is_kept(&self, tolerance: Seconds) -> Option<bool> {
        let kept = |late: Option<Seconds>| late.map(|late| late.abs() <= tolerance);
        match (kept(self.start_late), kept(self.end_late)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::OperationNumber;
    use domain::kernel::time::later;

    use super::*;
    use crate::planning::sample::job_id;

    #[test]
    fn an_operation_keeps_to_the_plan_when_it_begins_and_ends_as_planned_or_nearly() {
        let start = Timestamp::from_micros(0).unwrap();
        let (job, operation, end) = (job_id(0), OperationNumber(10), later(start, 600));
        let planned = Placement { job, operation, machine: None, operator: None, start, run_start: start, end };
        let of = |began: Option<i64>, finished: Option<i64>| {
            let at = |seconds: Option<i64>| seconds.map(|seconds| later(start, seconds));
            Adherence::of(&planned, at(began), at(finished))
        };
        assert_eq!(of(Some(-30), Some(700)), Adherence { start_late: Some(-30), end_late: Some(100) });
        assert_eq!(of(Some(-30), Some(700)).is_kept(100), Some(true));
        assert_eq!(of(Some(-30), Some(700)).is_kept(99), Some(false));
        assert_eq!((of(Some(10), None).is_kept(60), of(Some(61), None).is_kept(60)), (None, Some(false)));
        assert_eq!(of(None, None).is_kept(60), None);
        let at = |it: Adherence, now: i64| it.is_kept_at(&planned, 60, later(start, now));
        assert_eq!((at(of(None, None), 60), at(of(None, None), 61)), (None, Some(false)));
        assert_eq!((at(of(Some(0), None), 660), at(of(Some(0), None), 661)), (None, Some(false)));
        assert_eq!(at(of(Some(0), Some(600)), 10_000), Some(true));
    }
}
