use std::collections::BTreeMap;

use proptest::prelude::*;

use super::oracle::Oracle;
use super::*;
use crate::planning::sample::{cases, machine_id, shop};

fn ops(found: &[Conflict], kind: ConflictKind) -> Vec<OperationRef> {
    let mut ops: Vec<OperationRef> = found.iter().filter(|it| it.kind == kind).map(|it| it.operation).collect();
    ops.dedup();
    ops
}

proptest! {
    #![proptest_config(cases(96))]
    /// Around changes of the clocks, with nights, capacities of 2 and 3, and places by hand of whatever length.
    #[test]
    fn conflicts_of_places_by_hand_are_those_that_brute_force_finds(seed in any::<u64>()) {
        let (mut shop, now) = shop(seed);
        if seed % 2 == 0 {
            on_the_hour(&mut shop, now);
        }
        let found = conflicts(&shop, now, &Options::default()).unwrap();
        let oracle = Oracle::new(&shop, now);
        let mut too_much = BTreeMap::new();
        for it in found.iter().filter(|it| [ConflictKind::Overload, ConflictKind::DoubleBooked, ConflictKind::Tool].contains(&it.kind)) {
            prop_assert!(it.with != Some(it.operation));
            prop_assert!(it.with.is_some() || it.on.iter().all(|on| matches!(on, Resource::Tool(tool) if shop.tools_of(tool) == 0)));
            let on = it.on.clone().unwrap();
            *too_much.entry((it.operation, it.kind, on)).or_default() += it.to.seconds_since(it.from);
        }
        prop_assert_eq!(too_much, oracle.too_much());
        let planning = shop.problem(now, &Options::default()).unwrap();
        let turn = |of: OperationRef| planning.problem.order().iter().position(|it| planning.index.operation(*it) == Some(of));
        let needed = |it: &Placement| {
            let (operation, at) = planning.index.assignment(it).unwrap();
            let own = planning.problem.operation(operation).alternatives.iter().find(|own| own.machine == at.machine);
            own.map(|own| own.setup + oracle.changeover(it, turn) + own.run)
        };
        prop_assert_eq!([ConflictKind::Closed, ConflictKind::Length].map(|kind| ops(&found, kind)), oracle.outside_hours(needed));
        prop_assert_eq!(ops(&found, ConflictKind::Sequence), oracle.out_of_turn());
        let late: Vec<OperationRef> = oracle.placed().into_iter()
            .filter(|(job, _, it)| job.due.is_some_and(|due| it.end.as_seconds() > due.as_seconds())).map(|(_, _, it)| it.of()).collect();
        prop_assert_eq!(ops(&found, ConflictKind::Late), late);
    }
}

/// Places begin and end on the hour, on one machine and within a day, so that they touch one another and the hours of the shop.
fn on_the_hour(shop: &mut Shop, now: Timestamp) {
    let first = now.as_seconds() / 3_600;
    let hour = |at: i64| Timestamp::from_micros(at * 3_600_000_000).unwrap();
    for it in shop.plan.placements.values_mut() {
        let [start, run, end] = [it.start, it.run_start, it.end].map(|at| at.as_seconds() / 3_600);
        let start = first + start % 10;
        (it.start, it.run_start, it.end) = (hour(start), hour(start + run % 2), hour(start + run % 2 + end % 5));
        it.machine = it.machine.map(|_| machine_id(0));
    }
}
