//! Puts what is fixed on the board before anything else, where it is fixed, and lists what does not go together.

use super::board::{Board, Fit, Room};
use super::span::Span;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Capacity, OperationIndex, OperatorIndex, Place, State};
use crate::scheduling::solver::plan::{Clash, Conflict};
use crate::scheduling::solver::problem::Qualified;

/// Places all fixed operations by their start.
pub(super) fn place(board: &mut Board<'_>) {
    let (ground, problem) = (board.ground, board.ground.problem);
    let order = problem.order().iter().zip(0_usize..);
    let kept =
        order.filter_map(|(operation, at)| ground.kept[operation.at()].map(|place| (place.start, at, *operation)));
    let mut kept: Vec<(Seconds, usize, OperationIndex)> = kept.collect();
    kept.sort_unstable();
    let told = Told::new(board, &kept);
    for &(_, _, operation) in &kept {
        if board.fit(operation).is_none() {
            batch(board, operation, (&kept, &told));
        }
    }
    for &(_, _, operation) in &kept {
        sequence(board, operation);
    }
    board.clashes.sort_unstable_by_key(|clash| (clash.operation, clash.over, clash.with));
    board.clashes.dedup();
}

/// When people were told to work on what is not fixed: by operator, from when until when. Nothing, where everybody is named.
struct Told(Vec<Vec<(Seconds, Seconds)>>);

impl Told {
    fn new(board: &Board<'_>, kept: &[(Seconds, usize, OperationIndex)]) -> Self {
        let (ground, problem) = (board.ground, board.ground.problem);
        let unnamed = |operation: OperationIndex| {
            problem.operation(operation).labour.is_some()
                && ground.kept[operation.at()].is_some_and(|place| place.operator.is_none())
        };
        let mut told = vec![Vec::new(); problem.model().operators.len()];
        if kept.iter().any(|it| unnamed(it.2)) {
            for at in problem.operations().filter(|it| ground.is_free(*it)).filter_map(|it| ground.told(it)) {
                if let Some(by) = at.operator {
                    told[by.at()].push((at.start, at.end));
                }
            }
        }
        Self(told)
    }

    /// Whether an operator is to be elsewhere at some time of that.
    fn is_elsewhere(&self, operator: OperatorIndex, (from, until): (Seconds, Seconds)) -> bool {
        self.0[operator.at()].iter().any(|told| told.0 < until && from < told.1)
    }
}

/// Places an operation, and what is fixed to start with it in the same batch.
fn batch(board: &mut Board<'_>, first: OperationIndex, (kept, told): (&[(Seconds, usize, OperationIndex)], &Told)) {
    let (ground, problem) = (board.ground, board.ground.problem);
    let Some(place) = ground.kept[first.at()] else { return };
    let mut members = vec![first];
    if matches!(problem.machine(place.machine).capacity, Capacity::Batch(_)) {
        let with = |other: &OperationIndex| {
            let (one, other_data) = (problem.operation(first), problem.operation(*other));
            *other != first
                && ground.kept[other.at()].is_some_and(|it| (it.machine, it.start) == (place.machine, place.start))
                && (one.family, one.labour) == (other_data.family, other_data.labour)
        };
        let from = kept.partition_point(|it| it.0 < place.start);
        members.extend(kept[from..].iter().take_while(|it| it.0 == place.start).map(|it| it.2).filter(with));
    }
    let by = operator(board, first, (place, told));
    let fits: Vec<Fit> = members.iter().map(|member| stretch(board, *member, place, by)).collect();
    let Some(longest) = fits.iter().copied().max_by_key(|fit| (fit.span.end, fit.span.run_start)) else { return };
    for (member, own) in members.iter().zip(&fits) {
        let joins = (*member != first).then_some(first);
        let fit = Fit { alternative: own.alternative, joins, ..longest };
        look(board, *member, &fit);
        board.commit(*member, fit);
    }
}

fn clash(board: &mut Board<'_>, operation: OperationIndex, over: Conflict, with: Option<OperationIndex>) {
    board.clashes.push(Clash { operation, with, over });
}

/// Who does it: who is named, or who is free then; of these who was told to, or else is done first.
fn operator(board: &mut Board<'_>, operation: OperationIndex, (place, told): (Place, &Told)) -> Option<Qualified> {
    let problem = board.ground.problem;
    let labour = problem.operation(operation).labour;
    let qualified = labour.map_or(&[][..], |labour| problem.qualified(&labour));
    if let Some(named) = place.operator {
        let able = qualified.iter().find(|by| by.operator == named).copied();
        if labour.is_some() && able.is_none() {
            clash(board, operation, Conflict::Skill, None);
        }
        return Some(able.unwrap_or(Qualified { operator: named, percent: 100, expires: FAR }));
    }
    if labour.is_some() && qualified.is_empty() {
        clash(board, operation, Conflict::Skill, None);
    }
    let own = board.ground.told(operation).and_then(|told| told.operator);
    let key = |by: &&Qualified| {
        let fit = stretch(board, operation, place, Some(**by));
        let closed = !starts_open(board, operation, &fit);
        let attends = board.attendance(operation, &fit);
        let free = attends.as_ref().is_none_or(|(attended, open)| {
            board.busy[by.operator.at()].clash(*attended, 0, open).is_none() && attended.1 <= by.expires
        });
        let elsewhere = attends.is_some_and(|(attended, _)| told.is_elsewhere(by.operator, attended));
        (!free, closed, elsewhere, own != Some(by.operator), fit.span.end, by.operator)
    };
    qualified.iter().min_by_key(key).copied()
}

/// Where it comes to lie from its start on, whatever is in the way. What the calendars have no room for is worked at all the same.
fn stretch(board: &Board<'_>, operation: OperationIndex, place: Place, by: Option<Qualified>) -> Fit {
    let (ground, problem) = (board.ground, board.ground.problem);
    let data = problem.operation(operation);
    let alternative = ground.alternative(operation, place.machine);
    let changeover = match &board.rooms[place.machine.at()] {
        Room::Line(line) => {
            problem.changeover(problem.machine(place.machine), line.family(line.entries().len()), data.family)
        }
        Room::Several(..) | Room::Endless => 0,
    };
    let work = Board::work(ground, operation, (alternative, by), changeover);
    let start = place.start;
    let (span, run) = if let State::Started { remaining, .. } = data.state {
        let now = problem.model().now;
        let end = work.run_open.finish(now, remaining).unwrap_or(now + remaining);
        (Span { start, setup_end: start, run_start: start, end: end.max(now) }, remaining)
    } else {
        let (setup_end, end) = (start + work.setup, start + work.length());
        (work.from(start).unwrap_or(Span { start, setup_end, run_start: setup_end, end }), work.run)
    };
    Fit { alternative, by, span, run, joins: None }
}

/// Whether the work can begin where the span does.
fn starts_open(board: &Board<'_>, operation: OperationIndex, fit: &Fit) -> bool {
    let work = Board::work(board.ground, operation, (fit.alternative, fit.by), 0);
    let (span, started) = (fit.span, matches!(board.ground.problem.operation(operation).state, State::Started { .. }));
    let open = if span.setup_end > span.start { work.setup_open } else { work.run_open };
    started || span.start == span.end || open.opening(span.start).is_some_and(|(opens, _)| opens <= span.start)
}

/// Lists what is against an operation where it is fixed, apart from what it waits for.
fn look(board: &mut Board<'_>, operation: OperationIndex, fit: &Fit) {
    let problem = board.ground.problem;
    let data = problem.operation(operation);
    let started = matches!(data.state, State::Started { .. });
    let span = fit.span;
    if !started && span.start < board.ground.release(data.job) {
        clash(board, operation, Conflict::Release, None);
    }
    if !starts_open(board, operation, fit) || pauses(board, operation, fit) {
        clash(board, operation, Conflict::Calendar, None);
    }
    machine(board, operation, fit);
    if let (Some(by), Some((attended, open))) = (fit.by, board.attendance(operation, fit)) {
        if fit.joins.is_none() && board.busy[by.operator.at()].clash(attended, 0, &open).is_some() {
            clash(board, operation, Conflict::Operator, None);
        }
        if attended.1 > by.expires {
            clash(board, operation, Conflict::Skill, None);
        }
    }
    for tool in &data.tools {
        let count = problem.model().tools[tool.at()].count;
        if count == 0 || board.tools[tool.at()].taken_until((span.start, span.end), count).is_some() {
            clash(board, operation, Conflict::Tool, None);
        }
    }
    let short = |it: &(usize, i64)| board.stores[it.0].earliest(it.1).is_none_or(|at| at > span.start);
    if !started && board.ground.uses[operation.at()].iter().any(short) {
        clash(board, operation, Conflict::Material, None);
    }
}

/// Whether closed time interrupts it longer than it may, or closes for good before it is done.
fn pauses(board: &Board<'_>, operation: OperationIndex, fit: &Fit) -> bool {
    let data = board.ground.problem.operation(operation);
    let work = Board::work(board.ground, operation, (fit.alternative, fit.by), 0);
    let span = fit.span;
    let worked_from =
        if matches!(data.state, State::Started { .. }) { board.ground.problem.model().now } else { span.run_start };
    let worked: Seconds = work.run_open.pieces(worked_from, span.end).map(|(from, to)| to - from).sum();
    work.pauses_too_long(&Span { run_start: worked_from, ..span }) || worked < fit.run
}

fn machine(board: &mut Board<'_>, operation: OperationIndex, fit: &Fit) {
    let problem = board.ground.problem;
    let data = problem.operation(operation);
    let machine = data.alternatives[fit.alternative].machine;
    let span = fit.span;
    let with = match &board.rooms[machine.at()] {
        Room::Line(line) if fit.joins.is_none() => {
            let at = line.first_gap(span.end.max(span.start + 1));
            let before = at.checked_sub(1).map(|before| line.entries()[before]);
            let large = matches!(problem.machine(machine).capacity, Capacity::Batch(most) if data.size > most);
            (large || before.is_some_and(|before| before.end > span.start && span.start < span.end))
                .then_some(before.map(|before| before.operation))
        }
        Room::Line(line) => {
            let at = fit.joins.and_then(|first| line.find(span.start, first));
            let most = match problem.machine(machine).capacity {
                Capacity::Batch(most) => u64::from(most),
                _ => 1,
            };
            let full = at.is_some_and(|at| line.entries()[at].size + u64::from(data.size) > most);
            full.then_some(fit.joins)
        }
        Room::Several(level, most) => level.taken_until((span.start, span.end), *most).map(|_| None),
        Room::Endless => None,
    };
    if let Some(with) = with {
        clash(board, operation, Conflict::Machine, with);
    }
}

/// Lists what a fixed operation waits for and does not get in time, as far as that is fixed or done.
fn sequence(board: &mut Board<'_>, operation: OperationIndex) {
    let problem = board.ground.problem;
    let Some(fit) = board.fit(operation).copied() else { return };
    for link in problem.before(operation) {
        let known = board.end_before(link).is_some();
        if known && !board.keeps(link, &fit) {
            clash(board, operation, Conflict::Sequence, Some(link.before));
        }
    }
}
