//! How the projections are doing, for whom asks from outside the runner's thread.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ports::Position;

use super::cohort::Running;
use super::set::Member;
use crate::views::{Parked, Shape};

/// How a projection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub projection: &'static str,
    /// Its version.
    pub version: u32,
    /// Whether this node leads it; another one does where it doesn't.
    pub leads: bool,
    /// How far it is committed, whoever leads it.
    pub position: Position,
    /// How far the log was when it was last looked at.
    pub head: Position,
    /// For how long it has been behind the log; zero when it is not.
    pub behind: Duration,
    /// What it has put aside.
    pub parked: Vec<Parked>,
}

/// Where the runner's thread writes how it is doing.
pub(super) struct Board(Mutex<State>);

struct State {
    head: Position,
    behind_since: Option<Instant>,
    lines: Vec<Line>,
}

struct Line {
    shape: Shape,
    leads: bool,
    position: Position,
    parked: Vec<Parked>,
}

impl Board {
    /// For these projections, of which nothing is known.
    pub(super) fn of(set: &[Member]) -> Self {
        let line = |member: &Member| {
            let position = Position::default();
            Line { shape: member.shape, leads: false, position, parked: Vec::new() }
        };
        let lines = set.iter().map(line).collect();
        Self(Mutex::new(State { head: Position::default(), behind_since: None, lines }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where a projection stands that this node leads.
    pub(super) fn note(&self, member: &Running, position: Position) {
        let mut state = self.state();
        let Some(line) = state.line(member.shape) else { return };
        (line.leads, line.position) = (true, position);
        if line.parked.len() != member.parked.len() || !line.parked.is_empty() {
            line.parked = member.parked.values().cloned().collect();
            line.parked.sort_unstable_by_key(|parked| parked.position);
        }
    }

    /// Notes where a projection stands that another node leads.
    pub(super) fn follow(&self, shape: Shape, position: Position) {
        if let Some(line) = self.state().line(shape) {
            (line.leads, line.position) = (false, position);
        }
    }

    /// Notes that this node may lead nothing any more.
    pub(super) fn lose_lead(&self) {
        self.state().lines.iter_mut().for_each(|line| line.leads = false);
    }

    /// Notes what these have put aside.
    pub(super) fn park(&self, shapes: &[Shape], parked: &[Parked]) {
        let mut state = self.state();
        for shape in shapes {
            let own = parked.iter().filter(|parked| parked.projection == shape.name);
            if let Some(line) = state.line(*shape) {
                line.parked = own.cloned().collect();
            }
        }
    }

    /// Notes how far the log is known to be, and whether all of it is folded.
    pub(super) fn head(&self, head: Position, reached: bool) {
        let mut state = self.state();
        state.head = state.head.max(head);
        state.behind_since = if reached { None } else { state.behind_since.or_else(|| Some(Instant::now())) };
    }

    /// How each projection is doing.
    pub(super) fn status(&self) -> Vec<Status> {
        let state = self.state();
        let behind = state.behind_since.map(|since| since.elapsed()).unwrap_or_default();
        let status = |line: &Line| Status {
            projection: line.shape.name,
            version: line.shape.version,
            leads: line.leads,
            position: line.position,
            head: state.head.max(line.position),
            behind,
            parked: line.parked.clone(),
        };
        state.lines.iter().map(status).collect()
    }
}

impl State {
    fn line(&mut self, shape: Shape) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.shape.name == shape.name)
    }
}
