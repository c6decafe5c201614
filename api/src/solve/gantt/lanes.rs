//! What is drawn on which line: machines with setup, run and pauses; operators with what they attend.

use domain::scheduling::solver::model::{Attendance, JobIndex, MachineIndex, OperationIndex, OperatorIndex};
use domain::scheduling::solver::plan::{Assignment, Plan};
use domain::scheduling::solver::{Calendar, Problem, Seconds};

/// A machine or an operator over time.
pub(super) struct Lane<'p> {
    pub(super) name: String,
    pub(super) open: &'p Calendar,
    pub(super) bars: Vec<Bar>,
    /// Bars that overlap are drawn below one another, on so many levels.
    pub(super) levels: u32,
}

/// An operation on a lane.
pub(super) struct Bar {
    pub(super) operation: OperationIndex,
    pub(super) job: JobIndex,
    pub(super) from: Seconds,
    pub(super) to: Seconds,
    /// Pieces that are worked at: from, to, and whether it is setup.
    pub(super) pieces: Vec<(Seconds, Seconds, bool)>,
    pub(super) level: u32,
}

/// One for each machine.
pub(super) fn machines<'p>(problem: &'p Problem, plan: &Plan) -> Vec<Lane<'p>> {
    let names = problem.model().machines.iter().zip(0..);
    let mut lanes: Vec<Lane<'p>> =
        names.map(|(it, index)| lane(it.name.clone(), problem.open(MachineIndex(index)))).collect();
    for (operation, it) in placed(plan) {
        let [setup, run] = needed(problem, operation, it);
        let mut pieces = pieces(setup, (it.start, it.run_start), true);
        pieces.extend(self::pieces(run, (it.run_start, it.end), false));
        lanes[it.machine.at()].bars.push(bar(problem, operation, (it.start, it.end), pieces));
    }
    lanes.iter_mut().for_each(stack);
    lanes
}

/// One for each operator.
pub(super) fn operators<'p>(problem: &'p Problem, plan: &Plan) -> Vec<Lane<'p>> {
    let names = problem.model().operators.iter().zip(0..);
    let mut lanes: Vec<Lane<'p>> =
        names.map(|(it, index)| lane(it.name.clone(), problem.present(OperatorIndex(index)))).collect();
    for (operation, it) in placed(plan) {
        let (Some(operator), Some(labour)) = (it.operator, problem.operation(operation).labour) else { continue };
        let [setup, run] = needed(problem, operation, it);
        let mut attended = Vec::new();
        if labour.during != Attendance::Run {
            attended.extend(pieces(setup, (it.start, it.run_start), true));
        }
        if labour.during != Attendance::Setup {
            attended.extend(pieces(run, (it.run_start, it.end), false));
        }
        if let (Some(first), Some(last)) = (attended.first(), attended.last()) {
            let span = (first.0, last.1);
            lanes[operator.at()].bars.push(bar(problem, operation, span, attended));
        }
    }
    for lane in &mut lanes {
        // One person does one thing at a time: pauses of one may hold another, and still need one line only.
        lane.bars.sort_by_key(|bar| (bar.from, bar.to));
        lane.levels = 1;
    }
    lanes
}

fn placed(plan: &Plan) -> impl Iterator<Item = (OperationIndex, &Assignment)> {
    (0..).zip(&plan.assignments).filter_map(|(index, it)| Some((OperationIndex(index), it.as_ref()?)))
}

const fn lane(name: String, open: &Calendar) -> Lane<'_> {
    Lane { name, open, bars: Vec::new(), levels: 1 }
}

fn bar(
    problem: &Problem,
    operation: OperationIndex,
    (from, to): (Seconds, Seconds),
    pieces: Vec<(Seconds, Seconds, bool)>,
) -> Bar {
    Bar { operation, job: problem.operation(operation).job, from, to, pieces, level: 0 }
}

/// Whoever has to be there for a part of an operation: the machine, and the operator where he attends.
type Needed<'p> = (&'p Calendar, Option<&'p Calendar>);

/// Who is needed for the setup, and who for the run.
fn needed<'p>(problem: &'p Problem, operation: OperationIndex, it: &Assignment) -> [Needed<'p>; 2] {
    let (open, present) = (problem.open(it.machine), it.operator.map(|operator| problem.present(operator)));
    let during = problem.operation(operation).labour.map(|labour| labour.during);
    let by = |attended: bool| (open, present.filter(|_| attended));
    [
        by(matches!(during, Some(Attendance::Setup | Attendance::Full))),
        by(matches!(during, Some(Attendance::Run | Attendance::Full))),
    ]
}

/// When they are all there in this time, one by one: a calendar may have a million pieces, and few of them lie here.
fn pieces(
    (machine, operator): Needed<'_>,
    (from, to): (Seconds, Seconds),
    setup: bool,
) -> Vec<(Seconds, Seconds, bool)> {
    let (mut at, mut pieces) = (from, Vec::new());
    while let Some((start, end)) = machine.opening(at).filter(|(start, _)| *start < to) {
        let there = operator.map_or(Some((start, end)), |operator| operator.opening(at.max(start)));
        let Some((comes, goes)) = there else { break };
        let piece = (start.max(comes).max(from), end.min(goes).min(to));
        if piece.0 < piece.1 {
            pieces.push((piece.0, piece.1, setup));
        }
        at = end.min(goes);
    }
    pieces
}

/// Puts bars that overlap on levels of their own.
fn stack(lane: &mut Lane<'_>) {
    lane.bars.sort_by_key(|bar| (bar.from, bar.to));
    let mut ends: Vec<Seconds> = Vec::new();
    for bar in &mut lane.bars {
        let free = ends.iter().position(|end| *end <= bar.from);
        let level = free.unwrap_or(ends.len());
        if level == ends.len() {
            ends.push(bar.to);
        } else {
            ends[level] = bar.to;
        }
        bar.level = u32::try_from(level).unwrap_or(u32::MAX);
    }
    lane.levels = u32::try_from(ends.len()).unwrap_or(u32::MAX).max(1);
}
