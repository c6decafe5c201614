//! Whose plan is to be looked at, and when.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use domain::kernel::{StreamId, TenantId};

/// Streams that are named as a cause at most.
pub(super) const MOST_CAUSES: usize = 50;

/// Why a plan is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// Time has passed.
    Time,
    /// Something has happened, or may have while nobody looked.
    Events,
}

/// A plan that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// Why.
    pub(super) why: Why,
    /// What caused it, as far as that is known.
    pub(super) causes: Vec<StreamId>,
}

#[derive(Debug)]
struct Waiting {
    at: Instant,
    why: Why,
    causes: BTreeSet<StreamId>,
}

/// Whose plan is to be looked at, and when.
#[derive(Debug, Default)]
pub(super) struct Due {
    tenants: HashMap<TenantId, Waiting>,
    /// Whose plan is being looked at: one at a time for each.
    busy: HashSet<TenantId>,
}

impl Due {
    /// Something has happened: the plan is looked at then, or before where more had happened.
    pub(super) fn note(&mut self, tenant: TenantId, cause: StreamId, at: Instant) {
        self.missed(tenant, [cause], at);
    }

    /// Something may have happened that was not followed: the plan is looked at then as if it had.
    pub(super) fn missed(&mut self, tenant: TenantId, causes: impl IntoIterator<Item = StreamId>, at: Instant) {
        let waiting = self.waiting(tenant, at);
        waiting.why = Why::Events;
        let room = MOST_CAUSES.saturating_sub(waiting.causes.len());
        waiting.causes.extend(causes.into_iter().take(room));
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, tenant: TenantId, at: Instant) {
        self.waiting(tenant, at);
    }

    fn waiting(&mut self, tenant: TenantId, at: Instant) -> &mut Waiting {
        self.tenants.entry(tenant).or_insert_with(|| Waiting { at, why: Why::Time, causes: BTreeSet::new() })
    }

    /// Whose plan is to be looked at now, who has waited longest first. [`Self::done`] has to be told of its end.
    pub(super) fn next(&mut self, now: Instant) -> Option<(TenantId, Look)> {
        let ripe = |(tenant, waiting): &(&TenantId, &Waiting)| waiting.at <= now && !self.busy.contains(tenant);
        let (tenant, _) = self.tenants.iter().filter(ripe).min_by_key(|(_, waiting)| waiting.at)?;
        let tenant = *tenant;
        let Waiting { why, causes, .. } = self.tenants.remove(&tenant)?;
        self.busy.insert(tenant);
        Some((tenant, Look { why, causes: causes.into_iter().collect() }))
    }

    /// A plan has been looked at.
    pub(super) fn done(&mut self, tenant: TenantId) {
        self.busy.remove(&tenant);
    }

    /// When there is something to do next, as far as nobody is busy with it.
    pub(super) fn first(&self) -> Option<Instant> {
        let free = self.tenants.iter().filter(|(tenant, _)| !self.busy.contains(tenant));
        free.map(|(_, waiting)| waiting.at).min()
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

    fn events<const N: usize>(causes: [u128; N]) -> Look {
        Look { why: Why::Events, causes: causes.map(stream).to_vec() }
    }

    #[test]
    fn what_happens_together_is_looked_at_once_and_not_put_off_for_ever() {
        let (mut due, now, tenant) = (Due::default(), Instant::now(), TenantId::from_name("a"));
        let at = |millis| now + Duration::from_millis(millis);
        due.note(tenant, stream(1), at(300));
        due.note(tenant, stream(2), at(500));
        due.note(tenant, stream(1), at(599));
        assert_eq!(due.next(at(299)), None);
        assert_eq!(due.next(at(300)), Some((tenant, events([1, 2]))));
        assert_eq!(due.next(at(900)), None);
    }

    #[test]
    fn while_a_plan_is_looked_at_what_happens_waits() {
        let (mut due, now) = (Due::default(), Instant::now());
        let [one, other] = ["a", "b"].map(TenantId::from_name);
        due.tick(one, now);
        assert_eq!(due.next(now), Some((one, Look { why: Why::Time, causes: Vec::new() })));
        due.note(one, stream(1), now);
        due.note(other, stream(2), now);
        assert_eq!(due.next(now), Some((other, events([2]))));
        assert_eq!((due.next(now), due.first()), (None, None));
        due.done(one);
        assert_eq!(due.next(now), Some((one, events([1]))));
    }

    #[test]
    fn what_was_missed_is_looked_at_as_what_has_happened_with_its_causes() {
        let (mut due, now, tenant) = (Due::default(), Instant::now(), TenantId::from_name("a"));
        due.tick(tenant, now);
        due.missed(tenant, [stream(1), stream(2)], now);
        due.tick(tenant, now);
        assert_eq!(due.next(now), Some((tenant, events([1, 2]))));
        due.done(tenant);
        due.missed(tenant, [], now);
        assert_eq!(due.next(now), Some((tenant, events([]))));
    }

    #[test]
    fn who_has_waited_longest_is_next() {
        let (mut due, now) = (Due::default(), Instant::now());
        for (name, millis) in [("a", 30), ("b", 10), ("c", 20)] {
            due.tick(TenantId::from_name(name), now + Duration::from_millis(millis));
        }
        let all = std::iter::from_fn(|| due.next(now + Duration::from_secs(1)));
        let expected = ["b", "c", "a"].map(TenantId::from_name);
        assert_eq!(all.map(|(tenant, _)| tenant).collect::<Vec<_>>(), expected);
    }
}
