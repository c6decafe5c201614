//! What no plan can be below.

use serde::{Deserialize, Serialize};

use super::decode::Board;
use super::objective::Weights;

/// Least values, each by itself; whatever is found is at most so far from the best possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bound {
    /// Of the weighted sum.
    pub soft: i64,
    /// Of the end of the last operation.
    pub makespan: i64,
    /// Of weighted tardiness.
    pub weighted_tardiness: i64,
}

/// The bounds of what can be made of a board.
pub(crate) fn bound(base: &Board<'_>) -> Bound {
    let parts = base.parts();
    Bound { soft: base.score().soft, makespan: parts.makespan, weighted_tardiness: parts.weighted_tardiness }
}

impl Bound {
    /// With what follows from makespan and weighted tardiness for the weighted sum.
    pub(crate) const fn under(mut self, weights: &Weights) -> Self {
        let makespan = self.makespan.saturating_mul(weights.makespan);
        let tardiness = self.weighted_tardiness.saturating_mul(weights.tardiness);
        self.soft = makespan.saturating_add(tardiness);
        self
    }
}
