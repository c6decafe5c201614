use domain::catalog::Event;
use domain::jobs::job::{BlockCause, JobEvent, JobStatus};
use domain::jobs::operation::{OperationNumber, Phase, PlannedWindow};
use domain::kernel::{ReportId, StreamType};
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{Changes, Pin, PlanEvent};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::*;
use crate::given::{
    ANN, BOB, GRIND, Given, JOB, LATHE, OTHER_LATHE, TURN, at, figures, fold, good, reason, run, setup,
};
use crate::labels::{Labels, Thing};

const NINE: &str = "2012-01-02T09:00:00Z";
const TEN: &str = "2012-01-02T10:00:00Z";

/// The fields of the last event's changes, as `field: before -> after`.
fn told(given: &Given) -> Vec<String> {
    let said = |said: Option<Said>| match said {
        None => "-".to_owned(),
        Some(Said::Text(text)) => text,
        Some(Said::Word(word)) => word.to_owned(),
        Some(Said::Number(number)) => number.to_string(),
        Some(Said::Amount(amount)) => amount.to_string(),
        Some(Said::Instant(instant)) => instant.to_string(),
        Some(Said::Flag(flag)) => flag.to_string(),
        Some(Said::Thing(thing)) => labels().get(thing).unwrap_or("?").to_owned(),
        Some(Said::Actor(_) | Said::Name(_)) => "somebody".to_owned(),
    };
    changes(&last(given).event)
        .into_iter()
        .map(|change| format!("{}: {} -> {}", change.field, said(change.before), said(change.after)))
        .collect()
}

fn last(given: &Given) -> &Recorded {
    given.events.last().unwrap()
}

fn labels() -> Labels {
    let mut labels = Labels::default();
    for (thing, label) in [
        (Thing::Job(JOB), "J-1"),
        (Thing::Operator(ANN), "ANN"),
        (Thing::Operator(BOB), "BOB"),
        (Thing::Machine(LATHE), "L1"),
        (Thing::Machine(OTHER_LATHE), "L2"),
    ] {
        labels.insert(thing, label.to_owned());
    }
    labels
}

fn read(given: &Given) -> String {
    let Recorded { envelope, event } = last(given);
    let zone = TimeZone::get("Asia/Jerusalem").unwrap();
    sentence(envelope.stream, event, Reader { labels: &labels(), zone: &zone })
}

#[test]
fn every_event_is_a_row_in_the_order_of_positions() {
    let given = Given::job();
    let rows = given.rows::<ActivityLog>();
    assert_eq!(rows.len(), given.events.len());
    assert!(rows.values().zip(&given.events).all(|(row, event)| row.position == event.envelope.position));
    assert!(fold::<ActivityLog>(rows.clone(), &given.events) == rows);
}

#[test]
fn a_new_date_is_told_with_the_one_before() {
    let mut given = Given::job();
    given.on_job(NINE, JobEvent::Promised { was: Some(at("2012-01-10T22:00:00Z")), due: at("2012-02-01T10:00:00Z") });
    assert_eq!(told(&given), ["promised: 2012-01-10T22:00:00Z -> 2012-02-01T10:00:00Z"]);
    assert_eq!(read(&given), "Job J-1 is promised for 2012-02-01 instead of 2012-01-11");
}

#[test]
fn who_goes_on_in_another_phase_is_told_with_what_they_left() {
    let mut given = Given::job();
    given.starts(NINE, run(ANN, Some(OTHER_LATHE)), Some(setup(ANN, Some(LATHE))));
    assert_eq!(told(&given), ["machine: L1 -> L2", "phase: setup -> run"]);
    assert_eq!(read(&given), "ANN began to run operation 10 of job J-1 on machine L2");
}

#[test]
fn a_report_tells_what_was_made() {
    let mut given = Given::job();
    let mut made = figures(BOB, Phase::Run, (NINE, TEN));
    made.quantities = good(12);
    given.reports(1, made);
    assert_eq!(
        told(&given),
        [
            "operator: - -> BOB",
            "phase: - -> run",
            "start: - -> 2012-01-02T09:00:00Z",
            "end: - -> 2012-01-02T10:00:00Z",
            "good: - -> 12"
        ]
    );
    assert_eq!(
        read(&given),
        "BOB reported run on operation 10 of job J-1: 2012-01-02 11:00 to 2012-01-02 12:00, 12 good"
    );
}

#[test]
fn a_correction_tells_only_what_is_different() {
    let mut given = Given::job();
    let was = figures(ANN, Phase::Run, (NINE, TEN));
    let mut right = figures(BOB, Phase::Run, (NINE, TEN));
    right.quantities = good(3);
    let (report, operation) = (ReportId(Uuid::from_u128(1)), TURN);
    given.on_job(
        TEN,
        JobEvent::ReportCorrected { report, operation, was, figures: right, reason: reason("it was Bob") },
    );
    assert_eq!(told(&given), ["operator: ANN -> BOB", "good: 0 -> 3", "reason: - -> it was Bob"]);
    let right = "BOB, run, 2012-01-02 11:00 to 2012-01-02 12:00, 3 good";
    assert_eq!(read(&given), format!("A report on operation 10 of job J-1 was corrected to {right}: it was Bob"));
}

#[test]
fn a_plan_is_told_by_operation() {
    let mut given = Given::job();
    let window = |operation, end| PlannedWindow { operation, machine: None, start: at(NINE), end: at(end) };
    let (was, windows) = (vec![window(TURN, TEN)], vec![window(TURN, NINE), window(GRIND, TEN)]);
    given.on_job(NINE, JobEvent::Scheduled { was, windows });
    let told: Vec<_> =
        changes(&last(&given).event).iter().map(|change| (change.operation.unwrap(), change.field)).collect();
    assert_eq!(told, [(TURN, "plannedEnd"), (GRIND, "plannedStart"), (GRIND, "plannedEnd")]);
}

#[test]
fn a_block_tells_status_reason_and_cause() {
    let mut given = Given::job();
    let cause = BlockCause::Machine(LATHE);
    given.on_job(NINE, JobEvent::Blocked { was: JobStatus::Running, reason: reason("no spindle"), cause });
    assert_eq!(told(&given), ["status: running -> blocked", "reason: - -> no spindle", "cause: - -> L1"]);
    let Recorded { envelope, event } = last(&given);
    let mentioned = mentions(envelope.stream, event);
    assert_eq!(mentioned, [Thing::Job(JOB), Thing::Machine(LATHE)]);
}

#[test]
fn what_has_no_label_yet_is_named_so() {
    let given = Given::shop();
    let Recorded { envelope, event } = last(&given);
    let zone = TimeZone::UTC;
    let words = sentence(envelope.stream, event, Reader { labels: &Labels::default(), zone: &zone });
    assert_eq!(words, "Operator BOB was set up");
}

#[test]
fn kinds_are_asked_for_by_their_events() {
    let Condition { column, test } = of_kinds(&[StreamType::Company]);
    let Test::In(names) = test else { panic!("one of several names") };
    assert_eq!((column, names.len()), ("event_type", catalog::names(StreamType::Company).len()));
}

#[test]
fn a_change_of_the_plan_is_told_in_one_sentence_and_its_first_operations_one_by_one() {
    let placed = |operation| Placement {
        job: JOB,
        operation,
        machine: Some(LATHE),
        operator: Some(ANN),
        start: at(NINE),
        run_start: at(NINE),
        end: at(TEN),
    };
    let changes = |placed: Vec<Placement>| Changes { placed, ..Changes::default() };
    let mut given = Given::job();
    let pin = Some(Pin { reason: reason("promised"), until: None });
    let moved = PlanEvent::Moved { version: 2, changes: changes(vec![placed(TURN)]), reason: None, pin };
    given.that(NINE, StreamType::Plan, Uuid::from_u128(1), Event::Plan(moved));
    assert_eq!(
        read(&given),
        "Operation 10 of job J-1 was planned on machine L1 at 2012-01-02 11:00 and pinned: promised"
    );
    assert_eq!(
        told(&given),
        [
            "version: 1 -> 2",
            "operations: - -> 1",
            "job: - -> J-1",
            "plannedStart: - -> 2012-01-02T09:00:00Z",
            "plannedEnd: - -> 2012-01-02T10:00:00Z",
            "machine: - -> L1",
            "operator: - -> ANN",
            "pin: - -> promised"
        ]
    );
    let many = (1..=50).map(|number| placed(OperationNumber(number))).collect();
    let followed = PlanEvent::Followed { version: 3, changes: changes(many), cause: Vec::new() };
    given.that(NINE, StreamType::Plan, Uuid::from_u128(1), Event::Plan(followed));
    assert_eq!(read(&given), "The plan followed the clock: 50 operations were planned");
    assert_eq!(told(&given).iter().filter(|change| change.starts_with("job")).count(), 20);
}
