//! How much each machine has to do. No plan is shorter than what its busiest machine does, so that a start that is to
//! beat the best needs alternatives by which no machine does too much.

use super::elite::Elite;
use super::random::Random;
use super::shop::{Choice, Shop};

/// Changes that are tried for each operation of a shop, and at most: a few milliseconds.
const TRIES: usize = 50;
const MOST_TRIES: usize = 100_000;
/// Of changes that are worth nothing, one in so many is made, to get on.
const SIDEWAYS: usize = 8;

/// What each machine has to do by these choices.
pub(super) fn loads(shop: &Shop, choice: &[u16]) -> Vec<i64> {
    let mut loads = vec![0; shop.machines()];
    for (o, &choice) in choice.iter().enumerate() {
        let Choice { machine, time } = shop.choices(o)[choice as usize];
        loads[machine as usize] += time;
    }
    loads
}

/// By how much squares of loads change when `from` goes and `to` comes instead: less is more even, and less work.
#[inline]
pub(super) fn unevenness(loads: &[i64], from: Choice, to: Choice) -> i128 {
    let grown = |machine: u32, by: i64| i128::from(by) * i128::from(2 * loads[machine as usize] + by);
    if from.machine == to.machine {
        return grown(to.machine, to.time - from.time);
    }
    grown(from.machine, -from.time) + grown(to.machine, to.time)
}

/// Changes choices until no machine has more than `limit` to do, as far as that is found: one operation goes to another
/// machine, and if that has too much then, another goes from there.
pub(super) fn relieve(shop: &Shop, plan: &mut Elite, limit: i64, random: &mut Random) {
    let mut relief = Relief::new(shop, &mut plan.choice, limit);
    for _ in 0..(TRIES * shop.operations()).min(MOST_TRIES) {
        if relief.excess == 0 {
            return;
        }
        relief.change(random);
    }
}

struct Relief<'a> {
    shop: &'a Shop,
    choice: &'a mut [u16],
    limit: i64,
    loads: Vec<i64>,
    /// Operations of each machine that have alternatives.
    movable: Vec<Vec<u32>>,
    /// Sum of the squares of what is over the limit.
    excess: i128,
}

/// An operation, by its place among those of its machine, and where it goes.
struct Change {
    place: usize,
    operation: u32,
    was: u16,
    choice: u16,
    from: Choice,
    to: Choice,
}

impl<'a> Relief<'a> {
    fn new(shop: &'a Shop, choice: &'a mut [u16], limit: i64) -> Self {
        let loads = loads(shop, choice);
        let mut movable = vec![Vec::new(); shop.machines()];
        for (o, &choice) in choice.iter().enumerate().filter(|(o, _)| shop.choices(*o).len() > 1) {
            movable[shop.choices(o)[choice as usize].machine as usize].push(o as u32);
        }
        let excess = loads.iter().map(|&load| excess(load, limit)).sum();
        Self { shop, choice, limit, loads, movable, excess }
    }

    /// Tries one change off a machine that has too much.
    fn change(&mut self, random: &mut Random) {
        let machine = random.below(self.loads.len());
        if self.loads[machine] <= self.limit {
            return;
        }
        let before = self.excess;
        let Some(first) = self.pick(machine, random) else { return };
        self.make(&first);
        if self.excess < before {
            return;
        }
        let second = self.pick(first.to.machine as usize, random);
        if let Some(second) = &second {
            self.make(second);
        }
        if self.excess > before || (self.excess == before && random.below(SIDEWAYS) > 0) {
            for change in second.iter().chain([&first]) {
                self.unmake(change);
            }
        }
    }

    /// One of the operations of a machine, to one of its other machines.
    fn pick(&self, machine: usize, random: &mut Random) -> Option<Change> {
        let movable = &self.movable[machine];
        let place = random.below(movable.len());
        let operation = *movable.get(place)?;
        let choices = self.shop.choices(operation as usize);
        let was = self.choice[operation as usize];
        let choice = (was as usize + 1 + random.below(choices.len() - 1)) % choices.len();
        let (from, to) = (choices[was as usize], choices[choice]);
        (from.machine != to.machine).then_some(Change { place, operation, was, choice: choice as u16, from, to })
    }

    fn make(&mut self, &Change { place, operation, choice, from, to, .. }: &Change) {
        self.movable[from.machine as usize].swap_remove(place);
        self.movable[to.machine as usize].push(operation);
        self.choice[operation as usize] = choice;
        self.load(from.machine, -from.time);
        self.load(to.machine, to.time);
    }

    /// Takes back the change that was made last.
    fn unmake(&mut self, &Change { place, operation, was, from, to, .. }: &Change) {
        self.movable[to.machine as usize].pop();
        let movable = &mut self.movable[from.machine as usize];
        movable.push(operation);
        let last = movable.len() - 1;
        movable.swap(place, last);
        self.choice[operation as usize] = was;
        self.load(to.machine, -to.time);
        self.load(from.machine, from.time);
    }

    fn load(&mut self, machine: u32, by: i64) {
        let load = &mut self.loads[machine as usize];
        self.excess -= excess(*load, self.limit);
        *load += by;
        self.excess += excess(*load, self.limit);
    }
}

fn excess(load: i64, limit: i64) -> i128 {
    let over = i128::from((load - limit).max(0));
    over * over
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::dispatch;
    use super::super::sample::random_shop;
    use super::super::shop::Objective;
    use super::*;

    #[test]
    fn a_relieved_plan_has_no_more_above_the_limit_than_before_and_its_loads_are_those_counted_anew() {
        let mut relieved = 0;
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let shop = random_shop(Objective::Makespan, true, &mut random);
            let mut plan = dispatch(&shop, 1.0, &mut random);
            let before = loads(&shop, &plan.choice);
            let limit = before.iter().copied().max().unwrap() - 1 - random.below(5) as i64;
            let over = |loads: &[i64]| loads.iter().map(|&load| excess(load, limit)).sum::<i128>();
            let mut relief = Relief::new(&shop, &mut plan.choice, limit);
            for _ in 0..500 {
                relief.change(&mut random);
            }
            let (counted, left, movable) = (relief.loads, relief.excess, relief.movable);
            assert_eq!(counted, loads(&shop, &plan.choice));
            assert_eq!(left, over(&counted));
            assert!(left <= over(&before));
            relieved += usize::from(left < over(&before));
            for (machine, movable) in movable.iter().enumerate() {
                let here = |&o: &u32| shop.choices(o as usize)[plan.choice[o as usize] as usize].machine as usize;
                assert!(movable.iter().all(|o| here(o) == machine));
            }
        }
        assert!(relieved > 100, "{relieved}");
    }

    #[test]
    fn unevenness_is_the_change_of_the_sum_of_squares() {
        let loads = [10, 4, 7];
        let (from, to) = (Choice { machine: 0, time: 3 }, Choice { machine: 1, time: 5 });
        assert_eq!(unevenness(&loads, from, to), (7 * 7 + 9 * 9) - (10 * 10 + 4 * 4));
        assert_eq!(unevenness(&loads, from, from), 0);
        let shorter = Choice { machine: 0, time: 1 };
        assert_eq!(unevenness(&loads, from, shorter), 8 * 8 - 10 * 10, "another way on the same machine");
    }
}
