//! Sums over reports: what was made and how long it took.

use std::ops::{AddAssign, SubAssign};

use domain::jobs::operation::{Phase, Quantities, WorkFigures};
use domain::kernel::Quantity;
use serde::{Deserialize, Serialize};

use crate::stored;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Sums over reports of work. Breaks count in neither time; overlapping reports count twice, as they were reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Good at the first go.
    #[serde(with = "stored::amount")]
    pub good: Quantity,
    /// Lost.
    #[serde(with = "stored::amount")]
    pub scrap: Quantity,
    /// Good after having been worked again.
    #[serde(with = "stored::amount")]
    pub rework: Quantity,
    /// Held for review.
    #[serde(with = "stored::amount")]
    pub held: Quantity,
    /// Time spent making ready.
    pub setup_micros: i64,
    /// Time spent making.
    pub run_micros: i64,
}

impl Tally {
    /// All of one report.
    pub fn of(figures: &WorkFigures) -> Self {
        let mut tally = Self::default();
        tally.add_quantities(&figures.quantities);
        tally.add_time(figures.phase, figures.end.as_micros().saturating_sub(figures.start.as_micros()));
        tally
    }

    /// Adds what was made.
    pub fn add_quantities(&mut self, made: &Quantities) {
        self.good += made.good;
        self.scrap += made.scrap;
        self.rework += made.rework;
        self.held += made.held;
    }

    /// Adds time spent.
    pub const fn add_time(&mut self, phase: Phase, micros: i64) {
        match phase {
            Phase::Setup => self.setup_micros = self.setup_micros.saturating_add(micros),
            Phase::Run => self.run_micros = self.run_micros.saturating_add(micros),
            Phase::Break => {}
        }
    }

    /// Whole seconds of setup.
    pub const fn setup_seconds(&self) -> i64 {
        self.setup_micros.div_euclid(MICROS_PER_SECOND)
    }

    /// Whole seconds of run.
    pub const fn run_seconds(&self) -> i64 {
        self.run_micros.div_euclid(MICROS_PER_SECOND)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.good += other.good;
        self.scrap += other.scrap;
        self.rework += other.rework;
        self.held += other.held;
        self.setup_micros = self.setup_micros.saturating_add(other.setup_micros);
        self.run_micros = self.run_micros.saturating_add(other.run_micros);
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        self.good = self.good - other.good;
        self.scrap = self.scrap - other.scrap;
        self.rework = self.rework - other.rework;
        self.held = self.held - other.held;
        self.setup_micros = self.setup_micros.saturating_sub(other.setup_micros);
        self.run_micros = self.run_micros.saturating_sub(other.run_micros);
    }
}
