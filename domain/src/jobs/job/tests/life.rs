//! The job as a whole.

use super::*;

fn stopped_while_working(stop: &JobCommand) -> Vec<JobEvent> {
    created().given(&start(TURNING, ANNA)).given(&start(MILLING, BEN)).at(10).when(stop).events()
}

#[test]
fn whatever_stops_the_job_stops_everybody_and_reports_their_work() {
    for (stop, last) in [
        (JobCommand::Pause(reason("audit")), "paused"),
        (block(), "blocked"),
        (JobCommand::Cancel(reason("lost")), "cancelled"),
    ] {
        let events = stopped_while_working(&stop);
        let each = ["work_reported", "operation_paused"];
        assert_eq!(names(&events), [&each[..], &each[..], &[last]].concat());
    }
}

#[test]
fn going_on_returns_to_where_the_work_stands() {
    for stop in [JobCommand::Pause(reason("audit")), block()] {
        let fresh = created().given(&stop).given(&JobCommand::Resume);
        assert_eq!(status(&fresh), JobStatus::Pending);
        fresh.when(&JobCommand::Resume).then_nothing();
        let begun = created().given(&start(TURNING, ANNA)).given(&stop).given(&JobCommand::Resume);
        assert_eq!(status(&begun), JobStatus::Running);
        assert_eq!(order(&begun).operations.values().flat_map(Operation::at_work).count(), 0);
    }
}

#[test]
fn pausing_and_blocking_twice_is_one_event() {
    let audit = JobCommand::Pause(reason("audit"));
    created().given(&audit).when(&audit).then_nothing();
    created().given(&block()).when(&block()).then_nothing();
    created().given(&block()).when(&audit).then_refused("JOB_BLOCKED", None);
    let other = JobCommand::Block { reason: reason("crack"), cause: BlockCause::Quality };
    let events = created().given(&block()).when(&other).events();
    assert!(matches!(&events[..], [JobEvent::Blocked { was: JobStatus::Blocked, .. }]));
}

#[test]
fn what_blocks_a_job_must_be_there() {
    let nothing = created().knowing(|facts| (facts.machine, facts.operator) = (None, None));
    let because = |cause| JobCommand::Block { reason: reason("stop"), cause };
    nothing.clone().when(&because(BlockCause::Machine(LATHE))).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
    nothing.clone().when(&because(BlockCause::Person(ANNA))).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
    nothing.given(&because(BlockCause::Other));
}

#[test]
fn a_job_completes_only_when_nothing_is_open() {
    created().when(&JobCommand::Complete).then_refused("OPERATION_OPEN", None);
    let empty = nothing_yet().given(&create_with(vec![]));
    let done = empty.given(&JobCommand::Complete);
    assert_eq!(status(&done), JobStatus::Completed);
    done.when(&JobCommand::Complete).then_nothing();
}

#[test]
fn cancelling_twice_is_one_event_and_names_what_is_left_undone() {
    let cancel = JobCommand::Cancel(reason("lost"));
    let half = created().given(&finish(TURNING));
    let events = half.clone().when(&cancel).events();
    let [JobEvent::Cancelled { open, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(open.iter().map(|place| place.operation).collect::<Vec<_>>(), [MILLING]);
    half.given(&cancel).when(&cancel).then_nothing();
}

#[test]
fn only_reopening_takes_a_closed_job_up_again() {
    let cancelled = created().given(&JobCommand::Cancel(reason("lost")));
    for command in [JobCommand::Resume, JobCommand::Complete, block(), JobCommand::Promise(minute(9)), finish(TURNING)]
    {
        cancelled.clone().when(&command).then_refused("JOB_CANCELLED", None);
    }
    let completed = created().given(&finish(TURNING)).given(&finish(MILLING));
    completed.clone().when(&JobCommand::Cancel(reason("lost"))).then_refused("JOB_COMPLETED", None);
    let reopen = JobCommand::Reopen(reason("returned"));
    let events = cancelled.clone().when(&reopen).events();
    let [JobEvent::Reopened { was: JobStatus::Cancelled, status: JobStatus::Pending, open, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(open.len(), 2);
    let again = completed.given(&reopen);
    assert_eq!(status(&again), JobStatus::Running);
    again.clone().when(&reopen).then_nothing();
    let rework =
        again.given(&JobCommand::AddOperation(plan(OperationNumber(30)))).given(&start(OperationNumber(30), ANNA));
    assert_eq!(status(&rework.given(&finish(OperationNumber(30)))), JobStatus::Completed);
}
