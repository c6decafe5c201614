//! What happens on the floor: start, pause, resume, report, finish.

use super::{JobError, JobEvent, JobStatus, Log, Made, Operation, Order, Session, reports};
use crate::jobs::operation::{AtWork, OperationNumber, Phase, WorkFigures, WorkReport};
use crate::kernel::{MachineId, OperatorId, ReportId, Timestamp};
use crate::machines::work_center::Reason;
use crate::tenancy::company::OverlapPolicy;

impl Order {
    pub(super) fn start(&self, number: OperationNumber, work: AtWork, log: &mut Log) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        if work.phase == Phase::Break {
            return Err(JobError::BreakNotStarted);
        }
        let was = operation.at_work().find(|(now, _)| now.operator == work.operator).map(|(now, _)| now);
        if was == Some(work) {
            return Ok(());
        }
        self.check_may_start(operation, &work, log)?;
        if was.is_some() {
            operation.report_open(work.operator, Made::NOTHING, log)?;
        } else {
            operation.check_free(work.operator, log)?;
        }
        log.push(JobEvent::OperationStarted {
            operation: number,
            work_center: operation.plan.work_center,
            operator: work.operator,
            machine: work.machine,
            phase: work.phase,
            was,
        });
        Ok(())
    }

    pub(super) fn pause_operation(
        &self,
        number: OperationNumber,
        operator: Option<OperatorId>,
        reason: &Reason,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        if operator.is_some_and(|operator| !operation.sessions.contains_key(&operator)) {
            return Err(JobError::OperatorNotAtWork);
        }
        operation.stop(operator, reason, log)
    }

    pub(super) fn resume_operation(
        &self,
        number: OperationNumber,
        operator: OperatorId,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        let session = operation.sessions.get(&operator).ok_or(JobError::OperatorNotAtWork)?;
        if session.since.is_some() {
            return Ok(());
        }
        self.check_may_start(operation, &session.work, log)?;
        operation.check_free(operator, log)?;
        log.push(JobEvent::OperationResumed {
            operation: number,
            work_center: operation.plan.work_center,
            operator,
            machine: session.work.machine,
            phase: session.work.phase,
        });
        Ok(())
    }

    pub(super) fn report_quantity(
        &self,
        number: OperationNumber,
        operator: OperatorId,
        made: Made<'_>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        reports::check_quantities(&made.quantities)?;
        let operation = self.operation(number)?;
        operation.check_unfinished()?;
        if operation.since(operator).is_none() {
            return Err(JobError::OperatorNotAtWork);
        }
        operation.report_open(operator, made, log)
    }

    pub(super) fn finish(
        &self,
        number: OperationNumber,
        operator: Option<OperatorId>,
        made: Made<'_>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        reports::check_quantities(&made.quantities)?;
        let operation = self.operation(number)?;
        if operation.finished_at.is_some() && made.quantities.is_none() {
            return Ok(());
        }
        operation.check_unfinished()?;
        operation.check_no_andon()?;
        self.status.check_workable()?;
        if let Some(until) = operation.worked_until().filter(|until| *until > log.context.happened_at) {
            return Err(JobError::HappenedBeforeWork(until));
        }
        match operator {
            Some(operator) if log.context.facts.operator.is_none() => return Err(JobError::OperatorNotFound(operator)),
            None if !made.quantities.is_none() => return Err(JobError::OperatorRequired),
            Some(operator) if operation.since(operator).is_none() => operation.report_instant(operator, made, log),
            _ => {}
        }
        for (work, _) in operation.at_work() {
            let made = if Some(work.operator) == operator { made } else { Made::NOTHING };
            operation.report_open(work.operator, made, log)?;
        }
        log.push(JobEvent::OperationFinished {
            operation: number,
            work_center: operation.plan.work_center,
            operator,
            left: operation.at_work().map(|(work, _)| work).collect(),
        });
        if self.open_operations().all(|open| open.operation == number) {
            log.push(JobEvent::Completed { was: JobStatus::Running });
        }
        Ok(())
    }

    fn check_may_start(&self, operation: &Operation, work: &AtWork, log: &Log) -> Result<(), JobError> {
        self.status.check_workable()?;
        operation.check_unfinished()?;
        operation.check_no_andon()?;
        if let Some(release) = self.details.release.filter(|release| *release > log.context.happened_at) {
            return Err(JobError::NotReleased(release));
        }
        match &log.context.facts.operator {
            None => return Err(JobError::OperatorNotFound(work.operator)),
            Some(facts) if !facts.active => return Err(JobError::OperatorInactive),
            Some(_) => {}
        }
        work.machine.map_or(Ok(()), |machine| check_takes_work(machine, log))
    }
}

impl Operation {
    /// Since when the operator has been at work without a report.
    pub(super) fn since(&self, operator: OperatorId) -> Option<Timestamp> {
        self.sessions.get(&operator)?.since
    }

    /// Reports what an operator at work did until now; they are at work from then on. Nothing done in no time is no report.
    pub(super) fn report_open(&self, operator: OperatorId, made: Made<'_>, log: &mut Log) -> Result<(), JobError> {
        self.report_open_until(operator, log.context.happened_at, made, log)
    }

    pub(super) fn report_open_until(
        &self,
        operator: OperatorId,
        end: Timestamp,
        made: Made<'_>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let Some(Session { since: Some(start), work }) = self.sessions.get(&operator).copied() else { return Ok(()) };
        if end < start {
            return Err(JobError::HappenedBeforeWork(start));
        }
        if JobError::too_many_hours(start, end).is_some() {
            return Err(JobError::WorkOpenTooLong { operation: self.plan.number, operator, since: start });
        }
        if end > start || !made.quantities.is_none() {
            self.push_report(work, (start, end), made, log);
        }
        Ok(())
    }

    /// What an operator who is not at work has made, without the time that it took.
    fn report_instant(&self, operator: OperatorId, made: Made<'_>, log: &mut Log) {
        if !made.quantities.is_none() {
            let at = log.context.happened_at;
            let left = self.sessions.get(&operator).map(|session| session.work);
            let work = left.unwrap_or(AtWork { operator, machine: None, phase: Phase::Run });
            self.push_report(work, (at, at), made, log);
        }
    }

    fn push_report(&self, work: AtWork, (start, end): (Timestamp, Timestamp), made: Made<'_>, log: &mut Log) {
        let figures = WorkFigures {
            operator: work.operator,
            machine: work.machine,
            phase: work.phase,
            start,
            end,
            quantities: made.quantities,
            scrap_reason: made.scrap_reason.cloned(),
            rework: false,
        };
        log.push(JobEvent::WorkReported(WorkReport {
            report: ReportId(log.next_event()),
            operation: self.plan.number,
            work_center: self.plan.work_center,
            overlaps: self.overlapping(&figures, None).map(|(_, report)| report).collect(),
            figures,
            overlap_reason: None,
        }));
    }

    /// Stops one operator, or everybody, and reports what they did until now.
    pub(super) fn stop(&self, only: Option<OperatorId>, reason: &Reason, log: &mut Log) -> Result<(), JobError> {
        for (work, _) in self.at_work().filter(|(work, _)| only.is_none_or(|only| only == work.operator)) {
            self.report_open(work.operator, Made::NOTHING, log)?;
            log.push(self.paused(work, reason));
        }
        Ok(())
    }

    pub(super) fn paused(&self, work: AtWork, reason: &Reason) -> JobEvent {
        JobEvent::OperationPaused {
            operation: self.plan.number,
            work_center: self.plan.work_center,
            operator: work.operator,
            machine: work.machine,
            reason: reason.clone(),
        }
    }

    /// Fails when the operator would begin inside work that they have reported: only a report can say why.
    fn check_free(&self, operator: OperatorId, log: &Log) -> Result<(), JobError> {
        if log.context.facts.policies.work_overlap == OverlapPolicy::Allow {
            return Ok(());
        }
        let at = log.context.happened_at;
        let mut reported = self.intervals.get(&operator).into_iter().flatten();
        match reported.find(|(start, end, _)| start < end && *end > at) {
            Some((start, _, _)) => Err(JobError::WorkOverlaps(*start)),
            None => Ok(()),
        }
    }
}

fn check_takes_work(machine: MachineId, log: &Log) -> Result<(), JobError> {
    match log.context.facts.machine {
        None => Err(JobError::MachineNotFound(machine)),
        Some(facts) if !facts.status.takes_work() => Err(JobError::MachineUnavailable(facts.status)),
        Some(_) => Ok(()),
    }
}
