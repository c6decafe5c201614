//! What planners decide: the order itself, its operations, dates and people.

use super::{JobCommand, JobDetails, JobError, JobEvent, JobState, Log, Operation, Order};
use crate::jobs::operation::{OperationNumber, OperationPlan, RunTime, SkillNeed, Standing};
use crate::kernel::context::Context;
use crate::kernel::{Interval, OperatorId, Quantity, Timestamp};
use crate::workforce::operator::OperatorFacts;

/// Decides before there is a job.
pub(super) fn create(command: &JobCommand, context: &Context) -> Result<Vec<JobEvent>, JobError> {
    let JobCommand::Create { number, details, due, operations } = command else { return Err(JobError::NotFound) };
    check_details(details)?;
    check_work_centers(context)?;
    for (index, plan) in operations.iter().enumerate() {
        check_plan(plan)?;
        if operations[..index].iter().any(|earlier| earlier.number == plan.number) {
            return Err(JobError::OperationExists(plan.number));
        }
    }
    Ok(vec![JobEvent::Created {
        number: number.clone(),
        details: details.clone(),
        due: *due,
        operations: operations.clone(),
    }])
}

impl Order {
    pub(super) fn create_again(&self, command: &JobCommand) -> Result<(), JobError> {
        let JobCommand::Create { number, details, due, operations } = command else { return Ok(()) };
        let same_plans = operations.len() == self.operations.len()
            && operations.iter().all(|plan| self.operations.get(&plan.number).is_some_and(|known| known.plan == *plan));
        let same = same_plans && (number, details, due) == (&self.number, &self.details, &self.due);
        if same { Ok(()) } else { Err(JobError::Exists(self.number.clone())) }
    }

    pub(super) fn revise(&self, details: &JobDetails, log: &mut Log) -> Result<(), JobError> {
        if self.details != *details {
            self.status.check_open()?;
            check_details(details)?;
            log.push(JobEvent::Revised { was: self.details.clone(), details: details.clone() });
        }
        Ok(())
    }

    pub(super) fn promise(&self, due: Timestamp, log: &mut Log) -> Result<(), JobError> {
        let was = self.promises.last().copied();
        if was != Some(due) {
            self.status.check_open()?;
            log.push(JobEvent::Promised { was, due });
        }
        Ok(())
    }

    pub(super) fn add_operation(&self, plan: &OperationPlan, log: &mut Log) -> Result<(), JobError> {
        match self.operations.get(&plan.number) {
            Some(known) if known.plan == *plan => return Ok(()),
            Some(_) => return Err(JobError::OperationExists(plan.number)),
            None => {}
        }
        self.status.check_open()?;
        check_plan(plan)?;
        check_work_centers(log.context)?;
        log.push(JobEvent::OperationAdded { operation: plan.clone() });
        Ok(())
    }

    pub(super) fn remove_operation(&self, number: OperationNumber, log: &mut Log) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        self.status.check_open()?;
        if operation.has_begun() {
            return Err(JobError::OperationBegun(number));
        }
        operation.check_no_andon()?;
        log.push(JobEvent::OperationRemoved { operation: operation.plan.clone() });
        Ok(())
    }

    pub(super) fn assign(&self, number: OperationNumber, operator: OperatorId, log: &mut Log) -> Result<(), JobError> {
        let operation = self.operation(number)?;
        if operation.assigned.contains(&operator) {
            return Ok(());
        }
        self.status.check_open()?;
        operation.check_unfinished()?;
        let facts = log.context.facts.operator.as_ref().ok_or(JobError::OperatorNotFound(operator))?;
        if !facts.active {
            return Err(JobError::OperatorInactive);
        }
        let planned = log.context.facts.placement;
        if let Some(need) = &operation.plan.skill {
            let start = planned.map(|placement| placement.start);
            check_skill(need, facts, start.map_or(log.context.now, |start| start.max(log.context.now)))?;
        }
        let work = planned.map(|placement| Interval { from: placement.start, until: placement.end });
        let absence = work.and_then(|work| facts.absences.iter().find(|absence| absence.meets(work)));
        if let Some(absence) = absence {
            return Err(JobError::OperatorAbsent(*absence));
        }
        log.push(JobEvent::OperatorAssigned { operation: number, operator });
        Ok(())
    }

    pub(super) fn unassign(
        &self,
        number: OperationNumber,
        operator: OperatorId,
        log: &mut Log,
    ) -> Result<(), JobError> {
        if self.operation(number)?.assigned.contains(&operator) {
            self.status.check_open()?;
            log.push(JobEvent::OperatorUnassigned { operation: number, operator });
        }
        Ok(())
    }

    pub(super) fn operation(&self, number: OperationNumber) -> Result<&Operation, JobError> {
        self.operations.get(&number).ok_or(JobError::OperationNotFound(number))
    }
}

impl Operation {
    pub(super) fn check_unfinished(&self) -> Result<(), JobError> {
        match self.finished_at {
            Some(at) => Err(JobError::OperationFinished { operation: self.plan.number, at }),
            None => Ok(()),
        }
    }
}

impl JobState {
    /// How far one of its operations is.
    pub fn standing(&self, number: OperationNumber) -> Standing {
        let Self::Known(order) = self else { return Standing::Unknown };
        let closed = order.status.check_open().is_err();
        match order.operations.get(&number) {
            None => Standing::Unknown,
            Some(operation) if operation.finished_at.is_some() => Standing::Finished,
            Some(_) if closed => Standing::JobClosed,
            Some(operation) if operation.has_begun() => Standing::Begun,
            Some(_) => Standing::Waits,
        }
    }

    /// The machine that an operator is on, or left, on one of its operations.
    pub fn machine_of(&self, number: OperationNumber, operator: OperatorId) -> Option<crate::kernel::MachineId> {
        match self {
            Self::Unknown => None,
            Self::Known(order) => order.operations.get(&number)?.sessions.get(&operator)?.work.machine,
        }
    }
}

fn check_skill(need: &SkillNeed, facts: &OperatorFacts, at: Timestamp) -> Result<(), JobError> {
    let grant = facts.skills.iter().find(|grant| grant.skill == need.skill && grant.level >= need.level);
    match grant.map(|grant| grant.expires) {
        None => Err(JobError::SkillMissing { skill: need.skill.clone(), level: need.level }),
        Some(Some(lapses)) if lapses <= at => Err(JobError::SkillLapsed { skill: need.skill.clone(), at: lapses }),
        Some(_) => Ok(()),
    }
}

const fn check(holds: bool, field: &'static str, range: &'static str) -> Result<(), JobError> {
    if holds { Ok(()) } else { Err(JobError::OutOfRange { field, range }) }
}

fn check_details(details: &JobDetails) -> Result<(), JobError> {
    check(matches!(details.priority, 1..=100), "priority", "1 to 100")?;
    check(details.quantity.is_none_or(is_positive), "quantity", "more than 0, at most 1000000000000")
}

fn check_plan(plan: &OperationPlan) -> Result<(), JobError> {
    check(plan.number.0 >= 1, "number", "1 to 65535")?;
    check(plan.skill.as_ref().is_none_or(|need| matches!(need.level, 1..=5)), "level", "1 to 5")?;
    check(plan.transfer_batch.is_none_or(is_positive), "transferBatch", "more than 0")?;
    check(
        plan.max_lag_seconds.is_none_or(|max| max >= plan.min_lag_seconds),
        "maxLagSeconds",
        "at least minLagSeconds",
    )?;
    let runs = plan.alternatives.iter().map(|alternative| alternative.run).chain([plan.run]);
    runs.flatten().try_for_each(|run| match run {
        RunTime::PerUnit { seconds } => check(seconds.is_in_range(), "seconds", "0 or more"),
        RunTime::PerBatch { size, seconds } => {
            check(is_positive(size), "size", "more than 0")?;
            check(seconds.is_in_range(), "seconds", "0 or more")
        }
    })
}

fn is_positive(amount: Quantity) -> bool {
    amount.is_in_range() && !amount.is_zero()
}

fn check_work_centers(context: &Context) -> Result<(), JobError> {
    context.facts.missing_work_centers.first().map_or(Ok(()), |missing| Err(JobError::WorkCenterNotFound(*missing)))
}
