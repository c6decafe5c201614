//! What a link asks of the operation that waits.

use super::ground::at_run;
use super::open::Open;
use super::span::Span;
use crate::scheduling::solver::model::{Link, OperationIndex, State, Transfer};
use crate::scheduling::solver::plan::Assignment;
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
    let made = match problem.operation(link.before).state {
        State::Done { end } => end,
        State::Planned | State::Pinned(_) | State::Started { .. } => {
            made(problem, link, plan.assignments[link.before.at()].as_ref()?)
        }
    };
    Some((after(problem, link, made, link.min_lag)?, made))
}

/// Whether what waits by `link` may be there, where what it waits for is here.
pub(crate) fn holds(problem: &Problem, link: &Link, before: &Assignment, waits: &Assignment) -> bool {
    let runs = after(problem, link, made(problem, link, before), link.min_lag).is_some_and(|it| it <= waits.run_start);
    let Some(transfer) = link.transfer.filter(|_| runs) else { return runs };
    if matches!(problem.operation(link.after).state, State::Started { .. }) {
        return true;
    }
    let (open, last) = (at_run_of(problem, link.after, waits), after(problem, link, before.end, link.min_lag));
    let work = |from: Seconds| -> Seconds { open.pieces(from, waits.end).map(|(from, to)| to - from).sum() };
    last.is_some_and(|last| {
        last <= waits.end && work(last.max(waits.run_start)) >= share(work(waits.run_start), transfer)
    })
}

/// When enough of an operation that is not done is there for what waits by `link`.
fn made(problem: &Problem, link: &Link, at: &Assignment) -> Seconds {
    if matches!(problem.operation(link.before).state, State::Started { .. }) {
        return at.end;
    }
    let open = at_run_of(problem, link.before, at);
    let run = open.pieces(at.run_start, at.end).map(|(from, to)| to - from).sum();
    let span = Span { start: at.start, setup_end: at.run_start, run_start: at.run_start, end: at.end };
    ready(link, &span, run, &open)
}

/// When an operation can run where it is.
fn at_run_of<'p>(problem: &'p Problem, operation: OperationIndex, at: &Assignment) -> Open<'p> {
    let attended = problem.operation(operation).labour.is_some_and(at_run);
    let operator = at.operator.filter(|_| attended).map(|operator| problem.present(operator));
    Open { hours: problem.open(at.machine), and: operator }
}
