//! One operation as the optimiser sees it: where it can be done, by whom, how far it is, what it waits for.

use domain::jobs::operation::OperationPlan;
use domain::kernel::{OperatorId, Quantity, WorkCenterId};
use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{
    self, Alternative, JobIndex, Labour, Link, MachineIndex, OperationIndex, Place, State, ToolIndex, Transfer,
};

use super::length::{Done, LONGEST, Length, Times};
use super::people::Who;
use super::problem::{Assumption, Builder, Member, NotPlanned};
use super::shop::{Job, Operation};

impl Builder<'_> {
    pub(super) fn operation(
        &mut self,
        (job, place): (&Job, JobIndex),
        operation: &Operation,
        index: OperationIndex,
    ) -> model::Operation {
        let name = operation.plan.number.0.to_string();
        let finished = operation.finished_at.filter(|_| operation.is_finished());
        if let Some(finished) = finished {
            let end = self.index.second_after(finished).min(0);
            return model::Operation { state: State::Done { end }, ..model::Operation::new(place, name, []) };
        }
        self.note_assumptions(job, operation);
        let mut alternatives = self.alternatives(job, operation, index);
        let (state, labour) = if operation.is_running() {
            self.running(job, operation, &mut alternatives)
        } else {
            self.waiting(job, operation, (index, &mut alternatives))
        };
        let mut tools: Vec<ToolIndex> = Vec::new();
        if !operation.is_outside() {
            tools.extend(operation.plan.tools.iter().map(|tool| ToolIndex(self.index.tools.add(tool))));
            tools.sort_unstable();
            tools.dedup();
        }
        let family = self.setups.family(operation.plan.setup_family.as_ref()).filter(|_| !operation.is_outside());
        model::Operation { family, labour, tools, state, ..model::Operation::new(place, name, alternatives) }
    }

    fn note_assumptions(&mut self, job: &Job, operation: &Operation) {
        if operation.is_outside() {
            return;
        }
        match &operation.plan.run {
            None => self.assumptions.push(Assumption::NoRunTime(job.of(operation))),
            Some(_) if job.quantity.is_none() => self.assumptions.push(Assumption::NoQuantity(job.id)),
            Some(_) => {}
        }
    }

    /// Where it can be done, each with what is left of it there; a machine that is never open where there is none.
    fn alternatives(&mut self, job: &Job, operation: &Operation, index: OperationIndex) -> Vec<Alternative> {
        if let Some(lead) = operation.plan.outside_lead_seconds {
            return vec![self.outside(operation, lead.into())];
        }
        let mut found: Vec<Alternative> = Vec::new();
        let mut too_long = false;
        for (center, times) in places(&operation.plan, self.options.unknown_run) {
            for member in self.members(center) {
                if found.iter().any(|it| it.machine == member.place) {
                    continue;
                }
                match self.left(job.quantity, operation, (&times, member)) {
                    Some(Length { setup, run }) => {
                        let cost = cost(member, setup + run);
                        found.push(Alternative { machine: member.place, setup, run, cost });
                    }
                    None => too_long = true,
                }
            }
        }
        if found.is_empty() {
            self.hopeless.insert(index, if too_long { NotPlanned::TooLong } else { NotPlanned::NoMachine });
            found.push(Alternative { machine: self.nowhere, setup: 0, run: 1, cost: 0 });
        }
        let least = found.iter().map(|it| it.cost).min().unwrap_or(0);
        for alternative in &mut found {
            alternative.cost -= least;
        }
        found
    }

    /// The lead time, less what has passed of it.
    fn outside(&self, operation: &Operation, lead: Seconds) -> Alternative {
        let passed = operation.began_at.map_or(0, |began| -self.index.second(began).min(0));
        Alternative { machine: self.index.outside, setup: 0, run: (lead - passed).max(0), cost: 0 }
    }

    fn left(
        &self,
        quantity: Option<Quantity>,
        operation: &Operation,
        (times, on): (&Times, &Member<'_>),
    ) -> Option<Length> {
        let done = Done::of(operation, |since| self.worked_since(on.place, since));
        times.left(quantity, &done, on.machine.rating.speed_percent)
    }

    /// What is left of it on a machine, even if that is none of its own.
    fn length_on(&self, job: &Job, operation: &Operation, machine: MachineIndex) -> Alternative {
        if let (true, Some(lead)) = (machine == self.index.outside, operation.plan.outside_lead_seconds) {
            return self.outside(operation, lead.into());
        }
        let on = self.index.machine(machine).and_then(|machine| self.shop.machines.get(&machine));
        let mut places = places(&operation.plan, self.options.unknown_run);
        let own = Times::of(&operation.plan, self.options.unknown_run);
        let times = places.find(|(center, _)| on.is_some_and(|on| on.work_center == *center)).map_or(own, |it| it.1);
        let done = Done::of(operation, |since| self.worked_since(machine, since));
        let left = times.left(job.quantity, &done, on.map_or(100, |on| on.rating.speed_percent));
        let Length { setup, run } = left.unwrap_or(Length { setup: 0, run: LONGEST });
        Alternative { machine, setup, run, cost: 0 }
    }

    /// Somebody is at work on it: it is where they are, by the first of them who is not busy elsewhere; who helps is away meanwhile.
    fn running(
        &mut self,
        job: &Job,
        operation: &Operation,
        alternatives: &mut Vec<Alternative>,
    ) -> (State, Option<Labour>) {
        let machine = self.machine_at_work(job, operation);
        let here = self.length_on(job, operation, machine);
        *alternatives = vec![here];
        let mut at_work: Vec<_> = operation.at_work.iter().map(|work| (work.since, work.operator)).collect();
        at_work.sort_unstable();
        let tends = |operator: &OperatorId| self.tended.get(operator) == Some(&job.of(operation));
        let mut hands = at_work.into_iter().map(|(_, operator)| operator).filter(tends);
        let by = hands.next();
        let operator = by.and_then(|by| self.index.operator_index(by));
        let labour = by.filter(|_| operator.is_some()).map(|by| self.people.labour(Who::Named(by), &self.index));
        let until = self.worked_after(machine, here.setup + here.run);
        for helper in hands.filter_map(|helper| self.index.operator_index(helper)) {
            self.people.model[helper.at()].absences.push((0, until));
        }
        let began = operation.began_at.unwrap_or(self.now);
        let place = Place { machine, operator, start: self.index.second(began).min(0) };
        (State::Started { place, remaining: here.setup + here.run }, labour)
    }

    /// Where they say that they are; else where it is planned, else on a machine of its work center that nobody is at work on.
    fn machine_at_work(&mut self, job: &Job, operation: &Operation) -> MachineIndex {
        if operation.is_outside() {
            return self.index.outside;
        }
        let mut said: Vec<_> = operation.at_work.iter().filter_map(|work| Some((work.since, work.machine?))).collect();
        said.sort_unstable();
        if let Some(place) = said.first().and_then(|(_, machine)| self.index.machine_index(Some(*machine))) {
            return place;
        }
        let here = job.of(operation);
        let planned = self.shop.plan.placements.get(&here).and_then(|placement| placement.machine);
        let members = self.members(operation.plan.work_center);
        let planned = members.iter().find(|it| Some(it.machine.id) == planned);
        let free = planned.or_else(|| members.iter().find(|it| !self.taken.contains(&it.machine.id))).copied();
        self.assumptions.push(Assumption::NoMachine(here, free.map(|it| it.machine.id)));
        free.map_or(self.index.outside, |free| {
            self.taken.insert(free.machine.id);
            free.place
        })
    }

    /// Nobody is at work on it: pinned, or free to be planned.
    fn waiting(
        &mut self,
        job: &Job,
        operation: &Operation,
        (index, alternatives): (OperationIndex, &mut Vec<Alternative>),
    ) -> (State, Option<Labour>) {
        let here = job.of(operation);
        let who = Who::for_operation(operation);
        let placed = self.shop.plan.placements.get(&here).and_then(|placement| self.index.assignment_at(placement));
        let pinned = placed.filter(|_| self.shop.is_pinned(here, self.now) && !operation.is_begun());
        let Some(at) = pinned else {
            let own = placed.filter(|_| operation.is_begun()).map(|at| at.machine);
            if let Some(own) = own.filter(|own| alternatives.iter().any(|it| it.machine == *own)) {
                alternatives.retain(|it| it.machine == own);
            }
            let labour = who.map(|who| self.people.labour(who, &self.index));
            return (State::Planned, labour);
        };
        if alternatives.iter().all(|it| it.machine != at.machine) {
            self.elsewhere.insert(index);
            alternatives.push(self.length_on(job, operation, at.machine));
        }
        let named = at.operator.and_then(|operator| self.index.operator(operator)).map(Who::Named);
        let labour = who.or(named).map(|who| self.people.labour(who, &self.index));
        let place = Place { machine: at.machine, operator: at.operator, start: at.start };
        (State::Pinned(place), labour)
    }

    /// What its operations wait for: each for the one before it and, where that was begun out of its turn, for all before that which
    /// are not over. What has begun waits for nothing.
    pub(super) fn links(&mut self, job: &Job) {
        let place = |operation: &Operation| self.index.operation_index(job.of(operation));
        let mut links = Vec::new();
        let mut not_over: Vec<OperationIndex> = Vec::new();
        for pair in job.operations.windows(2) {
            let [before, after] = pair else { continue };
            let (Some(from), Some(to)) = (place(before), place(after)) else { continue };
            if !before.is_finished() {
                if !before.is_begun() {
                    not_over.clear();
                }
                not_over.push(from);
            }
            if !after.is_begun() && !after.is_finished() {
                links.push(link((from, to), &after.plan, job.quantity));
                links.extend(not_over.iter().filter(|it| **it != from).map(|it| Link::new(*it, to)));
            }
        }
        self.model.links.extend(links);
    }
}

/// The work centers where it can be done, with its times there.
fn places(plan: &OperationPlan, unknown: Seconds) -> impl Iterator<Item = (WorkCenterId, Times)> {
    let own = (plan.work_center, Times::of(plan, unknown));
    let others = plan
        .alternatives
        .iter()
        .map(move |it| (it.work_center, Times { setup: it.setup_seconds, run: it.run.or(plan.run), unknown }));
    std::iter::once(own).chain(others)
}

/// What so much time of a machine costs, in whole units of the company's currency.
fn cost(member: &Member<'_>, seconds: Seconds) -> i64 {
    const MOST: i128 = 1_000_000;
    let hourly = member.machine.rating.hourly_cost.map_or(0, |cost| i128::from(cost.as_millionths()));
    let cost = (hourly * i128::from(seconds) / (3_600 * 1_000_000)).min(MOST);
    i64::try_from(cost).unwrap_or(0)
}

fn link((before, after): (OperationIndex, OperationIndex), plan: &OperationPlan, quantity: Option<Quantity>) -> Link {
    let transfer = plan.transfer_batch.zip(quantity).and_then(|(first, of)| transfer(first, of));
    let min_lag = plan.min_lag_seconds.into();
    let max_lag = plan.max_lag_seconds.map(|most| Seconds::from(most).max(min_lag));
    Link { min_lag, max_lag, transfer, ..Link::new(before, after) }
}

/// So many of so many, in the smallest whole numbers; a little more than was said where these are too large. `None` where that is
/// all of it.
fn transfer(first: Quantity, of: Quantity) -> Option<Transfer> {
    let (mut first, mut of) = (first.as_millionths().max(1), of.as_millionths());
    if first >= of {
        return None;
    }
    let common = common_divisor(first, of);
    (first, of) = (first / common, of / common);
    while of > i64::from(u32::MAX) {
        (first, of) = ((first + 1) / 2, of / 2);
    }
    Some(Transfer { first: u32::try_from(first).ok()?, of: u32::try_from(of).ok()? })
}

const fn common_divisor(mut one: i64, mut other: i64) -> i64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}
