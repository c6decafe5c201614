//! The read models themselves: how far they are behind the events, and building them anew while they serve.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use infra::runner::{Progress, Rebuilt, Runner, RunnerError};

use super::as_of::of_now;
use super::errors::{self, UserError};
use super::scalars::Position;
use super::{deps, permitted};

/// The rebuilds of a running Kilter: one at a time, in the background, the last one remembered.
pub struct Rebuilds {
    runner: Arc<Runner>,
    last: Arc<Mutex<Option<Run>>>,
}

/// One rebuild.
struct Run {
    position: domain::ports::Position,
    head: domain::ports::Position,
    outcome: Option<Result<Vec<Rebuilt>, String>>,
}

impl Rebuilds {
    /// Of this runner's projections.
    pub fn new(runner: Arc<Runner>) -> Self {
        Self { runner, last: Arc::default() }
    }

    /// Starts one; what is refused says why.
    fn start(&self, names: Vec<String>) -> Result<(), UserError> {
        let known = self.runner.status();
        if let Some(unknown) = names.iter().find(|name| known.iter().all(|status| status.projection != **name)) {
            let error = RunnerError::UnknownProjection(unknown.clone());
            return Err(UserError::new(errors::NOT_FOUND, Some("projections"), error.to_string()));
        }
        let mut last = lock(&self.last);
        if last.as_ref().is_some_and(|run| run.outcome.is_none()) {
            return Err(UserError::new(errors::CONFLICT, None, RunnerError::Busy.to_string()));
        }
        let (position, head) = (domain::ports::Position::default(), self.runner.live().position());
        *last = Some(Run { position, head, outcome: None });
        drop(last);
        let (runner, last) = (Arc::clone(&self.runner), Arc::clone(&self.last));
        tokio::spawn(async move {
            let seen = Arc::clone(&last);
            let note = move |progress: Progress| {
                if let Some(run) = lock(&seen).as_mut() {
                    (run.position, run.head) = (progress.position, progress.head);
                }
            };
            let outcome = runner.rebuild(&names, note).await.map_err(|error| error.to_string());
            if let Some(run) = lock(&last).as_mut() {
                run.outcome = Some(outcome);
            }
        });
        Ok(())
    }

    fn last(&self) -> Option<Rebuild> {
        lock(&self.last).as_ref().map(Rebuild::of)
    }
}

fn lock(last: &Mutex<Option<Run>>) -> MutexGuard<'_, Option<Run>> {
    last.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A read model that was built anew.
#[derive(SimpleObject)]
pub struct RebuiltProjection {
    /// Its name.
    name: String,
    /// Whether the rows that it had were what the events say.
    equal: bool,
}

/// A rebuild of read models, under way or over.
#[derive(SimpleObject)]
pub struct Rebuild {
    /// How far the new rows are.
    position: Position,
    /// How far the events are.
    head: Position,
    /// Whether it is over.
    done: bool,
    /// Why it was given up, where it was; the old rows stay then.
    failure: Option<String>,
    /// What was built anew, when it is over.
    projections: Vec<RebuiltProjection>,
}

impl Rebuild {
    fn of(run: &Run) -> Self {
        let rebuilt = run.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
        let projections = rebuilt
            .into_iter()
            .flatten()
            .map(|rebuilt| RebuiltProjection { name: rebuilt.projection.to_owned(), equal: rebuilt.is_equal() });
        Self {
            position: run.position.into(),
            head: run.head.into(),
            done: run.outcome.is_some(),
            failure: run.outcome.as_ref().and_then(|outcome| outcome.as_ref().err().cloned()),
            projections: projections.collect(),
        }
    }
}

/// How one read model is doing.
#[derive(SimpleObject)]
pub struct ReadModel {
    /// Its name.
    name: String,
    /// Which version of its rows it has.
    version: u32,
    /// How far it is.
    position: Position,
    /// How far the events are.
    head: Position,
    /// For how many seconds it has been behind.
    lag_seconds: f64,
}

/// Questions about the read models.
#[derive(Default)]
pub struct ReadModelsQuery;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Object]
impl ReadModelsQuery {
    /// How the read models of all companies are doing; only for those who run the installation.
    async fn read_models(&self, ctx: &Context<'_>) -> Result<Vec<ReadModel>, Error> {
        permitted(ctx, Action::Operate)?;
        let status = of_now(ctx)?.rebuilds.runner.status();
        Ok(status
            .into_iter()
            .map(|status| ReadModel {
                name: status.projection.to_owned(),
                version: status.version,
                position: status.position.into(),
                head: status.head.into(),
                lag_seconds: status.behind.as_secs_f64(),
            })
            .collect())
    }

    /// The last rebuild of read models; null when there was none since the start. Only for those who run the installation.
    async fn rebuild(&self, ctx: &Context<'_>) -> Result<Option<Rebuild>, Error> {
        permitted(ctx, Action::Operate)?;
        Ok(of_now(ctx)?.rebuilds.last())
    }
}

/// What is to be built anew.
#[derive(InputObject)]
pub struct RebuildProjectionsInput {
    /// Which read models; all when empty.
    #[graphql(default)]
    projections: Vec<String>,
}

/// What became of asking for a rebuild.
#[derive(SimpleObject)]
pub struct RebuildPayload {
    /// The rebuild under way: ask `rebuild` for how it comes on.
    rebuild: Option<Rebuild>,
    /// Why none was started; empty when one was.
    user_errors: Vec<UserError>,
}

/// Changes of the read models.
#[derive(Default)]
pub struct ReadModelsMutation;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Object]
impl ReadModelsMutation {
    /// Starts building the read models of all companies anew beside the ones that serve; they are compared and switched when
    /// they are complete. Only for those who run the installation.
    async fn rebuild_projections(
        &self,
        ctx: &Context<'_>,
        input: RebuildProjectionsInput,
    ) -> Result<Option<RebuildPayload>, Error> {
        if let Err(_denied) = permitted(ctx, Action::Operate) {
            let user_errors = vec![UserError::new(errors::NOT_FOUND, None, "not found")];
            return Ok(Some(RebuildPayload { rebuild: None, user_errors }));
        }
        let rebuilds = &deps(ctx)?.rebuilds;
        let user_errors = rebuilds.start(input.projections).err().into_iter().collect();
        Ok(Some(RebuildPayload { rebuild: rebuilds.last(), user_errors }))
    }
}
