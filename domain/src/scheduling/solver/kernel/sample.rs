//! Shops for the tests: a textbook one, and random ones with everything that may occur.

use super::random::Random;
use super::shop::{Choice, JobData, Objective, OperationData, Shop};

fn only(machine: u32, time: i64) -> OperationData {
    OperationData { choices: vec![Choice { machine, time }], ..OperationData::default() }
}

/// A shop where each job visits machines in the order given: (machine, time).
pub(super) fn shop(machines: usize, jobs: &[&[(u32, i64)]]) -> Shop {
    let job = |steps: &&[(u32, i64)]| JobData {
        weight: 1,
        operations: steps.iter().map(|&(machine, time)| only(machine, time)).collect(),
        ..JobData::default()
    };
    Shop::new(Objective::Makespan, machines, &jobs.iter().map(job).collect::<Vec<_>>()).unwrap()
}

/// Fisher and Thompson's six jobs on six machines (1963); no plan is shorter than 55.
pub(super) fn six_by_six() -> Shop {
    shop(
        6,
        &[
            &[(2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)],
            &[(1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)],
            &[(2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)],
            &[(1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)],
            &[(2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)],
            &[(1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)],
        ],
    )
}

/// Jobs that return to machines, operations without length, releases, deliveries, and alternatives if `flexible`.
pub(super) fn random_shop(objective: Objective, flexible: bool, random: &mut Random) -> Shop {
    let machines = 1 + random.below(5);
    let count = 1 + random.below(7);
    let operation = |random: &mut Random| {
        let choices = if flexible { 1 + random.below(3) } else { 1 };
        let choice = |random: &mut Random| Choice {
            machine: random.below(machines) as u32,
            time: (random.below(12) as i64 - 2).max(0),
        };
        OperationData {
            choices: (0..choices).map(|_| choice(random)).collect(),
            release: if random.below(6) == 0 { random.below(30) as i64 } else { 0 },
            delivery: if random.below(6) == 0 { random.below(30) as i64 } else { 0 },
        }
    };
    let jobs: Vec<JobData> = (0..count)
        .map(|_| JobData {
            release: random.below(5) as i64,
            due: random.below(60) as i64,
            weight: random.below(5) as i64,
            operations: (0..=random.below(8)).map(|_| operation(random)).collect(),
        })
        .collect();
    Shop::new(objective, machines, &jobs).unwrap()
}

/// What a plan is worth, straight from the definition: each machine does its operations in order, as early as possible.
pub(super) fn worth(shop: &Shop, order: &[u32], choices: &[u16]) -> i64 {
    let mut free = vec![0; shop.machines()];
    let mut ready = vec![0; shop.jobs.len()];
    let mut finished = vec![0; shop.jobs.len()];
    for &o in order {
        let choice = shop.choices(o as usize)[choices[o as usize] as usize];
        let job = shop.job_of[o as usize] as usize;
        let start = shop.release[o as usize].max(ready[job]).max(free[choice.machine as usize]);
        ready[job] = start + choice.time;
        free[choice.machine as usize] = start + choice.time;
        finished[job] = finished[job].max(start + choice.time + shop.delivery[o as usize]);
    }
    match shop.objective() {
        Objective::Makespan => finished.into_iter().max().unwrap_or(0),
        Objective::WeightedTardiness => {
            shop.jobs.iter().zip(finished).map(|(job, end)| job.weight * (end - job.due).max(0)).sum()
        }
    }
}
