//! Every report of work, one row each, as it counts now and as it was reported before.

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::jobs::operation::{OperationNumber, Phase, WorkFigures};
use domain::kernel::{ActorId, JobId, ReportId, Timestamp, WorkCenterId};
use domain::machines::work_center::Reason;
use domain::ports::{Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::local_days::Window;
use crate::projection::{IndexColumn, Projection, Value, id_value, instant_value, row_key};
use crate::stored;
use crate::views::{Condition, Test};

/// One row per report.
pub struct Timesheet;

/// A report of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimesheetRow {
    /// Which report.
    pub report: ReportId,
    /// On which job.
    pub job: JobId,
    /// On which of its operations.
    pub operation: OperationNumber,
    /// Where that operation is done.
    pub work_center: WorkCenterId,
    /// The figures that count.
    pub figures: WorkFigures,
    /// Reports of the same operator on the same operation that it overlapped when it was made.
    pub overlaps: Vec<ReportId>,
    /// Why it overlaps.
    pub overlap_reason: Option<Reason>,
    /// What it said before each correction, oldest first.
    pub corrections: Vec<Correction>,
    /// When Kilter was told.
    #[serde(with = "stored::instant")]
    pub recorded_at: Timestamp,
    /// Position of the last event folded.
    pub position: Position,
}

/// A correction of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The figures that counted before.
    pub was: WorkFigures,
    /// Why they were wrong.
    pub reason: Reason,
    /// Who corrected them.
    pub by: ActorId,
    /// When.
    #[serde(with = "stored::instant")]
    pub recorded_at: Timestamp,
}

impl Projection for Timesheet {
    const NAME: &'static str = "timesheet";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[
        IndexColumn::integer("starts"),
        IndexColumn::integer("ends"),
        IndexColumn::text("operator"),
        IndexColumn::text("work_center"),
        IndexColumn::text("job"),
    ];
    type Row = TimesheetRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Job(JobEvent::WorkReported(work)) => vec![row_key(work.report.0)],
            Event::Job(JobEvent::ReportCorrected { report, .. }) => vec![row_key(report.0)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<TimesheetRow>, _key: &str, event: &Recorded) -> Option<TimesheetRow> {
        let envelope = &event.envelope;
        match (row, &event.event) {
            (None, Event::Job(JobEvent::WorkReported(work))) => Some(TimesheetRow {
                report: work.report,
                job: JobId(envelope.stream.id),
                operation: work.operation,
                work_center: work.work_center,
                figures: work.figures.clone(),
                overlaps: work.overlaps.clone(),
                overlap_reason: work.overlap_reason.clone(),
                corrections: Vec::new(),
                recorded_at: envelope.recorded_at,
                position: envelope.position,
            }),
            (Some(mut row), Event::Job(JobEvent::ReportCorrected { figures, reason, .. }))
                if envelope.position > row.position && envelope.stream.id == row.job.0 =>
            {
                let was = std::mem::replace(&mut row.figures, figures.clone());
                let (by, recorded_at) = (envelope.actor, envelope.recorded_at);
                row.corrections.push(Correction { was, reason: reason.clone(), by, recorded_at });
                row.position = envelope.position;
                Some(row)
            }
            (row, _) => row,
        }
    }

    fn index(row: &TimesheetRow) -> Vec<Value> {
        vec![
            instant_value(Some(row.figures.start)),
            instant_value(Some(row.figures.end)),
            id_value(row.figures.operator.0),
            id_value(row.work_center.0),
            id_value(row.job.0),
        ]
    }
}

impl TimesheetRow {
    /// Whether its figures are not those first reported.
    pub const fn is_corrected(&self) -> bool {
        !self.corrections.is_empty()
    }

    /// Whether its time counts as setup or run.
    pub const fn is_work(&self) -> bool {
        !matches!(self.figures.phase, Phase::Break)
    }
}

/// Reports that have time in the window, or end in it.
pub fn overlapping(window: Window) -> Vec<Condition> {
    vec![
        Condition { column: "ends", test: Test::AtLeast(Value::Integer(window.from.as_micros())) },
        Condition { column: "starts", test: Test::Below(Value::Integer(window.to.as_micros())) },
    ]
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::WorkFigures;
    use uuid::Uuid;

    use super::*;
    use crate::given::{ANN, BOB, Given, LATHES, TURN, figures, fold, reason};

    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    fn report() -> ReportId {
        ReportId(Uuid::from_u128(1))
    }

    fn first() -> WorkFigures {
        figures(ANN, Phase::Run, (NINE, TEN))
    }

    fn corrected() -> Given {
        let mut given = Given::job();
        given.reports(1, first());
        let (was, right) = (first(), figures(BOB, Phase::Setup, (NINE, TEN)));
        let why = reason("it was Bob");
        let (report, operation) = (report(), TURN);
        given.on_job(TEN, JobEvent::ReportCorrected { report, operation, was, figures: right, reason: why });
        given
    }

    #[test]
    fn a_report_is_a_row() {
        let mut given = Given::job();
        given.reports(1, first());
        let row = given.row::<Timesheet>(report().0);
        assert_eq!((row.work_center, row.operation, row.figures.operator), (LATHES, TURN, ANN));
        assert!(!row.is_corrected());
    }

    #[test]
    fn a_correction_counts_and_what_was_said_before_is_kept() {
        let row = corrected().row::<Timesheet>(report().0);
        assert_eq!(row.figures, figures(BOB, Phase::Setup, (NINE, TEN)));
        let kept: Vec<_> = row.corrections.iter().map(|correction| (&correction.was, &correction.reason)).collect();
        assert_eq!(kept, [(&first(), &reason("it was Bob"))]);
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let given = corrected();
        let once = given.rows::<Timesheet>();
        assert!(fold::<Timesheet>(once.clone(), &given.events) == once);
    }

    #[test]
    fn a_correction_of_an_unknown_report_leaves_it_unknown() {
        let given = corrected();
        let (_, last) = given.events.split_at(given.events.len() - 1);
        assert!(fold::<Timesheet>(std::collections::BTreeMap::new(), last).is_empty());
    }
}
