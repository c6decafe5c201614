//! Searchers that work side by side on one shop. The caller steps each on a thread of its own, for a round; between
//! rounds they tell each other what they found, always in the same order. So nothing depends on which thread is faster:
//! with the same seed and the same number of steps in each round, the plan is the same.

use std::sync::Arc;

use super::brood::{Brood, Champion, SIZE};
use super::elite::Elite;
use super::plan::{Plan, is_order};
use super::searcher::Searcher;
use super::shop::Shop;

/// Searchers that bring the best of their broods together.
#[derive(Debug)]
pub struct Team<'shop> {
    shop: &'shop Shop,
    searchers: Vec<Searcher<'shop>>,
    /// The best of broods that are over, by level, until there are enough for a brood of the next.
    champions: Vec<Vec<Champion>>,
}

impl<'shop> Team<'shop> {
    /// So many searchers (at least one), each with a first plan.
    pub fn new(shop: &'shop Shop, seed: u64, searchers: usize) -> Self {
        let member = |index: usize| {
            let noise = if index == 0 { 0.0 } else { 0.5 };
            Searcher::new(shop, seed.wrapping_add((index as u64) << 32), noise)
        };
        let mut searchers: Vec<Searcher<'shop>> = (0..searchers.max(1)).map(member).collect();
        searchers[0].begin_tight();
        Self { shop, searchers, champions: Vec::new() }
    }

    /// The searchers, to be stepped.
    pub fn searchers_mut(&mut self) -> &mut [Searcher<'shop>] {
        &mut self.searchers
    }

    /// Steps after which searchers should exchange: some tens of milliseconds.
    pub fn steps_per_round(&self) -> u64 {
        (4_000_000 / self.shop.operations().max(1) as u64).clamp(200, 20_000)
    }

    /// Tells every searcher what the others found.
    pub fn exchange(&mut self) {
        for champion in self.searchers.iter_mut().flat_map(Searcher::take_champions) {
            if self.champions.len() <= champion.level {
                self.champions.resize_with(champion.level + 1, Vec::new);
            }
            self.champions[champion.level].push(champion);
        }
        for champions in self.champions.iter_mut().rev().filter(|champions| champions.len() >= SIZE) {
            if let Some(searcher) = self.searchers.iter_mut().find(|searcher| searcher.wants_brood()) {
                searcher.give(Brood::of(self.shop, champions.drain(..SIZE).collect()));
            }
        }
        if let Some(best) = self.searchers.iter().map(Searcher::best).min_by_key(|best| best.value).map(Arc::clone) {
            for searcher in &mut self.searchers {
                searcher.learn(&best);
            }
        }
    }

    /// Gives the searchers a plan that is known already: an order in which every operation comes after those it waits
    /// for, and the choices. False if it is none of this shop.
    pub fn offer(&mut self, order: &[u32], choices: &[u16]) -> bool {
        let valid = is_order(self.shop, order, choices);
        if valid {
            let start = Elite { value: i64::MAX, order: order.to_vec(), choice: choices.to_vec() };
            for searcher in &mut self.searchers {
                searcher.restart(&start);
            }
        }
        valid
    }

    /// Value of the best plan so far.
    pub fn value(&self) -> i64 {
        self.searchers.iter().map(Searcher::value).min().unwrap_or(i64::MAX)
    }

    /// What no plan can beat.
    pub fn bound(&self) -> i64 {
        self.searchers.first().map_or(0, Searcher::bound)
    }

    /// Steps made by all.
    pub fn steps(&self) -> u64 {
        self.searchers.iter().map(Searcher::steps).sum()
    }

    /// The best plan so far.
    pub fn plan(&self) -> Option<Plan> {
        self.searchers.iter().min_by_key(|searcher| searcher.value()).map(Searcher::plan)
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::super::sample::{random_shop, six_by_six, worth};
    use super::super::shop::Objective;
    use super::*;

    /// As a caller does it, on one thread, from the last searcher to the first or from the first to the last.
    fn solve(shop: &Shop, seed: u64, rounds: usize, backwards: bool) -> Plan {
        let mut team = Team::new(shop, seed, 2);
        for _ in 0..rounds {
            let mut turns: Vec<_> = team.searchers_mut().iter_mut().collect();
            if backwards {
                turns.reverse();
            }
            for searcher in turns {
                searcher.run(500, &|| true);
            }
            team.exchange();
        }
        team.plan().unwrap()
    }

    #[test]
    fn six_jobs_on_six_machines_take_55() {
        assert_eq!(solve(&six_by_six(), 1, 10, false).value, 55);
    }

    #[test]
    fn same_seed_and_steps_give_the_same_plan_whichever_thread_is_faster() {
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let objective = if seed % 3 == 0 { Objective::WeightedTardiness } else { Objective::Makespan };
            let shop = random_shop(objective, seed % 2 == 0, &mut random);
            assert_eq!(solve(&shop, seed, 4, false), solve(&shop, seed, 4, true));
        }
    }

    #[test]
    fn what_a_plan_claims_is_what_it_is_worth() {
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let objective = if seed % 2 == 0 { Objective::WeightedTardiness } else { Objective::Makespan };
            let shop = random_shop(objective, seed % 4 < 2, &mut random);
            let plan = solve(&shop, seed, 3, false);
            assert!(is_order(&shop, &plan.order, &plan.choices));
            assert_eq!(plan.value, worth(&shop, &plan.order, &plan.choices));
            assert!(plan.value >= Team::new(&shop, seed, 1).bound());
        }
    }

    #[test]
    fn more_rounds_never_give_worse() {
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::WeightedTardiness, true, &mut random);
            assert!(solve(&shop, seed, 5, false).value <= solve(&shop, seed, 2, false).value);
        }
    }

    #[test]
    fn a_plan_offered_is_the_least_that_comes_out_and_an_order_of_another_shop_is_refused() {
        let shop = six_by_six();
        let known = solve(&shop, 1, 10, false);
        let mut team = Team::new(&shop, 9, 2);
        assert!(team.offer(&known.order, &known.choices));
        assert_eq!(team.value(), known.value);
        assert!(!team.offer(&known.order[1..], &known.choices));
        let backwards: Vec<u32> = known.order.iter().rev().copied().collect();
        assert!(!team.offer(&backwards, &known.choices));
    }
}
