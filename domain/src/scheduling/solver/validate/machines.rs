//! Rule 4, what each machine takes at once, and of rule 2 how long that makes every setup.

use super::placed::{Part, Placed};
use super::{Capacity, Fault, Report, Resource, Seconds, Taken, Violation, sweep};
use crate::scheduling::solver::Problem;
use crate::scheduling::solver::model::{Family, MachineIndex, OperationIndex};

/// Looks at one machine after the other, and writes down what each operation has to work there.
pub(super) fn check(problem: &Problem, placed: &mut [Option<Placed<'_>>], report: &mut Report<'_>) {
    let model = problem.model();
    let mut position = vec![0_usize; problem.len()];
    for (place, operation) in problem.order().iter().enumerate() {
        position[operation.at()] = place;
    }
    let mut on: Vec<Vec<OperationIndex>> = vec![Vec::new(); model.machines.len()];
    for it in placed.iter().flatten() {
        on[it.at.machine.at()].push(it.operation);
    }
    for (mut sequence, index) in on.into_iter().zip(0..) {
        let machine = MachineIndex(index);
        let key = |it: &OperationIndex| placed[it.at()].as_ref().map(|it| (it.at.start, it.at.end));
        sequence.sort_unstable_by_key(|it| (key(it), position[it.at()]));
        match problem.machine(machine).capacity {
            Capacity::One => {
                one_by_one(problem, machine, sequence.chunks(1), placed);
                full(&sequence, machine, 1, (placed, report));
            }
            Capacity::Many(count) => {
                one_by_one(problem, machine, sequence.chunks(1), placed);
                full(&sequence, machine, count as usize, (placed, report));
            }
            Capacity::Unlimited => one_by_one(problem, machine, sequence.chunks(1), placed),
            Capacity::Batch(size) => {
                sequence.sort_by_key(|it| placed[it.at()].as_ref().map(together));
                let batches = sequence.chunk_by(|it, next| {
                    let [it, next] = [it, next].map(|it| placed[it.at()].as_ref().map(together));
                    it == next
                });
                let batches: Vec<&[OperationIndex]> = batches.collect();
                one_by_one(problem, machine, batches.iter().copied(), placed);
                let first: Vec<OperationIndex> = batches.iter().filter_map(|it| it.first().copied()).collect();
                full(&first, machine, 1, (placed, report));
                sizes(&batches, (machine, size), placed, report);
            }
        }
    }
}

/// What the members of a batch have in common, ordered by time first.
fn together(placed: &Placed<'_>) -> impl Ord + use<> {
    let at = &placed.at;
    (at.start, at.end, at.run_start, at.operator, placed.data.family)
}

/// Goes through a machine's batches (of one, where it makes none) in their order and follows what it is set up for.
fn one_by_one<'s>(
    problem: &Problem,
    machine: MachineIndex,
    batches: impl Iterator<Item = &'s [OperationIndex]>,
    placed: &mut [Option<Placed<'_>>],
) {
    let data = problem.machine(machine);
    let mut family = data.family;
    for batch in batches {
        let members = || batch.iter().map(|it| placed[it.at()].as_ref()).map_while(|it| it);
        let Some(first) = members().next() else { continue };
        let (first, needed): (_, Option<Family>) = (first.operation, first.data.family);
        let changeover = problem.changeover(data, family, needed);
        let longest = |part: fn(&Placed<'_>, Seconds) -> Part| {
            let parts = members().map(|it| part(it, changeover));
            parts.fold(Part::default(), |most, part| Part {
                work: most.work.max(part.work),
                attended: most.attended || part.attended,
            })
        };
        let (setup, run) = (longest(setup), longest(run));
        for it in batch {
            if let Some(it) = &mut placed[it.at()] {
                (it.setup, it.run, it.batch) = (setup, run, first);
            }
        }
        family = needed.or(family);
    }
}

fn setup(placed: &Placed<'_>, changeover: Seconds) -> Part {
    let attended = placed.setup.attended;
    let work = if placed.remaining().is_some() { 0 } else { placed.alternative.setup + changeover };
    Part { work: placed.at_speed(work, attended), attended }
}

fn run(placed: &Placed<'_>, _changeover: Seconds) -> Part {
    let attended = placed.run.attended;
    let work = placed.remaining().unwrap_or_else(|| placed.at_speed(placed.alternative.run, attended));
    Part { work, attended }
}

fn full(
    sequence: &[OperationIndex],
    machine: MachineIndex,
    capacity: usize,
    (placed, report): (&[Option<Placed<'_>>], &mut Report<'_>),
) {
    let each = sequence.iter().filter_map(|it| placed[it.at()].as_ref());
    let taken = each.map(|it| Taken { from: it.at.start, to: it.at.end, by: it.operation }).collect();
    sweep(taken, capacity, |it, other| {
        let (operation, other, to) = (it.by, Some(other.by), it.to.min(other.to));
        let on = Some(Resource::Machine(machine));
        report.file(Violation { fault: Fault::MachineTaken, operation, other, on, from: it.from, to });
    });
}

fn sizes(
    batches: &[&[OperationIndex]],
    (machine, most): (MachineIndex, u32),
    placed: &[Option<Placed<'_>>],
    report: &mut Report<'_>,
) {
    for batch in batches {
        let mut size = 0_u64;
        for it in batch.iter().filter_map(|it| placed[it.at()].as_ref()) {
            size += u64::from(it.data.size);
            if size > u64::from(most) {
                let when = (it.at.start, it.at.end);
                report.on(Fault::BatchTooLarge, it.operation, Resource::Machine(machine), when);
            }
        }
    }
}
