//! Where a piece of work comes to lie in open time: setup, then run, with no more pause than is allowed.

use super::open::Open;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;

/// The instants of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Start of the setup, or of the run when there is none.
    pub(crate) start: Seconds,
    /// End of the setup's work.
    pub(crate) setup_end: Seconds,
    /// Start of the run.
    pub(crate) run_start: Seconds,
    /// End of the run.
    pub(crate) end: Seconds,
}

/// Work on a certain machine by a certain operator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) setup: Seconds,
    pub(super) run: Seconds,
    pub(super) setup_open: Open<'a>,
    pub(super) run_open: Open<'a>,
    /// No closed piece inside may be longer; zero where it may not be interrupted.
    pub(super) longest_pause: Seconds,
}

impl Work<'_> {
    pub(super) fn length(&self) -> Seconds {
        self.setup + self.run
    }

    /// From a start that is given, whatever is closed then. `None` when it closes for good before the end.
    pub(super) fn from(&self, start: Seconds) -> Option<Span> {
        let setup_end = self.setup_open.finish(start, self.setup)?;
        let run_start = if self.run == 0 { setup_end } else { self.run_open.next(setup_end)? };
        let end = self.run_open.finish(run_start, self.run)?;
        Some(Span { start, setup_end, run_start, end })
    }

    /// The earliest span that starts at or after `start_from`, runs at or after `run_from`, and ends at `by_end` at the latest.
    pub(super) fn earliest(&self, (start_from, run_from): (Seconds, Seconds), by_end: Seconds) -> Option<Span> {
        let (mut start_from, mut run_from) = (start_from, run_from);
        loop {
            let span = self.next(start_from, run_from)?;
            if span.end > by_end {
                return None;
            }
            if self.longest_pause >= FAR || self.length() == 0 {
                return Some(span);
            }
            match self.too_long(&span) {
                None => return Some(span),
                Some((pause, resumes)) if pause >= span.run_start => run_from = resumes,
                Some((pause, resumes)) if pause < span.setup_end => start_from = resumes,
                // Between setup and run: the setup has to reach closer to the run.
                Some((_, resumes)) => {
                    let closer = self.setup_open.begin(resumes - self.longest_pause, self.setup)?;
                    start_from = closer.max(span.start + 1);
                }
            }
        }
    }

    /// The earliest span, whatever pauses are in it.
    fn next(&self, start_from: Seconds, run_from: Seconds) -> Option<Span> {
        if self.setup == 0 {
            let from = start_from.max(run_from);
            let start = if self.run == 0 { from } else { self.run_open.next(from)? };
            let end = self.run_open.finish(start, self.run)?;
            return Some(Span { start, setup_end: start, run_start: start, end });
        }
        let start = self.setup_open.next(start_from)?;
        if start + self.setup >= run_from {
            return self.from(start);
        }
        let span = self.from(start)?;
        if span.run_start >= run_from {
            return Some(span);
        }
        // Enough has to be left to do that the setup ends no earlier than the run may start.
        let start = self.setup_open.begin(run_from, self.setup)?.max(start);
        let span = self.from(start)?;
        if span.run_start >= run_from { Some(span) } else { self.from(self.setup_open.next(start + 1)?) }
    }

    /// Whether closed time interrupts a span longer than it may.
    pub(super) fn pauses_too_long(&self, span: &Span) -> bool {
        self.too_long(span).is_some()
    }

    /// The first pause that is too long: its start and end.
    fn too_long(&self, span: &Span) -> Option<(Seconds, Seconds)> {
        let setup = self.setup_open.pieces(span.start, span.setup_end);
        let run = self.run_open.pieces(span.run_start, span.end);
        let mut worked_until = span.start;
        for (from, to) in setup.chain(run) {
            if from - worked_until > self.longest_pause {
                return Some((worked_until, from));
            }
            worked_until = to;
        }
        None
    }
}
