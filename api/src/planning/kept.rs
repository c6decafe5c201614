//! Runs that can be found: those that go on, and for a while those that are over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use domain::kernel::TenantId;

use super::limits::Limits;
use super::run::{PlanningRunId, Run};

/// All runs that can be found.
#[derive(Debug, Default)]
pub(super) struct Kept(HashMap<(TenantId, PlanningRunId), Arc<Run>>);

impl Kept {
    pub(super) fn find(&self, tenant: TenantId, id: PlanningRunId) -> Option<Arc<Run>> {
        self.0.get(&(tenant, id)).cloned()
    }

    pub(super) fn add(&mut self, run: &Arc<Run>) {
        self.0.insert((run.tenant, run.id), Arc::clone(run));
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.0.values()
    }

    /// Forgets what has been over for too long, and of what is over the oldest that are too many or too much.
    pub(super) fn forget(&mut self, now: Instant, limits: &Limits) {
        let mut over: Vec<(Instant, TenantId, PlanningRunId, usize)> = self.0.values().filter_map(ended).collect();
        over.sort_unstable_by(|one, other| other.cmp(one));
        let (mut operations, mut of_tenant) = (0_usize, HashMap::<TenantId, usize>::new());
        for (ended, tenant, id, size) in over {
            let count = of_tenant.entry(tenant).or_default();
            let young = now.saturating_duration_since(ended) < limits.kept;
            let room = *count < limits.kept_runs && operations + size <= limits.kept_operations;
            if young && room {
                *count += 1;
                operations += size;
            } else {
                self.0.remove(&(tenant, id));
            }
        }
    }
}

fn ended(run: &Arc<Run>) -> Option<(Instant, TenantId, PlanningRunId, usize)> {
    let ended = run.watch().borrow().ended()?;
    Some((ended, run.tenant, run.id, run.asked.planning.problem.len()))
}
