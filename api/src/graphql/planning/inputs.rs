//! What mutations of planning take.

use std::time::Duration;

use async_graphql::{ID, InputObject};
use domain::kernel::{ScenarioId, TenantId};
use domain::scheduling::solver::Weights;
use uuid::Uuid;

use super::objective::{PlanPreset, PlanWeightsInput, weights};
use super::run::PlanningDirection;
use super::scenario_inputs::scenario;
use crate::graphql::errors::UserError;
use crate::graphql::scalars::UuidText;
use crate::planning::{PlanningRunId, Wanted};

/// Begins a run of the optimiser.
#[derive(InputObject)]
pub struct StartPlanningInput {
    /// What counts, by name; the policies of the plan where it is absent.
    preset: Option<PlanPreset>,
    /// What counts, by number, where it is not as with the preset.
    weights: Option<PlanWeightsInput>,
    /// How long it may take, 1 to 600.
    #[graphql(default = 30)]
    seconds: u32,
    /// Where chance starts.
    #[graphql(default)]
    seed: u32,
    /// From where work is laid out.
    #[graphql(default)]
    direction: PlanningDirection,
    /// In which what-if, instead of the plan of the site.
    scenario_id: Option<ID>,
    /// Your name for this intention: the same again is the same run, so it is safe to retry.
    command_id: Option<UuidText>,
}

impl StartPlanningInput {
    /// Which run, where one is named.
    pub fn id(&self, tenant: TenantId) -> Option<PlanningRunId> {
        self.command_id.map(|id| PlanningRunId(Uuid::new_v5(&tenant.0, id.0.as_bytes())))
    }

    /// In which what-if, where one is named.
    pub fn scenario(&self) -> Result<Option<ScenarioId>, UserError> {
        self.scenario_id.as_ref().map(scenario).transpose()
    }

    /// Whether what counts is said in numbers.
    pub const fn has_weights(&self) -> bool {
        self.weights.is_some()
    }

    /// What is wanted, where the plan's policies have these weights.
    pub fn wanted(&self, policies: Weights, scenario: Option<ScenarioId>) -> Wanted {
        Wanted {
            preset: self.preset.map(Into::into),
            weights: weights(self.preset, self.weights, policies),
            seed: self.seed.into(),
            time: Duration::from_secs(self.seconds.into()),
            direction: self.direction.into(),
            scenario,
        }
    }
}

/// Ends a run.
#[derive(InputObject)]
pub struct CancelPlanningInput {
    /// Which.
    pub run_id: ID,
}

/// Takes the best plan of a run over.
#[derive(InputObject)]
pub struct AcceptPlanningInput {
    /// Which.
    pub run_id: ID,
    /// Where the shop has changed since the run began: operations that can't be where the plan has them go where they can. Without,
    /// that is refused with `PLANNING_SHOP_CHANGED`.
    #[graphql(default)]
    pub adjust: bool,
    /// Your name for this intention.
    pub command_id: Option<UuidText>,
}
