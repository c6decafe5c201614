//! What is reported after it was done, and what is corrected.

use super::*;

fn with_policy(policy: OverlapPolicy) -> Scenario<Job> {
    created().knowing(|facts| facts.policies.work_overlap = policy).at(600)
}

fn with_reason(command: JobCommand) -> JobCommand {
    match command {
        JobCommand::ReportWork { report, operation, figures, .. } => {
            JobCommand::ReportWork { report, operation, figures, overlap_reason: Some(reason("as reported")) }
        }
        other => other,
    }
}

#[test]
fn the_first_report_makes_the_job_running() {
    let reported = created().given(&report_work(1, TURNING, worked(ANNA, -60, 0)));
    assert_eq!(status(&reported), JobStatus::Running);
}

#[test]
fn the_same_report_again_is_nothing_and_another_is_refused_by_its_first_different_field() {
    let figures = worked(ANNA, -60, 0);
    let reported = created().given(&report_work(1, TURNING, figures.clone()));
    reported.clone().when(&report_work(1, TURNING, figures.clone())).then_nothing();
    reported.clone().when(&report_work(1, MILLING, figures.clone())).then_refused("REPORT_CHANGED", Some("operation"));
    let scrap = Quantities { scrap: Quantity::whole(1).unwrap(), ..Quantities::NONE };
    let changes: [(WorkFigures, &str); 9] = [
        (WorkFigures { operator: BEN, ..figures.clone() }, "operatorId"),
        (WorkFigures { machine: Some(LATHE), ..figures.clone() }, "machineId"),
        (WorkFigures { phase: Phase::Setup, ..figures.clone() }, "phase"),
        (WorkFigures { start: minute(-61), ..figures.clone() }, "start"),
        (WorkFigures { end: minute(-1), ..figures.clone() }, "end"),
        (WorkFigures { quantities: good(1), ..figures.clone() }, "good"),
        (WorkFigures { quantities: scrap, ..figures.clone() }, "scrap"),
        (WorkFigures { rework: true, quantities: good(1), ..figures.clone() }, "isRework"),
        (WorkFigures { scrap_reason: Some(reason("crack")), ..figures }, "scrapReason"),
    ];
    for (changed, field) in changes {
        reported.clone().when(&report_work(1, TURNING, changed)).then_refused("REPORT_CHANGED", Some(field));
    }
}

#[test]
fn the_first_figures_of_a_corrected_report_are_still_the_same_report() {
    let (first, right) = (worked(ANNA, -60, 0), worked(ANNA, -60, -10));
    let corrected = created().given(&report_work(1, TURNING, first.clone())).given(&correct(1, right.clone()));
    corrected.clone().when(&report_work(1, TURNING, first)).then_nothing();
    corrected.clone().when(&report_work(1, TURNING, right)).then_nothing();
    let third = worked(ANNA, -60, -20);
    corrected.when(&report_work(1, TURNING, third)).then_refused("REPORT_CHANGED", Some("end"));
}

#[test]
fn overlapping_work_is_refused_marked_or_marked_with_a_reason() {
    let overlapping = report_work(2, TURNING, worked(ANNA, 30, 90));
    let first = report_work(1, TURNING, worked(ANNA, 0, 60));
    let refuse = with_policy(OverlapPolicy::Refuse).given(&first);
    refuse.when(&with_reason(overlapping.clone())).then_refused("WORK_OVERLAPS", Some("start"));
    let ask = with_policy(OverlapPolicy::AllowWithReason).given(&first);
    ask.clone().when(&overlapping).then_refused("OVERLAP_REASON_REQUIRED", Some("overlapReason"));
    for (events, why) in [
        (ask.when(&with_reason(overlapping.clone())).events(), Some(reason("as reported"))),
        (with_policy(OverlapPolicy::Allow).given(&first).when(&overlapping).events(), None),
    ] {
        let [JobEvent::WorkReported(report)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((&report.overlaps[..], &report.overlap_reason), (&[report_id(1)][..], &why));
    }
}

#[test]
fn what_only_touches_or_takes_no_time_or_is_anothers_does_not_overlap() {
    let first = with_policy(OverlapPolicy::Refuse).given(&report_work(1, TURNING, worked(ANNA, 0, 60)));
    for figures in [worked(ANNA, 60, 90), worked(ANNA, -30, 0), worked(ANNA, 30, 30), worked(BEN, 30, 90)] {
        first.clone().given(&with_reason(report_work(2, TURNING, figures)));
    }
    let elsewhere = with_reason(report_work(2, MILLING, worked(ANNA, 30, 90)));
    let events = first.when(&elsewhere).events();
    let [JobEvent::WorkReported(report)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((report.overlaps.len(), &report.overlap_reason), (0, &None), "no overlap, so no reason for one");
}

#[test]
fn an_interval_runs_forward_and_not_into_the_future() {
    created().when(&report_work(1, TURNING, worked(ANNA, 0, -1))).then_refused("INTERVAL_REVERSED", Some("end"));
    created().given(&report_work(1, TURNING, worked(ANNA, 0, 5)));
    created().when(&report_work(1, TURNING, worked(ANNA, 0, 6))).then_refused("INTERVAL_IN_FUTURE", Some("end"));
}

#[test]
fn an_amount_has_limits() {
    for millionths in [-1, Quantity::MAX.as_millionths() + 1] {
        let held = Quantities { held: Quantity::from_millionths(millionths), ..Quantities::NONE };
        let figures = WorkFigures { quantities: held, ..worked(ANNA, 0, 1) };
        created().when(&report_work(1, TURNING, figures)).then_refused("OUT_OF_RANGE", Some("held"));
        created()
            .given(&start(TURNING, ANNA))
            .when(&report(TURNING, ANNA, held))
            .then_refused("OUT_OF_RANGE", Some("held"));
        created().when(&finish_with(TURNING, ANNA, held)).then_refused("OUT_OF_RANGE", Some("held"));
    }
}

#[test]
fn the_operator_and_the_machine_of_a_report_must_be_there() {
    let nobody = created().knowing(|facts| facts.operator = None);
    let work = report_work(1, TURNING, worked(ANNA, -1, 0));
    nobody.when(&work).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
    let nowhere = created().knowing(|facts| facts.machine = None);
    nowhere.clone().given(&work);
    let on_lathe = report_work(2, TURNING, WorkFigures { machine: Some(LATHE), ..worked(ANNA, -1, 0) });
    nowhere.when(&on_lathe).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
}

#[test]
fn a_report_may_come_late_but_not_end_after_the_end() {
    let finished = created().given(&finish(TURNING)).at(60);
    finished.clone().given(&report_work(1, TURNING, worked(ANNA, -60, 0)));
    finished.when(&report_work(1, TURNING, worked(ANNA, -60, 1))).then_refused("OPERATION_FINISHED", None);
    let cancelled = created().given(&JobCommand::Cancel(reason("lost"))).at(60);
    cancelled.clone().given(&report_work(1, TURNING, worked(ANNA, -60, 0)));
    cancelled.when(&report_work(1, TURNING, worked(ANNA, -60, 1))).then_refused("JOB_CANCELLED", None);
}

#[test]
fn a_report_from_the_middle_of_open_work_splits_it() {
    let working = created().given(&start(TURNING, ANNA)).at(90);
    let rest = WorkFigures { phase: Phase::Break, ..worked(ANNA, 30, 45) };
    let events = working.clone().when(&report_work(1, TURNING, rest.clone())).events();
    assert_eq!(reported(&events), [(ANNA, minute(0), minute(30)), (ANNA, minute(30), minute(45))]);
    let events = working.given(&report_work(1, TURNING, rest)).when(&pause(TURNING, None)).events();
    assert_eq!(reported(&events), [(ANNA, minute(45), minute(90))]);
}

#[test]
fn a_correction_keeps_what_was_and_moves_the_sums() {
    let first = WorkFigures { quantities: good(5), ..worked(ANNA, -60, 0) };
    let right = WorkFigures { quantities: good(3), ..worked(BEN, -60, -30) };
    let reported = created().given(&report_work(1, TURNING, first.clone()));
    reported.clone().when(&correct(1, right.clone())).then(&[JobEvent::ReportCorrected {
        report: report_id(1),
        operation: TURNING,
        was: first,
        figures: right.clone(),
        reason: reason("miscounted"),
    }]);
    let corrected = reported.given(&correct(1, right.clone()));
    assert_eq!(order(&corrected).operations[&TURNING].made, good(3));
    corrected.when(&correct(1, right)).then_nothing();
    created().when(&correct(1, worked(ANNA, -1, 0))).then_refused("REPORT_NOT_FOUND", Some("reportId"));
}

#[test]
fn a_correction_must_not_overlap_where_that_is_refused() {
    let two = |policy| {
        with_policy(policy).given(&report_work(1, TURNING, worked(ANNA, 0, 60))).given(&report_work(
            2,
            TURNING,
            worked(ANNA, 60, 90),
        ))
    };
    let longer = correct(1, worked(ANNA, 0, 61));
    two(OverlapPolicy::Refuse).when(&longer).then_refused("WORK_OVERLAPS", Some("start"));
    two(OverlapPolicy::AllowWithReason).given(&longer);
    two(OverlapPolicy::Refuse).given(&correct(1, worked(ANNA, 5, 55)));
    let at_work = two(OverlapPolicy::Refuse).at(100).given(&start(TURNING, ANNA)).at(200);
    at_work.when(&correct(2, worked(ANNA, 60, 101))).then_refused("WORK_OVERLAPS", Some("start"));
}

#[test]
fn a_report_of_more_than_31_days_is_refused_with_its_length() {
    const MONTH: i64 = 31 * 24 * 60;
    let report = |minutes: i64| report_work(1, TURNING, worked(ANNA, -minutes, 0));
    created().when(&report(MONTH + 1)).then_refused("INTERVAL_TOO_LONG", Some("end"));
    let told = JobError::IntervalTooLong { hours: 745 }.to_string();
    assert_eq!(told, "the work took 745 hours; one report has at most 744 hours (31 days)");
    assert_eq!(created().when(&report(MONTH)).events().len(), 1);
}
