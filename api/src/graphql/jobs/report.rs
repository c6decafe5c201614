//! A report of work as it is answered, with what it said before each correction.

use async_graphql::{Error, ID, SimpleObject};
use domain::jobs::operation::WorkFigures;
use domain::kernel::TenantId;
use projections::timesheet::{Correction, TimesheetRow};

use super::operation::Phase;
use crate::graphql::GraphqlDeps;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::scalars::{DateTime, Decimal};

/// The figures of one report: an interval `[start, end)` of one operator on one operation, and what it made.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportFigures {
    /// Who.
    operator: Reference,
    /// On which machine, where it is known.
    machine: Option<Reference>,
    /// Setup, run or break.
    phase: Phase,
    /// From when.
    start: DateTime,
    /// Until when.
    end: DateTime,
    /// Good at the first go.
    good: Decimal,
    /// Lost.
    scrap: Decimal,
    /// Good after having been worked again.
    rework: Decimal,
    /// Held for review.
    held: Decimal,
    /// Why something was lost.
    scrap_reason: Option<String>,
    /// Whether it was work on pieces that had been made before.
    is_rework: bool,
}

/// A correction of a report.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportCorrection {
    /// What it said before.
    was: ReportFigures,
    /// Why that was wrong.
    reason: String,
    /// Identity of who corrected it.
    actor_id: ID,
    /// When it was corrected.
    recorded_at: DateTime,
}

/// A report of work.
#[derive(Debug, Clone, SimpleObject)]
pub struct WorkReport {
    /// Its identity.
    id: ID,
    /// On which job.
    job: Reference,
    /// On which of its operations.
    operation: u16,
    /// Where that operation is done.
    work_center: Reference,
    #[graphql(flatten)]
    figures: ReportFigures,
    /// Reports of the same operator on the same operation that it overlapped when it was made.
    overlaps: Vec<ID>,
    /// Why it overlaps.
    overlap_reason: Option<String>,
    /// What it said before each correction, oldest first.
    corrections: Vec<ReportCorrection>,
    /// When Kilter was told.
    recorded_at: DateTime,
}

/// Dresses rows of the timesheet with names.
pub async fn dress_reports(
    deps: &GraphqlDeps,
    tenant: TenantId,
    rows: Vec<TimesheetRow>,
) -> Result<Vec<WorkReport>, Error> {
    let mut wanted = Wanted::default();
    for row in &rows {
        wanted.jobs.insert(row.job);
        wanted.work_centers.insert(row.work_center);
        for figures in row.corrections.iter().map(|correction| &correction.was).chain([&row.figures]) {
            wanted.operators.insert(figures.operator);
            wanted.machines.extend(figures.machine);
        }
    }
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(rows.iter().map(|row| report(row, &labels)).collect())
}

fn report(row: &TimesheetRow, labels: &Labels) -> WorkReport {
    WorkReport {
        id: row.report.into(),
        job: labels.of(row.job.0),
        operation: row.operation.0,
        work_center: labels.of(row.work_center.0),
        figures: figures(&row.figures, labels),
        overlaps: row.overlaps.iter().map(Into::into).collect(),
        overlap_reason: row.overlap_reason.as_ref().map(ToString::to_string),
        corrections: row.corrections.iter().map(|correction| corrected(correction, labels)).collect(),
        recorded_at: row.recorded_at.into(),
    }
}

fn corrected(correction: &Correction, labels: &Labels) -> ReportCorrection {
    ReportCorrection {
        was: figures(&correction.was, labels),
        reason: correction.reason.to_string(),
        actor_id: correction.by.into(),
        recorded_at: correction.recorded_at.into(),
    }
}

fn figures(figures: &WorkFigures, labels: &Labels) -> ReportFigures {
    ReportFigures {
        operator: labels.of(figures.operator.0),
        machine: figures.machine.map(|machine| labels.of(machine.0)),
        phase: figures.phase.into(),
        start: figures.start.into(),
        end: figures.end.into(),
        good: figures.quantities.good.into(),
        scrap: figures.quantities.scrap.into(),
        rework: figures.quantities.rework.into(),
        held: figures.quantities.held.into(),
        scrap_reason: figures.scrap_reason.as_ref().map(ToString::to_string),
        is_rework: figures.rework,
    }
}
