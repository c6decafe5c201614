//! Calls for help that nobody answers escalate, once, when the call says.
//!
//! It begins with the calls that wait as the read model has them, and then hears the log from there. Whether a call still waits is for
//! the job to decide: whoever comes too late, or twice, changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::catalog::Event;
use domain::jobs::job::{JobCommand, JobEvent};
use domain::jobs::operation::OperationNumber;
use domain::kernel::time::later;
use domain::kernel::{AndonCallId, CommandId, JobId, StreamType, TenantId, Timestamp};
use domain::ports::{Position, Recorded, VaultError};
use domain::run::{Command, Request, RunError};
use infra::vault::Registry;
use projections::andon_calls::{self, AndonCalls};
use projections::views::{ViewError, for_each};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::ear::Ear;
use crate::graphql::GraphqlDeps;
use crate::kilter::Kilter;
use crate::planning::{Leads, Sight, Unseen};

/// How long it looks away while nothing wakes it.
const LOOK: Duration = Duration::from_secs(1);
/// After how many seconds it tries again what could not be done; and where something is broken.
const AGAIN: i64 = 5;
const MUCH_LATER: i64 = 60;

/// Makes calls escalate.
pub struct Escalator {
    sight: Sight,
    ear: Ear,
    registry: Arc<dyn Registry>,
    leads: Leads,
    kilter: Kilter,
}

/// A call that nobody has answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waits {
    tenant: TenantId,
    job: JobId,
    operation: OperationNumber,
    /// When it escalates.
    due: Timestamp,
}

/// The calls that wait.
#[derive(Debug, Default, PartialEq, Eq)]
struct Waiting(BTreeMap<AndonCallId, Waits>);

impl Waiting {
    fn hear(&mut self, Recorded { envelope, event }: &Recorded) {
        let Event::Job(event) = event else { return };
        match event {
            JobEvent::AndonCalled { call, operation, escalates_at: Some(due), .. } => {
                let (tenant, job) = (envelope.tenant, JobId(envelope.stream.id));
                self.0.insert(*call, Waits { tenant, job, operation: *operation, due: *due });
            }
            JobEvent::AndonAnswered { call, .. }
            | JobEvent::AndonEscalated { call, .. }
            | JobEvent::AndonEnded { call, .. } => _ = self.0.remove(call),
            _ => {}
        }
    }

    fn due(&self, now: Timestamp) -> Vec<(AndonCallId, Waits)> {
        self.0.iter().filter(|(_, waits)| waits.due <= now).map(|(call, waits)| (*call, *waits)).collect()
    }
}

/// Why it is not known which calls wait.
#[derive(Debug, thiserror::Error)]
enum Unknown {
    #[error(transparent)]
    Behind(#[from] Unseen),
    #[error(transparent)]
    Tenants(#[from] VaultError),
    #[error(transparent)]
    Rows(#[from] ViewError),
}

impl Escalator {
    /// Looking through these eyes, as long as this node leads.
    pub fn new(deps: &GraphqlDeps, leads: Leads) -> Self {
        let registry = Arc::clone(&deps.registry);
        let ear = Ear::new(deps, &[StreamType::Job]);
        Self { sight: Sight::of(deps), ear, kilter: Kilter::known_to(Arc::clone(&registry)), registry, leads }
    }

    /// Looks after calls until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        // Nothing comes back from where it never ends.
        let _ = stop.run_until_cancelled(Box::pin(self.look_after())).await;
    }

    async fn look_after(self) {
        let mut known: Option<(Position, Waiting)> = None;
        loop {
            known = match known {
                _ if !(self.leads)() => None,
                None => self.begin().await,
                Some((after, mut waiting)) => {
                    let read = self.hear(after, &mut waiting).await;
                    for (call, waits) in waiting.due(self.sight.clock.now()) {
                        self.escalate(call, waits, &mut waiting).await;
                    }
                    if read > after {
                        known = Some((read, waiting));
                        continue;
                    }
                    Some((after, waiting))
                }
            };
            tokio::select! {
                () = self.ear.woken(), if known.is_some() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// The calls that wait, and up to where they are known; `None` where that can't be told now.
    async fn begin(&self) -> Option<(Position, Waiting)> {
        match self.waiting().await {
            Ok(known) => Some(known),
            Err(error) => {
                tracing::debug!(%error, "escalation.calls_not_read");
                None
            }
        }
    }

    async fn waiting(&self) -> Result<(Position, Waiting), Unknown> {
        let position = self.sight.settled().await?;
        let mut waiting = Waiting::default();
        for tenant in self.registry.tenants().await? {
            let tenant = tenant.id;
            let conditions = vec![andon_calls::waiting()];
            for_each::<AndonCalls>(&*self.sight.views, tenant, conditions, |row| {
                if let Some(due) = row.escalation_due() {
                    waiting.0.insert(row.id, Waits { tenant, job: row.job, operation: row.operation, due });
                }
            })
            .await?;
        }
        Ok((position, waiting))
    }

    /// Hears what happened next; up to where.
    async fn hear(&self, after: Position, waiting: &mut Waiting) -> Position {
        let Some((read, events)) = self.ear.read(after).await else { return after };
        for event in &events {
            waiting.hear(event);
        }
        read
    }

    /// Asks the job. Where that fails for a while it is asked again; what it refuses is over.
    async fn escalate(&self, call: AndonCallId, waits: Waits, waiting: &mut Waiting) {
        let command = Command::Job(waits.job, JobCommand::EscalateAndon(waits.operation, call));
        let command_id = Some(CommandId(Uuid::new_v5(&call.0, b"escalate")));
        let caller = self.kilter.caller(waits.tenant).await;
        let asked = self.sight.commands.run(&caller, Request { command_id, ..Request::from(command) }).await;
        match asked {
            Ok(_) => _ = waiting.0.remove(&call),
            Err(RunError::Rejected(refusal)) => {
                tracing::debug!(tenant = %waits.tenant, %call, code = refusal.code(), "escalation.refused");
                waiting.0.remove(&call);
            }
            Err(error @ (RunError::Denied | RunError::CommandIdReused(_))) => {
                tracing::warn!(tenant = %waits.tenant, %call, %error, "escalation.given_up");
                waiting.0.remove(&call);
            }
            Err(error) => {
                tracing::warn!(tenant = %waits.tenant, %call, %error, "escalation.not_done");
                let after = if error.passes() { AGAIN } else { MUCH_LATER };
                waiting.0.insert(call, Waits { due: later(self.sight.clock.now(), after), ..waits });
            }
        }
    }
}
