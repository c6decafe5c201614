//! Small changes of a list.

use super::sight::Sight;
use crate::scheduling::solver::decode::{Ground, List};
use crate::scheduling::solver::kernel::random::Random;
use crate::scheduling::solver::model::{JobIndex, OperationIndex};

/// Looks for something of the same family.
const TRIES: usize = 40;

/// A change: operations that go elsewhere in the list, with the place before which they go.
struct Change<'c, 'a> {
    list: List,
    sight: &'c Sight,
    ground: &'c Ground<'a>,
    chance: &'c mut Random,
    moved: Vec<(usize, OperationIndex)>,
}

/// A list that differs a little.
pub(super) fn neighbour(list: &List, sight: &Sight, ground: &Ground<'_>, chance: &mut Random) -> List {
    let mut change = Change { list: list.clone(), sight, ground, chance, moved: Vec::new() };
    let operation = change.somebody();
    match change.chance.below(20) {
        0..=4 => change.before_blocker(operation),
        5..=6 => change.blocker_behind(operation),
        7..=8 => change.elsewhere(operation),
        9..=10 => change.earlier(operation),
        11 => change.chain_earlier(operation),
        12 => change.change_places(operation),
        13 => change.near(operation),
        14 => change.shake(operation),
        15..=18 => change.beside_its_family(operation),
        _ => change.job_later(),
    }
    if change.chance.below(8) == 0 {
        let other = change.somebody();
        change.elsewhere(other);
    }
    change.carry_out()
}

impl Change<'_, '_> {
    /// An operation of a late job, most likely of one whose lateness costs much and which waits long; now and then just any.
    fn somebody(&mut self) -> OperationIndex {
        let any = self.list.order[self.chance.below(self.list.order.len())];
        if !self.sight.lost.is_empty() && self.chance.below(3) == 0 {
            return self.sight.lost[self.chance.below(self.sight.lost.len())];
        }
        let total = self.sight.late.last().map_or(0, |late| late.1);
        if total == 0 || self.chance.below(6) == 0 {
            return any;
        }
        let drawn = usize::try_from(total).map_or(0, |total| self.chance.below(total)) as u64;
        let at = self.sight.late.partition_point(|late| late.1 <= drawn);
        let Some(&(job, _)) = self.sight.late.get(at) else { return any };
        self.one_of(job).unwrap_or(any)
    }

    /// An operation of a job, most likely one that waits long.
    fn one_of(&mut self, job: JobIndex) -> Option<OperationIndex> {
        let of = self.ground.problem.operations_of(job);
        let free = |it: &&OperationIndex| self.ground.is_free(**it);
        let weight = |it: &OperationIndex| self.sight.seen[it.at()].waits.max(0).unsigned_abs() + 60;
        let total: u64 = of.iter().filter(free).map(weight).sum();
        let mut drawn = usize::try_from(total).map_or(0, |total| self.chance.below(total)) as u64;
        of.iter().filter(free).copied().find(|it| {
            let weight = weight(it);
            let found = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            found
        })
    }

    fn place(&self, operation: OperationIndex) -> usize {
        self.sight.seen[operation.at()].place
    }

    /// What is in the way: just before on the machine or at the operator, or a few before.
    fn blocker(&mut self, operation: OperationIndex) -> Option<OperationIndex> {
        let side = self.chance.below(2);
        let behind = |it: OperationIndex| self.sight.seen[it.at()].behind;
        let mut at = behind(operation)[side].or(behind(operation)[1 - side])?;
        while self.chance.below(3) == 0 {
            at = behind(at)[side].unwrap_or(at);
        }
        Some(at)
    }

    fn before_blocker(&mut self, operation: OperationIndex) {
        match self.blocker(operation) {
            Some(blocker) => self.moved.push((self.place(blocker), operation)),
            None => self.elsewhere(operation),
        }
    }

    fn blocker_behind(&mut self, operation: OperationIndex) {
        match self.blocker(operation) {
            Some(blocker) => self.moved.push((self.place(operation) + 1, blocker)),
            None => self.elsewhere(operation),
        }
    }

    fn change_places(&mut self, operation: OperationIndex) {
        if let Some(blocker) = self.blocker(operation) {
            self.moved.push((self.place(blocker), operation));
            self.moved.push((self.place(operation), blocker));
        }
    }

    /// On another machine, or on whichever ends it earliest.
    fn elsewhere(&mut self, operation: OperationIndex) {
        let count = self.ground.problem.operation(operation).alternatives.len();
        let on = if self.chance.below(2) == 0 { None } else { Some(self.chance.below(count)) };
        self.list.on[operation.at()] = on;
        if self.chance.below(2) == 0 {
            self.earlier(operation);
        }
    }

    /// Right behind something earlier of its family, on the same machine: no changeover then, and it may fit where it did not.
    fn beside_its_family(&mut self, operation: OperationIndex) {
        let problem = self.ground.problem;
        let data = problem.operation(operation);
        let place = self.place(operation);
        let mut tries = 0;
        while data.family.is_some() && place > 0 && tries < TRIES {
            tries += 1;
            let at = self.chance.below(place);
            let other = self.list.order[at];
            let theirs = problem.operation(other);
            let machine = self.list.on[other.at()].map(|on| theirs.alternatives[on].machine);
            let same = data.alternatives.iter().position(|alternative| Some(alternative.machine) == machine);
            if let Some(on) = same.filter(|_| theirs.family == data.family && other != operation) {
                self.list.on[operation.at()] = Some(on);
                self.moved.push((at + 1, operation));
                return;
            }
        }
        self.elsewhere(operation);
    }

    /// Somewhere between what it waits for and its place.
    fn earlier(&mut self, operation: OperationIndex) {
        let before = self.ground.problem.before(operation).map(|link| link.before);
        let from = before.filter(|it| self.ground.is_free(*it)).map(|it| self.place(it) + 1).max().unwrap_or(0);
        let to = self.place(operation);
        let most = (to - from.min(to)).min(4 + self.list.order.len() / 4);
        self.moved.push((to - self.chance.below(most + 1), operation));
    }

    /// The rest of the job with it.
    fn chain_earlier(&mut self, operation: OperationIndex) {
        let by = 1 + self.chance.below(4 + self.list.order.len() / 8);
        let from = self.place(operation);
        for &next in self.ground.problem.operations_of(self.ground.problem.operation(operation).job) {
            if self.ground.is_free(next) && self.place(next) >= from {
                self.moved.push((self.place(next).saturating_sub(by), next));
                if self.chance.below(3) == 0 {
                    self.list.on[next.at()] = None;
                }
            }
        }
    }

    /// A little earlier or later.
    fn near(&mut self, operation: OperationIndex) {
        let far = 2 + self.list.order.len() / 16;
        let to = (self.place(operation) + self.chance.below(2 * far + 1)).saturating_sub(far);
        self.moved.push((to.min(self.list.order.len()), operation));
    }

    /// Some neighbours in the list in any order, on any machine.
    fn shake(&mut self, operation: OperationIndex) {
        let count = 3 + self.chance.below(6);
        let from = self.place(operation).saturating_sub(self.chance.below(count + 1));
        let window: Vec<OperationIndex> = self.list.order.iter().skip(from).take(count * 2).copied().collect();
        for operation in window {
            if self.chance.below(2) == 0 {
                self.moved.push((from + self.chance.below(count * 2), operation));
                self.list.on[operation.at()] = None;
            }
        }
    }

    /// Any job's rest goes later, to make room.
    fn job_later(&mut self) {
        let any = self.list.order[self.chance.below(self.list.order.len())];
        let by = 1 + self.chance.below(4 + self.list.order.len() / 8);
        let from = self.place(any);
        for &next in self.ground.problem.operations_of(self.ground.problem.operation(any).job) {
            if self.ground.is_free(next) && self.place(next) >= from {
                self.moved.push((self.place(next) + by, next));
            }
        }
    }

    fn carry_out(mut self) -> List {
        if self.moved.is_empty() {
            return self.list;
        }
        self.moved.sort_unstable();
        self.moved.dedup_by_key(|it| it.1);
        let goes = |operation: OperationIndex| self.moved.iter().any(|it| it.1 == operation);
        let mut order = Vec::with_capacity(self.list.order.len());
        let mut next = self.moved.iter().peekable();
        for (at, &operation) in self.list.order.iter().enumerate() {
            while let Some((_, moved)) = next.next_if(|it| it.0 <= at) {
                order.push(*moved);
            }
            if !goes(operation) {
                order.push(operation);
            }
        }
        order.extend(next.map(|it| it.1));
        self.list.order = order;
        self.list.sort(self.ground);
        self.list
    }
}
