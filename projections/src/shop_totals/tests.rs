use std::collections::BTreeMap;

use domain::jobs::job::{JobEvent, JobStatus};
use domain::jobs::operation::Phase;
use domain::kernel::{Quantity, ReportId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::given::{ANN, BOB, GRIND, GRINDERS, Given, JOB, LATHES, TURN, at, figures, good, run, units};

const SECOND: i64 = 1_000_000;

fn asked(by: By, from: &str, to: &str) -> Asked {
    let window = Window { from: at(from), to: at(to) };
    Asked { window, zone: TimeZone::get("Asia/Jerusalem").unwrap(), by, now: at("2013-01-01T00:00:00Z") }
}

fn answer(given: &Given, asked: Asked) -> Vec<Total> {
    totals(asked, given.rows::<Timesheet>().values(), given.rows::<JobBoard>().values())
}

fn january(by: By) -> Asked {
    asked(by, "2012-01-01T22:00:00Z", "2012-01-31T22:00:00Z")
}

/// Turned by Ann on the evening of 2 January until 03:00 local time, ground by Bob in no time, completed.
fn done() -> Given {
    let mut given = Given::job();
    let mut turned = figures(ANN, Phase::Run, ("2012-01-02T18:00:00Z", "2012-01-03T01:00:00Z"));
    turned.quantities = good(12);
    given.reports(1, turned).finishes("2012-01-03T01:00:00Z", TURN, Vec::new());
    let ground = figures(BOB, Phase::Run, ("2012-01-04T08:00:00Z", "2012-01-04T08:00:00Z"));
    given.on_job("2012-01-04T08:00:00Z", crate::given::reported(2, GRIND, ground));
    given.finishes("2012-01-04T08:00:00Z", GRIND, Vec::new());
    given.on_job("2012-01-04T08:00:00Z", JobEvent::Completed { was: JobStatus::Running });
    given
}

#[test]
fn time_is_split_at_local_midnight_and_quantities_count_at_the_end() {
    let days: Vec<_> = answer(&done(), january(By::Day))
        .into_iter()
        .map(|total| {
            let Subject::Day(date) = total.subject else { panic!("asked by day") };
            (date.to_string(), total.tally.run_seconds() / 3600, total.tally.good, total.jobs_finished)
        })
        .collect();
    let expected = [("2012-01-02", 4, units(0), 0), ("2012-01-03", 3, units(12), 0), ("2012-01-04", 0, units(0), 1)];
    assert_eq!(days, expected.map(|(date, hours, good, finished)| (date.to_owned(), hours, good, finished)));
}

#[test]
fn a_job_finishes_where_its_last_operation_was_finished() {
    let finished = |by| -> Vec<Subject> {
        answer(&done(), january(by)).into_iter().filter(|total| total.jobs_finished == 1).map(|t| t.subject).collect()
    };
    assert_eq!(finished(By::WorkCenter), [Subject::WorkCenter(GRINDERS)]);
    assert_eq!(finished(By::Operator), [Subject::Operator(BOB)]);
    assert_eq!(finished(By::Job), [Subject::Job(JOB)]);
}

#[test]
fn the_window_is_half_open() {
    let good_in = |from, to| answer(&done(), asked(By::WorkCenter, from, to)).first().map(|total| total.tally);
    let before = good_in("2012-01-02T18:00:00Z", "2012-01-03T01:00:00Z").unwrap();
    assert_eq!((before.good, before.run_seconds()), (Quantity::ZERO, 7 * 3600));
    let at_the_end = good_in("2012-01-03T01:00:00Z", "2012-01-03T01:00:01Z").unwrap();
    assert_eq!((at_the_end.good, at_the_end.run_seconds()), (units(12), 0));
    assert_eq!(good_in("2012-01-03T01:00:01Z", "2012-01-04T00:00:00Z"), None);
}

#[test]
fn the_floor_of_a_day_shows_what_was_in_process_running_and_late() {
    let mut given = done();
    given.on_job(
        "2012-01-12T08:00:00Z",
        JobEvent::Reopened {
            was: JobStatus::Completed,
            status: JobStatus::Running,
            reason: crate::given::reason("came back"),
            open: Vec::new(),
        },
    );
    given.starts("2012-01-13T08:00:00Z", run(ANN, None), None);
    let mut week = asked(By::Day, "2012-01-08T22:00:00Z", "2012-01-31T22:00:00Z");
    week.now = at("2012-01-14T10:00:00Z");
    week.window.from = at("2012-01-01T22:00:00Z");
    let floors: BTreeMap<String, Floor> = answer(&given, week)
        .into_iter()
        .filter_map(|total| match total.subject {
            Subject::Day(date) => Some((date.to_string(), total.floor?)),
            _ => None,
        })
        .collect();
    assert_eq!(floors["2012-01-12"], Floor { in_process: 1, running: 0, late: 1 });
    assert_eq!(floors["2012-01-13"], Floor { in_process: 1, running: 1, late: 1 });
    assert_eq!(floors["2012-01-03"], Floor { in_process: 1, running: 1, late: 0 });
    let closed = floors.range("2012-01-04".to_owned().."2012-01-12".to_owned());
    assert!(closed.map(|(_, floor)| floor.in_process + floor.late).eq([0]), "closed from the 4th until the 12th");
    assert_eq!(floors.last_key_value().unwrap().0, "2012-01-14", "the future has no floor");
}

#[test]
fn a_window_of_all_time_by_day_is_too_long() {
    assert!(asked(By::Day, "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z").is_too_long());
    assert!(!asked(By::Job, "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z").is_too_long());
}

/// Sums found second by second, knowing nothing of clipping or splitting.
fn second_by_second(asked: &Asked, reports: &[TimesheetRow]) -> BTreeMap<Subject, Tally> {
    let mut sums = BTreeMap::<Subject, Tally>::new();
    let subject = |row: &TimesheetRow, second: i64| match asked.by {
        By::WorkCenter => Subject::WorkCenter(row.work_center),
        By::Operator => Subject::Operator(row.figures.operator),
        By::Job => Subject::Job(row.job),
        By::Day => Subject::Day(jiff::Timestamp::from_second(second).unwrap().to_zoned(asked.zone.clone()).date()),
    };
    let (from, to) = (asked.window.from.as_seconds(), asked.window.to.as_seconds());
    for row in reports {
        let (start, end) = (row.figures.start.as_seconds(), row.figures.end.as_seconds());
        for second in (start..end).filter(|second| from <= *second && *second < to) {
            let tally = sums.entry(subject(row, second)).or_default();
            match row.figures.phase {
                Phase::Setup => tally.setup_micros += SECOND,
                Phase::Run => tally.run_micros += SECOND,
                Phase::Break => {}
            }
        }
        if from <= end && end < to {
            sums.entry(subject(row, end)).or_default().add_quantities(&row.figures.quantities);
        }
    }
    sums
}

prop_compose! {
    /// A report around the spring change of the clock in Jerusalem: 2012-03-30, 02:00 local time.
    fn report()(id in any::<u128>(), start in 0..7200_i64, length in 0..5400_i64, phase in 0..3_usize,
                ann in any::<bool>(), turned in any::<bool>(), made in 0..50_u64) -> TimesheetRow {
        let near_midnight = at("2012-03-29T21:00:00Z").as_micros();
        let instant = |seconds| Timestamp::from_micros(near_midnight + seconds * SECOND).unwrap();
        let operator = if ann { ANN } else { BOB };
        let phase = [Phase::Setup, Phase::Run, Phase::Break][phase];
        let mut figures = figures(operator, phase, ("2012-01-01T00:00:00Z", "2012-01-01T00:00:00Z"));
        (figures.start, figures.end, figures.quantities) = (instant(start), instant(start + length), good(made));
        TimesheetRow {
            report: ReportId(Uuid::from_u128(id)),
            job: JOB,
            operation: TURN,
            work_center: if turned { LATHES } else { GRINDERS },
            figures,
            overlaps: Vec::new(),
            overlap_reason: None,
            corrections: Vec::new(),
            recorded_at: at("2012-03-30T12:00:00Z"),
            position: domain::ports::Position(1),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn totals_are_what_counting_second_by_second_gives(
        reports in prop::collection::vec(report(), 0..12),
        from in 0..7200_i64,
        length in 0..7200_i64,
        by in 0..4_usize,
    ) {
        let from_micros = at("2012-03-29T21:00:00Z").as_micros() + from * SECOND;
        let instant = |micros| Timestamp::from_micros(micros).unwrap();
        let asked = Asked {
            window: Window { from: instant(from_micros), to: instant(from_micros + length * SECOND) },
            ..january([By::WorkCenter, By::Operator, By::Day, By::Job][by])
        };
        let counted = second_by_second(&asked, &reports);
        let mut summed = BTreeMap::new();
        for total in totals(asked, &reports, &[]) {
            summed.insert(total.subject, total.tally);
        }
        // A subject whose only time is break time may be listed with nothing by one of the two.
        let worth = |sums: BTreeMap<Subject, Tally>| -> Vec<_> {
            sums.into_iter().filter(|(_, tally)| *tally != Tally::default()).collect()
        };
        prop_assert_eq!(worth(summed), worth(counted));
    }
}
