//! Where people were told that something is done: it goes there again if it can, and its place is kept until its turn comes.

use super::board::{Board, Fit, Room};
use super::seek::{Ask, Refusal, Way};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::OperationIndex;
use crate::scheduling::solver::plan::Assignment;

impl Board<'_> {
    /// Where a plan has it: the same machine and operator at that time; or else wherever it ends soonest after that time, or
    /// before it if it can't be as early as it was.
    pub(crate) fn hold(
        &self,
        operation: OperationIndex,
        told: &Assignment,
        ends_from: Seconds,
    ) -> Result<Fit, Refusal> {
        let mut ask = Ask { ends_from, ..self.ask(operation)? };
        ask.start_from = ask.start_from.max(told.start);
        let as_told = self.as_told(&ask, told);
        if let Some(fit) = as_told.filter(|fit| fit.span.start == told.start) {
            return Ok(fit);
        }
        let sooner = |best: Fit, other: Fit| if other.span.end < best.span.end { other } else { best };
        let elsewhere = self.best(&ask, None);
        let after = as_told.map_or(elsewhere, |fit| Ok(elsewhere.map_or(fit, |other| sooner(fit, other))));
        match after {
            Ok(fit) if fit.span.end <= told.end => Ok(fit),
            Ok(fit) => Ok(self.seek(operation, None, ends_from).map_or(fit, |other| sooner(fit, other))),
            Err(_) => self.seek(operation, None, ends_from),
        }
    }

    /// The earliest from then on that the same machine and operator can.
    fn as_told(&self, ask: &Ask<'_>, told: &Assignment) -> Option<Fit> {
        let data = self.ground.problem.operation(ask.operation);
        let alternative = data.alternatives.iter().position(|alternative| alternative.machine == told.machine)?;
        let everybody = data.labour.map_or(&[][..], |labour| self.ground.problem.qualified(&labour));
        let by = everybody.iter().find(|by| Some(by.operator) == told.operator).copied();
        if by.is_none() && data.labour.is_some() {
            return None;
        }
        self.probe(ask, Way { alternative, by }, FAR).filter(|fit| fit.span.run_start <= ask.run_until.0)
    }

    /// Keeps the place for an operation that a plan has for it, until its turn comes. What it waits for and has no place yet is
    /// taken to come in time, and so is its material.
    pub(crate) fn reserve(&mut self, operation: OperationIndex, told: &Assignment) {
        let Ok(mut ask) = self.links(operation, |board, link| board.end_before(link).is_some()) else { return };
        if ask.start_from > told.start {
            return;
        }
        ask.start_from = told.start;
        let as_told = self.as_told(&ask, told).filter(|fit| fit.span.start == told.start && fit.joins.is_none());
        if let Some(fit) = as_told {
            self.occupy(operation, &fit);
            self.placed[operation.at()] = Some(fit);
            self.reserved[operation.at()] = true;
        }
    }

    /// Whether the place of an operation is only kept for it.
    pub(crate) fn is_reserved(&self, operation: OperationIndex) -> bool {
        self.reserved[operation.at()]
    }

    /// Whether an operation starts there and then.
    pub(crate) fn is_at(&self, operation: OperationIndex, told: &Assignment) -> bool {
        let alternatives = &self.ground.problem.operation(operation).alternatives;
        self.fit(operation).is_some_and(|fit| {
            let by = fit.by.map(|by| by.operator);
            let at = (alternatives[fit.alternative].machine, by, fit.span.start);
            at == (told.machine, told.operator, told.start)
        })
    }

    /// No longer keeps the place of an operation; whether it did.
    pub(crate) fn release(&mut self, operation: OperationIndex) -> bool {
        let was = std::mem::take(&mut self.reserved[operation.at()]);
        if was && let Some(fit) = self.placed[operation.at()].take() {
            self.vacate(operation, &fit);
        }
        was
    }

    /// What comes next on a machine after that time, has its place for good, and was set up for after something else than what
    /// is there before it now.
    pub(crate) fn stale_after(&self, at: &Assignment) -> Option<OperationIndex> {
        let problem = self.ground.problem;
        let machine = problem.machine(at.machine);
        let Room::Line(line) = &self.rooms[at.machine.at()] else { return None };
        machine.changeover?;
        let next = line.next_with_family(line.first_gap(at.start))?;
        let entry = &line.entries()[next];
        let free = self.ground.is_free(entry.operation) && !self.reserved[entry.operation.at()];
        let stale = problem.changeover(machine, line.family(next), entry.needs) != entry.changeover;
        (free && stale).then_some(entry.operation)
    }
}
