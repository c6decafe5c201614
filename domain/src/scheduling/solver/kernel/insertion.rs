//! Tabu search for the makespan of a shop with alternatives: each step takes one critical operation off its machine and
//! puts it where the longest way through it is shortest, on any machine that can do it. Within the window given by the
//! heads and tails without the operation no cycle arises (Mastrolilli and Gambardella).

use super::critical::critical_path;
use super::loads::{loads, unevenness};
use super::random::Random;
use super::schedule::{Lifted, Node, Schedule};
use super::shop::Shop;
use super::tabu::Arcs;

/// A path of no more operations is looked at as a whole.
const FEW: usize = 8;
/// Of others, one in so many operations is looked at: all of them make the same descent again and again.
const SPARSITY: usize = 2;

/// `operation` by `choice`, right behind `before` on its machine (nil: first).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Insertion {
    operation: u32,
    choice: u16,
    before: u32,
}

/// The makespan; where that is equal, how uneven the loads of the machines get, which many moves of equal makespan bring to
/// where one more is shorter; then the longest way through the operation. Another critical path hides what these are worth.
type Estimate = (i64, i128, i64);
const WORST: Estimate = (i64::MAX, i128::MAX, i64::MAX);

#[derive(Debug)]
pub(super) struct Insertions {
    path: Vec<u32>,
    lifted: Lifted,
    arcs: Arcs,
    tenure: usize,
    /// What stands before and behind the operation that is lifted, where it was.
    sides: (u32, u32),
    /// Makespan below which a forbidden move is made.
    best: i64,
    /// Makespan without the operation that is lifted.
    rest: i64,
    /// What each machine has to do.
    loads: Vec<i64>,
    /// Least estimate so far in this step, and how many share it.
    least: Estimate,
    ties: usize,
    chosen: Option<Insertion>,
    /// Where to go if all is forbidden.
    fallback: Option<Insertion>,
    seen: usize,
}

impl Insertions {
    pub(super) fn new(shop: &Shop) -> Self {
        Self {
            path: Vec::new(),
            lifted: Lifted::default(),
            arcs: Arcs::new(shop.operations()),
            tenure: 5 + shop.jobs.len() / shop.machines.max(1),
            sides: (0, 0),
            best: 0,
            rest: 0,
            loads: Vec::new(),
            least: WORST,
            ties: 0,
            chosen: None,
            fallback: None,
            seen: 0,
        }
    }

    /// Begins anew from the schedule as it stands.
    pub(super) fn begin(&mut self, shop: &Shop, schedule: &Schedule) {
        self.arcs.clear();
        self.loads = loads(shop, &schedule.choice);
    }

    /// Makes one move and says the makespan after it; none if there is nothing to move.
    pub(super) fn step(
        &mut self,
        shop: &Shop,
        schedule: &mut Schedule,
        (makespan, best): (i64, i64),
        random: &mut Random,
    ) -> Option<i64> {
        self.arcs.step += 1;
        self.best = best;
        let mut path = std::mem::take(&mut self.path);
        critical_path(schedule, makespan, random, &mut path);
        (self.least, self.ties, self.chosen, self.fallback, self.seen) = (WORST, 0, None, None, 0);
        let few = path.len() <= FEW;
        for &o in &path {
            if few || random.below(SPARSITY) == 0 {
                self.weigh(shop, schedule, o, random);
            }
        }
        self.path = path;
        match self.chosen.or(self.fallback) {
            Some(chosen) => self.make(shop, schedule, chosen, random),
            None if few => return None,
            None => {}
        }
        Some(schedule.makespan())
    }

    /// Looks at all places for one operation.
    fn weigh(&mut self, shop: &Shop, schedule: &mut Schedule, o: u32, random: &mut Random) {
        let here = Insertion { operation: o, choice: schedule.choice[o as usize], before: schedule.node(o).prev };
        self.sides = (schedule.node(o).prev, schedule.node(o).next);
        let mut lifted = std::mem::take(&mut self.lifted);
        schedule.lift(o, &mut lifted);
        self.rest = schedule.makespan();
        if self.rest <= self.least.0 {
            for index in 0..shop.choices(o as usize).len() {
                self.weigh_choice(shop, schedule, (here, index as u16), random);
            }
        }
        schedule.lower(&mut lifted);
        self.lifted = lifted;
    }

    /// Looks at the places on the machine of one choice, for an operation that is lifted from `here`.
    fn weigh_choice(&mut self, shop: &Shop, schedule: &Schedule, (here, index): (Insertion, u16), random: &mut Random) {
        let choice = shop.choices(here.operation as usize)[index as usize];
        let Node { head, tail, machine, .. } = *schedule.node(here.operation);
        let uneven = unevenness(&self.loads, shop.choices(here.operation as usize)[here.choice as usize], choice);
        if head + choice.time + tail > self.least.0 {
            return;
        }
        let window = Window::new(schedule, choice.machine, head, tail);
        let mut before = window.begin;
        loop {
            let after = schedule.follower(choice.machine, before);
            let place = Insertion { choice: index, before, ..here };
            let through = head.max(schedule.end(before)) + choice.time + tail.max(schedule.tail_with(after));
            let value = (through.max(self.rest), uneven, through);
            if value <= self.least && place != here && sound(schedule, place.operation, before, after) {
                let forbidden = value.0 >= self.best && self.is_forbidden(schedule, place, machine == choice.machine);
                self.consider(place, value, forbidden, random);
            }
            if before == window.last || after == schedule.nil {
                return;
            }
            before = after;
        }
    }

    fn consider(&mut self, place: Insertion, value: Estimate, forbidden: bool, random: &mut Random) {
        if forbidden {
            self.seen += 1;
            if random.below(self.seen) == 0 {
                self.fallback = Some(place);
            }
            return;
        }
        self.ties = if value < self.least { 1 } else { self.ties + 1 };
        self.least = value;
        if self.ties == 1 || random.below(self.ties) == 0 {
            self.chosen = Some(place);
        }
    }

    /// Whether the move turns a forbidden arc round, or brings the operation back to a machine it has just left.
    fn is_forbidden(&self, schedule: &Schedule, place: Insertion, stays: bool) -> bool {
        let o = place.operation;
        if !stays {
            return self.arcs.forbidden(o, schedule.nil + 1 + u32::from(place.choice));
        }
        let (prev, next) = self.sides;
        if is_behind(schedule, place.before, prev) {
            passed(next, place.before, |x| schedule.node(x).next).any(|x| self.arcs.forbidden(x, o))
        } else {
            passed_until(prev, place.before, |x| schedule.node(x).prev).any(|x| self.arcs.forbidden(o, x))
        }
    }

    fn make(&mut self, shop: &Shop, schedule: &mut Schedule, place: Insertion, random: &mut Random) {
        let o = place.operation;
        let was = *schedule.node(o);
        let tenure = (self.tenure + random.below(self.tenure * 2 / 5 + 1)) as u64 + 1;
        let chosen = shop.choices(o as usize)[place.choice as usize];
        if chosen.machine != was.machine {
            self.arcs.forbid(o, schedule.nil + 1 + u32::from(schedule.choice[o as usize]), tenure);
        } else if is_behind(schedule, place.before, o) {
            for x in passed(was.next, place.before, |x| schedule.node(x).next) {
                self.arcs.forbid(o, x, tenure);
            }
        } else {
            for x in passed_until(was.prev, place.before, |x| schedule.node(x).prev) {
                self.arcs.forbid(x, o, tenure);
            }
        }
        if schedule.shift(shop, o, place.choice, place.before) {
            self.loads[was.machine as usize] -= was.time;
            self.loads[chosen.machine as usize] += chosen.time;
        }
    }
}

/// Whether `one` is an operation later on its machine than `other`, which may be nil.
fn is_behind(schedule: &Schedule, one: u32, other: u32) -> bool {
    one != schedule.nil && (other == schedule.nil || schedule.node(one).rank > schedule.node(other).rank)
}

/// Operations from `from` on, in steps, up to `last`.
fn passed(from: u32, last: u32, step: impl Fn(u32) -> u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(from), move |&x| (x != last).then(|| step(x)))
}

/// Operations from `from` on, in steps, before `stop`.
fn passed_until(from: u32, stop: u32, step: impl Fn(u32) -> u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(from), move |&x| Some(step(x))).take_while(move |&x| x != stop)
}

/// No operation of the same job on the wrong side (lengths of zero show in no head or tail).
fn sound(schedule: &Schedule, o: u32, before: u32, after: u32) -> bool {
    let node = schedule.node(o);
    (before == schedule.nil || before != node.job_next) && (after == schedule.nil || after != node.job_prev)
}

/// Places on a machine where an operation with this head and tail fits without a cycle: behind `begin` up to behind `last`.
struct Window {
    begin: u32,
    last: u32,
}

impl Window {
    fn new(schedule: &Schedule, machine: u32, head: i64, tail: i64) -> Self {
        let nil = schedule.nil;
        // the last that ends early enough: all up to it need not be passed; the first whose rest is short enough
        let mut early = schedule.last[machine as usize];
        while early != nil && schedule.end(early) > head {
            early = schedule.node(early).prev;
        }
        let mut late = schedule.first[machine as usize];
        let mut urgent = nil;
        while late != nil && schedule.tail_with(late) > tail {
            urgent = late;
            late = schedule.node(late).next;
        }
        // `early` ends the operations not in L, `urgent` the operations in R
        let crossed = urgent != nil && (early == nil || schedule.end(urgent) > head);
        if crossed { Self { begin: early, last: urgent } } else { Self { begin: urgent, last: early } }
    }
}
