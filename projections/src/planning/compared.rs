//! Two plans side by side, each on the shop that it is made for: what each is worth, and what ends when.

use std::collections::BTreeSet;

use domain::kernel::{JobId, Timestamp};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::Weights;
use domain::scheduling::solver::model::State;
use domain::scheduling::solver::objective::{Parts, Score, job_end};

use super::problem::Planning;

/// What a plan is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// By parts, in their own units.
    pub parts: Parts,
    /// Under the weights.
    pub score: Score,
}

/// A plan beside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What the first is worth.
    pub base: Worth,
    /// What the other is worth.
    pub variant: Worth,
    /// Jobs that end at another time, or in one of them only.
    pub jobs: Vec<JobDelta>,
    /// Operations that are elsewhere, or planned in one of them only.
    pub moved: Vec<OperationRef>,
}

/// A job that ends at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobDelta {
    /// Which.
    pub job: JobId,
    /// When it ends in the first; `None` where something of it has no place, or it is not there.
    pub base: Option<Timestamp>,
    /// When it ends in the other.
    pub variant: Option<Timestamp>,
}

impl Planning {
    /// What the plan that people know is worth.
    pub fn worth(&self, weights: &Weights) -> Worth {
        let mut parts = Parts::of(&self.problem, &self.baseline, None, weights);
        let open = |at| !matches!(self.problem.operation(at).state, State::Done { .. });
        let placed = |at: &domain::scheduling::solver::model::OperationIndex| {
            self.baseline.assignments.get(at.at()).copied().flatten().is_some()
        };
        let unplaced = self.problem.operations().filter(|at| open(*at) && !placed(at)).count();
        parts.unplaced = i64::try_from(unplaced).unwrap_or(i64::MAX);
        Worth { parts, score: parts.score(weights) }
    }

    /// The plan that people know beside another shop's. The same on the same shop is no difference.
    pub fn compare(&self, variant: &Self, weights: &Weights) -> Comparison {
        let jobs: BTreeSet<JobId> = [self, variant].iter().flat_map(|side| side.index.jobs.all()).copied().collect();
        let delta = |job| JobDelta { job, base: self.end(job), variant: variant.end(job) };
        let jobs = jobs.into_iter().map(delta).filter(|delta| delta.base != delta.variant).collect();
        let [mut one, mut other] = [self, variant].map(|side| side.index.placements(&side.baseline));
        one.sort_unstable_by_key(Placement::of);
        other.sort_unstable_by_key(Placement::of);
        let only = |these: &[Placement], those: &[Placement]| -> Vec<OperationRef> {
            let there =
                |it: &&Placement| those.binary_search_by_key(&it.of(), Placement::of).is_ok_and(|at| those[at] == **it);
            these.iter().filter(|it| !there(it)).map(Placement::of).collect()
        };
        let moved: BTreeSet<OperationRef> = only(&one, &other).into_iter().chain(only(&other, &one)).collect();
        let (base, variant) = (self.worth(weights), variant.worth(weights));
        Comparison { base, variant, jobs, moved: moved.into_iter().collect() }
    }

    fn end(&self, job: JobId) -> Option<Timestamp> {
        let end = job_end(&self.problem, &self.baseline, self.index.job_index(job)?)?;
        Some(self.index.instant(end))
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::time::later;
    use domain::scheduling::solver::Preset;
    use proptest::prelude::*;

    use super::super::Options;
    use super::super::sample::{cases, shop};
    use super::super::tests::solved;
    use super::*;

    proptest! {
        #![proptest_config(cases(64))]
        #[test]
        fn an_empty_change_is_no_difference_and_a_job_left_out_is_one(seed in any::<u64>()) {
            let (mut shop, now) = shop(seed);
            let weights = Preset::OnTimeFirst.weights();
            let first = shop.problem(now, &Options::default()).unwrap();
            shop.plan.placements =
                first.index.placements(&solved(&first, 0).plan).into_iter().map(|it| (it.of(), it)).collect();
            let base = shop.problem(now, &Options::default()).unwrap();
            let same = base.compare(&shop.problem(now, &Options::default()).unwrap(), &weights);
            prop_assert_eq!((same.base, same.jobs, same.moved), (same.variant, vec![], vec![]));
            // Work that goes on has people who would be free for other work that goes on.
            let fresh = |it: &&Placement| shop.jobs[&it.job].operations.iter().all(|it| !it.is_begun());
            let Some(moved) = shop.plan.placements.values().find(fresh).copied() else { return Ok(()) };
            let [start, run_start, end] = [moved.start, moved.run_start, moved.end].map(|at| later(at, 3_600));
            shop.plan.placements.insert(moved.of(), Placement { start, run_start, end, ..moved });
            let variant = shop.problem(now, &Options::default()).unwrap();
            prop_assert_eq!(base.compare(&variant, &weights).moved, vec![moved.of()]);
            shop.jobs.remove(&moved.job).unwrap();
            let without = base.compare(&shop.problem(now, &Options::default()).unwrap(), &weights);
            prop_assert!(without.jobs.iter().all(|delta| delta.job == moved.job && delta.variant.is_none()));
            prop_assert!(without.moved.iter().all(|it| it.job == moved.job));
        }
    }
}
