//! A run of the optimiser as it is answered.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, Error, ID, SimpleObject};
use domain::scheduling::solver::model::JobIndex;
use domain::scheduling::solver::objective::job_end;

use super::objective::{PlanObjective, PlanPreset};
use super::operations::{OperationReference, PlannedBar, UnplannedOperation};
use crate::graphql::references::{Reference, Wanted};
use crate::graphql::row::Rows;
use crate::graphql::scalars::DateTime;
use crate::graphql::{deps, errors};
use crate::planning::{Best, Direction, Ending, Progress, Run, Stage};

/// The most bars, late jobs or operations without a place that one answer has.
const MOST: usize = 5_000;

/// From where work is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum PlanningDirection {
    /// As soon as can be.
    #[default]
    Forward,
    /// As late as the due dates allow. Plans on the way are laid out forward; the last one is not.
    Backward,
}

impl From<PlanningDirection> for Direction {
    fn from(direction: PlanningDirection) -> Self {
        match direction {
            PlanningDirection::Forward => Self::Forward,
            PlanningDirection::Backward => Self::Backward,
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlanningRunState {
    /// Others are before it.
    Waiting,
    /// It gets better.
    Running,
    /// Its time is used up, or no plan can be better.
    Finished,
    /// It was ended before; its best plan can still be taken over.
    Cancelled,
    /// Kilter is broken; `fault` finds the cause in the logs.
    Failed,
}

/// Why a run was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlanningCancelCause {
    /// Somebody asked for it.
    Asked,
    /// Nobody listened any more.
    NobodyListened,
    /// The server was stopped.
    ServerStopped,
}

/// A run of the optimiser.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PlanningRun {
    /// Identity.
    id: ID,
    /// How far it is.
    state: PlanningRunState,
    /// With `CANCELLED`: why.
    cancelled_because: Option<PlanningCancelCause>,
    /// With `FAILED`: names what happened.
    fault: Option<ID>,
    /// What counts, where it was asked by name.
    preset: Option<PlanPreset>,
    /// Where chance started.
    seed: i64,
    /// How long it may take, seconds.
    seconds: u64,
    /// Milliseconds that it has been at work.
    elapsed_ms: u64,
    /// Iterations until the best plan was found, or until the end.
    iterations: u64,
    /// No plan can be better.
    proved: bool,
    /// How many operations the best plan has a place for; those that are at work count.
    planned: usize,
    /// What the best plan is worth; null before the first one.
    objective: Option<PlanObjective>,
    #[graphql(skip)]
    run: Arc<Run>,
    #[graphql(skip)]
    best: Option<Arc<Best>>,
}

/// A job that is late in a plan.
#[derive(Debug, Clone, SimpleObject)]
pub struct LateJob {
    /// Which.
    job: Reference,
    /// When it is due.
    due: DateTime,
    /// When its last operation ends.
    ends_at: DateTime,
    /// By how many seconds it is late.
    late_seconds: i64,
}

impl PlanningRun {
    /// A run as far as it is.
    pub fn of(run: &Arc<Run>, progress: &Progress) -> Self {
        let (state, cancelled_because, fault, proved) = told(progress.stage);
        let best = progress.best.clone();
        let wanted = &run.asked.wanted;
        let millis = |it: std::time::Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        Self {
            id: run.id.0.into(),
            state,
            cancelled_because,
            fault,
            preset: wanted.preset.map(Into::into),
            seed: i64::try_from(wanted.seed).unwrap_or(i64::MAX),
            seconds: wanted.time.as_secs(),
            elapsed_ms: millis(progress.elapsed()),
            iterations: best.as_ref().map_or(0, |best| best.iterations),
            proved,
            planned: best.as_ref().map_or(0, |best| best.plan.assignments.iter().flatten().count()),
            objective: best.as_ref().map(|best| PlanObjective::of(run, best)),
            run: Arc::clone(run),
            best,
        }
    }
}

fn told(stage: Stage) -> (PlanningRunState, Option<PlanningCancelCause>, Option<ID>, bool) {
    let cancelled = |cause| (PlanningRunState::Cancelled, Some(cause), None, false);
    match stage {
        Stage::Waiting => (PlanningRunState::Waiting, None, None, false),
        Stage::Running => (PlanningRunState::Running, None, None, false),
        Stage::Over(Ending::Finished { proved }) => (PlanningRunState::Finished, None, None, proved),
        Stage::Over(Ending::Cancelled) => cancelled(PlanningCancelCause::Asked),
        Stage::Over(Ending::Unheard) => cancelled(PlanningCancelCause::NobodyListened),
        Stage::Over(Ending::ShutDown) => cancelled(PlanningCancelCause::ServerStopped),
        Stage::Over(Ending::Failed { fault }) => (PlanningRunState::Failed, None, Some(fault.into()), false),
    }
}

#[ComplexObject]
impl PlanningRun {
    /// Where the best plan puts operations that are at work, or set up, between two instants; by start, at most 5000.
    async fn bars(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ends after this instant.")] from: Option<DateTime>,
        #[graphql(desc = "Starts before this instant.")] to: Option<DateTime>,
    ) -> Result<Rows<PlannedBar>, Error> {
        let Some(best) = &self.best else { return Ok(Rows::from_iter([])) };
        let mut placements = self.run.asked.planning.index.placements(&best.plan);
        placements.retain(|it| from.is_none_or(|from| it.end > from.0) && to.is_none_or(|to| it.start < to.0));
        if placements.len() > MOST {
            let told = format!("{} bars are between them, more than {MOST}: ask for less time", placements.len());
            return Err(errors::failure(errors::BAD_RANGE, told));
        }
        placements.sort_unstable_by_key(|it| (it.start, it.of()));
        Ok(PlannedBar::all(deps(ctx)?, self.run.tenant, &placements).await?.into_iter().collect())
    }

    /// Operations that the best plan has no place for, and why; at most 5000.
    async fn unplanned(&self, ctx: &Context<'_>) -> Result<Rows<UnplannedOperation>, Error> {
        let Some(best) = &self.best else { return Ok(Rows::from_iter([])) };
        let mut left_out = self.run.asked.planning.left_out(&best.plan);
        left_out.truncate(MOST);
        let operations: Vec<_> = left_out.iter().map(|(operation, _)| *operation).collect();
        let operations = OperationReference::all(deps(ctx)?, self.run.tenant, &operations).await?;
        let reasons = left_out.into_iter().map(|(_, reason)| reason.into());
        Ok(operations.into_iter().zip(reasons).map(|(it, reason)| UnplannedOperation::new(it, reason)).collect())
    }

    /// Jobs that are late in the best plan, the latest first; at most 5000.
    async fn late_jobs(&self, ctx: &Context<'_>) -> Result<Rows<LateJob>, Error> {
        let Some(best) = &self.best else { return Ok(Rows::from_iter([])) };
        let planning = &self.run.asked.planning;
        let late = |(index, job): (u32, &domain::scheduling::solver::model::Job)| {
            let end = job_end(&planning.problem, &best.plan, JobIndex(index))?;
            let due = job.due.filter(|due| end > *due)?;
            Some((end - due, planning.index.job(JobIndex(index))?, due, end))
        };
        let mut late: Vec<_> = (0..).zip(&planning.problem.model().jobs).filter_map(late).collect();
        late.sort_unstable_by_key(|(by, job, ..)| (std::cmp::Reverse(*by), *job));
        late.truncate(MOST);
        let jobs = late.iter().map(|(_, job, ..)| *job).collect();
        let labels = Wanted { jobs, ..Wanted::default() }.look_up(deps(ctx)?, self.run.tenant).await?;
        let instant = |at| DateTime(planning.index.instant(at));
        let told = late.into_iter().map(|(by, job, due, end)| LateJob {
            job: labels.of(job.0),
            due: instant(due),
            ends_at: instant(end),
            late_seconds: by,
        });
        Ok(told.collect())
    }
}
