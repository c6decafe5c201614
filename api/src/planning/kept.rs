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

    /// Forgets what has been over for too long, and of what is over each tenant's oldest that are too many. Where all together are too
    /// much, those go first who have the most: a large shop pushes no small one's plan out.
    pub(super) fn forget(&mut self, now: Instant, limits: &Limits) {
        let mut over: Vec<(Instant, TenantId, PlanningRunId, usize)> = self.0.values().filter_map(ended).collect();
        over.sort_unstable_by(|one, other| other.cmp(one));
        let mut of_tenant = HashMap::<TenantId, Vec<(PlanningRunId, usize)>>::new();
        for (ended, tenant, id, size) in over {
            let theirs = of_tenant.entry(tenant).or_default();
            let young = now.saturating_duration_since(ended) < limits.kept;
            if young && theirs.len() < limits.kept_runs {
                theirs.push((id, size));
            } else {
                self.0.remove(&(tenant, id));
            }
        }
        let much = |theirs: &[(PlanningRunId, usize)]| theirs.iter().map(|(_, size)| size).sum::<usize>();
        while of_tenant.values().map(|theirs| much(theirs)).sum::<usize>() > limits.kept_operations {
            let Some((tenant, theirs)) = of_tenant.iter_mut().max_by_key(|(_, theirs)| much(theirs)) else { return };
            let Some((oldest, _)) = theirs.pop() else { return };
            self.0.remove(&(*tenant, oldest));
        }
    }
}

fn ended(run: &Arc<Run>) -> Option<(Instant, TenantId, PlanningRunId, usize)> {
    let ended = run.watch().borrow().ended()?;
    Some((ended, run.tenant, run.id, run.asked.planning.problem.len()))
}
