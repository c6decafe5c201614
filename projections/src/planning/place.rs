//! Where an operation comes to lie that somebody puts somewhere by hand.

use domain::kernel::{MachineId, OperatorId, Timestamp};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::calendar::FAR;
use domain::scheduling::solver::model::State;
use domain::scheduling::solver::plan::Assignment;

use super::problem::Planning;

impl Planning {
    /// The place of an operation that starts there and then: as long as it takes in the hours of machine and operator, or around
    /// the clock where they have not enough of them. Its setup is as long as what the others have there before it makes it. `None` of what is not in the problem, is over, or can't be done there.
    ///
    /// Whether anything is in its way is not looked at; that is a question of conflicts.
    pub fn place<'p>(
        &self,
        operation: OperationRef,
        (machine, operator): (Option<MachineId>, Option<OperatorId>),
        start: Timestamp,
        others: impl IntoIterator<Item = &'p Placement>,
    ) -> Option<Placement> {
        let place = self.index.operation_index(operation)?;
        let data = self.problem.operation(place);
        let machine = self.index.machine_index(machine)?;
        let own = data.alternatives.iter().find(|own| own.machine == machine)?;
        if matches!(data.state, State::Done { .. }) {
            return None;
        }
        let operator = match operator {
            Some(operator) => Some(self.index.operator_index(operator)?),
            None => None,
        };
        let start = self.index.second(start);
        let setup = own.setup + self.changeover_at((place, machine, start), others);
        let round_the_clock = (start + setup, start + setup + own.run);
        let mut at = Assignment { machine, operator, start, run_start: round_the_clock.0, end: round_the_clock.1 };
        let open = self.open(&at);
        let is_set_up = open.worked((start, FAR), setup);
        let runs = |from| if own.run == 0 { Some((from, from)) } else { open.pieces((from, FAR)).next() };
        let in_hours = is_set_up.and_then(runs).and_then(|(from, _)| Some((from, open.worked((from, FAR), own.run)?)));
        if let Some(in_hours) = in_hours {
            (at.run_start, at.end) = in_hours;
        }
        self.index.placement(place, &at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::planning::problem::Options;
    use crate::planning::sample::{cases, shop};
    use crate::planning::tests::solved;

    proptest! {
        #![proptest_config(cases(64))]
        #[test]
        fn what_is_put_by_hand_where_the_optimiser_has_it_comes_to_lie_the_same(seed in any::<u64>()) {
            let (shop, now) = shop(seed);
            let planning = shop.problem(now, &Options::default()).unwrap();
            let all = planning.index.placements(&solved(&planning, 0).plan);
            for it in all.iter().copied() {
                let place = planning.index.operation_index(it.of()).unwrap();
                if matches!(planning.problem.operation(place).state, State::Planned) {
                    prop_assert_eq!(planning.place(it.of(), (it.machine, it.operator), it.start, &all), Some(it));
                }
            }
        }
    }
}
