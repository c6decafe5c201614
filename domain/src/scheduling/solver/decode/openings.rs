//! The longest that machines, and machines with operators, are ever open without a break.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::open::Open;
use crate::scheduling::solver::calendar::{Calendar, FAR};
use crate::scheduling::solver::model::{MachineIndex, OperatorIndex};
use crate::scheduling::solver::{Problem, Seconds};

/// Beyond so many pairs of hours nothing is kept, and nothing ruled out by it.
const MOST_PAIRS: usize = 1 << 20;

/// Found when first asked for; machines, and operators, with the same hours share an answer.
#[derive(Debug)]
pub(super) struct Openings {
    /// By machine, the first that has the same hours; likewise by operator, the number of those that differ.
    machines: Vec<usize>,
    operators: Vec<usize>,
    different: usize,
    longest: Vec<OnceLock<Seconds>>,
}

impl Openings {
    pub(super) fn new(problem: &Problem) -> Self {
        let model = problem.model();
        let (machines, many) = classes((0..).take(model.machines.len()).map(|it| problem.open(MachineIndex(it))));
        let (operators, different) =
            classes((0..).take(model.operators.len()).map(|it| problem.present(OperatorIndex(it))));
        let pairs = many.saturating_mul(different + 1);
        let longest = (0..if pairs > MOST_PAIRS { 0 } else { pairs }).map(|_| OnceLock::new()).collect();
        Self { machines, operators, different, longest }
    }

    /// The longest opening of a machine, or of both together.
    pub(super) fn longest(&self, problem: &Problem, machine: MachineIndex, by: Option<OperatorIndex>) -> Seconds {
        let other = by.map_or(self.different, |by| self.operators[by.at()]);
        let at = self.machines[machine.at()] * (self.different + 1) + other;
        let look = || {
            let open = Open { machine: problem.open(machine), operator: by.map(|by| problem.present(by)) };
            open.pieces(-FAR, FAR).map(|(from, to)| to - from).max().unwrap_or(0)
        };
        self.longest.get(at).map_or(FAR, |longest| *longest.get_or_init(look))
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
