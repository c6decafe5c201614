//! Local search on who goes first and where: a list is changed a little, made into a plan again from the first change on, and
//! kept when that is better or, while it is still hot, not much worse.

mod moves;
mod sight;

use std::sync::Arc;

use self::moves::Change;
use self::sight::Sight;
use super::Plan;
use super::construct::{self, Rule};
use super::decode::{Board, Fit, List, list};
use super::kernel::random::Random;
use super::model::OperationIndex;
use super::objective::Score;
use super::plan::Reason;
use super::solve::Budget;

/// Iterations of the first time of cooling down; each later one is longer.
const FIRST_CYCLE: u64 = 600;
/// Places of a long list that are looked at at a time: at least so many, and so many by machine.
const WINDOW: usize = 600;
const WINDOW_BY_MACHINE: usize = 4;
/// Places after the last that changed at which a plan is first compared with the one before.
const SETTLED: usize = 16;
/// How cold a cycle ends, as a part of how hot it begins.
const COLD: f64 = 0.005;
/// Which share of what is worse is accepted over a cycle, and how fast heat follows that.
const ACCEPTED: f64 = 0.04;
const LEARNS: f64 = 0.01;
/// Placements, and tries of them, between two looks at the budget.
pub(crate) const LOOK: usize = 64;

/// Places that are put on a board, or taken back, between two looks at the budget.
const STRETCH: usize = 4_096;

/// What became of an operation: its place, or why it has none.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Placed(Fit),
    Refused(Reason),
}

/// One who searches.
pub(crate) struct Searcher<'a> {
    board: Board<'a>,
    /// What the search stands at, what became of each operation in it, and its worth.
    current: List,
    fates: Vec<Option<Fate>>,
    score: Score,
    /// The worth of what is before each place, of `current` and of what is tried.
    marks: [Vec<Score>; 2],
    sight: Sight,
    /// So many places of `current` are on the board.
    on_board: usize,
    /// Places from here on are not looked at for now.
    upto: usize,
    /// Where in which cycle it is.
    cycle: (u64, u64),
    /// The best of this cycle, as far as it is looked at.
    cycle_best: (List, Score),
    /// The best of all.
    best: Arc<Best>,
    /// Whether the best is what is on the board.
    at_best: bool,
    /// How much worse it may get at a time at the beginning of a cycle, about.
    heat: f64,
    chance: Random,
    /// Whether placing one thing can let another be placed that came before it in the list.
    waits_for_material: bool,
    pub(crate) iterations: u64,
}

/// The best that was found, as a list and as the plan that it makes: of a large shop that takes seconds.
#[derive(Debug, Default)]
pub(crate) struct Best {
    list: List,
    pub(crate) plan: Plan,
    score: Option<Score>,
}

impl Best {
    /// What it is worth.
    pub(crate) fn score(&self) -> Score {
        self.score.unwrap_or(WORST)
    }
}

/// Worse than anything.
const WORST: Score = Score { hard: i64::MAX, soft: i64::MAX };

impl<'a> Searcher<'a> {
    /// Starts from a complete board.
    pub(crate) fn new(base: &Board<'a>, start: &Board<'a>, seed: u64, go_on: &mut dyn FnMut() -> bool) -> Self {
        let list = List::of(start);
        let upto = list.order.len();
        let mut searcher = Self {
            board: base.clone(),
            fates: vec![None; base.ground().problem.len()],
            score: WORST,
            marks: [vec![WORST; upto + 1], vec![WORST; upto + 1]],
            sight: Sight::of(upto),
            on_board: 0,
            upto,
            cycle: (0, FIRST_CYCLE),
            cycle_best: (list.clone(), WORST),
            best: Arc::default(),
            current: list,
            at_best: false,
            heat: 1.0,
            chance: Random::new(seed),
            waits_for_material: base.ground().made.iter().any(|made| *made),
            iterations: 0,
        };
        searcher.again(0, go_on);
        searcher.warm_up();
        searcher
    }

    /// A first guess: what is usual in plans.
    #[expect(clippy::cast_precision_loss, reason = "temperature is a rough measure")]
    fn warm_up(&mut self) {
        self.heat = self.score.soft.clamp(1, i64::MAX / 2) as f64 * 1e-3 / (1.0 + self.sight.late.len() as f64 / 20.0);
    }

    pub(crate) const fn best(&self) -> &Arc<Best> {
        &self.best
    }

    /// Takes what another found.
    pub(crate) fn adopt(&mut self, best: &Arc<Best>) {
        if best.score() < self.best.score() {
            self.best = Arc::clone(best);
            self.at_best = false;
        }
    }

    /// So many iterations, or fewer if the budget ends.
    pub(crate) fn round(&mut self, iterations: u64, budget: &dyn Budget) {
        let machines = self.board.ground().problem.model().machines.len();
        let window = WINDOW.max(WINDOW_BY_MACHINE * machines);
        let go_on = &mut || budget.go_on();
        if self.current.order.is_empty() {
            return;
        }
        if self.current.order.len() <= 2 * window || self.waits_for_material {
            self.iterate(iterations, go_on);
        } else if self.open_window(window, iterations, go_on) {
            self.iterate(iterations, go_on);
            self.close_window(go_on);
        }
    }

    fn iterate(&mut self, iterations: u64, go_on: &mut dyn FnMut() -> bool) {
        for _ in 0..iterations {
            if !go_on() {
                return;
            }
            self.iterations += 1;
            let (at, length) = self.cycle;
            if at < length {
                self.cycle.0 += 1;
                let limit = self.limit();
                let change = moves::draw(&self.current, &self.sight, self.board.ground(), &mut self.chance);
                self.attempt(change, limit, go_on);
            } else {
                self.cycle = (0, length + length / 3);
                self.cycle_best.1 = WORST;
                self.go_to_best(go_on);
            }
        }
    }

    /// The worst that is accepted now.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "temperature is a rough measure")]
    fn limit(&mut self) -> Score {
        let (at, length) = self.cycle;
        let cooled = self.heat * COLD.powf(at as f64 / length as f64);
        let worse = -cooled * self.chance.unit().max(1e-12).ln();
        Score { hard: self.score.hard, soft: self.score.soft.saturating_add(worse as i64) }
    }

    /// Gets hotter or colder, so that over a whole cycle the intended share of what is worse is accepted.
    fn learn(&mut self, accepted: bool) {
        self.heat *= if accepted { 1.0 - LEARNS * (1.0 - ACCEPTED) } else { 1.0 + LEARNS * ACCEPTED };
    }

    /// Looks at a part of the list only. What comes later is thought to follow as it does now: each job takes as long from there on.
    fn open_window(&mut self, length: usize, iterations: u64, go_on: &mut dyn FnMut() -> bool) -> bool {
        if !self.at_best && !self.go_to_best(go_on) {
            return false;
        }
        let all = self.current.order.len();
        let ground = self.board.ground();
        let from = self.current.between_units(ground, self.chance.below(all - length));
        // What is tied together up to the end can't be looked at in parts.
        let from = if from < all { from } else { 0 };
        self.upto = self.current.between_units(ground, (from + length + length / 2).min(all));
        let (board, seen) = (&self.board, &self.sight.seen);
        let expected = |operation: &OperationIndex| {
            let end = board.job_end(ground.problem.operation(*operation).job)?;
            let later = |it: OperationIndex| ground.is_free(it) && seen[it.at()].place >= self.upto;
            let last = ground.problem.after(*operation).any(|link| later(link.after));
            board.fit(*operation).filter(|_| last).map(|fit| (*operation, end - fit.span.end))
        };
        let expected: Vec<_> = self.current.order[from..self.upto].iter().filter_map(expected).collect();
        if !self.bring_to(from, go_on) {
            return false;
        }
        for (operation, tail) in expected {
            self.board.expect(operation, tail);
        }
        self.sight.window = from..(from + length).min(self.upto);
        self.cycle = (0, iterations);
        self.cycle_best.1 = WORST;
        self.again(from, go_on)
    }

    /// Looks at the whole list again. What was found in a part of it counts if it is for the better.
    fn close_window(&mut self, go_on: &mut dyn FnMut() -> bool) {
        let from = self.sight.window.start;
        let back = self.bring_to(from, go_on);
        for &operation in &self.current.order[from..self.upto] {
            self.board.expect(operation, self.board.ground().tail[operation.at()]);
        }
        self.upto = self.current.order.len();
        self.sight.window = 0..self.upto;
        self.current = self.cycle_best.0.clone();
        self.at_best = false;
        if back {
            self.again(from, go_on);
        }
    }

    fn go_to_best(&mut self, go_on: &mut dyn FnMut() -> bool) -> bool {
        if !self.bring_to(0, go_on) {
            return false;
        }
        self.current = self.best.list.clone();
        self.again(0, go_on)
    }

    /// Places the current list from that place on, which is as far as the board has it.
    fn again(&mut self, from: usize, go_on: &mut dyn FnMut() -> bool) -> bool {
        let complete = self.run(from, (usize::MAX, WORST), go_on);
        if complete {
            self.stand(from);
        }
        complete
    }

    /// Goes where a change leads if that is no worse than `limit`.
    fn attempt(&mut self, mut change: Change, limit: Score, go_on: &mut dyn FnMut() -> bool) {
        if change.is_empty() {
            return;
        }
        let from = if self.waits_for_material { 0 } else { change.from };
        if !self.bring_to(from, go_on) {
            return;
        }
        change.apply(&mut self.current);
        let was = self.score;
        if self.run(from, (change.to, limit), go_on) {
            self.at_best = false;
            self.stand(from);
            if self.score > was {
                self.learn(true);
            }
        } else {
            self.learn(false);
            change.apply(&mut self.current);
            self.on_board = from;
        }
    }

    /// Places the current list from that place on unless it gets worse than `limit`, or is already by more than is allowed, some
    /// places after those that changed.
    fn run(&mut self, from: usize, (changed_to, limit): (usize, Score), go_on: &mut dyn FnMut() -> bool) -> bool {
        let worse = limit.soft.saturating_sub(self.score.soft).max(0);
        let [marks, tried] = &mut self.marks;
        let mut settled = if self.waits_for_material { usize::MAX } else { changed_to.saturating_add(SETTLED) };
        let mut is_worth_it = |board: &Board<'_>| {
            let (at, score) = (board.steps(), board.score());
            if score > limit {
                return false;
            }
            if at >= settled {
                settled += settled - changed_to;
                let mark = marks[at];
                if score > (Score { hard: mark.hard, soft: mark.soft.saturating_add(worse) }) {
                    return false;
                }
            }
            tried[at] = score;
            true
        };
        let mut looks = now_and_then(go_on);
        let mut go_on = |board: Option<&Board<'_>>| board.is_none_or(&mut is_worth_it) && looks();
        list::run(&mut self.board, &self.current, from..self.upto, &mut go_on) && self.board.score() <= limit
    }

    /// Puts so many places of the current list on the board. False when the budget ended that early.
    fn bring_to(&mut self, places: usize, go_on: &mut dyn FnMut() -> bool) -> bool {
        self.board.rewind(self.on_board);
        while self.on_board > places {
            self.on_board = places.max(self.on_board.saturating_sub(STRETCH));
            self.board.rewind(self.on_board);
            if self.on_board > places && !go_on() {
                return false;
            }
        }
        while self.on_board < places {
            let operation: OperationIndex = self.current.order[self.on_board];
            match self.fates[operation.at()] {
                Some(Fate::Placed(fit)) => self.board.commit(operation, fit),
                Some(Fate::Refused(reason)) => self.board.give_up(operation, reason),
                None => {}
            }
            self.on_board += 1;
            if self.on_board.is_multiple_of(STRETCH) && !go_on() {
                return false;
            }
        }
        true
    }

    /// What is on the board is where the search stands.
    fn stand(&mut self, from: usize) {
        let [marks, tried] = &mut self.marks;
        marks[from..self.upto].copy_from_slice(&tried[from..self.upto]);
        for at in from..self.upto {
            let operation = self.current.order[at];
            self.fates[operation.at()] = self.board.fit(operation).map(|fit| Fate::Placed(*fit));
            self.current.keep(operation, self.board.fit(operation));
        }
        for lost in self.board.unplaced() {
            self.fates[lost.operation.at()] = Some(Fate::Refused(lost.reason));
        }
        self.on_board = self.upto;
        self.score = self.board.score();
        self.sight.look(&self.board, &self.current, self.upto);
        if self.score < self.cycle_best.1 {
            self.cycle_best = (self.current.clone(), self.score);
        }
        if self.upto == self.current.order.len()
            && self.sight.window.len() == self.upto
            && self.score <= self.best.score()
        {
            self.at_best = true;
            if self.score < self.best.score() {
                let (list, plan) = (self.current.clone(), self.board.plan());
                self.best = Arc::new(Best { list, plan, score: Some(self.score) });
            }
        }
    }
}

/// Looks at the budget once in so many placements, wherever on the board they are.
fn now_and_then(go_on: &mut dyn FnMut() -> bool) -> impl FnMut() -> bool {
    let mut placements = 0_usize;
    move || {
        placements += 1;
        !placements.is_multiple_of(LOOK) || go_on()
    }
}

/// The best of some dispatch rules.
pub(crate) fn dispatch_all<'a>(base: &Board<'a>, rules: &[Rule], budget: &dyn Budget) -> Option<Board<'a>> {
    let mut best: Option<Board<'a>> = None;
    let mut board = base.clone();
    for rule in rules {
        board.rewind(0);
        let limit = best.as_ref().map_or(WORST, Board::score);
        let mut ask = || budget.go_on();
        let mut looks = now_and_then(&mut ask);
        let mut go_on = |board: Option<&Board<'_>>| board.is_none_or(|it| it.score() <= limit) && looks();
        if construct::dispatch(&mut board, *rule, &mut go_on) && board.score() < limit {
            best = Some(board.clone());
        }
        if !budget.go_on() {
            break;
        }
    }
    best
}
