//! Where people were told that something is done: it goes there again if it can, and its place is kept until its turn comes.

use super::board::{Board, Fit, Room};
use super::ground::Ground;
use super::line::Entry;
use super::seek::{Ask, Refusal, Way};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Capacity, MachineIndex, OperationIndex};
use crate::scheduling::solver::plan::Assignment;
use crate::scheduling::solver::{Plan, Seconds};

impl<'a> Board<'a> {
    /// A board with all of a plan of the problem on it as it is; `None` where the plan is none that could be made here.
    pub(crate) fn of(ground: &'a Ground<'a>, plan: &Plan) -> Option<Self> {
        let mut board = Board::new(ground);
        let order = ground.problem.order().iter().copied().filter(|it| ground.is_free(*it)).zip(0_usize..);
        let placed = order.filter_map(|(operation, at)| Some((plan.assignments[operation.at()]?, at, operation)));
        let mut placed: Vec<_> = placed.collect();
        placed.sort_by_key(|(told, at, operation)| {
            let on = ground.alternative(*operation, told.machine);
            let on = &ground.problem.operation(*operation).alternatives[on];
            (told.start, told.end, -(on.setup + on.run), *at)
        });
        for (told, _, operation) in placed {
            let fit = board.copied(operation, &told)?;
            board.commit(operation, fit);
        }
        for lost in plan.unplaced.iter().filter(|it| ground.is_free(it.operation)) {
            board.give_up(lost.operation, lost.reason);
        }
        Some(board)
    }

    fn copied(&self, operation: OperationIndex, told: &Assignment) -> Option<Fit> {
        let (ground, problem) = (self.ground, self.ground.problem);
        let data = problem.operation(operation);
        let alternative = data.alternatives.iter().position(|alternative| alternative.machine == told.machine)?;
        let everybody = data.labour.map_or(&[][..], |labour| problem.qualified(&labour));
        let by = everybody.iter().find(|by| Some(by.operator) == told.operator).copied();
        let machine = problem.machine(told.machine);
        let mut changeover = 0;
        if let Room::Line(line) = &self.rooms[told.machine.at()] {
            let at = line.place(told.start, told.end);
            let batch = at.checked_sub(1).map(|at| &line.entries()[at]).filter(|entry| {
                matches!(machine.capacity, Capacity::Batch(_)) && (entry.start, entry.end) == (told.start, told.end)
            });
            if let Some(entry) = batch.filter(|_| told.start < told.end) {
                let joins = Some(entry.operation);
                return self.fit(entry.operation).map(|fit| Fit { alternative, joins, ..*fit });
            }
            changeover = problem.changeover(machine, line.family(at), data.family);
        }
        let work = Self::work(ground, operation, (alternative, by), changeover);
        let span = work.from(told.start)?;
        let same = (span.run_start, span.end) == (told.run_start, told.end);
        (same && by.is_some() == data.labour.is_some()).then_some(Fit {
            alternative,
            by,
            span,
            run: work.run,
            joins: None,
        })
    }

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

    /// The earliest from then on that the machine and operator of a plan can.
    pub(crate) fn told_from(&self, operation: OperationIndex, told: &Assignment) -> Result<Option<Fit>, Refusal> {
        let mut ask = self.ask(operation)?;
        ask.start_from = ask.start_from.max(told.start);
        Ok(self.as_told(&ask, told))
    }

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
    /// taken to come in time, and so is material that is still to be made.
    pub(crate) fn reserve(&mut self, operation: OperationIndex, told: &Assignment) {
        let Ok(mut ask) = self.links(operation, |board, link| board.end_before(link).is_some()) else { return };
        if ask.start_from > told.start {
            return;
        }
        ask.start_from = told.start;
        let as_told = self.as_told(&ask, told).filter(|fit| fit.span.start == told.start && fit.joins.is_none());
        // What is made by others is pegged when its turn comes.
        let mut bought = self.ground.uses[operation.at()].to_vec();
        bought.retain(|(material, _)| !self.ground.made[*material]);
        let there = |it: &(usize, i64)| self.stores[it.0].earliest(it.1).is_some_and(|at| at <= told.start);
        if let Some(fit) = as_told.filter(|_| bought.iter().all(there)) {
            for (material, amount) in bought {
                let mut pegs = Vec::new();
                self.stores[material].take(amount, told.start, &mut pegs);
                let pegs = pegs.into_iter().map(|peg| (material, peg));
                self.reserved_pegs.entry(operation).or_default().extend(pegs);
            }
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
            for (material, peg) in self.reserved_pegs.remove(&operation).into_iter().flatten() {
                self.stores[material].give_back(peg);
            }
        }
        was
    }

    /// Gives up places that are kept on the machine of a fit and in its way, or set up for after something else than it. Whose.
    pub(crate) fn give_room(&mut self, operation: OperationIndex, fit: &Fit) -> Vec<OperationIndex> {
        let problem = self.ground.problem;
        let data = problem.operation(operation);
        let on = data.alternatives[fit.alternative].machine;
        let machine = problem.machine(on);
        let mut given_way = Vec::new();
        loop {
            let Room::Line(line) = &self.rooms[on.at()] else { return given_way };
            let from = line.first_gap(fit.span.start).saturating_sub(1);
            let after = line.first_gap(fit.span.end.max(fit.span.start + 1));
            let reaches = |entry: &&Entry| entry.end > fit.span.start;
            let within = line.entries()[from..after].iter().filter(reaches).map(|entry| entry.operation);
            let next = line.next_with_family(after).map(|next| &line.entries()[next]);
            let other = |entry: &&Entry| problem.changeover(machine, data.family, entry.needs) != entry.changeover;
            let next = next.filter(other).filter(|_| data.family.is_some() && machine.changeover.is_some());
            let found = within.chain(next.map(|entry| entry.operation)).find(|it| self.reserved[it.at()]);
            let Some(found) = found else { return given_way };
            self.release(found);
            given_way.push(found);
        }
    }

    /// Whether what comes next on a machine after that time has its place for good, and was set up for after something else than
    /// what is there before it now.
    pub(crate) fn is_stale_after(&self, (on, start): (MachineIndex, Seconds)) -> bool {
        let problem = self.ground.problem;
        let machine = problem.machine(on);
        let Room::Line(line) = &self.rooms[on.at()] else { return false };
        if machine.changeover.is_none() {
            return false;
        }
        line.next_with_family(line.first_gap(start)).is_some_and(|next| {
            let entry = &line.entries()[next];
            let free = self.ground.is_free(entry.operation) && !self.reserved[entry.operation.at()];
            free && problem.changeover(machine, line.family(next), entry.needs) != entry.changeover
        })
    }
}
