//! The plan's situation, and what each event makes of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Changes, Origin, Pin, PlanEvent, PlanPolicies};
use crate::jobs::operation::OperationNumber;
use crate::kernel::{JobId, ScenarioId, Timestamp};
use crate::scheduling::placement::{OperationRef, Placement};

/// Changes that can be taken back at most: so many that people made, and as many more that
/// followed the floor, which push nobody's out.
const CHANGES_KEPT: usize = 50;
/// Operations in them, at most; the latest change is kept whatever it touched.
const OPERATIONS_KEPT: usize = 20_000;
/// What-ifs that were published, at most.
const TAKEN_OVER_KEPT: usize = 200;

/// Where everything is, and how it came there lately.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanState {
    /// Raised by everything that changes where operations are.
    pub version: u64,
    /// The latest version that somebody asked for: what came after it followed the floor.
    pub agreed: u64,
    /// What counts, and what is done about conflicts.
    pub policies: PlanPolicies,
    /// Where operations are.
    #[serde(with = "by_operation")]
    pub(super) placements: BTreeMap<OperationRef, Placement>,
    #[serde(with = "pairs")]
    pub(super) pins: BTreeMap<OperationRef, Pin>,
    /// The latest changes, the last one last.
    pub(super) latest: VecDeque<Change>,
    /// By operation that is not over, the version that moved it last.
    #[serde(with = "pairs")]
    changed_in: BTreeMap<OperationRef, u64>,
    /// The what-ifs that were published lately, the last one last.
    taken_over: VecDeque<TakenOver>,
}

/// A what-if that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// Which.
    pub scenario: ScenarioId,
    /// The version of it, where it is known.
    pub of: Option<u64>,
    /// The version of the plan that it made.
    pub version: u64,
}

/// A change as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The version that it made.
    pub version: u64,
    /// Whether somebody may take it back: what followed the floor, or was taken back itself, stays.
    pub reversible: bool,
    /// Whether it followed the floor; nobody asked for it.
    pub followed: bool,
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
    /// What became of its pin.
    #[serde(default, skip_serializing_if = "Repinned::is_nothing")]
    pub pin: Repinned,
}

/// What a change did to the pin of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Repinned {
    /// How it was pinned.
    pub was: Option<Pin>,
    /// How it is since.
    pub is: Option<Pin>,
}

impl Repinned {
    const fn is_nothing(&self) -> bool {
        self.was.is_none() && self.is.is_none()
    }
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

    /// The operations that have moved after this version, but for those that are over.
    pub(super) fn changed_since(&self, version: u64) -> Vec<OperationRef> {
        self.changed_in.iter().filter(|(_, changed)| **changed > version).map(|(operation, _)| *operation).collect()
    }

    /// Whether an operation has moved after this version.
    pub(super) fn has_changed_since(&self, version: u64, operation: OperationRef) -> bool {
        self.changed_in.get(&operation).is_some_and(|changed| *changed > version)
    }

    /// The latest change of this version that can be taken back.
    pub(super) fn reversible(&self, version: u64) -> Option<&Change> {
        self.latest.iter().find(|change| change.version == version && change.reversible)
    }

    /// The operations that taking this change back would move.
    pub(crate) fn undone_by(&self, version: u64) -> impl Iterator<Item = &Moved> {
        self.reversible(version).into_iter().flat_map(|change| &change.moves)
    }

    /// The latest publishing of a what-if, as far back as it is remembered.
    pub fn taken_over(&self, scenario: ScenarioId) -> Option<&TakenOver> {
        self.taken_over.iter().rev().find(|known| known.scenario == scenario)
    }

    pub(super) fn with(mut self, event: &PlanEvent) -> Self {
        match event {
            PlanEvent::Published { version, changes, origin } => {
                self.change(*version, changes, None);
                self.publish(*version, origin);
            }
            PlanEvent::TakenOut { version, changes, .. } => self.change(*version, changes, None),
            PlanEvent::Followed { version, changes, .. } => {
                self.change(*version, changes, None);
                self.mark(*version, |change| (change.reversible, change.followed) = (false, true));
            }
            PlanEvent::Moved { version, changes, pin, .. } => self.change(*version, changes, pin.as_ref()),
            PlanEvent::Undone { version, changes, undoes, .. } => {
                self.change(*version, changes, None);
                for done in [*version, *undoes] {
                    self.mark(done, |change| change.reversible = false);
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
        if let PlanEvent::Published { .. }
        | PlanEvent::TakenOut { .. }
        | PlanEvent::Moved { .. }
        | PlanEvent::Undone { .. } = event
        {
            self.agreed = self.version;
        }
        self.forget();
        self
    }

    fn mark(&mut self, version: u64, mark: impl Fn(&mut Change)) {
        self.latest.iter_mut().rev().filter(|change| change.version == version).for_each(mark);
    }

    fn publish(&mut self, version: u64, origin: &Origin) {
        let Origin::Scenario { id, version: of, .. } = origin else { return };
        let taken_over = TakenOver { scenario: *id, of: *of, version };
        if self.taken_over.back() != Some(&taken_over) {
            self.taken_over.push_back(taken_over);
        }
        if self.taken_over.len() > TAKEN_OVER_KEPT {
            self.taken_over.pop_front();
        }
    }

    fn pin(&mut self, operations: impl Iterator<Item = OperationRef>, pin: &Pin) {
        self.pins.extend(operations.map(|operation| (operation, pin.clone())));
    }

    fn change(&mut self, version: u64, changes: &Changes, pin: Option<&Pin>) {
        if self.latest.back().is_none_or(|last| last.version != version) {
            self.latest.push_back(Change { version, reversible: true, followed: false, moves: Vec::new() });
        }
        self.version = version;
        let mut moves = Vec::with_capacity(changes.len());
        for placement in &changes.placed {
            let operation = placement.of();
            let pin_was = self.pins.get(&operation).cloned();
            if let Some(pin) = pin {
                self.pins.insert(operation, pin.clone());
            }
            let pin = Repinned { was: pin_was, is: self.pins.get(&operation).cloned() };
            let was = self.placements.insert(operation, *placement);
            self.changed_in.insert(operation, version);
            moves.push(Moved { operation, was, is: Some(*placement), pin });
        }
        self.changed_in.extend(changes.removed.iter().map(|operation| (*operation, version)));
        for operation in &changes.done {
            self.changed_in.remove(operation);
        }
        for operation in changes.removed.iter().chain(&changes.done) {
            let pin = Repinned { was: self.pins.remove(operation), is: None };
            let was = self.placements.remove(operation);
            moves.push(Moved { operation: *operation, was, is: None, pin });
        }
        if let Some(last) = self.latest.back_mut() {
            last.moves.append(&mut moves);
        }
    }

    /// Forgets the oldest changes, so that the state stays small.
    fn forget(&mut self) {
        for followed in [false, true] {
            loop {
                let alike = || self.latest.iter().enumerate().filter(|(_, change)| change.followed == followed);
                let operations: usize = alike().map(|(_, change)| change.moves.len()).sum();
                let kept = alike().count();
                if kept <= 1 || (kept <= CHANGES_KEPT && operations <= OPERATIONS_KEPT) {
                    break;
                }
                let oldest = alike().next().map(|(oldest, _)| oldest);
                if oldest.and_then(|oldest| self.latest.remove(oldest)).is_none() {
                    break;
                }
            }
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
    use super::{BTreeMap, Deserialize, OperationRef, Serialize};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        pairs: &BTreeMap<OperationRef, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(pairs)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<OperationRef, T>, D::Error> {
        Ok(Vec::<(OperationRef, T)>::deserialize(deserializer)?.into_iter().collect())
    }
}
