//! The plan of a site: where every operation is planned, what is fixed, and what counts.
//!
//! It protects:
//! - whoever plans saw the plan that they change, or learns what has changed since;
//! - nothing moves what is pinned but people by hand, and nobody moves work that has begun;
//! - an operation is planned in one place, and not to start in the past;
//! - a change is taken over whole or not at all, and the latest can be taken back.
//!
//! It does not know the shop: whether machines are open and free is checked against the read models by who asks
//! (`projections::planning`), and shown as a conflict where it is not so any more.

mod command;
mod error;
mod event;
mod state;
pub(super) mod stored;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::placement::{OperationRef, Placement};
use super::solver::{Preset, Weights};
use crate::jobs::operation::Standing;
use crate::kernel::context::Context;
use crate::kernel::decider::Decider;
use crate::kernel::{ScenarioId, StreamType, Timestamp};
use crate::machines::work_center::Reason;
use crate::tenancy::company::OverlapPolicy;

pub use self::command::{PlanCommand, Pushed};
pub use self::error::PlanError;
pub use self::event::PlanEvent;
pub use self::state::{Change, Moved, PlanState, Repinned, TakenOver};
pub use self::stored::in_rows;

/// Operations that one command of a person may name.
pub const MOST_BY_HAND: usize = 1_000;
/// Bytes that an operation takes in an event at most, with its share of what is told once. Most take a third of it.
pub const MOST_BYTES_EACH: usize = 128;
/// Operations in one event: never as much as any store takes at once.
const MOST_IN_EVENT: usize = 8_000;
const MOST_FREEZE_SECONDS: u32 = 60 * 86_400;
const MOST_WEIGHT: i64 = 1_000_000_000;
/// How far in the past "now" may be by the time it is decided, seconds. A move that happened earlier may be told late.
const PAST_TOLERANCE: i64 = 60;

/// What is different from before. It is stored in rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "stored::Stored", try_from = "stored::Stored")]
pub struct Changes {
    /// Operations that are planned there now.
    pub placed: Vec<Placement>,
    /// Operations that are planned no more.
    pub removed: Vec<OperationRef>,
    /// Operations that are finished, or whose job is closed: they leave the plan, and stay on boards where they were.
    pub done: Vec<OperationRef>,
}

impl Changes {
    /// How many operations it is about.
    pub const fn len(&self) -> usize {
        self.placed.len() + self.removed.len() + self.done.len()
    }

    /// Whether nothing is different.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The operations that it is about.
    pub fn operations(&self) -> impl Iterator<Item = OperationRef> {
        self.placed.iter().map(Placement::of).chain(self.removed.iter().copied()).chain(self.done.iter().copied())
    }

    /// The same in pieces that an event can hold.
    pub(super) fn in_pieces(mut self) -> Vec<Self> {
        let mut pieces = Vec::new();
        while self.len() > MOST_IN_EVENT {
            let mut room = MOST_IN_EVENT;
            let mut piece = Self { placed: first(&mut self.placed, room), ..Self::default() };
            room -= piece.placed.len();
            piece.removed = first(&mut self.removed, room);
            room -= piece.removed.len();
            piece.done = first(&mut self.done, room);
            pieces.push(piece);
        }
        pieces.push(self);
        pieces
    }
}

fn first<T>(list: &mut Vec<T>, most: usize) -> Vec<T> {
    let rest = list.split_off(list.len().min(most));
    std::mem::replace(list, rest)
}

/// An operation is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pin {
    /// Why.
    pub reason: Reason,
    /// Until when it holds; `None` is for good.
    pub until: Option<Timestamp>,
}

impl Pin {
    /// Whether it still holds at that instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at < until)
    }
}

/// Where a published plan comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The optimiser.
    Optimiser {
        /// What counted.
        preset: Preset,
        /// Where chance started.
        seed: u64,
    },
    /// A what-if that somebody made.
    Scenario {
        /// Which.
        id: ScenarioId,
        /// The version of it that was taken over, where it is known.
        version: Option<u64>,
        /// Why what does not go together was taken over, where somebody will ask.
        reason: Option<Reason>,
    },
}

/// What counts, and what is done about conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanPolicies {
    /// What counts for the optimiser.
    pub preset: Preset,
    /// What counts instead, where the company has weights of its own.
    pub weights: Option<Weights>,
    /// What is planned to start so soon stays as it is, seconds.
    pub freeze_seconds: u32,
    /// What happens to a move by hand that makes a conflict.
    pub overlap: OverlapPolicy,
}

impl Default for PlanPolicies {
    /// On time first, nothing frozen; what conflicts is taken and marked.
    fn default() -> Self {
        Self { preset: Preset::default(), weights: None, freeze_seconds: 0, overlap: OverlapPolicy::Allow }
    }
}

impl PlanPolicies {
    /// What each part of the objective costs.
    pub fn weights(&self) -> Weights {
        self.weights.unwrap_or_else(|| self.preset.weights())
    }

    fn check(&self) -> Result<(), PlanError> {
        if self.freeze_seconds > MOST_FREEZE_SECONDS {
            return Err(PlanError::MOST_FREEZE);
        }
        let weights = self.weights.iter().flat_map(Weights::all);
        if weights.into_iter().any(|weight| !(0..=MOST_WEIGHT).contains(&weight)) {
            return Err(PlanError::MOST_WEIGHT);
        }
        Ok(())
    }
}

/// Decides for the plan of a site.
pub struct SitePlan;

impl SitePlan {
    /// Raised whenever the state or the fold changes, so that no older snapshot is used; a golden test tells when that is.
    pub const STATE_FORM: u32 = 4;
}

impl Decider for SitePlan {
    const STREAM: StreamType = StreamType::Plan;
    type Command = PlanCommand;
    type Event = PlanEvent;
    type Error = PlanError;
    type State = PlanState;

    fn decide(state: &PlanState, command: &PlanCommand, context: &Context) -> Result<Vec<PlanEvent>, PlanError> {
        let version = state.version + 1;
        Ok(match command {
            PlanCommand::Publish { changes, origin, based_on } => {
                let pieces = state.by_machine(changes, *based_on, context)?;
                pieces.map(|changes| PlanEvent::Published { version, changes, origin: origin.clone() }).collect()
            }
            PlanCommand::Follow { changes, cause, based_on } => {
                let pieces = state.by_machine(changes, *based_on, context)?;
                pieces.map(|changes| PlanEvent::Followed { version, changes, cause: cause.clone() }).collect()
            }
            PlanCommand::Move { placements, reason, pin, pushed, seen } => {
                state.check_seen(*seen, placements.iter().map(Placement::of))?;
                state.check_move(placements, pin.as_ref(), context)?;
                let pushed = pushed.as_ref().map(|pushed| state.pushed(placements, pushed, context)).transpose()?;
                let moved = |pin: Option<&Pin>| {
                    let (reason, pin) = (reason.clone(), pin.cloned());
                    move |changes| PlanEvent::Moved { version, changes, reason: reason.clone(), pin: pin.clone() }
                };
                let placed = |placed: Vec<Placement>| pieces(Changes { placed, ..Changes::default() });
                match (pushed, pin) {
                    (None, pin) if state.says_already(placements, pin.as_ref()) => vec![],
                    (None, pin) => placed(placements.clone()).map(moved(pin.as_ref())).collect(),
                    (Some(others), None) => {
                        placed([placements.as_slice(), &others].concat()).map(moved(None)).collect()
                    }
                    // Who goes out of the way is not pinned, and yet moves in the same change.
                    (Some(others), pin) => {
                        let named = placed(placements.clone()).map(moved(pin.as_ref()));
                        named.chain(placed(others).map(moved(None))).collect()
                    }
                }
            }
            PlanCommand::TakeOut { operations, reason, seen } => {
                state.check_seen(*seen, operations.iter().copied())?;
                let changes = state.taken_out(operations, context)?;
                let taken_out = PlanEvent::TakenOut { version, changes, reason: reason.clone() };
                if taken_out.operations().next().is_none() { vec![] } else { vec![taken_out] }
            }
            PlanCommand::TakeOutJob { job, reason } => {
                let removed = state.of_job(*job).filter(|it| context.facts.standing(*it) != Standing::Begun).collect();
                let pieces = pieces(Changes { removed, ..Changes::default() });
                pieces.map(|changes| PlanEvent::TakenOut { version, changes, reason: reason.clone() }).collect()
            }
            PlanCommand::Pin { operations, pin, seen } => {
                state.check_seen(*seen, operations.iter().copied())?;
                state.pinned(operations, pin, context)?
            }
            PlanCommand::Unpin(operations) => {
                check_named(operations.iter().copied())?;
                let pinned = |operation: &&OperationRef| state.pins.contains_key(operation);
                let operations: Vec<OperationRef> = operations.iter().filter(pinned).copied().collect();
                if operations.is_empty() { vec![] } else { vec![PlanEvent::Unpinned { operations }] }
            }
            PlanCommand::Undo { change, partly, reason, seen } => {
                state.check_current(*seen)?;
                state.undone(*change, *partly, context)?.events(version, *change, reason.as_ref())
            }
            PlanCommand::SetPolicies(policies) if *policies == state.policies => vec![],
            PlanCommand::SetPolicies(policies) => {
                policies.check()?;
                vec![PlanEvent::PoliciesSet { was: state.policies, policies: *policies }]
            }
        })
    }

    fn evolve(state: PlanState, event: &PlanEvent, _: Timestamp) -> PlanState {
        state.with(event)
    }
}

impl PlanState {
    /// What is really different, after every check that a plan of the optimiser needs here.
    fn by_machine(
        &self,
        changes: &Changes,
        based_on: u64,
        context: &Context,
    ) -> Result<impl Iterator<Item = Changes> + use<>, PlanError> {
        self.check_current(Some(based_on))?;
        check_distinct(changes.operations())?;
        let mut changes = changes.clone();
        changes.placed.retain(|placement| self.placement(placement.of()) != Some(placement));
        changes.removed.retain(|operation| self.placements.contains_key(operation));
        changes.done.retain(|operation| self.placements.contains_key(operation));
        for placement in &changes.placed {
            check_order(placement)?;
        }
        self.check_unpinned(&changes.placed, &changes.removed, context)?;
        Ok(pieces(changes))
    }

    /// Fails where something goes elsewhere that somebody has fixed. It may take longer, or less long, than was thought.
    fn check_unpinned(
        &self,
        placed: &[Placement],
        removed: &[OperationRef],
        context: &Context,
    ) -> Result<(), PlanError> {
        let stays = |placement: &&Placement| self.placement(placement.of()).is_some_and(|was| placement.stays_at(was));
        let placed = placed.iter().filter(|placement| !stays(placement)).map(Placement::of);
        let mut moved = placed.chain(removed.iter().copied());
        moved.find(|operation| self.is_pinned(*operation, context.now)).map_or(Ok(()), |it| Err(PlanError::Pinned(it)))
    }

    /// Fails where the plan is another one than whoever asks worked on.
    fn check_current(&self, based_on: Option<u64>) -> Result<(), PlanError> {
        match based_on.filter(|based_on| *based_on != self.version) {
            Some(seen) => Err(PlanError::Changed { version: self.version, operations: self.changed_since(seen) }),
            None => Ok(()),
        }
    }

    /// Fails where one of the operations has moved since whoever asks saw them.
    fn check_seen(&self, seen: Option<u64>, named: impl Iterator<Item = OperationRef>) -> Result<(), PlanError> {
        let Some(seen) = seen else { return Ok(()) };
        let operations: Vec<OperationRef> = named.filter(|it| self.has_changed_since(seen, *it)).collect();
        if operations.is_empty() { Ok(()) } else { Err(PlanError::Changed { version: self.version, operations }) }
    }

    /// Those that go out of the way of what somebody moves. Nobody named them: they are asked what the optimiser is asked, and so may
    /// have begun, or stay in the past.
    fn pushed(&self, named: &[Placement], pushed: &Pushed, context: &Context) -> Result<Vec<Placement>, PlanError> {
        self.check_current(Some(pushed.based_on))?;
        check_distinct(named.iter().chain(&pushed.placements).map(Placement::of))?;
        let moves = |placement: &&Placement| self.placement(placement.of()) != Some(placement);
        let others: Vec<Placement> = pushed.placements.iter().filter(moves).copied().collect();
        others.iter().try_for_each(check_order)?;
        self.check_unpinned(&others, &[], context)?;
        Ok(others)
    }

    fn check_move(&self, placements: &[Placement], pin: Option<&Pin>, context: &Context) -> Result<(), PlanError> {
        check_named(placements.iter().map(Placement::of))?;
        if let Some(machine) = context.facts.missing_machines.first() {
            return Err(PlanError::MachineNotFound(*machine));
        }
        if let Some(operator) = context.facts.missing_operators.first() {
            return Err(PlanError::OperatorNotFound(*operator));
        }
        check_pin(pin, context)?;
        for placement in placements {
            check_waits(placement.of(), context)?;
            check_order(placement)?;
            if self.placement(placement.of()) != Some(placement) {
                check_future(placement, context)?;
            }
        }
        Ok(())
    }

    fn says_already(&self, placements: &[Placement], pin: Option<&Pin>) -> bool {
        placements.iter().all(|placement| {
            let pinned = pin.is_none_or(|pin| self.pins.get(&placement.of()) == Some(pin));
            pinned && self.placement(placement.of()) == Some(placement)
        })
    }

    fn taken_out(&self, operations: &[OperationRef], context: &Context) -> Result<Changes, PlanError> {
        check_named(operations.iter().copied())?;
        let planned = operations.iter().filter(|operation| self.placements.contains_key(operation));
        let removed: Vec<OperationRef> = planned.copied().collect();
        for operation in &removed {
            // Work that is over may leave the plan; work that goes on is where it is.
            if context.facts.standing(*operation) == Standing::Begun {
                return Err(PlanError::OperationBegun(*operation));
            }
        }
        Ok(Changes { removed, ..Changes::default() })
    }

    fn pinned(&self, operations: &[OperationRef], pin: &Pin, context: &Context) -> Result<Vec<PlanEvent>, PlanError> {
        check_named(operations.iter().copied())?;
        check_pin(Some(pin), context)?;
        if let Some(nowhere) = operations.iter().find(|operation| !self.placements.contains_key(operation)) {
            return Err(PlanError::NotPlanned(*nowhere));
        }
        for operation in operations {
            check_waits(*operation, context)?;
        }
        let news = operations.iter().filter(|operation| self.pins.get(operation) != Some(pin));
        let operations: Vec<OperationRef> = news.copied().collect();
        Ok(if operations.is_empty() { vec![] } else { vec![PlanEvent::Pinned { operations, pin: pin.clone() }] })
    }
}

fn pieces(changes: Changes) -> impl Iterator<Item = Changes> {
    changes.in_pieces().into_iter().filter(|piece| !piece.is_empty())
}

fn check_named(operations: impl ExactSizeIterator<Item = OperationRef>) -> Result<(), PlanError> {
    match operations.len() {
        0 => Err(PlanError::Empty),
        1..=MOST_BY_HAND => check_distinct(operations),
        count => Err(PlanError::TooMany { count }),
    }
}

pub(super) fn check_distinct(operations: impl Iterator<Item = OperationRef>) -> Result<(), PlanError> {
    let mut seen = HashSet::new();
    for operation in operations {
        if !seen.insert(operation) {
            return Err(PlanError::Twice(operation));
        }
    }
    Ok(())
}

pub(super) fn check_order(placement: &Placement) -> Result<(), PlanError> {
    if placement.is_in_order() { Ok(()) } else { Err(PlanError::OutOfOrder(placement.of())) }
}

/// Fails where somebody puts work that waits into the past.
fn check_future(placement: &Placement, context: &Context) -> Result<(), PlanError> {
    let past = placement.start.seconds_since(context.happened_at) < -PAST_TOLERANCE;
    if past { Err(PlanError::InPast(placement.of())) } else { Ok(()) }
}

fn check_pin(pin: Option<&Pin>, context: &Context) -> Result<(), PlanError> {
    if pin.is_none_or(|pin| pin.holds(context.happened_at)) { Ok(()) } else { Err(PlanError::PinOver) }
}

/// Fails unless the operation is there and nobody has begun it.
fn check_waits(operation: OperationRef, context: &Context) -> Result<(), PlanError> {
    match context.facts.standing(operation) {
        Standing::Waits => Ok(()),
        Standing::Unknown => Err(PlanError::OperationNotFound(operation)),
        Standing::Begun => Err(PlanError::OperationBegun(operation)),
        Standing::Finished => Err(PlanError::OperationFinished(operation)),
        Standing::JobClosed => Err(PlanError::JobClosed(operation)),
    }
}
