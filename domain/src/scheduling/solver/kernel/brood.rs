//! Few plans that breed until nothing better comes of them. The best of a brood goes up: four of them make a brood of the
//! next level. So the search finds many valleys before it looks between the best of them, however long it may go on, and
//! one good plan can't drive out all others early.

use std::sync::Arc;

use super::elite::{Elite, distance};
use super::random::Random;
use super::shop::Shop;

/// Champions that make a brood of the next level.
pub(super) const SIZE: usize = 4;
/// The best of a brood that is over.
#[derive(Debug)]
pub(super) struct Champion {
    pub(super) level: usize,
    pub(super) elite: Arc<Elite>,
}

/// Plans that are different from each other, and how long nothing better came of them.
#[derive(Debug, Default)]
pub(super) struct Brood {
    /// How many times the best of broods were brought together to make it; 0: its plans are new.
    level: usize,
    members: Vec<Arc<Elite>>,
    /// The most plans it keeps.
    size: usize,
    /// New plans it still waits for.
    expected: usize,
    /// Children in a row that were no better than the best.
    stale: usize,
}

impl Brood {
    /// A brood that waits for so many new plans.
    pub(super) fn fresh(size: usize) -> Self {
        Self { expected: size, size, ..Self::default() }
    }

    /// A brood of the best of others.
    pub(super) fn of(shop: &Shop, champions: Vec<Champion>) -> Self {
        let mut brood = Self { size: champions.len(), ..Self::default() };
        for champion in champions {
            brood.level = brood.level.max(champion.level + 1);
            brood.keep(shop, champion.elite);
        }
        brood
    }

    /// Takes in what a descent found.
    pub(super) fn take_in(&mut self, shop: &Shop, elite: Elite) {
        let better = self.best().is_none_or(|best| elite.value < best.value);
        self.keep(shop, Arc::new(elite));
        self.stale = if better { 0 } else { self.stale + 1 };
        self.expected = self.expected.saturating_sub(1);
    }

    /// In place of the worst if it is full; not if it is worse, or there already.
    fn keep(&mut self, shop: &Shop, elite: Arc<Elite>) {
        if self.members.iter().any(|member| distance(shop, member, &elite) == 0) {
            return;
        }
        if self.members.len() < self.size {
            self.members.push(elite);
        } else if let Some(worst) = self.members.iter_mut().max_by_key(|member| member.value)
            && elite.value < worst.value
        {
            *worst = elite;
        }
    }

    fn best(&self) -> Option<&Arc<Elite>> {
        self.members.iter().min_by_key(|member| member.value)
    }

    /// The best, once more than `patience` children in a row were no better.
    pub(super) fn champion(&self, patience: usize) -> Option<Champion> {
        let over = self.expected == 0 && (self.stale > patience || self.members.len() < 2);
        let elite = self.best().filter(|_| over)?;
        Some(Champion { level: self.level, elite: Arc::clone(elite) })
    }

    /// Two different plans to breed from, by chance; none while it waits for new ones.
    pub(super) fn parents(&self, random: &mut Random) -> Option<(Arc<Elite>, Arc<Elite>)> {
        let count = self.members.len();
        if self.expected > 0 || count < 2 {
            return None;
        }
        let one = random.below(count);
        let other = (one + 1 + random.below(count - 1)) % count;
        Some((Arc::clone(&self.members[one]), Arc::clone(&self.members[other])))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::sample::six_by_six;
    use super::*;

    fn elite(value: i64, random: &mut Random) -> Elite {
        Elite { value, ..dispatch(&six_by_six(), 1.0, random) }
    }

    #[test]
    fn a_full_brood_gives_up_its_worst_for_a_better_one_only() {
        let (shop, mut random, mut brood) = (six_by_six(), Random::new(3), Brood::fresh(SIZE));
        for value in [70, 60, 80, 75, 90, 65] {
            brood.take_in(&shop, elite(value, &mut random));
        }
        let mut values: Vec<i64> = brood.members.iter().map(|member| member.value).collect();
        values.sort_unstable();
        assert_eq!(values, [60, 65, 70, 75]);
    }

    #[test]
    fn a_brood_waits_for_its_new_plans_then_breeds_and_ends_when_nothing_better_comes() {
        let (shop, mut random, mut brood) = (six_by_six(), Random::new(4), Brood::fresh(SIZE));
        for value in [70, 60, 80, 75] {
            assert!(brood.parents(&mut random).is_none());
            brood.take_in(&shop, elite(value, &mut random));
        }
        let mut children = 0;
        while brood.champion(8).is_none() {
            assert!(brood.parents(&mut random).is_some());
            brood.take_in(&shop, elite(100, &mut random));
            children += 1;
        }
        assert!(children <= 9);
        let champion = brood.champion(8).unwrap();
        assert_eq!((champion.level, champion.elite.value), (0, 60));
    }

    #[test]
    fn four_champions_make_a_brood_of_the_next_level() {
        let (shop, mut random) = (six_by_six(), Random::new(5));
        let champions = (0..4).map(|value| Champion { level: 1, elite: Arc::new(elite(50 + value, &mut random)) });
        let mut brood = Brood::of(&shop, champions.collect());
        assert!(brood.parents(&mut random).is_some());
        brood.members.truncate(1);
        assert_eq!(brood.champion(8).unwrap().level, 2);
    }
}
