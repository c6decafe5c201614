//! What-ifs: the plan on the side, compared with the plan of the site. Planning and moving in one is done as in the plan of the site.

use domain::kernel::{Caller, ScenarioId, TenantId};
use domain::run::{Command, Done, Request, RunError};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::scenario::{MOST_OPEN, ScenarioCommand, ScenarioError, ScenarioName, ScenarioState, Sketch};
use projections::planning::{Comparison, Conflict};
use projections::projection::{Projection, Value};
use projections::scenarios::{ScenarioStatus, Scenarios, status_name};
use projections::views::{Condition, Test};

use super::by_hand::said;
use super::office::{Office, Refusal};
use super::sight::{Sight, Unseen};

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

impl Sight {
    /// A what-if that people work on.
    pub async fn sketch(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Sketch, Refusal> {
        Ok(self.sketch_at(tenant, scenario).await?.0)
    }

    /// The same with the revision of its last event. One that the plan has taken over, and that nobody came to tell, is told first.
    pub(super) async fn sketch_at(
        &self,
        tenant: TenantId,
        scenario: ScenarioId,
    ) -> Result<(Sketch, Option<u64>), Refusal> {
        let (mut state, mut revision) = self.commands.scenario_at(tenant, scenario).await?;
        if let ScenarioState::Open(sketch) = &*state
            && self.finish(tenant, scenario, sketch).await?
        {
            (state, revision) = self.commands.scenario_at(tenant, scenario).await?;
        }
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
    /// Makes a what-if from the plan as it is now. Asked again under the same name, it gives the first answer, whatever became of the
    /// what-if.
    pub async fn open_scenario(
        &self,
        caller: &Caller,
        (scenario, name): (ScenarioId, ScenarioName),
        request: impl Fn(Command) -> Request,
    ) -> Result<Done, Refusal> {
        let said = said(&("open", &name))?;
        let _turn = self.turns.take(caller.tenant).await;
        if let Some(done) = self.recall(caller, (Some(scenario), &said), &request).await? {
            return Ok(done);
        }
        self.sight.settled().await?;
        let status = Value::Text(status_name(ScenarioStatus::Open).to_owned());
        let open = Condition { column: "status", test: Test::Is(status) };
        let open = self.sight.views.count(Scenarios::NAME, caller.tenant, vec![open]).await.map_err(Unseen::from)?;
        if open >= MOST_OPEN {
            return Err(RunError::from(ScenarioError::TooManyOpen).into());
        }
        let plan = self.sight.commands.plan(caller.tenant).await?;
        let open = ScenarioCommand::Open { name, base: plan.version, placements: plan.placements().copied().collect() };
        let command = Command::Scenario(scenario, Box::new(open));
        Ok(self.sight.commands.run(caller, Request { said: Some(said), ..request(command) }).await?)
    }

    /// A what-if that people work on.
    pub async fn sketch(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Sketch, Refusal> {
        self.sight.sketch(tenant, scenario).await
    }
}
