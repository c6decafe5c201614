//! Why a job ends when it does, and what an outage touches.

use domain::kernel::interval::Interval;
use domain::kernel::{JobId, MachineId, OperatorId, Timestamp};
use domain::machines::tool::ToolCode;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::explain::{self, Explainer, Explanation, touched_by_outage};
use domain::scheduling::solver::{Plan, Seconds};

use super::load::Lane;
use super::problem::Planning;

/// What a stretch of time went into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It ran.
    Run,
    /// It was set up.
    Setup,
    /// It was done before.
    Done,
    /// A lag after what came first.
    Lag,
    /// The machine had no shift.
    NoShift(MachineId),
    /// The machine was down or in maintenance.
    Downtime(MachineId),
    /// The operator was not there.
    Absent(OperatorId),
    /// The machine was busy with another operation.
    MachineBusy(MachineId, OperationRef),
    /// The operator was busy with another operation.
    OperatorBusy(OperatorId, OperationRef),
    /// The tool was taken.
    ToolTaken(ToolCode),
    /// It was before now.
    Now,
    /// Somebody fixed it there, or it is at work there.
    Pinned,
    /// Nothing was in the way.
    Unused,
}

/// A stretch of time between a job's release and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// From when.
    pub from: Timestamp,
    /// To when.
    pub to: Timestamp,
    /// The operation that was at work, or waited.
    pub operation: OperationRef,
    /// What the time went into.
    pub cause: Cause,
}

/// What an operation that ends any later is in the way of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Its job, which would be late, or later than it is.
    Due,
    /// What comes after it in its job.
    Follower(OperationRef),
    /// What its machine does next.
    Machine(MachineId, OperationRef),
    /// What its operator does next.
    Operator(OperatorId, OperationRef),
    /// Who takes its tool next.
    Tool(ToolCode, OperationRef),
}

/// How much later an operation could end, with everything else where it is and its job not late, or no later than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slack {
    /// Which.
    pub operation: OperationRef,
    /// Seconds around the clock, 0 or more; `None` where nothing is ever in the way.
    pub seconds: Option<Seconds>,
    /// What is in the way of a second more.
    pub limit: Option<Limit>,
}

/// Why a job ends when it does: its time from release to end, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Which job.
    pub job: JobId,
    /// Its release; where it has none, when it was taken on.
    pub release: Timestamp,
    /// When its last operation ends.
    pub end: Timestamp,
    /// Seconds that it is late; 0 where it is not.
    pub late_seconds: Seconds,
    /// What the time went into, in order; each begins where the one before it ends.
    pub stretches: Vec<Stretch>,
    /// How much later its operations could end that are not over, by number.
    pub slacks: Vec<Slack>,
}

impl Why {
    /// Seconds by cause, the most first. They add up to the time from release to end.
    pub fn totals(&self) -> Vec<(Cause, Seconds)> {
        let mut totals: Vec<(Cause, Seconds)> = Vec::new();
        for stretch in &self.stretches {
            let length = stretch.to.seconds_since(stretch.from);
            match totals.iter_mut().find(|(cause, _)| *cause == stretch.cause) {
                Some((_, total)) => *total += length,
                None => totals.push((stretch.cause.clone(), length)),
            }
        }
        totals.sort_by_key(|(_, total)| -total);
        totals
    }
}

impl Planning {
    /// Why a job ends when it does where these are the places of operations; `None` where it has no end, because something of it has
    /// no place, or is over before its release.
    pub fn why<'p>(&self, placements: impl IntoIterator<Item = &'p Placement>, job: JobId) -> Option<Why> {
        let (plan, place) = (self.index.plan(placements), self.index.job_index(job)?);
        let explainer = Explainer::new(&self.problem, &plan);
        self.in_words_of_the_shop(&explainer, &explainer.explain(place)?)
    }

    fn in_words_of_the_shop(&self, explainer: &Explainer<'_>, explanation: &Explanation) -> Option<Why> {
        let index = &self.index;
        let stretch = |it: &explain::Stretch| {
            let (from, to, cause) = (index.instant(it.from), index.instant(it.to), self.cause(it.cause));
            Some(Stretch { from, to, operation: index.operation(it.operation)?, cause })
        };
        Some(Why {
            job: index.job(explanation.job)?,
            release: index.instant(explanation.release),
            end: index.instant(explanation.end),
            late_seconds: explanation.late,
            stretches: explanation.stretches.iter().filter_map(stretch).collect(),
            slacks: explainer.slacks(explanation.job).into_iter().filter_map(|slack| self.slack(slack)).collect(),
        })
    }

    fn slack(&self, explain::Slack { operation, seconds, limit }: explain::Slack) -> Option<Slack> {
        use explain::Limit as Told;
        let index = &self.index;
        let limit = limit.and_then(|limit| match limit {
            Told::Due => Some(Limit::Due),
            Told::Follower(next) => index.operation(next).map(Limit::Follower),
            Told::Machine(on, next) => {
                index.machine(on).zip(index.operation(next)).map(|it| Limit::Machine(it.0, it.1))
            }
            Told::Operator(by, next) => {
                index.operator(by).zip(index.operation(next)).map(|it| Limit::Operator(it.0, it.1))
            }
            Told::Tool(tool, next) => {
                index.tool(tool).zip(index.operation(next)).map(|it| Limit::Tool(it.0.clone(), it.1))
            }
            Told::Material(..) => None,
        });
        Some(Slack { operation: index.operation(operation)?, seconds, limit })
    }

    /// What is about nothing in the shop, such as the hours of what is outside of it, is in nobody's way.
    fn cause(&self, cause: explain::Cause) -> Cause {
        use explain::Cause as Told;
        let index = &self.index;
        let known = match cause {
            Told::Run => Some(Cause::Run),
            Told::Setup => Some(Cause::Setup),
            Told::Done => Some(Cause::Done),
            Told::Lag => Some(Cause::Lag),
            Told::NoShift(machine) => index.machine(machine).map(Cause::NoShift),
            Told::Downtime(machine) => index.machine(machine).map(Cause::Downtime),
            Told::Absent(operator) => index.operator(operator).map(Cause::Absent),
            Told::MachineBusy(machine, with) => {
                index.machine(machine).zip(index.operation(with)).map(|(on, with)| Cause::MachineBusy(on, with))
            }
            Told::OperatorBusy(operator, with) => {
                index.operator(operator).zip(index.operation(with)).map(|(on, with)| Cause::OperatorBusy(on, with))
            }
            Told::ToolTaken(tool) => index.tool(tool).cloned().map(Cause::ToolTaken),
            Told::Now => Some(Cause::Now),
            Told::Pinned => Some(Cause::Pinned),
            Told::Material(_) | Told::Batch(_) | Told::Unused => None,
        };
        known.unwrap_or(Cause::Unused)
    }

    /// What it touches when a machine stops or an operator is away: what is planned there then, and all that waits for that.
    pub fn touched_by<'p>(
        &self,
        placements: impl IntoIterator<Item = &'p Placement>,
        lane: Lane,
        when: Interval,
    ) -> Vec<OperationRef> {
        let plan: Plan = self.index.plan(placements);
        let out = match lane {
            Lane::Machine(machine) => self.index.machine_index(Some(machine)).map(|machine| (Some(machine), None)),
            Lane::Operator(operator) => self.index.operator_index(operator).map(|operator| (None, Some(operator))),
        };
        let Some(out) = out else { return Vec::new() };
        let seconds = (self.index.second(when.from), self.index.second_after(when.until));
        let touched = touched_by_outage(&self.problem, &plan, out, seconds);
        touched.into_iter().filter_map(|operation| self.index.operation(operation)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::planning::problem::Options;
    use crate::planning::sample::{cases, machine_id, shop};
    use crate::planning::tests::solved;

    proptest! {
        #![proptest_config(cases(64))]
        #[test]
        fn the_time_of_every_job_is_explained_to_the_second_in_plans_of_anybody(seed in any::<u64>()) {
            let (shop, now) = shop(seed);
            let planning = shop.problem(now, &Options::default()).unwrap();
            let by_hand: Vec<Placement> = shop.plan.placements.values().copied().collect();
            let planned = planning.index.placements(&solved(&planning, 0).plan);
            for placements in [by_hand, planned] {
                for why in shop.jobs.keys().filter_map(|job| planning.why(&placements, *job)) {
                    let sum: Seconds = why.totals().iter().map(|(_, seconds)| *seconds).sum();
                    prop_assert_eq!(sum, why.end.seconds_since(why.release));
                    prop_assert!(why.stretches.windows(2).all(|pair| pair[0].to == pair[1].from));
                    let due = shop.jobs[&why.job].due;
                    let late = due.map_or(0, |due| why.end.seconds_since(due).max(0));
                    prop_assert_eq!(why.late_seconds, late);
                    let ends = |slack: &&Slack| {
                        let place = placements.iter().find(|it| it.of() == slack.operation);
                        place.is_some_and(|place| place.end == why.end)
                    };
                    prop_assert!(late == 0 || why.slacks.iter().filter(ends).all(|it| it.seconds == Some(0)));
                }
            }
        }

        #[test]
        fn an_outage_touches_what_is_planned_then_and_what_comes_after_it(seed in any::<u64>()) {
            let (shop, now) = shop(seed);
            let planning = shop.problem(now, &Options::default()).unwrap();
            let placements = planning.index.placements(&solved(&planning, 0).plan);
            let when = Interval { from: now, until: domain::kernel::time::later(now, 40_000) };
            let touched = planning.touched_by(&placements, Lane::Machine(machine_id(0)), when);
            for it in &placements {
                let there = it.machine == Some(machine_id(0)) && it.start < when.until && it.end > planning.index.epoch();
                prop_assert!(!there || touched.contains(&it.of()));
                let earlier = touched.iter().any(|other| other.job == it.job && other.operation < it.operation);
                prop_assert!(there || !touched.contains(&it.of()) || earlier);
            }
        }
    }
}
