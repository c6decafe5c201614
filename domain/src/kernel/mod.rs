//! What every context stands on: identities, time, quantities, text, personal data, roles, and the decider.

pub mod context;
pub mod decider;
pub mod fingerprint;
pub mod ids;
pub(crate) mod parse;
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
    ActorId, CommandId, JobId, MachineId, OperatorId, ReportId, StreamId, StreamType, SubjectId, TenantId, WorkCenterId,
};
pub use personal::{DataClass, Personal, PersonalSlot, Sealed};
pub use quantity::Quantity;
pub use roles::Role;
pub use time::Timestamp;
