//! What a link asks of the operation that waits.

use super::open::Open;
use super::span::Span;
use crate::scheduling::solver::model::{Link, Transfer};
use crate::scheduling::solver::{Problem, Seconds};

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

/// When enough of what comes first is there: all of it, or a transfer batch.
pub(super) fn ready(link: &Link, span: &Span, run: Seconds, open: &Open<'_>) -> Seconds {
    let first = link.transfer.and_then(|transfer| open.finish(span.run_start, share(run, transfer)));
    first.map_or(span.end, |first| first.min(span.end))
}
