//! What people may who act in their own name, at a terminal: their own work, as far back as a tablet can have been without network.

use super::{JobCommand, JobError, Order};
use crate::kernel::time::later;
use crate::kernel::{Context, OperatorId, Role};

/// How long a tablet may have been away, seconds: a week.
const LONGEST_AWAY: i64 = 7 * 86_400;

impl JobCommand {
    /// Whose work on the floor it is about; `None` where it is about nobody's.
    const fn worker(&self) -> Option<OperatorId> {
        match self {
            Self::StartOperation { operator, .. }
            | Self::ResumeOperation(_, operator)
            | Self::ReportQuantity { operator, .. } => Some(*operator),
            Self::PauseOperation { operator, .. } | Self::FinishOperation { operator, .. } => *operator,
            _ => None,
        }
    }

    const fn is_about_help(&self) -> bool {
        matches!(self, Self::CallAndon { .. } | Self::AnswerAndon(..) | Self::EndAndon { .. })
    }
}

impl Order {
    /// Fails where somebody who acts in their own name would end the work of others, finish what they never worked on, or tell of a time
    /// that is too long ago.
    pub(super) fn check_own(&self, command: &JobCommand, context: &Context) -> Result<(), JobError> {
        let own = command.worker().filter(|operator| operator.0 == context.caller.actor.0);
        let earliest = later(context.now, -LONGEST_AWAY);
        let is_bound = own.is_some() || (command.is_about_help() && context.caller.role == Role::Operator);
        if is_bound && context.happened_at < earliest {
            return Err(JobError::HappenedTooLongAgo(earliest));
        }
        let (Some(operator), JobCommand::FinishOperation { operation, .. }) = (own, command) else { return Ok(()) };
        let operation = self.operation(*operation)?;
        if operation.finished_at.is_some() {
            return Ok(());
        }
        if !operation.sessions.contains_key(&operator) {
            return Err(JobError::OperatorNotAtWork);
        }
        let other = operation.at_work().map(|(work, _)| work.operator).find(|other| *other != operator);
        other.map_or(Ok(()), |other| Err(JobError::OthersAtWork(other)))
    }
}
