//! What no plan can beat.

use std::collections::BinaryHeap;

use super::dispatch::work_left;
use super::shop::{Job, Objective, Shop};

/// A lower bound of the objective.
pub(super) fn lower_bound(shop: &Shop) -> i64 {
    let (heads, left) = (earliest_starts(shop), work_left(shop));
    match shop.objective {
        Objective::WeightedTardiness => {
            let cost = |job: &Job| {
                let end = job.operations.clone().map(|o| heads[o as usize] + left[o as usize]).max().unwrap_or(0);
                job.weight * (end - job.due).max(0)
            };
            shop.jobs.iter().map(cost).sum()
        }
        Objective::Makespan => {
            let ways = (0..shop.operations()).map(|o| heads[o] + left[o]).max().unwrap_or(0);
            one_machine_bounds(shop, &heads, &left).max(ways)
        }
    }
}

/// Earliest start of each operation if machines were free.
fn earliest_starts(shop: &Shop) -> Vec<i64> {
    let mut heads = vec![0; shop.operations()];
    for job in &shop.jobs {
        let mut ready = 0;
        for o in job.operations.clone() {
            let o = o as usize;
            heads[o] = shop.release[o].max(ready);
            ready = heads[o] + shop.choices(o).iter().map(|choice| choice.time).min().unwrap_or(0);
        }
    }
    heads
}

/// The greatest over all machines of the best pre-emptive one-machine plan of what only this machine can do.
fn one_machine_bounds(shop: &Shop, heads: &[i64], left: &[i64]) -> i64 {
    let mut tasks = vec![Vec::new(); shop.machines];
    for o in 0..shop.operations() {
        let choices = shop.choices(o);
        if choices.iter().all(|choice| choice.machine == choices[0].machine) {
            let time = choices.iter().map(|choice| choice.time).min().unwrap_or(0);
            tasks[choices[0].machine as usize].push(Task { head: heads[o], time, tail: left[o] - time });
        }
    }
    tasks.into_iter().map(preemptive_bound).max().unwrap_or(0)
}

/// What one machine has to do.
#[derive(Debug, Clone, Copy)]
struct Task {
    head: i64,
    time: i64,
    tail: i64,
}

/// Jackson's pre-emptive plan: at each moment the task with the longest tail among those that have come.
fn preemptive_bound(mut tasks: Vec<Task>) -> i64 {
    tasks.sort_unstable_by_key(|task| task.head);
    let mut waiting: BinaryHeap<(i64, i64)> = BinaryHeap::new();
    let (mut now, mut bound, mut next) = (0, 0, 0);
    loop {
        while let Some(task) = tasks.get(next).filter(|task| task.head <= now) {
            waiting.push((task.tail, task.time));
            next += 1;
        }
        let coming = tasks.get(next).map_or(i64::MAX, |task| task.head);
        match waiting.pop() {
            None if coming == i64::MAX => return bound,
            None => now = coming,
            Some((tail, time)) => {
                let worked = time.min(coming - now);
                now += worked;
                if worked < time {
                    waiting.push((tail, time - worked));
                } else {
                    bound = bound.max(now + tail);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::random::Random;
    use super::super::sample::{random_shop, shop, worth};
    use super::*;

    #[test]
    fn no_plan_is_below_the_bound() {
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let objective = if seed % 3 == 0 { Objective::WeightedTardiness } else { Objective::Makespan };
            let shop = random_shop(objective, seed % 2 == 0, &mut random);
            let plan = dispatch(&shop, 1.0, &mut random);
            assert!(worth(&shop, &plan.order, &plan.choice) >= lower_bound(&shop));
        }
    }

    #[test]
    fn work_that_arrives_late_or_leaves_early_counts_into_the_bound_of_its_machine() {
        let steps: [&[(u32, i64)]; 2] = [&[(1, 4), (0, 5), (2, 3)], &[(2, 4), (0, 5), (1, 3)]];
        assert_eq!(lower_bound(&shop(3, &steps)), 4 + 5 + 5 + 3);
    }
}
