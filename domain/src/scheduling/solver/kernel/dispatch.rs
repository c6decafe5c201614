//! First plans by dispatching: machines that are free take the most urgent operation that waits for them. Each machine has
//! its own queue, so that a plan of n operations takes O(n log n).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::elite::Elite;
use super::random::Random;
use super::shop::{Objective, Shop};

/// What happens at a moment; arrivals come before free machines choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Arrives(u32),
    IsFree(u32),
}

/// Work left from each operation to the end of its job, itself included, by shortest alternatives, with the delivery.
pub(super) fn work_left(shop: &Shop) -> Vec<i64> {
    let mut left = vec![0; shop.operations()];
    for job in &shop.jobs {
        let mut rest = 0;
        for o in job.operations.clone().rev() {
            let o = o as usize;
            let shortest = shop.choices(o).iter().map(|choice| choice.time).min().unwrap_or(0);
            rest = shop.delivery[o].max(rest) + shortest;
            left[o] = rest;
        }
    }
    left
}

/// A plan by the urgency of the jobs, blurred by `noise` (0: not at all, 1: by chance alone).
pub(super) fn dispatch(shop: &Shop, noise: f64, random: &mut Random) -> Elite {
    let left = work_left(shop);
    let mut floor = Floor::new(shop);
    for job in &shop.jobs {
        floor.expect(shop, job.operations.start, 0);
    }
    let longest = left.iter().copied().max().unwrap_or(0) as f64;
    while let Some(Reverse((now, event))) = floor.events.pop() {
        match event {
            Event::Arrives(o) => {
                let urgency = urgency(shop, &left, o as usize) as f64;
                let key = (1.0 - noise) * urgency + noise * longest * random.unit();
                floor.queue(shop, o, key as i64, now);
            }
            Event::IsFree(machine) => floor.start_next(shop, machine, now),
        }
    }
    Elite { value: i64::MAX, order: floor.order, choice: floor.choice }
}

fn urgency(shop: &Shop, left: &[i64], o: usize) -> i64 {
    match shop.objective {
        Objective::Makespan => left[o],
        Objective::WeightedTardiness => left[o] - shop.jobs[shop.job_of[o] as usize].due,
    }
}

/// The machines with their queues while a plan is made.
struct Floor {
    events: BinaryHeap<Reverse<(i64, Event)>>,
    queues: Vec<BinaryHeap<(i64, Reverse<u32>)>>,
    free_at: Vec<i64>,
    /// When each machine will have worked off its queue.
    busy_until: Vec<i64>,
    order: Vec<u32>,
    choice: Vec<u16>,
}

impl Floor {
    fn new(shop: &Shop) -> Self {
        Self {
            events: BinaryHeap::new(),
            queues: vec![BinaryHeap::new(); shop.machines],
            free_at: vec![0; shop.machines],
            busy_until: vec![0; shop.machines],
            order: Vec::with_capacity(shop.operations()),
            choice: vec![0; shop.operations()],
        }
    }

    fn expect(&mut self, shop: &Shop, o: u32, earliest: i64) {
        let arrival = earliest.max(shop.release[o as usize]);
        self.events.push(Reverse((arrival, Event::Arrives(o))));
    }

    /// Puts `o` into the queue of the machine that would end it first.
    fn queue(&mut self, shop: &Shop, o: u32, urgency: i64, now: i64) {
        let choices = shop.choices(o as usize);
        let end = |choice: &super::shop::Choice| self.busy_until[choice.machine as usize].max(now) + choice.time;
        let best = (0..choices.len()).min_by_key(|&index| end(&choices[index])).unwrap_or(0);
        let machine = choices[best].machine as usize;
        self.busy_until[machine] = end(&choices[best]);
        self.choice[o as usize] = best as u16;
        self.queues[machine].push((urgency, Reverse(o)));
        if self.free_at[machine] <= now {
            self.events.push(Reverse((now, Event::IsFree(machine as u32))));
        }
    }

    fn start_next(&mut self, shop: &Shop, machine: u32, now: i64) {
        if self.free_at[machine as usize] > now {
            return;
        }
        let Some((_, Reverse(o))) = self.queues[machine as usize].pop() else { return };
        let end = now + shop.choices(o as usize)[self.choice[o as usize] as usize].time;
        self.order.push(o);
        self.free_at[machine as usize] = end;
        self.events.push(Reverse((end, Event::IsFree(machine))));
        let job = &shop.jobs[shop.job_of[o as usize] as usize];
        if o + 1 < job.operations.end {
            self.expect(shop, o + 1, end);
        }
    }
}
