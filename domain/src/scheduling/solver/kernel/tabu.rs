//! Tabu search for the makespan of a shop without alternatives: each step makes the best block move on a critical path
//! that does not turn an arc round again that was turned a short while ago.

use super::blocks::{Blocks, Move};
use super::random::Random;
use super::schedule::Schedule;
use super::shop::Shop;

/// Arcs that must not come back yet: until which step, by the hash of the two operations.
#[derive(Debug)]
pub(super) struct Arcs {
    until: Vec<u64>,
    pub(super) step: u64,
}

impl Arcs {
    pub(super) fn new(operations: usize) -> Self {
        Self { until: vec![0; (operations * 64).next_power_of_two().clamp(1 << 12, 1 << 20)], step: 1 }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.until.fill(0);
        self.step = 1;
    }

    #[inline]
    fn slot(&self, before: u32, after: u32) -> usize {
        let mixed = (u64::from(before) << 32 | u64::from(after)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 40) as usize & (self.until.len() - 1)
    }

    #[inline]
    pub(super) fn forbid(&mut self, before: u32, after: u32, tenure: u64) {
        let slot = self.slot(before, after);
        self.until[slot] = self.step + tenure;
    }

    #[inline]
    pub(super) fn forbidden(&self, before: u32, after: u32) -> bool {
        self.until[self.slot(before, after)] > self.step
    }
}

#[derive(Debug)]
pub(super) struct Tabu {
    blocks: Blocks,
    arcs: Arcs,
    /// Shortest time an arc stays forbidden.
    tenure: usize,
}

impl Tabu {
    pub(super) fn new(shop: &Shop) -> Self {
        Self {
            blocks: Blocks::default(),
            arcs: Arcs::new(shop.operations()),
            tenure: 7 + shop.jobs.len() / shop.machines.max(1),
        }
    }

    pub(super) fn clear(&mut self) {
        self.arcs.clear();
    }

    /// Makes one move and says the makespan after it; none if no move on the critical path it looks at is safe.
    /// A forbidden move is made only if it promises less than `best`.
    pub(super) fn step(
        &mut self,
        shop: &Shop,
        schedule: &mut Schedule,
        (makespan, best): (i64, i64),
        random: &mut Random,
    ) -> Option<i64> {
        self.arcs.step += 1;
        self.blocks.find(schedule, makespan, random);
        let chosen = self.choose(schedule, best, random)?;
        self.forbid(chosen, random);
        let Move { from, to } = chosen;
        let (o, other) = (self.blocks.path[from as usize], self.blocks.path[to as usize]);
        let before = if from < to { other } else { schedule.node(other).prev };
        schedule.shift(shop, o, schedule.choice[o as usize], before);
        Some(schedule.makespan())
    }

    fn choose(&mut self, schedule: &Schedule, best: i64, random: &mut Random) -> Option<Move> {
        let mut chosen = None;
        let (mut least, mut ties) = (i64::MAX, 0);
        for index in 0..self.blocks.moves.len() {
            let candidate = self.blocks.moves[index];
            let value = self.blocks.estimate(schedule, candidate, least.saturating_add(1));
            if value > least || (value >= best && self.is_forbidden(candidate)) {
                continue;
            }
            ties = if value < least { 1 } else { ties + 1 };
            least = value;
            if ties == 1 || random.below(ties) == 0 {
                chosen = Some(candidate);
            }
        }
        let count = self.blocks.moves.len();
        chosen.or_else(|| (count > 0).then(|| self.blocks.moves[random.below(count)]))
    }

    /// The operations that the move passes.
    fn passed(&self, Move { from, to }: Move) -> &[u32] {
        let (from, to) = (from as usize, to as usize);
        if from < to { &self.blocks.path[from + 1..=to] } else { &self.blocks.path[to..from] }
    }

    fn is_forbidden(&self, candidate: Move) -> bool {
        let o = self.blocks.path[candidate.from as usize];
        let forward = candidate.from < candidate.to;
        let again = |&x: &u32| if forward { self.arcs.forbidden(x, o) } else { self.arcs.forbidden(o, x) };
        self.passed(candidate).iter().any(again)
    }

    fn forbid(&mut self, chosen: Move, random: &mut Random) {
        let tenure = (self.tenure + random.below(self.tenure * 2 / 5 + 1)) as u64 + 1;
        let (from, to) = (chosen.from as usize, chosen.to as usize);
        let o = self.blocks.path[from];
        if from < to {
            for &x in &self.blocks.path[from + 1..=to] {
                self.arcs.forbid(o, x, tenure);
            }
        } else {
            for &x in &self.blocks.path[to..from] {
                self.arcs.forbid(x, o, tenure);
            }
        }
    }
}
