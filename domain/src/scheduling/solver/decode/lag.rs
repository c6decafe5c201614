//! What a link asks of the operation that waits.

use super::ground::at_run;
use super::open::Open;
use super::span::Span;
use crate::scheduling::solver::model::{Link, State, Transfer};
use crate::scheduling::solver::{Plan, Problem, Seconds};

/// The work for so many pieces of the whole, rounded up.
pub(crate) fn share(work: Seconds, transfer: Transfer) -> Seconds {
    let part = i128::from(work) * i128::from(transfer.first);
    let of = i128::from(transfer.of);
    Seconds::try_from((part + of - 1) / of).unwrap_or(work)
}

/// `length` after `from`, on the link's calendar. `None` when that closes for good before.
pub(crate) fn after(problem: &Problem, link: &Link, from: Seconds, length: Seconds) -> Option<Seconds> {
    match link.lag_calendar {
        Some(calendar) => problem.model().calendars[calendar.at()].finish(from, length),
        None => Some(from + length),
    }
}

/// The earliest that what comes first would have to end, for `run_start` to be no later than `length` after that.
pub(super) fn ends_from(problem: &Problem, link: &Link, run_start: Seconds, length: Seconds) -> Seconds {
    let Some(calendar) = link.lag_calendar else { return run_start - length };
    let calendar = &problem.model().calendars[calendar.at()];
    let from = calendar.begin(run_start, length).unwrap_or(run_start);
    let reaches = calendar.finish(from, length).is_none_or(|until| until >= run_start);
    if reaches { from } else { calendar.next_open(from).unwrap_or(from) + 1 }
}

/// When enough of what comes first is there: all of it, or a transfer batch.
pub(super) fn ready(link: &Link, span: &Span, run: Seconds, open: &Open<'_>) -> Seconds {
    let first = link.transfer.and_then(|transfer| open.finish(span.run_start, share(run, transfer)));
    first.map_or(span.end, |first| first.min(span.end))
}

/// In a plan: when what waits by `link` may run, and when what it waits for was there, before the lag.
pub(crate) fn lag_of(problem: &Problem, plan: &Plan, link: &Link) -> Option<(Seconds, Seconds)> {
    let before = problem.operation(link.before);
    let made = match before.state {
        State::Done { end } => end,
        State::Started { .. } => plan.assignments[link.before.at()]?.end,
        State::Planned | State::Pinned(_) => {
            let at = plan.assignments[link.before.at()]?;
            let attended = before.labour.is_some_and(at_run);
            let operator = at.operator.filter(|_| attended).map(|operator| problem.present(operator));
            let open = Open { hours: problem.open(at.machine), and: operator };
            let run = open.pieces(at.run_start, at.end).map(|(from, to)| to - from).sum();
            let span = Span { start: at.start, setup_end: at.run_start, run_start: at.run_start, end: at.end };
            ready(link, &span, run, &open)
        }
    };
    Some((after(problem, link, made, link.min_lag)?, made))
}
