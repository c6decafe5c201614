//! Moves what has a place later, while all else stays where it is.

use super::board::{Board, Fit, Room};
use super::seek::{Ask, Refusal, Way};
use super::tied::{self, Put};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Link, OperationIndex, State};
use crate::scheduling::solver::plan::Reason;

impl Board<'_> {
    /// Moves an operation as late as it can be with the same machine and operator, so that it ends at `until` at the latest and
    /// nothing else has to move. Whether it moved. What it uses stays pegged to what it was, so nothing can be taken back any more.
    pub(crate) fn put_off(&mut self, operation: OperationIndex, until: Seconds) -> bool {
        let Some(was) = self.fit(operation).copied().filter(|fit| self.is_alone(operation, fit)) else { return false };
        self.vacate(operation, &was);
        let latest = self.latest(operation, &was, until.min(self.wanted_from(operation, was.span.end)));
        let fit = latest.unwrap_or(was);
        self.occupy(operation, &fit);
        self.placed[operation.at()] = Some(fit);
        latest.is_some()
    }

    /// Moves operations of one job, each after what it waits for, as late as they can be if they follow one another as closely as
    /// the rest lets them. Whether they moved.
    pub(crate) fn put_off_together(&mut self, unit: &[OperationIndex], until: Seconds) -> bool {
        let problem = self.ground.problem;
        let bare = |it: &OperationIndex| {
            let data = problem.operation(*it);
            data.uses.is_empty() && data.makes.is_empty()
        };
        let alone = |it: &OperationIndex| self.fit(*it).copied().filter(|fit| bare(it) && self.is_alone(*it, fit));
        let Some(was) = unit.iter().map(alone).collect::<Option<Vec<Fit>>>() else { return false };
        let Some(start) = was.iter().map(|fit| fit.span.start).min() else { return false };
        for (operation, fit) in unit.iter().zip(&was) {
            self.vacate(*operation, fit);
            self.placed[operation.at()] = None;
        }
        let limit = |(operation, fit): (&OperationIndex, &Fit)| until.min(self.next_depends(*operation, fit));
        let limits: Vec<Seconds> = unit.iter().zip(&was).map(limit).collect();
        let latest = latest((start, until), |at| self.follow(unit, &was, (at, &limits)).map(|fits| (fits, at)));
        for (operation, fit) in unit.iter().zip(latest.as_ref().unwrap_or(&was)) {
            self.occupy(*operation, fit);
            self.placed[operation.at()] = Some(*fit);
        }
        latest.is_some()
    }

    /// Where they come to lie from that time on, each ending at its limit at the latest.
    fn follow(
        &mut self,
        unit: &[OperationIndex],
        was: &[Fit],
        (start_from, limits): (Seconds, &[Seconds]),
    ) -> Option<Vec<Fit>> {
        let (ground, steps) = (self.ground, self.steps());
        let put: &Put<'_> = &|board, operation, ends_from| {
            let at = unit.iter().position(|it| *it == operation).unwrap_or(0);
            let links = board.links(operation, |_, _| true)?;
            let ask = Ask { ends_from, start_from: start_from.max(links.start_from), ..links };
            let way = Way { alternative: was[at].alternative, by: was[at].by };
            let fit = board.probe(&ask, way, limits[at]).filter(|fit| fit.joins.is_none());
            let fit = board.in_time(&ask, fit.ok_or(Refusal::Never(Reason::CalendarsNeverMeet))?)?;
            board.commit(operation, fit);
            Ok(())
        };
        tied::place(self, unit, put, &mut Vec::new(), &mut |_| true);
        let fits: Option<Vec<Fit>> = unit.iter().map(|it| self.fit(*it).copied()).collect();
        let in_time = |fits: &Vec<Fit>| fits.iter().zip(limits).all(|(fit, limit)| fit.span.end <= *limit);
        let kept = unit.iter().flat_map(|it| ground.problem.after(*it)).all(|link| self.holds(link));
        self.rewind(steps);
        fits.filter(in_time).filter(|_| kept)
    }

    /// Whether what waits by a link can be where it is.
    pub(super) fn holds(&self, link: &Link) -> bool {
        self.fit(link.after).copied().is_none_or(|after| self.keeps(link, &after))
    }

    /// Whether the search put it there, and not together with others.
    pub(super) fn is_alone(&self, operation: OperationIndex, fit: &Fit) -> bool {
        let data = self.ground.problem.operation(operation);
        let alone = match &self.rooms[data.alternatives[fit.alternative].machine.at()] {
            Room::Line(line) => {
                line.find(fit.span.start, operation).is_some_and(|at| line.entries()[at].size <= u64::from(data.size))
            }
            Room::Several(..) | Room::Endless => true,
        };
        alone && fit.joins.is_none() && self.ground.is_free(operation)
    }

    /// When what it makes is used first, of what is used from its end on.
    fn wanted_from(&self, operation: OperationIndex, end: Seconds) -> Seconds {
        let problem = self.ground.problem;
        let makes = &problem.operation(operation).makes;
        if makes.is_empty() {
            return FAR;
        }
        let uses = |it: &OperationIndex| {
            self.ground.uses[it.at()].iter().any(|(material, _)| makes.iter().any(|made| made.0.at() == *material))
        };
        let starts = problem.operations().filter(uses).filter_map(|it| self.fit(it)).map(|fit| fit.span.start);
        starts.filter(|start| *start >= end).min().unwrap_or(FAR)
    }

    /// The latest place after the one that it had.
    fn latest(&mut self, operation: OperationIndex, was: &Fit, until: Seconds) -> Option<Fit> {
        let ask = self.links(operation, |_, _| true).ok()?;
        let until = until.min(self.next_depends(operation, was));
        let from = was.span.start;
        latest((from, until), |at| self.later(&ask, was, (at, until)).map(|fit| (fit, at.max(fit.span.start))))
    }

    /// The first place from that time on, if all that waits for it can still be where it is.
    fn later(&mut self, ask: &Ask<'_>, was: &Fit, (start_from, until): (Seconds, Seconds)) -> Option<Fit> {
        let (ground, operation) = (self.ground, ask.operation);
        let ask = Ask { start_from, last: ask.last.clone(), ..*ask };
        let fit = self.probe(&ask, Way { alternative: was.alternative, by: was.by }, until)?;
        if fit.span.end > until || fit.span.run_start > ask.run_until.0 || fit.joins.is_some() {
            return None;
        }
        self.placed[operation.at()] = Some(fit);
        let kept = ground.problem.after(operation).all(|link| self.holds(link));
        kept.then_some(fit)
    }

    /// The start of what comes next on its machine, where that was set up for after it and could not be without it; never else.
    fn next_depends(&self, operation: OperationIndex, was: &Fit) -> Seconds {
        let problem = self.ground.problem;
        let machine = problem.operation(operation).alternatives[was.alternative].machine;
        let Room::Line(line) = &self.rooms[machine.at()] else { return FAR };
        let after = line.first_gap(was.span.end.max(was.span.start + 1));
        let Some(next) = line.next_with_family(after) else { return FAR };
        let entry = &line.entries()[next];
        let runs = matches!(problem.operation(entry.operation).state, State::Started { .. });
        let without = problem.changeover(problem.machine(machine), line.family(after), entry.needs);
        if runs || without == entry.changeover { FAR } else { line.gap_end(after) }
    }
}

/// What is found latest after `from` and before `to`, by halving: where there is something from one instant on, there is from each
/// before. `find` also tells from when on it was found.
fn latest<T>(
    (mut from, mut to): (Seconds, Seconds),
    mut find: impl FnMut(Seconds) -> Option<(T, Seconds)>,
) -> Option<T> {
    let (mut latest, mut step) = (None, 1);
    // First in growing steps: mostly there is little room, or none.
    while from + 1 < to {
        let at = if step > 0 { (from + step).min(to - 1) } else { from + (to - from) / 2 };
        if let Some((found, since)) = find(at) {
            latest = Some(found);
            from = since;
            step *= 16;
        } else {
            (to, step) = (at, 0);
        }
    }
    latest
}
