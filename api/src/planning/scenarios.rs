//! What-ifs: the plan on the side, compared with the plan of the site, and published onto it as it is by then. Planning and moving in
//! one is done as in the plan of the site.

use std::sync::Arc;

use domain::kernel::{Caller, CommandId, ScenarioId, TenantId};
use domain::run::{Command, Done, Request, RunError};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::scenario::{Onto, ScenarioCommand, ScenarioError, ScenarioName, ScenarioState, Sketch};
use domain::scheduling::site_plan::{Changes, Origin, PlanCommand};
use domain::tenancy::company::OverlapPolicy;
use projections::planning::{Comparison, Conflict};
use uuid::Uuid;

use super::by_hand::counts;
use super::office::{Office, Refusal};
use super::sight::{Seen, Sight, Unseen};

/// How often it is looked anew when the plan changes while it is looked at.
const LOOKS: usize = 3;

/// A what-if beside the plan of the site.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The plan of the site on the shop as it is, and the what-if's on the shop as it assumes it to be.
    pub comparison: Comparison,
    /// What does not go together in the what-if.
    pub conflicts: Vec<Conflict>,
    /// What has changed in the plan of the site under what the what-if changes: it would not be published.
    pub outdated: Vec<OperationRef>,
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

impl Sight {
    /// A what-if that people work on.
    pub async fn sketch(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Sketch, Refusal> {
        Ok(self.sketch_at(tenant, scenario).await?.0)
    }

    /// The same with the revision of its last event.
    pub(super) async fn sketch_at(
        &self,
        tenant: TenantId,
        scenario: ScenarioId,
    ) -> Result<(Sketch, Option<u64>), Refusal> {
        let (state, revision) = self.commands.scenario_at(tenant, scenario).await?;
        let refused = match &*state {
            ScenarioState::Open(sketch) => return Ok(((**sketch).clone(), revision)),
            ScenarioState::Unknown => ScenarioError::NotFound,
            ScenarioState::Published(_) => ScenarioError::Published,
            ScenarioState::Discarded => ScenarioError::Discarded,
        };
        Err(RunError::from(refused).into())
    }

    /// A what-if beside the plan of the site, both as they are now.
    pub async fn beside(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Beside, Refusal> {
        let sketch = self.sketch(tenant, scenario).await?;
        let seen = self.shop(tenant).await?;
        let outdated = sketch.onto(&*self.commands.plan(tenant).await?).conflicts;
        let look = move || {
            let base = seen.shop.problem(seen.now, &seen.options()).map_err(Unseen::from)?;
            let weights = seen.policies.weights();
            let (now, options) = (seen.now, seen.options());
            let variant = seen.shop.assuming(&sketch).problem(now, &options).map_err(Unseen::from)?;
            let conflicts = variant.conflicts(&sketch.placements().copied().collect::<Vec<Placement>>());
            Ok(Beside { comparison: base.compare(&variant, &weights), conflicts, outdated })
        };
        tokio::task::spawn_blocking(look).await.map_err(Unseen::from)?
    }
}

impl Office {
    /// Makes a what-if from the plan as it is now. Made again under the same identity, it is the one that was made.
    pub async fn open_scenario(
        &self,
        caller: &Caller,
        (scenario, name): (ScenarioId, ScenarioName),
        request: impl FnOnce(Command) -> Request,
    ) -> Result<Done, Refusal> {
        if let ScenarioState::Open(_) = &*self.sight.commands.scenario(caller.tenant, scenario).await? {
            let known = Command::Scenario(scenario, Box::new(ScenarioCommand::Rename(name)));
            return Ok(self.sight.commands.run(caller, known.into()).await?);
        }
        let plan = self.sight.commands.plan(caller.tenant).await?;
        let open = ScenarioCommand::Open { name, base: plan.version, placements: plan.placements().copied().collect() };
        let command = Command::Scenario(scenario, Box::new(open));
        Ok(self.sight.commands.run(caller, request(command)).await?)
    }

    /// A what-if that people work on.
    pub async fn sketch(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Sketch, Refusal> {
        self.sight.sketch(tenant, scenario).await
    }

    /// Publishes what a what-if changes onto the plan as it is now. What has changed otherwise since, has begun or is gone is named, and
    /// nothing is done; with `partly` the rest is published. Where the policy refuses conflicts, so does this.
    pub async fn publish(
        &self,
        caller: &Caller,
        (scenario, partly): (ScenarioId, bool),
        request: impl FnOnce(Command) -> Request,
    ) -> Result<Published, Refusal> {
        let sketch = Arc::new(self.sketch(caller.tenant, scenario).await?);
        let (seen, onto) = self.onto(caller.tenant, &sketch).await?;
        let (based_on, policy) = (seen.shop.plan.version, seen.policies.overlap);
        let (changes, left) = still(&seen, onto);
        if !left.is_empty() && !partly {
            return Err(Refusal::Outdated(left));
        }
        let after = changes.clone();
        let conflicts = tokio::task::spawn_blocking(move || made(&seen, &after)).await.map_err(Unseen::from)??;
        if policy == OverlapPolicy::Refuse && conflicts.iter().any(counts) {
            return Err(Refusal::Conflicts(conflicts));
        }
        let origin = Origin::Scenario { id: scenario, version: Some(sketch.version), reason: None };
        let asked = request(Command::Plan(Box::new(PlanCommand::Publish { changes, origin, based_on })));
        let done = self.sight.commands.run(caller, asked).await?;
        let version = self.sight.commands.plan(caller.tenant).await?.version;
        let told = Command::Scenario(
            scenario,
            Box::new(ScenarioCommand::Publish { version, of: None, changes: Changes::default() }),
        );
        let id = CommandId(Uuid::new_v5(&scenario.0, format!("published:{version}").as_bytes()));
        let told = self.sight.commands.run(caller, Request { command_id: Some(id), ..told.into() }).await?;
        // Who waits for this position sees both.
        let done = Done { position: done.position.max(told.position), ..done };
        Ok(Published { done, left, conflicts })
    }

    /// The shop, and what the what-if changes about the very plan that is seen.
    async fn onto(&self, tenant: TenantId, sketch: &Sketch) -> Result<(Seen, Onto), Refusal> {
        let mut looked = 0;
        loop {
            let seen = self.sight.shop(tenant).await?;
            let plan = self.sight.commands.plan(tenant).await?;
            looked += 1;
            // Where it never stands still, the plan itself tells what has changed.
            if plan.version == seen.shop.plan.version || looked == LOOKS {
                let onto = sketch.onto(&plan);
                return Ok((seen, onto));
            }
        }
    }
}

/// What of the changes still can be, and what is left: changed otherwise since, begun, finished or gone.
fn still(seen: &Seen, onto: Onto) -> (Changes, Vec<OperationRef>) {
    let Onto { mut changes, conflicts: mut left } = onto;
    let waits = |operation| seen.shop.operation(operation).is_some_and(|(_, known)| !known.is_begun());
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
    let changed = |operation: OperationRef| changes.placed.iter().any(|placement| placement.of() == operation);
    let concerns = |it: &Conflict| changed(it.operation) || it.with.is_some_and(changed);
    let places: Vec<Placement> = places.into_values().collect();
    Ok(planning.conflicts(&places).into_iter().filter(concerns).collect())
}
