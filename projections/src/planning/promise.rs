//! When an order that does not exist yet could be done, if nothing else moves for it.

use domain::kernel::{JobId, Timestamp};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::model::{Place, State};
use domain::scheduling::solver::{Problem, Weights, repair};

use super::problem::{NotPlanned, Options, Planning, PlanningError};
use super::shop::{Job, Shop};

/// What can be promised for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// When it would be done; `None` where something of it can't be done at all.
    pub end: Option<Timestamp>,
    /// Where its operations would be.
    pub placements: Vec<Placement>,
    /// Those that can't be done, and why.
    pub left_out: Vec<(OperationRef, NotPlanned)>,
}

impl Shop {
    /// When `order` could be done in what the plan leaves free. Everything that is planned from now on stays where it is; what is
    /// overdue is moved up as a re-plan would, and open work that nobody has planned yet is taken to come later.
    pub fn promise(
        &self,
        order: Job,
        now: Timestamp,
        (options, weights): (&Options, &Weights),
    ) -> Result<Promise, PlanningError> {
        let mut shop = self.clone();
        for job in shop.jobs.values_mut() {
            let id = job.id;
            job.operations.retain(|it| {
                let of = OperationRef { job: id, operation: it.plan.number };
                it.is_finished() || it.is_begun() || self.plan.placements.contains_key(&of)
            });
        }
        let id = order.id;
        shop.jobs.insert(id, order);
        let planning = shop.problem(now, options)?.holding_still()?;
        let plan = repair(&planning.problem, &planning.baseline, weights);
        let of_order = |job: JobId| job == id;
        let placements: Vec<Placement> =
            planning.index.placements(&plan).into_iter().filter(|it| of_order(it.job)).collect();
        let left_out: Vec<_> = planning.left_out(&plan).into_iter().filter(|it| of_order(it.0.job)).collect();
        let end = placements.iter().map(|it| it.end).max().filter(|_| left_out.is_empty());
        Ok(Promise { end, placements, left_out })
    }
}

impl Planning {
    /// The same problem, with everything fixed that is planned from now on.
    fn holding_still(self) -> Result<Self, PlanningError> {
        let mut model = self.problem.model().clone();
        for (operation, told) in model.operations.iter_mut().zip(&self.baseline.assignments) {
            if let (State::Planned, Some(at)) = (operation.state, told.filter(|at| at.start >= 0)) {
                operation.state = State::Pinned(Place { machine: at.machine, operator: at.operator, start: at.start });
            }
        }
        Ok(Self { problem: Problem::new(model)?, ..self })
    }
}

#[cfg(test)]
mod tests {
    use domain::scheduling::solver::Preset;
    use proptest::prelude::*;

    use super::*;
    use crate::planning::sample::{cases, shop};
    use crate::planning::tests::solved;

    proptest! {
        #![proptest_config(cases(64))]
        /// A sound plan with the promised places in it is sound.
        #[test]
        fn a_promise_can_be_kept_without_moving_anything(seed in any::<u64>()) {
            let (mut shop, now) = shop(seed);
            shop.plan = crate::planning::CurrentPlan::default();
            let Some((id, order)) = shop.jobs.iter().find(|(_, job)| job.operations.iter().all(|it| it.began_at.is_none())) else { return Ok(()) };
            let (id, order) = (*id, order.clone());
            let everything = shop.clone();
            shop.jobs.remove(&id);
            let options = Options::default();
            let planning = shop.problem(now, &options).unwrap();
            let placed = planning.index.placements(&solved(&planning, 0).plan);
            let before = planning.conflicts(&placed);
            shop.plan.placements = placed.iter().map(|it| (it.of(), *it)).collect();
            let promise = shop.promise(order, now, (&options, &Preset::OnTimeFirst.weights())).unwrap();
            prop_assert!(promise.end.is_some() || !promise.left_out.is_empty());
            let planning = everything.problem(now, &options).unwrap();
            let after = planning.conflicts(placed.iter().chain(&promise.placements));
            let new = after.iter().filter(|it| !before.contains(it) && it.kind != crate::planning::ConflictKind::Late);
            prop_assert_eq!(new.collect::<Vec<_>>(), Vec::<&crate::planning::Conflict>::new());
        }
    }
}
