//! How the projections are doing, for whom asks from outside the runner's thread.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::ports::Position;

use super::cohort::Running;
use crate::views::Parked;

/// How a projection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub projection: &'static str,
    /// Its version.
    pub version: u32,
    /// How far it is committed.
    pub position: Position,
    /// How far the log was when it was last looked at.
    pub head: Position,
    /// For how long it has been behind the log; zero when it is not.
    pub behind: Duration,
    /// What it has put aside.
    pub parked: Vec<Parked>,
}

/// Where the runner's thread writes how it is doing.
#[derive(Default)]
pub(super) struct Board(Mutex<State>);

#[derive(Default)]
struct State {
    head: Position,
    behind_since: Option<Instant>,
    lines: Vec<Line>,
}

struct Line {
    projection: &'static str,
    version: u32,
    position: Position,
    parked: Vec<Parked>,
}

impl Board {
    /// Notes where a projection stands.
    pub(super) fn note(&self, member: &Running, position: Position) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = member.shape.name;
        let at = state.lines.iter().position(|line| line.projection == name).unwrap_or_else(|| {
            state.lines.push(Line { projection: name, version: 0, position, parked: Vec::new() });
            state.lines.len() - 1
        });
        let line = &mut state.lines[at];
        line.version = member.shape.version;
        line.position = position;
        if line.parked.len() != member.parked.len() || !line.parked.is_empty() {
            line.parked = member.parked.values().cloned().collect();
            line.parked.sort_unstable_by_key(|parked| parked.position);
        }
    }

    /// Notes how far the log is known to be, and whether all of it is folded.
    pub(super) fn head(&self, head: Position, reached: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.head = state.head.max(head);
        state.behind_since = if reached { None } else { state.behind_since.or_else(|| Some(Instant::now())) };
    }

    /// How each projection is doing.
    pub(super) fn status(&self) -> Vec<Status> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = state.behind_since.map(|since| since.elapsed()).unwrap_or_default();
        let status = |line: &Line| Status {
            projection: line.projection,
            version: line.version,
            position: line.position,
            head: state.head.max(line.position),
            behind,
            parked: line.parked.clone(),
        };
        state.lines.iter().map(status).collect()
    }
}
