//! A shop as a what-if assumes it to be.

use domain::kernel::{Interval, MachineId, OperatorId};
use domain::scheduling::placement::Placement;
use domain::scheduling::scenario::{Assumption, Sketch};

use super::shop::{CurrentPlan, Shop};

impl Shop {
    /// The shop under what a what-if assumes, with its plan instead of the site's. What is pinned stays so, where the what-if has not
    /// moved it. An assumption about something that is not there says nothing.
    #[must_use]
    pub fn assuming(mut self, sketch: &Sketch) -> Self {
        for assumption in sketch.assumptions.values() {
            self.assume(assumption);
        }
        let mut plan = CurrentPlan {
            version: sketch.version,
            placements: sketch.placements().map(|placement| (placement.of(), *placement)).collect(),
            pins: std::mem::take(&mut self.plan.pins),
        };
        let stays = |placement: Option<&Placement>, was: Option<&Placement>| placement.is_some() && placement == was;
        plan.pins.retain(|of, _| stays(plan.placements.get(of), self.plan.placements.get(of)));
        self.plan = plan;
        self
    }

    fn assume(&mut self, assumption: &Assumption) {
        match *assumption {
            Assumption::MachineOut { machine, from, until } => {
                self.on_machine(machine, |it| it.maintenance.push(Interval { from, until }));
            }
            Assumption::MachineOpen { machine, from, until } => {
                let open = Interval { from, until };
                self.on_machine(machine, |it| {
                    it.maintenance = without(&it.maintenance, open);
                    it.overtime.push(open);
                });
            }
            Assumption::OperatorOut { operator, from, until } => {
                self.on_operator(operator, |it| it.absences.push(Interval { from, until }));
            }
            Assumption::OperatorAtWork { operator, from, until } => {
                let there = Interval { from, until };
                self.on_operator(operator, |it| {
                    it.absences = without(&it.absences, there);
                    it.overtime.push(there);
                });
            }
            Assumption::JobDue { job, due } => {
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.due = Some(due);
                }
            }
            Assumption::JobLeftOut { job } => {
                self.jobs.remove(&job);
            }
            Assumption::ToolCount { tool, count } => {
                self.tools.values_mut().filter(|it| it.id == tool).for_each(|it| it.count = count);
            }
        }
    }

    fn on_machine(&mut self, machine: MachineId, change: impl FnOnce(&mut super::Machine)) {
        if let Some(machine) = self.machines.get_mut(&machine) {
            change(machine);
        }
    }

    fn on_operator(&mut self, operator: OperatorId, change: impl FnOnce(&mut super::Operator)) {
        if let Some(operator) = self.operators.get_mut(&operator) {
            change(operator);
        }
    }
}

/// What is left of intervals without one.
fn without(intervals: &[Interval], taken: Interval) -> Vec<Interval> {
    let rest = |it: &Interval| {
        let before = Interval { until: it.until.min(taken.from), ..*it };
        let after = Interval { from: it.from.max(taken.until), ..*it };
        [before, after].into_iter().filter(|rest| rest.from < rest.until)
    };
    intervals.iter().flat_map(rest).collect()
}

#[cfg(test)]
mod tests {
    use domain::kernel::time::later;
    use domain::kernel::{
        ActorId, AssumptionId, Caller, CommandId, Context, Decider, Facts, Role, TenantId, Timestamp,
    };
    use domain::scheduling::scenario::{Scenario, ScenarioCommand, ScenarioName, ScenarioState};
    use domain::scheduling::solver::Seconds;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::sample::{cases, job_id, machine_id, operator_id, shop, tool_id};
    use super::super::{Options, Planning};
    use super::*;

    /// A what-if of this shop's plan that assumes this.
    fn sketch(shop: &Shop, now: Timestamp, assumed: &[Assumption]) -> Sketch {
        let context = Context {
            caller: Caller::new(TenantId(Uuid::nil()), ActorId(Uuid::nil()), Role::Manager),
            now,
            happened_at: now,
            command_id: CommandId(Uuid::nil()),
            fingerprint: None,
            correlation: Uuid::nil(),
            causation: None,
            traceparent: None,
            facts: Facts::default(),
        };
        let placements = shop.plan.placements.values().copied().collect();
        let name = ScenarioName::try_new("what if").unwrap();
        let open = ScenarioCommand::Open { name, base: shop.plan.version, placements };
        let assume = (1..).zip(assumed).map(|(id, it)| ScenarioCommand::Assume(AssumptionId(Uuid::from_u128(id)), *it));
        let state = std::iter::once(open).chain(assume).fold(ScenarioState::default(), |state, command| {
            let events = Scenario::decide(&state, &command, &context).unwrap();
            events.iter().fold(state, |state, event| Scenario::evolve(state, event, now))
        });
        match state {
            ScenarioState::Open(sketch) => *sketch,
            other => panic!("it is open: {other:?}"),
        }
    }

    fn planning(shop: &Shop, now: Timestamp) -> Planning {
        shop.problem(now, &Options::default()).unwrap()
    }

    /// Seconds that a machine is open in an interval.
    fn open(planning: &Planning, machine: MachineId, (from, until): (Timestamp, Timestamp)) -> Seconds {
        let (index, machine) = (&planning.index, planning.index.machine_index(Some(machine)).unwrap());
        planning.problem.open(machine).work_between(index.second(from), index.second(until))
    }

    proptest! {
        #![proptest_config(cases(64))]
        #[test]
        fn what_assumes_nothing_is_the_shop_as_it_is(seed in any::<u64>()) {
            let (shop, now) = shop(seed);
            let same = shop.clone().assuming(&sketch(&shop, now, &[]));
            let (is, was) = (planning(&same, now), planning(&shop, now));
            prop_assert_eq!(is.problem.model(), was.problem.model());
            prop_assert_eq!(is.baseline, was.baseline);
        }
        #[test]
        fn a_machine_is_closed_or_open_as_assumed_and_no_other_is(seed in any::<u64>(), hours in 1_i64..40) {
            let (shop, now) = shop(seed);
            let ids: Vec<MachineId> = shop.machines.keys().copied().collect();
            let (machine, others) = (ids[0], &ids[1..]);
            let span = (later(now, 3_600), later(now, 3_600 + hours * 3_600));
            let (from, until) = span;
            let before = planning(&shop, now);
            let out = Assumption::MachineOut { machine, from, until };
            let closed = planning(&shop.clone().assuming(&sketch(&shop, now, &[out])), now);
            prop_assert_eq!(open(&closed, machine, span), 0);
            let overtime = Assumption::MachineOpen { machine, from, until };
            let mut available = shop.clone();
            available.machines.get_mut(&machine).unwrap().status = domain::machines::machine::MachineStatus::Available;
            let opened = planning(&available.assuming(&sketch(&shop, now, &[overtime])), now);
            // What is left of maintenance before and after it takes the seconds that it begins and ends in whole.
            let opened_for = open(&opened, machine, span);
            prop_assert!((hours * 3_600 - 2..=hours * 3_600).contains(&opened_for), "{opened_for}");
            for other in others {
                prop_assert_eq!(open(&closed, *other, span), open(&before, *other, span));
                prop_assert_eq!(open(&opened, *other, span), open(&before, *other, span));
            }
        }
    }

    #[test]
    fn there_are_as_many_of_a_tool_as_assumed_and_as_many_as_there_are_of_others() {
        let (shop, now) = shop(3);
        let codes: Vec<_> = shop.tools.keys().cloned().collect();
        let of = |shop: &Shop| codes.iter().map(|code| shop.tools_of(code)).collect::<Vec<_>>();
        let others = of(&shop)[1];
        for count in [0, 1, 7] {
            let assumed = Assumption::ToolCount { tool: shop.tools[&codes[0]].id, count };
            assert_eq!(of(&shop.clone().assuming(&sketch(&shop, now, &[assumed]))), [count, others]);
        }
        let unknown = Assumption::ToolCount { tool: tool_id(9), count: 7 };
        assert_eq!(of(&shop.clone().assuming(&sketch(&shop, now, &[unknown]))), of(&shop));
    }

    #[test]
    fn jobs_are_due_otherwise_or_left_out_and_people_away_or_there() {
        let (shop, now) = shop(3);
        let (first, second) = (*shop.jobs.keys().next().unwrap(), *shop.jobs.keys().nth(1).unwrap());
        let (due, until) = (later(now, 86_400), later(now, 7_200));
        let operator = *shop.operators.keys().next().unwrap();
        let assumed = [
            Assumption::JobDue { job: first, due },
            Assumption::JobLeftOut { job: second },
            Assumption::OperatorOut { operator, from: now, until },
            Assumption::OperatorAtWork { operator, from: until, until: due },
            Assumption::JobLeftOut { job: job_id(9_999) },
            Assumption::MachineOut { machine: machine_id(9_999), from: now, until },
            Assumption::OperatorOut { operator: operator_id(9_999), from: now, until },
        ];
        let assuming = shop.clone().assuming(&sketch(&shop, now, &assumed));
        assert_eq!(assuming.jobs[&first].due, Some(due));
        assert_eq!(assuming.jobs.len(), shop.jobs.len() - 1);
        assert_eq!(assuming.operators[&operator].absences.last(), Some(&Interval { from: now, until }));
        assert_eq!(assuming.operators[&operator].overtime, [Interval { from: until, until: due }]);
        planning(&assuming, now);
        // Who is away is there all the same, for as long as that is assumed.
        let mut away = shop.clone();
        away.operators.get_mut(&operator).unwrap().absences = vec![Interval { from: now, until: due }];
        let (from, until) = (later(now, 3_600), later(now, 7_200));
        let there = away.clone().assuming(&sketch(&away, now, &[Assumption::OperatorAtWork { operator, from, until }]));
        let left = [Interval { from: now, until: from }, Interval { from: until, until: due }];
        assert_eq!(there.operators[&operator].absences, left);
    }
}
