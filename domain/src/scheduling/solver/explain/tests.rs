use super::super::model::*;
use super::super::plan::Assignment;
use super::*;

/// Four jobs of one operation each, 10 s long, that all could start at once.
fn shop(machines: u32, capacity: Capacity, tools: &[ToolIndex]) -> Problem {
    let machine = |_| Machine { capacity, ..Machine::new("M") };
    let tool = Tool { name: "gauge".to_owned(), count: 2 };
    let mut model = Model { machines: (0..machines).map(machine).collect(), tools: vec![tool], ..Model::default() };
    for job in 0..4 {
        model.jobs.push(Job::new(job.to_string()));
        let on = |machine| Alternative { machine: MachineIndex(machine), setup: 0, run: 10, cost: 0 };
        let operation = Operation::new(JobIndex(job), "", (0..machines).map(on).collect::<Vec<_>>());
        model.operations.push(Operation { tools: tools.to_vec(), ..operation });
    }
    Problem::new(model).unwrap()
}

/// Each job on its machine, from its start on.
fn plan(machine: impl Fn(u32) -> u32, starts: [Seconds; 4]) -> Plan {
    let at = |(job, start): (u32, Seconds)| {
        let machine = MachineIndex(machine(job));
        Some(Assignment { machine, operator: None, start, run_start: start, end: start + 10 })
    };
    Plan { assignments: (0..).zip(starts).map(at).collect(), ..Plan::default() }
}

/// Where the time of the last job goes.
fn of_the_last(problem: &Problem, machine: impl Fn(u32) -> u32, starts: [Seconds; 4]) -> Vec<(Cause, Seconds)> {
    Explainer::new(problem, &plan(machine, starts)).explain(JobIndex(3)).unwrap().totals()
}

#[test]
fn whoever_waits_for_a_tool_is_told_so() {
    let tool = ToolIndex(0);
    let one = shop(4, Capacity::One, &[tool]);
    assert_eq!(of_the_last(&one, |job| job, [0, 0, 30, 10]), [(Cause::ToolTaken(tool), 10), (Cause::Run, 10)]);
    let two = shop(4, Capacity::One, &[tool, tool]);
    assert_eq!(of_the_last(&two, |job| job, [0, 20, 30, 10]), [(Cause::ToolTaken(tool), 10), (Cause::Run, 10)]);
    assert_eq!(of_the_last(&one, |job| job, [0, 20, 30, 10]), [(Cause::Unused, 10), (Cause::Run, 10)]);
}

#[test]
fn whoever_waits_for_a_machine_that_takes_several_is_told_for_whom() {
    let problem = shop(1, Capacity::Many(2), &[]);
    let busy = |other| Cause::MachineBusy(MachineIndex(0), OperationIndex(other));
    assert_eq!(of_the_last(&problem, |_| 0, [0, 2, 30, 10]), [(Cause::Run, 10), (busy(1), 8), (Cause::Unused, 2)]);
}

#[test]
fn a_late_receipt_touches_those_who_run_short_and_what_waits_for_them() {
    let mut model = shop(4, Capacity::One, &[]).model().clone();
    model.materials.push(Material { name: "steel".to_owned(), stock: 0, receipts: vec![(5, 10)] });
    let place = Place { machine: MachineIndex(0), operator: None, start: 0 };
    model.operations[0].state = State::Started { place, remaining: 10 };
    model.operations[0].uses = vec![(MaterialIndex(0), 100)];
    model.operations[1].uses = vec![(MaterialIndex(0), 10)];
    model.links.push(Link::new(OperationIndex(1), OperationIndex(2)));
    let problem = Problem::new(model).unwrap();
    let touched = |comes| touched_by_receipt(&problem, &plan(|job| job, [0, 6, 16, 0]), MaterialIndex(0), (0, comes));
    assert_eq!((touched(50), touched(6)), (vec![OperationIndex(1), OperationIndex(2)], vec![]));
}

#[test]
fn a_cause_is_gone_where_there_is_one_more_of_what_was_missing() {
    let problem = shop(1, Capacity::One, &[ToolIndex(0)]);
    assert_eq!(relaxed(&problem, Cause::ToolTaken(ToolIndex(0))).unwrap().tools[0].count, 3);
    let more = relaxed(&problem, Cause::MachineBusy(MachineIndex(0), OperationIndex(1))).unwrap();
    assert!(more.operations.iter().all(|operation| operation.alternatives.len() == 2));
    assert!(Problem::new(more).is_ok() && relaxed(&problem, Cause::Run).is_none());
}
