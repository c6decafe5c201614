//! States that were folded before, so that a command reads only what was appended since. Nothing relies on it being complete
//! or new: every use reads the rest of the stream first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::calendars::calendar::Calendar;
use crate::identity::account::Account;
use crate::identity::api_token::ApiToken;
use crate::identity::session::Session;
use crate::jobs::job::Job;
use crate::kernel::{Decider, StreamId, TenantId};
use crate::machines::machine::Machine;
use crate::machines::tool::Tool;
use crate::machines::work_center::WorkCenter;
use crate::ports::Position;
use crate::scheduling::scenario::Scenario;
use crate::scheduling::site_plan::SitePlan;
use crate::tenancy::company::Company;
use crate::tenancy::roster::Roster;
use crate::workforce::operator::Operator;

/// One stream of one tenant.
pub(super) type Key = (TenantId, StreamId);

/// One cache for each kind of stream.
#[derive(Default)]
pub(super) struct Shelves {
    pub(super) companies: Cache<Company>,
    pub(super) work_centers: Cache<WorkCenter>,
    pub(super) machines: Cache<Machine>,
    pub(super) operators: Cache<Operator>,
    pub(super) jobs: Cache<Job>,
    pub(super) rosters: Cache<Roster>,
    pub(super) accounts: Cache<Account>,
    pub(super) sessions: Cache<Session>,
    pub(super) api_tokens: Cache<ApiToken>,
    pub(super) calendars: Cache<Calendar>,
    pub(super) plans: Cache<SitePlan>,
    pub(super) scenarios: Cache<Scenario>,
    pub(super) tools: Cache<Tool>,
}

/// A state, and which event of its stream it was folded up to.
pub(super) struct Folded<A: Decider> {
    /// `None` before the first event.
    pub(super) revision: Option<u64>,
    pub(super) position: Position,
    pub(super) state: Arc<A::State>,
}

impl<A: Decider> Clone for Folded<A> {
    fn clone(&self) -> Self {
        Self { revision: self.revision, position: self.position, state: Arc::clone(&self.state) }
    }
}

impl<A: Decider> Default for Folded<A> {
    fn default() -> Self {
        Self { revision: None, position: Position::default(), state: Arc::default() }
    }
}

/// States in two generations: what is used moves to the young one; a full young one becomes the old one, whose rest goes.
pub(super) struct Cache<A: Decider>(Mutex<Generations<A>>);

struct Generations<A: Decider> {
    young: HashMap<Key, Folded<A>>,
    old: HashMap<Key, Folded<A>>,
}

impl<A: Decider> Default for Cache<A> {
    fn default() -> Self {
        Self(Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }))
    }
}

impl<A: Decider> Cache<A> {
    /// States in one generation.
    const LIMIT: usize = 4096;

    pub(super) fn get(&self, key: &Key) -> Folded<A> {
        let mut generations = self.lock();
        if let Some(folded) = generations.young.get(key) {
            return folded.clone();
        }
        let Some(folded) = generations.old.remove(key) else { return Folded::default() };
        generations.insert(*key, folded.clone());
        folded
    }

    /// Takes the state out, so that whoever holds the only other copy can change it without copying it.
    pub(super) fn forget(&self, key: &Key) {
        let mut generations = self.lock();
        generations.young.remove(key);
        generations.old.remove(key);
    }

    pub(super) fn put(&self, key: Key, folded: Folded<A>) {
        let mut generations = self.lock();
        if generations.young.get(&key).is_none_or(|known| known.revision <= folded.revision) {
            generations.insert(key, folded);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Decider> Generations<A> {
    fn insert(&mut self, key: Key, folded: Folded<A>) {
        if self.young.len() >= Cache::<A>::LIMIT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, folded);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::StreamType;

    fn key(number: u128) -> Key {
        (TenantId(Uuid::nil()), StreamId::new(StreamType::Company, Uuid::from_u128(number)))
    }

    fn at(revision: u64) -> Folded<Company> {
        Folded { revision: Some(revision), ..Folded::default() }
    }

    #[test]
    fn an_older_state_does_not_replace_a_newer_one() {
        let cache = Cache::<Company>::default();
        cache.put(key(1), at(5));
        cache.put(key(1), at(4));
        assert_eq!(cache.get(&key(1)).revision, Some(5));
    }

    #[test]
    fn what_is_used_survives_and_what_is_not_used_goes() {
        let cache = Cache::<Company>::default();
        cache.put(key(0), at(0));
        cache.put(key(1), at(1));
        for number in 2..2 * Cache::<Company>::LIMIT as u128 + 2 {
            cache.put(key(number), at(0));
            cache.get(&key(1));
        }
        assert_eq!(cache.get(&key(0)).revision, None);
        assert_eq!(cache.get(&key(1)).revision, Some(1));
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 2 * Cache::<Company>::LIMIT);
    }
}
