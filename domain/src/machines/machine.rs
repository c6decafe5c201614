//! A machine: one work unit with a status and a reason for it.
//!
//! It protects:
//! - a code is used once and for good;
//! - it belongs to a work center that is in use;
//! - capacity and speed are 1 to 1000;
//! - down, maintenance and retired have a reason;
//! - planned maintenance goes forwards, and its calendar is one in use when it is given;
//! - retired is for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::maintenance::{MAX_AHEAD, Maintenance, MaintenanceCommand};
use super::work_center::Reason;
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{CalendarId, IntervalError, MachineId, Numbered, Quantity, StreamType, Timestamp, WorkCenterId};

text_value!(
    /// Natural key of a machine, unique in the tenant, never changed.
    MachineCode, "a machine code", Code, max = 64,
    datum = Datum::business("machine code", "names the machine")
);
text_value!(
    /// What people call a machine.
    MachineName, "a machine name", Name, max = 200,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Says when it works; as its work center does where there is none.
    SetCalendar(Option<CalendarId>),
    /// Plans maintenance, or plans it otherwise.
    Maintain(MaintenanceCommand),
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
    /// It works by another calendar.
    #[serde(rename = "machine.calendar_set")]
    CalendarSet {
        /// Before.
        was: Option<CalendarId>,
        /// After; that of its work center where there is none.
        calendar: Option<CalendarId>,
    },
    /// Maintenance was planned.
    #[serde(rename = "machine.maintenance_planned")]
    MaintenancePlanned {
        /// Its number, given once.
        number: u32,
        /// When and why.
        maintenance: Maintenance,
    },
    /// Maintenance was planned otherwise.
    #[serde(rename = "machine.maintenance_changed")]
    MaintenanceChanged {
        /// Its number.
        number: u32,
        /// Before.
        was: Maintenance,
        /// After.
        maintenance: Maintenance,
    },
    /// There will be no such maintenance.
    #[serde(rename = "machine.maintenance_cancelled")]
    MaintenanceCancelled {
        /// Its number.
        number: u32,
        /// Before.
        was: Maintenance,
        /// Why.
        reason: Reason,
    },
}

/// Why a machine refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// There is none.
    #[error("there is no such machine")]
    NotFound,
    /// The code is taken.
    #[error("there is a machine {0} already")]
    Exists(MachineCode),
    /// It is out of use for good.
    #[error("machine {0} is out of use")]
    Retired(MachineCode),
    /// The work center is not there, or out of use.
    #[error("work center {0} does not exist or is out of use")]
    WorkCenterNotFound(WorkCenterId),
    /// Not 1 to 1000.
    #[error("the capacity must be 1 to 1000, not {0}")]
    CapacityOutOfRange(u16),
    /// Not 1 to 1000.
    #[error("the speed must be 1 to 1000 percent, not {0}")]
    SpeedOutOfRange(u16),
    /// Below zero, or too much.
    #[error("the hourly cost must be 0 to {max}", max = Quantity::MAX)]
    CostOutOfRange,
    /// Somebody will ask why.
    #[error("this status needs a reason")]
    ReasonRequired,
    /// The calendar is not there, or out of use.
    #[error("calendar {0} does not exist or is out of use")]
    CalendarNotFound(CalendarId),
    /// It would end before it begins.
    #[error("{0}")]
    IntervalReversed(IntervalError),
    /// It would last for years.
    #[error("{0}")]
    IntervalTooLong(IntervalError),
    /// There is no such maintenance.
    #[error("there is no maintenance {0}")]
    MaintenanceNotFound(u32),
    /// More than anybody plans.
    #[error("at most {MAX_AHEAD} of them can lie ahead")]
    MaintenanceTooMany,
}

refusal_codes!(MachineError {
    NotFound => "MACHINE_NOT_FOUND",
    Exists => "MACHINE_EXISTS",
    Retired => "MACHINE_RETIRED",
    WorkCenterNotFound => "WORK_CENTER_NOT_FOUND",
    CapacityOutOfRange => "CAPACITY_OUT_OF_RANGE",
    SpeedOutOfRange => "SPEED_OUT_OF_RANGE",
    CostOutOfRange => "COST_OUT_OF_RANGE",
    ReasonRequired => "REASON_REQUIRED",
    CalendarNotFound => "CALENDAR_NOT_FOUND",
    IntervalReversed => "INTERVAL_REVERSED",
    IntervalTooLong => "INTERVAL_TOO_LONG",
    MaintenanceNotFound => "MAINTENANCE_NOT_FOUND",
    MaintenanceTooMany => "MAINTENANCE_TOO_MANY",
});

impl Refusal for MachineError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("code"),
            Self::WorkCenterNotFound(_) => Some("workCenterId"),
            Self::CapacityOutOfRange(_) => Some("capacity"),
            Self::SpeedOutOfRange(_) => Some("speedPercent"),
            Self::CostOutOfRange => Some("hourlyCost"),
            Self::ReasonRequired => Some("reason"),
            Self::CalendarNotFound(_) => Some("calendarId"),
            Self::IntervalReversed(_) | Self::IntervalTooLong(_) => Some("until"),
            Self::MaintenanceNotFound(_) => Some("maintenance"),
            Self::NotFound | Self::Retired(_) | Self::MaintenanceTooMany => None,
        }
    }
}

impl From<IntervalError> for MachineError {
    fn from(error: IntervalError) -> Self {
        match error {
            IntervalError::Reversed => Self::IntervalReversed(error),
            IntervalError::TooLong => Self::IntervalTooLong(error),
        }
    }
}

/// A machine's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MachineState {
    /// Never registered.
    #[default]
    Unknown,
    /// Known, in use or retired.
    Known(MachineRecord),
}

/// What is known of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineRecord {
    /// Its code.
    pub code: MachineCode,
    /// Its name.
    pub name: MachineName,
    /// Where it belongs.
    pub work_center: WorkCenterId,
    /// What it can do and costs.
    pub rating: MachineRating,
    /// What it is doing.
    pub status: MachineStatus,
    /// Why.
    pub reason: Option<Reason>,
    /// When it works, where that is not as its work center does.
    pub calendar: Option<CalendarId>,
    /// Planned maintenance.
    pub maintenance: Numbered<Maintenance>,
}

impl MachineStatus {
    /// Whether work may begin on a machine that is doing this.
    pub const fn takes_work(self) -> bool {
        matches!(self, Self::Available | Self::Running | Self::Setup)
    }
}

impl MachineState {
    /// What other contexts may know of it.
    pub fn facts(&self, id: MachineId) -> Option<MachineFacts> {
        match self {
            Self::Unknown => None,
            Self::Known(machine) => Some(MachineFacts { id, work_center: machine.work_center, status: machine.status }),
        }
    }
}

/// Decides for machines.
pub struct Machine;

impl Machine {
    /// Raised whenever the state or the fold changes, so that no older snapshot is used; a golden test tells when that is.
    pub const STATE_FORM: u32 = 2;
}

impl Decider for Machine {
    const STREAM: StreamType = StreamType::Machine;
    type Command = MachineCommand;
    type Event = MachineEvent;
    type Error = MachineError;
    type State = MachineState;

    fn decide(
        state: &MachineState,
        command: &MachineCommand,
        context: &Context,
    ) -> Result<Vec<MachineEvent>, MachineError> {
        use MachineCommand::{ChangeStatus, Maintain, MoveTo, Rate, Register, Rename, SetCalendar};
        let machine = match (state, command) {
            (MachineState::Unknown, Register { code, name, work_center, rating }) => {
                check_rating(rating)?;
                check_work_center(context)?;
                let (code, name) = (code.clone(), name.clone());
                return Ok(vec![MachineEvent::Registered { code, name, work_center: *work_center, rating: *rating }]);
            }
            (MachineState::Unknown, _) => return Err(MachineError::NotFound),
            (MachineState::Known(machine), _) => machine,
        };
        if machine.status == MachineStatus::Retired && !machine.says_already(command) {
            return Err(MachineError::Retired(machine.code.clone()));
        }
        Ok(match command {
            _ if machine.says_already(command) => vec![],
            Register { .. } => return Err(MachineError::Exists(machine.code.clone())),
            Rename(name) => vec![MachineEvent::Renamed { was: machine.name.clone(), name: name.clone() }],
            MoveTo(work_center) => {
                check_work_center(context)?;
                vec![MachineEvent::Moved { was: machine.work_center, work_center: *work_center }]
            }
            Rate(rating) => {
                check_rating(rating)?;
                vec![MachineEvent::Rated { was: machine.rating, rating: *rating }]
            }
            ChangeStatus { status, reason: None } if !status.takes_work() => return Err(MachineError::ReasonRequired),
            ChangeStatus { status, reason } => {
                vec![MachineEvent::StatusChanged { was: machine.status, status: *status, reason: reason.clone() }]
            }
            SetCalendar(calendar) => {
                context
                    .facts
                    .missing_calendar
                    .map_or(Ok(()), |missing| Err(MachineError::CalendarNotFound(missing)))?;
                vec![MachineEvent::CalendarSet { was: machine.calendar, calendar: *calendar }]
            }
            Maintain(command) => vec![machine.maintain(command, context.now)?],
        })
    }

    fn evolve(mut state: MachineState, event: &MachineEvent, _: Timestamp) -> MachineState {
        if let MachineEvent::Registered { code, name, work_center, rating } = event {
            return MachineState::Known(MachineRecord {
                code: code.clone(),
                name: name.clone(),
                work_center: *work_center,
                rating: *rating,
                status: MachineStatus::Available,
                reason: None,
                calendar: None,
                maintenance: Numbered::default(),
            });
        }
        if let MachineState::Known(machine) = &mut state {
            match event {
                MachineEvent::Registered { .. } => {}
                MachineEvent::Renamed { name, .. } => machine.name = name.clone(),
                MachineEvent::Moved { work_center, .. } => machine.work_center = *work_center,
                MachineEvent::Rated { rating, .. } => machine.rating = *rating,
                MachineEvent::StatusChanged { status, reason, .. } => {
                    machine.status = *status;
                    machine.reason.clone_from(reason);
                }
                MachineEvent::CalendarSet { calendar, .. } => machine.calendar = *calendar,
                MachineEvent::MaintenancePlanned { number, maintenance }
                | MachineEvent::MaintenanceChanged { number, maintenance, .. } => {
                    machine.maintenance.put(*number, maintenance.clone());
                }
                MachineEvent::MaintenanceCancelled { number, .. } => machine.maintenance.remove(*number),
            }
        }
        state
    }
}

impl MachineRecord {
    /// Whether what the command asks for is true already.
    fn says_already(&self, command: &MachineCommand) -> bool {
        match command {
            MachineCommand::Register { code, name, work_center, rating } => {
                (&self.code, &self.name, &self.work_center, &self.rating) == (code, name, work_center, rating)
            }
            MachineCommand::Rename(name) => self.name == *name,
            MachineCommand::MoveTo(work_center) => self.work_center == *work_center,
            MachineCommand::Rate(rating) => self.rating == *rating,
            MachineCommand::ChangeStatus { status, reason } => self.status == *status && self.reason == *reason,
            MachineCommand::SetCalendar(calendar) => self.calendar == *calendar,
            MachineCommand::Maintain(command) => self.is_maintained(command),
        }
    }
}

fn check_rating(rating: &MachineRating) -> Result<(), MachineError> {
    let allowed = 1..=1000;
    if !allowed.contains(&rating.capacity) {
        Err(MachineError::CapacityOutOfRange(rating.capacity))
    } else if !allowed.contains(&rating.speed_percent) {
        Err(MachineError::SpeedOutOfRange(rating.speed_percent))
    } else if rating.hourly_cost.is_some_and(|cost| !cost.is_in_range()) {
        Err(MachineError::CostOutOfRange)
    } else {
        Ok(())
    }
}

fn check_work_center(context: &Context) -> Result<(), MachineError> {
    context.facts.missing_work_centers.first().map_or(Ok(()), |missing| Err(MachineError::WorkCenterNotFound(*missing)))
}

impl DomainEvent for MachineEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("machine.registered", 1),
        ("machine.renamed", 1),
        ("machine.moved", 1),
        ("machine.rated", 1),
        ("machine.status_changed", 1),
        ("machine.calendar_set", 1),
        ("machine.maintenance_planned", 1),
        ("machine.maintenance_changed", 1),
        ("machine.maintenance_cancelled", 1),
    ];
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::Scenario;

    const HALL: WorkCenterId = WorkCenterId(Uuid::from_u128(7));
    const RATING: MachineRating = MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None };

    fn register(rating: MachineRating) -> MachineCommand {
        let (code, name) = (MachineCode::try_new("M1").unwrap(), MachineName::try_new("Lathe").unwrap());
        MachineCommand::Register { code, name, work_center: HALL, rating }
    }

    fn turn(status: MachineStatus, reason: Option<&str>) -> MachineCommand {
        MachineCommand::ChangeStatus { status, reason: reason.map(|text| Reason::try_new(text).unwrap()) }
    }

    fn registered() -> Scenario<Machine> {
        Scenario::new().given(&register(RATING))
    }

    #[test]
    fn capacity_speed_and_cost_have_limits() {
        let bad = [
            (MachineRating { capacity: 0, ..RATING }, "CAPACITY_OUT_OF_RANGE", "capacity"),
            (MachineRating { capacity: 1001, ..RATING }, "CAPACITY_OUT_OF_RANGE", "capacity"),
            (MachineRating { speed_percent: 0, ..RATING }, "SPEED_OUT_OF_RANGE", "speedPercent"),
            (MachineRating { speed_percent: 1001, ..RATING }, "SPEED_OUT_OF_RANGE", "speedPercent"),
            (
                MachineRating { hourly_cost: Some(Quantity::from_millionths(-1)), ..RATING },
                "COST_OUT_OF_RANGE",
                "hourlyCost",
            ),
        ];
        for (rating, code, field) in bad {
            Scenario::<Machine>::new().when(&register(rating)).then_refused(code, Some(field));
            registered().when(&MachineCommand::Rate(rating)).then_refused(code, Some(field));
        }
    }

    #[test]
    fn its_work_center_must_be_there() {
        let nowhere = |scenario: Scenario<Machine>| scenario.knowing(|facts| facts.missing_work_centers = vec![HALL]);
        nowhere(Scenario::new()).when(&register(RATING)).then_refused("WORK_CENTER_NOT_FOUND", Some("workCenterId"));
        let elsewhere = MachineCommand::MoveTo(WorkCenterId(Uuid::from_u128(8)));
        nowhere(registered()).when(&elsewhere).then_refused("WORK_CENTER_NOT_FOUND", Some("workCenterId"));
        registered().given(&elsewhere).when(&elsewhere).then_nothing();
    }

    #[test]
    fn registering_twice_is_one_event_and_a_taken_code_is_refused() {
        registered().when(&register(RATING)).then_nothing();
        let other = MachineRating { capacity: 2, ..RATING };
        registered().when(&register(other)).then_refused("MACHINE_EXISTS", Some("code"));
    }

    #[test]
    fn standing_still_needs_a_reason() {
        for status in [MachineStatus::Down, MachineStatus::Maintenance, MachineStatus::Retired] {
            registered().when(&turn(status, None)).then_refused("REASON_REQUIRED", Some("reason"));
        }
        registered().when(&turn(MachineStatus::Running, None)).then(&[MachineEvent::StatusChanged {
            was: MachineStatus::Available,
            status: MachineStatus::Running,
            reason: None,
        }]);
    }

    #[test]
    fn the_same_status_for_the_same_reason_is_nothing() {
        let down = turn(MachineStatus::Down, Some("spindle"));
        registered().given(&down).when(&down).then_nothing();
        assert_eq!(registered().given(&down).when(&turn(MachineStatus::Down, Some("motor"))).events().len(), 1);
    }

    #[test]
    fn retired_is_for_good() {
        let retired = registered().given(&turn(MachineStatus::Retired, Some("scrapped")));
        retired.clone().when(&turn(MachineStatus::Available, None)).then_refused("MACHINE_RETIRED", None);
        retired
            .clone()
            .when(&MachineCommand::Rate(MachineRating { capacity: 2, ..RATING }))
            .then_refused("MACHINE_RETIRED", None);
        retired.when(&turn(MachineStatus::Retired, Some("scrapped"))).then_nothing();
    }

    #[test]
    fn an_unknown_one_is_not_found() {
        Scenario::<Machine>::new().when(&turn(MachineStatus::Running, None)).then_refused("MACHINE_NOT_FOUND", None);
    }
}
