//! The one number of a plan that is watched while it gets better.

use domain::scheduling::solver::bound::Bound;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::{Preset, Seconds};
use serde_json::Number;

use super::instance::{Instance, Kind};
use super::units;

/// Which number that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// When the last operation ends.
    Makespan,
    /// Σ weight · time late.
    WeightedTardiness,
    /// The weighted sum of all parts.
    Score,
}

impl Goal {
    /// What counts for this instance under what was asked for.
    pub fn of(instance: &Instance, preset: Option<Preset>) -> Self {
        match (preset, instance.kind) {
            (Some(Preset::Makespan), _) | (None, Kind::Makespan) => Self::Makespan,
            (None, Kind::Tardiness) => Self::WeightedTardiness,
            _ => Self::Score,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Makespan => "makespan",
            Self::WeightedTardiness => "weighted tardiness",
            Self::Score => "score",
        }
    }

    /// Its value.
    pub const fn value(self, parts: &Parts, score: Score) -> i64 {
        match self {
            Self::Makespan => parts.makespan,
            Self::WeightedTardiness => parts.weighted_tardiness,
            Self::Score => score.soft,
        }
    }

    /// What it can't be below.
    pub const fn bound(self, bound: &Bound) -> i64 {
        match self {
            Self::Makespan => bound.makespan,
            Self::WeightedTardiness => bound.weighted_tardiness,
            Self::Score => bound.soft,
        }
    }

    /// How far from the best possible a plan may be, in percent; `None` where nothing is known, as of one that lacks something:
    /// what has no place costs nothing.
    pub fn gap(self, parts: &Parts, score: Score, bound: &Bound) -> Option<f64> {
        if score.hard > 0 { None } else { units::gap(self.value(parts, score), self.bound(bound)) }
    }

    /// In the file's unit; the score has none.
    pub fn number(self, value: i64, unit: Seconds) -> Number {
        if self == Self::Score { value.into() } else { units::in_unit(value, unit) }
    }

    /// As people read it.
    pub fn shown(self, value: i64, unit: Seconds) -> String {
        if self == Self::Score || unit == 1 { units::grouped(value) } else { units::length(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_plan_is_from_the_best_is_not_known_where_something_has_no_place() {
        let (parts, bound) = (Parts::default(), Bound { soft: 100, ..Bound::default() });
        let gap = |hard, soft| Goal::Score.gap(&parts, Score { hard, soft }, &bound);
        assert_eq!((gap(0, 200), gap(0, 100)), (Some(50.0), Some(0.0)));
        assert_eq!((gap(1, 0), gap(1, 40), gap(1, 200)), (None, None, None));
    }
}
