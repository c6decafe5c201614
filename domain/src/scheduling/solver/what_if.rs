//! What a change would bring: base and variant, planned in the same way from the same start, side by side.

use super::model::JobIndex;
use super::objective::job_end;
use super::solve::{Budget, Crew, Request, Solution, solve};
use super::{Plan, Problem, Seconds};

/// What there would be instead.
#[derive(Debug, Clone, Copy)]
pub struct Variant<'a> {
    /// What would be planned.
    pub problem: &'a Problem,
    /// The plan that people know, by the operations of this problem.
    pub baseline: Option<&'a Plan>,
}

/// Base and variant.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The plan as things are.
    pub base: Solution,
    /// The plan after the change.
    pub variant: Solution,
    /// Jobs of either, by name, that end at another time, in the order of the base and then of the variant.
    pub jobs: Vec<JobDelta>,
}

/// A job that ends at another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDelta {
    /// Its name.
    pub name: String,
    /// Its end in the base; `None` where it is not there or has none.
    pub base: Option<Seconds>,
    /// Its end in the variant.
    pub variant: Option<Seconds>,
    /// By how much its weighted tardiness changes.
    pub weighted_tardiness: i64,
}

impl Comparison {
    /// By how much the weighted sum gets worse; less than zero where the change is for the better.
    pub fn soft(&self) -> i64 {
        self.variant.score.soft.saturating_sub(self.base.score.soft)
    }

    /// By how much hard faults get more.
    pub fn hard(&self) -> i64 {
        self.variant.score.hard - self.base.score.hard
    }
}

/// Plans base and variant from what people know with the same weights, seed and iterations. `request.iterations` should be
/// given: with a clock alone, chance decides about small differences. A change that changes nothing changes nothing here.
pub fn what_if(request: &Request<'_>, variant: Variant<'_>, (crew, budget): (&dyn Crew, &dyn Budget)) -> Comparison {
    let Variant { problem, baseline } = variant;
    let one = solve(request, crew, budget, &mut |_| {});
    let other = solve(&Request { problem, baseline, ..*request }, crew, budget, &mut |_| {});
    let (old, new) = (ends(request.problem, &one), ends(problem, &other));
    let mut jobs = Vec::new();
    let by_name: std::collections::HashMap<&str, &End<'_>> = new.iter().map(|end| (end.name, end)).collect();
    let known: std::collections::HashSet<&str> = old.iter().map(|end| end.name).collect();
    for end in &old {
        let then = by_name.get(end.name);
        jobs.extend(delta(Some(end), then.copied()));
    }
    jobs.extend(new.iter().filter(|end| !known.contains(end.name)).filter_map(|end| delta(None, Some(end))));
    Comparison { base: one, variant: other, jobs }
}

struct End<'a> {
    name: &'a str,
    at: Option<Seconds>,
    weighted_tardiness: i64,
}

fn ends<'a>(problem: &'a Problem, solution: &Solution) -> Vec<End<'a>> {
    let end = |(index, job): (u32, &'a super::model::Job)| {
        let at = job_end(problem, &solution.plan, JobIndex(index));
        let late = at.zip(job.due).map_or(0, |(end, due)| (end - due).max(0));
        End { name: &job.name, at, weighted_tardiness: late.saturating_mul(job.weight) }
    };
    (0..).zip(&problem.model().jobs).map(end).collect()
}

fn delta(base: Option<&End<'_>>, variant: Option<&End<'_>>) -> Option<JobDelta> {
    let name = base.or(variant)?.name.to_owned();
    let at = |end: Option<&End<'_>>| end.and_then(|end| end.at);
    let late = |end: Option<&End<'_>>| end.map_or(0, |end| end.weighted_tardiness);
    let changed = at(base) != at(variant);
    let weighted_tardiness = late(variant).saturating_sub(late(base));
    changed.then(|| JobDelta { name, base: at(base), variant: at(variant), weighted_tardiness })
}
