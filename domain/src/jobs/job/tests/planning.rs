//! The order itself, its operations, dates and people.

use super::*;
use crate::jobs::operation::{RunTime, SkillNeed};
use crate::kernel::{Facts, JobId};
use crate::scheduling::placement::Placement;
use crate::workforce::operator::{Skill, SkillGrant};

fn welding(level: u8) -> SkillNeed {
    SkillNeed { skill: Skill::try_new("welding").unwrap(), level }
}

#[test]
fn creating_twice_is_one_event_and_a_taken_number_is_refused() {
    created().when(&create_with(vec![plan(MILLING), plan(TURNING)])).then_nothing();
    created().when(&create_with(vec![plan(TURNING)])).then_refused("JOB_EXISTS", Some("number"));
}

#[test]
fn an_unknown_job_is_not_found() {
    nothing_yet().when(&JobCommand::Resume).then_refused("JOB_NOT_FOUND", None);
}

#[test]
fn operation_numbers_are_1_or_more_and_differ() {
    let twice = create_with(vec![plan(TURNING), plan(TURNING)]);
    nothing_yet().when(&twice).then_refused("OPERATION_EXISTS", Some("operation"));
    let zero = create_with(vec![plan(OperationNumber(0))]);
    nothing_yet().when(&zero).then_refused("OUT_OF_RANGE", Some("number"));
}

#[test]
fn numbers_outside_their_range_name_their_field() {
    let details = |change: fn(&mut JobDetails)| {
        let mut details = details();
        change(&mut details);
        JobCommand::Revise(details)
    };
    let operation = |change: fn(&mut OperationPlan)| {
        let mut plan = plan(OperationNumber(30));
        change(&mut plan);
        JobCommand::AddOperation(plan)
    };
    let bad = [
        (details(|details| details.priority = 0), "priority"),
        (details(|details| details.priority = 101), "priority"),
        (details(|details| details.quantity = Some(Quantity::ZERO)), "quantity"),
        (details(|details| details.quantity = Some(Quantity::from_millionths(-1))), "quantity"),
        (operation(|plan| plan.skill = Some(welding(6))), "level"),
        (operation(|plan| plan.transfer_batch = Some(Quantity::ZERO)), "transferBatch"),
        (operation(|plan| (plan.min_lag_seconds, plan.max_lag_seconds) = (2, Some(1))), "maxLagSeconds"),
        (
            operation(|plan| plan.run = Some(RunTime::PerBatch { size: Quantity::ZERO, seconds: Quantity::ZERO })),
            "size",
        ),
    ];
    for (command, field) in bad {
        created().when(&command).then_refused("OUT_OF_RANGE", Some(field));
    }
}

#[test]
fn work_centers_must_be_there() {
    let nowhere = |scenario: Scenario<Job>| scenario.knowing(|facts| facts.missing_work_centers = vec![HALL]);
    let refused = ("WORK_CENTER_NOT_FOUND", Some("workCenterId"));
    nowhere(nothing_yet()).when(&create_with(vec![plan(TURNING)])).then_refused(refused.0, refused.1);
    nowhere(created()).when(&JobCommand::AddOperation(plan(OperationNumber(30)))).then_refused(refused.0, refused.1);
}

#[test]
fn all_promises_are_kept() {
    let promised = created().given(&JobCommand::Promise(minute(100))).given(&JobCommand::Promise(minute(200)));
    assert_eq!(order(&promised).promises, [minute(100), minute(200)]);
    promised.clone().when(&JobCommand::Promise(minute(200))).then_nothing();
    let again = [JobEvent::Promised { was: Some(minute(200)), due: minute(100) }];
    promised.when(&JobCommand::Promise(minute(100))).then(&again);
}

#[test]
fn only_an_operation_that_nobody_has_begun_is_removed() {
    created()
        .when(&JobCommand::RemoveOperation(MILLING))
        .then(&[JobEvent::OperationRemoved { operation: plan(MILLING) }]);
    let begun = created().given(&start(MILLING, ANNA)).at(5).given(&pause(MILLING, None));
    begun.when(&JobCommand::RemoveOperation(MILLING)).then_refused("OPERATION_BEGUN", None);
    let unknown = JobCommand::RemoveOperation(OperationNumber(99));
    created().when(&unknown).then_refused("OPERATION_NOT_FOUND", Some("operation"));
}

#[test]
fn an_operation_can_be_added_while_the_job_runs() {
    let rework = JobCommand::AddOperation(plan(OperationNumber(30)));
    let running = created().given(&start(TURNING, ANNA)).given(&rework);
    assert_eq!(status(&running), JobStatus::Running);
    running.clone().when(&rework).then_nothing();
    let mut other = plan(OperationNumber(30));
    other.setup_seconds = 60;
    running.when(&JobCommand::AddOperation(other)).then_refused("OPERATION_EXISTS", Some("operation"));
}

/// The plan has turning from minute 60 to 120.
fn turning_at_60(facts: &mut Facts) {
    let (job, operation, start) = (JobId(Uuid::nil()), TURNING, minute(60));
    let (machine, operator, run_start, end) = (None, None, start, minute(120));
    facts.placement = Some(Placement { job, operation, machine, operator, start, run_start, end });
}

/// A job whose turning needs a welder of level 3, planned at minute 60, and an operator with this skill.
fn with_welder(level: u8, expires: Option<i64>) -> Scenario<Job> {
    let skilled = OperationPlan { skill: Some(welding(3)), ..plan(TURNING) };
    let grant = SkillGrant { skill: welding(3).skill, level, expires: expires.map(minute) };
    nothing_yet()
        .knowing(|facts| {
            facts.operator =
                Some(OperatorFacts { id: ANNA, active: true, user: None, skills: vec![grant], absences: vec![] });
        })
        .given(&create_with(vec![skilled]))
        .knowing(turning_at_60)
}

#[test]
fn who_is_assigned_has_the_skill_when_it_is_planned() {
    let assign = JobCommand::AssignOperator(TURNING, ANNA);
    let assigned = [JobEvent::OperatorAssigned { operation: TURNING, operator: ANNA }];
    with_welder(3, None).when(&assign).then(&assigned);
    with_welder(3, Some(61)).when(&assign).then(&assigned);
    with_welder(3, Some(60)).when(&assign).then_refused("SKILL_LAPSED", Some("operatorId"));
    with_welder(3, Some(61)).at(90).when(&assign).then_refused("SKILL_LAPSED", Some("operatorId"));
    with_welder(2, None).when(&assign).then_refused("SKILL_MISSING", Some("operatorId"));
}

#[test]
fn who_is_absent_when_it_is_planned_is_not_assigned() {
    let assign = JobCommand::AssignOperator(TURNING, ANNA);
    let away = |from, until| {
        let absence = Interval { from: minute(from), until: minute(until) };
        let anna = OperatorFacts { id: ANNA, active: true, user: None, skills: vec![], absences: vec![absence] };
        created().knowing(|facts| facts.operator = Some(anna))
    };
    for (from, until) in [(0, 61), (60, 120), (70, 80), (119, 300)] {
        away(from, until).knowing(turning_at_60).when(&assign).then_refused("OPERATOR_ABSENT", Some("operatorId"));
    }
    for (from, until) in [(0, 60), (120, 180)] {
        assert_eq!(away(from, until).knowing(turning_at_60).when(&assign).events().len(), 1, "{from} to {until}");
    }
    assert_eq!(away(0, 1_000).when(&assign).events().len(), 1, "nothing is planned yet");
}

#[test]
fn who_does_not_work_here_is_not_assigned() {
    let assign = JobCommand::AssignOperator(TURNING, ANNA);
    let unknown = created().knowing(|facts| facts.operator = None);
    unknown.when(&assign).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
    let left = OperatorFacts { id: ANNA, active: false, user: None, skills: vec![], absences: vec![] };
    created()
        .knowing(|facts| facts.operator = Some(left))
        .when(&assign)
        .then_refused("OPERATOR_INACTIVE", Some("operatorId"));
}

#[test]
fn several_operators_may_be_assigned_and_each_once() {
    let both =
        created().given(&JobCommand::AssignOperator(TURNING, ANNA)).given(&JobCommand::AssignOperator(TURNING, BEN));
    both.clone().when(&JobCommand::AssignOperator(TURNING, BEN)).then_nothing();
    let one = both.given(&JobCommand::UnassignOperator(TURNING, ANNA));
    assert_eq!(order(&one).operations[&TURNING].assigned.iter().collect::<Vec<_>>(), [&BEN]);
    one.when(&JobCommand::UnassignOperator(TURNING, ANNA)).then_nothing();
}
