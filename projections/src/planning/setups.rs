//! Setup families and changeovers, as the optimiser counts them.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::WorkCenterId;
use domain::machines::changeover::{Changeovers, SetupFamily};
use domain::scheduling::placement::Placement;
use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{Capacity, ChangeoverIndex, Family, MachineIndex, OperationIndex};

use super::index::Places;
use super::problem::{Planning, PlanningError};
use super::shop::Shop;

/// So many figures are in all tables together at most: 32 MB of them.
const MOST_FIGURES: usize = 4_000_000;

/// The families that count, and the tables of work centers.
pub(super) struct Setups {
    families: Places<SetupFamily>,
    of: BTreeMap<WorkCenterId, ChangeoverIndex>,
    pub(super) tables: Vec<Vec<Vec<Seconds>>>,
}

impl Setups {
    /// Families count that some table names and some work is still to be done of.
    pub(super) fn new(shop: &Shop) -> Result<Self, PlanningError> {
        let in_tables: BTreeSet<&SetupFamily> = shop.changeovers.values().flat_map(Changeovers::families).collect();
        let work = shop.jobs.values().flat_map(|job| &job.operations).filter(|it| !it.is_finished());
        let mut families = Places::new();
        for family in work.filter_map(|it| it.plan.setup_family.as_ref()).filter(|it| in_tables.contains(it)) {
            families.add(family);
        }
        let count = families.all().len();
        if count * count * shop.changeovers.len() > MOST_FIGURES {
            return Err(PlanningError::TooManyFamilies { families: count, tables: shop.changeovers.len() });
        }
        let mut setups = Self { families, of: BTreeMap::new(), tables: Vec::new() };
        for (center, changeovers) in shop.changeovers.iter().filter(|(_, it)| !it.is_empty()) {
            let table = setups.table(changeovers);
            setups.of.insert(*center, ChangeoverIndex(u32::try_from(setups.tables.len()).unwrap_or(u32::MAX)));
            setups.tables.push(table);
        }
        Ok(setups)
    }

    fn table(&self, changeovers: &Changeovers) -> Vec<Vec<Seconds>> {
        let (named, said) = (changeovers.families(), changeovers.said());
        let seconds = |from: &SetupFamily, to: &SetupFamily| match said.get(&(from, to)) {
            Some(seconds) => Seconds::from(*seconds),
            None if from != to && named.contains(from) && named.contains(to) => changeovers.default_seconds.into(),
            None => 0,
        };
        let all = self.families.all();
        all.iter().map(|from| all.iter().map(|to| seconds(from, to)).collect()).collect()
    }

    /// The table of a work center, where it has one.
    pub(super) fn of(&self, center: WorkCenterId) -> Option<ChangeoverIndex> {
        self.of.get(&center).copied()
    }

    /// A family that counts.
    pub(super) fn family(&self, family: Option<&SetupFamily>) -> Option<Family> {
        self.families.get(family?).map(Family)
    }
}

/// Where an operation lies on its machine: start, end, place in the order in which operations wait for one another.
type Turn = (Seconds, Seconds, usize);

impl Planning {
    /// How much longer each of these setups is because of what was on the machine before it: in the order of time, as the optimiser
    /// counts it. What is at work is set up.
    pub(super) fn changeovers(
        &self,
        placed: impl IntoIterator<Item = (OperationIndex, MachineIndex, Seconds, Seconds)>,
    ) -> Vec<Seconds> {
        let mut longer = vec![0; self.problem.len()];
        let mut turn = vec![0_usize; self.problem.len()];
        for (place, operation) in self.problem.order().iter().enumerate() {
            turn[operation.at()] = place;
        }
        let mut on: BTreeMap<MachineIndex, Vec<(Turn, OperationIndex)>> = BTreeMap::new();
        for (operation, machine, start, end) in placed {
            let data = self.problem.machine(machine);
            if data.changeover.is_some() && data.capacity == Capacity::One {
                on.entry(machine).or_default().push(((start, end, turn[operation.at()]), operation));
            }
        }
        for (machine, mut sequence) in on {
            let data = self.problem.machine(machine);
            sequence.sort_unstable();
            let mut family = data.family;
            for (_, operation) in sequence {
                let needed = self.problem.operation(operation).family;
                longer[operation.at()] = self.problem.changeover(data, family, needed);
                family = needed.or(family);
            }
        }
        longer
    }

    /// How much longer the setup of an operation is that somebody puts there then, because of what is there before it.
    pub(super) fn changeover_at<'p>(
        &self,
        (operation, machine, start): (OperationIndex, MachineIndex, Seconds),
        others: impl IntoIterator<Item = &'p Placement>,
    ) -> Seconds {
        let others = others.into_iter().filter_map(|it| self.index.assignment(it));
        let others = others.filter(|(of, at)| *of != operation && at.machine == machine && at.start < start);
        let mut before: Vec<_> = others.map(|(of, at)| (at.start, at.end, of)).collect();
        before.sort_unstable();
        let data = self.problem.machine(machine);
        let last = before.iter().rev().find_map(|(_, _, of)| self.problem.operation(*of).family);
        self.problem.changeover(data, last.or(data.family), self.problem.operation(operation).family)
    }
}
