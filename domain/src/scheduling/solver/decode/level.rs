//! How many of something are taken at once: tools, and machines that take several operations.

use crate::scheduling::solver::Seconds;

/// A step function of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    /// From when on how many are taken; none before the first.
    steps: Vec<(Seconds, u32)>,
}

impl Level {
    /// When a unit is free again, if all `count` are taken at some instant of `[from, to)`.
    pub(super) fn taken_until(&self, (from, to): (Seconds, Seconds), count: u32) -> Option<Seconds> {
        if from >= to {
            return None;
        }
        let first = self.steps.partition_point(|step| step.0 <= from).saturating_sub(1);
        let full = |step: &(Seconds, u32)| step.1 >= count;
        let at = (first..self.steps.len())
            .take_while(|at| self.steps[*at].0 < to)
            .find(|at| full(&self.steps[*at]) && self.steps.get(at + 1).is_none_or(|next| next.0 > from))?;
        self.steps[at..].iter().find(|step| !full(step)).map(|step| step.0)
    }

    pub(super) fn add(&mut self, from: Seconds, to: Seconds) {
        self.change(from, to, |level| *level += 1);
    }

    pub(super) fn remove(&mut self, from: Seconds, to: Seconds) {
        self.change(from, to, |level| *level = level.saturating_sub(1));
        self.merge(to);
        self.merge(from);
    }

    fn change(&mut self, from: Seconds, to: Seconds, by: impl Fn(&mut u32)) {
        if from >= to {
            return;
        }
        let (first, last) = (self.step_at(from), self.step_at(to));
        self.steps[first..last].iter_mut().for_each(|step| by(&mut step.1));
    }

    /// The index of a step that begins just then; made where there is none.
    fn step_at(&mut self, at: Seconds) -> usize {
        let index = self.steps.partition_point(|step| step.0 < at);
        if self.steps.get(index).is_none_or(|step| step.0 != at) {
            let level = index.checked_sub(1).map_or(0, |before| self.steps[before].1);
            self.steps.insert(index, (at, level));
        }
        index
    }

    /// Drops the step at `at` when it changes nothing.
    fn merge(&mut self, at: Seconds) {
        let index = self.steps.partition_point(|step| step.0 < at);
        let before = index.checked_sub(1).map_or(0, |before| self.steps[before].1);
        if self.steps.get(index).is_some_and(|step| *step == (at, before)) {
            self.steps.remove(index);
        }
    }
}
