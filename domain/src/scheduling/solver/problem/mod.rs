//! A model that was checked: what every other part works on.

mod check;
mod error;

use std::collections::HashSet;

use super::Seconds;
use super::calendar::{Calendar, FAR, NoInterval};
use super::model::{
    CalendarIndex, Capacity, Family, JobIndex, Labour, Link, Machine, MachineIndex, Model, Operation, OperationIndex,
    Operator, OperatorIndex, Place, State,
};
use super::plan::Plan;

pub use self::error::{ProblemError, Subject};

/// Most operations a problem may have.
pub const MOST_OPERATIONS: usize = 1_000_000;

/// A checked model with what follows from it. Indices in it are valid, links have no cycle, sums stay within `i64`.
#[derive(Debug, Clone)]
pub struct Problem {
    model: Model,
    /// Per machine: its calendar less its downtime.
    open: Vec<Calendar>,
    /// Per operator: the calendar less absences.
    present: Vec<Calendar>,
    /// Per skill: who has it.
    qualified: Vec<Vec<Qualified>>,
    operations_of: Vec<Vec<OperationIndex>>,
    before: Grouped,
    after: Grouped,
    order: Vec<OperationIndex>,
    /// Whether any alternative costs anything.
    has_costs: bool,
}

/// An operator who has a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualified {
    /// Who.
    pub operator: OperatorIndex,
    /// Speed in percent.
    pub percent: u32,
    /// The skill is gone from here on.
    pub expires: Seconds,
}

/// Indices of links, grouped by operation.
#[derive(Debug, Clone, Default)]
struct Grouped {
    starts: Vec<u32>,
    links: Vec<u32>,
}

impl Grouped {
    fn new(operations: usize, links: &[Link], by: impl Fn(&Link) -> OperationIndex) -> Self {
        let mut starts = vec![0_u32; operations + 1];
        for link in links {
            starts[by(link).at() + 1] += 1;
        }
        for at in 0..operations {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut grouped = vec![0; links.len()];
        for (link, index) in links.iter().zip(0_u32..) {
            let place = &mut next[by(link).at()];
            grouped[*place as usize] = index;
            *place += 1;
        }
        Self { starts, links: grouped }
    }

    fn of(&self, operation: OperationIndex) -> &[u32] {
        &self.links[self.starts[operation.at()] as usize..self.starts[operation.at() + 1] as usize]
    }
}

/// Operations of the same kind share their alternatives, which are looked at once.
fn has_costs(model: &Model) -> bool {
    let mut seen = HashSet::new();
    let mut lists = model.operations.iter().map(|operation| &operation.alternatives);
    lists.any(|list| seen.insert(list.as_ptr()) && list.iter().any(|alternative| alternative.cost != 0))
}

impl Problem {
    /// Checks a model: every refusal names what is wrong, and where.
    pub fn new(model: Model) -> Result<Self, ProblemError> {
        check::check(&model)?;
        let operations = model.operations.len();
        let before = Grouped::new(operations, &model.links, |link| link.after);
        let after = Grouped::new(operations, &model.links, |link| link.before);
        let order = check::order(&model, &before, &after)?;
        let mut operations_of = vec![Vec::new(); model.jobs.len()];
        for &operation in &order {
            operations_of[model.operations[operation.at()].job.at()].push(operation);
        }
        let open = model.machines.iter().map(|machine| open(&model, machine)).collect::<Result<_, _>>()?;
        let present = model.operators.iter().map(|operator| present(&model, operator)).collect::<Result<_, _>>()?;
        let qualified = qualified(&model);
        let has_costs = has_costs(&model);
        Ok(Self { model, open, present, qualified, operations_of, before, after, order, has_costs })
    }

    /// The model that was checked.
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.model.operations.len()
    }

    /// Whether there is nothing to plan at all.
    pub fn is_empty(&self) -> bool {
        self.model.operations.is_empty()
    }

    /// All operations, as the model has them.
    pub fn operations(&self) -> impl Iterator<Item = OperationIndex> + use<> {
        (0_u32..).take(self.model.operations.len()).map(OperationIndex)
    }

    /// An operation.
    pub fn operation(&self, operation: OperationIndex) -> &Operation {
        &self.model.operations[operation.at()]
    }

    /// What it costs to do an operation on that machine rather than another.
    pub fn cost_on(&self, operation: OperationIndex, machine: MachineIndex) -> i64 {
        // Hundreds of alternatives are common in a large shop, costs are not.
        if !self.has_costs {
            return 0;
        }
        let mut alternatives = self.operation(operation).alternatives.iter();
        alternatives.find(|alternative| alternative.machine == machine).map_or(0, |alternative| alternative.cost)
    }

    /// A machine.
    pub fn machine(&self, machine: MachineIndex) -> &Machine {
        &self.model.machines[machine.at()]
    }

    /// When a machine is open: its calendar less its downtime.
    pub fn open(&self, machine: MachineIndex) -> &Calendar {
        &self.open[machine.at()]
    }

    /// When an operator is at work: the calendar less absences.
    pub fn present(&self, operator: OperatorIndex) -> &Calendar {
        &self.present[operator.at()]
    }

    /// Who has the skill that an operation's labour asks for.
    pub fn qualified(&self, labour: &Labour) -> &[Qualified] {
        &self.qualified[labour.skill.at()]
    }

    /// Operations of a job, each after those that it waits for.
    pub fn operations_of(&self, job: JobIndex) -> &[OperationIndex] {
        &self.operations_of[job.at()]
    }

    /// Links that an operation waits for.
    pub fn before(&self, operation: OperationIndex) -> impl Iterator<Item = &Link> {
        self.before.of(operation).iter().map(|link| &self.model.links[*link as usize])
    }

    /// Links that wait for an operation.
    pub fn after(&self, operation: OperationIndex) -> impl Iterator<Item = &Link> {
        self.after.of(operation).iter().map(|link| &self.model.links[*link as usize])
    }

    /// All operations, each after those that it waits for.
    pub fn order(&self) -> &[OperationIndex] {
        &self.order
    }

    /// Seconds of changeover on a machine between two families; 0 where either or the machine's matrix is not known.
    pub fn changeover(&self, machine: &Machine, from: Option<Family>, to: Option<Family>) -> Seconds {
        match (machine.changeover, machine.capacity, from, to) {
            (Some(matrix), Capacity::One | Capacity::Batch(_), Some(from), Some(to)) => {
                self.model.changeovers[matrix.at()][from.at()][to.at()]
            }
            _ => 0,
        }
    }

    /// Where an operation must start whatever the search thinks: pinned, started, or frozen by what people were told.
    pub fn kept(&self, operation: OperationIndex, baseline: Option<&Plan>) -> Option<Place> {
        let told = |baseline: &Plan| {
            let told = baseline.assignments.get(operation.at()).copied().flatten()?;
            let frozen = (self.model.now..self.model.frozen_until).contains(&told.start);
            let possible = self.operation(operation).alternatives.iter().any(|it| it.machine == told.machine);
            (frozen && possible).then_some(Place { machine: told.machine, operator: told.operator, start: told.start })
        };
        match self.operation(operation).state {
            State::Planned => baseline.and_then(told),
            State::Pinned(_) | State::Started { .. } | State::Done { .. } => self.fixed(operation),
        }
    }

    /// Where an operation must start whatever the search thinks: pinned or started.
    pub fn fixed(&self, operation: OperationIndex) -> Option<Place> {
        match self.operation(operation).state {
            State::Pinned(place) | State::Started { place, .. } => Some(place),
            State::Planned | State::Done { .. } => None,
        }
    }
}

/// Work of an operator at `percent` of normal speed, in whole seconds, rounded up. `percent` is more than zero.
pub fn at_speed(work: Seconds, percent: u32) -> Seconds {
    if percent == 100 { work } else { (work * 100 + i64::from(percent) - 1) / i64::from(percent) }
}

fn open(model: &Model, machine: &Machine) -> Result<Calendar, ProblemError> {
    closed(model, machine.calendar, &machine.downtime)
        .map_err(|source| ProblemError::Interval { of: Subject::Machine(machine.name.clone()), source })
}

fn present(model: &Model, operator: &Operator) -> Result<Calendar, ProblemError> {
    closed(model, operator.calendar, &operator.absences)
        .map_err(|source| ProblemError::Interval { of: Subject::Operator(operator.name.clone()), source })
}

fn closed(
    model: &Model,
    calendar: Option<CalendarIndex>,
    closures: &[(Seconds, Seconds)],
) -> Result<Calendar, NoInterval> {
    let calendar = calendar.map_or_else(Calendar::always, |calendar| model.calendars[calendar.at()].clone());
    if closures.is_empty() { Ok(calendar) } else { Ok(calendar.without(&Calendar::new(closures.to_vec())?)) }
}

fn qualified(model: &Model) -> Vec<Vec<Qualified>> {
    let mut qualified = vec![Vec::new(); model.skills.len()];
    for (operator, index) in model.operators.iter().zip(0..) {
        for grant in &operator.skills {
            qualified[grant.skill.at()].push(Qualified {
                operator: OperatorIndex(index),
                percent: grant.percent,
                expires: grant.expires.unwrap_or(FAR),
            });
        }
    }
    qualified
}

#[cfg(test)]
mod tests;
