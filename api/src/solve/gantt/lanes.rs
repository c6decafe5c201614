//! What is drawn on which line: machines with setup, run and pauses; operators with what they attend.

use domain::scheduling::solver::model::{Attendance, JobIndex, MachineIndex, OperationIndex, OperatorIndex};
use domain::scheduling::solver::plan::{Assignment, Plan};
use domain::scheduling::solver::{Calendar, Problem, Seconds};

/// A machine or an operator over time.
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) open: Calendar,
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
pub(super) fn machines(problem: &Problem, plan: &Plan) -> Vec<Lane> {
    let names = problem.model().machines.iter().zip(0..);
    let mut lanes: Vec<Lane> =
        names.map(|(it, index)| lane(it.name.clone(), problem.open(MachineIndex(index)).clone())).collect();
    for (operation, it) in placed(plan) {
        let hours = hours(problem, operation, it);
        let mut pieces = pieces(&hours[0], (it.start, it.run_start), true);
        pieces.extend(self::pieces(&hours[1], (it.run_start, it.end), false));
        lanes[it.machine.at()].bars.push(bar(problem, operation, (it.start, it.end), pieces));
    }
    lanes.iter_mut().for_each(stack);
    lanes
}

/// One for each operator.
pub(super) fn operators(problem: &Problem, plan: &Plan) -> Vec<Lane> {
    let names = problem.model().operators.iter().zip(0..);
    let mut lanes: Vec<Lane> =
        names.map(|(it, index)| lane(it.name.clone(), problem.present(OperatorIndex(index)).clone())).collect();
    for (operation, it) in placed(plan) {
        let (Some(operator), Some(labour)) = (it.operator, problem.operation(operation).labour) else { continue };
        let hours = hours(problem, operation, it);
        let mut attended = Vec::new();
        if labour.during != Attendance::Run {
            attended.extend(pieces(&hours[0], (it.start, it.run_start), true));
        }
        if labour.during != Attendance::Setup {
            attended.extend(pieces(&hours[1], (it.run_start, it.end), false));
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

fn lane(name: String, open: Calendar) -> Lane {
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

/// When its setup and its run can be worked at, near where it is.
fn hours(problem: &Problem, operation: OperationIndex, it: &Assignment) -> [Calendar; 2] {
    let near = Calendar::new(vec![(it.start, it.end.max(it.start))]).unwrap_or_else(|_| Calendar::always());
    let open = near.intersect(problem.open(it.machine));
    let both = it.operator.map_or_else(|| open.clone(), |operator| open.intersect(problem.present(operator)));
    match problem.operation(operation).labour.map(|labour| labour.during) {
        None => [open.clone(), open],
        Some(Attendance::Setup) => [both, open],
        Some(Attendance::Run) => [open, both],
        Some(Attendance::Full) => [both.clone(), both],
    }
}

fn pieces(open: &Calendar, (from, to): (Seconds, Seconds), setup: bool) -> Vec<(Seconds, Seconds, bool)> {
    let inside = open.intervals().map(|(start, end)| (start.max(from), end.min(to), setup));
    inside.filter(|(start, end, _)| start < end).collect()
}

/// Puts bars that overlap on levels of their own.
fn stack(lane: &mut Lane) {
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
