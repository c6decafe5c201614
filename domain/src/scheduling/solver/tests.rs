use super::explain::Explainer;
use super::objective::Parts;
use super::solve::{Alone, Budget, Request, solve};
use super::validate::validate;
use super::{Preset, sample};

pub(super) struct Always;

impl Budget for Always {
    fn go_on(&self) -> bool {
        true
    }
}

fn request(problem: &super::Problem) -> Request<'_> {
    Request { problem, baseline: None, weights: Preset::OnTimeFirst.weights(), seed: 1, iterations: Some(50) }
}

#[test]
fn no_plan_of_a_random_shop_breaks_a_rule() {
    for seed in 0..1_000 {
        let problem = sample::shop(seed, 8);
        let solution = solve(&request(&problem), &Alone, &Always, &mut |_| {});
        let found = validate(&problem, &solution.plan, None);
        assert!(found.is_empty(), "seed {seed}: {found:#?} {:#?}", solution.plan.assignments);
        let explainer = Explainer::new(&problem, &solution.plan);
        for job in (0..).take(problem.model().jobs.len()).map(super::model::JobIndex) {
            if let Some(why) = explainer.explain(job) {
                let mut at = why.release;
                for stretch in &why.stretches {
                    assert_eq!(stretch.from, at, "seed {seed}: {why:#?}");
                    at = stretch.to;
                }
                assert_eq!((at, why.totals().iter().map(|it| it.1).sum::<i64>()), (why.end, why.end - why.release));
            }
        }
        let parts = Parts::of(&problem, &solution.plan, None, &request(&problem).weights);
        assert_eq!(parts, solution.parts, "seed {seed}");
    }
}

/// Three jobs on two machines, which pure searchers can take.
fn pure() -> super::Problem {
    use super::model::*;
    let machine = |name: &str| Machine {
        name: name.to_owned(),
        calendar: None,
        downtime: Vec::new(),
        capacity: Capacity::One,
        changeover: None,
        family: None,
    };
    let mut model = Model { machines: vec![machine("saw"), machine("mill")], ..Model::default() };
    for (job, runs) in (0..).zip([[3, 6], [5, 2], [1, 3]]) {
        model.jobs.push(Job { name: format!("J{job}"), release: 10, due: Some(14), weight: 1, deadline: None });
        for (machine, run) in (0..).zip(runs) {
            model.operations.push(Operation {
                job: JobIndex(job),
                name: machine.to_string(),
                alternatives: vec![Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 }],
                family: None,
                labour: None,
                tools: Vec::new(),
                interruptible: true,
                longest_pause: None,
                size: 1,
                uses: Vec::new(),
                makes: Vec::new(),
                state: State::Planned,
            });
        }
        let [before, after] = [2 * job, 2 * job + 1].map(OperationIndex);
        model.links.push(Link { before, after, min_lag: 0, max_lag: None, lag_calendar: None, transfer: None });
    }
    super::Problem::new(model).unwrap()
}

#[test]
fn a_pure_shop_is_solved_to_the_proven_best() {
    let problem = pure();
    let request = Request { weights: Preset::Makespan.weights(), iterations: Some(2_000), ..request(&problem) };
    assert!(super::lower::lower(&request).is_some());
    let solution = solve(&request, &Alone, &Always, &mut |_| {});
    assert_eq!((solution.parts.makespan, solution.bound.makespan), (22, 22));
    assert!(solution.proved && validate(&problem, &solution.plan, None).is_empty());
}
