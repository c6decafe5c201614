//! A projection for tests of what runs projections: one row per machine, with a fold that can be made faulty.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::catalog::Event;
use domain::kernel::{ActorId, CommandId, Quantity, Role, StreamId, StreamType, TenantId, Timestamp, WorkCenterId};
use domain::machines::machine::{MachineCode, MachineEvent, MachineName, MachineRating, MachineStatus};
use domain::ports::{Envelope, Position, Recorded};
use projections::projection::{IndexColumn, Projection, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A machine with this name makes the faulty fold panic.
pub const CURSED: &str = "cursed";

/// A machine with this name gets far too long a text in an index column by the faulty build.
pub const ENDLESS: &str = "endless";

/// One row per machine, gone when the machine is retired. `FAULTY` is the build with the bug, `false` the one with the fix.
pub struct Shelf<const FAULTY: bool>;

/// A machine on the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfRow {
    /// Its code.
    pub code: String,
    /// Its name; also an index column.
    pub name: String,
    /// What an hour costs; an index column that may be nothing.
    pub cost: Option<i64>,
    /// What it is doing.
    pub status: MachineStatus,
    /// How many events were folded.
    pub events: u64,
    /// The last event folded.
    pub position: Position,
}

impl<const FAULTY: bool> Projection for Shelf<FAULTY> {
    const NAME: &'static str = "shelf";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("name"), IndexColumn::integer("cost")];
    type Row = ShelfRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Machine(_) => vec![event.envelope.stream.id.simple().to_string()],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<ShelfRow>, _key: &str, event: &Recorded) -> Option<ShelfRow> {
        let Event::Machine(change) = &event.event else { return row };
        let position = event.envelope.position;
        let mut row = match (row, change) {
            (None, MachineEvent::Registered { code, name, rating, .. }) => {
                let cost = rating.hourly_cost.map(Quantity::as_millionths);
                let (code, name) = (code.to_string(), name.to_string());
                ShelfRow { code, name, cost, status: MachineStatus::Available, events: 0, position: Position(0) }
            }
            (row, _) => row?,
        };
        if row.position >= position {
            return Some(row);
        }
        (row.events, row.position) = (row.events + 1, position);
        match change {
            MachineEvent::Renamed { name, .. } => row.name = name.to_string(),
            MachineEvent::Rated { rating, .. } => row.cost = rating.hourly_cost.map(Quantity::as_millionths),
            MachineEvent::StatusChanged { status: MachineStatus::Retired, .. } => return None,
            MachineEvent::StatusChanged { status, .. } => row.status = *status,
            MachineEvent::Registered { .. }
            | MachineEvent::Moved { .. }
            | MachineEvent::CalendarSet { .. }
            | MachineEvent::MaintenancePlanned { .. }
            | MachineEvent::MaintenanceChanged { .. }
            | MachineEvent::MaintenanceCancelled { .. } => {}
        }
        assert!(!(FAULTY && row.name == CURSED), "nobody thought of this name");
        Some(row)
    }

    fn impossible(row: Option<&ShelfRow>, _key: &str, event: &Recorded) -> Option<&'static str> {
        match (row, &event.event) {
            (Some(row), Event::Machine(MachineEvent::StatusChanged { was, .. })) if FAULTY && row.status != *was => {
                Some("it was not in the status that it leaves")
            }
            _ => None,
        }
    }

    fn index(row: &ShelfRow) -> Vec<Value> {
        let endless = FAULTY && row.name == ENDLESS;
        let name = if endless { ENDLESS.repeat(1_000) } else { row.name.clone() };
        vec![Value::Text(name), row.cost.map_or(Value::Null, Value::Integer)]
    }
}

/// The `n`th machine's stream.
pub fn machine(n: u32) -> StreamId {
    StreamId::new(StreamType::Machine, Uuid::from_u128(0x3ac0_0000 + u128::from(n)))
}

/// The key of the `n`th machine's row.
pub fn key(n: u32) -> String {
    machine(n).id.simple().to_string()
}

/// The `n`th machine was set up, under this name and with this cost.
///
/// # Panics
/// When the name is no name.
pub fn registered(n: u32, name: &str, cost: Option<i64>) -> MachineEvent {
    MachineEvent::Registered {
        code: MachineCode::try_new(&format!("M{n}")).expect("a code"),
        name: MachineName::try_new(name).expect("a name"),
        work_center: WorkCenterId(Uuid::from_u128(0x3c)),
        rating: rating(cost),
    }
}

/// It got another name.
///
/// # Panics
/// When the name is no name.
pub fn renamed(name: &str) -> MachineEvent {
    let name = MachineName::try_new(name).expect("a name");
    MachineEvent::Renamed { was: name.clone(), name }
}

/// Its hour costs something else.
pub fn rated(cost: Option<i64>) -> MachineEvent {
    MachineEvent::Rated { was: rating(None), rating: rating(cost) }
}

/// It does something else.
pub fn changed(was: MachineStatus, status: MachineStatus) -> MachineEvent {
    MachineEvent::StatusChanged { was, status, reason: None }
}

fn rating(cost: Option<i64>) -> MachineRating {
    MachineRating { capacity: 1, speed_percent: 100, hourly_cost: cost.map(Quantity::from_millionths) }
}

/// An event as it may be appended; its place is for the store to say.
///
/// # Panics
/// When the event can't be written.
pub fn recorded(tenant: TenantId, stream: StreamId, event: MachineEvent) -> Recorded {
    static EVENTS: AtomicU64 = AtomicU64::new(1);
    let event_id = Uuid::from_u128(0xe000_0000_0000 + u128::from(EVENTS.fetch_add(1, Ordering::Relaxed)));
    let event = Event::Machine(event);
    let envelope = Envelope {
        event_id,
        tenant,
        stream,
        revision: 0,
        position: Position(0),
        event_type: Arc::from(event.encode().expect("nothing personal").0),
        happened_at: Timestamp::default(),
        recorded_at: Timestamp::default(),
        actor: ActorId(Uuid::from_u128(7)),
        on_behalf_of: None,
        role: Role::Manager,
        command_id: CommandId(event_id),
        correlation: event_id,
        causation: None,
    };
    Recorded { envelope, event }
}
