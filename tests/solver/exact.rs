//! Shops whose best plan is known by a theorem.

use std::cmp::Reverse;

use domain::scheduling::solver::model::{
    Alternative, Job, JobIndex, Link, Machine, MachineIndex, Model, Operation, OperationIndex,
};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Alone, Budget, Preset, Problem, Request, Seconds, Solution, Weights, solve};
use tests::shops::Dice;

/// As long as there are iterations.
struct Patient;

impl Budget for Patient {
    fn go_on(&self) -> bool {
        true
    }
}

/// Jobs of steps (machine, length), one after the other.
fn shop(machines: u32, jobs: &[Vec<(u32, Seconds)>]) -> Model {
    let machine = |index: u32| Machine::new(index.to_string());
    let mut model = Model { machines: (0..machines).map(machine).collect(), ..Model::default() };
    for (steps, job) in jobs.iter().zip(0..) {
        model.jobs.push(Job::new(job.to_string()));
        for (number, &(machine, run)) in steps.iter().enumerate() {
            let index = model.operations.len() as u32;
            if number > 0 {
                let [before, after] = [index - 1, index].map(OperationIndex);
                model.links.push(Link::new(before, after));
            }
            model.operations.push(Operation::new(
                JobIndex(job),
                number.to_string(),
                vec![Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 }],
            ));
        }
    }
    model
}

fn best(model: Model, weights: Weights) -> Solution {
    let problem = Problem::new(model).expect("a problem");
    let request = Request { problem: &problem, baseline: None, weights, seed: 1, iterations: Some(5_000) };
    let solution = solve(&request, &Alone, &Patient, &mut |_| {});
    assert_eq!(validate(&problem, &solution.plan, None), []);
    solution
}

/// Johnson's order of a flow shop of two machines.
fn johnson(mut jobs: Vec<(Seconds, Seconds)>) -> Vec<(Seconds, Seconds)> {
    let (mut first, mut last): (Vec<_>, Vec<_>) = jobs.drain(..).partition(|(a, b)| a < b);
    first.sort_unstable();
    last.sort_unstable_by_key(|(_, b)| Reverse(*b));
    first.extend(last);
    first
}

#[test]
fn flow_shops_of_two_machines_are_as_short_as_johnson_says() {
    for seed in 0..10 {
        let mut dice = Dice(seed);
        let jobs: Vec<(Seconds, Seconds)> =
            (0..dice.between(3, 15)).map(|_| (dice.between(1, 50).into(), dice.between(1, 50).into())).collect();
        let (mut there, mut done) = (0, 0);
        for (a, b) in johnson(jobs.clone()) {
            there += a;
            done = there.max(done) + b;
        }
        let steps: Vec<Vec<(u32, Seconds)>> = jobs.iter().map(|(a, b)| vec![(0, *a), (1, *b)]).collect();
        assert_eq!(best(shop(2, &steps), Preset::Makespan.weights()).parts.makespan, done, "seed {seed}");
    }
}

#[test]
fn one_machine_is_in_the_order_of_due_dates_when_that_leaves_nothing_late() {
    for seed in 0..10 {
        let mut dice = Dice(seed);
        let lengths: Vec<Seconds> = (0..12).map(|_| dice.between(1, 50).into()).collect();
        let steps: Vec<Vec<(u32, Seconds)>> = lengths.iter().map(|length| vec![(0, *length)]).collect();
        let mut model = shop(1, &steps);
        // Each job is due when the ones after it in the model and itself are done: the last comes first.
        let mut due = 0;
        for (job, length) in model.jobs.iter_mut().zip(&lengths).rev() {
            due += length;
            job.due = Some(due);
        }
        let weights = Weights { tardiness: 1, makespan: 0, ..Preset::Makespan.weights() };
        let solution = best(model, weights);
        assert_eq!((solution.parts.weighted_tardiness, solution.parts.makespan), (0, due), "seed {seed}");
    }
}

#[test]
fn the_shop_of_six_jobs_that_everybody_knows_takes_fifty_five() {
    // Fisher and Thompson's first instance, 1963.
    let jobs: [[(u32, Seconds); 6]; 6] = [
        [(2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)],
        [(1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)],
        [(2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)],
        [(1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)],
        [(2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)],
        [(1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)],
    ];
    let steps: Vec<Vec<(u32, Seconds)>> = jobs.iter().map(|job| job.to_vec()).collect();
    assert_eq!(best(shop(6, &steps), Preset::Makespan.weights()).parts.makespan, 55);
}
