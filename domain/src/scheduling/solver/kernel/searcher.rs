//! One searcher: makes starts, improves them by local search, and relinks the good ones it keeps. It goes by single steps,
//! so that the caller decides how long and on which thread.

use std::sync::Arc;

use super::bound::lower_bound;
use super::brood::{Brood, Champion};
use super::dispatch::dispatch;
use super::elite::{Elite, between};
use super::loads::relieve;
use super::plan::Plan;
use super::random::Random;
use super::schedule::Schedule;
use super::search::Search;
use super::shop::{Objective, Shop};
use super::tight::{Outcome, Tight};

/// Starts that are tried for a moment each, before the best of them goes on.
#[derive(Debug)]
struct Audition {
    /// Of whom they are children; none for new plans.
    parents: Option<(Arc<Elite>, Arc<Elite>)>,
    /// Those still to come.
    left: u32,
    best: Option<Elite>,
}

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
    brood: Brood,
    /// The best of broods that are over, for the others.
    champions: Vec<Champion>,
    /// What it breeds from when its own brood is over.
    next: Option<Brood>,
    audition: Option<Audition>,
    /// Steps since the last improvement; of an audition, since it began.
    idle: u32,
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
        let value = search.begin(shop, &schedule);
        let found = Elite::of(&schedule, value);
        let bound = lower_bound(shop);
        let brood = Brood::fresh(search.effort().brood);
        Self {
            shop,
            random,
            schedule,
            search,
            value,
            best: Arc::new(found.clone()),
            found,
            brood,
            champions: Vec::new(),
            next: None,
            audition: None,
            idle: 0,
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
            Some(value) if self.idle < self.patience() => self.settle(value),
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

    /// The best of broods that are over since it was asked last.
    pub(super) fn take_champions(&mut self) -> Vec<Champion> {
        std::mem::take(&mut self.champions)
    }

    /// Whether it could be given a brood to go on with.
    pub(super) const fn wants_brood(&self) -> bool {
        self.next.is_none()
    }

    /// Gives it a brood to go on with when its own is over.
    pub(super) fn give(&mut self, brood: Brood) {
        self.next = Some(brood);
    }

    pub(super) const fn best(&self) -> &Arc<Elite> {
        &self.best
    }

    /// Tells it the best plan of all.
    pub(super) fn learn(&mut self, best: &Arc<Elite>) {
        self.best = Arc::clone(best);
    }

    const fn patience(&self) -> u32 {
        let effort = self.search.effort();
        match &self.audition {
            None => effort.patience,
            Some(Audition { parents: None, .. }) => effort.fresh.steps,
            Some(_) => effort.children.steps,
        }
    }

    fn settle(&mut self, value: i64) {
        self.value = value;
        if value < self.found.value {
            self.found.copy(&self.schedule, value);
            self.idle = if self.audition.is_some() { self.idle + 1 } else { 0 };
            if value < self.best.value {
                self.best = Arc::new(self.found.clone());
            }
        } else {
            self.idle += 1;
        }
    }

    /// Ends a descent, or one try of an audition, and begins the next.
    fn turn(&mut self) {
        let mut audition = match self.audition.take() {
            None => {
                self.breed();
                let parents = self.brood.parents(&mut self.random);
                let effort = self.search.effort();
                let left = if parents.is_some() { effort.children.starts } else { effort.fresh.starts };
                Audition { parents, left, best: None }
            }
            Some(mut audition) => {
                if audition.best.as_ref().is_none_or(|best| self.found.value < best.value) {
                    audition.best = Some(self.found.clone());
                }
                audition
            }
        };
        if let Some(best) = audition.best.take_if(|_| audition.left == 0) {
            self.restart(&best);
            return;
        }
        audition.left = audition.left.saturating_sub(1);
        let start = self.start(&audition);
        self.restart(&start);
        let alone = audition.left == 0 && audition.best.is_none();
        self.audition = (!alone).then_some(audition);
    }

    /// A new plan, or one between the parents.
    fn start(&mut self, audition: &Audition) -> Elite {
        if let Some((one, other)) = &audition.parents {
            let share = 0.35 + 0.3 * self.random.unit();
            let mut child = between(one, other, share, &mut self.random);
            if self.shop.is_flexible() && self.shop.objective() == Objective::Makespan {
                relieve(self.shop, &mut child, self.best.value - 1, &mut self.random);
            }
            child
        } else {
            let noise = self.random.unit();
            dispatch(self.shop, noise, &mut self.random)
        }
    }

    /// Takes the descent into the brood; goes on with another brood when that one is over.
    fn breed(&mut self) {
        self.brood.take_in(self.shop, self.found.clone());
        if let Some(champion) = self.brood.champion(self.search.effort().children_in_vain) {
            self.champions.push(champion);
            self.brood = self.next.take().unwrap_or_else(|| Brood::fresh(self.search.effort().brood));
        }
    }

    /// Goes on from this plan.
    pub(super) fn restart(&mut self, start: &Elite) {
        self.schedule.rebuild(self.shop, &start.order, &start.choice);
        self.value = self.search.begin(self.shop, &self.schedule);
        self.idle = 0;
        self.found.copy(&self.schedule, self.value);
        if self.value < self.best.value {
            self.best = Arc::new(self.found.clone());
        }
    }
}
