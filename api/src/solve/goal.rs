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

    /// In the file's unit; the score has none.
    pub fn number(self, value: i64, unit: Seconds) -> Number {
        if self == Self::Score { value.into() } else { units::in_unit(value, unit) }
    }

    /// As people read it.
    pub fn shown(self, value: i64, unit: Seconds) -> String {
        if self == Self::Score || unit == 1 { units::grouped(value) } else { units::length(value) }
    }
}
