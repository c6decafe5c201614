//! The plan's situation, and what each event makes of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Changes, Pin, PlanEvent, PlanPolicies};
use crate::jobs::operation::OperationNumber;
use crate::kernel::{JobId, Timestamp};
use crate::scheduling::placement::{OperationRef, Placement};

/// Changes that can be taken back, or told to who saw an older version, at most.
const CHANGES_KEPT: usize = 50;
/// Operations in them, at most; the latest change is kept whatever it touched.
const OPERATIONS_KEPT: usize = 20_000;

/// Where everything is, and how it came there lately.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanState {
    /// Raised by everything that changes where operations are.
    pub version: u64,
    /// What counts, and what is done about conflicts.
    pub policies: PlanPolicies,
    /// Where operations are.
    #[serde(with = "by_operation")]
    pub(super) placements: BTreeMap<OperationRef, Placement>,
    #[serde(with = "pairs")]
    pub(super) pins: BTreeMap<OperationRef, Pin>,
    /// The latest changes, the last one last.
    pub(super) latest: VecDeque<Change>,
}

/// A change as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The version that it made.
    pub version: u64,
    /// Whether somebody may take it back: what followed the floor, or was taken back itself, stays.
    pub reversible: bool,
    /// What it moved.
    pub moves: Vec<Moved>,
}

/// One operation in a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which.
    pub operation: OperationRef,
    /// Where it was.
    pub was: Option<Placement>,
    /// Where it is since.
    pub is: Option<Placement>,
}

impl PlanState {
    /// Where an operation is.
    pub fn placement(&self, operation: OperationRef) -> Option<&Placement> {
        self.placements.get(&operation)
    }

    /// The operations of a job that have a place.
    pub(crate) fn of_job(&self, job: JobId) -> impl Iterator<Item = OperationRef> {
        let at = |number| OperationRef { job, operation: OperationNumber(number) };
        self.placements.range(at(0)..=at(u16::MAX)).map(|(operation, _)| *operation)
    }

    /// Where everything is, by job and operation.
    pub fn placements(&self) -> impl ExactSizeIterator<Item = &Placement> {
        self.placements.values()
    }

    /// What people have fixed, also what has run out since.
    pub fn pins(&self) -> impl Iterator<Item = (OperationRef, &Pin)> {
        self.pins.iter().map(|(operation, pin)| (*operation, pin))
    }

    /// Whether an operation is fixed at that instant.
    pub(super) fn is_pinned(&self, operation: OperationRef, at: Timestamp) -> bool {
        self.pins.get(&operation).is_some_and(|pin| pin.holds(at))
    }

    /// The latest changes as far as they are remembered, the last one first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.latest.iter().rev()
    }

    /// The operations that changed after this version; `None` where that is too long ago to tell.
    pub(super) fn changed_since(&self, version: u64) -> Option<Vec<OperationRef>> {
        let told = self.latest.iter().filter(|change| change.version > version);
        if self.latest.front().is_none_or(|oldest| oldest.version > version + 1) {
            return None;
        }
        let mut operations: Vec<OperationRef> =
            told.flat_map(|change| &change.moves).map(|moved| moved.operation).collect();
        operations.sort_unstable();
        operations.dedup();
        Some(operations)
    }

    /// The latest change of this version that can be taken back.
    pub(super) fn reversible(&self, version: u64) -> Option<&Change> {
        self.latest.iter().find(|change| change.version == version && change.reversible)
    }

    /// The operations that taking this change back would move.
    pub(crate) fn undone_by(&self, version: u64) -> impl Iterator<Item = OperationRef> {
        self.reversible(version).into_iter().flat_map(|change| &change.moves).map(|moved| moved.operation)
    }

    pub(super) fn with(mut self, event: &PlanEvent) -> Self {
        match event {
            PlanEvent::Published { version, changes, .. } | PlanEvent::TakenOut { version, changes, .. } => {
                self.change(*version, changes, true);
            }
            PlanEvent::Followed { version, changes, .. } => self.change(*version, changes, false),
            PlanEvent::Moved { version, changes, pin, .. } => {
                self.change(*version, changes, true);
                if let Some(pin) = pin {
                    self.pin(changes.placed.iter().map(Placement::of), pin);
                }
            }
            PlanEvent::Undone { version, changes, undoes } => {
                self.change(*version, changes, false);
                for change in self.latest.iter_mut().filter(|change| change.version == *undoes) {
                    change.reversible = false;
                }
            }
            PlanEvent::Pinned { operations, pin } => self.pin(operations.iter().copied(), pin),
            PlanEvent::Unpinned { operations } => {
                for operation in operations {
                    self.pins.remove(operation);
                }
            }
            PlanEvent::PoliciesSet { policies, .. } => self.policies = *policies,
        }
        self
    }

    fn pin(&mut self, operations: impl Iterator<Item = OperationRef>, pin: &Pin) {
        self.pins.extend(operations.map(|operation| (operation, pin.clone())));
    }

    fn change(&mut self, version: u64, changes: &Changes, reversible: bool) {
        if self.latest.back().is_none_or(|last| last.version != version) {
            self.latest.push_back(Change { version, reversible, moves: Vec::new() });
        }
        self.version = version;
        let mut moves = Vec::with_capacity(changes.len());
        for placement in &changes.placed {
            let was = self.placements.insert(placement.of(), *placement);
            moves.push(Moved { operation: placement.of(), was, is: Some(*placement) });
        }
        for operation in changes.removed.iter().chain(&changes.done) {
            self.pins.remove(operation);
            let was = self.placements.remove(operation);
            moves.push(Moved { operation: *operation, was, is: None });
        }
        if let Some(last) = self.latest.back_mut() {
            last.moves.append(&mut moves);
        }
        self.forget();
    }

    /// Forgets the oldest changes, so that the state stays small.
    fn forget(&mut self) {
        let mut operations: usize = self.latest.iter().map(|change| change.moves.len()).sum();
        while self.latest.len() > 1 && (self.latest.len() > CHANGES_KEPT || operations > OPERATIONS_KEPT) {
            operations -= self.latest.pop_front().map_or(0, |change| change.moves.len());
        }
    }
}

/// Placements name their operation themselves.
mod by_operation {
    use super::{BTreeMap, Deserialize, OperationRef, Placement};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        placements: &BTreeMap<OperationRef, Placement>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(placements.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<OperationRef, Placement>, D::Error> {
        let placements = Vec::<Placement>::deserialize(deserializer)?;
        Ok(placements.into_iter().map(|placement| (placement.of(), placement)).collect())
    }
}

/// JSON has no keys but text.
mod pairs {
    use super::{BTreeMap, Deserialize, OperationRef, Pin};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        pins: &BTreeMap<OperationRef, Pin>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(pins)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<OperationRef, Pin>, D::Error> {
        Ok(Vec::<(OperationRef, Pin)>::deserialize(deserializer)?.into_iter().collect())
    }
}
