//! The local search that fits a shop.

use super::insertion::Insertions;
use super::random::Random;
use super::schedule::Schedule;
use super::shop::{Objective, Shop};
use super::tabu::Tabu;
use super::tardiness::Annealing;

#[derive(Debug)]
pub(super) enum Search {
    /// Makespan, one machine for each operation.
    Blocks(Tabu),
    /// Makespan, alternatives.
    Insertions(Box<Insertions>),
    /// Weighted tardiness.
    Annealing(Annealing),
}

impl Search {
    pub(super) fn new(shop: &Shop) -> Self {
        match shop.objective() {
            Objective::WeightedTardiness => Self::Annealing(Annealing::new(shop)),
            Objective::Makespan if shop.is_flexible() => Self::Insertions(Box::new(Insertions::new(shop))),
            Objective::Makespan => Self::Blocks(Tabu::new(shop)),
        }
    }

    /// Begins a new descent from the schedule as it stands, and says what that is worth.
    pub(super) fn begin(&mut self, shop: &Shop, schedule: &Schedule, random: &mut Random) -> i64 {
        match self {
            Self::Blocks(tabu) => tabu.clear(),
            Self::Insertions(insertions) => insertions.clear(random),
            Self::Annealing(annealing) => return annealing.begin(shop, schedule),
        }
        schedule.makespan()
    }

    /// Makes one step and says what the schedule is worth after it; none if there is nothing more to do from here.
    /// `values` are those of the schedule as it stands and of the best of this descent.
    pub(super) fn step(
        &mut self,
        shop: &Shop,
        schedule: &mut Schedule,
        values: (i64, i64),
        random: &mut Random,
    ) -> Option<i64> {
        match self {
            Self::Blocks(tabu) => tabu.step(shop, schedule, values, random),
            Self::Insertions(insertions) => insertions.step(shop, schedule, values, random),
            Self::Annealing(annealing) => annealing.step(shop, schedule, values.0, random),
        }
    }
}
