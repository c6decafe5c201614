//! One searcher: makes starts, improves them by local search, and relinks the good ones it keeps. It goes by single steps,
//! so that the caller decides how long and on which thread.

use std::sync::Arc;

use super::bound::lower_bound;
use super::dispatch::dispatch;
use super::elite::{Elite, Population, between};
use super::plan::Plan;
use super::random::Random;
use super::schedule::Schedule;
use super::search::Search;
use super::shop::Shop;
use super::tight::{Outcome, Tight};

/// Steps without an improvement after which a descent is over.
const PATIENCE: u32 = 12_000;
/// Plans kept at first, and at most; one more after so many descents, which brings in fresh ones.
const FEWEST: usize = 4;
const MOST: usize = 16;
const DESCENTS_PER_MEMBER: usize = 10;

/// A seeded search that the caller steps.
#[derive(Debug)]
pub struct Searcher<'shop> {
    shop: &'shop Shop,
    random: Random,
    schedule: Schedule,
    search: Search,
    /// Value of the schedule as it stands.
    value: i64,
    /// Best of the descent under way.
    found: Elite,
    best: Arc<Elite>,
    /// A try at a plan without idle time, while it lasts.
    tight: Option<Tight>,
    population: Population,
    idle: u32,
    descents: usize,
    steps: u64,
    bound: i64,
}

impl<'shop> Searcher<'shop> {
    /// A searcher with a first plan, by urgency blurred by `noise` (0 to 1).
    pub(super) fn new(shop: &'shop Shop, seed: u64, noise: f64) -> Self {
        let mut random = Random::new(seed);
        let mut schedule = Schedule::new(shop);
        let mut search = Search::new(shop);
        let start = dispatch(shop, noise, &mut random);
        schedule.rebuild(shop, &start.order, &start.choice);
        let value = search.begin(shop, &schedule, &mut random);
        let found = Elite::of(&schedule, value);
        let bound = lower_bound(shop);
        Self {
            shop,
            random,
            schedule,
            search,
            value,
            best: Arc::new(found.clone()),
            found,
            population: Population::new(FEWEST),
            idle: 0,
            descents: 0,
            steps: 0,
            bound,
            tight: None,
        }
    }

    /// Tries for a plan without idle time first, where the shop leaves no time to spare.
    pub(super) fn begin_tight(&mut self) {
        self.tight = Tight::new(self.shop, self.bound);
    }

    /// Value of the best plan so far.
    pub fn value(&self) -> i64 {
        self.best.value
    }

    /// What no plan can beat.
    pub fn bound(&self) -> i64 {
        self.bound
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The best plan so far.
    pub fn plan(&self) -> Plan {
        Plan::of(self.shop, &self.best)
    }

    /// Makes one step; false if the best plan is proven to be optimal.
    pub fn step(&mut self) -> bool {
        if self.best.value <= self.bound {
            return false;
        }
        self.steps += 1;
        if let Some(tight) = &mut self.tight {
            match tight.step(self.shop) {
                Outcome::Unfinished => {}
                Outcome::GaveUp => self.tight = None,
                Outcome::Found(plan) => {
                    self.tight = None;
                    self.restart(&plan);
                }
            }
            return true;
        }
        let values = (self.value, self.found.value);
        match self.search.step(self.shop, &mut self.schedule, values, &mut self.random) {
            Some(value) if self.idle < PATIENCE => self.settle(value),
            _ => self.turn(),
        }
        true
    }

    /// Makes at most so many steps, as long as the caller wants; false if the best plan is proven to be optimal.
    pub fn run(&mut self, steps: u64, go_on: &dyn Fn() -> bool) -> bool {
        for _ in 0..steps {
            if !go_on() {
                break;
            }
            if !self.step() {
                return false;
            }
        }
        true
    }

    /// What it can tell others: the good plans it keeps, and the best.
    pub(super) fn memory(&self) -> Vec<Arc<Elite>> {
        self.population.members().iter().chain([&self.best]).map(Arc::clone).collect()
    }

    /// Keeps the best of what all searchers together know, itself included.
    pub(super) fn remember(&mut self, known: &[Arc<Elite>]) {
        self.population.clear();
        for elite in known {
            self.population.keep(self.shop, elite);
        }
        if let Some(best) = known.iter().min_by_key(|elite| elite.value) {
            self.best = Arc::clone(best);
        }
    }

    fn settle(&mut self, value: i64) {
        self.value = value;
        if value < self.found.value {
            self.found.copy(&self.schedule, value);
            self.idle = 0;
            if value < self.best.value {
                self.best = Arc::new(self.found.clone());
            }
        } else {
            self.idle += 1;
        }
    }

    /// Ends a descent and begins the next: from a new plan until the population is full, then between two of its members.
    fn turn(&mut self) {
        self.population.keep(self.shop, &Arc::new(self.found.clone()));
        self.descents += 1;
        self.population.grow_to((FEWEST + self.descents / DESCENTS_PER_MEMBER).min(MOST));
        let pair = if self.population.is_full() { self.population.pair(&mut self.random) } else { None };
        let start = if let Some((one, other)) = pair {
            let share = 0.35 + 0.3 * self.random.unit();
            between(one, other, share, &mut self.random)
        } else {
            let noise = self.random.unit();
            dispatch(self.shop, noise, &mut self.random)
        };
        self.restart(&start);
    }

    /// Goes on from this plan.
    pub(super) fn restart(&mut self, start: &Elite) {
        self.schedule.rebuild(self.shop, &start.order, &start.choice);
        self.value = self.search.begin(self.shop, &self.schedule, &mut self.random);
        self.idle = 0;
        self.found.copy(&self.schedule, self.value);
        if self.value < self.best.value {
            self.best = Arc::new(self.found.clone());
        }
    }
}
