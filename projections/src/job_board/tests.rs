use domain::jobs::job::{BlockCause, JobEvent, JobStatus};
use domain::jobs::operation::{OperationPlace, Phase, Quantities};

use super::*;
use crate::given::{
    ANN, BOB, GRIND, GRINDERS, Given, JOB, LATHE, LATHES, TURN, at, figures, fold, good, reason, run, setup, units,
};

const NINE: &str = "2012-01-02T09:00:00Z";
const TEN: &str = "2012-01-02T10:00:00Z";
const NOON: &str = "2012-01-02T12:00:00Z";

fn board(given: &Given) -> JobBoardRow {
    given.row::<JobBoard>(JOB.0)
}

fn worked() -> Given {
    let mut given = Given::job();
    given.reports(1, figures(ANN, Phase::Setup, (NINE, TEN)));
    let mut made = figures(BOB, Phase::Run, (TEN, NOON));
    made.quantities = Quantities { scrap: units(2), held: units(1), ..good(40) };
    given.reports(2, made);
    given
}

#[test]
fn a_new_job_waits() {
    let row = board(&Given::job());
    assert_eq!((row.status, row.started_at, row.due()), (JobStatus::Pending, None, Some(at("2012-01-10T00:00:00Z"))));
    assert!(row.operations.iter().all(|line| line.status() == OperationStatus::Waiting));
}

#[test]
fn the_latest_promise_is_the_date_that_counts() {
    let mut given = Given::job();
    given.on_job(NINE, JobEvent::Promised { was: None, due: at("2012-02-01T00:00:00Z") });
    let row = board(&given);
    assert_eq!((row.due(), row.requested), (Some(at("2012-02-01T00:00:00Z")), Some(at("2012-01-10T00:00:00Z"))));
    assert!(!row.is_late(at("2012-02-01T00:00:00Z")) && row.is_late(at("2012-02-01T00:00:01Z")));
}

#[test]
fn reports_add_up_and_make_the_job_running() {
    let row = board(&worked());
    assert_eq!((row.status, row.started_at), (JobStatus::Running, Some(at(NINE))));
    assert_eq!((row.totals.good, row.totals.scrap, row.totals.held), (units(40), units(2), units(1)));
    assert_eq!((row.totals.setup_seconds(), row.totals.run_seconds()), (3600, 7200));
    assert_eq!(row.operation(TURN).unwrap().totals, row.totals);
    assert_eq!(row.operation(TURN).unwrap().status(), OperationStatus::Paused);
}

#[test]
fn a_correction_replaces_what_was_reported() {
    let mut given = worked();
    let was = figures(ANN, Phase::Setup, (NINE, TEN));
    let right = figures(ANN, Phase::Run, (NINE, NOON));
    given.on_job(
        NOON,
        JobEvent::ReportCorrected {
            report: domain::kernel::ReportId(uuid::Uuid::from_u128(1)),
            operation: TURN,
            was,
            figures: right,
            reason: reason("wrong button"),
        },
    );
    let row = board(&given);
    assert_eq!((row.totals.setup_seconds(), row.totals.run_seconds()), (0, 5 * 3600));
    assert_eq!(row.operation(TURN).unwrap().totals, row.totals);
}

fn corrected(report: u128, was: WorkFigures, figures: WorkFigures) -> JobEvent {
    let report = domain::kernel::ReportId(uuid::Uuid::from_u128(report));
    JobEvent::ReportCorrected { report, operation: TURN, was, figures, reason: reason("wrong badge") }
}

#[test]
fn who_finished_follows_a_correction_of_the_last_report() {
    for said in [None, Some(ANN)] {
        let mut given = Given::job();
        given.reports(1, figures(BOB, Phase::Run, (NINE, TEN))).reports(2, figures(ANN, Phase::Run, (TEN, NOON)));
        let finished =
            JobEvent::OperationFinished { operation: TURN, work_center: LATHES, operator: said, left: vec![] };
        given.on_job(NOON, finished);
        let by = |given: &Given| board(given).operation(TURN).unwrap().finished_by();
        assert_eq!(by(&given), Some(ANN));
        given
            .on_job(NOON, corrected(1, figures(BOB, Phase::Run, (NINE, TEN)), figures(BOB, Phase::Setup, (NINE, TEN))));
        assert_eq!(by(&given), Some(ANN), "an earlier report says nothing of the end");
        given.on_job(NOON, corrected(2, figures(ANN, Phase::Run, (TEN, NOON)), figures(BOB, Phase::Run, (TEN, NOON))));
        assert_eq!(by(&given), Some(BOB));
    }
}

#[test]
fn what_came_of_a_job_came_out_of_its_last_operation() {
    let mut given = worked();
    assert_eq!((board(&given).outcome().good, board(&given).outcome().scrap), (units(0), units(2)));
    let mut ground = figures(ANN, Phase::Run, (TEN, NOON));
    ground.quantities = Quantities { rework: units(3), scrap: units(1), ..good(35) };
    given.on_job(NOON, crate::given::reported(3, GRIND, ground));
    let (outcome, totals) = (board(&given).outcome(), board(&given).totals);
    assert_eq!((outcome.good, outcome.rework, outcome.scrap, outcome.held), (units(35), units(3), units(3), units(1)));
    assert_eq!((totals.good, outcome.run_seconds()), (units(75), totals.run_seconds()));
}

#[test]
fn breaks_count_in_neither_time() {
    let mut given = Given::job();
    given.reports(1, figures(ANN, Phase::Break, (NINE, NOON)));
    let totals = board(&given).totals;
    assert_eq!((totals.setup_seconds(), totals.run_seconds()), (0, 0));
}

#[test]
fn an_operation_runs_while_anybody_is_at_work_on_it() {
    let mut given = Given::job();
    given.starts(NINE, setup(ANN, Some(LATHE)), None).starts(NINE, run(BOB, None), None);
    given.starts(TEN, run(ANN, Some(LATHE)), Some(setup(ANN, Some(LATHE))));
    let row = board(&given);
    let line = row.operation(TURN).unwrap();
    let who: Vec<_> = line.at_work.iter().map(|work| (work.operator, work.phase, work.since)).collect();
    assert_eq!(who, [(BOB, Phase::Run, at(NINE)), (ANN, Phase::Run, at(TEN))]);
    assert_eq!(row.current_operations().count(), 1);
    given.finishes(NOON, TURN, vec![run(ANN, Some(LATHE)), run(BOB, None)]);
    let row = board(&given);
    assert_eq!((row.current_operations().count(), row.finished_operations()), (0, 1));
}

#[test]
fn a_block_shows_reason_and_cause_until_it_is_over() {
    let mut given = worked();
    let cause = BlockCause::Machine(LATHE);
    given.on_job(
        NOON,
        JobEvent::Blocked { was: JobStatus::Running, reason: reason("no spindle"), cause: cause.clone() },
    );
    let row = board(&given);
    assert_eq!((row.status, row.cause, row.reason), (JobStatus::Blocked, Some(cause), Some(reason("no spindle"))));
    given.on_job(NOON, JobEvent::Resumed { was: JobStatus::Blocked, status: JobStatus::Running });
    let row = board(&given);
    assert_eq!((row.status, row.cause, row.reason), (JobStatus::Running, None, None));
}

#[test]
fn a_job_is_finished_where_and_by_whom_its_last_operation_was() {
    let mut given = worked();
    given.finishes(NOON, GRIND, Vec::new()).finishes("2012-01-02T13:00:00Z", TURN, Vec::new());
    given.on_job("2012-01-02T13:00:00Z", JobEvent::Completed { was: JobStatus::Running });
    let row = board(&given);
    let last = row.last_finished_operation().unwrap();
    assert_eq!((last.number, last.finished_by()), (TURN, Some(BOB)));
    assert_eq!(row.finished_at(), Some(at("2012-01-02T13:00:00Z")));
    assert!(!row.is_late(at("2013-01-01T00:00:00Z")));
}

#[test]
fn a_cancelled_job_is_closed_but_not_finished() {
    let mut given = worked();
    let open = vec![OperationPlace { operation: GRIND, work_center: GRINDERS }];
    given.on_job(NOON, JobEvent::Cancelled { was: JobStatus::Running, reason: reason("withdrawn"), open });
    let row = board(&given);
    assert_eq!((row.status, row.finished_at(), row.closed_at), (JobStatus::Cancelled, None, Some(at(NOON))));
}

#[test]
fn a_reopened_job_has_its_open_operations_to_do_again() {
    let mut given = worked();
    given.finishes(NOON, TURN, Vec::new()).finishes(NOON, GRIND, Vec::new());
    given.on_job(NOON, JobEvent::Completed { was: JobStatus::Running });
    given.on_job(
        NOON,
        JobEvent::Reopened {
            was: JobStatus::Completed,
            status: JobStatus::Running,
            reason: reason("came back"),
            open: vec![OperationPlace { operation: GRIND, work_center: GRINDERS }],
        },
    );
    let row = board(&given);
    assert_eq!((row.status, row.closed_at, row.finished_operations()), (JobStatus::Running, None, 1));
    assert_eq!(row.closed_before, [ClosedTime { from: at(NOON), until: at(NOON) }]);
}

#[test]
fn what_was_folded_already_changes_nothing() {
    let given = worked();
    let once = given.rows::<JobBoard>();
    assert!(fold::<JobBoard>(once.clone(), &given.events) == once);
}

#[test]
fn events_of_an_absent_job_leave_it_absent() {
    let mut given = Given::default();
    given.starts(NINE, run(ANN, None), None).finishes(NOON, TURN, Vec::new());
    assert!(given.rows::<JobBoard>().is_empty());
}

#[test]
fn an_operation_that_does_not_exist_is_passed_over() {
    let mut given = Given::job();
    given.on_job(NINE, crate::given::reported(1, OperationNumber(99), figures(ANN, Phase::Run, (NINE, TEN))));
    assert_eq!(board(&given).totals.run_seconds(), 3600);
}

#[test]
fn what_can_not_have_happened_is_told() {
    let mut given = worked();
    let row = board(&given);
    let key = crate::projection::row_key(JOB.0);
    let told = |row: Option<&JobBoardRow>, event: &Recorded| JobBoard::impossible(row, &key, event);
    assert_eq!(told(None, &given.events[given.events.len() - 1]), Some("the job was never taken on"));
    assert!(given.events.iter().all(|event| told(Some(&row), event).is_none()), "told twice is not told wrongly");
    given.finishes(NOON, TURN, Vec::new()).finishes(NOON, GRIND, Vec::new());
    let last = given.events.len() - 1;
    assert_eq!(told(Some(&row), &given.events[last]), Some("an event of the job is missing before this one"));
    assert_eq!(told(Some(&row), &given.events[last - 1]), None);
}
