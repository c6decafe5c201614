//! Planned maintenance: when a machine will stand still on purpose.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::machine::{MachineError, MachineEvent, MachineRecord};
use super::work_center::Reason;
use crate::kernel::{Interval, Timestamp};

/// How many of one machine can lie ahead.
pub(super) const MAX_AHEAD: usize = 500;

/// When a machine will stand still, and why. Several may be at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Maintenance {
    /// From when until when.
    #[serde(flatten)]
    pub when: Interval,
    /// What is done.
    pub reason: Reason,
}

/// What may be asked about maintenance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceCommand {
    /// Plans it.
    Plan(Maintenance),
    /// Plans that of this number otherwise.
    Change(u32, Maintenance),
    /// There will be none of this number.
    Cancel(u32, Reason),
}

impl MachineRecord {
    /// Whether what the command asks for is true already.
    pub(super) fn is_maintained(&self, command: &MaintenanceCommand) -> bool {
        match command {
            MaintenanceCommand::Plan(maintenance) => self.maintenance.holds(maintenance),
            MaintenanceCommand::Change(number, maintenance) => self.maintenance.get(*number) == Some(maintenance),
            MaintenanceCommand::Cancel(number, _) => self.maintenance.is_gone(*number),
        }
    }

    /// The event that does what is asked.
    pub(super) fn maintain(&self, command: &MaintenanceCommand, now: Timestamp) -> Result<MachineEvent, MachineError> {
        let planned = |number| self.maintenance.get(number).cloned().ok_or(MachineError::MaintenanceNotFound(number));
        Ok(match command {
            MaintenanceCommand::Plan(maintenance) => {
                maintenance.when.check()?;
                if self.maintenance.iter().filter(|(_, planned)| planned.when.until > now).count() >= MAX_AHEAD {
                    return Err(MachineError::MaintenanceTooMany);
                }
                MachineEvent::MaintenancePlanned { number: self.maintenance.next(), maintenance: maintenance.clone() }
            }
            MaintenanceCommand::Change(number, maintenance) => {
                maintenance.when.check()?;
                let was = planned(*number)?;
                MachineEvent::MaintenanceChanged { number: *number, was, maintenance: maintenance.clone() }
            }
            MaintenanceCommand::Cancel(number, reason) => {
                let was = planned(*number)?;
                MachineEvent::MaintenanceCancelled { number: *number, was, reason: reason.clone() }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::machine::{Machine, MachineCode, MachineCommand, MachineName, MachineRating};
    use super::*;
    use crate::kernel::WorkCenterId;
    use crate::kernel::scenario::{Scenario, minute};

    fn reason(text: &str) -> Reason {
        Reason::try_new(text).unwrap()
    }

    fn maintenance(from: i64, until: i64) -> Maintenance {
        Maintenance { when: Interval { from: minute(from), until: minute(until) }, reason: reason("new spindle") }
    }

    fn ask(command: MaintenanceCommand) -> MachineCommand {
        MachineCommand::Maintain(command)
    }

    fn registered() -> Scenario<Machine> {
        let (code, name) = (MachineCode::try_new("M1").unwrap(), MachineName::try_new("Lathe").unwrap());
        let rating = MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None };
        let work_center = WorkCenterId(Uuid::from_u128(7));
        Scenario::new().given(&MachineCommand::Register { code, name, work_center, rating })
    }

    #[test]
    fn maintenance_is_planned_changed_and_cancelled_under_its_number() {
        let plan = ask(MaintenanceCommand::Plan(maintenance(60, 120)));
        let planned = registered().given(&plan);
        planned.clone().when(&plan).then_nothing();
        let change = ask(MaintenanceCommand::Change(1, maintenance(60, 180)));
        planned.clone().when(&change).then(&[MachineEvent::MaintenanceChanged {
            number: 1,
            was: maintenance(60, 120),
            maintenance: maintenance(60, 180),
        }]);
        let cancel = ask(MaintenanceCommand::Cancel(1, reason("no spindle")));
        let cancelled = planned.given(&change).given(&cancel);
        cancelled.clone().when(&cancel).then_nothing();
        cancelled.clone().when(&change).then_refused("MAINTENANCE_NOT_FOUND", Some("maintenance"));
        cancelled
            .when(&plan)
            .then(&[MachineEvent::MaintenancePlanned { number: 2, maintenance: maintenance(60, 120) }]);
    }

    #[test]
    fn maintenance_goes_forwards_and_is_not_planned_without_end() {
        for (until, code) in [(60, "INTERVAL_REVERSED"), (0, "INTERVAL_REVERSED"), (4_000_000, "INTERVAL_TOO_LONG")] {
            let plan = ask(MaintenanceCommand::Plan(maintenance(60, until)));
            registered().when(&plan).then_refused(code, Some("until"));
            let change = ask(MaintenanceCommand::Change(1, maintenance(60, until)));
            registered().when(&change).then_refused(code, Some("until"));
        }
        let plan = |number: i64| ask(MaintenanceCommand::Plan(maintenance(number, number + 1)));
        let full = (0..500).fold(registered(), |planned, number| planned.given(&plan(number)));
        full.clone().when(&plan(500)).then_refused("MAINTENANCE_TOO_MANY", None);
        assert_eq!(full.at(1).when(&plan(500)).events().len(), 1, "the first is over");
    }

    #[test]
    fn maintenance_may_overlap_other_maintenance() {
        let planned = registered().given(&ask(MaintenanceCommand::Plan(maintenance(0, 60))));
        assert_eq!(planned.when(&ask(MaintenanceCommand::Plan(maintenance(30, 90)))).events().len(), 1);
    }
}
