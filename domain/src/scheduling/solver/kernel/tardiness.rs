//! Weighted tardiness: annealing over the critical paths of late jobs. A step takes a late job by what it costs, moves one
//! operation on the way to its end, evaluates exactly what changes, and keeps or undoes it.

use super::critical::path_to;
use super::random::Random;
use super::schedule::{Node, Schedule};
use super::shop::Shop;

/// A descent begins where a step that is worse by so many typical operations, from the one to the other, is often made. Where
/// less is too cold to leave a valley for one shop, more is time lost for another: no single heat is right for all.
const HEAT: (f64, f64) = (1.25, 2.5);
/// Multiples of it fall evenly between 0 and 1: the golden ratio.
const SPREAD: f64 = 0.618_033_988_749_894_9;
/// How much cooler a descent ends than it begins.
const COOLING: f64 = 1.0 / 32.0;
/// The temperature is lowered after so many steps.
const PLATEAU: u64 = 64;
const SHORTEST_DESCENT: u64 = 1 << 18;

#[derive(Debug)]
pub(super) struct Annealing {
    /// What each job costs in the schedule as it stands.
    costs: Vec<i64>,
    path: Vec<u32>,
    /// Places on the path at which an operation follows another on their machine.
    arcs: Vec<u32>,
    /// Heads that the step changed, as they were.
    heads: Vec<(u32, i64)>,
    /// Costs that the step changed, as they were.
    changed: Vec<(u32, i64)>,
    /// What a typical operation late costs.
    typical: f64,
    descents: u32,
    temperature: f64,
    cooling: f64,
    steps: u64,
    length: u64,
    thresholds: Vec<f64>,
}

impl Annealing {
    pub(super) fn new(shop: &Shop) -> Self {
        let count = shop.operations().max(1) as f64;
        let time: f64 = (0..shop.operations()).map(|o| shop.choices(o)[0].time as f64).sum::<f64>() / count;
        let weight = shop.jobs.iter().map(|job| job.weight as f64).sum::<f64>() / shop.jobs.len().max(1) as f64;
        Self {
            costs: vec![0; shop.jobs.len()],
            path: Vec::new(),
            arcs: Vec::new(),
            heads: Vec::new(),
            changed: Vec::new(),
            typical: time * weight,
            descents: 0,
            temperature: 0.0,
            cooling: 1.0,
            steps: 0,
            length: SHORTEST_DESCENT,
            thresholds: thresholds(),
        }
    }

    /// Begins to cool down from the schedule as it stands, more slowly each time, and says what that is worth.
    pub(super) fn begin(&mut self, shop: &Shop, schedule: &Schedule) -> i64 {
        self.steps = 0;
        self.length += self.length / 4;
        self.descents += 1;
        let (least, most) = HEAT;
        let share = (f64::from(self.descents) * SPREAD).fract();
        self.temperature = self.typical * (least + (most - least) * share);
        self.cooling = root(COOLING, self.length / PLATEAU);
        for (job, cost) in self.costs.iter_mut().enumerate() {
            *cost = cost_of(shop, schedule, job);
        }
        self.costs.iter().sum()
    }

    /// Tries one move and says what the schedule costs after it; none when it has cooled down.
    pub(super) fn step(&mut self, shop: &Shop, schedule: &mut Schedule, cost: i64, random: &mut Random) -> Option<i64> {
        self.steps += 1;
        if self.steps > self.length {
            return None;
        }
        if self.steps.is_multiple_of(PLATEAU) {
            self.temperature *= self.cooling;
        }
        self.find_path(shop, schedule, cost, random);
        let Some((o, choice, before)) = self.pick(shop, schedule, random) else { return Some(cost) };
        let was = (*schedule.node(o), schedule.choice[o as usize]);
        if !schedule.relink(shop, o, choice, before) {
            return Some(cost);
        }
        let worse = self.evaluate(shop, schedule, o, &was.0);
        let allowed = self.temperature * self.thresholds[random.below(self.thresholds.len())];
        if worse as f64 <= allowed {
            return Some(cost + worse);
        }
        self.undo(shop, schedule, o, was);
        Some(cost)
    }

    /// The way to the end of a late job, chosen by what the jobs cost.
    fn find_path(&mut self, shop: &Shop, schedule: &Schedule, cost: i64, random: &mut Random) {
        let mut share = random.below(cost as usize) as i64;
        let late = self.costs.iter().position(|&cost| {
            share -= cost;
            share < 0
        });
        let operations = shop.jobs[late.unwrap_or(0)].operations.clone();
        let finished = |&o: &u32| schedule.end(o) + schedule.node(o).delivery;
        let last = operations.rev().max_by_key(finished).unwrap_or(schedule.nil);
        path_to(schedule, last, random, &mut self.path);
        self.arcs.clear();
        for (place, pair) in self.path.windows(2).enumerate() {
            if schedule.node(pair[0]).next == pair[1] {
                self.arcs.push(place as u32);
            }
        }
    }

    /// A move: what goes where. Mostly two neighbours change places; sometimes one goes to the end of its block, or to
    /// another machine.
    fn pick(&self, shop: &Shop, schedule: &Schedule, random: &mut Random) -> Option<(u32, u16, u32)> {
        if shop.is_flexible() && random.below(2) == 0 {
            return self.elsewhere(shop, schedule, random);
        }
        if self.arcs.is_empty() {
            return None;
        }
        let arc = random.below(self.arcs.len());
        let place = self.arcs[arc] as usize;
        let (one, other) = (self.path[place], self.path[place + 1]);
        if random.below(4) > 0 {
            return Some((one, schedule.choice[one as usize], other));
        }
        let linked = |arc: usize| self.arcs.get(arc).is_some_and(|&next| next == self.arcs[arc - 1] + 1);
        if random.below(2) == 0 {
            let mut end = arc;
            while linked(end + 1) {
                end += 1;
            }
            Some((one, schedule.choice[one as usize], self.path[self.arcs[end] as usize + 1]))
        } else {
            let mut begin = arc;
            while begin > 0 && linked(begin) {
                begin -= 1;
            }
            let first = self.path[self.arcs[begin] as usize];
            Some((other, schedule.choice[other as usize], schedule.node(first).prev))
        }
    }

    /// An operation of the path to another of its machines, about where it could start there.
    fn elsewhere(&self, shop: &Shop, schedule: &Schedule, random: &mut Random) -> Option<(u32, u16, u32)> {
        let o = self.path[random.below(self.path.len())];
        let choices = shop.choices(o as usize);
        if choices.len() < 2 {
            return None;
        }
        let here = schedule.choice[o as usize] as usize;
        let choice = (here + 1 + random.below(choices.len() - 1)) % choices.len();
        let node = schedule.node(o);
        let ready = node.release.max(schedule.end(node.job_prev));
        let mut before = schedule.last[choices[choice].machine as usize];
        while before != schedule.nil && (before == o || schedule.node(before).head > ready) {
            before = schedule.node(before).prev;
        }
        if before != schedule.nil && random.below(2) == 0 {
            before = schedule.node(before).prev;
        }
        (before != o).then_some((o, choice as u16, before))
    }

    /// Brings heads and costs up to date, and says by how much the cost rises.
    fn evaluate(&mut self, shop: &Shop, schedule: &mut Schedule, o: u32, was: &Node) -> i64 {
        let is = *schedule.node(o);
        for x in [o, was.next, is.next, is.job_next] {
            schedule.doubt(x);
        }
        self.heads.clear();
        schedule.update_heads(|x, head| self.heads.push((x, head)));
        self.changed.clear();
        let mut worse = 0;
        for x in self.heads.iter().map(|&(x, _)| x).chain([o]) {
            let node = schedule.node(x);
            if node.job_next == schedule.nil || node.delivery > 0 {
                let job = shop.job_of[x as usize];
                let cost = cost_of(shop, schedule, job as usize);
                let old = std::mem::replace(&mut self.costs[job as usize], cost);
                self.changed.push((job, old));
                worse += cost - old;
            }
        }
        worse
    }

    fn undo(&mut self, shop: &Shop, schedule: &mut Schedule, o: u32, (node, choice): (Node, u16)) {
        for &(x, head) in &self.heads {
            schedule.nodes[x as usize].head = head;
        }
        for &(job, cost) in self.changed.iter().rev() {
            self.costs[job as usize] = cost;
        }
        schedule.relink(shop, o, choice, node.prev);
    }
}

fn cost_of(shop: &Shop, schedule: &Schedule, job: usize) -> i64 {
    let data = &shop.jobs[job];
    let finished = |o: u32| schedule.end(o) + schedule.node(o).delivery;
    let end = if data.delivers_early {
        data.operations.clone().map(finished).max().unwrap_or(0)
    } else {
        finished(data.operations.end - 1)
    };
    data.weight * (end - data.due).max(0)
}

/// Quantiles of the exponential distribution in equal steps: the mean order statistics, by sums alone, so that they are
/// the same on every machine.
fn thresholds() -> Vec<f64> {
    const COUNT: usize = 4096;
    let mut sum = 0.0;
    (0..COUNT)
        .map(|index| {
            sum += 1.0 / (COUNT - index) as f64;
            sum
        })
        .collect()
}

/// The `n`-th root of a number in (0, 1), by halving: the same on every machine.
fn root(value: f64, n: u64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if power(middle, n) < value { low = middle } else { high = middle }
    }
    high
}

fn power(base: f64, mut exponent: u64) -> f64 {
    let (mut result, mut square) = (1.0, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result *= square;
        }
        square *= square;
        exponent >>= 1;
    }
    result
}
