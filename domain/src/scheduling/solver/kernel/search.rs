//! The local search that fits a shop.

use super::insertion::Insertions;
use super::random::Random;
use super::schedule::Schedule;
use super::shop::{Objective, Shop};
use super::tabu::Tabu;
use super::tardiness::Annealing;

/// How long a search is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Steps without an improvement after which a descent is over.
    pub(super) patience: u32,
    /// New plans of a brood.
    pub(super) brood: usize,
    /// Descents in a row without an improvement after which a brood is over.
    pub(super) children_in_vain: usize,
    /// Starts that are tried, and steps each, before the best of them goes on: of new plans, and of children.
    pub(super) fresh: Trials,
    pub(super) children: Trials,
}

/// So many starts, for so many steps each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trials {
    pub(super) starts: u32,
    pub(super) steps: u32,
}

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

    /// A step of an insertion looks at some ten times as many places as one of a block; steps of annealing are the cheapest,
    /// and it is at its best when it is begun often.
    pub(super) const fn effort(&self) -> Effort {
        const fn trials(starts: u32, steps: u32) -> Trials {
            Trials { starts, steps }
        }
        let (patience, brood, children_in_vain) = match self {
            Self::Blocks(_) => (12_000, 4, 8),
            Self::Insertions(_) => (1_500, 3, 8),
            Self::Annealing(_) => (12_000, 12, usize::MAX),
        };
        let (fresh, children) = match self {
            Self::Blocks(_) => (trials(10, 2_000), trials(5, 500)),
            Self::Insertions(_) => (trials(10, 400), trials(5, 200)),
            Self::Annealing(_) => (trials(1, 0), trials(1, 0)),
        };
        Effort { patience, brood, children_in_vain, fresh, children }
    }

    /// Begins a new descent from the schedule as it stands, and says what that is worth.
    pub(super) fn begin(&mut self, shop: &Shop, schedule: &Schedule) -> i64 {
        match self {
            Self::Blocks(tabu) => tabu.clear(),
            Self::Insertions(insertions) => insertions.begin(shop, schedule),
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
