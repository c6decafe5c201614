use super::{Board, Ground, List, SOUGHT, list};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::construct::{dispatch, rules};
use crate::scheduling::solver::model::{
    Alternative, Attendance, Job, JobIndex, Labour, Machine, MachineIndex, Material, MaterialIndex, Model, Operation,
    OperationIndex, Operator, OperatorIndex, Place, SkillGrant, SkillIndex, State,
};
use crate::scheduling::solver::plan::{Assignment, Reason};
use crate::scheduling::solver::repair::repaired;
use crate::scheduling::solver::validate::validate;
use crate::scheduling::solver::{Plan, Preset, Problem, Seconds, repair, sample};

fn planned(problem: &Problem, make: impl Fn(&mut Board<'_>)) -> Plan {
    let ground = Ground::new(problem, None, Preset::OnTimeFirst.weights());
    let mut board = Board::new(&ground);
    make(&mut board);
    let plan = board.plan();
    let found = validate(problem, &plan, None);
    assert!(found.is_empty(), "{found:#?}");
    plan
}

fn by_list(board: &mut Board<'_>) {
    let list = List::new(board.ground());
    list::run(board, &list, 0..list.order.len(), &mut |_| true);
}

/// The model without the jobs that could not be planned even if nothing else were to be done.
fn with_what_is_possible(model: &Model) -> Model {
    let mut possible = model.clone();
    for (job, data) in model.jobs.iter().enumerate() {
        let mut alone = model.clone();
        let theirs = |it: OperationIndex| model.operations[it.at()].job.at() == job;
        let first = model.operations.iter().position(|it| it.job.at() == job).unwrap_or(0);
        alone.operations.retain(|it| it.job.at() == job);
        alone.links.retain(|link| theirs(link.before));
        for link in &mut alone.links {
            link.before.0 -= u32::try_from(first).unwrap();
            link.after.0 -= u32::try_from(first).unwrap();
        }
        let plan = planned(&Problem::new(alone).unwrap(), by_list);
        if !plan.unplaced.is_empty() {
            assert!(plan.unplaced.iter().any(|it| it.reason != Reason::PredecessorUnplaced), "{}", data.name);
            possible.links.retain(|link| !theirs(link.before));
        }
    }
    possible
}

#[test]
fn what_has_to_follow_closely_has_a_place_wherever_it_could_have_one_alone() {
    for seed in 0..300 {
        let problem = Problem::new(with_what_is_possible(&sample::tight(seed, 9))).unwrap();
        let plan = planned(&problem, by_list);
        assert_eq!(plan.unplaced, vec![], "seed {seed}");
        let ground = Ground::new(&problem, None, Preset::OnTimeFirst.weights());
        for rule in rules(&ground) {
            let dispatched = planned(&problem, |board| assert!(dispatch(board, rule, &mut |_| true)));
            assert_eq!(dispatched.unplaced, vec![], "seed {seed} {rule:?}");
        }
        let mut broken = problem.model().clone();
        broken.machines[0].downtime.push((30, 190));
        let broken = Problem::new(with_what_is_possible(&broken)).unwrap();
        let repaired = repair(&broken, &plan, &Preset::OnTimeFirst.weights());
        assert!(validate(&broken, &repaired, Some(&plan)).is_empty());
        assert_eq!(repaired.unplaced, vec![], "seed {seed}");
    }
}

/// So many who use a part of what others make, all of them before those who make it.
fn by_material(count: u32) -> Problem {
    let material = Material { name: "part".to_owned(), stock: 0, receipts: Vec::new() };
    let mut model = Model { materials: vec![material], machines: vec![Machine::new("saw")], ..Model::default() };
    for job in 0..2 * count {
        model.jobs.push(Job::new(format!("J{job}")));
        let on = Alternative { machine: MachineIndex(0), setup: 0, run: 10, cost: 0 };
        let operation = Operation::new(JobIndex(job), "", vec![on]);
        let of = |amount: u32| vec![(MaterialIndex(0), i64::from(amount))];
        let (uses, makes) = if job < count { (of(count), Vec::new()) } else { (Vec::new(), of(1)) };
        model.operations.push(Operation { uses, makes, ..operation });
    }
    Problem::new(model).unwrap()
}

#[test]
fn whoever_makes_a_plan_is_asked_before_each_try_of_what_waits_for_material() {
    let problem = by_material(40);
    let told: Vec<_> = (0..80).map(|at| (80 - at) * 10).collect();
    let assignment = |start: &i64| {
        let (machine, start) = (MachineIndex(0), *start);
        Some(Assignment { machine, operator: None, start, run_start: start, end: start + 10 })
    };
    let told = Plan { assignments: told.iter().map(assignment).collect(), ..Plan::default() };
    let ground = Ground::new(&problem, Some(&told), Preset::OnTimeFirst.weights());
    let (mut most, mut last) = (0, SOUGHT.get());
    let mut go_on = |_: Option<&Board<'_>>| {
        let sought = SOUGHT.get();
        most = most.max(sought - std::mem::replace(&mut last, sought));
        true
    };
    let list = List::new(&ground);
    assert!(list::run(&mut Board::new(&ground), &list, 0..list.order.len(), &mut go_on));
    let mut board = Board::new(&ground);
    assert!(repaired(&mut board, &mut go_on));
    assert!(validate(&problem, &board.plan(), Some(&told)).is_empty());
    assert!(most <= 8, "{most}");
}

/// One operator on three machines, of which the first two have what is told, and the third has something free of 5 s.
fn with_one_operator(machines: [Machine; 3], fixed: &[(u32, Seconds, State)]) -> Model {
    let labour = Labour { skill: SkillIndex(0), during: Attendance::Full };
    let on = |machine: u32, run| [Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 }];
    let held = SkillGrant { skill: SkillIndex(0), percent: 100, expires: None };
    let operation = |machine, run, state| Operation {
        labour: Some(labour),
        state,
        ..Operation::new(JobIndex(0), "it", on(machine, run))
    };
    let fixed = fixed.iter().map(|(machine, run, state)| operation(*machine, *run, *state));
    Model {
        machines: machines.into(),
        skills: vec!["able".to_owned()],
        operators: vec![Operator { name: "Ann".to_owned(), calendar: None, absences: Vec::new(), skills: vec![held] }],
        jobs: vec![Job::new("J")],
        operations: fixed.chain([operation(2, 5, State::Planned)]).collect(),
        ..Model::default()
    }
}

const fn by_ann(machine: u32, start: Seconds) -> Place {
    Place { machine: MachineIndex(machine), operator: Some(OperatorIndex(0)), start }
}

#[test]
fn whoever_is_fixed_to_two_things_at_once_is_free_after_the_longer_one() {
    let fixed = [(0, 100, State::Pinned(by_ann(0, 0))), (1, 10, State::Pinned(by_ann(1, 20)))];
    let model = with_one_operator(["A", "B", "C"].map(Machine::new), &fixed);
    let plan = planned(&Problem::new(model).unwrap(), by_list);
    assert_eq!(plan.assignments[2].map(|it| it.start), Some(100));
}

#[test]
fn whoever_is_fixed_to_work_outside_of_all_hours_does_nothing_else_until_it_is_over() {
    let closed = Machine { downtime: vec![(-FAR, FAR)], ..Machine::new("A") };
    let running = State::Started { place: by_ann(0, -10), remaining: 100 };
    for state in [running, State::Pinned(by_ann(0, 0))] {
        let machines = [closed.clone(), Machine::new("B"), Machine::new("C")];
        // Two things at once are told of the plan by itself, and so are no offence.
        for fixed in [vec![(0, 100, state)], vec![(0, 100, state), (1, 10, State::Pinned(by_ann(1, 20)))]] {
            let problem = Problem::new(with_one_operator(machines.clone(), &fixed)).unwrap();
            let plan = planned(&problem, by_list);
            assert_eq!(plan.assignments.last().unwrap().map(|it| it.start), Some(100), "{state:?}");
            assert_eq!(validate(&problem, &plan, None), []);
            let mut early = plan.clone();
            early
                .assignments
                .last_mut()
                .unwrap()
                .iter_mut()
                .for_each(|it| (it.start, it.run_start, it.end) = (0, 0, 5));
            assert!(!validate(&problem, &early, None).is_empty(), "the checker sees it as well");
        }
    }
}
