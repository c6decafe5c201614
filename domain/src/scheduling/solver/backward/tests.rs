use super::super::calendar::Calendar;
use super::super::model::*;
use super::super::objective::job_end;
use super::super::solve::{Alone, Request, solve};
use super::super::tests::Always;
use super::super::validate::validate;
use super::super::{Plan, Preset, Problem, Seconds, sample};
use super::backward;

fn request(problem: &Problem) -> Request<'_> {
    Request { problem, baseline: None, weights: Preset::OnTimeFirst.weights(), seed: 1, iterations: Some(20) }
}

fn work(problem: &Problem, plan: &Plan, job: JobIndex) -> Option<(Seconds, Seconds)> {
    let at = || problem.operations_of(job).iter().filter_map(|it| plan.assignments[it.at()]);
    Some((at().map(|it| it.start).min()?, at().map(|it| it.end).max()?))
}

#[test]
fn a_backward_plan_keeps_every_rule_and_no_job_is_later_than_it_must_be_or_longer_at_work() {
    let (mut early, mut was_early) = (0, 0);
    for seed in 0..150 {
        let shop = if seed % 3 == 0 { Problem::new(sample::tight(seed, 6)).unwrap() } else { sample::shop(seed, 8) };
        let request = request(&shop);
        let forward = solve(&request, &Alone, &Always, &mut |_| {}).plan;
        let solution = backward(&request, &Alone, &Always, &mut |_| {});
        let found = validate(&shop, &solution.plan, None);
        assert!(found.is_empty(), "seed {seed}: {found:#?}");
        for (data, index) in shop.model().jobs.iter().zip(0..) {
            let job = JobIndex(index);
            let [was, is] = [&forward, &solution.plan].map(|plan| work(&shop, plan, job));
            let (Some(was), Some(is), Some(due)) = (was, is, data.due) else { continue };
            assert!(is.1 <= was.1.max(due), "seed {seed} {was:?} {is:?} {due}");
            if forward.unplaced.is_empty() && forward.clashes.is_empty() {
                assert!(was.0 <= is.0 && was.1 <= is.1 && is.1 - is.0 <= was.1 - was.0, "seed {seed} {was:?} {is:?}");
                was_early += (due - was.1).max(0);
                early += (due - is.1).max(0);
            }
        }
    }
    assert!(early * 4 < was_early, "{early} of {was_early}");
}

#[test]
fn where_nobody_is_in_the_way_every_job_ends_when_it_is_due_or_in_the_last_open_second_before() {
    for seed in 0..50 {
        let days = Calendar::new((0..40).map(|day| (day * 100 + seed, day * 100 + seed + 60)).collect()).unwrap();
        let mut model = Model { calendars: vec![days.clone()], ..Model::default() };
        for job in 0..4 {
            let due = 900 + 131 * Seconds::from(job) + seed;
            model.jobs.push(Job { due: Some(due), ..Job::new(format!("J{job}")) });
            for step in 0..3 {
                let machine = MachineIndex(3 * job + step);
                let calendar = (step != 1).then_some(CalendarIndex(0));
                model.machines.push(Machine { calendar, ..Machine::new(format!("M{}", machine.0)) });
                let run = 20 + Seconds::from(7 * step + job);
                let alternative = Alternative { machine, setup: 5, run, cost: 0 };
                model.operations.push(Operation::new(JobIndex(job), step.to_string(), vec![alternative]));
                if step > 0 {
                    model.links.push(Link::new(OperationIndex(3 * job + step - 1), OperationIndex(3 * job + step)));
                }
            }
        }
        let problem = Problem::new(model).unwrap();
        let solution = backward(&request(&problem), &Alone, &Always, &mut |_| {});
        assert!(validate(&problem, &solution.plan, None).is_empty());
        for (job, index) in problem.model().jobs.iter().zip(0..) {
            let due = job.due.unwrap();
            let (_, closes) = days.opened_before(due).unwrap();
            let index = JobIndex(index);
            assert_eq!(job_end(&problem, &solution.plan, index), Some(due.min(closes)), "seed {seed}");
            // Each step ends when the next one runs, or in the last open second before.
            let of = problem.operations_of(index);
            for pair in of.windows(2) {
                let [before, after] = [pair[0], pair[1]].map(|it| solution.plan.assignments[it.at()].unwrap());
                let calendar = problem.open(before.machine);
                let closes = calendar.opened_before(after.run_start).unwrap().1;
                assert_eq!(before.end, after.run_start.min(closes));
            }
        }
    }
}
