//! How long an operation takes, and how much of it is left.

use domain::jobs::operation::{OperationPlan, Phase, RunTime};
use domain::kernel::{Quantity, Timestamp};
use domain::scheduling::solver::Seconds;

use super::shop::Operation;

/// The longest that one operation can be planned to take: five years.
pub(super) const LONGEST: Seconds = 5 * 366 * 86_400;
/// What is left at least of work that is not finished, however long it has taken already.
const LEFT_AT_LEAST: Seconds = 60;
/// Millionths in a unit, and in a second.
const MILLION: i128 = 1_000_000;

/// Setup and run of an operation somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Length {
    pub(super) setup: Seconds,
    pub(super) run: Seconds,
}

/// What an operation takes in one work center at normal speed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) setup: u32,
    pub(super) run: Option<RunTime>,
    /// What the run takes where nobody said.
    pub(super) unknown: Seconds,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Done {
    begun: bool,
    /// Whether it is past its setup.
    runs: bool,
    /// What was made, in the job's unit.
    made: Quantity,
    setup: Seconds,
    run: Seconds,
    /// Run since the last report.
    unreported: Seconds,
}

impl Done {
    /// `worked` counts the time of work since an instant, as far as the machine was open.
    pub(super) fn of(operation: &Operation, worked: impl Fn(Timestamp) -> Seconds) -> Self {
        let tally = &operation.made;
        let made = tally.good + tally.rework + tally.held;
        let since = |phase: Phase| {
            let theirs = operation.at_work.iter().filter(|work| work.phase == phase).map(|work| work.since);
            theirs.min().map_or(0, |since| worked(operation.worked_until.map_or(since, |until| until.max(since))))
        };
        let runs = operation.at_work.iter().any(|work| work.phase == Phase::Run);
        let unreported = since(Phase::Run);
        Self {
            begun: operation.is_begun(),
            runs: runs || tally.run_micros > 0 || !made.is_zero(),
            made,
            setup: tally.setup_seconds() + since(Phase::Setup),
            run: tally.run_seconds(),
            unreported,
        }
    }
}

impl Times {
    /// In the operation's own work center.
    pub(super) const fn of(plan: &OperationPlan, unknown: Seconds) -> Self {
        Self { setup: plan.setup_seconds, run: plan.run, unknown }
    }

    /// What is left of an operation on a machine of that speed; `None` where it takes longer than can be planned.
    ///
    /// Of what was begun: no setup once it runs; the run of the pieces that are not made, or, while no piece is reported, the run
    /// less the time that it has run; either less the time since the last report; a minute at least.
    pub(super) fn left(&self, quantity: Option<Quantity>, done: &Done, speed_percent: u16) -> Option<Length> {
        let setup = if done.runs { 0 } else { (Seconds::from(self.setup) - done.setup).max(0) };
        let counted = quantity.filter(|_| !done.made.is_zero() && self.run.is_some());
        let run = match counted {
            Some(all) => self.run_of(Some(all - done.made), speed_percent)?,
            None => (self.run_of(quantity, speed_percent)? - done.run).max(0),
        };
        let run = (run - done.unreported).max(0);
        let short = done.begun && setup + run < LEFT_AT_LEAST;
        let run = if short { LEFT_AT_LEAST - setup } else { run };
        (setup + run <= LONGEST).then_some(Length { setup, run })
    }

    /// The run of so much, rounded up to whole seconds. Where nobody said how much it is one piece or one batch.
    fn run_of(&self, quantity: Option<Quantity>, speed_percent: u16) -> Option<Seconds> {
        let speed = i128::from(speed_percent.max(1));
        let amount = i128::from(quantity.map_or(Quantity::from_millionths(1_000_000), |it| it).as_millionths().max(0));
        let (micros, over) = match self.run {
            None => return Some(self.unknown),
            Some(RunTime::PerUnit { seconds }) => (i128::from(seconds.as_millionths()).checked_mul(amount)?, MILLION),
            Some(RunTime::PerBatch { size, seconds }) => {
                let size = i128::from(size.as_millionths().max(1));
                let batches = if quantity.is_none() { 1 } else { ceil(amount, size) };
                (i128::from(seconds.as_millionths()).checked_mul(batches)?, 1)
            }
        };
        Seconds::try_from(ceil(micros.checked_mul(100)?, speed * over * MILLION)).ok()
    }
}

const fn ceil(amount: i128, of: i128) -> i128 {
    (amount + of - 1).div_euclid(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    fn per_unit(seconds: &str) -> Times {
        Times { setup: 600, run: Some(RunTime::PerUnit { seconds: amount(seconds) }), unknown: 3_600 }
    }

    fn left(times: &Times, quantity: &str, done: &Done, speed: u16) -> (Seconds, Seconds) {
        let length = times.left(Some(amount(quantity)), done, speed).unwrap();
        (length.setup, length.run)
    }

    #[test]
    fn a_run_is_counted_by_pieces_or_started_batches_at_the_speed_of_the_machine() {
        let none = Done::default();
        assert_eq!(left(&per_unit("1.5"), "3", &none, 100), (600, 5));
        assert_eq!(left(&per_unit("30"), "100", &none, 150), (600, 2_000));
        let size = amount("4");
        let batches = Times { run: Some(RunTime::PerBatch { size, seconds: amount("100") }), ..per_unit("0") };
        assert_eq!(left(&batches, "9", &none, 100), (600, 300));
        assert_eq!(batches.left(None, &none, 100).map(|it| it.run), Some(100));
        assert_eq!(Times { run: None, ..batches }.left(None, &none, 50).map(|it| it.run), Some(3_600));
    }

    #[test]
    fn what_is_left_is_counted_by_pieces_once_some_are_reported() {
        let times = per_unit("10");
        let begun = Done { begun: true, setup: 200, ..Done::default() };
        assert_eq!(left(&times, "100", &begun, 100), (400, 1_000));
        let runs = Done { begun: true, runs: true, setup: 200, run: 300, unreported: 100, ..Done::default() };
        assert_eq!(left(&times, "100", &runs, 100), (0, 600));
        let made = Done { made: amount("50"), ..runs };
        assert_eq!(left(&times, "100", &made, 100), (0, 400));
        let over = Done { run: 5_000, ..runs };
        assert_eq!(left(&times, "100", &over, 100), (0, 60));
        assert_eq!(left(&times, "100", &Done { made: amount("120"), ..runs }, 100), (0, 60));
    }

    #[test]
    fn what_takes_longer_than_can_be_planned_has_no_length() {
        let times = per_unit("1000000000000");
        assert_eq!(times.left(Some(amount("1000000000000")), &Done::default(), 1), None);
        assert_eq!(per_unit("1").left(Some(amount("200000000")), &Done::default(), 100), None);
    }
}
