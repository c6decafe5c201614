//! A what-if becomes the plan. That is told in two streams: first the plan takes it over, which alone counts, and then the what-if is
//! told so. Whoever finds that nobody came to tell it, tells it.

use std::collections::BTreeSet;

use domain::kernel::{Caller, CommandId, ScenarioId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::{Command, Done, Request, RunError};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::scenario::{Onto, ScenarioCommand, Sketch};
use domain::scheduling::site_plan::{Changes, Origin, PlanCommand, PlanState, TakenOver};
use projections::planning::Conflict;
use serde::Serialize;
use uuid::Uuid;

use super::by_hand::{check_policy, conflicts, said};
use super::office::{Office, Refusal};
use super::sight::{Seen, Sight, Unseen};
use crate::kilter::Kilter;

/// A what-if that somebody publishes.
#[derive(Debug, Clone, Serialize)]
pub struct Publishing {
    /// Which.
    pub scenario: ScenarioId,
    /// Leaves what has changed otherwise since as it is.
    pub partly: bool,
    /// Why.
    pub reason: Option<Reason>,
}

/// A what-if that was published.
#[derive(Debug, Clone)]
pub struct Published {
    /// The plan of the site after it.
    pub done: Done,
    /// Operations that were left as they are: changed otherwise since, begun, finished or gone.
    pub left: Vec<OperationRef>,
    /// What does not go together on the shop as it is.
    pub conflicts: Vec<Conflict>,
}

/// What of a what-if would be published now.
struct Worked {
    command: PlanCommand,
    left: Vec<OperationRef>,
    conflicts: Vec<Conflict>,
    /// The plan that it was worked out on: its last event, and its version.
    on: (Option<u64>, u64),
    /// The version of the what-if.
    of: u64,
}

impl Office {
    /// Publishes what a what-if changes onto the plan as it is now. What has changed otherwise since, has begun, is finished or gone is
    /// named, and nothing is done; with `partly` the rest is published. Conflicts are asked the policy of the plan, as those of a move.
    /// Asked again under the same name, it gives the first answer, and finishes what was begun.
    pub async fn publish(
        &self,
        caller: &Caller,
        asked: Publishing,
        request: impl Fn(Command) -> Request,
    ) -> Result<Published, Refusal> {
        let (tenant, said) = (caller.tenant, said(&asked)?);
        let _turn = self.turns.take(tenant).await;
        if let Some(done) = self.recall(caller, (None, &said), &request).await?
            && self.sight.is_told(tenant, asked.scenario).await?
        {
            return Ok(Published { done, left: Vec::new(), conflicts: Vec::new() });
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            let Worked { command, left, conflicts, on: (revision, based_on), of } = self.worked(tenant, &asked).await?;
            let wanted = Request { said: Some(said.clone()), ..request(Command::Plan(Box::new(command))) };
            let Some(done) = self.ask_of(caller, (wanted, revision), attempt).await? else { continue };
            let plan = self.sight.commands.plan(tenant).await?;
            // Where nothing was left to change, no event of the plan tells of it.
            let nothing = TakenOver { scenario: asked.scenario, of: Some(of), version: based_on };
            let known = plan.taken_over(asked.scenario).filter(|it| it.version > based_on);
            let changes = known.map_or_else(Changes::default, |it| changes_of(&plan, it.version));
            let told = self.sight.tell(caller, known.unwrap_or(&nothing), changes).await?;
            // Who waits for this position sees both.
            let done = Done { position: done.position.max(told.position), ..done };
            return Ok(Published { done, left, conflicts });
        }
    }

    async fn worked(&self, tenant: TenantId, asked: &Publishing) -> Result<Worked, Refusal> {
        let sketch = self.sketch(tenant, asked.scenario).await?;
        let seen = self.sight.shop(tenant).await?;
        // Where it is newer than the shop, the revision that was seen with the shop tells.
        let plan = self.sight.commands.plan(tenant).await?;
        let (on, of, policy) = ((seen.revision, seen.shop.plan.version), sketch.version, seen.policies.overlap);
        let (changes, left) = still(&seen, sketch.onto(&plan));
        if !left.is_empty() && !asked.partly {
            return Err(Refusal::Outdated(left));
        }
        let after = changes.clone();
        let conflicts = tokio::task::spawn_blocking(move || made(&seen, &after)).await.map_err(Unseen::from)??;
        check_policy(policy, &conflicts, asked.reason.as_ref())?;
        let origin = Origin::Scenario { id: asked.scenario, version: Some(of), reason: asked.reason.clone() };
        let command = PlanCommand::Publish { changes, origin, based_on: on.1 };
        Ok(Worked { command, left, conflicts, on, of })
    }
}

impl Sight {
    /// Tells a what-if that the plan has taken it over, where nobody came to tell it so far.
    pub(super) async fn finish(
        &self,
        tenant: TenantId,
        scenario: ScenarioId,
        sketch: &Sketch,
    ) -> Result<bool, RunError> {
        let plan = self.commands.plan(tenant).await?;
        let Some(taken_over) = plan.taken_over(scenario).filter(|it| it.version > sketch.base) else {
            return Ok(false);
        };
        self.tell(&Kilter::of(tenant), taken_over, changes_of(&plan, taken_over.version)).await?;
        Ok(true)
    }

    /// Tells a what-if that the plan has taken it over, and what that changed there.
    async fn tell(&self, caller: &Caller, taken_over: &TakenOver, changes: Changes) -> Result<Done, RunError> {
        let TakenOver { scenario, version, of } = *taken_over;
        let publish = ScenarioCommand::Publish { version, of, changes };
        // The same for whoever tells it.
        let name = format!("published:{version}:{}", of.unwrap_or_default());
        let command_id = Some(CommandId(Uuid::new_v5(&scenario.0, name.as_bytes())));
        let told = Command::Scenario(scenario, Box::new(publish));
        self.commands.run(caller, Request { command_id, said: Some(name), ..told.into() }).await
    }

    /// Whether a what-if that the plan has taken over knows it.
    async fn is_told(&self, tenant: TenantId, scenario: ScenarioId) -> Result<bool, Refusal> {
        match self.sketch(tenant, scenario).await {
            Ok(sketch) => Ok(sketch.rebased),
            Err(Refusal::Run(RunError::Rejected(_))) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// What a change of the plan came to, where it is remembered.
fn changes_of(plan: &PlanState, version: u64) -> Changes {
    let mut changes = Changes::default();
    let change = plan.changes().find(|change| change.version == version);
    for moved in change.into_iter().flat_map(|change| &change.moves) {
        match moved.is {
            Some(is) => changes.placed.push(is),
            None => changes.removed.push(moved.operation),
        }
    }
    changes
}

/// What of the changes still can be, and what is left: changed otherwise since, begun, finished or gone.
fn still(seen: &Seen, onto: Onto) -> (Changes, Vec<OperationRef>) {
    let Onto { mut changes, conflicts: mut left } = onto;
    let waits =
        |operation| seen.shop.operation(operation).is_some_and(|(_, known)| !known.is_begun() && !known.is_finished());
    let mut keep = |operation: OperationRef| {
        let waits = waits(operation);
        if !waits {
            left.push(operation);
        }
        waits
    };
    changes.placed.retain(|placement| keep(placement.of()));
    changes.removed.retain(|operation| keep(*operation));
    left.sort_unstable();
    (changes, left)
}

/// What does not go together with the changes on the shop as it is.
fn made(seen: &Seen, changes: &Changes) -> Result<Vec<Conflict>, Refusal> {
    let planning = seen.shop.problem(seen.now, &seen.options()).map_err(Unseen::from)?;
    let mut places = seen.shop.plan.placements.clone();
    for operation in &changes.removed {
        places.remove(operation);
    }
    places.extend(changes.placed.iter().map(|placement| (placement.of(), *placement)));
    let changed: BTreeSet<OperationRef> = changes.placed.iter().map(Placement::of).collect();
    let places: Vec<Placement> = places.into_values().collect();
    Ok(conflicts(&planning, &places, &changed))
}
