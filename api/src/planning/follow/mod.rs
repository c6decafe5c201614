//! The plan follows the floor: what happens there, and to machines, tools, people and calendars, moves what is planned after it.
//!
//! It begins with the shop as it is, and then hears the log from there. That loses nothing: what is done about an event is worked
//! out from the shop and not from the event, so whatever happened before is in what it begins with. Where several nodes are,
//! the one follows that leads the job board; whoever takes that over begins in the same way.

mod due;
mod shift;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::kernel::{ActorId, Caller, CommandId, Role, StreamId, StreamType, TenantId};
use domain::ports::{Codec, Filter, Position, Recorded, Scope};
use domain::run::{Command, Request, RunError};
use domain::scheduling::site_plan::PlanCommand;
use infra::vault::Registry;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::due::Due;
use super::office::Refusal;
use super::sight::{Seen, Sight, Unseen};

/// What it is called in the activity log.
const NAME: &str = "Kilter";
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
/// Events that are read at once.
const PAGE: usize = 500;
/// How long it waits for more after the first event.
const GATHER: Duration = Duration::from_millis(300);
/// How often it looks whether time alone has made planned work late.
const TICK: Duration = Duration::from_mins(1);
/// A shop of which nothing was heard for so long is left as it is.
const ASLEEP: Duration = Duration::from_hours(12);
/// How long it looks away after the log could not be read, or nothing woke it.
const LOOK: Duration = Duration::from_secs(1);
/// How often it starts over from a newer plan before it waits for the next reason.
const ATTEMPTS: usize = 5;

/// Why a plan is to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Something has happened.
    Events,
    /// Time has passed.
    Time,
}

/// Makes plans follow.
pub struct Follower {
    /// Where it looks.
    pub sight: Sight,
    /// Reads the log.
    pub codec: Arc<dyn Codec>,
    /// Tenants, and what it is called with them.
    pub registry: Arc<dyn Registry>,
    /// Whether this node follows.
    pub leads: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Follower {
    /// Follows until it is told to stop. What is under way then is done whole or not at all.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        // Nothing comes back from where it never ends.
        let _ = stop.run_until_cancelled(Box::pin(self.follow())).await;
    }

    async fn follow(self: Arc<Self>) {
        let wake = Arc::new(Notify::new());
        let notified = Arc::clone(&wake);
        self.sight.store.on_append(Arc::new(move |_| notified.notify_one()));
        let mut after = self.begin().await;
        let (mut due, mut work, mut led, mut ticked) = (Due::default(), JoinSet::new(), false, Instant::now());
        let mut heard: HashMap<TenantId, Instant> = HashMap::new();
        loop {
            let leads = (self.leads)();
            if leads && !led {
                self.all(&mut due).await;
            }
            led = leads;
            let mut more = false;
            match self.read(after).await {
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
            while let Some((tenant, causes)) = due.next(Instant::now()) {
                let follower = Arc::clone(&self);
                work.spawn(async move {
                    follower.of(tenant, causes).await;
                    tenant
                });
            }
            if more {
                continue;
            }
            let nap = due.first().map_or(LOOK, |at| at.saturating_duration_since(Instant::now()).min(LOOK));
            tokio::select! {
                () = wake.notified() => {}
                Some(done) = work.join_next() => if let Ok(tenant) = done { due.done(tenant) },
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

    /// Everybody's plan is looked at: nobody knows what happened before.
    async fn all(&self, due: &mut Due) {
        match self.registry.tenants().await {
            Ok(tenants) => tenants.iter().for_each(|tenant| due.tick(tenant.id, Instant::now())),
            Err(error) => tracing::warn!(%error, "follow.tenants_not_read"),
        }
    }

    async fn read(&self, after: Position) -> Option<(Position, Vec<Recorded>)> {
        let filter = Filter { kinds: KINDS.to_vec() };
        match self.sight.store.read_all(Scope::System, after, PAGE, filter).await {
            // What this build can't read moves nothing that it knows of.
            Ok(page) => {
                let events = page.events.iter().filter_map(|stored| self.codec.decode(stored).ok()).collect();
                Some((page.scanned_to.max(after), events))
            }
            Err(error) => {
                tracing::debug!(%error, "follow.log_not_read");
                None
            }
        }
    }

    async fn of(&self, tenant: TenantId, causes: Vec<StreamId>) {
        if let Err(error) = self.shift(tenant, causes).await {
            // What could not be followed now is followed with the next event, or the next minute.
            tracing::warn!(%tenant, %error, "follow.plan_not_moved");
        }
    }

    /// Moves what follows from the shop as it is; starts over from the newer plan where somebody else was faster.
    async fn shift(&self, tenant: TenantId, causes: Vec<StreamId>) -> Result<(), Refusal> {
        let why = if causes.is_empty() { Why::Time } else { Why::Events };
        for _ in 0..ATTEMPTS {
            let seen = self.sight.shop(tenant).await?;
            if seen.shop.plan.placements.is_empty() {
                return Ok(());
            }
            let (position, based_on) = (seen.position, seen.shop.plan.version);
            let changes =
                tokio::task::spawn_blocking(move || shift::changes(&seen, why)).await.map_err(Unseen::from)??;
            if changes.is_empty() {
                return Ok(());
            }
            let command = Command::Plan(Box::new(PlanCommand::Follow { changes, cause: causes.clone(), based_on }));
            let command_id = Some(name(tenant, position, based_on));
            let caller = self.caller(tenant).await;
            match self.sight.commands.run(&caller, Request { command_id, ..Request::from(command) }).await {
                Err(RunError::Rejected(refusal)) if refusal.code() == "PLAN_CHANGED" => {}
                // Another node has seen the same, and was faster.
                Ok(_) | Err(RunError::CommandIdReused(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// A machine account of its own in each company.
    async fn caller(&self, tenant: TenantId) -> Caller {
        let actor = ActorId::from_key(tenant, NAME);
        if let Err(error) = self.registry.label_actor(tenant, actor, NAME).await {
            tracing::warn!(%tenant, %error, "follow.name_not_noted");
        }
        Caller::new(tenant, actor, Role::Manager)
    }
}

/// The same for whoever sees the same.
fn name(tenant: TenantId, position: Position, version: u64) -> CommandId {
    CommandId(Uuid::new_v5(&tenant.0, format!("follow:{position}:{version}").as_bytes()))
}

/// Whether an event can move anything that is planned.
fn moves(event: &Recorded) -> bool {
    !matches!(event.event, Event::Job(JobEvent::Created { .. }))
}
