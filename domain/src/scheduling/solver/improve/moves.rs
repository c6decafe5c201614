//! Small changes of a list.

use super::sight::Sight;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::decode::{Ground, List, list};
use crate::scheduling::solver::kernel::random::Random;
use crate::scheduling::solver::model::{JobIndex, OperationIndex};
use crate::scheduling::solver::problem::Qualified;

/// Looks for something of the same family.
const TRIES: usize = 40;

/// Where an operation goes, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    operation: OperationIndex,
    on: Option<usize>,
    by: Option<(Qualified, Seconds)>,
}

/// A part of a list that is otherwise.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// The first place that anything changes at, and the first after which nothing does.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The new order from `from` on.
    order: Vec<OperationIndex>,
    ways: Vec<Way>,
}

impl Change {
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.ways.is_empty()
    }

    /// Carries it out, and becomes what takes it back.
    pub(super) fn apply(&mut self, list: &mut List) {
        let from = self.from;
        let places = &mut list.order[from..from + self.order.len()];
        places.swap_with_slice(&mut self.order);
        for way in &mut self.ways {
            std::mem::swap(&mut list.on[way.operation.at()], &mut way.on);
            std::mem::swap(&mut list.by[way.operation.at()], &mut way.by);
        }
        self.ways.reverse();
    }
}

/// A change that is being thought of: operations that go elsewhere in the list, with the place before which they go.
struct Draft<'c, 'a> {
    list: &'c List,
    sight: &'c Sight,
    ground: &'c Ground<'a>,
    chance: &'c mut Random,
    moved: Vec<(usize, OperationIndex)>,
    ways: Vec<Way>,
}

/// A small change within what is in sight.
pub(super) fn draw(list: &List, sight: &Sight, ground: &Ground<'_>, chance: &mut Random) -> Change {
    let mut draft = Draft { list, sight, ground, chance, moved: Vec::new(), ways: Vec::new() };
    let operation = draft.somebody();
    match draft.chance.below(20) {
        0..=4 => draft.before_blocker(operation),
        5..=6 => draft.blocker_behind(operation),
        7..=8 => draft.elsewhere(operation),
        9..=10 => draft.earlier(operation),
        11 => draft.chain_earlier(operation),
        12 => draft.change_places(operation),
        13 => draft.near(operation),
        14 => draft.shake(operation),
        15..=18 => draft.beside_its_family(operation),
        _ => draft.job_later(),
    }
    if draft.chance.below(8) == 0 {
        let other = draft.somebody();
        draft.elsewhere(other);
    }
    if draft.chance.below(3) == 0 {
        draft.by_anybody(operation);
    }
    draft.finish()
}

impl Draft<'_, '_> {
    fn any(&mut self) -> OperationIndex {
        let window = &self.sight.window;
        self.list.order[window.start + self.chance.below(window.len())]
    }

    /// An operation of a late job, most likely of one whose lateness costs much and which waits long; now and then just any.
    fn somebody(&mut self) -> OperationIndex {
        let any = self.any();
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
        let seen = |it: &&OperationIndex| self.is_seen(**it);
        let weight = |it: &OperationIndex| self.sight.seen[it.at()].waits.max(0).unsigned_abs() + 60;
        let total = of.iter().filter(seen).map(weight).fold(0_u64, u64::saturating_add);
        let mut drawn = usize::try_from(total).map_or(0, |total| self.chance.below(total)) as u64;
        let seen = |it: &&OperationIndex| self.is_seen(**it);
        of.iter().filter(seen).copied().find(|it| {
            let weight = weight(it);
            let found = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            found
        })
    }

    fn is_seen(&self, operation: OperationIndex) -> bool {
        self.ground.is_free(operation) && self.sight.window.contains(&self.place(operation))
    }

    fn place(&self, operation: OperationIndex) -> usize {
        self.sight.seen[operation.at()].place
    }

    fn move_before(&mut self, place: usize, operation: OperationIndex) {
        let window = &self.sight.window;
        if self.is_seen(operation) {
            self.moved.push((place.clamp(window.start, window.end), operation));
            self.go(operation, self.list.on[operation.at()]);
        }
    }

    /// On that machine, by whoever ends it earliest.
    fn go(&mut self, operation: OperationIndex, on: Option<usize>) {
        self.ways.push(Way { operation, on, by: None });
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
            Some(blocker) => self.move_before(self.place(blocker), operation),
            None => self.elsewhere(operation),
        }
    }

    fn blocker_behind(&mut self, operation: OperationIndex) {
        match self.blocker(operation) {
            Some(blocker) => self.move_before(self.place(operation) + 1, blocker),
            None => self.elsewhere(operation),
        }
    }

    fn change_places(&mut self, operation: OperationIndex) {
        if let Some(blocker) = self.blocker(operation) {
            self.move_before(self.place(blocker), operation);
            self.move_before(self.place(operation), blocker);
        }
    }

    /// On another machine, or on whichever ends it earliest.
    fn elsewhere(&mut self, operation: OperationIndex) {
        let count = self.ground.problem.operation(operation).alternatives.len();
        let on = if self.chance.below(2) == 0 { None } else { Some(self.chance.below(count)) };
        if self.chance.below(2) == 0 {
            self.earlier(operation);
        }
        self.go(operation, on);
    }

    /// Right behind something earlier of its family, on the same machine: no changeover then, and it may fit where it did not.
    fn beside_its_family(&mut self, operation: OperationIndex) {
        let problem = self.ground.problem;
        let data = problem.operation(operation);
        let (first, place) = (self.sight.window.start, self.place(operation));
        let mut tries = 0;
        while data.family.is_some() && place > first && tries < TRIES {
            tries += 1;
            let at = first + self.chance.below(place - first);
            let other = self.list.order[at];
            let theirs = problem.operation(other);
            let machine = self.list.on[other.at()].map(|on| theirs.alternatives[on].machine);
            let same = data.alternatives.iter().position(|alternative| Some(alternative.machine) == machine);
            if let Some(on) = same.filter(|_| theirs.family == data.family && other != operation) {
                self.move_before(at + 1, operation);
                self.go(operation, Some(on));
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
        let most = (to - from.min(to)).min(4 + self.sight.window.len() / 4);
        let place = to - self.chance.below(most + 1);
        self.move_before(place, operation);
    }

    /// It and some that come next are done by whoever ends them earliest.
    fn by_anybody(&mut self, operation: OperationIndex) {
        let from = self.place(operation);
        let to = (from + 1 + self.chance.below(30)).min(self.sight.window.end);
        let list = self.list;
        for &operation in list.order.get(from..to).unwrap_or_default() {
            if !self.ways.iter().any(|way| way.operation == operation) {
                self.go(operation, self.list.on[operation.at()]);
            }
        }
    }

    /// The rest of the job with it.
    fn chain_earlier(&mut self, operation: OperationIndex) {
        let by = 1 + self.chance.below(4 + self.sight.window.len() / 8);
        let from = self.place(operation);
        for &next in self.ground.problem.operations_of(self.ground.problem.operation(operation).job) {
            if self.is_seen(next) && self.place(next) >= from {
                self.move_before(self.place(next).saturating_sub(by), next);
                if self.chance.below(3) == 0 {
                    self.go(next, None);
                }
            }
        }
    }

    /// A little earlier or later.
    fn near(&mut self, operation: OperationIndex) {
        let far = 2 + self.sight.window.len() / 16;
        let to = (self.place(operation) + self.chance.below(2 * far + 1)).saturating_sub(far);
        self.move_before(to, operation);
    }

    /// Some neighbours in the list in any order, on any machine.
    fn shake(&mut self, operation: OperationIndex) {
        let count = 3 + self.chance.below(6);
        let from = self.place(operation).saturating_sub(self.chance.below(count + 1));
        let to = (from + count * 2).min(self.sight.window.end);
        for at in from..to {
            let operation = self.list.order[at];
            if self.chance.below(2) == 0 {
                let place = from + self.chance.below(count * 2);
                self.move_before(place, operation);
                self.go(operation, None);
            }
        }
    }

    /// Any job's rest goes later, to make room.
    fn job_later(&mut self) {
        let any = self.any();
        let by = 1 + self.chance.below(4 + self.sight.window.len() / 8);
        let from = self.place(any);
        for &next in self.ground.problem.operations_of(self.ground.problem.operation(any).job) {
            if self.is_seen(next) && self.place(next) >= from {
                self.move_before(self.place(next) + by, next);
            }
        }
    }

    fn finish(mut self) -> Change {
        self.moved.sort_unstable();
        self.moved.dedup_by_key(|it| it.1);
        let moves = self.moved.iter().flat_map(|it| [it.0, self.place(it.1), self.place(it.1) + 1]);
        let ways = self.ways.iter().flat_map(|way| [self.place(way.operation), self.place(way.operation) + 1]);
        let places = || moves.clone().chain(ways.clone());
        let (Some(from), Some(to)) = (places().min(), places().max()) else { return Change::default() };
        let from = (0..=from).rev().find(|at| self.list.between_units(self.ground, *at) == *at).unwrap_or(0);
        let to = self.list.between_units(self.ground, to);
        let order = if self.moved.is_empty() { Vec::new() } else { self.sorted(from, to) };
        Change { from, to, order, ways: self.ways }
    }

    /// The new order of these places, each after what it waits for.
    fn sorted(&self, from: usize, to: usize) -> Vec<OperationIndex> {
        let goes = |operation: OperationIndex| self.moved.iter().any(|it| it.1 == operation);
        let mut order = Vec::with_capacity(to - from);
        let mut next = self.moved.iter().peekable();
        for at in from..to {
            while let Some((_, moved)) = next.next_if(|it| it.0 <= at) {
                order.push(*moved);
            }
            let operation = self.list.order[at];
            if !goes(operation) {
                order.push(operation);
            }
        }
        order.extend(next.map(|it| it.1));
        let mut placed = vec![true; self.ground.problem.len()];
        for operation in &order {
            placed[operation.at()] = false;
        }
        list::sorted(self.ground, &order, &placed)
    }
}
