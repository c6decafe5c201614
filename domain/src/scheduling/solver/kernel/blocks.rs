//! The critical path and its block moves (N7): an operation of a block goes to its end or its beginning, the first and the
//! last also to the inside; with a test that no cycle arises and an estimate of the makespan after it.

use super::critical::critical_path;
use super::random::Random;
use super::schedule::Schedule;

/// Takes the operation at place `from` of the path right behind the one at `to`, or right before it if `to < from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: u32,
    pub(super) to: u32,
}

/// One longest way through the schedule, and what may be moved on it.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) path: Vec<u32>,
    pub(super) moves: Vec<Move>,
    /// Heads or tails along the block, while a move is estimated.
    along: Vec<i64>,
}

impl Blocks {
    /// Finds one critical path, chosen by chance where there are several, and the moves on it that close no cycle.
    pub(super) fn find(&mut self, schedule: &Schedule, makespan: i64, random: &mut Random) {
        critical_path(schedule, makespan, random, &mut self.path);
        self.moves.clear();
        let mut begin = 0;
        while begin < self.path.len() {
            let mut end = begin;
            while end + 1 < self.path.len() && schedule.node(self.path[end]).next == self.path[end + 1] {
                end += 1;
            }
            self.collect(schedule, begin, end);
            begin = end + 1;
        }
    }

    /// The moves of one block. What goes to the very beginning or the very end of the path does not shorten it, unless the
    /// path begins with a release or ends with a delivery.
    fn collect(&mut self, schedule: &Schedule, begin: usize, end: usize) {
        let opens = begin > 0 || schedule.node(self.path[begin]).head > 0;
        let closes = end + 1 < self.path.len() || schedule.node(self.path[end]).tail > 0;
        if closes {
            for x in begin..end {
                self.offer(schedule, x, end);
            }
            for x in begin + 1..end.saturating_sub(1) {
                self.offer(schedule, end, x);
            }
        }
        if opens {
            // a pair is turned round once only
            let from = if closes && end - begin < 2 { end + 1 } else { begin + 1 };
            for x in from..=end {
                self.offer(schedule, x, begin);
            }
            for x in begin + 2..end {
                self.offer(schedule, begin, x);
            }
        }
    }

    fn offer(&mut self, schedule: &Schedule, from: usize, to: usize) {
        let (o, other) = (self.path[from], self.path[to]);
        let safe = if from < to { may_follow(schedule, o, other) } else { may_precede(schedule, o, other) };
        if safe {
            self.moves.push(Move { from: from as u32, to: to as u32 });
        }
    }

    /// A lower bound of the makespan through the operations that the move touches, near enough to choose by; may stop
    /// as soon as it is at least `cut`.
    pub(super) fn estimate(&mut self, schedule: &Schedule, Move { from, to }: Move, cut: i64) -> i64 {
        if from < to {
            self.estimate_forward(schedule, from as usize, to as usize, cut)
        } else {
            self.estimate_backward(schedule, from as usize, to as usize, cut)
        }
    }

    fn estimate_forward(&mut self, schedule: &Schedule, from: usize, to: usize, cut: i64) -> i64 {
        let moved = schedule.node(self.path[from]);
        let passed = &self.path[from + 1..=to];
        self.along.clear();
        let mut ready = schedule.end(moved.prev);
        for &x in passed {
            let node = schedule.node(x);
            let head = ready.max(node.release).max(schedule.end(node.job_prev));
            self.along.push(head);
            ready = head + node.time;
        }
        let head = ready.max(moved.release).max(schedule.end(moved.job_prev));
        let next = schedule.node(self.path[to]).next;
        let tail = moved.delivery.max(schedule.tail_with(next)).max(schedule.tail_with(moved.job_next));
        let mut rest = tail + moved.time;
        let mut longest = head + rest;
        for (&x, head) in passed.iter().zip(&self.along).rev() {
            if longest >= cut {
                break;
            }
            let node = schedule.node(x);
            rest = rest.max(node.delivery).max(schedule.tail_with(node.job_next)) + node.time;
            longest = longest.max(head + rest);
        }
        longest
    }

    fn estimate_backward(&mut self, schedule: &Schedule, from: usize, to: usize, cut: i64) -> i64 {
        let moved = schedule.node(self.path[from]);
        let passed = &self.path[to..from];
        self.along.clear();
        let mut rest = schedule.tail_with(moved.next);
        for &x in passed.iter().rev() {
            let node = schedule.node(x);
            rest = rest.max(node.delivery).max(schedule.tail_with(node.job_next)) + node.time;
            self.along.push(rest);
        }
        let tail = rest.max(moved.delivery).max(schedule.tail_with(moved.job_next));
        let before = schedule.end(schedule.node(self.path[to]).prev);
        let head = before.max(moved.release).max(schedule.end(moved.job_prev));
        let mut ready = head + moved.time;
        let mut longest = ready + tail;
        for (&x, rest) in passed.iter().zip(self.along.iter().rev()) {
            if longest >= cut {
                break;
            }
            let node = schedule.node(x);
            let head = ready.max(node.release).max(schedule.end(node.job_prev));
            longest = longest.max(head + rest);
            ready = head + node.time;
        }
        longest
    }
}

/// Whether `o` can go right behind `other` (later on its machine): no way leads from its job successor to `other`.
/// A way through an operation of no length shows in no head or tail, so that then only the order counts.
#[inline]
pub(super) fn may_follow(schedule: &Schedule, o: u32, other: u32) -> bool {
    let successor = schedule.node(o).job_next;
    let (node, target) = (schedule.node(successor), schedule.node(other));
    successor != other
        && (node.rank > target.rank
            || (node.time > 0
                && (target.tail + target.time >= node.tail + node.time || target.head < node.head + node.time)))
}

/// Whether `o` can go right before `other` (earlier on its machine): no way leads from `other` to its job predecessor.
#[inline]
pub(super) fn may_precede(schedule: &Schedule, o: u32, other: u32) -> bool {
    let predecessor = schedule.node(o).job_prev;
    if predecessor == schedule.nil {
        return true;
    }
    let (node, target) = (schedule.node(predecessor), schedule.node(other));
    predecessor != other
        && (node.rank < target.rank
            || (node.time > 0
                && (target.head + target.time >= node.head + node.time || target.tail < node.tail + node.time)))
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::sample::random_shop;
    use super::super::shop::Objective;
    use super::*;

    #[test]
    fn every_block_move_offered_closes_no_cycle() {
        let mut made = 0;
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, false, &mut random);
            let start = dispatch(&shop, 1.0, &mut random);
            let mut schedule = Schedule::new(&shop);
            schedule.rebuild(&shop, &start.order, &start.choice);
            let mut blocks = Blocks::default();
            blocks.find(&schedule, schedule.makespan(), &mut random);
            for candidate in blocks.moves.clone() {
                let mut tried = schedule.clone();
                let (o, other) = (blocks.path[candidate.from as usize], blocks.path[candidate.to as usize]);
                let before = if candidate.from < candidate.to { other } else { schedule.node(other).prev };
                assert!(tried.shift(&shop, o, tried.choice[o as usize], before));
                made += 1;
            }
        }
        assert!(made > 500, "{made}");
    }
}
