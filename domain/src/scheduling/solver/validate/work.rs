//! Rules 1 to 3: the seconds in which setup and run are worked at, counted piece by piece from the calendars.

use super::placed::{Part, Placed};
use super::{Fault, Report, Resource, Taken};
use crate::scheduling::solver::model::{OperatorIndex, State};
use crate::scheduling::solver::{Calendar, Problem, Seconds};

/// When a part can be worked at.
pub(super) struct Hours<'p> {
    machine: &'p Calendar,
    operator: Option<&'p Calendar>,
}

impl<'p> Hours<'p> {
    pub(super) fn of(problem: &'p Problem, placed: &Placed<'_>, part: Part) -> Self {
        let operator = placed.at.operator.filter(|_| part.attended);
        Self { machine: problem.open(placed.at.machine), operator: operator.map(|operator| problem.present(operator)) }
    }

    pub(super) const fn calendar(calendar: &'p Calendar) -> Self {
        Self { machine: calendar, operator: None }
    }

    /// The open pieces of `[from, to)` in order.
    pub(super) fn pieces(&self, from: Seconds, to: Seconds) -> impl Iterator<Item = (Seconds, Seconds)> {
        let mut at = from;
        std::iter::from_fn(move || {
            while at < to {
                let mut piece = self.machine.opening(at)?;
                if let Some(operator) = self.operator {
                    let (start, end) = operator.opening(at)?;
                    piece = (piece.0.max(start), piece.1.min(end));
                }
                let (start, end) = (piece.0.max(at), piece.1.min(to));
                if start < end {
                    at = end;
                    return Some((start, end));
                }
                at = start;
            }
            None
        })
    }

    /// When `work` has been done that begins at `from`, if that is before `to`.
    pub(super) fn passed(&self, (from, to): (Seconds, Seconds), work: Seconds) -> Option<Seconds> {
        if work <= 0 {
            return Some(from);
        }
        let mut left = work;
        for (start, end) in self.pieces(from, to) {
            if left <= end - start {
                return Some(start + left);
            }
            left -= end - start;
        }
        None
    }

    /// Whether at least so much can be worked in `[from, to)`.
    pub(super) fn enough(&self, (from, to): (Seconds, Seconds), work: Seconds) -> bool {
        self.passed((from, to), work).is_some()
    }
}

/// Who is busy when; by operator and in no order.
pub(super) type Busy = Vec<Vec<Taken>>;

/// Checks every operation for itself, and tells when operators are busy with it.
pub(super) fn check(problem: &Problem, placed: &[Option<Placed<'_>>], report: &mut Report<'_>) -> Busy {
    let mut busy: Busy = vec![Vec::new(); problem.model().operators.len()];
    for it in placed.iter().flatten() {
        let attended = [it.setup, it.run].iter().any(|part| part.attended && part.work > 0);
        if attended && it.at.operator.is_none() {
            report.add(Fault::NobodyNamed, it.operation, (it.at.start, it.at.end));
        }
        let mut worked = Worked { pieces: Vec::new(), until: it.at.start };
        if matches!(it.data.state, State::Started { .. }) {
            remaining(problem, it, &mut worked, report);
        } else if it.setup.work == 0 && it.run.work == 0 {
            if it.at.start != it.at.end {
                report.add(Fault::RunLength, it.operation, (it.at.start, it.at.end));
            }
        } else {
            whole(problem, it, &mut worked, report);
        }
        pauses(it, &worked, report);
        if attended && worked.pieces.iter().all(|piece| !piece.2) && report.fixed(it.operation).is_some() {
            worked.pieces.extend(outside_hours(problem, it));
        }
        if let Some(operator) = it.at.operator {
            expiry(it, &worked, operator, report);
            busy[operator.at()].extend(worked.attended(it));
        }
    }
    busy
}

/// What is worked at, as it was found.
struct Worked {
    /// Pieces in order, and whether they are attended.
    pieces: Vec<(Seconds, Seconds, bool)>,
    /// Where counting stands.
    until: Seconds,
}

impl Worked {
    /// Counts `part` from where counting stands, up to `to`; false where there is not enough time.
    fn count(&mut self, hours: &Hours<'_>, to: Seconds, part: Part) -> bool {
        let mut left = part.work;
        for (start, end) in hours.pieces(self.until, to) {
            if left == 0 {
                break;
            }
            let end = end.min(start + left);
            left -= end - start;
            self.pieces.push((start, end, part.attended));
            self.until = end;
        }
        left == 0
    }

    fn attended<'w>(&'w self, placed: &Placed<'_>) -> impl Iterator<Item = Taken> + use<'w> {
        let by = placed.batch;
        self.pieces.iter().filter(|piece| piece.2).map(move |&(from, to, _)| Taken { to, from, by })
    }
}

/// Setup, then run.
fn whole(problem: &Problem, placed: &Placed<'_>, worked: &mut Worked, report: &mut Report<'_>) {
    let (at, operation) = (&placed.at, placed.operation);
    let [setup, run] = [placed.setup, placed.run].map(|part| Hours::of(problem, placed, part));
    if !worked.count(&setup, at.run_start, placed.setup) {
        report.add(Fault::SetupLength, operation, (at.start, at.run_start));
    } else if placed.run.work == 0 {
        if worked.until != at.run_start || at.run_start != at.end {
            report.add(Fault::RunLength, operation, (worked.until, at.end));
        }
    } else if let Some(idle) = run.pieces(worked.until, at.run_start).next() {
        report.add(Fault::Idles, operation, idle);
    }
    worked.until = at.run_start;
    let enough = worked.count(&run, at.end, placed.run);
    if placed.run.work > 0 && (!enough || worked.until != at.end) {
        report.add(Fault::RunLength, operation, (at.run_start, at.end));
    }
    let closed = |hours: &Hours<'_>, at| hours.pieces(at, at + 1).next().is_none();
    // Without a setup the run begins at the start itself.
    let runs = if placed.setup.work > 0 { at.run_start } else { at.start };
    for (hours, part, from) in [(&setup, placed.setup, at.start), (&run, placed.run, runs)] {
        if part.work > 0 && closed(hours, from) {
            report.add(Fault::StartsClosed, operation, (from, from));
        }
    }
}

/// What is left of something at work, from now on.
fn remaining(problem: &Problem, placed: &Placed<'_>, worked: &mut Worked, report: &mut Report<'_>) {
    let hours = Hours::of(problem, placed, placed.run);
    worked.until = problem.model().now;
    if !worked.count(&hours, placed.at.end, placed.run) || worked.until != placed.at.end {
        report.add(Fault::RunLength, placed.operation, (placed.at.start, placed.at.end));
    }
}

/// What is fixed outside of all hours is worked all the same, and whoever does it does nothing else.
fn outside_hours(problem: &Problem, placed: &Placed<'_>) -> Option<(Seconds, Seconds, bool)> {
    let at = &placed.at;
    let from = if placed.setup.attended { at.start } else { at.run_start };
    let from = if placed.remaining().is_some() { from.max(problem.model().now) } else { from };
    let to = if placed.run.attended { at.end } else { at.start + placed.setup.work };
    (from < to).then_some((from, to, true))
}

fn pauses(placed: &Placed<'_>, worked: &Worked, report: &mut Report<'_>) {
    for pair in worked.pieces.windows(2) {
        let (from, to) = (pair[0].1, pair[1].0);
        if from < to && !placed.data.interruptible {
            report.add(Fault::Interrupted, placed.operation, (from, to));
        } else if placed.data.longest_pause.is_some_and(|longest| to - from > longest) {
            report.add(Fault::PausedTooLong, placed.operation, (from, to));
        }
    }
}

fn expiry(placed: &Placed<'_>, worked: &Worked, operator: OperatorIndex, report: &mut Report<'_>) {
    let Some(expires) = placed.grant.and_then(|grant| grant.expires) else { return };
    if let Some(last) = worked.attended(placed).last().filter(|last| last.to > expires) {
        report.on(Fault::SkillExpired, placed.operation, Resource::Operator(operator), (expires, last.to));
    }
}
