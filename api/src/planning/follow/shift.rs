//! What of a plan has to move as things are.

use domain::kernel::Timestamp;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::Changes;
use domain::scheduling::solver::repair;
use projections::planning::{Options, Shop};

use super::due::Why;
use super::{Refusal, Seen, Unseen};
use crate::planning::fit::check;

/// What is off by less, seconds, stays where people were told: nobody is helped by a plan that moves by the second.
const WORTH_TELLING: i64 = 60;
/// The same where nothing has happened but that time has passed.
const LATE: i64 = 5 * 60;

/// Moves what can't stay to where it can be, later on the same machine or elsewhere; what has begun goes where it is; what is over
/// leaves the plan. What is pinned stays, as does what there is no place for.
pub(super) fn changes(seen: &Seen, why: Why) -> Result<Changes, Refusal> {
    let Seen { shop, now, policies, .. } = seen;
    let planning = shop.problem(*now, &Options::default()).map_err(Unseen::from)?;
    let plan = repair(&planning.problem, &planning.baseline, &policies.weights());
    check(&planning, &plan)?;
    let mut changes = planning.changes(&plan, shop, *now);
    changes.placed.retain(|it| shop.plan.placements.contains_key(&it.of()));
    changes.removed.clear();
    let tolerance = match why {
        Why::Events => WORTH_TELLING + waited(shop, *now),
        Why::Time => LATE,
    };
    if !changes.placed.iter().any(|it| !is_begun(shop, it) && is_off(shop, it, tolerance)) {
        // That what has begun takes longer is known from the floor: it is no change of the plan until something has to wait for it.
        changes.placed.retain(|it| why == Why::Events && is_begun(shop, it) && began_elsewhere(shop, it, tolerance));
    }
    Ok(changes)
}

/// How long work that should have begun has waited by now, seconds, where that is not long enough to move it for that alone: what comes
/// after it is off by as much, whatever happened elsewhere.
fn waited(shop: &Shop, now: Timestamp) -> i64 {
    let waits =
        |it: &&Placement| shop.operation(it.of()).is_some_and(|(_, known)| !known.is_begun() && !known.is_finished());
    let late = shop.plan.placements.values().filter(waits).map(|it| now.seconds_since(it.start));
    late.filter(|late| (0..LATE).contains(late)).max().unwrap_or(0)
}

fn is_begun(shop: &Shop, placement: &Placement) -> bool {
    shop.operation(placement.of()).is_some_and(|(_, it)| it.is_running())
}

/// On another machine, by somebody else or at another time than planned.
fn began_elsewhere(shop: &Shop, is: &Placement, tolerance: i64) -> bool {
    let Some(was) = shop.plan.placements.get(&is.of()) else { return true };
    (is.machine, is.operator) != (was.machine, was.operator) || is.start.seconds_since(was.start).abs() >= tolerance
}

fn is_off(shop: &Shop, is: &Placement, tolerance: i64) -> bool {
    let ends_off = |was: &Placement| is.end.seconds_since(was.end).abs() >= tolerance;
    began_elsewhere(shop, is, tolerance) || shop.plan.placements.get(&is.of()).is_some_and(ends_off)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::kernel::time::later;
    use domain::machines::machine::MachineStatus;
    use domain::scheduling::placement::OperationRef;

    use super::*;
    use crate::planning::sample;

    fn starts(shop: &Shop) -> BTreeMap<OperationRef, Timestamp> {
        shop.plan.placements.values().map(|it| (it.of(), it.start)).collect()
    }

    /// The shop after its plan has followed, and whether anything moved.
    fn followed(mut shop: Shop, now: Timestamp) -> (Shop, bool) {
        let changes = changes(&sample::seen(shop.clone(), now), Why::Events).expect("a plan");
        shop.plan.placements.extend(changes.placed.iter().map(|it| (it.of(), *it)));
        (shop, !changes.is_empty())
    }

    fn with_mill(mut shop: Shop, status: MachineStatus) -> Shop {
        shop.machines.values_mut().filter(|it| it.code.as_str() == "MILL-1").for_each(|it| it.status = status);
        shop
    }

    fn planned() -> Shop {
        let asked = sample::asked(12, 1);
        let plan = repair(&asked.planning.problem, &asked.planning.baseline, &asked.weights);
        let mut shop = Shop::clone(&asked.shop);
        shop.plan.placements = asked.planning.index.placements(&plan).into_iter().map(|it| (it.of(), it)).collect();
        shop
    }

    #[test]
    fn what_has_not_begun_yet_is_moved_once_it_is_five_minutes_late_and_not_by_every_event() {
        let shop = planned();
        for seconds in [30, 90, 150, 299] {
            let (_, moved) = followed(shop.clone(), later(sample::now(), seconds));
            assert!(!moved, "{seconds} s after it should have begun");
        }
        let (later_on, moved) = followed(shop.clone(), later(sample::now(), LATE));
        assert!(moved && later_on.plan.placements.values().all(|it| it.start >= later(sample::now(), LATE)));
        // What happens elsewhere and counts for more is followed at once.
        let (_, moved) = followed(with_mill(shop, MachineStatus::Down), later(sample::now(), 150));
        assert!(moved);
    }

    #[test]
    fn what_waits_for_a_machine_goes_later_and_is_not_moved_ahead_when_it_is_back() {
        let shop = planned();
        let stopped = later(sample::now(), 60);
        let (shop, moved) = followed(with_mill(shop, MachineStatus::Down), stopped);
        assert!(moved, "work waits for the mill");
        let waits = starts(&shop);
        for minutes in [1, 4, 12, 40] {
            let (shop, _) = followed(with_mill(shop.clone(), MachineStatus::Available), later(stopped, minutes * 60));
            for (operation, start) in starts(&shop) {
                assert!(start >= waits[&operation], "{operation} from {start}, {minutes} minutes after the stop");
            }
        }
    }
}
