//! Calls for help.

use super::*;
use crate::kernel::{ActorId, AndonCallId, Role};

fn call() -> JobCommand {
    call_at(None, "tool broke", BlockCause::Other)
}

fn call_at(machine: Option<MachineId>, why: &str, cause: BlockCause) -> JobCommand {
    JobCommand::CallAndon { operation: TURNING, machine, reason: reason(why), cause }
}

fn end() -> JobCommand {
    JobCommand::EndAndon { operation: TURNING, call: None, remedy: Some(reason("new insert")) }
}

fn called() -> Scenario<Job> {
    created().given(&start(TURNING, ANNA)).at(10).given(&call())
}

fn open_call(scenario: &Scenario<Job>) -> AndonCallId {
    order(scenario).operations[&TURNING].andon.as_ref().unwrap().call
}

fn escalate(scenario: &Scenario<Job>) -> JobCommand {
    JobCommand::EscalateAndon(TURNING, open_call(scenario))
}

#[test]
fn a_call_stops_who_is_at_work_and_names_their_machine() {
    let events = created().given(&start(TURNING, ANNA)).at(10).when(&call()).events();
    assert_eq!(names(&events), ["work_reported", "operation_paused", "andon_called"]);
    let JobEvent::AndonCalled { machine, escalates_at, .. } = &events[2] else { panic!("{events:?}") };
    assert_eq!((*machine, *escalates_at), (Some(LATHE), Some(minute(20))));
}

#[test]
fn nobody_works_on_it_until_the_call_ends_and_others_go_on() {
    let called = called().given(&start(MILLING, BEN));
    for command in
        [start(TURNING, ANNA), start(TURNING, BEN), JobCommand::ResumeOperation(TURNING, ANNA), finish(TURNING)]
    {
        called.clone().when(&command).then_refused("OPERATION_BLOCKED", None);
    }
    let fresh = created().given(&call());
    fresh.clone().when(&JobCommand::RemoveOperation(TURNING)).then_refused("OPERATION_BLOCKED", None);
    let ended = called.at(15).given(&end());
    let resumed = ended.given(&JobCommand::ResumeOperation(TURNING, ANNA));
    assert_eq!(status(&resumed), JobStatus::Running);
}

#[test]
fn an_operation_has_one_open_call_at_a_time() {
    called().when(&call()).then_nothing();
    called().when(&call_at(None, "no bars", BlockCause::Quality)).then_refused("OPERATION_BLOCKED", None);
    let again = called().at(11).given(&end()).at(12).given(&call());
    assert_ne!(open_call(&again), open_call(&called()));
}

#[test]
fn a_call_escalates_once_and_not_after_an_answer_or_its_end() {
    let called = called();
    let escalate = escalate(&called);
    let events = called.clone().at(20).when(&escalate).events();
    assert!(matches!(&events[..], [JobEvent::AndonEscalated { called_at, .. }] if *called_at == minute(10)));
    called.clone().at(20).given(&escalate).when(&escalate).then_nothing();
    called.clone().given(&JobCommand::AnswerAndon(TURNING, None)).when(&escalate).then_nothing();
    called.clone().given(&end()).when(&escalate).then_nothing();
    let another = called.given(&end()).at(30).given(&call());
    another.when(&escalate).then_nothing();
}

#[test]
fn a_call_is_answered_once_and_also_after_it_escalated() {
    let called = called();
    let answer = JobCommand::AnswerAndon(TURNING, None);
    let answered = called.clone().given(&escalate(&called)).given(&answer);
    answered.when(&answer).then_nothing();
}

/// Somebody with the rights of an operator asks, in their own name.
fn by_terminal(mut scenario: Scenario<Job>, operator: OperatorId) -> Scenario<Job> {
    scenario.context.caller.role = Role::Operator;
    scenario.by(ActorId(operator.0))
}

#[test]
fn a_call_is_known_by_the_command_that_made_it_and_no_other_is_meant_then() {
    let called = called();
    assert_eq!(open_call(&called).0, called.context.command_id.0);
    let first = open_call(&called);
    let another = called.at(15).given(&end()).at(16).given(&call());
    for (operation, call) in [(TURNING, first), (TURNING, open_call(&another))] {
        let answer = JobCommand::AnswerAndon(operation, Some(call));
        let end = JobCommand::EndAndon { operation, call: Some(call), remedy: None };
        let is_over = call == first;
        for command in [answer, end] {
            assert_eq!(another.clone().when(&command).events().is_empty(), is_over, "{command:?}");
        }
    }
    let unknown = Some(AndonCallId(Uuid::from_u128(0x999)));
    for command in [
        JobCommand::AnswerAndon(TURNING, unknown),
        JobCommand::EndAndon { operation: TURNING, call: unknown, remedy: None },
        JobCommand::EndAndon { operation: MILLING, call: Some(first), remedy: None },
    ] {
        another.clone().when(&command).then_refused("ANDON_CALL_NOT_FOUND", Some("operation"));
    }
}

#[test]
fn what_is_told_late_of_a_time_before_the_call_is_about_another_one() {
    let late = called().at(30).happened(9);
    for command in [end(), JobCommand::AnswerAndon(TURNING, None)] {
        late.clone().when(&command).then_refused("ANDON_CALL_NOT_FOUND", Some("operation"));
        assert_eq!(names(&late.clone().happened(11).when(&command).events()).len(), 1);
    }
    // The clock of the tablet that called may be ahead.
    assert_eq!(called().at(9).when(&end()).events().len(), 1);
}

#[test]
fn who_calls_late_says_nothing_of_when_others_stopped() {
    let at_work = created().given(&start(TURNING, ANNA)).at(2).given(&start(TURNING, BEN));
    let late = at_work.at(300).happened(5);
    let own = by_terminal(late.clone(), ANNA).when(&call()).events();
    assert_eq!(reported(&own), [(ANNA, minute(0), minute(5)), (BEN, minute(2), minute(300))]);
    let office = late.when(&call()).events();
    assert_eq!(reported(&office), [(ANNA, minute(0), minute(5)), (BEN, minute(2), minute(5))]);
}

#[test]
fn a_call_is_made_whatever_the_records_of_work_are() {
    let at_work = created().given(&start(TURNING, BEN)).at(60).given(&report(TURNING, BEN, good(3)));
    let before = by_terminal(at_work.clone().at(90).happened(5), ANNA).given(&call());
    assert!(order(&before).operations[&TURNING].at_work().next().is_none());
    let forgotten = at_work.at(60 * 24 * 33).given(&call());
    let (still, since) = order(&forgotten).operations[&TURNING].at_work().next().unwrap();
    assert_eq!((still.operator, since), (BEN, minute(60)), "their hours are to be put right, and are not lost");
    forgotten.when(&start(TURNING, ANNA)).then_refused("OPERATION_BLOCKED", None);
}

#[test]
fn who_acts_in_their_own_name_tells_of_no_call_of_long_ago() {
    let week = 7 * 24 * 60;
    let late = by_terminal(created().at(week + 20), ANNA);
    late.clone().happened(19).when(&call()).then_refused("HAPPENED_TOO_LONG_AGO", Some("happenedAt"));
    late.happened(21).given(&call());
    assert_eq!(created().at(week + 20).happened(19).when(&call()).events().len(), 1);
}

#[test]
fn what_is_not_called_is_neither_answered_nor_ended() {
    for command in [JobCommand::AnswerAndon(TURNING, None), end()] {
        created().when(&command).then_refused("ANDON_CALL_NOT_FOUND", Some("operation"));
        called().given(&end()).when(&command).then_refused("ANDON_CALL_NOT_FOUND", Some("operation"));
    }
    let unknown = JobCommand::AnswerAndon(OperationNumber(99), None);
    created().when(&unknown).then_refused("OPERATION_NOT_FOUND", Some("operation"));
}

#[test]
fn what_is_over_needs_no_help_and_who_gives_a_job_up_ends_its_calls() {
    created().given(&finish(TURNING)).when(&call()).then_refused("OPERATION_FINISHED", None);
    let cancelled = created().given(&JobCommand::Cancel(reason("lost")));
    cancelled.when(&call()).then_refused("JOB_CANCELLED", None);
    let events = created().given(&call()).when(&JobCommand::Cancel(reason("lost"))).events();
    assert_eq!(names(&events), ["andon_ended", "cancelled"]);
}

#[test]
fn what_a_call_names_must_be_there() {
    let nothing = created().knowing(|facts| (facts.machine, facts.operator) = (None, None));
    let about = |cause| call_at(None, "stop", cause);
    nothing.clone().when(&about(BlockCause::Machine(LATHE))).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
    nothing.clone().when(&about(BlockCause::Person(ANNA))).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
    let missing = nothing.knowing(|facts| facts.missing_machines = vec![LATHE]);
    let at = call_at(Some(LATHE), "stop", BlockCause::Other);
    missing.when(&at).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
}

#[test]
fn where_the_company_wants_it_a_call_never_escalates_by_itself() {
    let patient = created().knowing(|facts| facts.policies.andon_escalates_after_minutes = None);
    let events = patient.when(&call()).events();
    assert!(matches!(&events[..], [JobEvent::AndonCalled { escalates_at: None, .. }]));
}
