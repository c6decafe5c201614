//! The checks of a model. Each looks at one list, and what the others of the same list are does not matter to it.

use std::collections::HashSet;

use super::error::{ProblemError, Subject};
use super::{Grouped, MOST_OPERATIONS};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{
    CalendarIndex, Capacity, Family, Link, Machine, Model, Operation, OperationIndex, Operator, Place, State,
};

/// Most of anything that is not an operation or a link.
const MOST: usize = 1_000_000;
/// Most pieces of open and closed time of all machines and operators: each has its own hours.
const MOST_HOURS: usize = 1 << 24;
/// Largest weight of a job, and cost of an alternative.
const MOST_WEIGHT: i64 = 1_000_000;
/// Most material in one stock, receipt or use.
const MOST_AMOUNT: i64 = 1 << 40;
/// Longest that all work and lags may add up to, so that no plan leaves what calendars can count.
const MOST_WORK: Seconds = FAR / 4;
/// Operations named in a cycle.
const NAMED: usize = 10;

type Checked = Result<(), ProblemError>;

/// Every check but that for cycles.
pub(super) fn check(model: &Model) -> Checked {
    sizes(model)?;
    within(&Subject::Model, "now", model.now, -FAR, FAR)?;
    within(&Subject::Model, "frozen_until", model.frozen_until, -FAR, FAR)?;
    for (index, matrix) in model.changeovers.iter().enumerate() {
        changeover(index, matrix)?;
    }
    model.machines.iter().try_for_each(|it| machine(model, it))?;
    model.operators.iter().try_for_each(|it| operator(model, it))?;
    materials(model)?;
    jobs(model)?;
    let mut seen = vec![None; model.machines.len()];
    for (it, index) in model.operations.iter().zip(0..) {
        operation(model, it)?;
        alternatives(model, (it, index), &mut seen)?;
    }
    model.links.iter().enumerate().try_for_each(|(index, it)| link(model, index, it))?;
    length(model)
}

fn sizes(model: &Model) -> Checked {
    let lists = [
        ("operations", model.operations.len(), MOST_OPERATIONS),
        ("links", model.links.len(), 8 * MOST_OPERATIONS),
        ("jobs", model.jobs.len(), MOST),
        ("machines", model.machines.len(), MOST),
        ("operators", model.operators.len(), MOST),
        ("calendars", model.calendars.len(), MOST),
        ("pieces of hours of machines and operators", hours(model), MOST_HOURS),
    ];
    match lists.into_iter().find(|(_, count, most)| count > most) {
        Some((what, count, most)) => Err(ProblemError::TooMany { what, count, most }),
        None => Ok(()),
    }
}

fn hours(model: &Model) -> usize {
    let open = |calendar: Option<CalendarIndex>| {
        let known = calendar.and_then(|calendar| model.calendars.get(calendar.at()));
        known.map_or(1, |calendar| calendar.intervals().len())
    };
    let machines = model.machines.iter().map(|it| open(it.calendar) + it.downtime.len());
    machines.chain(model.operators.iter().map(|it| open(it.calendar) + it.absences.len())).sum()
}

fn within(of: &Subject, what: &'static str, value: i64, least: i64, most: i64) -> Checked {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ProblemError::OutOfRange { of: of.clone(), what, value, least, most })
}

fn known(of: &Subject, what: &'static str, index: u32, length: usize) -> Checked {
    if (index as usize) < length { Ok(()) } else { Err(ProblemError::Unknown { of: of.clone(), what, index }) }
}

fn calendar(model: &Model, of: &Subject, calendar: Option<CalendarIndex>) -> Checked {
    calendar.map_or(Ok(()), |calendar| known(of, "calendar", calendar.0, model.calendars.len()))
}

fn changeover(index: usize, matrix: &[Vec<Seconds>]) -> Checked {
    let of = Subject::Changeover(index);
    if let Some(row) = matrix.iter().find(|row| row.len() != matrix.len()) {
        return Err(ProblemError::Matrix { of, rows: matrix.len(), columns: row.len() });
    }
    matrix.iter().flatten().try_for_each(|&seconds| within(&of, "changeover", seconds, 0, MOST_WORK))
}

fn family(model: &Model, of: &Subject, machine: &Machine, family: Option<Family>) -> Checked {
    match (machine.changeover, family) {
        (Some(matrix), Some(family)) => known(of, "family", family.0, model.changeovers[matrix.at()].len()),
        _ => Ok(()),
    }
}

fn machine(model: &Model, machine: &Machine) -> Checked {
    let of = Subject::Machine(machine.name.clone());
    calendar(model, &of, machine.calendar)?;
    if let Some(matrix) = machine.changeover {
        known(&of, "changeover matrix", matrix.0, model.changeovers.len())?;
    }
    family(model, &of, machine, machine.family)?;
    match machine.capacity {
        Capacity::Many(count) | Capacity::Batch(count) => within(&of, "capacity", count.into(), 1, i64::from(u32::MAX)),
        Capacity::One | Capacity::Unlimited => Ok(()),
    }
}

fn operator(model: &Model, operator: &Operator) -> Checked {
    let of = Subject::Operator(operator.name.clone());
    calendar(model, &of, operator.calendar)?;
    let mut seen = HashSet::new();
    for grant in &operator.skills {
        known(&of, "skill", grant.skill.0, model.skills.len())?;
        within(&of, "speed percent", grant.percent.into(), 1, 10_000)?;
        if !seen.insert(grant.skill) {
            let name = model.skills[grant.skill.at()].clone();
            return Err(ProblemError::Twice { of, what: "skill", name });
        }
    }
    Ok(())
}

fn materials(model: &Model) -> Checked {
    for material in &model.materials {
        let of = Subject::Material(material.name.clone());
        within(&of, "stock", material.stock, 0, MOST_AMOUNT)?;
        for &(at, amount) in &material.receipts {
            within(&of, "time of a receipt", at, -FAR, FAR)?;
            within(&of, "receipt", amount, 0, MOST_AMOUNT)?;
        }
    }
    Ok(())
}

fn jobs(model: &Model) -> Checked {
    for job in &model.jobs {
        let of = Subject::Job(job.name.clone());
        within(&of, "release", job.release, -FAR, FAR)?;
        within(&of, "due", job.due.unwrap_or(0), -FAR, FAR)?;
        within(&of, "deadline", job.deadline.unwrap_or(0), -FAR, FAR)?;
        within(&of, "weight", job.weight, 0, MOST_WEIGHT)?;
    }
    Ok(())
}

/// An operation by its names.
pub(super) fn named(model: &Model, operation: &Operation) -> Subject {
    let job = model.jobs.get(operation.job.at()).map_or_else(|| operation.job.0.to_string(), |job| job.name.clone());
    Subject::Operation { job, operation: operation.name.clone() }
}

fn operation(model: &Model, operation: &Operation) -> Checked {
    let of = named(model, operation);
    known(&of, "job", operation.job.0, model.jobs.len())?;
    if operation.alternatives.is_empty() && !matches!(operation.state, State::Done { .. }) {
        return Err(ProblemError::NoAlternative { of });
    }
    if let Some(labour) = operation.labour {
        known(&of, "skill", labour.skill.0, model.skills.len())?;
    }
    within(&of, "longest pause", operation.longest_pause.unwrap_or(0), 0, FAR)?;
    for tool in &operation.tools {
        known(&of, "tool", tool.0, model.tools.len())?;
    }
    for &(material, amount) in operation.uses.iter().chain(&operation.makes) {
        known(&of, "material", material.0, model.materials.len())?;
        within(&of, "amount", amount, 0, MOST_AMOUNT)?;
    }
    state(model, operation, &of)
}

/// `seen` tells by machine which operation was the last that can be done there: hundreds of machines can do an operation of a
/// large shop.
fn alternatives(model: &Model, (operation, index): (&Operation, u32), seen: &mut [Option<u32>]) -> Checked {
    let of = named(model, operation);
    for alternative in operation.alternatives.iter() {
        known(&of, "machine", alternative.machine.0, model.machines.len())?;
        let machine = &model.machines[alternative.machine.at()];
        within(&of, "setup", alternative.setup, 0, MOST_WORK)?;
        within(&of, "run", alternative.run, 0, MOST_WORK)?;
        within(&of, "cost", alternative.cost, 0, MOST_WEIGHT)?;
        family(model, &of, machine, operation.family)?;
        if seen[alternative.machine.at()].replace(index) == Some(index) {
            return Err(ProblemError::Twice { of, what: "machine", name: machine.name.clone() });
        }
    }
    Ok(())
}

fn state(model: &Model, operation: &Operation, of: &Subject) -> Checked {
    match operation.state {
        State::Planned => Ok(()),
        State::Pinned(place) => fixed(model, operation, of, place),
        State::Started { place, remaining } => {
            within(of, "remaining work", remaining, 0, MOST_WORK)?;
            within(of, "start", place.start, -FAR, model.now)?;
            fixed(model, operation, of, place)
        }
        State::Done { end } => within(of, "end", end, -FAR, FAR),
    }
}

fn fixed(model: &Model, operation: &Operation, of: &Subject, place: Place) -> Checked {
    within(of, "start", place.start, -FAR, FAR)?;
    known(of, "machine", place.machine.0, model.machines.len())?;
    if let Some(operator) = place.operator {
        known(of, "operator", operator.0, model.operators.len())?;
    }
    if operation.alternatives.iter().any(|alternative| alternative.machine == place.machine) {
        return Ok(());
    }
    let machine = model.machines[place.machine.at()].name.clone();
    Err(ProblemError::FixedElsewhere { of: of.clone(), machine })
}

fn link(model: &Model, index: usize, link: &Link) -> Checked {
    let of = Subject::Link(index);
    known(&of, "operation", link.before.0, model.operations.len())?;
    known(&of, "operation", link.after.0, model.operations.len())?;
    within(&of, "least lag", link.min_lag, 0, MOST_WORK)?;
    within(&of, "longest lag", link.max_lag.unwrap_or(link.min_lag), link.min_lag, MOST_WORK)?;
    calendar(model, &of, link.lag_calendar)?;
    match link.transfer {
        Some(transfer) => within(&of, "transfer batch", transfer.first.into(), 1, transfer.of.into()),
        None => Ok(()),
    }
}

/// At an operator's slowest, one after the other, with the longest changeover each time.
fn length(model: &Model) -> Checked {
    let changeover = model.changeovers.iter().flatten().flatten().copied().max().unwrap_or(0);
    let slowest = model.operators.iter().flat_map(|operator| &operator.skills).map(|grant| grant.percent).min();
    let slowest = i128::from(slowest.unwrap_or(100).min(100));
    let work = |operation: &Operation| {
        let longest = operation.alternatives.iter().map(|it| it.setup + it.run).max().unwrap_or(0);
        i128::from(longest + changeover) * 100 / slowest + 2
    };
    let work: i128 = model.operations.iter().map(work).sum();
    let lags: i128 = model.links.iter().map(|link| i128::from(link.min_lag)).sum();
    if work + lags > i128::from(MOST_WORK) { Err(ProblemError::TooLong { most: MOST_WORK }) } else { Ok(()) }
}

/// An order in which each operation comes after those it waits for; jobs stay together where they can, in the model's order.
pub(super) fn order(model: &Model, before: &Grouped, after: &Grouped) -> Result<Vec<OperationIndex>, ProblemError> {
    let operations = model.operations.len();
    let mut waits: Vec<usize> = indices(operations).map(|operation| before.of(operation).len()).collect();
    let mut ready: Vec<OperationIndex> = indices(operations).filter(|operation| waits[operation.at()] == 0).collect();
    ready.reverse();
    let mut order = Vec::with_capacity(operations);
    while let Some(operation) = ready.pop() {
        order.push(operation);
        for &link in after.of(operation).iter().rev() {
            let next = model.links[link as usize].after;
            waits[next.at()] -= 1;
            if waits[next.at()] == 0 {
                ready.push(next);
            }
        }
    }
    if order.len() == operations { Ok(order) } else { Err(cycle(model, before, &waits)) }
}

fn indices(operations: usize) -> impl Iterator<Item = OperationIndex> {
    (0_u32..).take(operations).map(OperationIndex)
}

/// Goes back along what still waits until it comes round.
fn cycle(model: &Model, before: &Grouped, waits: &[usize]) -> ProblemError {
    let mut through = Vec::new();
    let mut seen = vec![usize::MAX; waits.len()];
    let mut at = indices(waits.len()).find(|operation| waits[operation.at()] > 0);
    while let Some(operation) = at {
        if seen[operation.at()] != usize::MAX {
            through.drain(..seen[operation.at()]);
            through.push(operation);
            break;
        }
        seen[operation.at()] = through.len();
        through.push(operation);
        let waiting = before.of(operation).iter().map(|link| model.links[*link as usize].before);
        at = waiting.into_iter().find(|earlier| waits[earlier.at()] > 0);
    }
    through.reverse();
    through.truncate(NAMED);
    ProblemError::Cycle { through: through.into_iter().map(|it| named(model, &model.operations[it.at()])).collect() }
}
