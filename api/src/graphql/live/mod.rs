//! Subscriptions: what happens now, from a consistent beginning, with a cursor to come back to.

pub mod activity;
pub mod andon;
pub mod board;
mod feed;
pub mod jobs;
pub mod machines;
pub mod planning;
pub mod replay;

use async_graphql::{Enum, ID, MergedSubscription, SimpleObject};
use domain::ports::Envelope;

use super::GraphqlDeps;
use super::scalars::{DateTime, Position};

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    jobs::JobsSubscription,
    machines::MachinesSubscription,
    andon::AndonSubscription,
    board::BoardSubscription,
    activity::ActivitySubscription,
    replay::ReplaySubscription,
    planning::PlanningSubscription,
);

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MessageKind {
    /// The state at the cursor; only the first message can be one, and only without `after`.
    Snapshot,
    /// One event, and what it touched as it is now.
    Change,
    /// Nothing happened: the connection lives, and everything up to the cursor was told.
    Heartbeat,
}

/// What every message begins with.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageHead {
    /// Come back with this as `after`, and nothing is missed or told twice.
    cursor: Position,
    /// What this message is.
    kind: MessageKind,
    /// Position of the event; of the state for a snapshot; up to which everything was told for a heartbeat.
    position: Position,
    /// How old the news is: milliseconds since the event was recorded; else by how much the read models are behind.
    lag_ms: i32,
    /// When Kilter was told.
    recorded_at: Option<DateTime>,
    /// When it happened on the floor.
    happened_at: Option<DateTime>,
    /// What happened, such as `job.created`.
    event_type: Option<String>,
    /// Identity of the event.
    event_id: Option<ID>,
}

impl MessageHead {
    /// The head of a change.
    fn change(deps: &GraphqlDeps, event: &Envelope) -> Self {
        let age_micros = deps.clock.now().as_micros() - event.recorded_at.as_micros();
        Self {
            cursor: event.position.into(),
            kind: MessageKind::Change,
            position: event.position.into(),
            lag_ms: millis(age_micros),
            recorded_at: Some(event.recorded_at.into()),
            happened_at: Some(event.happened_at.into()),
            event_type: Some(event.event_type.to_string()),
            event_id: Some(event.event_id.into()),
        }
    }

    /// The head of a message that tells of no event.
    fn state(kind: MessageKind, position: domain::ports::Position, lag_ms: i32) -> Self {
        let position = Position(position);
        Self {
            cursor: position,
            kind,
            position,
            lag_ms,
            recorded_at: None,
            happened_at: None,
            event_type: None,
            event_id: None,
        }
    }
}

/// An age in milliseconds, as far as `Int` goes: 24 days.
fn millis(age_micros: i64) -> i32 {
    i32::try_from((age_micros / 1000).max(0)).unwrap_or(i32::MAX)
}
