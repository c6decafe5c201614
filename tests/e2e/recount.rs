//! What the shop's log says, counted apart from the importer: no code of Kilter's, no code shared with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Sums of one work center, operator, local day or job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    /// Good at the first go.
    pub(crate) good: i64,
    /// Rejected.
    pub(crate) scrap: i64,
    /// Completed by rework.
    pub(crate) rework: i64,
    /// Held for review.
    pub(crate) held: i64,
    /// Setup, whole seconds.
    pub(crate) setup_seconds: i64,
    /// Run, whole seconds.
    pub(crate) run_seconds: i64,
    /// Cases completed.
    pub(crate) jobs_finished: i64,
}

/// The sums of a whole log, each by the name that the log uses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recount {
    /// By activity, white space put in order.
    pub(crate) by_work_center: BTreeMap<String, Sums>,
    /// By resource.
    pub(crate) by_operator: BTreeMap<String, Sums>,
    /// By local day.
    pub(crate) by_day: BTreeMap<String, Sums>,
    /// By case.
    pub(crate) by_job: BTreeMap<String, Sums>,
}

/// One row that was not refused.
struct Row {
    case: String,
    activity: String,
    resource: String,
    start: DateTime,
    end: DateTime,
    completed: i64,
    rejected: i64,
    held: i64,
    kind: char,
    rework: bool,
}

/// The end of a case so far: when, the place of its activity among the case's, and by whom.
struct Last {
    end: DateTime,
    place: usize,
    activity: String,
    resource: String,
}

/// Counts a log. `refused` are the rows that the import refused, by their line, the header being line 1.
pub(crate) fn recount(log: &str, zone: &str, refused: &BTreeSet<u64>) -> Recount {
    let zone = TimeZone::get(zone).expect("a zone");
    let rows: Vec<Row> =
        (2..).zip(log.lines().skip(1)).filter(|(line, _)| !refused.contains(line)).map(|(_, text)| row(text)).collect();
    let mut counted = Recount::default();
    for row in &rows {
        counted.count(row, &zone);
    }
    for (case, last) in last_of_each_case(&rows) {
        counted.by_work_center.entry(last.activity).or_default().jobs_finished += 1;
        counted.by_operator.entry(last.resource).or_default().jobs_finished += 1;
        counted.by_day.entry(last.end.date().to_string()).or_default().jobs_finished += 1;
        counted.by_job.entry(case).or_default().jobs_finished += 1;
    }
    counted
}

impl Recount {
    fn count(&mut self, row: &Row, zone: &TimeZone) {
        let whole = seconds(row.start, row.end, zone);
        for sums in [
            self.by_work_center.entry(row.activity.clone()).or_default(),
            self.by_operator.entry(row.resource.clone()).or_default(),
            self.by_job.entry(row.case.clone()).or_default(),
        ] {
            sums.make(row);
            sums.spend(row.kind, whole);
        }
        self.by_day.entry(row.end.date().to_string()).or_default().make(row);
        let mut day = row.start.date();
        while day <= row.end.date() {
            let (from, to) = (row.start.max(midnight(day)), row.end.min(midnight(day.tomorrow().expect("a day"))));
            if from < to {
                self.by_day.entry(day.to_string()).or_default().spend(row.kind, seconds(from, to, zone));
            }
            day = day.tomorrow().expect("a day");
        }
    }
}

impl Sums {
    fn make(&mut self, row: &Row) {
        let completed = if row.rework { &mut self.rework } else { &mut self.good };
        *completed += row.completed;
        self.scrap += row.rejected;
        self.held += row.held;
    }

    fn spend(&mut self, kind: char, seconds: i64) {
        match kind {
            'S' => self.setup_seconds += seconds,
            'D' => self.run_seconds += seconds,
            _ => {}
        }
    }
}

/// A case ends with its latest row; among activities that end together it is the one that began to appear last.
fn last_of_each_case(rows: &[Row]) -> BTreeMap<String, Last> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut lasts: BTreeMap<String, Last> = BTreeMap::new();
    for row in rows {
        let seen = places.entry(&row.case).or_default();
        if !seen.contains(&row.activity.as_str()) {
            seen.push(&row.activity);
        }
        let place = seen.iter().position(|activity| *activity == row.activity).unwrap_or(0);
        let last = Last { end: row.end, place, activity: row.activity.clone(), resource: row.resource.clone() };
        let later = lasts.get(&row.case).is_none_or(|known| (known.end, known.place) <= (last.end, last.place));
        if later {
            lasts.insert(row.case.clone(), last);
        }
    }
    lasts
}

fn row(text: &str) -> Row {
    let cells: Vec<&str> = text.split(',').map(str::trim).collect();
    let [case, activity, resource, start, end, completed, rejected, held, kind, rework] = cells[..] else {
        panic!("ten columns: {text}");
    };
    let amount = |text: &str| if text.is_empty() { 0 } else { text.parse().expect("a whole amount") };
    Row {
        case: case.to_owned(),
        activity: activity.split_whitespace().collect::<Vec<_>>().join(" "),
        resource: resource.to_owned(),
        start: start.parse().expect("a local time"),
        end: end.parse().expect("a local time"),
        completed: amount(completed),
        rejected: amount(rejected),
        held: amount(held),
        kind: kind.chars().next().expect("a kind"),
        rework: rework == "Y",
    }
}

fn midnight(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}

/// Real seconds between two local times: an hour less or more over a change of the clock.
fn seconds(start: DateTime, end: DateTime, zone: &TimeZone) -> i64 {
    let instant = |local: DateTime| local.to_zoned(zone.clone()).expect("a local time").timestamp().as_second();
    instant(end) - instant(start)
}

#[test]
fn a_recount_splits_days_and_finds_where_cases_end() {
    let log = "case_id,activity,resource,start,complete,qty_completed,qty_rejected,qty_mrb,report_type,rework\n\
        C1,Turn  & Mill,ANN,2012-03-29T22:00:00,2012-03-30T04:00:00,5,1,0,D,\n\
        C1,Grind,BOB,2012-03-30T06:00:00,2012-03-30T07:00:00,2,0,1,S,Y\n\
        C1,Grind,BOB,2012-03-30T06:00:00,2012-03-30T07:00:00,2,0,1,S,Y\n\
        C1,Pack,ANN,2012-03-30T06:30:00,2012-03-30T07:00:00,0,0,0,B,\n";
    let counted = recount(log, "Asia/Jerusalem", &BTreeSet::from([4]));
    let hour = 3600;
    let by_day: Vec<_> = counted.by_day.iter().map(|(day, sums)| (day.as_str(), *sums)).collect();
    let evening = Sums { run_seconds: 2 * hour, ..Sums::default() };
    let day =
        Sums { good: 5, scrap: 1, rework: 2, held: 1, setup_seconds: hour, run_seconds: 3 * hour, jobs_finished: 1 };
    assert_eq!(by_day, [("2012-03-29", evening), ("2012-03-30", day)]);
    assert_eq!(counted.by_work_center["Pack"].jobs_finished, 1);
    assert_eq!(counted.by_work_center["Turn & Mill"].run_seconds, 5 * hour);
    assert_eq!(counted.by_operator["ANN"].jobs_finished, 1);
    assert_eq!(counted.by_job["C1"], Sums { run_seconds: 5 * hour, ..day });
}
