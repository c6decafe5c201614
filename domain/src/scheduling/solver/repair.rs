//! A plan after something changed: what still can stays where it is, the rest shifts to the right or goes where it ends sooner,
//! and what is new goes into what is free.

use super::decode::list::Refusal;
use super::decode::{Board, Ground, List, list};
use super::model::OperationIndex;
use super::{Plan, Problem, Seconds, Weights};

/// Turns that are taken again at most, for each that there is. After that nobody's place is kept any more.
const AGAIN: usize = 2;

/// The plan that keeps as much of `baseline` as the problem, as it is now, allows.
pub fn repair(problem: &Problem, baseline: &Plan, weights: &Weights) -> Plan {
    let ground = Ground::new(problem, Some(baseline), *weights);
    let mut board = Board::new(&ground);
    repaired(&mut board);
    board.plan()
}

/// Repairs the ground's baseline on a board.
pub(crate) fn repaired(board: &mut Board<'_>) {
    let ground = board.ground();
    let list = in_told_order(ground);
    let units: Vec<&[OperationIndex]> = list.order.chunk_by(|one, other| ground.tied.together(*one, *other)).collect();
    let mut turn = vec![0; ground.problem.len()];
    for (unit, at) in units.iter().zip(0..) {
        unit.iter().for_each(|operation| turn[operation.at()] = at);
    }
    let lost = vec![false; ground.problem.len()];
    let mut repair = Repair { board, units, turn, marks: Vec::new(), lost, later: Vec::new(), again: 0 };
    // All that can stay as it was told keeps its place, before anything that can't looks for another.
    repair.reserve(0, repair.units.len());
    let mut at = 0;
    while at < repair.units.len() {
        at = repair.take(at);
    }
    let later = repair.later;
    list::finish(board, &put, &later);
}

/// What is free, in the order that people know. What is new comes last, the most pressing first, unless something old waits for
/// it. The longest of a batch comes first: shorter ones can join it.
fn in_told_order(ground: &Ground<'_>) -> List {
    let mut list = List::new(ground);
    let due = |operation: OperationIndex| {
        let job = &ground.problem.model().jobs[ground.problem.operation(operation).job.at()];
        job.due.unwrap_or(i64::MAX)
    };
    list.order.sort_by_cached_key(|operation| {
        let at = ground.told(*operation).map(|told| (told, ground.alternative(*operation, told.machine)));
        at.map_or((true, due(*operation), 0, 0), |(told, on)| {
            let on = &ground.problem.operation(*operation).alternatives[on];
            (false, told.run_start, told.start, -(on.setup + on.run))
        })
    });
    list.sort(ground);
    list
}

fn put(board: &mut Board<'_>, operation: OperationIndex, ends_from: Seconds) -> Result<(), Refusal> {
    board.release(operation);
    list::hold(board, operation, ends_from)
}

/// One after the other takes its place.
struct Repair<'b, 'a> {
    board: &'b mut Board<'a>,
    units: Vec<&'b [OperationIndex]>,
    /// By operation, whose turn it is.
    turn: Vec<usize>,
    /// What there was before each turn: steps on the board, and who waited for material.
    marks: Vec<(usize, Vec<OperationIndex>)>,
    /// By operation, whether its place was kept for it in vain.
    lost: Vec<bool>,
    later: Vec<OperationIndex>,
    /// Turns that were taken again.
    again: usize,
}

impl Repair<'_, '_> {
    /// Takes a turn. Whose turn is next: when somebody has not taken the place that was kept, what was set up for after that has
    /// to look again.
    fn take(&mut self, at: usize) -> usize {
        let unit = self.units[at];
        self.marks.truncate(at);
        self.marks.push((self.board.steps(), self.later.clone()));
        let kept: Vec<OperationIndex> = unit.iter().copied().filter(|it| self.board.is_reserved(*it)).collect();
        list::place_unit(self.board, unit, &put, &mut self.later);
        let mut next = at + 1;
        for operation in kept {
            let Some(told) = self.board.ground().told(operation).filter(|told| !self.board.is_at(operation, told))
            else {
                continue;
            };
            self.lost[operation.at()] = true;
            let stale =
                self.board.stale_after((told.machine, told.start)).filter(|stale| !self.board.set_up_anew(*stale));
            next = next.min(stale.map_or(next, |stale| self.turn[stale.at()]));
        }
        if next <= at { self.go_back(next, at) } else { next }
    }

    /// Keeps the places of those whose turn is in between, where they can be as they were told.
    fn reserve(&mut self, from: usize, to: usize) {
        let ground = self.board.ground();
        let operations = self.units[from..to].iter().copied().flatten().copied();
        let told = |operation: OperationIndex| Some((ground.told(operation)?, operation));
        let mut told: Vec<_> = operations.filter(|it| !self.lost[it.at()]).filter_map(told).collect();
        told.sort_by_key(|(told, _)| (told.start, told.end));
        for (told, operation) in told {
            self.board.reserve(operation, &told);
        }
    }

    /// Takes back all turns from `to` on. Whose turn is next.
    fn go_back(&mut self, to: usize, from: usize) -> usize {
        self.again += from - to;
        if self.again > AGAIN * self.units.len() {
            self.lost.fill(true);
            self.units.iter().copied().flatten().for_each(|it| {
                self.board.release(*it);
            });
            self.board.rewind(0);
            self.later.clear();
            return 0;
        }
        let (steps, later) = self.marks[to].clone();
        self.board.rewind(steps);
        self.later = later;
        self.reserve(to, from + 1);
        to
    }
}
