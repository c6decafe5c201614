//! What a plan of the optimiser changes about the plan that there is.

use domain::kernel::Timestamp;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::Changes;
use domain::scheduling::solver::Plan;

use super::problem::Planning;
use super::shop::Shop;

impl Planning {
    /// What is different in a plan of this problem. What is pinned stays where people put it, though it may take longer; what is over or closed leaves.
    pub fn changes(&self, plan: &Plan, shop: &Shop, now: Timestamp) -> Changes {
        let mut changes = Changes::default();
        let planned = self.index.placements(plan);
        let moved = |placement: &Placement| {
            let was = shop.plan.placements.get(&placement.of());
            let may = |was: &Placement| placement.stays_at(was) || !shop.is_pinned(placement.of(), now);
            was != Some(placement) && was.is_none_or(may)
        };
        changes.placed = planned.iter().copied().filter(moved).collect();
        let mut stays: Vec<OperationRef> = planned.iter().map(Placement::of).collect();
        stays.sort_unstable();
        for operation in shop.plan.placements.keys().filter(|operation| stays.binary_search(operation).is_err()) {
            let is_over = shop.operation(*operation).is_none_or(|(_, known)| known.is_finished());
            if is_over {
                changes.done.push(*operation);
            } else if !shop.is_pinned(*operation, now) {
                changes.removed.push(*operation);
            }
        }
        changes
    }
}
