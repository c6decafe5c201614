//! How much later an operation could end, with everything else where it is, and what is in the way of more.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::waiting::{Occupied, Taken};
use super::{Cause, Explainer};
use crate::scheduling::solver::decode::holds;
use crate::scheduling::solver::model::{
    Capacity, JobIndex, Link, MachineIndex, MaterialIndex, OperationIndex, OperatorIndex, ToolIndex,
};
use crate::scheduling::solver::objective::job_end;
use crate::scheduling::solver::plan::Assignment;
use crate::scheduling::solver::{Problem, Seconds};

/// What an operation that ends any later is in the way of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Its job, which would be late, or later than it is.
    Due,
    /// What comes after it in its job.
    Follower(OperationIndex),
    /// What its machine does next.
    Machine(MachineIndex, OperationIndex),
    /// What its operator does next.
    Operator(OperatorIndex, OperationIndex),
    /// Who takes its tool next.
    Tool(ToolIndex, OperationIndex),
    /// Who uses the material that it makes.
    Material(MaterialIndex, OperationIndex),
}

/// How much later an operation could end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slack {
    /// Which.
    pub operation: OperationIndex,
    /// Seconds around the clock, 0 or more; `None` where nothing is ever in the way.
    pub seconds: Option<Seconds>,
    /// What is in the way of a second more.
    pub limit: Option<Limit>,
}

impl Explainer<'_> {
    /// How much later each operation of a job could end that has a place and is not done.
    ///
    /// Everything else stays where it is, and the job is not late, or no later than it is: the free float of project planning, with machines,
    /// operators, tools and materials besides. What is in a batch ends together, and nobody begins anything else in a pause.
    pub fn slacks(&self, job: JobIndex) -> Vec<Slack> {
        self.problem.operations_of(job).iter().filter_map(|operation| self.slack(*operation)).collect()
    }

    fn slack(&self, operation: OperationIndex) -> Option<Slack> {
        let at = self.at(operation)?;
        let together = self.occupied.batch(self.problem, (operation, at));
        let limits = together.filter_map(|member| Some(self.limits(member, self.at(member)?)));
        let first = limits.flatten().min_by_key(|(until, _)| *until);
        let seconds = first.map(|(until, _)| (until - at.end).max(0));
        Some(Slack { operation, seconds, limit: first.map(|(_, limit)| limit) })
    }

    /// The latest end of an operation by itself, for each thing that it may be in the way of.
    fn limits(&self, operation: OperationIndex, at: &Assignment) -> impl Iterator<Item = (Seconds, Limit)> {
        let (problem, plan) = (self.problem, self.plan);
        let job = problem.operation(operation).job;
        let due = problem.model().jobs[job.at()].due.zip(job_end(problem, plan, job));
        let due = due.map(|(due, end)| (due.max(end), Limit::Due));
        let followers = problem.after(operation).filter_map(move |link| {
            let waits = self.at(link.after)?;
            Some((latest_end(problem, link, at, waits), Limit::Follower(link.after)))
        });
        followers.chain(due).chain(self.occupied.next(problem, (operation, at)))
    }
}

/// The latest end of what comes first for which the link holds; its own where that breaks it already.
fn latest_end(problem: &Problem, link: &Link, before: &Assignment, waits: &Assignment) -> Seconds {
    let fits = |end: Seconds| holds(problem, link, &Assignment { end, ..*before }, waits);
    let (mut fitting, mut beyond) = (before.end, waits.end.max(before.end) + 1);
    if !fits(fitting) {
        return before.end;
    }
    while beyond - fitting > 1 {
        let middle = fitting + (beyond - fitting) / 2;
        if fits(middle) { fitting = middle } else { beyond = middle }
    }
    fitting
}

impl Occupied {
    /// An operation, and what ends with it for it is in the same batch.
    fn batch(
        &self,
        problem: &Problem,
        (operation, at): (OperationIndex, &Assignment),
    ) -> impl Iterator<Item = OperationIndex> {
        let is_batch = matches!(problem.machine(at.machine).capacity, Capacity::Batch(_));
        let when = (at.start, at.end);
        let others = self.machines[at.machine.at()].iter().filter(move |it| is_batch && (it.0, it.1) == when);
        std::iter::once(operation).chain(others.map(|it| it.2).filter(move |it| *it != operation))
    }

    /// From when on there is no room for an operation on each thing that it holds until its end, and for whom.
    fn next(
        &self,
        problem: &Problem,
        (operation, at): (OperationIndex, &Assignment),
    ) -> impl Iterator<Item = (Seconds, Limit)> {
        let data = problem.operation(operation);
        let is_other = move |it: &&Taken| it.2 != operation;
        let (room, in_batch) = match problem.machine(at.machine).capacity {
            Capacity::One => (Some(1), false),
            Capacity::Many(count) => (Some(count as usize), false),
            Capacity::Batch(_) => (Some(1), true),
            Capacity::Unlimited => (None, false),
        };
        let machine = room.and_then(|room| {
            let own_batch = move |it: &&Taken| in_batch && (it.0, it.1) == (at.start, at.end);
            let others = self.machines[at.machine.at()].iter().filter(is_other).filter(move |it| !own_batch(it));
            full_from(others, at.end, room).map(|(from, other)| (from, Limit::Machine(at.machine, other)))
        });
        let attended = data.labour.is_some_and(|labour| Cause::Run.is_attended(labour));
        let operator = at.operator.filter(|_| attended).and_then(|operator| {
            let others = self.operators[operator.at()].iter().filter(is_other);
            full_from(others, at.end, 1).map(|(from, other)| (from, Limit::Operator(operator, other)))
        });
        let tools = data.tools.iter().filter_map(move |tool| {
            let own = data.tools.iter().filter(|it| *it == tool).count();
            let room = (problem.model().tools[tool.at()].count as usize + 1).saturating_sub(own).max(1);
            let others = self.tools[tool.at()].iter().filter(is_other);
            full_from(others, at.end, room).map(|(from, other)| (from, Limit::Tool(*tool, other)))
        });
        let made = data.makes.iter().filter_map(move |(material, _)| self.missed(*material, (operation, at.end)));
        machine.into_iter().chain(operator).chain(tools).chain(made)
    }

    /// From when on, after its end, somebody runs short without what an operation makes of a material.
    fn missed(&self, material: MaterialIndex, (operation, end): (OperationIndex, Seconds)) -> Option<(Seconds, Limit)> {
        let mut left = 0_i64;
        // What comes at an instant is there for who needs it then.
        let mut moves = self.stock[material.at()].clone();
        moves.sort_by_key(|(at, amount, _)| (*at, *amount < 0));
        moves.into_iter().find_map(|(at, amount, who)| {
            let own = who == Some(operation) && amount > 0;
            left = left.saturating_add(if own { 0 } else { amount });
            let short = who.filter(|_| amount < 0 && left < 0 && at >= end)?;
            Some((at, Limit::Material(material, short)))
        })
    }
}

/// The first second from `from` on in which `room` others are there, and who of them came last.
fn full_from<'t>(
    by_start: impl Iterator<Item = &'t Taken>,
    from: Seconds,
    room: usize,
) -> Option<(Seconds, OperationIndex)> {
    let mut leaving = BinaryHeap::new();
    for &(starts, ends, operation) in by_start.filter(|it| it.0 < it.1 && it.1 > from) {
        while leaving.peek().is_some_and(|Reverse(gone)| *gone <= starts) {
            leaving.pop();
        }
        leaving.push(Reverse(ends));
        if leaving.len() >= room {
            return Some((starts.max(from), operation));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scheduling::solver::model::{Alternative, Job, Machine, Model, Operation};
    use crate::scheduling::solver::solve::{Alone, Request, solve};
    use crate::scheduling::solver::tests::Always;
    use crate::scheduling::solver::validate::{Rule, validate};
    use crate::scheduling::solver::{Plan, Preset, sample};

    /// What the checker says of machines, people, tools, materials and sequence.
    fn in_the_way(problem: &Problem, plan: &Plan) -> usize {
        let about = |rule| matches!(rule, Rule::Machine | Rule::Operator | Rule::Tool | Rule::Material | Rule::Link);
        validate(problem, plan, None).iter().filter(|it| about(it.fault.rule())).count()
    }

    /// The plan in which an operation, and what is in a batch with it, ends so much later.
    fn later(explainer: &Explainer<'_>, operation: OperationIndex, by: Seconds) -> Plan {
        let (mut plan, at) = (explainer.plan.clone(), explainer.at(operation).unwrap());
        for member in explainer.occupied.batch(explainer.problem, (operation, at)) {
            plan.assignments[member.at()].as_mut().unwrap().end += by;
        }
        plan
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
        #[test]
        fn an_operation_may_end_later_by_its_slack_and_not_by_a_second_more(seed in any::<u64>()) {
            let problem = sample::shop(seed, 8);
            let weights = Preset::OnTimeFirst.weights();
            let request = Request { problem: &problem, baseline: None, weights, seed, iterations: Some(0) };
            let plan = solve(&request, &Alone, &Always, &mut |_| {}).plan;
            if !plan.clashes.is_empty() {
                return Ok(());
            }
            let explainer = Explainer::new(&problem, &plan);
            let jobs = (0..).take(problem.model().jobs.len()).map(JobIndex);
            for slack in jobs.flat_map(|job| explainer.slacks(job)) {
                let seconds = slack.seconds.unwrap_or(86_400);
                let moved = later(&explainer, slack.operation, seconds);
                prop_assert_eq!(in_the_way(&problem, &moved), 0, "{:?}", slack);
                // A longer run is ready to hand on later, which the checker does not see: it knows how long a run is. And it lets an
                // operator do in the pause of one operation what belongs to another.
                let hands_on = |to| problem.after(slack.operation).any(|it| it.after == to && it.transfer.is_some());
                let told = match slack.limit {
                    None | Some(Limit::Due | Limit::Operator(..)) => false,
                    Some(Limit::Follower(to)) => !hands_on(to),
                    Some(_) => true,
                };
                let moved = later(&explainer, slack.operation, seconds + 1);
                prop_assert!(!told || in_the_way(&problem, &moved) > 0, "{:?}", slack);
            }
        }
    }

    /// Two steps of one job on two machines, and a job that follows the first on its machine.
    fn two_jobs(due: Option<Seconds>) -> (Problem, Plan) {
        let mut model = Model { machines: vec![Machine::new("saw"), Machine::new("mill")], ..Model::default() };
        model.jobs = vec![Job { due, ..Job::new("A") }, Job::new("B")];
        for (job, machine) in [(0, 0), (0, 1), (1, 0)] {
            let on = vec![Alternative { machine: MachineIndex(machine), setup: 0, run: 10, cost: 0 }];
            model.operations.push(Operation::new(JobIndex(job), "", on));
        }
        model.links.push(Link::new(OperationIndex(0), OperationIndex(1)));
        let at = |machine, start| {
            Some(Assignment {
                machine: MachineIndex(machine),
                operator: None,
                start,
                run_start: start,
                end: start + 10,
            })
        };
        let plan = Plan { assignments: vec![at(0, 0), at(1, 50), at(0, 30)], ..Plan::default() };
        (Problem::new(model).unwrap(), plan)
    }

    fn slacks(due: Option<Seconds>) -> Vec<(Option<Seconds>, Option<Limit>)> {
        let (problem, plan) = two_jobs(due);
        let slacks = Explainer::new(&problem, &plan).slacks(JobIndex(0));
        slacks.iter().map(|slack| (slack.seconds, slack.limit)).collect()
    }

    #[test]
    fn slack_ends_where_the_machine_is_needed_or_the_job_is_due_and_a_late_job_has_none_at_its_end() {
        let on_the_saw = (Some(20), Some(Limit::Machine(MachineIndex(0), OperationIndex(2))));
        assert_eq!(slacks(Some(100)), [on_the_saw, (Some(40), Some(Limit::Due))]);
        assert_eq!(slacks(Some(55)), [on_the_saw, (Some(0), Some(Limit::Due))]);
        assert_eq!(slacks(None), [on_the_saw, (None, None)]);
    }
}
