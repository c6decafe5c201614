//! More at once than there may be, found by sweeping over time.

use std::collections::BTreeSet;

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{Capacity, MachineIndex, OperationIndex, OperatorIndex, ToolIndex};

use super::{ConflictKind, Found, Placed, Resource};

/// Something is taken from here to there by an operation; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Taken {
    pub(super) from: Seconds,
    pub(super) to: Seconds,
    pub(super) by: OperationIndex,
}

/// A piece of `taken` in which there is too much, and another that is there then; none where there is nothing to be taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch {
    pub(super) by: OperationIndex,
    pub(super) from: Seconds,
    pub(super) to: Seconds,
    pub(super) with: Option<OperationIndex>,
}

impl Found<'_> {
    pub(super) fn overlaps(&mut self, placed: &[Option<Placed<'_>>]) {
        let model = self.planning.problem.model();
        let mut machines = vec![Vec::new(); model.machines.len()];
        let mut operators = vec![Vec::new(); model.operators.len()];
        let mut tools = vec![Vec::new(); model.tools.len()];
        for it in placed.iter().flatten() {
            let (from, to) = it.ahead();
            let taken = Taken { from, to, by: it.operation };
            machines[it.at.machine.at()].push(taken);
            it.data.tools.iter().for_each(|tool| tools[tool.at()].push(taken));
            if let Some(operator) = it.at.operator {
                let hours = self.planning.open(&it.at);
                let before = operators[operator.at()].len();
                let pieces = hours.pieces((from, to)).map(|(from, to)| Taken { from, to, ..taken });
                operators[operator.at()].extend(pieces);
                if operators[operator.at()].len() == before {
                    // Outside all hours it is still the one person.
                    operators[operator.at()].push(taken);
                }
            }
        }
        let index = &self.planning.index;
        for (taken, place) in machines.into_iter().zip(0..) {
            let most = match model.machines[place as usize].capacity {
                Capacity::One | Capacity::Batch(_) => 1,
                Capacity::Many(most) => most as usize,
                Capacity::Unlimited => continue,
            };
            let on = index.machine(MachineIndex(place)).map(Resource::Machine);
            self.too_much(ConflictKind::Overload, (taken, most), on.as_ref());
        }
        for (taken, place) in operators.into_iter().zip(0..) {
            let on = index.operator(OperatorIndex(place)).map(Resource::Operator);
            self.too_much(ConflictKind::DoubleBooked, (taken, 1), on.as_ref());
        }
        for (taken, place) in tools.into_iter().zip(0..) {
            let on = index.tool(ToolIndex(place)).cloned().map(Resource::Tool);
            self.too_much(ConflictKind::Tool, (taken, model.tools[place as usize].count as usize), on.as_ref());
        }
    }

    fn too_much(&mut self, kind: ConflictKind, (taken, most): (Vec<Taken>, usize), on: Option<&Resource>) {
        for TooMuch { by, from, to, with } in too_much(taken, most) {
            self.add(kind, by, (from, to), (on.cloned(), with));
        }
    }
}

/// A longest stretch of time in which there is too much, and what made it so.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Seconds,
    to: Seconds,
    made_by: OperationIndex,
}

/// Whoever is there while more than `most` are.
pub(super) fn too_much(mut taken: Vec<Taken>, most: usize) -> Vec<TooMuch> {
    taken.retain(|it| it.from < it.to);
    taken.sort_unstable();
    if most == 0 {
        return taken.into_iter().map(|Taken { from, to, by }| TooMuch { by, from, to, with: None }).collect();
    }
    let (stretches, others) = sweep(&taken, most);
    let mut found = Vec::new();
    for (it, other) in taken.iter().zip(others) {
        let first = stretches.partition_point(|stretch| stretch.to <= it.from);
        for stretch in stretches[first..].iter().take_while(|stretch| stretch.from < it.to) {
            let with = other.filter(|_| stretch.from <= it.from).unwrap_or(stretch.made_by);
            let (from, to) = (it.from.max(stretch.from), it.to.min(stretch.to));
            found.push(TooMuch { by: it.by, from, to, with: Some(with) });
        }
    }
    found
}

/// The stretches in order and, of each that comes when there is too much with it, another that is there already.
fn sweep(taken: &[Taken], most: usize) -> (Vec<Stretch>, Vec<Option<OperationIndex>>) {
    let mut there: BTreeSet<(Seconds, OperationIndex, usize)> = BTreeSet::new();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut others = Vec::with_capacity(taken.len());
    let leave = |there: &mut BTreeSet<_>, stretches: &mut Vec<Stretch>, until: Seconds| {
        while let Some(&(at, ..)) = there.first().filter(|first: &&(Seconds, _, _)| first.0 <= until) {
            there.pop_first();
            if there.len() == most
                && let Some(stretch) = stretches.last_mut()
            {
                stretch.to = at;
            }
        }
    };
    for (place, it) in taken.iter().enumerate() {
        leave(&mut there, &mut stretches, it.from);
        let too_much = there.len() >= most;
        others.push(there.first().filter(|_| too_much).map(|(_, other, _)| *other));
        if there.len() == most {
            match stretches.last_mut().filter(|last| last.to == it.from) {
                Some(last) => last.to = Seconds::MAX,
                None => stretches.push(Stretch { from: it.from, to: Seconds::MAX, made_by: it.by }),
            }
        }
        there.insert((it.to, it.by, place));
    }
    leave(&mut there, &mut stretches, Seconds::MAX);
    (stretches, others)
}
