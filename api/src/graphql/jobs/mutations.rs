//! Changes of jobs.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::jobs::job::JobCommand;
use domain::kernel::JobId;
use domain::kernel::roles::Action;
use domain::run::Command;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::PlanCommand;
use domain::tenancy::company::OverlapPolicy;
use projections::job_board::JobBoard;

use super::floor_inputs::{
    AnswerAndonInput, CallAndonInput, CorrectReportInput, EndAndonInput, FinishOperationInput, OperationOperatorInput,
    PauseOperationInput, ReportQuantityInput, ReportWorkInput, StartOperationInput,
};
use super::inputs::{
    AddOperationInput, BlockJobInput, CreateJobInput, JobInput, JobReasonInput, PromiseJobInput, RemoveOperationInput,
    ReviseJobInput, ScheduleJobInput,
};
use super::{Job, JobNeeds, dress};
use crate::auth::caller;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, Outcome, request, run, run_command};
use crate::graphql::planning::office;
use crate::graphql::planning::plan::broken;
use crate::graphql::planning::refusal::told;
use crate::graphql::references::rows;
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of a job.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct JobPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl JobPayload {
    /// The job after the change; null when nothing was done. Read only when asked for.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, Some(Position(position))).await?;
        let rows = rows::<JobBoard>(deps, caller.tenant, [id].into_iter()).await?;
        Ok(dress(deps, caller.tenant, rows, JobNeeds::of(&ctx.look_ahead())).await?.pop())
    }
}

type Payload = Result<Option<JobPayload>, Error>;

async fn change(ctx: &Context<'_>, input: impl CommandInput) -> Payload {
    run(ctx, input).await.map(|outcome| Some(JobPayload { outcome }))
}

/// Asks the plan about a job. Revision and position are those of the plan.
async fn plan(ctx: &Context<'_>, asked: Result<(JobId, PlanCommand, CommandFields), UserError>) -> Payload {
    let outcome = match asked {
        Ok((job, command, fields)) => {
            let outcome = run_command(ctx, Command::Plan(Box::new(command)), fields).await?;
            outcome.about(job.0)
        }
        Err(error) => Outcome::refused(error),
    };
    Ok(Some(JobPayload { outcome }))
}

/// Puts operations there by the policy of the plan.
async fn put_exactly(ctx: &Context<'_>, placements: Vec<Placement>, fields: CommandFields) -> Result<Outcome, Error> {
    let (caller, deps) = (caller(ctx)?, deps(ctx)?);
    let policy = deps.commands.plan(caller.tenant).await.map_err(broken(deps))?.policies.overlap;
    if policy == OverlapPolicy::Allow || !caller.may(Action::PlanWork) {
        let put = PlanCommand::Move { placements, reason: None, pin: None, pushed: None, seen: None };
        return run_command(ctx, Command::Plan(Box::new(put)), fields).await;
    }
    let (office, deps) = office(ctx)?;
    match office.put_exactly(&caller, placements, |command| request(ctx, command, &fields)).await {
        Ok(moved) => Ok(Outcome::done(&moved.done)),
        Err(refusal) => Ok(Outcome::refused(told(deps, refusal)?.error)),
    }
}

/// Changes of jobs.
#[derive(Default)]
pub struct JobsMutation;

#[Object]
impl JobsMutation {
    /// Takes on a job.
    async fn create_job(&self, ctx: &Context<'_>, input: CreateJobInput) -> Payload {
        change(ctx, input).await
    }

    /// Changes what a job is about. All details are replaced.
    async fn revise_job(&self, ctx: &Context<'_>, input: ReviseJobInput) -> Payload {
        change(ctx, input).await
    }

    /// Promises a date. Every promise is kept, the newest counts.
    async fn promise_job(&self, ctx: &Context<'_>, input: PromiseJobInput) -> Payload {
        change(ctx, input).await
    }

    /// Adds an operation.
    async fn add_operation(&self, ctx: &Context<'_>, input: AddOperationInput) -> Payload {
        change(ctx, input).await
    }

    /// Removes an operation that nobody has begun.
    async fn remove_operation(&self, ctx: &Context<'_>, input: RemoveOperationInput) -> Payload {
        change(ctx, input).await
    }

    /// Puts operations of a job in the plan by hand, exactly there; `moveOperations` knows calendars, and tells of conflicts. Where the
    /// policy of the plan does not let a conflict pass, or asks for a reason, it is refused.
    async fn schedule_job(&self, ctx: &Context<'_>, input: ScheduleJobInput) -> Payload {
        let (job, placements, fields) = match input.read(caller(ctx)?.tenant) {
            Ok(asked) => asked,
            Err(error) => return Ok(Some(JobPayload { outcome: Outcome::refused(error) })),
        };
        let outcome = put_exactly(ctx, placements, fields).await?;
        Ok(Some(JobPayload { outcome: outcome.about(job.0) }))
    }

    /// Takes a job out of the plan, but for what has begun.
    async fn unschedule_job(&self, ctx: &Context<'_>, input: JobInput) -> Payload {
        plan(ctx, input.unschedule(caller(ctx)?.tenant)).await
    }

    /// Puts an operator on an operation; skill, expiry and absence are checked.
    async fn assign_operator(&self, ctx: &Context<'_>, input: OperationOperatorInput) -> Payload {
        change(ctx, input.asking(JobCommand::AssignOperator)).await
    }

    /// Takes an operator off an operation.
    async fn unassign_operator(&self, ctx: &Context<'_>, input: OperationOperatorInput) -> Payload {
        change(ctx, input.asking(JobCommand::UnassignOperator)).await
    }

    /// An operator begins an operation, or goes on in another phase.
    async fn start_operation(&self, ctx: &Context<'_>, input: StartOperationInput) -> Payload {
        change(ctx, input).await
    }

    /// An operator, or everybody on the operation, stops for a while.
    async fn pause_operation(&self, ctx: &Context<'_>, input: PauseOperationInput) -> Payload {
        change(ctx, input).await
    }

    /// An operator takes a paused operation up again, in the phase and on the machine that they left.
    async fn resume_operation(&self, ctx: &Context<'_>, input: OperationOperatorInput) -> Payload {
        change(ctx, input.asking(JobCommand::ResumeOperation)).await
    }

    /// Calls for help on an operation: whoever is at work on it stops, and nobody works on it until the call ends. A call that nobody
    /// answers escalates, once, as `setAndonEscalation` says. `machineId` or `machineCode` says where; with `cause: MACHINE` also what.
    async fn call_andon(&self, ctx: &Context<'_>, input: CallAndonInput) -> Payload {
        change(ctx, input).await
    }

    /// Says that one takes care of a call on an operation. It does not escalate any more. A call that is over needs nobody, and nothing changes.
    async fn answer_andon(&self, ctx: &Context<'_>, input: AnswerAndonInput) -> Payload {
        change(ctx, input).await
    }

    /// Ends a call on an operation; work on it may go on. A call that is over changes nothing.
    async fn end_andon(&self, ctx: &Context<'_>, input: EndAndonInput) -> Payload {
        change(ctx, input).await
    }

    /// Reports what an operator at work has made since their last report.
    async fn report_quantity(&self, ctx: &Context<'_>, input: ReportQuantityInput) -> Payload {
        change(ctx, input).await
    }

    /// Ends an operation, with the last quantities where there are any. The last one completes the job.
    async fn finish_operation(&self, ctx: &Context<'_>, input: FinishOperationInput) -> Payload {
        change(ctx, input).await
    }

    /// Reports a whole interval of work after it ended.
    async fn report_work(&self, ctx: &Context<'_>, input: ReportWorkInput) -> Payload {
        change(ctx, input).await
    }

    /// Corrects a report; the old figures stay in the history.
    async fn correct_report(&self, ctx: &Context<'_>, input: CorrectReportInput) -> Payload {
        change(ctx, input).await
    }

    /// Stops a job on purpose.
    async fn pause_job(&self, ctx: &Context<'_>, input: JobReasonInput) -> Payload {
        change(ctx, input.asking(JobCommand::Pause)).await
    }

    /// Says that something stops a job.
    async fn block_job(&self, ctx: &Context<'_>, input: BlockJobInput) -> Payload {
        change(ctx, input).await
    }

    /// Goes on with a job after a pause or a block.
    async fn resume_job(&self, ctx: &Context<'_>, input: JobInput) -> Payload {
        change(ctx, input.asking(JobCommand::Resume)).await
    }

    /// Completes a job with nothing left to do.
    async fn complete_job(&self, ctx: &Context<'_>, input: JobInput) -> Payload {
        change(ctx, input.asking(JobCommand::Complete)).await
    }

    /// Gives a job up.
    async fn cancel_job(&self, ctx: &Context<'_>, input: JobReasonInput) -> Payload {
        change(ctx, input.asking(JobCommand::Cancel)).await
    }

    /// Takes a completed or cancelled job up again.
    async fn reopen_job(&self, ctx: &Context<'_>, input: JobReasonInput) -> Payload {
        change(ctx, input.asking(JobCommand::Reopen)).await
    }
}
