//! Whose plan is to be looked at, and when.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use domain::kernel::{StreamId, TenantId};

/// Streams that are named as a cause at most.
const MOST_CAUSES: usize = 50;

/// Whose plan is to be looked at, and when.
#[derive(Debug, Default)]
pub(super) struct Due {
    tenants: HashMap<TenantId, (Instant, BTreeSet<StreamId>)>,
    /// Whose plan is being looked at: one at a time for each.
    busy: HashSet<TenantId>,
}

impl Due {
    /// Something has happened: the plan is looked at then, or before where more had happened.
    pub(super) fn note(&mut self, tenant: TenantId, cause: StreamId, at: Instant) {
        let (_, causes) = self.tenants.entry(tenant).or_insert_with(|| (at, BTreeSet::new()));
        if causes.len() < MOST_CAUSES {
            causes.insert(cause);
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, tenant: TenantId, at: Instant) {
        self.tenants.entry(tenant).or_insert_with(|| (at, BTreeSet::new()));
    }

    /// Whose plan is to be looked at now, and what caused that. [`Self::done`] has to be told of its end.
    pub(super) fn next(&mut self, now: Instant) -> Option<(TenantId, Vec<StreamId>)> {
        let ripe = |(tenant, (at, _)): &(&TenantId, &(Instant, _))| *at <= now && !self.busy.contains(tenant);
        let tenant = *self.tenants.iter().find(ripe)?.0;
        let (_, causes) = self.tenants.remove(&tenant)?;
        self.busy.insert(tenant);
        Some((tenant, causes.into_iter().collect()))
    }

    /// A plan has been looked at.
    pub(super) fn done(&mut self, tenant: TenantId) {
        self.busy.remove(&tenant);
    }

    /// When there is something to do next, as far as nobody is busy with it.
    pub(super) fn first(&self) -> Option<Instant> {
        let free = self.tenants.iter().filter(|(tenant, _)| !self.busy.contains(tenant));
        free.map(|(_, (at, _))| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::kernel::StreamType;
    use uuid::Uuid;

    use super::*;

    fn stream(number: u128) -> StreamId {
        StreamId::new(StreamType::Job, Uuid::from_u128(number))
    }

    #[test]
    fn what_happens_together_is_looked_at_once_and_not_put_off_for_ever() {
        let (mut due, now, tenant) = (Due::default(), Instant::now(), TenantId::from_name("a"));
        let at = |millis| now + Duration::from_millis(millis);
        due.note(tenant, stream(1), at(300));
        due.note(tenant, stream(2), at(500));
        due.note(tenant, stream(1), at(599));
        assert_eq!(due.next(at(299)), None);
        assert_eq!(due.next(at(300)), Some((tenant, vec![stream(1), stream(2)])));
        assert_eq!(due.next(at(900)), None);
    }

    #[test]
    fn while_a_plan_is_looked_at_what_happens_waits() {
        let (mut due, now) = (Due::default(), Instant::now());
        let [one, other] = ["a", "b"].map(TenantId::from_name);
        due.tick(one, now);
        assert_eq!(due.next(now), Some((one, Vec::new())));
        due.note(one, stream(1), now);
        due.note(other, stream(2), now);
        assert_eq!(due.next(now), Some((other, vec![stream(2)])));
        assert_eq!((due.next(now), due.first()), (None, None));
        due.done(one);
        assert_eq!(due.next(now), Some((one, vec![stream(1)])));
    }
}
