//! Somebody on the floor needs help: the call stops work on one operation until it ends, and escalates once where nobody answers.

use serde::{Deserialize, Serialize};

use super::{BlockCause, JobError, JobEvent, Log, Made, Operation, Order};
use crate::jobs::operation::OperationNumber;
use crate::kernel::time::later;
use crate::kernel::{AndonCallId, Context, MachineId, Role, Timestamp};
use crate::machines::work_center::Reason;

/// An open call for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AndonCall {
    /// Which call.
    pub call: AndonCallId,
    /// What is wrong, and what stands in the way.
    pub why: (Reason, BlockCause),
    /// When it was called.
    pub called_at: Timestamp,
    /// Whether somebody takes care of it.
    pub answered: bool,
    /// Whether it has escalated.
    pub escalated: bool,
}

impl AndonCall {
    /// What this event makes of the call that is open, if there is one.
    pub fn follow(open: &mut Option<Self>, event: &JobEvent, at: Timestamp) {
        match event {
            JobEvent::AndonCalled { call, reason, cause, .. } => {
                let why = (reason.clone(), cause.clone());
                *open = Some(Self { call: *call, why, called_at: at, answered: false, escalated: false });
            }
            JobEvent::AndonAnswered { .. } => {
                if let Some(call) = open {
                    call.answered = true;
                }
            }
            JobEvent::AndonEscalated { .. } => {
                if let Some(call) = open {
                    call.escalated = true;
                }
            }
            JobEvent::AndonEnded { .. } => *open = None,
            _ => {}
        }
    }
}

impl Order {
    pub(super) fn call_andon(
        &self,
        number: OperationNumber,
        machine: Option<MachineId>,
        (reason, cause): (&Reason, &BlockCause),
        log: &mut Log,
    ) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        match &operation.andon {
            Some(open) if (&open.why.0, &open.why.1) == (reason, cause) => return Ok(()),
            Some(_) => return operation.check_no_andon(),
            None => {}
        }
        self.status.check_open()?;
        operation.check_unfinished()?;
        if let Some(missing) = log.context.facts.missing_machines.first() {
            return Err(JobError::MachineNotFound(*missing));
        }
        cause.check_there(log)?;
        let machine = machine.or(cause.machine()).or_else(|| operation.at_work().find_map(|(work, _)| work.machine));
        operation.stop_for_help(reason, log);
        let waits = log.context.facts.policies.andon_escalates_after_minutes;
        log.push(JobEvent::AndonCalled {
            // Whoever called without network names their call by it before they know that it was made.
            call: AndonCallId(log.context.command_id.0),
            operation: number,
            work_center: operation.plan.work_center,
            machine,
            reason: reason.clone(),
            cause: cause.clone(),
            escalates_at: waits.map(|minutes| later(log.context.happened_at, i64::from(minutes) * 60)),
        });
        Ok(())
    }

    pub(super) fn answer_andon(
        &self,
        number: OperationNumber,
        call: Option<AndonCallId>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let meant = self.operation(number)?.andon_meant(call, log)?;
        if let Some(open) = meant.filter(|open| !open.answered) {
            log.push(JobEvent::AndonAnswered { call: open.call, operation: number });
        }
        Ok(())
    }

    /// A call that was answered, has escalated or is over does not escalate.
    pub(super) fn escalate_andon(
        &self,
        number: OperationNumber,
        call: AndonCallId,
        log: &mut Log,
    ) -> Result<(), JobError> {
        let open = self.operation(number)?.andon.as_ref().filter(|open| open.call == call);
        if let Some(open) = open.filter(|open| !open.answered && !open.escalated) {
            log.push(JobEvent::AndonEscalated { call, operation: number, called_at: open.called_at });
        }
        Ok(())
    }

    pub(super) fn end_andon(
        &self,
        number: OperationNumber,
        call: Option<AndonCallId>,
        remedy: Option<&Reason>,
        log: &mut Log,
    ) -> Result<(), JobError> {
        if let Some(open) = self.operation(number)?.andon_meant(call, log)? {
            log.push(JobEvent::AndonEnded { call: open.call, operation: number, remedy: remedy.cloned() });
        }
        Ok(())
    }

    /// Ends every open call, for what ends the job ends them too.
    pub(super) fn end_all_andon(&self, reason: &Reason, log: &mut Log) {
        for operation in self.operations.values() {
            if let Some(open) = &operation.andon {
                let (call, operation) = (open.call, operation.plan.number);
                log.push(JobEvent::AndonEnded { call, operation, remedy: Some(reason.clone()) });
            }
        }
    }
}

impl Operation {
    /// The open call that is meant; `None` where that one is over already. Who names none means the one that is open, unless they tell
    /// late of a time before it was called: another call was open then.
    fn andon_meant(&self, call: Option<AndonCallId>, log: &Log) -> Result<Option<&AndonCall>, JobError> {
        let Context { now, happened_at, .. } = log.context;
        let meant = self.andon.as_ref().filter(|open| match call {
            Some(call) => open.call == call,
            None => happened_at >= now || *happened_at >= open.called_at,
        });
        match call {
            Some(call) if meant.is_none() && self.andon_over.contains(&call) => Ok(None),
            _ => meant.map(Some).ok_or(JobError::AndonCallNotFound(self.plan.number)),
        }
    }

    /// Stops everybody. Who calls without network tells when they stopped, and nothing of the others: those stop when it becomes known.
    /// A call is made whatever the records of work are: who forgot for too long that they are at work stays so, for that to be put right.
    fn stop_for_help(&self, reason: &Reason, log: &mut Log) {
        let Context { caller, now, happened_at, .. } = log.context;
        for (work, since) in self.at_work() {
            let tells = caller.role != Role::Operator || work.operator.0 == caller.actor.0;
            let until = if tells { *happened_at } else { *now }.max(since);
            if self.report_open_until(work.operator, until, Made::NOTHING, log).is_ok() {
                log.push(self.paused(work, reason));
            }
        }
    }

    /// Fails while somebody needs help with it.
    pub(super) fn check_no_andon(&self) -> Result<(), JobError> {
        match &self.andon {
            Some(open) => Err(JobError::OperationBlocked { operation: self.plan.number, reason: open.why.0.clone() }),
            None => Ok(()),
        }
    }
}
