//! How much of a day is planned, by machine and by operator.

use std::collections::BTreeMap;

use domain::kernel::{MachineId, OperatorId};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{Capacity, MachineIndex, OperatorIndex};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::problem::{Assumption, Planning};
use super::shop::Shop;
use crate::local_days::Window;

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A machine's.
    Machine(MachineId),
    /// An operator's.
    Operator(OperatorId),
}

/// One local day of a lane. More may be planned than is open, where it is overloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLoad {
    /// Which day.
    pub date: Date,
    /// Seconds that it is open or there, as often as it takes work at once.
    pub open: Seconds,
    /// Seconds of them that setups take; all of its time of an operation that is outside all hours.
    pub setup: Seconds,
    /// The same of runs.
    pub run: Seconds,
}

impl DayLoad {
    /// Seconds that operations take.
    pub const fn planned(&self) -> Seconds {
        self.setup + self.run
    }
}

/// A local day: its date, its first second, the first after it.
type Day = (Date, Seconds, Seconds);

impl Shop {
    /// Whether anybody said when a lane is open; it counts as open always, where nobody did.
    pub fn keeps_hours(&self, lane: Lane) -> bool {
        let own = match lane {
            Lane::Machine(id) => self.machines.get(&id).and_then(|machine| {
                let center = self.work_centers.get(&machine.work_center);
                machine.calendar.or_else(|| center.and_then(|center| center.calendar))
            }),
            Lane::Operator(id) => self.operators.get(&id).and_then(|operator| operator.calendar),
        };
        own.or(self.calendar).is_some_and(|calendar| self.calendars.contains_key(&calendar))
    }
}

impl Planning {
    /// Whether the length of an operation was taken for granted: nobody said how long it runs, or how many there are.
    pub fn is_assumed(&self, operation: OperationRef) -> bool {
        let holds = |assumption| self.assumptions.binary_search(&assumption).is_ok();
        holds(Assumption::NoRunTime(operation)) || holds(Assumption::NoQuantity(operation.job))
    }

    /// The load of lanes on the local days `from` ≤ day < `to` of a zone. Nothing is open on days that hours are not told for.
    pub fn load<'p>(
        &self,
        placements: impl IntoIterator<Item = &'p Placement>,
        lanes: &[Lane],
        (zone, from, to): (&TimeZone, Date, Date),
    ) -> BTreeMap<Lane, Vec<DayLoad>> {
        let days = self.days(zone, from, to);
        let of_day =
            |lane, &(date, from, to): &Day| DayLoad { date, open: self.open_in(lane, from, to), setup: 0, run: 0 };
        let empty = |lane: &Lane| (*lane, days.iter().map(|day| of_day(*lane, day)).collect());
        let mut loads: BTreeMap<Lane, Vec<DayLoad>> = lanes.iter().map(empty).collect();
        for placement in placements {
            let lanes = placement.machine.map(Lane::Machine).into_iter().chain(placement.operator.map(Lane::Operator));
            for lane in lanes {
                if let Some(load) = loads.get_mut(&lane) {
                    self.add(placement, lane, (load, &days));
                }
            }
        }
        loads
    }

    fn days(&self, zone: &TimeZone, from: Date, to: Date) -> Vec<Day> {
        let dates = from.series(1.day()).take_while(|date| *date < to);
        let second = |at| self.index.second(at);
        let day = |date| Window::of_day(date, zone).map(|day| (date, second(day.from), second(day.to)));
        dates.filter_map(day).collect()
    }

    fn open_in(&self, lane: Lane, from: Seconds, to: Seconds) -> Seconds {
        let machine = |place: MachineIndex| {
            let open = self.problem.open(place).work_between(from, to);
            match self.problem.machine(place).capacity {
                Capacity::Many(most) => open * Seconds::from(most),
                _ => open,
            }
        };
        let operator = |place: OperatorIndex| self.problem.present(place).work_between(from, to);
        match lane {
            Lane::Machine(id) => self.index.machine_index(Some(id)).map_or(0, machine),
            Lane::Operator(id) => self.index.operator_index(id).map_or(0, operator),
        }
    }

    /// A machine is taken whenever it is open, an operator only while the machine is open as well.
    fn add(&self, placement: &Placement, lane: Lane, (load, days): (&mut [DayLoad], &[Day])) {
        let Some(mut at) = self.index.assignment_at(placement) else { return };
        if matches!(lane, Lane::Machine(_)) {
            at.operator = None;
        }
        let open = self.open(&at);
        let never = open.pieces((at.start, at.end)).next().is_none();
        let first = days.partition_point(|day| day.2 <= at.start);
        let touched = load.iter_mut().zip(days).skip(first).take_while(|(_, day)| day.1 < at.end);
        for (load, day) in touched {
            let taken = |(from, to): (Seconds, Seconds)| {
                let (from, to) = (day.1.max(from), day.2.min(to));
                if never { (to - from).max(0) } else { open.work((from, to)) }
            };
            load.setup += taken((at.start, at.run_start));
            load.run += taken((at.run_start, at.end));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::planning::problem::Options;
    use crate::planning::sample::{cases, machine_id, operator_id, shop};

    proptest! {
        #![proptest_config(cases(48))]
        #[test]
        fn the_days_of_a_lane_add_up_to_all_that_is_planned_and_open_on_them(seed in any::<u64>()) {
            let (shop, now) = shop(seed);
            let planning = shop.problem(now, &Options::default()).unwrap();
            let lanes: Vec<Lane> = (0..5).map(|it| Lane::Machine(machine_id(it)))
                .chain((0..4).map(|it| Lane::Operator(operator_id(it)))).collect();
            let today = now.to_jiff().to_zoned(shop.zone.clone()).date();
            let (from, to) = (today.checked_sub(2.days()).unwrap(), today.checked_add(9.days()).unwrap());
            let loads = planning.load(shop.plan.placements.values(), &lanes, (&shop.zone, from, to));
            let all = planning.days(&shop.zone, from, to);
            for (lane, days) in &loads {
                prop_assert_eq!(days.len(), 11);
                let (first, last) = (all[0].1, all[10].2);
                prop_assert_eq!(days.iter().map(|day| day.open).sum::<Seconds>(), planning.open_in(*lane, first, last));
                let theirs = shop.plan.placements.values().filter(|it| match lane {
                    Lane::Machine(machine) => it.machine == Some(*machine),
                    Lane::Operator(operator) => it.operator == Some(*operator),
                });
                let worked = |it: &Placement| {
                    let mut at = planning.index.assignment(it).unwrap().1;
                    at.operator = at.operator.filter(|_| matches!(lane, Lane::Operator(_)));
                    let work = planning.open(&at).work((at.start, at.end));
                    if work == 0 { at.end - at.start } else { work }
                };
                prop_assert_eq!(days.iter().map(DayLoad::planned).sum::<Seconds>(), theirs.map(worked).sum::<Seconds>());
            }
        }
    }
}
