//! A what-if's situation, and what each event makes of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Assumption, ScenarioEvent, ScenarioName};
use crate::kernel::AssumptionId;
use crate::scheduling::placement::{OperationRef, Placement};
use crate::scheduling::site_plan::{Changes, PlanState};

/// A what-if's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ScenarioState {
    /// Never made.
    #[default]
    Unknown,
    /// People work on it.
    Open(Box<Sketch>),
    /// The plan has taken it over, in this version.
    Published(u64),
    /// Given up.
    Discarded,
}

/// A what-if that people work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// What it is called.
    pub name: ScenarioName,
    /// The version of the plan that it was made from.
    pub base: u64,
    /// Whether that plan has taken over what it was by then.
    pub rebased: bool,
    /// Raised by everything that changes where operations are.
    pub version: u64,
    /// What is assumed.
    pub assumptions: BTreeMap<AssumptionId, Assumption>,
    pub(super) based_on: BTreeMap<OperationRef, Placement>,
    pub(super) placements: BTreeMap<OperationRef, Placement>,
}

/// A what-if as changes of the plan as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Onto {
    /// What it changes about operations that are where they were when it was made.
    pub changes: Changes,
    /// Operations that it changes, and that have been changed otherwise since.
    pub conflicts: Vec<OperationRef>,
}

impl ScenarioState {
    pub(super) fn with(mut self, event: &ScenarioEvent) -> Self {
        match (&mut self, event) {
            (_, ScenarioEvent::Opened { name, base }) => {
                return Self::Open(Box::new(Sketch {
                    name: name.clone(),
                    base: *base,
                    rebased: false,
                    version: 0,
                    assumptions: BTreeMap::new(),
                    based_on: BTreeMap::new(),
                    placements: BTreeMap::new(),
                }));
            }
            (Self::Open(_), ScenarioEvent::Published { version }) => return Self::Published(*version),
            (Self::Open(_), ScenarioEvent::Discarded {}) => return Self::Discarded,
            (Self::Open(sketch), event) => sketch.fold(event),
            (Self::Unknown | Self::Published(_) | Self::Discarded, _) => {}
        }
        self
    }
}

impl Sketch {
    /// Where everything is, by job and operation.
    pub fn placements(&self) -> impl ExactSizeIterator<Item = &Placement> {
        self.placements.values()
    }

    /// Where everything was in the plan that it was made from.
    pub fn based_on(&self) -> impl ExactSizeIterator<Item = &Placement> {
        self.based_on.values()
    }

    /// What it changes about the plan as it is now. Where the plan is there already, nothing is to be changed.
    pub fn onto(&self, plan: &PlanState) -> Onto {
        let mut onto = Onto::default();
        let operations: BTreeSet<OperationRef> = self.placements.keys().chain(self.based_on.keys()).copied().collect();
        for operation in operations {
            let (was, is) = (self.based_on.get(&operation), self.placements.get(&operation));
            let now = plan.placement(operation);
            match is {
                _ if was == is || now == is => {}
                _ if now != was => onto.conflicts.push(operation),
                Some(placement) => onto.changes.placed.push(*placement),
                None => onto.changes.removed.push(operation),
            }
        }
        onto
    }

    fn fold(&mut self, event: &ScenarioEvent) {
        match event {
            ScenarioEvent::BasedOn { placements } => {
                let placed = || placements.iter().map(|placement| (placement.of(), *placement));
                self.based_on.extend(placed());
                self.placements.extend(placed());
            }
            ScenarioEvent::Renamed { name, .. } => self.name = name.clone(),
            ScenarioEvent::Assumed { assumption, assumed } => {
                self.assumptions.insert(*assumption, *assumed);
            }
            ScenarioEvent::Withdrawn { assumption, .. } => {
                self.assumptions.remove(assumption);
            }
            ScenarioEvent::Changed { version, changes, .. } => {
                self.version = *version;
                self.placements.extend(changes.placed.iter().map(|placement| (placement.of(), *placement)));
                for operation in &changes.removed {
                    self.placements.remove(operation);
                }
            }
            ScenarioEvent::Rebased { version, changes } => {
                (self.base, self.rebased) = (*version, true);
                self.based_on.extend(changes.placed.iter().map(|placement| (placement.of(), *placement)));
                for operation in &changes.removed {
                    self.based_on.remove(operation);
                }
            }
            ScenarioEvent::Opened { .. } | ScenarioEvent::Published { .. } | ScenarioEvent::Discarded {} => {}
        }
    }
}
