use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::construct::{dispatch, rules};
use super::decode::{Board, Ground, SOUGHT};
use super::explain::Explainer;
use super::improve::LOOK;
use super::objective::Parts;
use super::solve::{Alone, Budget, Request, solve};
use super::validate::validate;
use super::what_if::{Variant, what_if};
use super::{Plan, Preset, sample};

pub(super) struct Always;

impl Budget for Always {
    fn go_on(&self) -> bool {
        true
    }
}

pub(super) fn request(problem: &super::Problem) -> Request<'_> {
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
        let (bound, worth) = (solution.bound, solution.parts);
        if worth.unplaced == 0 && worth.clashes == 0 {
            assert!(bound.makespan <= worth.makespan && bound.soft <= solution.score.soft, "seed {seed}");
            assert!(bound.weighted_tardiness <= worth.weighted_tardiness, "seed {seed}");
        }
        let parts = Parts::of(&problem, &solution.plan, None, &request(&problem).weights);
        assert_eq!(parts, solution.parts, "seed {seed}");
    }
}

/// Three jobs on two machines, which pure searchers can take.
fn pure() -> super::Problem {
    use super::model::*;
    let machine = |name: &str| Machine::new(name);
    let mut model = Model { machines: vec![machine("saw"), machine("mill")], ..Model::default() };
    for (job, runs) in (0..).zip([[3, 6], [5, 2], [1, 3]]) {
        model.jobs.push(Job { name: format!("J{job}"), release: 10, due: Some(14), weight: 1, deadline: None });
        for (machine, run) in (0..).zip(runs) {
            model.operations.push(Operation::new(
                JobIndex(job),
                machine.to_string(),
                vec![Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 }],
            ));
        }
        let [before, after] = [2 * job, 2 * job + 1].map(OperationIndex);
        model.links.push(Link::new(before, after));
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

/// What a plan must be whatever came before.
pub(super) fn holds(problem: &super::Problem, plan: &Plan, baseline: Option<&Plan>) {
    let found = validate(problem, plan, baseline);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_same_request_gives_the_same_plan_and_a_change_of_nothing_changes_nothing() {
    for seed in 0..40 {
        let problem = sample::shop(seed, 8);
        let compared =
            what_if(&request(&problem), Variant { problem: &problem.clone(), baseline: None }, (&Alone, &Always));
        assert_eq!((compared.hard(), compared.soft(), compared.jobs), (0, 0, vec![]));
        assert_eq!(compared.base.plan, compared.variant.plan);
        assert_eq!(compared.base.iterations, 50);
    }
}

#[test]
fn a_search_that_is_cancelled_at_once_has_a_complete_plan() {
    struct Never;
    impl Budget for Never {
        fn go_on(&self) -> bool {
            false
        }
    }
    for seed in 0..100 {
        let problem = sample::shop(seed, 8);
        let mut heard = 0;
        let solution = solve(&request(&problem), &Alone, &Never, &mut |_| heard += 1);
        holds(&problem, &solution.plan, None);
        assert_eq!(heard, 1);
    }
}

/// Two at once, of whom either may be done first.
struct Pair {
    last_first: bool,
}

impl super::Crew for Pair {
    fn size(&self) -> usize {
        2
    }

    fn run(&self, mut tasks: Vec<Box<dyn FnOnce() + Send + '_>>) {
        if self.last_first {
            tasks.reverse();
        }
        for task in tasks {
            task();
        }
    }
}

#[test]
fn two_at_once_find_the_same_plan_whoever_is_done_first_and_each_plan_on_the_way_is_better() {
    let mut problem = sample::shop(3, 20);
    for seed in 4..9 {
        let request = Request { iterations: Some(1_000), seed, ..request(&problem) };
        let mut heard = Vec::new();
        let one = solve(&request, &Pair { last_first: false }, &Always, &mut |it| heard.push(it.score));
        let other = solve(&request, &Pair { last_first: true }, &Always, &mut |_| {});
        holds(&problem, &one.plan, None);
        assert_eq!((&one.plan, one.iterations), (&other.plan, other.iterations));
        assert!(heard.is_sorted_by(|before, after| before > after), "{heard:?}");
        problem = sample::shop(seed, 20);
    }
}

/// So many jobs on two machines with changeovers that a part of the list is looked at at a time.
fn long() -> super::Problem {
    use super::model::*;
    let machine = |name: &str| Machine { changeover: Some(ChangeoverIndex(0)), ..Machine::new(name) };
    let changeovers = vec![vec![vec![0, 9, 5], vec![7, 0, 8], vec![6, 9, 0]]];
    let mut model = Model { machines: vec![machine("saw"), machine("mill")], changeovers, ..Model::default() };
    for job in 0..650 {
        let due = Some(i64::from(job) * 9 + 100);
        model.jobs.push(Job { due, weight: i64::from(1 + job % 4), ..Job::new(format!("J{job}")) });
        for machine in 0..2 {
            let run = i64::from(3 + (job * (machine + 2)) % 7);
            let alternative = Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 };
            let family = Some(Family((job + machine) % 3));
            model.operations.push(Operation { family, ..Operation::new(JobIndex(job), "", vec![alternative]) });
        }
        let [before, after] = [2 * job, 2 * job + 1].map(OperationIndex);
        model.links.push(Link::new(before, after));
    }
    super::Problem::new(model).unwrap()
}

#[test]
fn a_long_list_is_improved_part_by_part() {
    let problem = long();
    let request = Request { iterations: Some(600), ..request(&problem) };
    let first = solve(&Request { iterations: Some(0), ..request }, &Pair { last_first: false }, &Always, &mut |_| {});
    let [one, other] = [false, true].map(|last_first| solve(&request, &Pair { last_first }, &Always, &mut |_| {}));
    holds(&problem, &one.plan, None);
    assert!(one.score < first.score && one.plan == other.plan);
}

#[test]
fn a_long_list_all_of_which_is_tied_together_is_improved_as_a_whole() {
    let mut model = long().model().clone();
    model.operations.iter_mut().for_each(|operation| operation.job = super::model::JobIndex(0));
    model.jobs.truncate(1);
    let all = (0..).take(model.operations.len()).map(super::model::OperationIndex);
    let follows =
        |(before, after)| super::model::Link { max_lag: Some(1_000), ..super::model::Link::new(before, after) };
    model.links = all.clone().zip(all.skip(1)).map(follows).collect();
    let problem = super::Problem::new(model).unwrap();
    let request = Request { iterations: Some(10), ..request(&problem) };
    holds(&problem, &solve(&request, &Alone, &Always, &mut |_| {}).plan, None);
}

#[test]
fn sums_beyond_all_numbers_stay_at_the_end_of_them() {
    use super::calendar::FAR;
    let mut model = pure().model().clone();
    model.jobs.truncate(1);
    model.operations.truncate(1);
    model.links.clear();
    for job in 1..6_000 {
        model.jobs.push(super::model::Job { release: -FAR, weight: 1_000_000, ..model.jobs[0].clone() });
        let operation = model.operations[0].clone();
        model.operations.push(super::model::Operation { job: super::model::JobIndex(job), ..operation });
    }
    model.now = FAR / 2;
    let problem = super::Problem::new(model).unwrap();
    let solution = solve(&Request { iterations: Some(0), ..request(&problem) }, &Alone, &Always, &mut |_| {});
    holds(&problem, &solution.plan, None);
    assert_eq!((solution.parts.flow_seconds, solution.parts.weighted_tardiness), (i64::MAX, i64::MAX));
}

#[test]
fn a_pure_shop_beyond_all_calendars_is_told_to_have_no_place() {
    let mut model = pure().model().clone();
    model.jobs[0].release = super::calendar::FAR - 1;
    let problem = super::Problem::new(model).unwrap();
    let solution =
        solve(&Request { weights: Preset::Makespan.weights(), ..request(&problem) }, &Alone, &Always, &mut |_| {});
    holds(&problem, &solution.plan, None);
    assert_eq!(solution.plan.unplaced.len(), 2);
}

#[test]
fn a_shop_without_work_has_an_empty_plan() {
    let problem = super::Problem::new(super::Model::default()).unwrap();
    for weights in [Preset::OnTimeFirst, Preset::Makespan].map(Preset::weights) {
        let solution = solve(&Request { weights, ..request(&problem) }, &Alone, &Always, &mut |_| {});
        assert_eq!((solution.plan, solution.score.soft), (Plan::default(), 0));
    }
}

#[test]
fn what_is_pinned_started_or_frozen_never_moves_however_long_the_search() {
    for seed in 0..60 {
        let problem = sample::shop(seed, 8);
        let plan = solve(&request(&problem), &Alone, &Always, &mut |_| {}).plan;
        for baseline in [None, Some(&plan)] {
            let request = Request { baseline, seed, iterations: Some(200), ..request(&problem) };
            let found = solve(&request, &Alone, &Always, &mut |_| {}).plan;
            for operation in problem.operations() {
                let Some(place) = problem.kept(operation, baseline) else { continue };
                let at = found.assignments[operation.at()].unwrap();
                assert_eq!((at.machine, at.start), (place.machine, place.start), "seed {seed} {operation:?}");
                assert!(place.operator.is_none_or(|operator| at.operator == Some(operator)));
            }
        }
    }
}

#[test]
fn a_shop_in_which_nothing_can_be_done_says_so_of_everything() {
    for seed in 0..20 {
        let mut model = sample::shop(seed, 8).model().clone();
        model.operators.clear();
        for operation in &mut model.operations {
            operation.state = super::model::State::Planned;
            let (skill, during) = (super::model::SkillIndex(0), super::model::Attendance::Full);
            operation.labour = Some(super::model::Labour { skill, during });
        }
        let problem = super::Problem::new(model).unwrap();
        let solution = solve(&request(&problem), &Alone, &Always, &mut |_| {});
        holds(&problem, &solution.plan, None);
        assert_eq!(solution.plan.unplaced.len(), problem.len());
        assert!(solution.plan.assignments.iter().all(Option::is_none));
        let back = super::backward(&request(&problem), &Alone, &Always, &mut |_| {});
        assert_eq!((back.plan, solution.score), (solution.plan.clone(), back.score));
        let repaired = super::repair(&problem, &solution.plan, &Preset::OnTimeFirst.weights());
        assert_eq!(repaired.unplaced.len(), problem.len());
    }
}

#[test]
fn the_search_ends_by_itself_where_nothing_is_better_or_nothing_is_free() {
    use super::model::{Alternative, Job, JobIndex, Machine, MachineIndex, Model, Operation, Place, State};
    for state in [State::Planned, State::Pinned(Place { machine: MachineIndex(0), operator: None, start: 60 })] {
        let on = vec![Alternative { machine: MachineIndex(0), setup: 0, run: 600, cost: 0 }];
        let operation = Operation { state, ..Operation::new(JobIndex(0), "10", on) };
        let (machines, jobs) = (vec![Machine::new("saw")], vec![Job::new("A")]);
        let problem = super::Problem::new(Model { machines, jobs, operations: vec![operation], ..Model::default() });
        let problem = problem.expect("a problem");
        let endless = Request { iterations: None, ..request(&problem) };
        assert_eq!(solve(&endless, &Alone, &Always, &mut |_| {}).plan.assignments.iter().flatten().count(), 1);
    }
}

/// Says yes so often, and counts how often it is asked, and how many places are sought from one question to the next.
pub(super) struct Upto {
    most: u64,
    asked: AtomicU64,
    sought: AtomicUsize,
    between: AtomicUsize,
}

impl Upto {
    pub(super) fn new(most: u64) -> Self {
        Self { most, asked: 0.into(), sought: SOUGHT.get().into(), between: 0.into() }
    }
}

impl Budget for Upto {
    fn go_on(&self) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let sought = SOUGHT.get();
        let since = sought - self.sought.swap(sought, Ordering::Relaxed);
        if 0 < asked && asked <= self.most {
            self.between.fetch_max(since, Ordering::Relaxed);
        }
        asked < self.most
    }
}

#[test]
fn whenever_the_budget_ends_the_search_asks_hardly_again_and_has_its_best_plan() {
    let problem = long();
    let known = solve(&Request { iterations: Some(0), ..request(&problem) }, &Alone, &Always, &mut |_| {}).plan;
    for (most, baseline) in (0..40).map(|at| at * at).flat_map(|most| [(most, None), (most, Some(&known))]) {
        let request = Request { baseline, iterations: None, ..request(&problem) };
        let budget = Upto::new(most);
        let mut heard = None;
        let solution = solve(&request, &Pair { last_first: false }, &budget, &mut |it| heard = Some(it.score));
        holds(&problem, &solution.plan, None);
        assert_eq!(heard, Some(solution.score));
        let more = budget.asked.into_inner() - most;
        assert!(more <= 10, "asked {more} times more after {most}");
    }
}

/// All in one, and the first two of them open at times that never let the second follow the first.
fn tied() -> super::Problem {
    use super::calendar::Calendar;
    use super::model::*;
    let open = |from: i64| Calendar::new((0..25_000).map(|day| (day * 100 + from, day * 100 + from + 15)).collect());
    let mut model = Model { calendars: vec![open(0).unwrap(), open(50).unwrap()], ..Model::default() };
    model.jobs.push(Job { due: Some(0), ..Job::new("A") });
    for at in 0..501 {
        let calendar = (at < 2).then_some(CalendarIndex(at));
        model.machines.push(Machine { calendar, ..Machine::new(at.to_string()) });
        let alternative = Alternative { machine: MachineIndex(at), setup: 0, run: 10, cost: 0 };
        let operation = Operation::new(JobIndex(0), "", vec![alternative]);
        model.operations.push(Operation { interruptible: false, ..operation });
    }
    for at in 1..501 {
        let max_lag = Some(if at == 1 { 5 } else { 1_000_000 });
        model.links.push(Link { max_lag, ..Link::new(OperationIndex(at - 1), OperationIndex(at)) });
    }
    super::Problem::new(model).unwrap()
}

/// So many who use what others make, and none before all of that is made.
fn by_material() -> super::Problem {
    use super::model::*;
    let material = Material { name: "part".to_owned(), stock: 0, receipts: Vec::new() };
    let mut model = Model { materials: vec![material], ..Model::default() };
    model.machines.extend(["saw", "mill"].map(Machine::new));
    for job in 0..400 {
        let makes = job >= 200;
        // Whoever uses is more pressing, and so comes before those who make in a list.
        model.jobs.push(Job { due: Some(i64::from(job)), weight: 1, ..Job::new(format!("J{job}")) });
        let on = Alternative { machine: MachineIndex(makes.into()), setup: 0, run: 10, cost: 0 };
        let mut operation = Operation::new(JobIndex(job), "", vec![on]);
        if makes {
            operation.makes = vec![(MaterialIndex(0), 200)];
        } else {
            operation.uses = vec![(MaterialIndex(0), 200 - i64::from(job % 2))];
        }
        model.operations.push(operation);
    }
    super::Problem::new(model).unwrap()
}

/// Places sought for one placement, or try of one, at most.
const PLACES: usize = 8;

#[test]
fn the_budget_is_asked_after_some_placements_whatever_they_are_for() {
    for (name, problem) in [("plain", long()), ("tied", tied()), ("material", by_material())] {
        let first = |problem| {
            let ground = Ground::new(problem, None, request(problem).weights);
            let mut board = Board::new(&ground);
            assert!(dispatch(&mut board, rules(&ground)[0], &mut |_| true));
            board.plan()
        };
        let known = first(&problem);
        let mut model = problem.model().clone();
        model.machines[0].downtime.push((0, 500));
        let changed = super::Problem::new(model).unwrap();
        for baseline in [None, Some(&known)] {
            let request = Request { baseline, iterations: None, ..request(&changed) };
            let budget = Upto::new(400);
            solve(&request, &Pair { last_first: false }, &budget, &mut |_| {});
            let between = budget.between.into_inner();
            assert!(between <= LOOK * PLACES, "{name}, {}: {between}", baseline.is_some());
            assert!(budget.asked.into_inner() >= 400, "{name}");
        }
    }
}
