//! `@asOf`: the same questions, answered as they would have been at an earlier moment (`docs/adr/0016-a-moment-is-one-request.md`).
//!
//! A document that asks for a moment is executed over other adapters: read models folded up to it, a log that ends there, and a clock
//! that says what it was. Resolvers do not know. What only the present is known of says so ([`of_now`]).

mod asked;
mod directive;
mod failed;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_graphql::{Context, Error, Request, Response, ServerError, value};
use domain::kernel::{Caller, CommandId, TenantId, Timestamp};
use domain::ports::{Answer, Answers, Clock, Future, VaultError};
use domain::run::Commands;
use infra::live::Live;
use infra::runner::past::{Moment, PastError, PastLimits, Pasts};

use super::board::sight::Sights;
use super::scalars::Position;
use super::{GraphqlDeps, deps, errors};

pub use self::asked::asks_past;
pub use self::directive::AsOfDirective;

/// How long the index of what happened may take to come to a moment that was just now.
const PATIENCE: Duration = Duration::from_secs(5);
/// Moments of which states of streams are kept; each keeps what was asked of it.
const MOMENTS: usize = 16;

/// Answers as of a moment.
pub struct AsOf {
    deps: GraphqlDeps,
    pasts: Arc<Pasts>,
    states: Mutex<VecDeque<(Moment, Arc<Commands>)>>,
}

/// A moment with where it is told why it can't be asked.
struct Asked {
    moment: Moment,
    failure: Arc<OnceLock<PastError>>,
}

impl AsOf {
    /// Over the adapters of the present.
    pub fn over(deps: &GraphqlDeps, limits: PastLimits) -> Self {
        let (store, codec, views) = (Arc::clone(&deps.store), Arc::clone(&deps.codec), Arc::clone(&deps.views));
        let pasts = Arc::new(Pasts::new(store, codec, views, limits));
        Self { deps: deps.clone(), pasts, states: Mutex::default() }
    }

    /// What is kept of the past.
    pub fn pasts(&self) -> &Pasts {
        &self.pasts
    }

    /// Executes a query, of whatever moment it asks for, by `execute`.
    pub async fn execute<F>(&self, mut request: Request, execute: impl FnOnce(Request) -> F + Send) -> Response
    where
        F: std::future::Future<Output = Response> + Send,
    {
        let (request, asked) = match self.prepare(&mut request).await {
            Ok(None) => return execute(request).await,
            Ok(Some(asked)) => {
                let deps = self.deps_at(&asked);
                // Shops that are kept are those of now.
                (request.data(deps).data(asked.moment).data(Sights::default()), asked)
            }
            Err(error) => return Response::from_errors(vec![error]),
        };
        let mut response = execute(request).await;
        let Asked { moment, failure } = asked;
        if let Some(error) = failure.get() {
            return Response::from_errors(vec![failed::told(&self.deps, error)]);
        }
        let instant = moment.instant.map(|instant| instant.to_string());
        let told = value!({ "position": moment.position.0.to_string(), "instant": instant });
        response.extensions.insert("asOf".to_owned(), told);
        response
    }

    async fn prepare(&self, request: &mut Request) -> Result<Option<Asked>, ServerError> {
        // What does not parse is told by the engine.
        if !request.parsed_query().is_ok_and(|document| document.operations.iter().any(|(_, it)| asks_past(&it.node))) {
            return Ok(None);
        }
        let (name, variables) = (request.operation_name.clone(), request.variables.clone());
        let document = request.parsed_query()?;
        let Some(when) = asked::when(document, name.as_deref(), &variables)? else { return Ok(None) };
        let caller = request.data.get(&std::any::TypeId::of::<Caller>());
        let Some(caller) = caller.and_then(|caller| caller.downcast_ref::<Caller>()) else { return Ok(None) };
        let found = self.pasts.find(caller.tenant, when, self.deps.clock.now()).await;
        let moment = found.map_err(|error| failed::told(&self.deps, &error))?;
        let late = self.deps.live.wait_for(moment.position, PATIENCE).await;
        late.map_err(|late| failed::server_error(errors::unavailable(&late.to_string())))?;
        Ok(Some(Asked { moment, failure: Arc::default() }))
    }

    /// What resolvers reach for at that moment.
    fn deps_at(&self, Asked { moment, failure }: &Asked) -> GraphqlDeps {
        GraphqlDeps {
            commands: self.commands_at(moment),
            store: self.pasts.log(moment),
            views: self.pasts.views(*moment, Arc::clone(failure)),
            live: Arc::new(Live::new(moment.position)),
            clock: Arc::new(clock(moment)),
            people: None,
            planning: None,
            ..self.deps.clone()
        }
    }

    /// States of streams as they were: those of the moments that were asked last are kept.
    fn commands_at(&self, moment: &Moment) -> Arc<Commands> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let place = states.iter().position(|(known, _)| known == moment);
        let known = place.and_then(|place| states.remove(place)).map(|(_, commands)| commands);
        let commands = known.unwrap_or_else(|| {
            let (codec, ids) = (Arc::clone(&self.deps.codec), Arc::clone(&self.deps.ids));
            let (log, clock) = (self.pasts.log(moment), Arc::new(clock(moment)));
            Arc::new(Commands::new(log, codec, clock, ids, Arc::new(NoAnswers)))
        });
        states.push_back((*moment, Arc::clone(&commands)));
        if states.len() > MOMENTS {
            states.pop_front();
        }
        commands
    }
}

/// The moment that the request asks for, where it is not now.
pub fn moment(ctx: &Context<'_>) -> Option<Moment> {
    ctx.data_opt::<Moment>().copied()
}

/// What the schema was built over, where only the present is known.
pub fn of_now<'a>(ctx: &Context<'a>) -> Result<&'a GraphqlDeps, Error> {
    if moment(ctx).is_some() {
        return Err(errors::failure(errors::AS_OF_NOT_KEPT, "only how this is now is known: ask for it without @asOf"));
    }
    deps(ctx)
}

/// Whether everything up to `position` is in the answer for the moment that is asked for.
pub fn covers(ctx: &Context<'_>, Position(position): Position) -> Result<(), Error> {
    let beyond = moment(ctx).is_some_and(|moment| position > moment.position);
    if beyond {
        return Err(errors::failure(errors::BAD_RANGE, "minPosition lies after the moment that @asOf asks for"));
    }
    Ok(())
}

/// Before the first event there is nothing that the time would matter to.
fn clock(moment: &Moment) -> Stopped {
    Stopped(moment.instant.unwrap_or_default())
}

/// A clock that says what it was.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Nothing is done in the past that an answer would be kept of.
struct NoAnswers;

impl Answers for NoAnswers {
    fn recall(&self, _: TenantId, _: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>> {
        Box::pin(async { Ok(None) })
    }

    fn remember(
        &self,
        _: TenantId,
        _: CommandId,
        answer: Answer,
        _: Timestamp,
    ) -> Future<'_, Result<Answer, VaultError>> {
        Box::pin(async { Ok(answer) })
    }
}
