//! A semi-active schedule of a shop: a choice for each operation, an order on each machine, the earliest start of each
//! operation (head), the longest way from its end to the end of all (tail), and one topological order of job and machine
//! arcs together. A move repairs the order in its window only and follows changed heads and tails only as far as they go.

use super::agenda::Agenda;
use super::shop::Shop;

/// All that is known of an operation, in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Node {
    pub(super) head: i64,
    pub(super) tail: i64,
    pub(super) time: i64,
    pub(super) release: i64,
    pub(super) delivery: i64,
    pub(super) machine: u32,
    /// Neighbours on the machine and in the job; `nil` if there is none.
    pub(super) prev: u32,
    pub(super) next: u32,
    pub(super) job_prev: u32,
    pub(super) job_next: u32,
    /// Place in the topological order.
    pub(super) rank: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// One for each operation, and a last one that stands for "none": it ends at 0 and has no tail, so that looking at
    /// a neighbour needs no question.
    pub(super) nodes: Vec<Node>,
    pub(super) choice: Vec<u16>,
    pub(super) first: Vec<u32>,
    pub(super) last: Vec<u32>,
    pub(super) order: Vec<u32>,
    pub(super) nil: u32,
    /// Operations after which all may be over: the last of each job and those with a delivery.
    ends: Vec<u32>,
    agenda: Agenda,
    marked: Vec<bool>,
    moved: Vec<u32>,
}

/// An operation taken off its machine for a moment, and the heads and tails that changed by it.
#[derive(Debug, Default)]
pub(super) struct Lifted {
    was: Option<(u32, Node)>,
    heads: Vec<(u32, i64)>,
    tails: Vec<(u32, i64)>,
}

impl Schedule {
    /// An unconnected schedule; `rebuild` makes it whole.
    pub(super) fn new(shop: &Shop) -> Self {
        let count = shop.operations();
        let nil = count as u32;
        let none = Node {
            head: 0,
            tail: 0,
            time: 0,
            release: 0,
            delivery: 0,
            machine: 0,
            prev: nil,
            next: nil,
            job_prev: nil,
            job_next: nil,
            rank: nil,
        };
        let mut nodes = vec![none; count + 1];
        let mut ends = Vec::new();
        for job in &shop.jobs {
            for o in job.operations.clone() {
                let node = &mut nodes[o as usize];
                node.release = shop.release[o as usize];
                node.delivery = shop.delivery[o as usize];
                node.job_prev = if o == job.operations.start { nil } else { o - 1 };
                node.job_next = if o + 1 == job.operations.end { nil } else { o + 1 };
                if node.job_next == nil || node.delivery > 0 {
                    ends.push(o);
                }
            }
        }
        Self {
            nodes,
            choice: vec![0; count],
            first: vec![nil; shop.machines],
            last: vec![nil; shop.machines],
            order: Vec::with_capacity(count),
            nil,
            ends,
            agenda: Agenda::new(count),
            marked: vec![false; count + 1],
            moved: Vec::new(),
        }
    }

    /// Makes the schedule that a topological order and choices stand for.
    pub(super) fn rebuild(&mut self, shop: &Shop, order: &[u32], choice: &[u16]) {
        self.order.clear();
        self.order.extend_from_slice(order);
        self.choice.copy_from_slice(choice);
        self.first.fill(self.nil);
        self.last.fill(self.nil);
        for (rank, &o) in order.iter().enumerate() {
            let chosen = shop.choices(o as usize)[choice[o as usize] as usize];
            let before = std::mem::replace(&mut self.last[chosen.machine as usize], o);
            let node = &mut self.nodes[o as usize];
            node.rank = rank as u32;
            node.machine = chosen.machine;
            node.time = chosen.time;
            node.prev = before;
            node.next = self.nil;
            if before == self.nil {
                self.first[chosen.machine as usize] = o;
            } else {
                self.nodes[before as usize].next = o;
            }
        }
        self.evaluate();
    }

    /// Heads and tails from scratch.
    fn evaluate(&mut self) {
        for rank in 0..self.order.len() {
            let o = self.order[rank];
            self.nodes[o as usize].head = self.head_of(o);
        }
        for rank in (0..self.order.len()).rev() {
            let o = self.order[rank];
            self.nodes[o as usize].tail = self.tail_of(o);
        }
    }

    #[inline]
    pub(super) fn node(&self, o: u32) -> &Node {
        &self.nodes[o as usize]
    }

    /// When `o` ends.
    #[inline]
    pub(super) fn end(&self, o: u32) -> i64 {
        let node = &self.nodes[o as usize];
        node.head + node.time
    }

    /// The longest way from the start of `o` to the end of all.
    #[inline]
    pub(super) fn tail_with(&self, o: u32) -> i64 {
        let node = &self.nodes[o as usize];
        node.tail + node.time
    }

    /// What stands behind `before` on a machine, or first if `before` is nil.
    #[inline]
    pub(super) fn follower(&self, machine: u32, before: u32) -> u32 {
        if before == self.nil { self.first[machine as usize] } else { self.nodes[before as usize].next }
    }

    #[inline]
    fn head_of(&self, o: u32) -> i64 {
        let node = &self.nodes[o as usize];
        node.release.max(self.end(node.job_prev)).max(self.end(node.prev))
    }

    #[inline]
    fn tail_of(&self, o: u32) -> i64 {
        let node = &self.nodes[o as usize];
        node.delivery.max(self.tail_with(node.job_next)).max(self.tail_with(node.next))
    }

    pub(super) fn makespan(&self) -> i64 {
        self.ends.iter().map(|&o| self.end(o) + self.nodes[o as usize].delivery).max().unwrap_or(0)
    }

    /// The operations a longest way may end with.
    pub(super) fn critical_ends(&self, makespan: i64) -> impl Iterator<Item = u32> {
        self.ends.iter().copied().filter(move |&o| self.end(o) + self.nodes[o as usize].delivery == makespan)
    }

    fn unlink(&mut self, o: u32) {
        let Node { prev, next, machine, .. } = self.nodes[o as usize];
        if prev == self.nil {
            self.first[machine as usize] = next;
        } else {
            self.nodes[prev as usize].next = next;
        }
        if next == self.nil {
            self.last[machine as usize] = prev;
        } else {
            self.nodes[next as usize].prev = prev;
        }
    }

    /// Puts `o` behind `before` on its machine, or first if `before` is nil.
    fn link(&mut self, o: u32, before: u32) {
        let machine = self.nodes[o as usize].machine as usize;
        let after = self.follower(machine as u32, before);
        self.nodes[o as usize].prev = before;
        self.nodes[o as usize].next = after;
        if before == self.nil {
            self.first[machine] = o;
        } else {
            self.nodes[before as usize].next = o;
        }
        if after == self.nil {
            self.last[machine] = o;
        } else {
            self.nodes[after as usize].prev = o;
        }
    }

    /// Moves `o` on its machine, or to the machine of `choice`, right behind `before` (nil: to the front), and repairs
    /// the order. False if that closes a cycle: links and order are then as before the call.
    /// Heads and tails wait in the agenda's seeds: see `update_heads` and `update_tails`.
    pub(super) fn relink(&mut self, shop: &Shop, o: u32, choice: u16, before: u32) -> bool {
        let was = (self.choice[o as usize], self.nodes[o as usize].prev);
        self.unlink(o);
        self.choose(shop, o, choice);
        self.link(o, before);
        if self.repair_order(o) {
            return true;
        }
        self.unlink(o);
        self.choose(shop, o, was.0);
        self.link(o, was.1);
        false
    }

    fn choose(&mut self, shop: &Shop, o: u32, choice: u16) {
        if self.choice[o as usize] != choice {
            let chosen = shop.choices(o as usize)[choice as usize];
            self.choice[o as usize] = choice;
            self.nodes[o as usize].machine = chosen.machine;
            self.nodes[o as usize].time = chosen.time;
        }
    }

    /// Brings `o` between its new neighbours in the order; at most one of them is on the wrong side.
    fn repair_order(&mut self, o: u32) -> bool {
        let Node { prev, next, rank, .. } = self.nodes[o as usize];
        if prev != self.nil && self.nodes[prev as usize].rank > rank {
            self.push_behind(o, prev)
        } else if self.nodes[next as usize].rank < rank {
            self.pull_before(o, next)
        } else {
            true
        }
    }

    /// `o` and what depends on it goes behind `other`; what lies between closes up.
    fn push_behind(&mut self, o: u32, other: u32) -> bool {
        let (low, high) = (self.nodes[o as usize].rank as usize, self.nodes[other as usize].rank as usize);
        self.moved.clear();
        self.moved.push(o);
        self.marked[o as usize] = true;
        let mut write = low;
        for read in low + 1..=high {
            let x = self.order[read];
            let node = &self.nodes[x as usize];
            if self.marked[node.prev as usize] || self.marked[node.job_prev as usize] {
                self.marked[x as usize] = true;
                self.moved.push(x);
            } else {
                self.order[write] = x;
                write += 1;
            }
        }
        let acyclic = !self.marked[other as usize];
        self.order[write..=high].copy_from_slice(&self.moved);
        self.settle(low, high, acyclic)
    }

    /// `o` and what it depends on goes before `other`; what lies between closes up.
    fn pull_before(&mut self, o: u32, other: u32) -> bool {
        let (low, high) = (self.nodes[other as usize].rank as usize, self.nodes[o as usize].rank as usize);
        self.moved.clear();
        self.moved.push(o);
        self.marked[o as usize] = true;
        let mut write = high;
        for read in (low..high).rev() {
            let x = self.order[read];
            let node = &self.nodes[x as usize];
            if self.marked[node.next as usize] || self.marked[node.job_next as usize] {
                self.marked[x as usize] = true;
                self.moved.push(x);
            } else {
                self.order[write] = x;
                write -= 1;
            }
        }
        let acyclic = !self.marked[other as usize];
        for (place, &x) in self.order[low..=write].iter_mut().zip(self.moved.iter().rev()) {
            *place = x;
        }
        self.settle(low, high, acyclic)
    }

    /// Writes the ranks of a window, or puts its order back by the ranks that were.
    fn settle(&mut self, low: usize, high: usize, acyclic: bool) -> bool {
        for &x in &self.moved {
            self.marked[x as usize] = false;
        }
        if acyclic {
            for rank in low..=high {
                self.nodes[self.order[rank] as usize].rank = rank as u32;
            }
        } else {
            let nodes = &self.nodes;
            self.order[low..=high].sort_unstable_by_key(|&x| nodes[x as usize].rank);
        }
        acyclic
    }

    /// Says that the head of `o` may have changed.
    #[inline]
    pub(super) fn doubt(&mut self, o: u32) {
        if o != self.nil {
            self.agenda.add(self.nodes[o as usize].rank);
        }
    }

    /// Recomputes the heads that are in doubt, and those that depend on changed ones; says each change and what was.
    #[inline]
    pub(super) fn update_heads(&mut self, mut changed: impl FnMut(u32, i64)) {
        let mut word = 0;
        while let Some(rank) = self.agenda.take_lowest(&mut word) {
            let o = self.order[rank];
            let head = self.head_of(o);
            let node = &mut self.nodes[o as usize];
            if node.head != head {
                changed(o, std::mem::replace(&mut node.head, head));
                let (job_next, next) = (node.job_next, node.next);
                self.doubt(job_next);
                self.doubt(next);
            }
        }
    }

    /// Recomputes the tails that are in doubt, and those that depend on changed ones; says each change and what was.
    #[inline]
    pub(super) fn update_tails(&mut self, mut changed: impl FnMut(u32, i64)) {
        let mut word = self.order.len() >> 6;
        while let Some(rank) = self.agenda.take_highest(&mut word) {
            let o = self.order[rank];
            let tail = self.tail_of(o);
            let node = &mut self.nodes[o as usize];
            if node.tail != tail {
                changed(o, std::mem::replace(&mut node.tail, tail));
                let (job_prev, prev) = (node.job_prev, node.prev);
                self.doubt(job_prev);
                self.doubt(prev);
            }
        }
    }

    /// Takes `o` off its machine, as if it took no time; `lifted` keeps what is needed to put it back.
    pub(super) fn lift(&mut self, o: u32, lifted: &mut Lifted) {
        let node = self.nodes[o as usize];
        lifted.heads.clear();
        lifted.tails.clear();
        lifted.was = Some((o, node));
        self.unlink(o);
        let bare = &mut self.nodes[o as usize];
        bare.time = 0;
        bare.prev = self.nil;
        bare.next = self.nil;
        for x in [o, node.next, node.job_next] {
            self.doubt(x);
        }
        self.update_heads(|x, head| lifted.heads.push((x, head)));
        for x in [o, node.prev, node.job_prev] {
            self.doubt(x);
        }
        self.update_tails(|x, tail| lifted.tails.push((x, tail)));
    }

    /// Undoes `lift`.
    pub(super) fn lower(&mut self, lifted: &mut Lifted) {
        for &(x, head) in &lifted.heads {
            self.nodes[x as usize].head = head;
        }
        for &(x, tail) in &lifted.tails {
            self.nodes[x as usize].tail = tail;
        }
        if let Some((o, node)) = lifted.was.take() {
            self.nodes[o as usize].time = node.time;
            self.link(o, node.prev);
        }
    }

    /// Moves `o` as `relink` does, and brings heads and tails up to date.
    pub(super) fn shift(&mut self, shop: &Shop, o: u32, choice: u16, before: u32) -> bool {
        let was = self.nodes[o as usize];
        if !self.relink(shop, o, choice, before) {
            return false;
        }
        let is = self.nodes[o as usize];
        for x in [o, was.next, is.next, is.job_next] {
            self.doubt(x);
        }
        self.update_heads(|_, _| ());
        for x in [o, was.prev, is.prev, is.job_prev] {
            self.doubt(x);
        }
        self.update_tails(|_, _| ());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::random::Random;
    use super::super::sample::random_shop;
    use super::super::shop::Objective;
    use super::*;

    fn started(shop: &Shop, random: &mut Random) -> Schedule {
        let mut schedule = Schedule::new(shop);
        let start = dispatch(shop, 1.0, random);
        schedule.rebuild(shop, &start.order, &start.choice);
        schedule
    }

    /// Heads, tails, links and ranks are those of the schedule made anew from its own order.
    fn assert_whole(shop: &Shop, schedule: &Schedule) {
        let mut anew = Schedule::new(shop);
        anew.rebuild(shop, &schedule.order, &schedule.choice);
        let key = |node: &Node| (node.head, node.tail, node.time, node.machine, node.prev, node.next, node.rank);
        for (is, should) in schedule.nodes.iter().zip(&anew.nodes) {
            assert_eq!(key(is), key(should));
        }
        assert_eq!((&schedule.first, &schedule.last), (&anew.first, &anew.last));
        for rank in 0..schedule.order.len() {
            let node = schedule.node(schedule.order[rank]);
            let earlier = |o: u32| o == schedule.nil || (schedule.node(o).rank as usize) < rank;
            assert!(earlier(node.prev) && earlier(node.job_prev));
        }
    }

    fn any_move(shop: &Shop, schedule: &Schedule, random: &mut Random) -> (u32, u16, u32) {
        let o = random.below(shop.operations()) as u32;
        let choice = random.below(shop.choices(o as usize).len());
        let machine = shop.choices(o as usize)[choice].machine;
        let mut before = schedule.nil;
        for _ in 0..random.below(5) {
            let after = schedule.follower(machine, before);
            before = if after == schedule.nil || after == o { before } else { after };
        }
        (o, choice as u16, before)
    }

    #[test]
    fn after_any_move_heads_tails_and_order_are_those_computed_anew() {
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, seed % 2 == 0, &mut random);
            let mut schedule = started(&shop, &mut random);
            assert_whole(&shop, &schedule);
            for _ in 0..30 {
                let (o, choice, before) = any_move(&shop, &schedule, &mut random);
                schedule.shift(&shop, o, choice, before);
                assert_whole(&shop, &schedule);
            }
        }
    }

    #[test]
    fn a_move_that_would_close_a_cycle_leaves_all_as_it_was() {
        let mut refused = 0;
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, true, &mut random);
            let mut schedule = started(&shop, &mut random);
            for _ in 0..20 {
                let before = (schedule.order.clone(), schedule.choice.clone());
                let (o, choice, behind) = any_move(&shop, &schedule, &mut random);
                if !schedule.shift(&shop, o, choice, behind) {
                    refused += 1;
                    assert_eq!(before, (schedule.order.clone(), schedule.choice.clone()));
                    assert_whole(&shop, &schedule);
                }
            }
        }
        assert!(refused > 100, "{refused}");
    }

    #[test]
    fn lifting_an_operation_and_putting_it_back_changes_nothing() {
        for seed in 0..100 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, true, &mut random);
            let mut schedule = started(&shop, &mut random);
            let mut lifted = Lifted::default();
            for o in 0..shop.operations() as u32 {
                schedule.lift(o, &mut lifted);
                schedule.lower(&mut lifted);
                assert_whole(&shop, &schedule);
            }
        }
    }
}
