//! What a command would do: the same permission, facts and decision as when it is run, and nothing appended.

use std::sync::Arc;

use super::execute::Ask;
use super::needs::Runnable;
use super::{Command, Commands, Request, RunError, allows};
use crate::jobs::job::{Job, JobCommand, JobEvent};
use crate::kernel::{Caller, JobId};
use crate::scheduling::site_plan::{PlanCommand, PlanEvent, PlanState, SitePlan};

impl Commands {
    /// What a command would do to the plan now, and the plan that it was asked of.
    pub async fn preview_plan(
        &self,
        caller: &Caller,
        command: PlanCommand,
    ) -> Result<(Arc<PlanState>, Vec<PlanEvent>), RunError> {
        let asked = Command::Plan(Box::new(command.clone()));
        self.preview::<SitePlan>(caller, &command, asked).await
    }

    /// What a command would do to a job now.
    pub async fn preview_job(
        &self,
        caller: &Caller,
        job: JobId,
        command: JobCommand,
    ) -> Result<Vec<JobEvent>, RunError> {
        let asked = Command::Job(job, command.clone());
        Ok(self.preview::<Job>(caller, &command, asked).await?.1)
    }

    async fn preview<A: Runnable>(
        &self,
        caller: &Caller,
        command: &A::Command,
        asked: Command,
    ) -> Result<(Arc<A::State>, Vec<A::Event>), RunError> {
        if !allows(caller, &asked) {
            return Err(RunError::Denied);
        }
        let stream = asked.stream(caller.tenant);
        let context = self.context(caller, &Request::from(asked))?;
        let mut ask = Ask { stream, context, expected_revision: None };
        let folded = self.load::<A>(ask.key()).await?;
        let needs = A::needs(&folded.state, command);
        ask.context.facts = self.facts(ask.key(), &needs).await?;
        let events = A::decide(&folded.state, command, &ask.context)?;
        Ok((folded.state, events))
    }
}
