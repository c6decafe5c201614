//! A plan from a list: each operation in turn goes where it ends earliest, on the machine that is chosen for it.

use std::ops::Range;

use super::board::{Board, Fit};
use super::ground::Ground;
pub(crate) use super::seek::Refusal;
use super::tied::{self, GoOn, Put, Tied};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::OperationIndex;
use crate::scheduling::solver::plan::Reason;
use crate::scheduling::solver::problem::Qualified;

/// What the search decides: who goes first, and where.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// All that is free, each after what it waits for.
    pub(crate) order: Vec<OperationIndex>,
    /// By operation, the alternative that it goes on; `None` is whichever ends it earliest.
    pub(crate) on: Vec<Option<usize>>,
    /// By operation, who does it as long as it then ends no later than that; `None`, or else, is whoever ends it earliest.
    pub(crate) by: Vec<Option<(Qualified, Seconds)>>,
}

impl List {
    /// What is free, in the problem's own order, on any machine.
    pub(crate) fn new(ground: &Ground<'_>) -> Self {
        let order = ground.problem.order().iter().copied().filter(|operation| ground.is_free(*operation)).collect();
        Self { order, on: vec![None; ground.problem.len()], by: vec![None; ground.problem.len()] }
    }

    /// The list that makes the board again: everything where it is, by start of the run, which is the order of each machine and
    /// of each job.
    pub(crate) fn of(board: &Board<'_>) -> Self {
        let ground = board.ground;
        let mut list = Self::new(ground);
        let mut keyed: Vec<_> = list
            .order
            .iter()
            .zip(0_usize..)
            .map(|(operation, at)| {
                let fit = board.fit(*operation);
                let times = fit.map_or((i64::MAX, i64::MAX), |fit| (fit.span.run_start, fit.span.start));
                (times, at, *operation)
            })
            .collect();
        keyed.sort_unstable();
        list.order = keyed.into_iter().map(|it| it.2).collect();
        for operation in ground.problem.operations() {
            list.keep(operation, board.fit(operation));
        }
        list.sort(ground);
        list
    }

    /// Leaves an operation where it is.
    pub(crate) fn keep(&mut self, operation: OperationIndex, fit: Option<&Fit>) {
        if let Some(fit) = fit {
            self.on[operation.at()] = Some(fit.alternative);
            self.by[operation.at()] = fit.by.map(|by| (by, fit.span.end));
        }
    }

    /// The first place at or after this one that does not part those who are tied together.
    pub(crate) fn between_units(&self, ground: &Ground<'_>, place: usize) -> usize {
        let parts = |at: &usize| {
            let around = at.checked_sub(1).and_then(|before| self.order.get(before)).zip(self.order.get(*at));
            around.is_some_and(|(before, after)| ground.tied.together(*before, *after))
        };
        (place..self.order.len()).find(|at| !parts(at)).unwrap_or(self.order.len())
    }

    /// Puts what waits behind what it waits for, what is tied together side by side, and leaves the rest as it is.
    pub(crate) fn sort(&mut self, ground: &Ground<'_>) {
        self.order = sorted(ground, &self.order, &[]);
    }
}

/// What is in `order`, what waits behind what it waits for, and what is tied together side by side. What is `placed` already is
/// waited for no more; none is where that is empty.
pub(crate) fn sorted(ground: &Ground<'_>, order: &[OperationIndex], placed: &[bool]) -> Vec<OperationIndex> {
    let each = by_unit(ground, order, placed, &Tied::default());
    if ground.tied.is_empty() { each } else { by_unit(ground, &each, placed, &ground.tied.in_order(&each)) }
}

fn by_unit(ground: &Ground<'_>, order: &[OperationIndex], placed: &[bool], tied: &Tied) -> Vec<OperationIndex> {
    let mut placed = if placed.is_empty() { vec![false; ground.problem.len()] } else { placed.to_vec() };
    let mut sorted = Vec::with_capacity(order.len());
    let mut stack: Vec<OperationIndex> = Vec::new();
    for &operation in order {
        stack.push(operation);
        while let Some(&next) = stack.last() {
            let unit = tied.unit(&next);
            let waits = |it: &OperationIndex| ground.is_free(*it) && !placed[it.at()] && !tied.together(next, *it);
            let mut before = unit.iter().flat_map(|it| ground.problem.before(*it)).map(|link| link.before);
            if let Some(before) = before.find(waits) {
                stack.push(before);
                continue;
            }
            for &operation in unit {
                if !std::mem::replace(&mut placed[operation.at()], true) {
                    sorted.push(operation);
                }
            }
            stack.pop();
        }
    }
    sorted
}

/// Places one operation, on that alternative if one is given, so that it ends as early as it can after `ends_from`.
pub(crate) fn place(
    board: &mut Board<'_>,
    operation: OperationIndex,
    (on, ends_from): (Option<usize>, Seconds),
) -> Result<(), Refusal> {
    possible(board, operation)?;
    let fit = board.seek(operation, on, ends_from)?;
    board.commit(operation, fit);
    Ok(())
}

/// Places one operation of a list so that it ends as early as it can after `ends_from`.
fn replace(board: &mut Board<'_>, operation: OperationIndex, list: &List, ends_from: Seconds) -> Result<(), Refusal> {
    possible(board, operation)?;
    let way = (list.on[operation.at()], list.by[operation.at()]);
    let fit = board.again(operation, way, ends_from)?;
    board.commit(operation, fit);
    Ok(())
}

/// Places one operation where the baseline has it, if that can be.
pub(crate) fn hold(board: &mut Board<'_>, operation: OperationIndex, ends_from: Seconds) -> Result<(), Refusal> {
    possible(board, operation)?;
    let fit = match board.ground().told(operation) {
        Some(told) => board.hold(operation, &told, ends_from)?,
        None => board.seek(operation, None, ends_from)?,
    };
    board.commit(operation, fit);
    Ok(())
}

/// Refuses what can have no place whatever else is where.
pub(crate) fn possible(board: &Board<'_>, operation: OperationIndex) -> Result<(), Refusal> {
    let ground = board.ground();
    if let Some(reason) = ground.hopeless[operation.at()] {
        return Err(Refusal::Never(reason));
    }
    if ground.problem.before(operation).any(|link| board.is_given_up(link.before)) {
        return Err(Refusal::Never(Reason::PredecessorUnplaced));
    }
    Ok(())
}

/// Places these places of a list, after what is on the board; what is tied together is not parted by that. False when `go_on`
/// ended it early.
pub(crate) fn run(board: &mut Board<'_>, list: &List, places: Range<usize>, go_on: &mut GoOn<'_>) -> bool {
    let put: &Put<'_> = &|board, operation, ends_from| replace(board, operation, list, ends_from);
    let (mut later, tied) = (Vec::new(), &board.ground().tied);
    for unit in list.order[places].chunk_by(|one, other| tied.together(*one, *other)) {
        if !(go_on(Some(board)) && place_unit(board, unit, put, &mut later, go_on)) {
            return false;
        }
    }
    finish(board, put, &later, go_on)
}

/// Places those who are tied, and then what waits for material that may have been made by that.
fn place_unit(
    board: &mut Board<'_>,
    unit: &[OperationIndex],
    put: &Put<'_>,
    later: &mut Vec<OperationIndex>,
    go_on: &mut GoOn<'_>,
) -> bool {
    if !tied::place(board, unit, put, later, go_on) {
        return false;
    }
    let makes = |it: &OperationIndex| !board.ground().problem.operation(*it).makes.is_empty();
    later.is_empty() || !unit.iter().any(makes) || again(board, put, later, go_on)
}

/// Gives up what still waits, apart from what has all that it needs itself. False when `go_on` ended it early.
pub(crate) fn finish(board: &mut Board<'_>, put: &Put<'_>, later: &[OperationIndex], go_on: &mut GoOn<'_>) -> bool {
    for &operation in later {
        if !go_on(None) {
            return false;
        }
        match put(board, operation, -FAR) {
            Ok(()) => {}
            Err(Refusal::Never(reason)) => board.give_up(operation, reason),
            Err(Refusal::Material) => board.give_up(operation, Reason::MaterialNeverArrives),
            Err(Refusal::Lag { .. }) => board.give_up(operation, Reason::LagTooLong),
        }
    }
    true
}

/// Tries again what waits for material that may have been made meanwhile.
fn again(board: &mut Board<'_>, put: &Put<'_>, later: &mut Vec<OperationIndex>, go_on: &mut GoOn<'_>) -> bool {
    let tied = &board.ground().tied;
    loop {
        let waiting = std::mem::take(later);
        for unit in waiting.chunk_by(|one, other| tied.together(*one, *other)) {
            if !(go_on(None) && tied::place(board, unit, put, later, go_on)) {
                return false;
            }
        }
        if later.len() == waiting.len() || later.is_empty() {
            return true;
        }
    }
}
