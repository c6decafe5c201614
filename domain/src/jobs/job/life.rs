//! What happens to the job as a whole: pause, block, resume, complete, cancel, reopen.

use super::{BlockCause, JobError, JobEvent, JobStatus, Log, Order};
use crate::machines::work_center::Reason;

impl BlockCause {
    /// Fails where the machine or person that it names is not there.
    pub(super) fn check_there(&self, log: &Log) -> Result<(), JobError> {
        match self {
            Self::Machine(machine) if log.context.facts.machine.is_none() => Err(JobError::MachineNotFound(*machine)),
            Self::Person(operator) if log.context.facts.operator.is_none() => {
                Err(JobError::OperatorNotFound(*operator))
            }
            _ => Ok(()),
        }
    }
}

impl Order {
    pub(super) fn pause(&self, reason: &Reason, log: &mut Log) -> Result<(), JobError> {
        if self.status == JobStatus::Paused {
            return Ok(());
        }
        self.status.check_workable()?;
        self.stop_everybody(reason, log)?;
        log.push(JobEvent::Paused { was: self.status, reason: reason.clone() });
        Ok(())
    }

    pub(super) fn block(&self, reason: &Reason, cause: &BlockCause, log: &mut Log) -> Result<(), JobError> {
        if self.blocked_by.as_ref().is_some_and(|(why, what)| (why, what) == (reason, cause)) {
            return Ok(());
        }
        self.status.check_open()?;
        cause.check_there(log)?;
        self.stop_everybody(reason, log)?;
        log.push(JobEvent::Blocked { was: self.status, reason: reason.clone(), cause: cause.clone() });
        Ok(())
    }

    pub(super) fn resume(&self, log: &mut Log) -> Result<(), JobError> {
        self.status.check_open()?;
        if matches!(self.status, JobStatus::Paused | JobStatus::Blocked) {
            log.push(JobEvent::Resumed { was: self.status, status: self.status_by_progress() });
        }
        Ok(())
    }

    pub(super) fn complete(&self, log: &mut Log) -> Result<(), JobError> {
        if self.status == JobStatus::Completed {
            return Ok(());
        }
        self.status.check_workable()?;
        if let Some(open) = self.open_operations().next() {
            return Err(JobError::OperationOpen(open.operation));
        }
        log.push(JobEvent::Completed { was: self.status });
        Ok(())
    }

    pub(super) fn cancel(&self, reason: &Reason, log: &mut Log) -> Result<(), JobError> {
        if self.status == JobStatus::Cancelled {
            return Ok(());
        }
        self.status.check_open()?;
        self.stop_everybody(reason, log)?;
        self.end_all_andon(reason, log);
        let open = self.open_operations().collect();
        log.push(JobEvent::Cancelled { was: self.status, reason: reason.clone(), open });
        Ok(())
    }

    pub(super) fn reopen(&self, reason: &Reason, log: &mut Log) {
        if self.status.check_open().is_err() {
            let (status, open) = (self.status_by_progress(), self.open_operations().collect());
            log.push(JobEvent::Reopened { was: self.status, status, reason: reason.clone(), open });
        }
    }

    fn stop_everybody(&self, reason: &Reason, log: &mut Log) -> Result<(), JobError> {
        self.operations.values().try_for_each(|operation| operation.stop(None, reason, log))
    }
}
