use std::sync::Arc;

use super::*;
use crate::scheduling::solver::model::{Alternative, Job, SkillGrant, SkillIndex, Transfer};

/// Two jobs of two operations each on two machines.
fn shop() -> Model {
    let machine = |name: &str| Machine::new(name);
    let job = |name: &str| Job::new(name);
    let operation = |job, name: &str, machine| {
        Operation::new(
            JobIndex(job),
            name,
            vec![Alternative { machine: MachineIndex(machine), setup: 0, run: 10, cost: 0 }],
        )
    };
    Model {
        machines: vec![machine("saw"), machine("mill")],
        jobs: vec![job("A"), job("B")],
        operations: vec![operation(0, "10", 0), operation(0, "20", 1), operation(1, "10", 1), operation(1, "20", 0)],
        links: vec![link(0, 1), link(2, 3)],
        ..Model::default()
    }
}

fn link(before: u32, after: u32) -> Link {
    let [before, after] = [before, after].map(OperationIndex);
    Link::new(before, after)
}

fn alternative(model: &mut Model) -> &mut Alternative {
    &mut Arc::make_mut(&mut model.operations[0].alternatives)[0]
}

fn refused(change: impl FnOnce(&mut Model)) -> String {
    let mut model = shop();
    change(&mut model);
    Problem::new(model).expect_err("refused").to_string()
}

#[test]
fn operations_come_after_those_they_wait_for_whatever_their_order_in_the_model() {
    let mut model = shop();
    model.links = vec![link(1, 0), link(2, 3)];
    let problem = Problem::new(model).unwrap();
    assert_eq!(problem.operations_of(JobIndex(0)), [OperationIndex(1), OperationIndex(0)]);
    assert_eq!(problem.before(OperationIndex(0)).count(), 1);
    assert_eq!(problem.after(OperationIndex(0)).count(), 0);
    assert_eq!(problem.order().len(), 4);
}

#[test]
fn every_refusal_names_what_is_wrong_and_where() {
    assert_eq!(
        refused(|it| it.links.push(link(1, 0))),
        "operations wait for one another: operation 10 of job A → operation 20 of job A → operation 10 of job A"
    );
    assert_eq!(
        refused(|it| it.links.push(link(2, 2))),
        "operations wait for one another: operation 10 of job B → operation 10 of job B"
    );
    assert_eq!(
        refused(|it| it.operations[1].alternatives = Arc::new([])),
        "operation 20 of job A has no machine that can do it"
    );
    assert_eq!(
        refused(|it| alternative(it).machine = MachineIndex(9)),
        "operation 10 of job A names machine 9, which does not exist"
    );
    assert!(refused(|it| alternative(it).run = -1).starts_with("operation 10 of job A: run is -1; it must be 0 to"));
    assert!(refused(|it| it.jobs[1].weight = i64::MAX).starts_with("job B: weight is"));
    assert!(refused(|it| alternative(it).run = i64::MAX).contains("run is 9223372036854775807"));
    assert_eq!(
        refused(|it| {
            let place = Place { machine: MachineIndex(1), operator: None, start: 0 };
            it.operations[0].state = State::Pinned(place);
        }),
        "operation 10 of job A is fixed on machine mill, which can't do it"
    );
    assert!(refused(|it| it.changeovers = vec![vec![vec![0, 1], vec![0]]]).contains("it has 2 rows, one of 1 columns"));
    assert!(refused(|it| it.machines[0].downtime = vec![(5, 4)]).starts_with("machine saw: [5, 4) is no interval"));
    assert!(refused(|it| it.machines[0].capacity = Capacity::Many(0)).starts_with("machine saw: capacity is 0"));
    assert!(
        refused(|it| it.links[0].transfer = Some(Transfer { first: 3, of: 2 }))
            .starts_with("link 0: transfer batch is 3")
    );
    assert!(refused(|it| it.links[1].max_lag = Some(-1)).starts_with("link 1: longest lag is -1"));
    let slow = SkillGrant { skill: SkillIndex(0), percent: 0, expires: None };
    let person = Operator { name: "Ada".to_owned(), calendar: None, absences: Vec::new(), skills: vec![slow] };
    assert_eq!(refused(|it| it.operators.push(person.clone())), "operator Ada names skill 0, which does not exist");
    let skilled = |it: &mut Model| {
        it.skills.push("welding".to_owned());
        it.operators.push(person);
    };
    assert!(refused(skilled).starts_with("operator Ada: speed percent is 0"));
}

#[test]
fn work_that_adds_up_beyond_all_calendars_is_refused() {
    let longest = FAR / 4;
    let told = refused(|it| {
        it.operations.iter_mut().for_each(|operation| Arc::make_mut(&mut operation.alternatives)[0].run = longest);
    });
    assert!(told.starts_with("all work and lags add up to more than"), "{told}");
}

#[test]
fn speed_rounds_work_up() {
    assert_eq!((at_speed(100, 100), at_speed(100, 80), at_speed(10, 300), at_speed(0, 7)), (100, 125, 4, 0));
}

#[test]
fn more_hours_than_there_is_room_for_are_refused() {
    let told = refused(|it| {
        it.calendars = vec![Calendar::new((0..10_000).map(|day| (2 * day, 2 * day + 1)).collect()).unwrap()];
        let saw = Machine { calendar: Some(CalendarIndex(0)), ..Machine::new("saw") };
        it.machines = vec![saw; 2_000];
    });
    assert!(told.starts_with("there are 20000000 pieces of hours of machines and operators; at most"), "{told}");
}
