//! Who asks, when, and what else a decision may depend on. There is no other source of time or identity.

use uuid::Uuid;

use super::ids::{ActorId, CommandId, TenantId};
use super::roles::Role;
use super::time::Timestamp;
use crate::machines::machine::MachineFacts;
use crate::tenancy::company::Policies;
use crate::workforce::operator::OperatorFacts;

/// An authenticated caller: the only place that a tenant ever comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The tenant that it belongs to.
    pub tenant: TenantId,
    /// Who it is.
    pub actor: ActorId,
    /// What it may do.
    pub role: Role,
}

/// All that a decision may look at besides the aggregate's own state and the command.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who asks.
    pub caller: Caller,
    /// When it is decided.
    pub now: Timestamp,
    /// When it happened on the floor; `now` unless the fact is entered late.
    pub happened_at: Timestamp,
    /// The client's name for this intention.
    pub command_id: CommandId,
    /// Ties together all that one outside request set off.
    pub correlation: Uuid,
    /// The event that caused this command, for reactions.
    pub causation: Option<Uuid>,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// Facts from other streams, as they were known when the command was run.
    pub facts: Facts,
}

/// What other aggregates say; only what the command names is looked up.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The tenant's policies.
    pub policies: Policies,
    /// The operator that the command names; `None` when there is no such operator.
    pub operator: Option<OperatorFacts>,
    /// The machine that the command names; `None` when there is no such machine.
    pub machine: Option<MachineFacts>,
    /// Of the work centers that the command names, those that do not exist.
    pub missing_work_centers: Vec<super::ids::WorkCenterId>,
}
