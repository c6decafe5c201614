//! Rule 7: what comes first, lags and transfer batches.

use super::placed::Placed;
use super::work::Hours;
use super::{Fault, Report, Seconds, Violation};
use crate::scheduling::solver::Problem;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Link, OperationIndex, State, Transfer};

/// Looks at each link by itself.
pub(super) fn check(problem: &Problem, placed: &[Option<Placed<'_>>], report: &mut Report<'_>) {
    for link in &problem.model().links {
        let Some(after) = &placed[link.after.at()] else { continue };
        let before = match (&placed[link.before.at()], problem.operation(link.before).state) {
            (_, State::Done { end }) => Before { end, run: None },
            (Some(before), state) => {
                Before { end: before.at.end, run: (!matches!(state, State::Started { .. })).then_some(before) }
            }
            (None, _) => {
                file(report, Fault::NothingBefore, link, (after.at.run_start, after.at.run_start));
                continue;
            }
        };
        let lag = Lag { hours: link.lag_calendar.map(|it| &problem.model().calendars[it.at()]).map(Hours::calendar) };
        one(problem, link, &before, (after, &lag), report);
    }
}

/// What comes first.
struct Before<'p> {
    end: Seconds,
    /// Where a transfer batch of it can be told.
    run: Option<&'p Placed<'p>>,
}

/// How lags are counted.
struct Lag<'p> {
    hours: Option<Hours<'p>>,
}

impl Lag<'_> {
    /// Whether at least `least` has passed in `[from, to)`.
    fn passed(&self, (from, to): (Seconds, Seconds), least: Seconds) -> bool {
        match &self.hours {
            _ if to < from => false,
            Some(hours) => hours.enough((from, to), least),
            None => to - from >= least,
        }
    }

    /// When `least` has passed since `from`, on a calendar that goes on that long.
    fn end(&self, from: Seconds, least: Seconds) -> Option<Seconds> {
        match &self.hours {
            Some(hours) => hours.passed((from, FAR), least),
            None => Some(from + least),
        }
    }
}

fn one(
    problem: &Problem,
    link: &Link,
    before: &Before<'_>,
    (after, lag): (&Placed<'_>, &Lag<'_>),
    report: &mut Report<'_>,
) {
    let run_start = after.at.run_start;
    let ready = first_batch(problem, link, before);
    if !lag.passed((ready, run_start), link.min_lag) {
        file(report, Fault::TooEarly, link, (run_start, ready));
    }
    // Later than the longest lag: it had passed a second before the run starts.
    if link.max_lag.is_some_and(|most| run_start > before.end && lag.passed((before.end, run_start - 1), most)) {
        file(report, Fault::TooLate, link, (before.end, run_start));
    }
    if let Some(transfer) = link.transfer {
        let last = share(after.run.work, transfer);
        let hours = Hours::of(problem, after, after.run);
        let ready = lag.end(before.end, link.min_lag);
        let started = after.remaining().is_some();
        if !started && !ready.is_some_and(|ready| ready <= after.at.end && hours.enough((ready, after.at.end), last)) {
            file(report, Fault::EndsTooEarly, link, (before.end, after.at.end));
        }
    }
}

/// When enough of what comes first is there.
fn first_batch(problem: &Problem, link: &Link, before: &Before<'_>) -> Seconds {
    let (Some(transfer), Some(placed)) = (link.transfer, before.run) else { return before.end };
    let hours = Hours::of(problem, placed, placed.run);
    let worked = hours.passed((placed.at.run_start, placed.at.end), share(placed.run.work, transfer));
    // A run that is too short is told of elsewhere.
    worked.unwrap_or(before.end)
}

/// The work for a transfer batch of the whole.
fn share(work: Seconds, transfer: Transfer) -> Seconds {
    let exact = i128::from(work) * i128::from(transfer.first);
    let of = i128::from(transfer.of);
    Seconds::try_from(exact / of + i128::from(exact % of > 0)).unwrap_or(work)
}

fn file(report: &mut Report<'_>, fault: Fault, link: &Link, (from, to): (Seconds, Seconds)) {
    let other: Option<OperationIndex> = Some(link.before);
    report.file(Violation { fault, operation: link.after, other, on: None, from, to });
}
