//! Who is next: tenants take turns, each with so many at once.

use std::collections::{HashMap, VecDeque};

use domain::kernel::TenantId;

/// What waits, by tenant.
#[derive(Debug)]
pub(super) struct Queue<T> {
    at_once: usize,
    most_waiting: usize,
    /// Tenants that have something waiting, the next one first.
    turns: VecDeque<TenantId>,
    waiting: HashMap<TenantId, VecDeque<T>>,
    running: HashMap<TenantId, usize>,
}

impl<T> Queue<T> {
    /// For each tenant so many at once, and so many that wait.
    pub(super) fn new(at_once: usize, most_waiting: usize) -> Self {
        let (turns, waiting, running) = (VecDeque::new(), HashMap::new(), HashMap::new());
        Self { at_once, most_waiting, turns, waiting, running }
    }

    /// Adds something to the end of a tenant's. False when too many wait; those that could run at once do not wait.
    pub(super) fn push(&mut self, tenant: TenantId, item: T) -> bool {
        if !self.has_room(tenant) {
            return false;
        }
        let waiting = self.waiting.entry(tenant).or_default();
        if waiting.is_empty() {
            self.turns.push_back(tenant);
        }
        waiting.push_back(item);
        true
    }

    /// Whether one more of the tenant's could wait, or run at once.
    pub(super) fn has_room(&self, tenant: TenantId) -> bool {
        let room = self.at_once.saturating_sub(self.running.get(&tenant).copied().unwrap_or_default());
        self.waiting.get(&tenant).map_or(0, VecDeque::len) < self.most_waiting + room
    }

    /// What runs next; its tenant comes last from then on. [`Self::ended`] has to be told of its end.
    pub(super) fn next(&mut self) -> Option<T> {
        let at = self.turns.iter().position(|tenant| self.may_run(*tenant))?;
        let tenant = self.turns.remove(at)?;
        let waiting = self.waiting.get_mut(&tenant)?;
        let item = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        *self.running.entry(tenant).or_default() += 1;
        item
    }

    /// Whether something could run if there were a thread.
    pub(super) fn has_next(&self) -> bool {
        self.turns.iter().any(|tenant| self.may_run(*tenant))
    }

    /// One of the tenant's is over.
    pub(super) fn ended(&mut self, tenant: TenantId) {
        if let Some(running) = self.running.get_mut(&tenant) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&tenant);
            }
        }
    }

    /// Takes out what waits no more.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.waiting.values_mut().for_each(|waiting| waiting.retain(&keep));
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        self.turns.retain(|tenant| self.waiting.contains_key(tenant));
    }

    fn may_run(&self, tenant: TenantId) -> bool {
        self.running.get(&tenant).is_none_or(|running| *running < self.at_once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::from_name(name)
    }

    fn taken(queue: &mut Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn tenants_take_turns_whoever_asked_for_more() {
        let mut queue = Queue::new(3, 9);
        for name in ["a1", "a2", "a3", "b1", "c1", "b2"] {
            assert!(queue.push(tenant(&name[..1]), name));
        }
        assert_eq!(taken(&mut queue), ["a1", "b1", "c1", "a2", "b2", "a3"]);
    }

    #[test]
    fn a_tenant_at_its_limit_keeps_nobody_else_waiting() {
        let mut queue = Queue::new(1, 9);
        for name in ["a1", "a2", "b1"] {
            assert!(queue.push(tenant(&name[..1]), name));
        }
        assert_eq!(taken(&mut queue), ["a1", "b1"]);
        assert!(!queue.has_next());
        queue.ended(tenant("a"));
        assert!(queue.has_next());
        assert_eq!(taken(&mut queue), ["a2"]);
    }

    #[test]
    fn no_more_wait_than_may_and_those_that_could_run_do_not_wait() {
        let mut queue = Queue::new(1, 2);
        assert_eq!(["a1", "a2", "a3", "a4"].map(|name| queue.push(tenant("a"), name)), [true, true, true, false]);
        assert!(queue.push(tenant("b"), "b1"), "others are not in the way");
        assert_eq!(queue.next(), Some("a1"));
        assert!(!queue.push(tenant("a"), "a5"));
        queue.retain(|name| *name != "a2");
        assert!(queue.push(tenant("a"), "a6"));
    }

    #[test]
    fn what_was_taken_out_has_no_turn() {
        let mut queue = Queue::new(1, 9);
        for name in ["a1", "b1"] {
            assert!(queue.push(tenant(&name[..1]), name));
        }
        queue.retain(|name| *name != "a1");
        assert_eq!(taken(&mut queue), ["b1"]);
    }
}
