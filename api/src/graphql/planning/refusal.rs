//! Why planning was refused, as the caller is told.

use std::error::Error as StdError;

use async_graphql::Error;
use domain::run::RunError;
use domain::scheduling::placement::OperationRef;
use domain::scheduling::site_plan::PlanError;
use projections::planning::Conflict;

use crate::graphql::GraphqlDeps;
use crate::graphql::errors::{self, UserError};
use crate::planning::{Refusal, Refused, Unseen};

/// A refusal with the operations that it is about.
#[derive(Debug)]
pub struct Told {
    /// What the caller is told.
    pub error: UserError,
    /// The operations that it is about.
    pub operations: Vec<OperationRef>,
    /// What a move gets into the way of.
    pub conflicts: Vec<Conflict>,
}

impl Told {
    /// Of operations that the input names in its `moves`.
    #[must_use]
    pub fn about_moves(mut self) -> Self {
        if self.error.field.as_deref() == Some("operations") {
            self.error.field = Some("moves".to_owned());
        }
        self
    }
}

impl From<UserError> for Told {
    fn from(error: UserError) -> Self {
        Self { error, operations: Vec::new(), conflicts: Vec::new() }
    }
}

/// Splits a refusal into what belongs in the payload and what fails the field.
pub fn told(deps: &GraphqlDeps, refusal: Refusal) -> Result<Told, Error> {
    let said = refusal.to_string();
    let error = match refusal {
        Refusal::Refused(Refused::TooMany(_)) => UserError::new(errors::PLANNING_BUSY, None, said),
        Refusal::Refused(Refused::Time(_)) => UserError::new(errors::BAD_RANGE, Some("seconds"), said),
        Refusal::Refused(Refused::Closed) => return Err(errors::unavailable(&said)),
        Refusal::TooLarge { .. } => UserError::new(errors::PLANNING_TOO_LARGE, None, said),
        Refusal::IdReused => UserError::new(errors::COMMAND_ID_REUSED, Some("commandId"), said),
        Refusal::NoRun => UserError::new(errors::NOT_FOUND, None, "not found"),
        Refusal::NoPlanYet | Refusal::NoPlan => UserError::new(errors::PLANNING_NO_PLAN, Some("runId"), said),
        Refusal::Misfits(operations) => {
            let error = UserError::new(errors::PLANNING_SHOP_CHANGED, Some("runId"), said);
            return Ok(Told { operations, ..error.into() });
        }
        Refusal::Outdated(operations) => {
            let error = UserError::new(errors::SCENARIO_OUTDATED, Some("scenarioId"), said);
            return Ok(Told { operations, ..error.into() });
        }
        Refusal::Conflicts(conflicts) => {
            let error = UserError::new(errors::PLAN_CONFLICTS, Some("moves"), said);
            return Ok(Told { conflicts, ..error.into() });
        }
        Refusal::ReasonNeeded(conflicts) => {
            let error = UserError::new(errors::PLAN_REASON_NEEDED, Some("reason"), said);
            return Ok(Told { conflicts, ..error.into() });
        }
        Refusal::Run(error) => return ran(deps, error),
        Refusal::Unseen(unseen) => return unplannable(deps, unseen),
        Refusal::Broken(broken) => return Err(errors::fault(deps, &broken)),
    };
    Ok(error.into())
}

/// The same for what a command was answered.
pub fn ran(deps: &GraphqlDeps, error: RunError) -> Result<Told, Error> {
    let operations = match &error {
        RunError::Rejected(refusal) => {
            let refusal: &(dyn StdError + 'static) = &**refusal;
            refusal.downcast_ref::<PlanError>().map_or_else(Vec::new, |it| it.operations().to_vec())
        }
        _ => Vec::new(),
    };
    Ok(Told { operations, ..errors::refusal(deps, error)?.into() })
}

/// Why a shop can't be seen, or not be planned.
pub fn unplannable(deps: &GraphqlDeps, unseen: Unseen) -> Result<Told, Error> {
    match unseen {
        Unseen::Log(error) => Err(errors::read_failure(deps)(error)),
        Unseen::Late(late) => Err(errors::unavailable(&late.to_string())),
        Unseen::Rows(error) => Err(errors::view_failure(deps)(error)),
        Unseen::Plan(error) => ran(deps, error),
        Unseen::Problem(error) => Ok(UserError::new(errors::PLANNING_IMPOSSIBLE, None, error.to_string()).into()),
        Unseen::Thread(error) => Err(errors::fault(deps, &error)),
    }
}
