//! Local search on who goes first and where: a list is changed a little, made into a plan again from the first change on, and
//! kept when that is better or, while it is still hot, not much worse.

mod moves;
mod sight;

use self::sight::Sight;
use super::construct::{self, Rule};
use super::decode::{Board, Fit, List, list};
use super::kernel::random::Random;
use super::model::OperationIndex;
use super::objective::Score;
use super::plan::Reason;
use super::solve::Budget;

/// Iterations of the first time of cooling down; each later one is longer.
const FIRST_CYCLE: u64 = 600;
/// How hot a cycle begins and ends: the part of a plan's worth that it may get worse by at a time.
const HOT: f64 = 4e-3;
const COLD: f64 = 2e-5;
/// Placements between two looks at the budget.
const LOOK: usize = 64;

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
    sight: Sight,
    /// So many places of `current` are on the board.
    on_board: usize,
    best: List,
    best_score: Score,
    chance: Random,
    /// Where in which cycle it is.
    cycle: (u64, u64),
    /// Whether placing one thing can let another be placed that came before it in the list.
    waits_for_material: bool,
    pub(crate) iterations: u64,
}

impl<'a> Searcher<'a> {
    /// Starts from a complete board.
    pub(crate) fn new(base: &Board<'a>, start: &Board<'a>, seed: u64) -> Self {
        let list = List::of(start);
        let mut searcher = Self {
            board: base.clone(),
            current: list.clone(),
            fates: vec![None; base.ground().problem.len()],
            score: Score { hard: i64::MAX, soft: i64::MAX },
            sight: Sight::default(),
            on_board: 0,
            best: list.clone(),
            best_score: Score { hard: i64::MAX, soft: i64::MAX },
            chance: Random::new(seed),
            cycle: (0, FIRST_CYCLE),
            waits_for_material: base.ground().made.iter().any(|made| *made),
            iterations: 0,
        };
        searcher.try_list(list, Score { hard: i64::MAX, soft: i64::MAX }, &mut || true);
        searcher
    }

    pub(crate) const fn best(&self) -> (&List, Score) {
        (&self.best, self.best_score)
    }

    /// Takes what another found.
    pub(crate) fn adopt(&mut self, list: &List, score: Score) {
        self.best = list.clone();
        self.best_score = score;
    }

    /// So many iterations, or fewer if the budget ends.
    pub(crate) fn round(&mut self, iterations: u64, budget: &dyn Budget) {
        for _ in 0..iterations {
            if self.current.order.is_empty() || !budget.go_on() {
                return;
            }
            self.iterations += 1;
            self.iteration(&mut || budget.go_on());
        }
    }

    fn iteration(&mut self, go_on: &mut dyn FnMut() -> bool) {
        let (at, length) = self.cycle;
        if at >= length {
            self.cycle = (0, length + length / 3);
            let best = self.best.clone();
            self.try_list(best, Score { hard: i64::MAX, soft: i64::MAX }, go_on);
            return;
        }
        self.cycle.0 += 1;
        let limit = self.limit();
        let candidate = moves::neighbour(&self.current, &self.sight, self.board.ground(), &mut self.chance);
        if self.try_list(candidate, limit, go_on) && self.score < self.best_score {
            self.record();
        }
    }

    /// The worst that is accepted now.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "temperature is a rough measure")]
    fn limit(&mut self) -> Score {
        let (at, length) = self.cycle;
        let cooled = HOT * (COLD / HOT).powf(at as f64 / length as f64);
        // The more jobs are late, the less each has in it.
        let share = 1.0 + self.sight.late.len() as f64 / 20.0;
        let worse = -cooled / share * self.best_score.soft.max(1) as f64 * self.chance.unit().max(1e-12).ln() * 0.25;
        Score { hard: self.score.hard, soft: self.score.soft.saturating_add(worse as i64) }
    }

    /// Keeps what the search stands at as the best.
    fn record(&mut self) {
        self.best = self.current.clone();
        self.best_score = self.score;
    }

    /// Makes a plan of a list and goes there if it is no worse than `limit`.
    fn try_list(&mut self, candidate: List, limit: Score, go_on: &mut dyn FnMut() -> bool) -> bool {
        let same = self.same(&candidate);
        self.bring_to(same);
        let mut placements = 0_usize;
        let mut go_on = |board: &Board<'_>| {
            placements += 1;
            board.score() <= limit && (!placements.is_multiple_of(LOOK) || go_on())
        };
        let complete = list::run(&mut self.board, &candidate, same, &mut go_on);
        if !complete || self.board.score() > limit {
            self.on_board = same;
            return false;
        }
        self.score = self.board.score();
        self.stand_at(candidate, same);
        if self.score < self.best_score {
            self.record();
        }
        true
    }

    /// How many places at the front are as they are.
    fn same(&self, candidate: &List) -> usize {
        if self.waits_for_material || self.fates.is_empty() {
            return 0;
        }
        let kept = |at: &usize| {
            let operation = self.current.order[*at];
            operation == candidate.order[*at]
                && self.current.on[operation.at()] == candidate.on[operation.at()]
                && self.fates[operation.at()].is_some()
        };
        let mut same = (0..candidate.order.len()).take_while(kept).count();
        // What is tied together is placed together.
        let tied = &self.board.ground().tied;
        while same > 0 && candidate.order.get(same).is_some_and(|it| tied.together(candidate.order[same - 1], *it)) {
            same -= 1;
        }
        same
    }

    /// Puts so many places of the current list on the board.
    fn bring_to(&mut self, places: usize) {
        if places <= self.on_board {
            self.board.rewind(places);
        } else {
            self.board.rewind(self.on_board);
            for at in self.on_board..places {
                let operation: OperationIndex = self.current.order[at];
                match self.fates[operation.at()] {
                    Some(Fate::Placed(fit)) => self.board.commit(operation, fit),
                    Some(Fate::Refused(reason)) => self.board.give_up(operation, reason),
                    None => {}
                }
            }
        }
        self.on_board = places;
    }

    /// What is on the board is where the search stands.
    fn stand_at(&mut self, list: List, from: usize) {
        self.current = list;
        for &operation in &self.current.order[from..] {
            self.fates[operation.at()] = self.board.fit(operation).map(|fit| Fate::Placed(*fit));
            if let Some(fit) = self.board.fit(operation) {
                self.current.on[operation.at()] = Some(fit.alternative);
            }
        }
        for lost in self.board.unplaced() {
            self.fates[lost.operation.at()] = Some(Fate::Refused(lost.reason));
        }
        self.on_board = self.current.order.len();
        self.sight.look(&self.board, &self.current);
    }
}

/// The best of all dispatch rules, each with a little chance.
pub(crate) fn dispatch_all<'a>(base: &Board<'a>, rules: &[Rule], seed: u64, budget: &dyn Budget) -> Option<Board<'a>> {
    let mut best: Option<Board<'a>> = None;
    let mut chance = Random::new(seed);
    let mut board = base.clone();
    for rule in rules {
        board.rewind(0);
        let limit = best.as_ref().map_or(Score { hard: i64::MAX, soft: i64::MAX }, Board::score);
        let mut placements = 0_usize;
        let mut go_on = |board: &Board<'_>| {
            placements += 1;
            board.score() <= limit && (!placements.is_multiple_of(LOOK) || budget.go_on())
        };
        if construct::dispatch(&mut board, *rule, &mut chance, &mut go_on) && board.score() < limit {
            best = Some(board.clone());
        }
        if !budget.go_on() {
            break;
        }
    }
    best
}
