//! What every context stands on: identities, time, quantities, text, personal data, roles, and the decider.

pub mod context;
pub mod decider;
pub mod fingerprint;
pub mod ids;
pub mod interval;
pub mod network;
pub mod numbered;
pub(crate) mod parse;
pub mod person;
pub mod personal;
pub mod quantity;
pub mod roles;
#[cfg(test)]
pub(crate) mod scenario;
pub mod text;
pub mod time;

pub use context::{Caller, Context, Facts};
pub use decider::Decider;
pub use fingerprint::Fingerprint;
pub use ids::{
    ActorId, AndonCallId, ApiTokenId, AssumptionId, CalendarId, CommandId, FeedId, InvitationId, JobId, MachineId,
    OperatorId, PasskeyId, ReportId, ScenarioId, SessionId, StreamId, StreamType, SubjectId, TenantId, TerminalId,
    ToolId, WorkCenterId,
};
pub use interval::{Interval, IntervalError};
pub use numbered::Numbered;
pub use personal::{DataClass, Personal, PersonalSlot, Sealed};
pub use quantity::Quantity;
pub use roles::{Action, ActionSet, Role};
pub use time::Timestamp;
