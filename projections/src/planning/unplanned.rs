//! Work that has no place in the plan, and why.

use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::Plan;
use domain::scheduling::solver::model::{OperationIndex, State};
use domain::scheduling::solver::plan::Reason;

use super::people::ASSIGNED;
use super::problem::{NotPlanned, Planning};

impl Planning {
    /// Operations that wait for work and have none of these places, each with the reason why the optimiser could not give it one,
    /// as far as that can be told without asking it; what is at work has its place on the floor.
    pub fn unplanned<'p>(
        &self,
        placements: impl IntoIterator<Item = &'p Placement>,
    ) -> Vec<(OperationRef, NotPlanned)> {
        let plan = self.index.plan(placements);
        let mut why: Vec<Option<NotPlanned>> = vec![None; self.problem.len()];
        let mut unplanned = Vec::new();
        for &operation in self.problem.order() {
            let waits = matches!(self.problem.operation(operation).state, State::Planned | State::Pinned(_));
            if !waits || plan.assignments[operation.at()].is_some() {
                continue;
            }
            let barred = |it: OperationIndex| why[it.at()].is_some_and(|why| why != NotPlanned::NotYet);
            let reason = if let Some(reason) = self.impossible(operation) {
                reason
            } else if self.problem.before(operation).any(|link| barred(link.before)) {
                NotPlanned::PredecessorUnplanned
            } else {
                NotPlanned::NotYet
            };
            why[operation.at()] = Some(reason);
            unplanned.extend(self.index.operation(operation).map(|operation| (operation, reason)));
        }
        unplanned
    }

    /// Why the operations that a plan of the optimiser leaves out are left out.
    pub fn left_out(&self, plan: &Plan) -> Vec<(OperationRef, NotPlanned)> {
        let left_out = plan.unplaced.iter().filter_map(|it| {
            let reason = match it.reason {
                Reason::PredecessorUnplaced | Reason::OutOfTime => None,
                _ => self.impossible(it.operation),
            };
            Some((self.index.operation(it.operation)?, reason.unwrap_or_else(|| it.reason.into())))
        });
        left_out.collect()
    }

    /// Why nobody could ever do it anywhere, if so.
    fn impossible(&self, operation: OperationIndex) -> Option<NotPlanned> {
        if let Some(reason) = self.hopeless.get(&operation) {
            return Some(*reason);
        }
        let data = self.problem.operation(operation);
        if data.tools.iter().any(|tool| self.problem.model().tools[tool.at()].count == 0) {
            return Some(NotPlanned::ToolMissing);
        }
        let labour = data.labour?;
        let name = self.problem.model().skills[labour.skill.at()].as_str();
        let nobody = if name == ASSIGNED { NotPlanned::AssignedUnable } else { NotPlanned::SkillMissing };
        self.problem.qualified(&labour).is_empty().then_some(nobody)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::planning::problem::Options;
    use crate::planning::sample::{cases, shop};
    use crate::planning::tests::solved;

    proptest! {
        #![proptest_config(cases(64))]
        /// Of an empty plan everything that waits is unplanned, and what the optimiser can't place is never called "not yet" where
        /// nobody could do it.
        #[test]
        fn nothing_is_unplanned_without_a_reason(seed in any::<u64>()) {
            let (mut shop, now) = shop(seed);
            shop.plan.placements.clear();
            let planning = shop.problem(now, &Options::default()).unwrap();
            let waiting = shop.jobs.values().flat_map(|job| &job.operations).filter(|it| !it.is_finished() && !it.is_running());
            let unplanned = planning.unplanned([]);
            prop_assert_eq!(unplanned.len(), waiting.count());
            let left_out = planning.left_out(&solved(&planning, 0).plan);
            for (operation, why) in unplanned.iter().filter(|(_, why)| *why != NotPlanned::NotYet) {
                let told = left_out.iter().find(|it| it.0 == *operation).map(|it| it.1);
                // The optimiser may know more than that something before it has no place.
                let same = told == Some(*why) || (told.is_some() && *why == NotPlanned::PredecessorUnplanned);
                prop_assert!(same, "{operation} {why:?} {told:?}");
            }
        }
    }
}
