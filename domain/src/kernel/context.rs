//! Who asks, when, and what else a decision may depend on. There is no other source of time or identity.

use uuid::Uuid;

use super::fingerprint::Fingerprint;
use super::ids::{ActorId, CalendarId, CommandId, JobId, MachineId, OperatorId, TenantId, ToolId, WorkCenterId};
use super::roles::{Action, ActionSet, Role};
use super::time::Timestamp;
use crate::jobs::operation::Standing;
use crate::machines::machine::MachineFacts;
use crate::scheduling::placement::{OperationRef, Placement};
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
    /// What its way in is good for, of what the role may do.
    pub within: ActionSet,
}

impl Caller {
    /// Somebody who may do all that their role may.
    pub const fn new(tenant: TenantId, actor: ActorId, role: Role) -> Self {
        Self { tenant, actor, role, within: ActionSet::ALL }
    }

    /// Whether the caller may do `action`. What concerns all tenants is not for the admin of one.
    pub fn may(&self, action: Action) -> bool {
        self.role.may(action)
            && self.within.contains(action)
            && (action != Action::Operate || self.tenant == TenantId::installation())
    }
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
    /// What the command said, where the client gave it a name.
    pub fingerprint: Option<Fingerprint>,
    /// Ties together all that one outside request set off.
    pub correlation: Uuid,
    /// The event that caused this command, for reactions.
    pub causation: Option<Uuid>,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// Facts from other streams, as they were known when the command was run.
    pub facts: Facts,
}

impl Context {
    /// Whether `instant` lies further ahead than the clocks of terminals and servers may differ.
    pub fn is_future(&self, instant: Timestamp) -> bool {
        instant.as_micros() > self.now.as_micros() + CLOCK_SKEW_MICROS
    }
}

/// How far a terminal's clock may be ahead: five minutes.
const CLOCK_SKEW_MICROS: i64 = 5 * 60 * 1_000_000;

/// What other aggregates say; only what the command names is looked up.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The tenant's policies.
    pub policies: Policies,
    /// The operator that the command names; `None` when there is no such operator.
    pub operator: Option<OperatorFacts>,
    /// The machine that the command names; `None` when there is no such machine.
    pub machine: Option<MachineFacts>,
    /// Of the work centers that the command names, those that do not exist or are out of use.
    pub missing_work_centers: Vec<WorkCenterId>,
    /// Of the machines that a plan names, those that do not exist or are out of use.
    pub missing_machines: Vec<MachineId>,
    /// The calendar that the command names, if it does not exist or is out of use.
    pub missing_calendar: Option<CalendarId>,
    /// Of the operators that a plan names, those that do not exist or do not work here now.
    pub missing_operators: Vec<OperatorId>,
    /// Of the jobs that a what-if names, those that do not exist.
    pub missing_jobs: Vec<JobId>,
    /// Of the tools that a what-if names, those that were never set up.
    pub missing_tools: Vec<ToolId>,
    /// Where the plan has the operation that the command names.
    pub placement: Option<Placement>,
    /// How far the operations are that a plan names, in their order.
    pub operations: Vec<(OperationRef, Standing)>,
}

impl Facts {
    /// How far an operation is; unknown where it was not looked up.
    pub fn standing(&self, operation: OperationRef) -> Standing {
        let found = self.operations.binary_search_by_key(&operation, |(known, _)| *known);
        found.map_or(Standing::Unknown, |at| self.operations[at].1)
    }
}
