//! One operator's local day: what they reported, with gaps and overlaps. A question of the timesheet.

use domain::kernel::{OperatorId, TenantId};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::local_days::Window;
use crate::projection::id_value;
use crate::tally::Tally;
use crate::timesheet::{Timesheet, TimesheetRow, overlapping};
use crate::views::{Condition, Test, ViewError, Views, for_each};

/// What an operator reported of one local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorDay {
    /// Which day.
    pub date: Date,
    /// From one local midnight to the next.
    pub day: Window,
    /// The reports that touch it, by start.
    pub entries: Vec<DayEntry>,
    /// Sums: the time within the day, the quantities of the reports that end in it.
    pub totals: Tally,
    /// Time between the first and the last entry that no entry covers.
    pub gaps: Vec<Window>,
    /// Time that more than one entry covers.
    pub overlaps: Vec<Window>,
}

/// A report with the part of it that lies in the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayEntry {
    /// The report.
    pub report: TimesheetRow,
    /// The part of it that lies in the day; empty for a report without length.
    pub within: Window,
}

/// Puts the reports of one operator together to their day. Reports that don't touch the day are left out.
pub fn operator_day(date: Date, day: Window, reports: impl IntoIterator<Item = TimesheetRow>) -> OperatorDay {
    let mut entries: Vec<DayEntry> = reports.into_iter().filter_map(|report| entry(day, report)).collect();
    entries.sort_by_key(|entry| (entry.within, entry.report.report));
    let mut totals = Tally::default();
    for DayEntry { report, within } in &entries {
        totals.add_time(report.figures.phase, within.micros());
        if day.contains(report.figures.end) {
            totals.add_quantities(&report.figures.quantities);
        }
    }
    let (gaps, overlaps) = gaps_and_overlaps(&entries);
    OperatorDay { date, day, entries, totals, gaps, overlaps }
}

fn entry(day: Window, report: TimesheetRow) -> Option<DayEntry> {
    let (start, end) = (report.figures.start, report.figures.end);
    let moment = Window { from: end, to: end };
    let within = day.clip(start, end).or_else(|| day.contains(end).then_some(moment))?;
    Some(DayEntry { report, within })
}

/// Sweeps over the entries, which are sorted by start.
fn gaps_and_overlaps(entries: &[DayEntry]) -> (Vec<Window>, Vec<Window>) {
    let (mut gaps, mut overlaps) = (Vec::new(), Vec::<Window>::new());
    let mut covered_to = None;
    for Window { from, to } in entries.iter().map(|entry| entry.within).filter(|within| within.from < within.to) {
        let reached = covered_to.unwrap_or(from);
        if from > reached {
            gaps.push(Window { from: reached, to: from });
        }
        let doubled = Window { from: overlaps.last().map_or(from, |last| last.to.max(from)), to: to.min(reached) };
        if doubled.from < doubled.to {
            match overlaps.last_mut() {
                Some(last) if last.to == doubled.from => last.to = doubled.to,
                _ => overlaps.push(doubled),
            }
        }
        covered_to = Some(reached.max(to));
    }
    (gaps, overlaps)
}

/// Asks the timesheet for one operator's day; `None` at the ends of the calendar.
pub async fn ask(
    views: &dyn Views,
    tenant: TenantId,
    operator: OperatorId,
    date: Date,
    zone: &TimeZone,
) -> Result<Option<OperatorDay>, ViewError> {
    let Some(day) = Window::of_day(date, zone) else { return Ok(None) };
    let mut conditions = overlapping(day);
    conditions.push(Condition { column: "operator", test: Test::Is(id_value(operator.0)) });
    let mut reports = Vec::new();
    for_each::<Timesheet>(views, tenant, conditions, |report| reports.push(report)).await?;
    Ok(Some(operator_day(date, day, reports)))
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::Phase;
    use uuid::Uuid;

    use super::*;
    use crate::given::{ANN, Given, figures, good, units};

    /// A day in January in Jerusalem (two hours ahead of UTC) with reports given by local times.
    fn day(reports: &[(Phase, &str, &str, u64)]) -> OperatorDay {
        let zone = TimeZone::get("Asia/Jerusalem").unwrap();
        let utc = |local: &str| {
            let local: jiff::civil::DateTime = local.parse().unwrap();
            local.to_zoned(zone.clone()).unwrap().timestamp().to_string()
        };
        let mut given = Given::job();
        for (index, (phase, start, end, made)) in reports.iter().enumerate() {
            let mut figures = figures(ANN, *phase, (&utc(start), &utc(end)));
            figures.quantities = good(*made);
            given.reports(index as u128, figures);
        }
        let date = "2012-01-02".parse().unwrap();
        let window = Window::of_day(date, &zone).unwrap();
        operator_day(date, window, given.rows::<Timesheet>().into_values())
    }

    fn hours(windows: &[Window]) -> Vec<i64> {
        windows.iter().map(|window| window.micros() / 3_600_000_000).collect()
    }

    #[test]
    fn entries_are_in_order_and_clipped_to_the_day() {
        let day = day(&[
            (Phase::Run, "2012-01-02T22:00", "2012-01-03T02:00", 7),
            (Phase::Setup, "2012-01-01T23:00", "2012-01-02T01:00", 5),
            (Phase::Run, "2012-01-03T00:00", "2012-01-03T01:00", 9),
        ]);
        let ids: Vec<_> = day.entries.iter().map(|entry| entry.report.report.0).collect();
        assert_eq!(ids, [Uuid::from_u128(1), Uuid::from_u128(0)]);
        assert_eq!((day.totals.setup_seconds(), day.totals.run_seconds()), (3600, 7200));
        assert_eq!(day.totals.good, units(5), "quantities count where the report ends");
    }

    #[test]
    fn gaps_and_overlaps_are_found() {
        let day = day(&[
            (Phase::Run, "2012-01-02T08:00", "2012-01-02T12:00", 0),
            (Phase::Run, "2012-01-02T09:00", "2012-01-02T10:00", 0),
            (Phase::Run, "2012-01-02T10:00", "2012-01-02T11:00", 0),
            (Phase::Break, "2012-01-02T13:00", "2012-01-02T14:00", 0),
            (Phase::Run, "2012-01-02T14:00", "2012-01-02T15:00", 0),
        ]);
        assert_eq!((hours(&day.gaps), hours(&day.overlaps)), (vec![1], vec![2]));
        assert_eq!(day.totals.run_seconds(), 7 * 3600, "overlaps count twice, breaks do not count");
    }

    #[test]
    fn a_report_without_length_brings_its_quantities() {
        let day = day(&[(Phase::Run, "2012-01-02T08:00", "2012-01-02T08:00", 3)]);
        assert_eq!((day.entries.len(), day.totals.good, day.gaps.len()), (1, units(3), 0));
    }

    #[test]
    fn an_empty_day_is_empty() {
        let day = day(&[]);
        assert_eq!((day.entries.len(), day.totals), (0, Tally::default()));
    }
}
