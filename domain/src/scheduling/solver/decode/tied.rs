//! Operations that a longest lag ties together. They are placed one right after the other, so that what comes first can go later
//! when what waits could not come soon enough.

use super::board::Board;
use super::seek::Refusal;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Link, OperationIndex, Place, State};
use crate::scheduling::solver::plan::Reason;
use crate::scheduling::solver::{Problem, Seconds};

/// How often some that are tied are placed anew: so often, and so often for each of them.
const TRIES: usize = 20;
const TRIES_FOR_EACH: usize = 40;
/// Placements after which those of a long unit are not placed anew any more, beside one for each.
const PLACEMENTS: usize = 20_000;

/// Who is tied to whom: what can be reached from one another by links, where those with a longest lag lead both ways. So nothing
/// else has to come between those who are tied.
#[derive(Debug, Default)]
pub(crate) struct Tied {
    /// Those who are tied stand together, in the problem's order.
    members: Vec<OperationIndex>,
    /// By operation, where in `members` those stand that it is tied to. Empty where nothing is tied.
    ranges: Vec<(u32, u32)>,
}

impl Tied {
    /// Of what is free.
    pub(super) fn new(problem: &Problem, kept: &[Option<Place>]) -> Self {
        if problem.model().links.iter().all(|link| link.max_lag.is_none()) {
            return Self::default();
        }
        let waits = |it: OperationIndex| kept[it.at()].is_none() && problem.operation(it).state == State::Planned;
        let free = |link: &&Link| waits(link.before) && waits(link.after);
        let tight = |link: &&Link| link.max_lag.is_some();
        let onward = |it: OperationIndex| -> Vec<OperationIndex> {
            let after = problem.after(it).filter(free).map(|link| link.after);
            after.chain(problem.before(it).filter(free).filter(tight).map(|link| link.before)).collect()
        };
        let back = |it: OperationIndex| -> Vec<OperationIndex> {
            let before = problem.before(it).filter(free).map(|link| link.before);
            before.chain(problem.after(it).filter(free).filter(tight).map(|link| link.after)).collect()
        };
        let mut reached = vec![false; problem.len()];
        let mut left = Vec::new();
        problem.operations().for_each(|it| walk(it, &onward, &mut reached, &mut left));
        reached.fill(false);
        let mut place = vec![0; problem.len()];
        problem.order().iter().zip(0_u32..).for_each(|(it, at)| place[it.at()] = at);
        let mut tied = Self { members: Vec::with_capacity(left.len()), ranges: vec![(0, 0); problem.len()] };
        for operation in left.into_iter().rev() {
            let from = tied.members.len();
            walk(operation, &back, &mut reached, &mut tied.members);
            tied.members[from..].sort_unstable_by_key(|it| place[it.at()]);
            let range = [from, tied.members.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
            tied.members[from..].iter().for_each(|it| tied.ranges[it.at()] = (range[0], range[1]));
        }
        tied
    }

    /// Whether nothing is tied to anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The same, with those who stand together in that order.
    pub(super) fn in_order(&self, order: &[OperationIndex]) -> Self {
        let mut place = vec![usize::MAX; self.ranges.len()];
        order.iter().enumerate().for_each(|(at, operation)| place[operation.at()] = at);
        let mut members = self.members.clone();
        let same = |one: &OperationIndex, other: &OperationIndex| self.together(*one, *other);
        members.chunk_by_mut(same).for_each(|unit| unit.sort_unstable_by_key(|it| place[it.at()]));
        Self { members, ranges: self.ranges.clone() }
    }

    /// An operation and all that it is tied to.
    pub(crate) fn unit<'t>(&'t self, operation: &'t OperationIndex) -> &'t [OperationIndex] {
        match self.ranges.get(operation.at()) {
            Some(&(from, to)) => &self.members[from as usize..to as usize],
            None => std::slice::from_ref(operation),
        }
    }

    /// The first of those that an operation is tied to: it stands for all of them.
    pub(crate) fn first(&self, operation: OperationIndex) -> OperationIndex {
        self.unit(&operation).first().copied().unwrap_or(operation)
    }

    /// Whether two go together.
    pub(crate) fn together(&self, one: OperationIndex, other: OperationIndex) -> bool {
        one == other || (!self.is_empty() && self.ranges[one.at()] == self.ranges[other.at()])
    }
}

/// All that is reached for the first time, each after what it leads to.
fn walk(
    from: OperationIndex,
    leads_to: &dyn Fn(OperationIndex) -> Vec<OperationIndex>,
    reached: &mut [bool],
    left: &mut Vec<OperationIndex>,
) {
    if std::mem::replace(&mut reached[from.at()], true) {
        return;
    }
    let mut stack = vec![(from, leads_to(from))];
    while let Some((operation, next)) = stack.last_mut() {
        let operation = *operation;
        match next.pop() {
            Some(next) if !std::mem::replace(&mut reached[next.at()], true) => stack.push((next, leads_to(next))),
            Some(_) => {}
            None => {
                left.push(operation);
                stack.pop();
            }
        }
    }
}

/// Places one operation so that it ends at that instant at the earliest.
pub(crate) type Put<'p> = dyn Fn(&mut Board<'_>, OperationIndex, Seconds) -> Result<(), Refusal> + 'p;

/// Whether to go on with a plan that is being made: asked before each placement, or try of one. It sees the board only between
/// units, where what is on it can be compared.
pub(crate) type GoOn<'g> = dyn FnMut(Option<&Board<'_>>) -> bool + 'g;

/// Places those who are tied, each after what it waits for. What has no place is listed as unplaced; all of them are kept for
/// later when one waits for a material that is still to be made. `go_on` is asked before each placement but the first; false, and
/// none of them placed, when it ended that early.
pub(crate) fn place(
    board: &mut Board<'_>,
    unit: &[OperationIndex],
    put: &Put<'_>,
    later: &mut Vec<OperationIndex>,
    go_on: &mut GoOn<'_>,
) -> bool {
    let steps = board.steps();
    let mut ends_from = vec![-FAR; unit.len()];
    let mut tries = TRIES + TRIES_FOR_EACH * unit.len();
    let mut placements = 0;
    let may = |tries: usize, placements: usize| tries > 0 && placements < PLACEMENTS + unit.len();
    let mut at = 0;
    while at < unit.len() {
        if placements > 0 && !go_on(None) {
            board.rewind(steps);
            return false;
        }
        placements += 1;
        match put(board, unit[at], ends_from[at]) {
            Ok(()) => at += 1,
            Err(Refusal::Material) => {
                board.rewind(steps);
                later.extend(unit);
                return true;
            }
            Err(Refusal::Never(reason)) => {
                board.give_up(unit[at], reason);
                at += 1;
            }
            Err(Refusal::Lag { before, ends }) => {
                let first = unit[..at].iter().position(|it| *it == before);
                if let Some(first) = first.filter(|first| may(tries, placements) && ends_from[*first] < ends) {
                    tries -= 1;
                    ends_from[first] = ends;
                    board.rewind(steps + first);
                    at = first;
                } else {
                    board.give_up(unit[at], Reason::LagTooLong);
                    at += 1;
                }
            }
        }
    }
    true
}
