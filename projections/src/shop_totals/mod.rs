//! What the shop made, by work center, operator, local day or job. A question of the timesheet and the job board.
//!
//! Time is clipped to the window and, by day, split at local midnights; quantities count where their report ends; a finished
//! job counts at its completion, at the work center and operator of the operation that was finished last. Overlapping
//! reports count twice, as they were reported; breaks count in neither time. A corrected report counts with its latest figures.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::{JobId, OperatorId, TenantId, Timestamp, WorkCenterId};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::job_board::{JobBoard, JobBoardRow, OperationLine};
use crate::local_days::{LocalDays, Window};
use crate::projection::{Projection, Value};
use crate::tally::Tally;
use crate::timesheet::{Timesheet, TimesheetRow, overlapping};
use crate::views::{Condition, Question, Sort, Test, ViewError, Views, for_each};

/// What to sum by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Where the operation is done.
    WorkCenter,
    /// Who did it.
    Operator,
    /// Local day.
    Day,
    /// Job.
    Job,
}

/// What a total is the total of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A work center.
    WorkCenter(WorkCenterId),
    /// An operator.
    Operator(OperatorId),
    /// A local day.
    Day(Date),
    /// A job.
    Job(JobId),
}

/// Sums of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Of what.
    pub subject: Subject,
    /// What was made, and how long it took.
    pub tally: Tally,
    /// Jobs completed.
    pub jobs_finished: u64,
    /// How the floor stood; by day only.
    pub floor: Option<Floor>,
}

/// How the floor stood on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Floor {
    /// Jobs begun and neither completed nor cancelled at the end of the day.
    pub in_process: u64,
    /// Jobs that were worked on during the day.
    pub running: u64,
    /// Jobs that were not done at the end of the day although their date had passed.
    pub late: u64,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What lies in here counts.
    pub window: Window,
    /// Whose midnights part the days.
    pub zone: TimeZone,
    /// What to sum by.
    pub by: By,
    /// The present: later days have no floor yet.
    pub now: Timestamp,
}

impl Asked {
    /// Days in the longest window that may be summed by day.
    pub const MOST_DAYS: i64 = 3_660;

    /// Whether it asks for more days than may be asked for at once.
    pub fn is_too_long(&self) -> bool {
        self.by == By::Day && self.window.micros() / DAY_MICROS > Self::MOST_DAYS
    }
}

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// Sums, while rows are shown to it in any order.
pub struct Totals {
    asked: Asked,
    days: LocalDays,
    sums: BTreeMap<Subject, (Tally, u64)>,
    /// The days of the window until now, in order.
    floor: Vec<DayFloor>,
}

/// A day while it is being counted.
struct DayFloor {
    date: Date,
    end: Timestamp,
    in_process: u64,
    late: u64,
    running: BTreeSet<JobId>,
}

impl Totals {
    /// Nothing counted yet.
    pub fn new(asked: Asked) -> Self {
        let mut days = LocalDays::new(asked.zone.clone());
        let mut floor = Vec::new();
        let Window { from, to } = asked.window;
        if asked.by == By::Day && !asked.is_too_long() {
            days.split(Window { from, to: to.min(asked.now) }, |date, part| {
                floor.push(DayFloor { date, end: part.to, in_process: 0, late: 0, running: BTreeSet::new() });
            });
        }
        Self { asked, days, sums: BTreeMap::new(), floor }
    }

    /// Counts one report.
    pub fn count_report(&mut self, row: &TimesheetRow) {
        let figures = &row.figures;
        let made = self.asked.window.contains(figures.end);
        let time = self.asked.window.clip(figures.start, figures.end);
        let subject = match self.asked.by {
            By::WorkCenter => Subject::WorkCenter(row.work_center),
            By::Operator => Subject::Operator(figures.operator),
            By::Job => Subject::Job(row.job),
            By::Day => return self.count_report_by_day(row, made, time),
        };
        if made || time.is_some() {
            let (tally, _) = self.sums.entry(subject).or_default();
            tally.add_time(figures.phase, time.map_or(0, |time| time.micros()));
            if made {
                tally.add_quantities(&figures.quantities);
            }
        }
    }

    fn count_report_by_day(&mut self, row: &TimesheetRow, made: bool, time: Option<Window>) {
        let Self { days, sums, floor, .. } = self;
        if made {
            let (date, _) = days.day_of(row.figures.end);
            sums.entry(Subject::Day(date)).or_default().0.add_quantities(&row.figures.quantities);
        }
        let Some(time) = time else { return };
        days.split(time, |date, part| {
            sums.entry(Subject::Day(date)).or_default().0.add_time(row.figures.phase, part.micros());
            if row.is_work()
                && let Ok(at) = floor.binary_search_by_key(&date, |day| day.date)
            {
                floor[at].running.insert(row.job);
            }
        });
    }

    /// Counts one job.
    pub fn count_job(&mut self, row: &JobBoardRow) {
        if let Some(finished_at) = row.finished_at().filter(|at| self.asked.window.contains(*at)) {
            let last = row.last_finished_operation();
            let subject = match self.asked.by {
                By::WorkCenter => last.map(|operation| Subject::WorkCenter(operation.work_center)),
                By::Operator => last.and_then(OperationLine::finished_by).map(Subject::Operator),
                By::Day => Some(Subject::Day(self.days.day_of(finished_at).0)),
                By::Job => Some(Subject::Job(row.id)),
            };
            if let Some(subject) = subject {
                self.sums.entry(subject).or_default().1 += 1;
            }
        }
        self.count_floor(row);
    }

    fn count_floor(&mut self, row: &JobBoardRow) {
        for open in row.started_at.into_iter().flat_map(|since| row.open_times(since)) {
            self.days_between(open).iter_mut().for_each(|day| day.in_process += 1);
        }
        let due = row.due().map(|due| due.max(row.created_at));
        for open in due.into_iter().flat_map(|since| row.open_times(since)) {
            self.days_between(open).iter_mut().for_each(|day| day.late += 1);
        }
        let at_work = row.operations.iter().flat_map(|line| &line.at_work).map(|work| work.since).min();
        if let Some(since) = at_work {
            for day in self.days_between((since, None)) {
                day.running.insert(row.id);
            }
        }
    }

    /// The days at whose end something was so that began at one instant and ended at another, or lasts.
    fn days_between(&mut self, (since, until): (Timestamp, Option<Timestamp>)) -> &mut [DayFloor] {
        let first = self.floor.partition_point(|day| day.end <= since);
        let last = until.map_or(self.floor.len(), |until| self.floor.partition_point(|day| day.end <= until));
        self.floor.get_mut(first..last).unwrap_or_default()
    }

    /// The sums, by subject. A day on which nothing was made, done or open is left out.
    pub fn finish(mut self) -> Vec<Total> {
        for day in &self.floor {
            if day.in_process + day.late > 0 || !day.running.is_empty() {
                self.sums.entry(Subject::Day(day.date)).or_default();
            }
        }
        let floor = |subject| {
            let Subject::Day(date) = subject else { return None };
            let at = self.floor.binary_search_by_key(&date, |day| day.date).ok()?;
            self.floor.get(at).map(DayFloor::counted)
        };
        let total = |(subject, (tally, jobs_finished))| Total { subject, tally, jobs_finished, floor: floor(subject) };
        self.sums.into_iter().map(total).collect()
    }
}

impl DayFloor {
    fn counted(&self) -> Floor {
        Floor { in_process: self.in_process, running: self.running.len() as u64, late: self.late }
    }
}

/// The sums over these rows.
pub fn totals<'a>(
    asked: Asked,
    reports: impl IntoIterator<Item = &'a TimesheetRow>,
    jobs: impl IntoIterator<Item = &'a JobBoardRow>,
) -> Vec<Total> {
    let mut totals = Totals::new(asked);
    reports.into_iter().for_each(|row| totals.count_report(row));
    jobs.into_iter().for_each(|row| totals.count_job(row));
    totals.finish()
}

/// Asks timesheet and job board, page by page. A window of more days than may be counted begins with the first thing that
/// happened.
pub async fn ask(views: &dyn Views, tenant: TenantId, mut asked: Asked) -> Result<Vec<Total>, ViewError> {
    if asked.is_too_long() {
        let begun = least::<JobBoard>(views, tenant, "created").await?;
        let worked = least::<Timesheet>(views, tenant, "starts").await?;
        let first = begun.into_iter().chain(worked).min().unwrap_or(asked.window.to);
        asked.window.from = asked.window.from.max(first).min(asked.window.to);
    }
    let (window, by) = (asked.window, asked.by);
    let mut totals = Totals::new(asked);
    for_each::<Timesheet>(views, tenant, overlapping(window), |row| totals.count_report(&row)).await?;
    let closed = |test| Condition { column: "closed", test };
    let closed_since = closed(Test::AtLeast(Value::Integer(window.from.as_micros())));
    let created_before = Condition { column: "created", test: Test::Below(Value::Integer(window.to.as_micros())) };
    if by == By::Day {
        // The floor of a day also shows jobs that are open still, or were closed after the window.
        let still_open = vec![created_before, closed(Test::Is(Value::Null))];
        for_each::<JobBoard>(views, tenant, still_open, |row| totals.count_job(&row)).await?;
        for_each::<JobBoard>(views, tenant, vec![closed_since], |row| totals.count_job(&row)).await?;
    } else {
        let closed_before = closed(Test::Below(Value::Integer(window.to.as_micros())));
        for_each::<JobBoard>(views, tenant, vec![closed_since, closed_before], |row| totals.count_job(&row)).await?;
    }
    Ok(totals.finish())
}

/// The earliest instant in a column.
async fn least<P: Projection>(
    views: &dyn Views,
    tenant: TenantId,
    column: &'static str,
) -> Result<Option<Timestamp>, ViewError> {
    let sort = Sort { column: Some(column), descending: false };
    let question = Question { conditions: Vec::new(), sort, after: None, before: None, from_end: false, limit: 1 };
    let first = views.ask(P::NAME, tenant, question).await?.rows.into_iter().next();
    Ok(first.and_then(|row| match row.sort {
        Value::Integer(micros) => Timestamp::from_micros(micros).ok(),
        Value::Null | Value::Text(_) => None,
    }))
}

#[cfg(test)]
mod tests;
