//! A plan after something changed: what still can stays where it is, what can't goes later on the same machine by the same operator,
//! or elsewhere where nobody is in its way; and what is new goes into what is free.
//!
//! Turns are taken by the time at which the run starts. Whoever has not had a turn keeps the place that people know, until somebody
//! who has waited longer needs it, or what comes first is too late for it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::calendar::FAR;
use super::decode::list::{self, Refusal};
use super::decode::tied::{self, GoOn};
use super::decode::{Board, Fit, Ground, lag_after, shortest_run};
use super::model::{Capacity, MachineIndex, OperationIndex};
use super::plan::{Assignment, Reason};
use super::{Plan, Problem, Seconds, Weights};

/// How often it is begun anew, each time with places kept on one machine less; after that with none.
const AGAIN: usize = 3;
/// Turns that one operation is put off, at most.
const PUT_OFF: u32 = 40;
/// Places of an operator before an instant that may reach beyond it: one may lie in the pause of another.
const FEW: usize = 4;

/// The plan that keeps as much of `baseline` as the problem, as it is now, allows.
pub fn repair(problem: &Problem, baseline: &Plan, weights: &Weights) -> Plan {
    let ground = Ground::new(problem, Some(baseline), *weights);
    let mut board = Board::new(&ground);
    repaired(&mut board, &mut |_| true);
    board.plan()
}

/// Repairs the ground's baseline on a board. False when `go_on` ended it early: what has had no turn is then left where it was, if
/// it can still be there, or without a place.
pub(crate) fn repaired(board: &mut Board<'_>, go_on: &mut GoOn<'_>) -> bool {
    let ground = board.ground();
    let mut keeps = vec![true; ground.problem.model().machines.len()];
    let mut again = 0;
    loop {
        match Repair::new(board, &keeps, go_on).run() {
            Ended::Stale(machine) => keeps[machine.at()] = false,
            Ended::Done => return true,
            Ended::Early => {
                if !leave_as_told(board) {
                    // What was placed relied on somebody who can't stay: they stay only after those who do.
                    board.rewind(0);
                    leave_as_told(board);
                }
                return false;
            }
        }
        for operation in ground.problem.operations() {
            board.release(operation);
        }
        board.rewind(0);
        again += 1;
        if again >= AGAIN {
            keeps.fill(false);
        }
    }
}

/// Leaves all who have no place for good where they were told, if they can be there. False where one that has its place for good
/// was set up for after somebody who is not there.
fn leave_as_told(board: &mut Board<'_>) -> bool {
    let ground = board.ground();
    let free = ground.problem.order().iter().filter(|it| ground.is_free(**it));
    let mut told: Vec<_> = free.filter_map(|it| Some((ground.told(*it)?, *it))).collect();
    told.sort_by_key(|(told, _)| (told.run_start, told.start));
    for (told, operation) in &told {
        board.release(*operation);
        let has_none = board.fit(*operation).is_none() && !board.is_given_up(*operation);
        if has_none && list::possible(board, *operation).is_ok() {
            let fit = board.told_from(*operation, told).ok().flatten();
            if let Some(fit) = fit.filter(|fit| fit.span.start == told.start) {
                board.commit(*operation, fit);
            }
        }
    }
    let gone = |(told, it): &&(Assignment, OperationIndex)| !board.is_at(*it, told);
    !told.iter().filter(gone).any(|(told, _)| board.is_stale_after((told.machine, told.start)))
}

/// How a repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    /// The budget was over.
    Early,
    /// What has its place for good on a machine was set up for after somebody who kept a place there, and then lost it.
    Stale(MachineIndex),
}

/// When a turn comes, who goes first then, and whose it is: those who are tied take theirs together.
type Turn = Reverse<(Seconds, usize, OperationIndex)>;

/// One after the other takes its place.
struct Repair<'b, 'a> {
    board: &'b mut Board<'a>,
    /// The same without places that are only kept.
    bare: Board<'a>,
    /// By operation, when its turn comes first, and who goes first of those whose turn comes together.
    due: Vec<Seconds>,
    rank: Vec<usize>,
    turns: BinaryHeap<Turn>,
    /// By operation, how many it still waits for; those who are tied count with the first of them.
    waits_for: Vec<u32>,
    /// By operation, the earliest that it can run as far as is known.
    runs_from: Vec<Seconds>,
    put_off: Vec<u32>,
    /// By operator, whose places are kept, by start.
    kept_by: Vec<Vec<(Seconds, OperationIndex)>>,
    /// The same by machine.
    kept_on: Vec<Vec<(Seconds, OperationIndex)>>,
    /// Whose places were given up, where nobody has looked yet whether anybody relied on them.
    given_way: Vec<OperationIndex>,
    /// By material, the first of those who wait for it, or for another as well, until some is made.
    lacking: Vec<BTreeSet<OperationIndex>>,
    /// By operation, its place in the problem's order.
    place: Vec<usize>,
    go_on: &'b mut GoOn<'b>,
    ended: bool,
}

impl<'b, 'a> Repair<'b, 'a> {
    /// Begins with all that can stay as it was told in its place, on machines where places are kept.
    fn new(board: &'b mut Board<'a>, keeps: &[bool], go_on: &'b mut GoOn<'_>) -> Self {
        let ground = board.ground();
        let problem = ground.problem;
        let due = due(ground);
        let mut repair = Self {
            bare: board.clone(),
            rank: rank(ground, &due),
            turns: BinaryHeap::new(),
            waits_for: vec![0; problem.len()],
            runs_from: due.clone(),
            put_off: vec![0; problem.len()],
            kept_by: vec![Vec::new(); problem.model().operators.len()],
            kept_on: vec![Vec::new(); problem.model().machines.len()],
            given_way: Vec::new(),
            lacking: vec![BTreeSet::new(); problem.model().materials.len()],
            place: places(problem.order()),
            go_on,
            ended: false,
            board,
            due,
        };
        let told = |it: OperationIndex| Some((ground.told(it).filter(|told| keeps[told.machine.at()])?, it));
        let mut told: Vec<(Assignment, OperationIndex)> =
            problem.operations().filter(|it| ground.is_free(*it)).filter_map(told).collect();
        told.sort_by_key(|(told, _)| (told.start, told.end));
        for (told, operation) in told {
            if !repair.goes_on() {
                break;
            }
            repair.board.reserve(operation, &told);
            if repair.board.is_reserved(operation) {
                repair.kept_on[told.machine.at()].push((told.start, operation));
                if let Some(by) = told.operator {
                    repair.kept_by[by.at()].push((told.start, operation));
                }
            }
        }
        repair
    }

    /// Whether the budget lasts; once it is over, it is.
    fn goes_on(&mut self) -> bool {
        self.ended = self.ended || !(self.go_on)(None);
        !self.ended
    }

    fn run(mut self) -> Ended {
        let ground = self.board.ground();
        for link in ground.problem.operations().flat_map(|it| ground.problem.before(it)) {
            if ground.is_free(link.before) && !ground.tied.together(link.before, link.after) {
                self.waits_for[ground.tied.first(link.after).at()] += 1;
            }
        }
        for operation in ground.problem.operations().filter(|it| ground.is_free(*it)) {
            if ground.tied.first(operation) == operation && self.waits_for[operation.at()] == 0 {
                self.call(operation);
            }
        }
        loop {
            while let Some(Reverse((at, _, first))) = self.turns.pop() {
                if self.goes_on() {
                    self.take(first, at);
                }
                if self.ended {
                    return Ended::Early;
                }
                if let Some(machine) = self.stale() {
                    return Ended::Stale(machine);
                }
            }
            let lacking: BTreeSet<OperationIndex> = self.lacking.iter_mut().flat_map(std::mem::take).collect();
            if lacking.is_empty() {
                return Ended::Done;
            }
            let later: Vec<_> = lacking.iter().flat_map(|first| ground.tied.unit(first)).copied().collect();
            if !list::finish(self.board, &put, &later, self.go_on) {
                return Ended::Early;
            }
            for operation in &later {
                self.settle(std::slice::from_ref(operation));
            }
        }
    }

    /// It is the turn of an operation, and of those that it is tied to, at that time.
    fn take(&mut self, first: OperationIndex, at: Seconds) {
        let unit = self.board.ground().tied.unit(&first);
        self.given_way.extend(unit.iter().filter(|it| self.board.is_reserved(**it)));
        let mut later = Vec::new();
        if unit.len() > 1 {
            if !self.place_tied(unit, &mut later) {
                self.ended = true;
                return;
            }
        } else {
            match self.place(first, at) {
                Ok(None) => {}
                Ok(Some(again)) => {
                    self.put_off[first.at()] += 1;
                    self.turns.push(Reverse((again, self.rank[first.at()], first)));
                    return self.give_way(first, again);
                }
                Err(Refusal::Material) => later.push(first),
                Err(Refusal::Never(reason)) => self.board.give_up(first, reason),
                Err(Refusal::Lag { .. }) => self.board.give_up(first, Reason::LagTooLong),
            }
        }
        if later.is_empty() {
            self.settle(unit);
        } else {
            for operation in unit {
                self.board.release(*operation);
            }
            for material in to_be_made(self.board.ground(), unit) {
                self.lacking[material].insert(first);
            }
            self.give_way(first, FAR);
        }
    }

    /// Places one that is tied to nobody where it was, or else later there or elsewhere; or tells when to try that again, as others
    /// come first until then.
    fn place(&mut self, operation: OperationIndex, at: Seconds) -> Result<Option<Seconds>, Refusal> {
        self.board.release(operation);
        list::possible(self.board, operation)?;
        let Some(told) = self.board.ground().told(operation) else {
            let fit = self.board.seek(operation, None, -FAR)?;
            self.board.commit(operation, fit);
            return Ok(None);
        };
        let stays = self.board.told_from(operation, &told)?.filter(|fit| fit.span.start == told.start);
        if let Some(fit) = stays {
            self.board.commit(operation, fit);
            return Ok(None);
        }
        let length = told.end - told.start;
        let shifted = self.bare.told_from(operation, &told).ok().flatten().filter(|fit| fit.joins.is_none());
        let elsewhere = match shifted {
            // Whoever waits no longer than he works does not look elsewhere.
            Some(fit) if fit.span.end <= told.end + length => None,
            _ => Some(self.board.hold(operation, &told, -FAR)?),
        };
        let shifted = shifted.filter(|fit| elsewhere.is_none_or(|other| fit.span.end + length < other.span.end));
        if let Some(fit) = shifted {
            if fit.span.run_start > at && self.put_off[operation.at()] < PUT_OFF {
                return Ok(Some(fit.span.run_start));
            }
            if self.take_room((operation, &told), &fit) {
                return Ok(None);
            }
        }
        let fit = elsewhere.map_or_else(|| self.board.hold(operation, &told, -FAR), Ok)?;
        if fit.span.run_start > at && self.put_off[operation.at()] < PUT_OFF {
            return Ok(Some(fit.span.run_start));
        }
        self.board.commit(operation, fit);
        Ok(None)
    }

    /// Places those who are tied where they were, or else later or elsewhere. As who is alone, they push others where they would have to
    /// wait longer than they work. False where it was ended early.
    fn place_tied(&mut self, unit: &[OperationIndex], later: &mut Vec<OperationIndex>) -> bool {
        let ground = self.board.ground();
        let told: Vec<Option<Assignment>> = unit.iter().map(|it| ground.told(*it)).collect();
        let Some((end, length)) = of_unit(&told) else {
            return tied::place(self.board, unit, &put, later, self.go_on);
        };
        // Where they would be if nobody kept a place.
        let steps = self.bare.steps();
        if !tied::place(&mut self.bare, unit, &put, &mut Vec::new(), self.go_on) {
            return false;
        }
        let bare: Vec<Option<Fit>> = unit.iter().map(|it| self.bare.fit(*it).copied()).collect();
        self.bare.rewind(steps);
        let ends =
            |fits: &[Option<Fit>]| fits.iter().map(|fit| fit.map_or(FAR, |fit| fit.span.end)).max().unwrap_or(FAR);
        let bare_end = ends(&bare);
        let steps = self.board.steps();
        if !tied::place(self.board, unit, &put, later, self.go_on) {
            return false;
        }
        let placed: Vec<Option<Fit>> = unit.iter().map(|it| self.board.fit(*it).copied()).collect();
        let wait = ends(&placed);
        let pushes = later.is_empty() && bare_end < wait && (bare_end <= end + length || bare_end + length < wait);
        if !pushes {
            return true;
        }
        self.board.rewind(steps);
        for (operation, fit) in unit.iter().zip(&bare) {
            if let Some(fit) = fit {
                let given_way = self.make_room(*operation, fit);
                self.given_way.extend(given_way);
            }
        }
        tied::place(self.board, unit, &put, later, self.go_on)
    }

    /// Takes the places of those who are in the way of what can't go there sooner. False, where that is not enough.
    fn take_room(&mut self, (operation, told): (OperationIndex, &Assignment), fit: &Fit) -> bool {
        let given_way = self.make_room(operation, fit);
        let found = self.board.told_from(operation, told).ok().flatten();
        let found = found.filter(|found| found.span.run_start <= fit.span.run_start);
        if let Some(fit) = found {
            self.board.commit(operation, fit);
        }
        self.given_way.extend(given_way);
        found.is_some()
    }

    /// Those who only keep their places give up what is in the way of a fit: on its machine, and of its operator. Whose.
    fn make_room(&mut self, operation: OperationIndex, fit: &Fit) -> Vec<OperationIndex> {
        let ground = self.board.ground();
        let on = ground.problem.operation(operation).alternatives[fit.alternative].machine;
        let mut given_way = self.board.give_room(operation, fit);
        let at_once = match ground.problem.machine(on).capacity {
            // Whose places are in the way there is known from the machine.
            Capacity::One | Capacity::Unlimited => None,
            Capacity::Many(at_once) | Capacity::Batch(at_once) => Some(at_once as usize),
        };
        let on_machine = at_once.map(|at_once| self.reached(&self.kept_on[on.at()], fit, FEW + at_once));
        let by = fit.by.map(|by| self.reached(&self.kept_by[by.operator.at()], fit, FEW));
        let theirs = on_machine.into_iter().chain(by).flatten();
        given_way.extend(theirs.filter(|it| self.board.release(*it)).collect::<Vec<_>>());
        given_way
    }

    /// Those of them whose places reach into a fit; of those that start before it, the last few are looked at.
    fn reached(&self, kept: &[(Seconds, OperationIndex)], fit: &Fit, few: usize) -> Vec<OperationIndex> {
        let until = kept.partition_point(|it| it.0 < fit.span.end);
        let from = kept.partition_point(|it| it.0 < fit.span.start).saturating_sub(few).min(until);
        let reaches = |it: OperationIndex| self.board.fit(it).is_some_and(|it| it.span.end > fit.span.start);
        kept[from..until].iter().map(|it| it.1).filter(|it| reaches(*it)).collect()
    }

    /// They have their places for good, or none. Those who waited only for them come next.
    fn settle(&mut self, unit: &[OperationIndex]) {
        let ground = self.board.ground();
        for &operation in unit {
            match self.board.fit(operation) {
                Some(fit) => self.bare.commit(operation, *fit),
                None => self.bare.give_up(operation, Reason::OutOfTime),
            }
            self.give_way(operation, FAR);
            for (made, _) in &ground.problem.operation(operation).makes {
                for first in std::mem::take(&mut self.lacking[made.at()]) {
                    for material in to_be_made(ground, ground.tied.unit(&first)) {
                        self.lacking[material].remove(&first);
                    }
                    self.call(first);
                }
            }
        }
        for link in unit.iter().flat_map(|it| ground.problem.after(*it)).filter(|link| ground.is_free(link.after)) {
            if !ground.tied.together(link.before, link.after) {
                let first = ground.tied.first(link.after);
                self.waits_for[first.at()] -= 1;
                if self.waits_for[first.at()] == 0 {
                    self.call(first);
                }
            }
        }
    }

    fn call(&mut self, first: OperationIndex) {
        let unit = self.board.ground().tied.unit(&first);
        let first_of = |of: &[Seconds]| unit.iter().map(|it| of[it.at()]).min().unwrap_or(FAR);
        self.turns.push(Reverse((first_of(&self.due), self.rank[first.at()], first)));
    }

    /// Those who wait for what runs no earlier than that, and so can't be where they were told, keep their places no more. Each is
    /// looked at once, after all that it waits for: there can be any number of ways to it.
    fn give_way(&mut self, mut operation: OperationIndex, runs_from: Seconds) {
        let problem = self.board.ground().problem;
        self.runs_from[operation.at()] = runs_from.max(self.runs_from[operation.at()]);
        let mut late = BTreeSet::new();
        loop {
            let from = self.runs_from[operation.at()];
            let settled = self.board.fit(operation).is_some() || self.board.is_given_up(operation);
            for link in problem.after(operation) {
                let ready = match link.transfer {
                    _ if settled => self.board.ready(link),
                    Some(_) => Some(from),
                    None => lag_after(problem, link, from + shortest_run(problem, operation), link.min_lag),
                };
                let from = ready.unwrap_or(FAR).min(FAR);
                if from > self.runs_from[link.after.at()] {
                    self.runs_from[link.after.at()] = from;
                    if self.board.release(link.after) {
                        self.given_way.push(link.after);
                    }
                    late.insert(self.place[link.after.at()]);
                }
            }
            match late.pop_first() {
                Some(place) if self.goes_on() => operation = problem.order()[place],
                _ => return,
            }
        }
    }

    /// A machine on which something that has its place for good was set up for after somebody who has gone.
    fn stale(&mut self) -> Option<MachineIndex> {
        let board = &self.board;
        let gone = |it: OperationIndex| board.ground().told(it).filter(|told| !board.is_at(it, told));
        let stale = |told: Assignment| board.is_stale_after((told.machine, told.start)).then_some(told.machine);
        let found = self.given_way.iter().find_map(|it| gone(*it).and_then(stale));
        self.given_way.clear();
        found
    }
}

/// When those who are tied were told to be done, and how long they take from the start of the first; nothing where not all were told.
fn of_unit(told: &[Option<Assignment>]) -> Option<(Seconds, Seconds)> {
    let told: Option<Vec<&Assignment>> = told.iter().map(Option::as_ref).collect();
    let told = told?;
    let (start, end) = (told.iter().map(|it| it.start).min()?, told.iter().map(|it| it.end).max()?);
    Some((end, end - start))
}

/// By operation, when its turn comes first: when it was told to run. What is new comes last, unless something old waits for it.
fn due(ground: &Ground<'_>) -> Vec<Seconds> {
    let mut due = vec![FAR; ground.problem.len()];
    for &operation in ground.problem.order().iter().rev() {
        let after = ground.problem.after(operation).map(|link| due[link.after.at()]);
        let told = ground.told(operation).map(|told| told.run_start);
        due[operation.at()] = told.or_else(|| after.min()).unwrap_or(FAR);
    }
    due
}

/// By operation, who goes first of those whose turn comes at the same time: whoever was told to run first; of what is new the most
/// pressing. The longest of a batch comes first: shorter ones can join it.
fn rank(ground: &Ground<'_>, due: &[Seconds]) -> Vec<usize> {
    let mut order = ground.problem.order().to_vec();
    order.sort_by_cached_key(|operation| {
        let data = ground.problem.operation(*operation);
        let wanted = ground.problem.model().jobs[data.job.at()].due.unwrap_or(FAR);
        // What is done has its place no more, and perhaps no machine.
        let told = ground.told(*operation).filter(|_| ground.is_free(*operation));
        let within = told.map_or((true, wanted, 0), |told| {
            let on = &data.alternatives[ground.alternative(*operation, told.machine)];
            (false, told.start, -(on.setup + on.run))
        });
        (due[operation.at()], within)
    });
    places(&order)
}

/// By operation, its place in an order of all.
fn places(order: &[OperationIndex]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    order.iter().zip(0..).for_each(|(operation, at)| places[operation.at()] = at);
    places
}

/// What some use that others make.
fn to_be_made<'u>(ground: &'u Ground<'_>, unit: &'u [OperationIndex]) -> impl Iterator<Item = usize> + 'u {
    let uses = unit.iter().flat_map(|it| ground.uses[it.at()].iter().map(|(material, _)| *material));
    uses.filter(|material| ground.made[*material])
}

fn put(board: &mut Board<'_>, operation: OperationIndex, ends_from: Seconds) -> Result<(), Refusal> {
    board.release(operation);
    list::hold(board, operation, ends_from)
}

#[cfg(test)]
mod tests;
