//! The independent checker: every rule of a plan that it breaks. It shares the rules (see the solver's module) and the data
//! types with what makes plans, and no code: it counts and sweeps what the plan says instead of making it again.
//!
//! What offends in a fixed operation is no violation where the plan lists it as a clash over the same thing.

mod links;
mod machines;
mod materials;
mod people;
mod placed;
mod report;
mod unplaced;
mod violation;
mod work;

use super::model::{Capacity, OperationIndex};
use super::{Plan, Problem, Seconds};

use self::report::Report;

pub use self::violation::{Fault, Resource, Rule, Violation};

/// Every rule that `plan` breaks; none means that it can be carried out. With a baseline, what it starts in the frozen time
/// must have stayed. A plan may come from anywhere: whatever is in it, this only lists what is wrong.
pub fn validate(problem: &Problem, plan: &Plan, baseline: Option<&Plan>) -> Vec<Violation> {
    let mut report = Report::new(problem, plan, baseline);
    let mut placed = placed::read(problem, plan, &mut report);
    unplaced::check(problem, plan, &mut report);
    machines::check(problem, &mut placed, &mut report);
    let busy = work::check(problem, &placed, &mut report);
    people::operators(busy, &mut report);
    people::tools(problem, &placed, &mut report);
    links::check(problem, &placed, &mut report);
    materials::check(problem, &placed, &mut report);
    report.found
}

/// Reports whatever takes more than `capacity` at once; the intervals may come in any order.
fn sweep(mut taken: Vec<Taken>, capacity: usize, mut over: impl FnMut(&Taken, &Taken)) {
    taken.retain(|it| it.from < it.to);
    taken.sort_unstable_by_key(|it| (it.from, it.to, it.by));
    let mut open = std::collections::BinaryHeap::new();
    for it in &taken {
        while open.peek().is_some_and(|std::cmp::Reverse(earliest): &std::cmp::Reverse<Taken>| earliest.to <= it.from) {
            open.pop();
        }
        if let Some(std::cmp::Reverse(other)) = open.peek().filter(|_| open.len() >= capacity) {
            over(it, other);
        }
        open.push(std::cmp::Reverse(*it));
    }
}

/// Something is taken from here to there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    to: Seconds,
    from: Seconds,
    by: OperationIndex,
}

#[cfg(test)]
mod broken;
#[cfg(test)]
mod tests;
