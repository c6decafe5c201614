//! When machines, and machines with operators, are open: pairs of hours are intersected once, as far as there is room to keep them.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::open::Open;
use crate::scheduling::solver::calendar::{Calendar, FAR};
use crate::scheduling::solver::model::{MachineIndex, OperatorIndex};
use crate::scheduling::solver::{Problem, Seconds};

/// Beyond so many pairs of hours nothing is kept, and nothing ruled out by it.
const MOST_PAIRS: usize = 1 << 18;
/// Intervals of pairs that are kept in all.
const MOST_INTERVALS: usize = 1 << 20;

/// Found when first asked for; machines, and operators, with the same hours share an answer.
#[derive(Debug)]
pub(super) struct Openings {
    /// By machine, the first that has the same hours; likewise by operator, the number of those that differ.
    pub(super) machines: Vec<usize>,
    pub(super) operators: Vec<usize>,
    different: usize,
    pairs: Vec<OnceLock<Pair>>,
    /// Intervals that may still be kept.
    room: AtomicUsize,
}

/// The hours of a machine, or of a machine and an operator together.
#[derive(Debug)]
struct Pair {
    longest: Seconds,
    /// What both have in common, where there was room to keep it.
    both: Option<Box<Calendar>>,
}

impl Openings {
    pub(super) fn new(problem: &Problem) -> Self {
        let model = problem.model();
        let (machines, many) = classes((0..).take(model.machines.len()).map(|it| problem.open(MachineIndex(it))));
        let (operators, different) =
            classes((0..).take(model.operators.len()).map(|it| problem.present(OperatorIndex(it))));
        let pairs = many.saturating_mul(different + 1);
        let pairs = (0..if pairs > MOST_PAIRS { 0 } else { pairs }).map(|_| OnceLock::new()).collect();
        Self { machines, operators, different, pairs, room: AtomicUsize::new(MOST_INTERVALS) }
    }

    /// The longest opening of a machine, or of both together.
    pub(super) fn longest(&self, problem: &Problem, machine: MachineIndex, by: Option<OperatorIndex>) -> Seconds {
        self.pair(problem, machine, by).map_or(FAR, |pair| pair.longest)
    }

    /// When a machine, or both together, can work.
    pub(super) fn open<'o>(
        &'o self,
        problem: &'o Problem,
        machine: MachineIndex,
        by: Option<OperatorIndex>,
    ) -> Open<'o> {
        let Some(by) = by else { return Open { hours: problem.open(machine), and: None } };
        match self.pair(problem, machine, Some(by)).and_then(|pair| pair.both.as_deref()) {
            Some(both) => Open { hours: both, and: None },
            None => Open { hours: problem.open(machine), and: Some(problem.present(by)) },
        }
    }

    fn pair(&self, problem: &Problem, machine: MachineIndex, by: Option<OperatorIndex>) -> Option<&Pair> {
        let other = by.map_or(self.different, |by| self.operators[by.at()]);
        let at = self.machines[machine.at()] * (self.different + 1) + other;
        let look = || {
            let longest = |hours: &Calendar| hours.intervals().map(|(from, to)| to - from).max().unwrap_or(0);
            let hours = problem.open(machine);
            let Some(by) = by else { return Pair { longest: longest(hours), both: None } };
            let both = hours.intersect(problem.present(by));
            let longest = longest(&both);
            let size = both.intervals().len();
            let kept = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
            Pair { longest, both: kept.is_ok().then(|| Box::new(both)) }
        };
        self.pairs.get(at).map(|pair| pair.get_or_init(look))
    }
}

/// Numbers calendars so that equal ones have the same number; and how many numbers there are.
fn classes<'c>(calendars: impl Iterator<Item = &'c Calendar>) -> (Vec<usize>, usize) {
    let mut known: HashMap<&Calendar, usize> = HashMap::new();
    let numbers = calendars.map(|calendar| {
        let next = known.len();
        *known.entry(calendar).or_insert(next)
    });
    let numbers = numbers.collect();
    (numbers, known.len())
}
