//! What is reported after it was done, and what is corrected.

use super::{JobError, JobEvent, JobStatus, Log, Made, Operation, Order, Reported};
use crate::jobs::operation::{OperationNumber, Quantities, WorkFigures, WorkReport};
use crate::kernel::context::Context;
use crate::kernel::{ReportId, Timestamp};
use crate::machines::work_center::Reason;
use crate::tenancy::company::OverlapPolicy;

/// A report as it comes in.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) report: ReportId,
    pub(super) operation: OperationNumber,
    pub(super) figures: &'a WorkFigures,
}

impl Order {
    pub(super) fn report_work(
        &self,
        work: Work<'_>,
        overlap_reason: Option<&Reason>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let operation = self.operation(work.operation)?;
        if let Some(known) = self.reports.get(&work.report) {
            return known.check_same(work.operation, work.figures);
        }
        let figures = work.figures;
        check_figures(figures, log.context)?;
        self.check_in_time(operation, figures.end)?;
        if operation.since(figures.operator).is_some_and(|since| since < figures.start) {
            operation.report_open_until(figures.operator, figures.start, Made::NOTHING, log)?;
        }
        let overlapping: Vec<_> = operation.overlapping(figures, None).collect();
        if let Some((start, _)) = overlapping.first() {
            match log.context.facts.policies.work_overlap {
                OverlapPolicy::Refuse => return Err(JobError::WorkOverlaps(*start)),
                OverlapPolicy::AllowWithReason if overlap_reason.is_none() => {
                    return Err(JobError::OverlapReasonRequired(*start));
                }
                OverlapPolicy::AllowWithReason | OverlapPolicy::Allow => {}
            }
        }
        log.push(JobEvent::WorkReported(WorkReport {
            report: work.report,
            operation: work.operation,
            work_center: operation.plan.work_center,
            figures: figures.clone(),
            overlap_reason: overlap_reason.filter(|_| !overlapping.is_empty()).cloned(),
            overlaps: overlapping.into_iter().map(|(_, report)| report).collect(),
        }));
        Ok(())
    }

    pub(super) fn correct_report(
        &self,
        report: ReportId,
        figures: &WorkFigures,
        reason: &Reason,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let known = self.reports.get(&report).ok_or(JobError::ReportNotFound)?;
        if known.figures == *figures {
            return Ok(());
        }
        let operation = self.operation(known.operation)?;
        check_figures(figures, log.context)?;
        self.check_in_time(operation, figures.end)?;
        // The correction's own reason is reason enough where the policy wants one.
        if log.context.facts.policies.work_overlap == OverlapPolicy::Refuse {
            let open = operation.since(figures.operator).filter(|since| is_some_time(figures) && *since < figures.end);
            let reported = operation.overlapping(figures, Some(report)).map(|(start, _)| start).next();
            if let Some(start) = reported.or(open) {
                return Err(JobError::WorkOverlaps(start));
            }
        }
        log.push(JobEvent::ReportCorrected {
            report,
            operation: known.operation,
            was: known.figures.clone(),
            figures: figures.clone(),
            reason: reason.clone(),
        });
        Ok(())
    }

    /// Fails when work ends after its operation was finished or its job cancelled.
    fn check_in_time(&self, operation: &Operation, end: Timestamp) -> Result<(), JobError> {
        match (operation.finished_at, self.closed_at) {
            (Some(at), _) if end > at => Err(JobError::OperationFinished { operation: operation.plan.number, at }),
            (None, Some(at)) if end > at && self.status == JobStatus::Cancelled => Err(JobError::Cancelled),
            (None, Some(at)) if end > at => Err(JobError::Completed),
            _ => Ok(()),
        }
    }
}

impl Operation {
    /// Start and identity of the same operator's other reports that share time with these figures.
    pub(super) fn overlapping(
        &self,
        figures: &WorkFigures,
        except: Option<ReportId>,
    ) -> impl Iterator<Item = (Timestamp, ReportId)> {
        let (from, until, some_time) = (figures.start, figures.end, is_some_time(figures));
        let reported = self.intervals.get(&figures.operator).into_iter().flatten();
        reported
            .take_while(move |(start, _, _)| some_time && *start < until)
            .filter(move |(start, end, report)| start < end && *end > from && Some(*report) != except)
            .map(|(start, _, report)| (*start, *report))
    }
}

/// Half-open: an interval that ends where it starts shares no time with any other.
fn is_some_time(figures: &WorkFigures) -> bool {
    figures.start < figures.end
}

impl Reported {
    /// The same report again is fine, as it was made or as it was corrected since.
    fn check_same(&self, operation: OperationNumber, figures: &WorkFigures) -> Result<(), JobError> {
        if self.operation != operation {
            return Err(JobError::ReportChanged { field: "operation" });
        }
        let first = self.first.as_deref().unwrap_or(&self.figures);
        match first.differs_from(figures) {
            Some(field) if self.figures != *figures => Err(JobError::ReportChanged { field }),
            _ => Ok(()),
        }
    }
}

fn check_figures(figures: &WorkFigures, context: &Context) -> Result<(), JobError> {
    check_quantities(&figures.quantities)?;
    if figures.end < figures.start {
        Err(JobError::IntervalReversed)
    } else if let Some(hours) = JobError::too_many_hours(figures.start, figures.end) {
        Err(JobError::IntervalTooLong { hours })
    } else if context.is_future(figures.end) {
        Err(JobError::IntervalInFuture)
    } else if context.facts.operator.is_none() {
        Err(JobError::OperatorNotFound(figures.operator))
    } else {
        match figures.machine {
            Some(machine) if context.facts.machine.is_none() => Err(JobError::MachineNotFound(machine)),
            _ => Ok(()),
        }
    }
}

/// Fails when an amount is below zero or more than one report may name.
pub(super) fn check_quantities(quantities: &Quantities) -> Result<(), JobError> {
    match quantities.fields().into_iter().find(|(_, amount)| !amount.is_in_range()) {
        Some((field, _)) => Err(JobError::OutOfRange { field, range: "0 to 1000000000000" }),
        None => Ok(()),
    }
}
