use std::sync::Arc;

use super::*;
use crate::scheduling::solver::Calendar;
use crate::scheduling::solver::model::{
    Alternative, Attendance, CalendarIndex, ChangeoverIndex, Family, Job, JobIndex, Labour, Link, Machine,
    MachineIndex, Material, MaterialIndex, Model, Operation, Operator, OperatorIndex, Place, SkillGrant, SkillIndex,
    State, Tool, ToolIndex, Transfer,
};
use crate::scheduling::solver::plan::{Assignment, Clash, Conflict, Reason, Unplaced};

const SAW: u32 = 0;
const MILL: u32 = 1;
const OVEN: u32 = 2;
const BENCH: u32 = 3;
const OUTSIDE: u32 = 4;

fn machine(name: &str, capacity: Capacity, calendar: Option<CalendarIndex>) -> Machine {
    Machine { calendar, capacity, ..Machine::new(name) }
}

fn operation(job: u32, name: &str, (machine, setup, run): (u32, Seconds, Seconds)) -> Operation {
    Operation::new(JobIndex(job), name, vec![Alternative { machine: MachineIndex(machine), setup, run, cost: 0 }])
}

fn link(before: u32, after: u32) -> Link {
    let [before, after] = [before, after].map(OperationIndex);
    Link::new(before, after)
}

/// Every kind of resource and rule, each used by something.
fn shop() -> Model {
    let shifts = Calendar::new(vec![(0, 100), (150, 250), (300, 1_000)]).unwrap();
    let by = |during| Some(Labour { skill: SkillIndex(0), during });
    let mut model = Model {
        frozen_until: 10,
        calendars: vec![shifts],
        machines: vec![
            machine("saw", Capacity::One, Some(CalendarIndex(0))),
            machine("mill", Capacity::One, Some(CalendarIndex(0))),
            machine("oven", Capacity::Batch(3), None),
            machine("bench", Capacity::Many(2), None),
            machine("outside", Capacity::Unlimited, None),
        ],
        skills: vec!["sawing".to_owned()],
        tools: vec![Tool { name: "jig".to_owned(), count: 2 }],
        materials: vec![Material { name: "steel".to_owned(), stock: 3, receipts: vec![(50, 2)] }],
        changeovers: vec![vec![vec![0, 10, 10], vec![10, 0, 7], vec![10, 7, 0]]],
        links: vec![link(0, 1), link(2, 3), link(4, 5), link(6, 7)],
        ..Model::default()
    };
    let grant = SkillGrant { skill: SkillIndex(0), percent: 100, expires: Some(400) };
    let operator = |name: &str, skills| Operator {
        name: name.to_owned(),
        calendar: Some(CalendarIndex(0)),
        absences: Vec::new(),
        skills,
    };
    model.operators = vec![operator("Ada", vec![grant]), operator("Bob", Vec::new())];
    let job = |name: &str, release| Job { name: name.to_owned(), release, due: None, weight: 1, deadline: None };
    model.jobs = vec![job("A", 0), job("B", 0), job("C", 0), job("D", 50)];
    model.machines[0].changeover = Some(ChangeoverIndex(0));
    model.machines[0].family = Some(Family(0));
    model.operations = vec![
        Operation { family: Some(Family(1)), labour: by(Attendance::Full), ..operation(0, "10", (SAW, 5, 20)) },
        Operation { longest_pause: Some(50), ..operation(0, "20", (MILL, 0, 80)) },
        Operation { family: Some(Family(2)), labour: by(Attendance::Setup), ..operation(1, "10", (SAW, 0, 10)) },
        Operation { size: 2, ..operation(1, "20", (OVEN, 0, 30)) },
        operation(2, "10", (OVEN, 0, 20)),
        Operation { tools: vec![ToolIndex(0)], ..operation(2, "20", (BENCH, 0, 10)) },
        Operation {
            tools: vec![ToolIndex(0)],
            uses: vec![(MaterialIndex(0), 5)],
            ..operation(3, "10", (BENCH, 0, 10))
        },
        operation(3, "20", (OUTSIDE, 0, 10)),
    ];
    model.links[0].min_lag = 5;
    model.links[1].max_lag = Some(20);
    model.links[3].transfer = Some(Transfer { first: 1, of: 2 });
    model
}

fn at(machine: u32, operator: Option<u32>, (start, run_start, end): (Seconds, Seconds, Seconds)) -> Assignment {
    let operator = operator.map(OperatorIndex);
    Assignment { machine: MachineIndex(machine), operator, start, run_start, end }
}

fn good() -> Plan {
    let assignments = vec![
        at(SAW, Some(0), (0, 15, 35)),
        at(MILL, None, (40, 40, 170)),
        at(SAW, Some(0), (35, 42, 52)),
        at(OVEN, None, (60, 60, 90)),
        at(OVEN, None, (60, 60, 90)),
        at(BENCH, None, (100, 100, 110)),
        at(BENCH, None, (100, 100, 110)),
        at(OUTSIDE, None, (105, 105, 115)),
    ];
    Plan { assignments: assignments.into_iter().map(Some).collect(), ..Plan::default() }
}

/// The faults after a change to shop and plan, each once.
fn faults(change: impl FnOnce(&mut Model, &mut Plan)) -> Vec<Fault> {
    let (mut model, mut plan) = (shop(), good());
    change(&mut model, &mut plan);
    let problem = Problem::new(model).unwrap();
    let mut found: Vec<Fault> = validate(&problem, &plan, None).iter().map(|violation| violation.fault).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn place(plan: &mut Plan, operation: usize) -> &mut Assignment {
    plan.assignments[operation].as_mut().unwrap()
}

fn move_by(plan: &mut Plan, operation: usize, shift: Seconds) {
    let it = place(plan, operation);
    (it.start, it.run_start, it.end) = (it.start + shift, it.run_start + shift, it.end + shift);
}

#[test]
fn a_plan_that_keeps_all_rules_passes() {
    assert_eq!(faults(|_, _| {}), []);
}

#[test]
fn work_lengths_and_pauses_are_counted_in_open_time() {
    assert_eq!(faults(|_, plan| place(plan, 1).end = 171), [Fault::RunLength]);
    assert_eq!(faults(|_, plan| place(plan, 1).end = 169), [Fault::RunLength]);
    assert_eq!(faults(|_, plan| place(plan, 2).run_start = 41), [Fault::SetupLength, Fault::RunLength]);
    assert_eq!(faults(|_, plan| place(plan, 1).start = 39), [Fault::Idles]);
    assert_eq!(
        faults(|_, plan| (place(plan, 1).start, place(plan, 1).run_start) = (110, 110)),
        [Fault::StartsClosed, Fault::RunLength]
    );
    assert_eq!(faults(|_, plan| *place(plan, 1) = at(MILL, None, (120, 120, 230))), [Fault::StartsClosed]);
    assert_eq!(faults(|model, _| model.operations[1].interruptible = false), [Fault::Interrupted]);
    assert_eq!(faults(|model, _| model.operations[1].longest_pause = Some(49)), [Fault::PausedTooLong]);
}

#[test]
fn a_setup_waits_for_its_operator_and_the_run_for_its_machine() {
    // Ada comes back at 50: the setup stands from 40 on, the run needs nobody.
    let absent = |model: &mut Model, plan: &mut Plan| {
        model.operators[0].absences = vec![(40, 50)];
        *place(plan, 2) = at(SAW, Some(0), (35, 52, 62));
        place(plan, 3).start = 62;
        place(plan, 3).run_start = 62;
        place(plan, 3).end = 92;
        *place(plan, 4) = *place(plan, 3);
    };
    assert_eq!(faults(absent), []);
    let speed = |model: &mut Model, _: &mut Plan| model.operators[0].skills[0].percent = 80;
    assert_eq!(faults(speed), [Fault::SetupLength, Fault::RunLength]);
}

#[test]
fn changeovers_follow_the_machines_sequence() {
    assert_eq!(faults(|model, _| model.machines[0].family = Some(Family(1))), [Fault::Idles]);
    assert_eq!(faults(|model, _| model.changeovers[0][1][2] = 8), [Fault::SetupLength]);
}

#[test]
fn a_machine_takes_no_more_than_its_capacity() {
    assert_eq!(
        faults(|model, plan| {
            model.operations[2].labour = None;
            move_by(plan, 2, -1);
        }),
        [Fault::MachineTaken]
    );
    assert_eq!(faults(|model, _| model.machines[3].capacity = Capacity::Many(1)), [Fault::MachineTaken]);
    assert_eq!(faults(|_, plan| move_by(plan, 3, 1)), [Fault::RunLength, Fault::MachineTaken]);
    assert_eq!(faults(|model, _| model.machines[2].capacity = Capacity::Batch(2)), [Fault::BatchTooLarge]);
    assert_eq!(
        faults(|model, _| model.operations[3].family = Some(Family(0))),
        [Fault::RunLength, Fault::MachineTaken]
    );
    assert_eq!(
        faults(|model, plan| {
            Arc::make_mut(&mut model.operations[7].alternatives)[0].machine = MachineIndex(MILL);
            *place(plan, 7) = at(MILL, None, (165, 165, 175));
        }),
        [Fault::MachineTaken]
    );
}

#[test]
fn an_operator_is_named_skilled_and_in_one_place() {
    assert_eq!(faults(|_, plan| place(plan, 2).operator = None), [Fault::NobodyNamed]);
    assert_eq!(faults(|_, plan| place(plan, 2).operator = Some(OperatorIndex(1))), [Fault::LacksSkill]);
    assert_eq!(faults(|model, _| model.operators[0].skills[0].expires = Some(41)), [Fault::SkillExpired]);
    assert_eq!(faults(|model, _| model.operators[0].skills[0].expires = Some(42)), []);
    let elsewhere = |model: &mut Model, plan: &mut Plan| {
        model.machines.push(machine("second saw", Capacity::One, None));
        Arc::make_mut(&mut model.operations[2].alternatives)[0] =
            Alternative { machine: MachineIndex(5), setup: 7, run: 10, cost: 0 };
        *place(plan, 2) = at(5, Some(0), (34, 41, 51));
    };
    assert_eq!(faults(elsewhere), [Fault::OperatorTaken]);
}

#[test]
fn tools_are_counted() {
    assert_eq!(faults(|model, _| model.tools[0].count = 1), [Fault::ToolTaken]);
    assert_eq!(faults(|model, _| model.tools[0].count = 0), [Fault::ToolTaken]);
}

#[test]
fn links_hold_their_lags_and_transfer_batches() {
    assert_eq!(faults(|model, _| model.links[0].min_lag = 6), [Fault::TooEarly]);
    assert_eq!(faults(|model, _| model.links[1].max_lag = Some(8)), []);
    assert_eq!(faults(|model, _| model.links[1].max_lag = Some(7)), [Fault::TooLate]);
    assert_eq!(faults(|_, plan| move_by(plan, 7, -1)), [Fault::TooEarly, Fault::EndsTooEarly]);
    assert_eq!(
        faults(|model, plan| {
            Arc::make_mut(&mut model.operations[7].alternatives)[0].run = 8;
            place(plan, 7).end = 113;
        }),
        [Fault::EndsTooEarly]
    );
    assert_eq!(faults(|model, _| model.links[0].lag_calendar = Some(CalendarIndex(0))), []);
    assert_eq!(
        faults(|model, _| {
            model.calendars.push(Calendar::new(vec![(0, 36), (37, 1_000)]).unwrap());
            model.links[0].lag_calendar = Some(CalendarIndex(1));
        }),
        [Fault::TooEarly]
    );
}

#[test]
fn nothing_starts_before_its_release_or_its_material() {
    assert_eq!(faults(|model, _| model.jobs[3].release = 101), [Fault::BeforeRelease]);
    assert_eq!(faults(|model, _| model.now = 1), [Fault::BeforeNow]);
    assert_eq!(faults(|model, _| model.materials[0].receipts[0].0 = 100), []);
    assert_eq!(faults(|model, _| model.materials[0].receipts[0].0 = 101), [Fault::MaterialShort]);
    assert_eq!(
        faults(|model, _| {
            model.materials[0].receipts.clear();
            model.operations[3].makes = vec![(MaterialIndex(0), 2)];
        }),
        []
    );
}

#[test]
fn what_is_fixed_stays_and_what_is_at_work_ends_when_the_rest_is_done() {
    let place_of = |machine, start| Place { machine: MachineIndex(machine), operator: None, start };
    assert_eq!(faults(|model, _| model.operations[5].state = State::Pinned(place_of(BENCH, 100))), []);
    assert_eq!(faults(|model, _| model.operations[5].state = State::Pinned(place_of(BENCH, 101))), [Fault::Moved]);
    let started = |model: &mut Model, plan: &mut Plan| {
        model.now = 35;
        model.operations[0].state = State::Started { place: place_of(SAW, 0), remaining: 0 };
        place(plan, 0).run_start = 0;
    };
    assert_eq!(faults(started), []);
    assert_eq!(
        faults(|model, plan| {
            started(model, plan);
            model.operations[0].state = State::Started { place: place_of(SAW, 0), remaining: 1 };
        }),
        [Fault::RunLength]
    );
    let (problem, plan) = (Problem::new(shop()).unwrap(), good());
    let mut baseline = good();
    move_by(&mut baseline, 1, 1);
    assert_eq!(validate(&problem, &plan, Some(&baseline)), []);
    place(&mut baseline, 0).start += 1;
    assert_eq!(validate(&problem, &plan, Some(&baseline))[0].rule(), Rule::Fixed);
    // A machine that can't do it any more holds nothing.
    place(&mut baseline, 0).machine = MachineIndex(MILL);
    assert_eq!(validate(&problem, &plan, Some(&baseline)), []);
}

#[test]
fn an_admitted_clash_of_a_fixed_operation_is_none_for_the_checker() {
    let clash = Clash { operation: OperationIndex(5), with: None, over: Conflict::Machine };
    let crowded = |model: &mut Model, _: &mut Plan| {
        model.machines[3].capacity = Capacity::Many(1);
        for operation in [5, 6] {
            let place = Place { machine: MachineIndex(BENCH), operator: None, start: 100 };
            model.operations[operation].state = State::Pinned(place);
        }
    };
    assert_eq!(faults(crowded), [Fault::MachineTaken]);
    assert_eq!(
        faults(|model, plan| {
            crowded(model, plan);
            plan.clashes.push(clash);
        }),
        []
    );
    assert_eq!(faults(|_, plan| plan.clashes.push(clash)), [Fault::NotFixed]);
    assert_eq!(
        faults(|model, plan| {
            crowded(model, plan);
            model.operations[6].state = State::Planned;
            plan.clashes.push(clash);
        }),
        [Fault::MachineTaken],
        "what is not fixed must give way"
    );
}

#[test]
fn nothing_is_lost_and_nothing_invented() {
    assert_eq!(faults(|_, plan| plan.assignments[7] = None), [Fault::Missing]);
    assert_eq!(faults(|_, plan| plan.assignments.truncate(7)), [Fault::Missing]);
    let reason = Reason::CalendarsNeverMeet;
    let listed = |operation| Unplaced { operation: OperationIndex(operation), reason };
    assert_eq!(
        faults(|_, plan| {
            plan.assignments[7] = None;
            plan.unplaced.push(listed(7));
        }),
        []
    );
    assert_eq!(
        faults(|_, plan| {
            plan.assignments[6] = None;
            plan.unplaced.push(listed(6));
        }),
        [Fault::NothingBefore]
    );
    assert_eq!(faults(|_, plan| plan.unplaced.push(listed(7))), [Fault::Twice]);
    assert_eq!(faults(|_, plan| plan.unplaced.push(listed(70))), [Fault::Unknown]);
    assert_eq!(faults(|model, _| model.operations[7].state = State::Done { end: 0 }), [Fault::Twice]);
    assert_eq!(faults(|_, plan| plan.assignments.push(None)), [Fault::Unknown]);
    assert_eq!(faults(|_, plan| place(plan, 7).machine = MachineIndex(99)), [Fault::Unknown]);
    assert_eq!(faults(|_, plan| place(plan, 7).machine = MachineIndex(SAW)), [Fault::NotItsMachine]);
    assert_eq!(faults(|_, plan| place(plan, 7).end = i64::MAX), [Fault::Disordered]);
    assert_eq!(faults(|_, plan| place(plan, 7).start = i64::MIN), [Fault::Disordered]);
}

#[test]
fn a_violation_names_operation_job_and_machine() {
    let mut plan = good();
    move_by(&mut plan, 2, -1);
    let problem = Problem::new(shop()).unwrap();
    let told: Vec<_> = validate(&problem, &plan, None)
        .iter()
        .map(|it| (it.rule(), it.operation.0, it.other.map(|it| it.0), it.on, (it.from, it.to)))
        .collect();
    assert_eq!(
        told,
        [
            (Rule::Machine, 2, Some(0), Some(Resource::Machine(MachineIndex(SAW))), (34, 35)),
            (Rule::Operator, 2, Some(0), Some(Resource::Operator(OperatorIndex(0))), (34, 35)),
        ]
    );
    assert_eq!((Rule::Machine as u8, Rule::Machine.name()), (4, "machine"));
    assert_eq!(Fault::MachineTaken.words(), "is there while the machine is taken");
}
