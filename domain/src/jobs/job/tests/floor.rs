//! Start, pause, resume, report, finish.

use super::*;

#[test]
fn the_first_start_makes_the_job_running() {
    let started = created().given(&start(TURNING, ANNA));
    assert_eq!(status(&started), JobStatus::Running);
    started.at(5).when(&start(TURNING, ANNA)).then_nothing();
}

#[test]
fn going_on_in_another_phase_reports_the_one_before() {
    let events = created().given(&set_up(TURNING, ANNA)).at(15).when(&start(TURNING, ANNA)).events();
    assert_eq!(names(&events), ["work_reported", "operation_started"]);
    assert_eq!(reported(&events), [(ANNA, minute(0), minute(15))]);
    let JobEvent::OperationStarted { was, .. } = &events[1] else { panic!("{events:?}") };
    assert_eq!(was, &Some(AtWork { operator: ANNA, machine: Some(LATHE), phase: Phase::Setup }));
}

#[test]
fn a_report_carries_the_identity_of_its_event() {
    let mut scenario = created().given(&set_up(TURNING, ANNA)).at(15);
    let events = scenario.decide(&start(TURNING, ANNA)).unwrap();
    let JobEvent::WorkReported(report) = &events[0] else { panic!("{events:?}") };
    assert_eq!(report.report.0, scenario.context.command_id.event_id(0));
}

#[test]
fn pausing_reports_the_time_and_resuming_starts_anew() {
    let paused = created().given(&start(TURNING, ANNA)).at(10);
    let events = paused.clone().when(&pause(TURNING, Some(ANNA))).events();
    assert_eq!(names(&events), ["work_reported", "operation_paused"]);
    let resumed = paused.given(&pause(TURNING, Some(ANNA))).at(30).given(&JobCommand::ResumeOperation(TURNING, ANNA));
    resumed.clone().when(&JobCommand::ResumeOperation(TURNING, ANNA)).then_nothing();
    let events = resumed.at(40).when(&pause(TURNING, None)).events();
    assert_eq!(reported(&events), [(ANNA, minute(30), minute(40))]);
}

#[test]
fn pausing_everybody_names_each_of_them() {
    let two = created().given(&start(TURNING, ANNA)).at(5).given(&start(TURNING, BEN)).at(10);
    let events = two.clone().when(&pause(TURNING, None)).events();
    assert_eq!(names(&events), ["work_reported", "operation_paused", "work_reported", "operation_paused"]);
    assert_eq!(reported(&events), [(ANNA, minute(0), minute(10)), (BEN, minute(5), minute(10))]);
    two.given(&pause(TURNING, None)).when(&pause(TURNING, None)).then_nothing();
}

#[test]
fn who_never_started_neither_pauses_nor_resumes_nor_reports() {
    let refused = ("OPERATOR_NOT_AT_WORK", Some("operatorId"));
    created().when(&pause(TURNING, Some(ANNA))).then_refused(refused.0, refused.1);
    created().when(&JobCommand::ResumeOperation(TURNING, ANNA)).then_refused(refused.0, refused.1);
    created().when(&report(TURNING, ANNA, good(1))).then_refused(refused.0, refused.1);
}

#[test]
fn a_partial_report_counts_and_the_operator_goes_on_from_it() {
    let half = created().given(&start(TURNING, ANNA)).at(10).given(&report(TURNING, ANNA, good(4))).at(25);
    let events = half.clone().when(&report(TURNING, ANNA, good(6))).events();
    assert_eq!(reported(&events), [(ANNA, minute(10), minute(25))]);
    let whole = half.given(&report(TURNING, ANNA, good(6)));
    assert_eq!(order(&whole).operations[&TURNING].made, good(10));
}

#[test]
fn pieces_made_in_no_time_are_reported_and_nothing_in_no_time_is_not() {
    let started = created().given(&start(TURNING, ANNA));
    let events = started.clone().when(&report(TURNING, ANNA, good(1))).events();
    assert_eq!(reported(&events), [(ANNA, minute(0), minute(0))]);
    started.clone().when(&report(TURNING, ANNA, Quantities::NONE)).then_nothing();
    assert_eq!(names(&started.when(&pause(TURNING, None)).events()), ["operation_paused"]);
}

#[test]
fn finishing_reports_what_everybody_did() {
    let two = created().given(&start(TURNING, ANNA)).given(&start(TURNING, BEN)).at(60);
    let events = two.clone().when(&finish_with(TURNING, BEN, good(9))).events();
    assert_eq!(names(&events), ["work_reported", "work_reported", "operation_finished"]);
    let JobEvent::OperationFinished { left, operator, .. } = &events[2] else { panic!("{events:?}") };
    assert_eq!((left.len(), *operator), (2, Some(BEN)));
    let JobEvent::WorkReported(anna) = &events[0] else { panic!("{events:?}") };
    assert_eq!((anna.figures.operator, anna.figures.quantities), (ANNA, Quantities::NONE));
    let finished = two.given(&finish_with(TURNING, BEN, good(9)));
    assert_eq!(order(&finished).operations[&TURNING].made, good(9));
    assert_eq!(status(&finished), JobStatus::Running);
}

#[test]
fn finishing_the_last_open_operation_completes_the_job() {
    let events = created().given(&finish(MILLING)).when(&finish(TURNING)).events();
    assert_eq!(names(&events), ["operation_finished", "completed"]);
    assert_eq!(events[1], JobEvent::Completed { was: JobStatus::Running });
}

#[test]
fn finishing_twice_is_nothing_but_more_pieces_are_refused() {
    let finished = created().given(&finish(TURNING));
    finished.clone().when(&finish(TURNING)).then_nothing();
    finished.when(&finish_with(TURNING, ANNA, good(1))).then_refused("OPERATION_FINISHED", None);
}

#[test]
fn pieces_reported_at_the_finish_need_somebody_but_no_time() {
    let nobody =
        JobCommand::FinishOperation { operation: TURNING, operator: None, quantities: good(1), scrap_reason: None };
    created().when(&nobody).then_refused("OPERATOR_REQUIRED", Some("operatorId"));
    let events = created().at(7).when(&finish_with(TURNING, ANNA, good(1))).events();
    assert_eq!(reported(&events), [(ANNA, minute(7), minute(7))]);
}

#[test]
fn nothing_ends_before_work_that_is_on_record() {
    let working = created().at(10).given(&start(TURNING, ANNA)).at(20).given(&report(TURNING, ANNA, good(1)));
    let late = working.at(30).happened(15);
    for command in [pause(TURNING, None), finish(TURNING), report(TURNING, ANNA, good(1)), set_up(TURNING, ANNA)] {
        late.clone().when(&command).then_refused("HAPPENED_BEFORE_WORK", Some("happenedAt"));
    }
    let away = created().given(&report_work(1, TURNING, worked(ANNA, -20, -5))).happened(-10);
    away.when(&finish(TURNING)).then_refused("HAPPENED_BEFORE_WORK", Some("happenedAt"));
}

#[test]
fn work_left_open_for_more_than_a_report_ends_once_somebody_says_when_it_stopped() {
    const DAY: i64 = 24 * 60;
    let forgotten = created().given(&start(TURNING, ANNA)).given(&start(TURNING, BEN)).at(40 * DAY);
    let whole = JobCommand::Cancel(reason("lost"));
    let later = report_work(1, TURNING, worked(ANNA, 40 * DAY - 60, 40 * DAY));
    for command in [
        finish(TURNING),
        pause(TURNING, Some(ANNA)),
        report(TURNING, ANNA, good(1)),
        set_up(TURNING, ANNA),
        later.clone(),
        JobCommand::Pause(reason("audit")),
        block(),
        whole,
    ] {
        forgotten.clone().when(&command).then_refused("WORK_OPEN_TOO_LONG", Some("happenedAt"));
    }
    let left = forgotten.happened(8 * 60).given(&pause(TURNING, Some(ANNA)));
    let half = left.happened(30 * DAY).given(&report(TURNING, BEN, good(1)));
    let finished = half.at(40 * DAY).given(&later).given(&finish(TURNING));
    assert_eq!(order(&finished).operations[&TURNING].made, good(1));
    assert_eq!(created().given(&start(TURNING, ANNA)).at(31 * DAY).when(&finish(TURNING)).events().len(), 2);
}

#[test]
fn nobody_starts_on_a_job_that_does_not_run_or_an_operation_that_is_done() {
    let refused = [
        (created().given(&JobCommand::Pause(reason("audit"))), "JOB_PAUSED"),
        (created().given(&block()), "JOB_BLOCKED"),
        (created().given(&JobCommand::Cancel(reason("lost"))), "JOB_CANCELLED"),
        (created().given(&finish(TURNING)).given(&finish(MILLING)), "JOB_COMPLETED"),
        (created().given(&finish(TURNING)), "OPERATION_FINISHED"),
    ];
    for (scenario, code) in refused {
        scenario.when(&start(TURNING, ANNA)).then_refused(code, None);
    }
}

#[test]
fn nobody_starts_on_a_machine_that_takes_no_work() {
    for status in [MachineStatus::Down, MachineStatus::Maintenance, MachineStatus::Retired] {
        let facts = MachineFacts { id: LATHE, work_center: HALL, status };
        let stopped = |scenario: Scenario<Job>| scenario.knowing(|known| known.machine = Some(facts));
        stopped(created()).when(&start(TURNING, ANNA)).then_refused("MACHINE_UNAVAILABLE", Some("machineId"));
        let paused = created().given(&start(TURNING, ANNA)).given(&pause(TURNING, None));
        let resume = JobCommand::ResumeOperation(TURNING, ANNA);
        stopped(paused).when(&resume).then_refused("MACHINE_UNAVAILABLE", Some("machineId"));
    }
    let unknown = created().knowing(|facts| facts.machine = None);
    unknown.when(&start(TURNING, ANNA)).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
}

#[test]
fn nobody_starts_a_break_or_before_the_release() {
    let rest = JobCommand::StartOperation { operation: TURNING, operator: ANNA, machine: None, phase: Phase::Break };
    created().when(&rest).then_refused("BREAK_NOT_STARTED", Some("phase"));
    let released = JobDetails { release: Some(minute(10)), ..details() };
    let waiting = created().given(&JobCommand::Revise(released));
    waiting.clone().at(9).when(&start(TURNING, ANNA)).then_refused("JOB_NOT_RELEASED", None);
    waiting.at(10).given(&start(TURNING, ANNA));
}

#[test]
fn nobody_starts_inside_work_that_they_have_reported() {
    let worked = created().given(&report_work(1, TURNING, worked(ANNA, -60, 0))).happened(-10);
    worked.clone().when(&start(TURNING, ANNA)).then_refused("WORK_OVERLAPS", Some("start"));
    worked.clone().given(&start(TURNING, BEN)).given(&start(MILLING, ANNA));
    worked.knowing(|facts| facts.policies.work_overlap = OverlapPolicy::Allow).given(&start(TURNING, ANNA));
}

#[test]
fn one_operator_may_tend_two_operations() {
    let both = created().given(&start(TURNING, ANNA)).given(&start(MILLING, ANNA));
    assert_eq!(order(&both).operations.values().flat_map(Operation::at_work).count(), 2);
}

/// The same, asked by an operator in their own name.
fn asked_by(mut scenario: Scenario<Job>, operator: OperatorId) -> Scenario<Job> {
    scenario.context.caller.actor = crate::kernel::ActorId(operator.0);
    scenario
}

#[test]
fn in_their_own_name_people_finish_what_they_worked_on_and_end_nobody_elses_work() {
    let anna_works = created().given(&start(TURNING, ANNA)).at(10);
    let finish = |operator| finish_with(TURNING, operator, good(1));
    asked_by(anna_works.clone(), BEN).when(&finish(BEN)).then_refused("OPERATOR_NOT_AT_WORK", Some("operatorId"));
    let both = anna_works.given(&start(TURNING, BEN)).at(20);
    asked_by(both.clone(), BEN).when(&finish(BEN)).then_refused("OTHERS_AT_WORK", None);
    // Who left it may finish it, and who runs the shop ends everybody's work.
    let ben_alone = both.clone().given(&pause(TURNING, Some(ANNA)));
    assert!(asked_by(ben_alone.clone(), BEN).decide(&finish(BEN)).is_ok());
    let nobody = ben_alone.given(&pause(TURNING, Some(BEN)));
    assert!(asked_by(nobody, ANNA).decide(&finish(ANNA)).is_ok());
    assert!(both.clone().decide(&finish(BEN)).is_ok());
}

#[test]
fn in_their_own_name_people_tell_of_the_last_seven_days() {
    let week = 7 * 24 * 60;
    let started = |ago: i64| asked_by(created().at(week * 2).happened(week * 2 - ago), ANNA);
    started(week).when(&start(TURNING, ANNA)).then_events(1);
    started(week + 1).when(&start(TURNING, ANNA)).then_refused("HAPPENED_TOO_LONG_AGO", Some("happenedAt"));
    // Histories are told by others.
    created().at(week * 2).happened(0).when(&start(TURNING, ANNA)).then_events(1);
}
