//! A plan from a list: each operation in turn goes where it ends earliest, on the machine that is chosen for it.

use super::board::{Board, Fit};
use super::ground::Ground;
use super::seek::Refusal;
use crate::scheduling::solver::model::OperationIndex;
use crate::scheduling::solver::plan::Reason;

/// What the search decides: who goes first, and where.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// All that is free, each after what it waits for.
    pub(crate) order: Vec<OperationIndex>,
    /// By operation, the alternative that it goes on; `None` is whichever ends it earliest.
    pub(crate) on: Vec<Option<usize>>,
}

impl List {
    /// What is free, in the problem's own order, on any machine.
    pub(crate) fn new(ground: &Ground<'_>) -> Self {
        let order = ground.problem.order().iter().copied().filter(|operation| ground.is_free(*operation)).collect();
        Self { order, on: vec![None; ground.problem.len()] }
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
            list.on[operation.at()] = board.fit(operation).map(|fit| fit.alternative);
        }
        list.sort(ground);
        list
    }

    /// Puts what waits behind what it waits for, and leaves the rest as it is.
    pub(crate) fn sort(&mut self, ground: &Ground<'_>) {
        let mut placed = vec![false; ground.problem.len()];
        let mut sorted = Vec::with_capacity(self.order.len());
        let mut stack: Vec<OperationIndex> = Vec::new();
        for &operation in &self.order {
            stack.push(operation);
            while let Some(&next) = stack.last() {
                let free = |it: &OperationIndex| ground.is_free(*it) && !placed[it.at()];
                let waits = ground.problem.before(next).map(|link| link.before).find(free);
                if let Some(before) = waits {
                    stack.push(before);
                    continue;
                }
                stack.pop();
                if !placed[next.at()] {
                    placed[next.at()] = true;
                    sorted.push(next);
                }
            }
        }
        self.order = sorted;
    }
}

/// Lists an operation's refusal, or keeps it for later when its material is still to be made.
pub(crate) fn refuse(
    board: &mut Board<'_>,
    operation: OperationIndex,
    refusal: Refusal,
    later: &mut Vec<OperationIndex>,
) {
    match refusal {
        Refusal::Material => later.push(operation),
        Refusal::Never(reason) => board.give_up(operation, reason),
        Refusal::Lag { .. } => board.give_up(operation, Reason::LagTooLong),
    }
}

/// Places one operation of a list, or says why not.
pub(crate) fn place(board: &mut Board<'_>, operation: OperationIndex, on: Option<usize>) -> Result<(), Refusal> {
    possible(board, operation)?;
    board.place(operation, on)
}

/// Places one operation where the baseline has it, if that can be.
pub(crate) fn hold(board: &mut Board<'_>, operation: OperationIndex) -> Result<(), Refusal> {
    let fit = held(board, operation)?;
    board.commit(operation, fit);
    Ok(())
}

/// Where it would be held.
pub(crate) fn held(board: &Board<'_>, operation: OperationIndex) -> Result<Fit, Refusal> {
    possible(board, operation)?;
    match board.ground().told(operation) {
        Some(told) => board.hold(operation, &told),
        None => board.seek(operation, None),
    }
}

fn possible(board: &Board<'_>, operation: OperationIndex) -> Result<(), Refusal> {
    let ground = board.ground();
    if let Some(reason) = ground.hopeless[operation.at()] {
        return Err(Refusal::Never(reason));
    }
    if ground.problem.before(operation).any(|link| board.is_given_up(link.before)) {
        return Err(Refusal::Never(Reason::PredecessorUnplaced));
    }
    Ok(())
}

/// Places a list from place `from` on, after what is on the board. `go_on` is asked now and then; false when it ended that early.
pub(crate) fn run(board: &mut Board<'_>, list: &List, from: usize, go_on: &mut dyn FnMut(&Board<'_>) -> bool) -> bool {
    let mut later = Vec::new();
    for operation in &list.order[from..] {
        if !go_on(board) {
            return false;
        }
        if let Err(refusal) = place(board, *operation, list.on[operation.at()]) {
            refuse(board, *operation, refusal, &mut later);
        }
        if !later.is_empty() {
            again(board, list, &mut later);
        }
    }
    finish(board, &later);
    true
}

/// Tries again what waits for material that may have been made meanwhile.
pub(crate) fn again(board: &mut Board<'_>, list: &List, later: &mut Vec<OperationIndex>) {
    loop {
        let before = later.len();
        for operation in std::mem::take(later) {
            if let Err(refusal) = place(board, operation, list.on[operation.at()]) {
                refuse(board, operation, refusal, later);
            }
        }
        if later.len() == before || later.is_empty() {
            return;
        }
    }
}

/// Gives up what still waits.
pub(crate) fn finish(board: &mut Board<'_>, later: &[OperationIndex]) {
    for operation in later {
        board.give_up(*operation, Reason::MaterialNeverArrives);
    }
}
