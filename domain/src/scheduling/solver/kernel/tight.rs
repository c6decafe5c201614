//! Plans without any idle time to spare. Where all machines together have about as much work as the bound allows, a plan
//! that meets the bound hardly ever lets one wait. This dispatch goes back to an earlier choice as soon as a machine waits
//! longer than it may. It takes the operation that came last first: what waited can wait.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::dispatch::{Event, work_left};
use super::elite::Elite;
use super::shop::{Objective, Shop};

/// Choices that can still be taken back; older ones are final.
const REMEMBERED: usize = 64;
/// Gives up after so many choices without getting further.
const PATIENCE: usize = 4_000;
/// Share of the bound that the machines must be busy on average.
const BUSY: f64 = 0.97;

/// How far a search for a tight plan is.
#[derive(Debug)]
pub(super) enum Outcome {
    Unfinished,
    Found(Elite),
    GaveUp,
}

/// The state of the floor at one moment.
#[derive(Debug, Clone)]
struct Moment {
    events: BinaryHeap<Reverse<(i64, Event)>>,
    /// Operations that wait, as they came.
    queues: Vec<Vec<u32>>,
    free_at: Vec<i64>,
    /// Work of each machine that has not begun.
    waiting: Vec<i64>,
    placed: usize,
}

/// A choice between operations, and those not tried yet.
#[derive(Debug)]
struct Fork {
    moment: Moment,
    now: i64,
    machine: u32,
    untried: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Tight {
    target: i64,
    left: Vec<i64>,
    moment: Moment,
    order: Vec<u32>,
    forks: VecDeque<Fork>,
    furthest: usize,
    idle: usize,
}

/// Why the floor stopped.
enum Stop {
    Choice(i64, u32),
    Late,
    Done,
}

impl Tight {
    /// None for a shop that has time to spare.
    pub(super) fn new(shop: &Shop, target: i64) -> Option<Self> {
        let mut waiting = vec![0; shop.machines()];
        for o in 0..shop.operations() {
            waiting[shop.choices(o)[0].machine as usize] += shop.choices(o)[0].time;
        }
        let work = waiting.iter().map(|&work| work as f64).sum::<f64>();
        let busy = work >= BUSY * target as f64 * shop.machines() as f64;
        if !busy || shop.is_flexible() || shop.objective() != Objective::Makespan {
            return None;
        }
        let arrival = |job: &super::shop::Job| {
            let first = job.operations.start;
            Reverse((shop.release[first as usize], Event::Arrives(first)))
        };
        let moment = Moment {
            events: shop.jobs.iter().map(arrival).collect(),
            queues: vec![Vec::new(); shop.machines()],
            free_at: vec![0; shop.machines()],
            waiting,
            placed: 0,
        };
        let left = work_left(shop);
        Some(Self { target, left, moment, order: Vec::new(), forks: VecDeque::new(), furthest: 0, idle: 0 })
    }

    /// Goes on to the next choice, or back to the last one.
    pub(super) fn step(&mut self, shop: &Shop) -> Outcome {
        match self.run(shop) {
            Stop::Done => {
                let order = std::mem::take(&mut self.order);
                return Outcome::Found(Elite { value: i64::MAX, choice: vec![0; order.len()], order });
            }
            Stop::Choice(now, machine) => self.fork(shop, now, machine),
            Stop::Late => {
                if !self.go_back(shop) {
                    return Outcome::GaveUp;
                }
            }
        }
        self.idle += 1;
        if self.order.len() > self.furthest {
            self.furthest = self.order.len();
            self.idle = 0;
        }
        if self.idle > PATIENCE { Outcome::GaveUp } else { Outcome::Unfinished }
    }

    fn run(&mut self, shop: &Shop) -> Stop {
        while let Some(Reverse((now, event))) = self.moment.events.pop() {
            match event {
                Event::Arrives(o) => {
                    let machine = shop.choices(o as usize)[0].machine;
                    self.moment.queues[machine as usize].push(o);
                    if self.moment.free_at[machine as usize] <= now {
                        self.moment.events.push(Reverse((now, Event::IsFree(machine))));
                    }
                }
                Event::IsFree(machine) if self.moment.free_at[machine as usize] <= now => {
                    let waiting = self.moment.waiting[machine as usize];
                    match self.moment.queues[machine as usize].as_slice() {
                        [] if waiting > 0 && now + waiting >= self.target => return Stop::Late,
                        [] => {}
                        &[only] => {
                            if !self.start(shop, now, only) {
                                return Stop::Late;
                            }
                        }
                        _ => return Stop::Choice(now, machine),
                    }
                }
                Event::IsFree(_) => {}
            }
        }
        Stop::Done
    }

    fn fork(&mut self, shop: &Shop, now: i64, machine: u32) {
        let mut untried = self.moment.queues[machine as usize].clone();
        let Some(last) = untried.pop() else { return };
        if self.forks.len() == REMEMBERED {
            self.forks.pop_front();
        }
        self.forks.push_back(Fork { moment: self.moment.clone(), now, machine, untried });
        self.take(shop, now, machine, last);
    }

    /// Takes the last choice back that leaves another; false if none does.
    fn go_back(&mut self, shop: &Shop) -> bool {
        while let Some(mut fork) = self.forks.pop_back() {
            if let Some(next) = fork.untried.pop() {
                self.order.truncate(fork.moment.placed);
                let (now, machine) = (fork.now, fork.machine);
                if fork.untried.is_empty() {
                    self.moment = fork.moment;
                } else {
                    self.moment = fork.moment.clone();
                    self.forks.push_back(fork);
                }
                self.take(shop, now, machine, next);
                return true;
            }
        }
        false
    }

    /// Starts a chosen operation; if that is too late, the machine finds no work it could do and we go back from there.
    fn take(&mut self, shop: &Shop, now: i64, machine: u32, chosen: u32) {
        if !self.start(shop, now, chosen) {
            self.moment.events.clear();
            self.moment.queues[machine as usize].clear();
            self.moment.events.push(Reverse((self.target, Event::IsFree(machine))));
        }
    }

    /// False if the machine or the job would be late.
    fn start(&mut self, shop: &Shop, now: i64, o: u32) -> bool {
        let choice = shop.choices(o as usize)[0];
        let machine = choice.machine as usize;
        if now + self.left[o as usize] > self.target || now + self.moment.waiting[machine] > self.target {
            return false;
        }
        let end = now + choice.time;
        self.moment.queues[machine].retain(|&other| other != o);
        self.moment.free_at[machine] = end;
        self.moment.waiting[machine] -= choice.time;
        self.moment.placed += 1;
        self.order.push(o);
        self.moment.events.push(Reverse((end, Event::IsFree(choice.machine))));
        if o + 1 < shop.jobs[shop.job_of[o as usize] as usize].operations.end {
            self.moment.events.push(Reverse((end.max(shop.release[o as usize + 1]), Event::Arrives(o + 1))));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::bound::lower_bound;
    use super::super::random::Random;
    use super::super::sample::{shop, six_by_six, worth};
    use super::*;

    /// Machines without a gap: their time is cut at random, and pieces are strung to jobs so that none overlaps.
    fn cut_shop(machines: u32, horizon: i64, random: &mut Random) -> Shop {
        let mut pieces = Vec::new();
        for machine in 0..machines {
            let mut now = 0;
            while now < horizon {
                let time = (1 + random.below(200) as i64).min(horizon - now);
                pieces.push((now, machine, time));
                now += time;
            }
        }
        pieces.sort_unstable();
        let mut jobs: Vec<(i64, Vec<(u32, i64)>)> = Vec::new();
        for (start, machine, time) in pieces {
            let free = jobs.iter_mut().filter(|(end, _)| *end <= start).max_by_key(|(end, _)| *end);
            match free {
                Some((end, steps)) => {
                    *end = start + time;
                    steps.push((machine, time));
                }
                None => jobs.push((start + time, vec![(machine, time)])),
            }
        }
        let steps: Vec<&[(u32, i64)]> = jobs.iter().map(|(_, steps)| steps.as_slice()).collect();
        shop(machines as usize, &steps)
    }

    #[test]
    fn a_shop_cut_from_a_full_plan_is_put_together_again() {
        let mut found = 0;
        for seed in 0..20 {
            let shop = cut_shop(8, 4_000, &mut Random::new(seed));
            let target = lower_bound(&shop);
            let mut tight = Tight::new(&shop, target).unwrap();
            loop {
                match tight.step(&shop) {
                    Outcome::Unfinished => {}
                    Outcome::GaveUp => break,
                    Outcome::Found(plan) => {
                        assert_eq!(worth(&shop, &plan.order, &plan.choice), target);
                        found += 1;
                        break;
                    }
                }
            }
        }
        assert!(found >= 15, "{found}");
    }

    #[test]
    fn a_shop_with_time_to_spare_is_left_alone() {
        let shop = six_by_six();
        assert!(Tight::new(&shop, lower_bound(&shop)).is_none());
    }
}
