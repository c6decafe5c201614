//! A machine: one work unit with a status and a reason for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::work_center::Reason;
use crate::kernel::decider::DomainEvent;
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{MachineId, Quantity, WorkCenterId};

text_value!(
    /// Natural key of a machine, unique in the tenant, never changed.
    MachineCode, "a machine code", max = 64,
    datum = Datum::business("machine code", "names the machine")
);
text_value!(
    /// What people call a machine.
    MachineName, "a machine name", max = 200,
    datum = Datum::business("machine name", "shown on boards")
);

/// What a machine is doing, as far as people said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MachineStatus {
    /// Ready for work.
    Available,
    /// Making parts.
    Running,
    /// Being set up.
    Setup,
    /// Broken or stopped without plan.
    Down,
    /// Stopped by plan.
    Maintenance,
    /// Out of use for good.
    Retired,
}

/// What a machine can do and costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineRating {
    /// How many operations at once, 1 to 1000.
    pub capacity: u16,
    /// Speed against the standard time in percent, 1 to 1000; 100 is as planned.
    pub speed_percent: u16,
    /// Cost per hour in the company's currency.
    pub hourly_cost: Option<Quantity>,
}

/// What other contexts may know of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineFacts {
    /// Which one.
    pub id: MachineId,
    /// Where it belongs.
    pub work_center: WorkCenterId,
    /// What it is doing.
    pub status: MachineStatus,
}

/// What may be asked of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MachineCommand {
    /// Sets it up, available.
    Register {
        /// Its code; the stream's identity is made from it.
        code: MachineCode,
        /// Its name.
        name: MachineName,
        /// Where it belongs; must exist.
        work_center: WorkCenterId,
        /// What it can do and costs.
        rating: MachineRating,
    },
    /// Gives it another name.
    Rename(MachineName),
    /// Moves it to another work center; must exist.
    MoveTo(WorkCenterId),
    /// Changes what it can do and costs.
    Rate(MachineRating),
    /// Says what it is doing; `Down`, `Maintenance` and `Retired` need a reason.
    ChangeStatus {
        /// The new status.
        status: MachineStatus,
        /// Why.
        reason: Option<Reason>,
    },
}

/// What can have happened to a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MachineEvent {
    /// It was set up.
    #[serde(rename = "machine.registered")]
    Registered {
        /// Its code.
        code: MachineCode,
        /// Its name.
        name: MachineName,
        /// Where it belongs.
        work_center: WorkCenterId,
        /// What it can do and costs.
        rating: MachineRating,
    },
    /// Its name changed.
    #[serde(rename = "machine.renamed")]
    Renamed {
        /// Before.
        was: MachineName,
        /// After.
        name: MachineName,
    },
    /// It belongs elsewhere.
    #[serde(rename = "machine.moved")]
    Moved {
        /// Before.
        was: WorkCenterId,
        /// After.
        work_center: WorkCenterId,
    },
    /// What it can do or costs changed.
    #[serde(rename = "machine.rated")]
    Rated {
        /// Before.
        was: MachineRating,
        /// After.
        rating: MachineRating,
    },
    /// It does something else now.
    #[serde(rename = "machine.status_changed")]
    StatusChanged {
        /// Before.
        was: MachineStatus,
        /// After.
        status: MachineStatus,
        /// Why.
        reason: Option<Reason>,
    },
}

impl DomainEvent for MachineEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("machine.registered", 1),
        ("machine.renamed", 1),
        ("machine.moved", 1),
        ("machine.rated", 1),
        ("machine.status_changed", 1),
    ];
}
