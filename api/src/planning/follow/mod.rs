//! The plan follows the floor: what happens there, and to machines, tools, people and calendars, moves what is planned after it.
//!
//! It begins with the shop as it is, and then hears the log from there. That loses nothing: what is done about an event is worked
//! out from the shop and not from the event, so whatever happened before is in what it begins with. Where several nodes are,
//! the one follows that leads the job board; whoever takes that over begins in the same way.

mod due;
mod shift;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::kernel::{CommandId, StreamId, StreamType, TenantId};
use domain::ports::{Position, Recorded, Scope};
use domain::run::{Command, Request, RunError};
use domain::scheduling::site_plan::PlanCommand;
use futures_util::FutureExt as _;
use infra::runner::past::last_at;
use infra::vault::Registry;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::due::{Due, Look, MOST_CAUSES};
use super::office::{PLAN_CHANGED, Refusal};
use super::sight::{Seen, Sight, Unseen};
use crate::ear::Ear;
use crate::graphql::GraphqlDeps;
use crate::kilter::Kilter;

/// Streams whose events may move what is planned. The plan itself is not among them.
const KINDS: [StreamType; 7] = [
    StreamType::Company,
    StreamType::WorkCenter,
    StreamType::Machine,
    StreamType::Operator,
    StreamType::Job,
    StreamType::Calendar,
    StreamType::Tool,
];
/// How long it waits for more after the first event.
const GATHER: Duration = Duration::from_millis(300);
/// How often it looks whether time alone has made planned work late.
const TICK: Duration = Duration::from_mins(1);
/// A shop of which nothing was heard for so long is left as it is.
const ASLEEP: Duration = Duration::from_hours(12);
/// How long it looks away after the log could not be read, or nothing woke it.
const LOOK: Duration = Duration::from_secs(1);
/// Plans that are looked at at once: each is a whole shop in memory.
const AT_ONCE: usize = 2;
/// After how long it looks once more at what could not be followed.
const AGAIN: Duration = Duration::from_secs(5);
/// How often it starts over from a newer plan before it waits for the next reason.
const ATTEMPTS: usize = 5;

/// Makes plans follow.
pub struct Follower {
    sight: Sight,
    ear: Ear,
    /// Tenants, and what it is called with them.
    registry: Arc<dyn Registry>,
    /// Whether this node follows.
    leads: Leads,
    /// In whose name it acts.
    kilter: Kilter,
}

/// Whether this node acts by itself now.
pub type Leads = Box<dyn Fn() -> bool + Send + Sync>;

impl Follower {
    /// Looking through these eyes, as long as this node leads.
    pub fn new(deps: &GraphqlDeps, leads: Leads) -> Self {
        let registry = Arc::clone(&deps.registry);
        let kilter = Kilter::known_to(Arc::clone(&registry));
        Self { sight: Sight::of(deps), ear: Ear::new(deps, &KINDS), registry, leads, kilter }
    }

    /// Follows until it is told to stop. What is under way then is done whole or not at all.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        // Nothing comes back from where it never ends.
        let _ = stop.run_until_cancelled(Box::pin(self.follow())).await;
    }

    async fn follow(self: Arc<Self>) {
        let mut after = self.begin().await;
        let (mut due, mut work, mut led, mut ticked) = (Due::default(), JoinSet::new(), false, Instant::now());
        let mut heard: HashMap<TenantId, Instant> = HashMap::new();
        loop {
            let leads = (self.leads)();
            led = leads && (led || self.all(after, &mut due, &mut heard).await);
            let mut more = false;
            match self.ear.read(after).await {
                Some((read, events)) => {
                    more = read > after;
                    after = read;
                    for event in events.iter().filter(|it| led && moves(it)) {
                        let Recorded { envelope, .. } = event;
                        heard.insert(envelope.tenant, Instant::now());
                        due.note(envelope.tenant, envelope.stream, Instant::now() + GATHER);
                    }
                }
                None => tokio::time::sleep(LOOK).await,
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                heard.retain(|_, at| at.elapsed() < ASLEEP);
                heard.keys().filter(|_| led).for_each(|tenant| due.tick(*tenant, ticked));
            }
            while let Some(ended) = work.try_join_next() {
                note(&mut due, ended);
            }
            while work.len() < AT_ONCE
                && let Some((tenant, look)) = due.next(Instant::now())
            {
                work.spawn(Arc::clone(&self).of(tenant, look, after));
            }
            if more {
                continue;
            }
            let is_full = work.len() >= AT_ONCE;
            let next = due.first().filter(|_| !is_full);
            let nap = next.map_or(LOOK, |at| at.saturating_duration_since(Instant::now()).min(LOOK));
            tokio::select! {
                () = self.ear.woken() => {}
                Some(ended) = work.join_next() => note(&mut due, ended),
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Where the log ends now.
    async fn begin(&self) -> Position {
        loop {
            match self.sight.store.head().await {
                Ok(head) => return head,
                Err(error) => tracing::debug!(%error, "follow.log_not_read"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Everybody's plan is looked at: nobody knows what happened before. Of whom something was heard lately is looked after from then on.
    /// False where nobody can be told of now.
    async fn all(&self, head: Position, due: &mut Due, heard: &mut HashMap<TenantId, Instant>) -> bool {
        let tenants = match self.registry.tenants().await {
            Ok(tenants) => tenants,
            Err(error) => {
                tracing::warn!(%error, "follow.tenants_not_read");
                return false;
            }
        };
        for tenant in tenants {
            due.missed(tenant.id, [], Instant::now());
            if let Some(at) = self.heard_of(tenant.id, head).await {
                heard.insert(tenant.id, at);
            }
        }
        true
    }

    /// When something was recorded of a tenant last; `None` where that is too long ago to be told, or nothing ever was.
    async fn heard_of(&self, tenant: TenantId, head: Position) -> Option<Instant> {
        let last = last_at(&*self.sight.store, tenant, head).await.ok()??;
        let ago = self.sight.clock.now().seconds_since(last.event.recorded_at);
        Instant::now().checked_sub(Duration::from_secs(u64::try_from(ago).unwrap_or(0)))
    }

    /// Looks at one plan, of which causes up to `after` are known. A fault in one costs the others nothing.
    async fn of(self: Arc<Self>, tenant: TenantId, look: Look, after: Position) -> Looked {
        let causes = look.causes.clone();
        let again = match AssertUnwindSafe(self.shift(tenant, look, after)).catch_unwind().await {
            Ok(Ok(Shifted::Whole)) => return Looked { tenant, missed: None },
            Ok(Ok(Shifted::Outrun)) => AGAIN,
            Ok(Err(error)) => {
                tracing::warn!(%tenant, %error, "follow.plan_not_moved");
                if passes(&error) { AGAIN } else { TICK }
            }
            Err(_) => {
                tracing::error!(%tenant, "follow.broke_off");
                TICK
            }
        };
        Looked { tenant, missed: Some((causes, again)) }
    }

    /// These causes, and what else has happened since: the read models may have been ahead of the position that was waited for.
    async fn all_causes(&self, tenant: TenantId, mut causes: Vec<StreamId>, after: Position) -> Vec<StreamId> {
        if let Some((_, events)) = self.ear.read_of(Scope::Tenant(tenant), after).await {
            causes.extend(events.iter().filter(|it| moves(it)).map(|event| event.envelope.stream));
            causes.sort_unstable();
            causes.dedup();
            causes.truncate(MOST_CAUSES);
        }
        causes
    }

    /// Moves what follows from the shop as it is; starts over from the newer plan where somebody else was faster.
    async fn shift(&self, tenant: TenantId, Look { why, causes }: Look, after: Position) -> Result<Shifted, Refusal> {
        for _ in 0..ATTEMPTS {
            let seen = self.sight.shop(tenant).await?;
            if seen.shop.plan.placements.is_empty() {
                return Ok(Shifted::Whole);
            }
            let (position, based_on) = (seen.position, seen.shop.plan.version);
            let changes =
                tokio::task::spawn_blocking(move || shift::changes(&seen, why)).await.map_err(Unseen::from)??;
            if changes.is_empty() {
                return Ok(Shifted::Whole);
            }
            let cause = self.all_causes(tenant, causes.clone(), after).await;
            let command = Command::Plan(Box::new(PlanCommand::Follow { changes, cause, based_on }));
            let command_id = Some(name(tenant, position, based_on));
            let caller = self.kilter.caller(tenant).await;
            match self.sight.commands.run(&caller, Request { command_id, ..Request::from(command) }).await {
                Err(RunError::Rejected(refusal)) if refusal.code() == PLAN_CHANGED => {}
                // Another node has seen the same, and was faster.
                Ok(_) | Err(RunError::CommandIdReused(_)) => return Ok(Shifted::Whole),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Shifted::Outrun)
    }
}

/// What came of looking at a plan.
struct Looked {
    tenant: TenantId,
    /// What caused it, where it has to be looked at once more, and after how long.
    missed: Option<(Vec<StreamId>, Duration)>,
}

fn note(due: &mut Due, ended: Result<Looked, JoinError>) {
    let Ok(Looked { tenant, missed }) = ended else { return };
    due.done(tenant);
    if let Some((causes, after)) = missed {
        due.missed(tenant, causes, Instant::now() + after);
    }
}

/// Whether it may be otherwise in a moment.
const fn passes(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Unseen(unseen) => matches!(unseen, Unseen::Log(_) | Unseen::Late(_) | Unseen::Rows(_)),
        Refusal::Run(error) => error.passes(),
        _ => false,
    }
}

/// How far a plan was shifted.
enum Shifted {
    /// It is where it should be.
    Whole,
    /// Somebody else was always faster.
    Outrun,
}

/// The same for whoever sees the same.
fn name(tenant: TenantId, position: Position, version: u64) -> CommandId {
    CommandId(Uuid::new_v5(&tenant.0, format!("follow:{position}:{version}").as_bytes()))
}

/// Whether an event can move anything that is planned.
fn moves(event: &Recorded) -> bool {
    !matches!(event.event, Event::Job(JobEvent::Created { .. }))
}
