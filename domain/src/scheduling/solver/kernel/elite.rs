//! Good plans kept, and new ones made between two of them.

use super::random::Random;
use super::schedule::Schedule;
use super::shop::Shop;

/// A plan in its shortest form: a topological order, the chosen alternatives, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elite {
    pub(super) value: i64,
    pub(super) order: Vec<u32>,
    pub(super) choice: Vec<u16>,
}

impl Elite {
    pub(super) fn of(schedule: &Schedule, value: i64) -> Self {
        Self { value, order: schedule.order.clone(), choice: schedule.choice.clone() }
    }

    pub(super) fn copy(&mut self, schedule: &Schedule, value: i64) {
        self.value = value;
        self.order.clone_from(&schedule.order);
        self.choice.clone_from(&schedule.choice);
    }

    fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.order.len()];
        for (rank, &o) in self.order.iter().enumerate() {
            ranks[o as usize] = rank as u32;
        }
        ranks
    }
}

/// How far two plans are from each other: operations that stand behind another one on their machine, or on another
/// machine, than in the other plan, if that pair stands the other way round there.
pub(super) fn distance(shop: &Shop, one: &Elite, other: &Elite) -> usize {
    let ranks = other.ranks();
    let mut last = vec![u32::MAX; shop.machines()];
    let mut distance = 0;
    for &o in &one.order {
        let choice = one.choice[o as usize];
        let machine = shop.choices(o as usize)[choice as usize].machine;
        let before = std::mem::replace(&mut last[machine as usize], o);
        let turned = before != u32::MAX && ranks[before as usize] > ranks[o as usize];
        distance += usize::from(turned || choice != other.choice[o as usize]);
    }
    distance
}

/// A plan between two: operations sorted by their places in both orders, weighed by `share` of the second. What both
/// agree on stays, and there is never a cycle.
pub(super) fn between(one: &Elite, other: &Elite, share: f64, random: &mut Random) -> Elite {
    const WHOLE: u64 = 1024;
    let (mine, theirs) = (one.ranks(), other.ranks());
    let weight = (share * WHOLE as f64) as u64;
    let key = |o: u32| (WHOLE - weight) * u64::from(mine[o as usize]) + weight * u64::from(theirs[o as usize]);
    let mut order = one.order.clone();
    order.sort_by_cached_key(|&o| key(o));
    let mut choice = one.choice.clone();
    for (mine, theirs) in choice.iter_mut().zip(&other.choice) {
        if *mine != *theirs && random.unit() < share {
            *mine = *theirs;
        }
    }
    Elite { value: i64::MAX, order, choice }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::plan::is_order;
    use super::super::sample::{random_shop, six_by_six};
    use super::super::shop::Objective;
    use super::*;

    #[test]
    fn a_plan_between_two_is_a_plan() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, true, &mut random);
            let (one, other) = (dispatch(&shop, 1.0, &mut random), dispatch(&shop, 1.0, &mut random));
            let share = random.unit();
            let child = between(&one, &other, share, &mut random);
            assert!(is_order(&shop, &child.order, &child.choice));
        }
    }

    #[test]
    fn a_plan_is_at_no_distance_from_itself_and_nearer_to_its_child_than_to_the_other_parent() {
        let mut random = Random::new(7);
        let shop = six_by_six();
        let (one, other) = (dispatch(&shop, 1.0, &mut random), dispatch(&shop, 1.0, &mut random));
        let child = between(&one, &other, 0.5, &mut random);
        assert_eq!(distance(&shop, &one, &one), 0);
        assert!(distance(&shop, &one, &child) < distance(&shop, &one, &other));
    }
}
