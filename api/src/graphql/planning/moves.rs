//! Moves by hand as they come in.

use std::collections::BTreeSet;

use async_graphql::{Enum, ID, InputObject};
use domain::kernel::TenantId;
use domain::machines::work_center::Reason;
use domain::scheduling::site_plan::Pin;

use super::operations::OperationRefInput;
use super::scenario_inputs::scenario;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CommandFields, MachineRef, OperatorRef, optional_text, text};
use crate::graphql::scalars::DateTime;
use crate::planning::{self, Move};

/// What becomes of operations that are in the way of a moved one, or wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[graphql(remote = "crate::planning::Followers")]
pub enum Followers {
    /// They stay where they are.
    #[default]
    Stay,
    /// They go later, or elsewhere.
    Push,
}

/// Fixes operations where they are.
#[derive(Debug, InputObject)]
pub struct PinInput {
    /// Why.
    reason: String,
    /// Until when; for good where it is absent.
    until: Option<DateTime>,
}

impl PinInput {
    /// Checks the reason.
    pub fn read(&self) -> Result<Pin, UserError> {
        let reason = text("reason", Reason::try_new, &self.reason)?;
        Ok(Pin { reason, until: self.until.map(|until| until.0) })
    }
}

/// Where an operation is put.
#[derive(InputObject)]
pub struct MoveInput {
    #[graphql(flatten)]
    operation: OperationRefInput,
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    operator: OperatorRef,
    /// When its setup starts. Its end follows from the calendars.
    start: DateTime,
}

/// Puts operations somewhere by hand.
#[derive(InputObject)]
pub struct MoveOperationsInput {
    /// Where to, 1 to 1000 of them; machine and operator stay open where they are absent.
    moves: Vec<MoveInput>,
    /// What becomes of others.
    #[graphql(default)]
    followers: Followers,
    /// Why; where the policy of the plan asks for it, needed when there are conflicts.
    reason: Option<String>,
    /// Pins them there; not in a what-if, which has no pins of its own.
    pin: Option<PinInput>,
    /// In which what-if, instead of the plan of the site.
    scenario_id: Option<ID>,
    /// The version of the plan, or of the what-if, in which you saw these operations: refused with `PLAN_CHANGED` where one of them has
    /// moved since, and with `SCENARIO_CHANGED` where the what-if has changed since.
    expected_version: Option<u64>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl MoveOperationsInput {
    /// Checks texts and references.
    pub fn read(self, tenant: TenantId) -> Result<(planning::Moves, CommandFields), UserError> {
        let moves: Result<Vec<Move>, UserError> = self.moves.iter().map(|it| it.read(tenant)).collect();
        let moves = moves?;
        let distinct: BTreeSet<_> = moves.iter().map(|it| it.operation).collect();
        let most = domain::scheduling::site_plan::MOST_BY_HAND;
        if distinct.len() != moves.len() || !(1..=most).contains(&moves.len()) {
            let told = format!("1 to {most} operations are needed, each once");
            return Err(UserError::new(errors::BAD_RANGE, Some("moves"), told));
        }
        let asked = planning::Moves {
            moves,
            followers: self.followers.into(),
            reason: optional_text("reason", Reason::try_new, self.reason.as_deref())?,
            pin: self.pin.as_ref().map(PinInput::read).transpose()?,
            scenario: self.scenario_id.as_ref().map(scenario).transpose()?,
            seen: self.expected_version,
        };
        Ok((asked, self.fields))
    }
}

impl MoveInput {
    fn read(&self, tenant: TenantId) -> Result<Move, UserError> {
        Ok(Move {
            operation: self.operation.read(tenant)?,
            machine: self.machine.find(tenant)?,
            operator: self.operator.find(tenant)?,
            start: self.start.0,
        })
    }
}
