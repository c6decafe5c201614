//! Time across: where an instant is, and which instants are marked.

use domain::scheduling::solver::Seconds;

use crate::solve::units::{grouped, real};

const HOUR: Seconds = 3_600;
const DAY: Seconds = 24 * HOUR;
/// Steps between marks where the unit is real time.
const STEPS: [Seconds; 17] = [
    60,
    300,
    600,
    900,
    1_800,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    364 * DAY,
];
/// Least distance of marks.
const APART: f64 = 56.0;

/// The axis of a chart.
pub(super) struct Axis {
    pub(super) from: Seconds,
    pub(super) to: Seconds,
    /// Where the chart begins.
    pub(super) left: f64,
    pub(super) width: f64,
    /// In days and hours; otherwise in abstract units.
    pub(super) clock: bool,
}

/// A mark on the axis.
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) text: String,
    /// A day begins, or it is one of the round numbers.
    pub(super) strong: bool,
}

impl Axis {
    /// Where an instant is; what lies outside is at the edge.
    pub(super) fn x(&self, at: Seconds) -> f64 {
        let share = real(at.clamp(self.from, self.to) - self.from) / real((self.to - self.from).max(1));
        self.left + share * self.width
    }

    /// How long something is across.
    pub(super) fn across(&self, length: Seconds) -> f64 {
        real(length) / real((self.to - self.from).max(1)) * self.width
    }

    fn step(&self) -> Seconds {
        let fits = |step: &Seconds| self.across(*step) >= APART;
        if self.clock {
            return STEPS.into_iter().find(fits).unwrap_or(self.to - self.from).max(1);
        }
        let decades = std::iter::successors(Some(1_i64), |step| step.checked_mul(10));
        decades.flat_map(|ten| [ten, ten.saturating_mul(2), ten.saturating_mul(5)]).find(fits).unwrap_or(i64::MAX)
    }

    /// What is marked.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let step = self.step();
        let first = self.from.div_euclid(step) * step;
        let instants = std::iter::successors(Some(first), |at| at.checked_add(step));
        let instants = instants.skip_while(|at| *at < self.from).take_while(|at| *at <= self.to);
        instants.map(|at| self.mark(at, step)).collect()
    }

    fn mark(&self, at: Seconds, step: Seconds) -> Mark {
        let x = self.x(at);
        if !self.clock {
            return Mark { x, text: grouped(at), strong: false };
        }
        let (day, minutes) = (at.div_euclid(DAY) + 1, at.rem_euclid(DAY) / 60);
        let strong = minutes == 0 && step < DAY;
        let text = match minutes {
            0 => format!("day {day}"),
            _ => format!("{}:{:02}", minutes / 60, minutes % 60),
        };
        Mark { x, text, strong }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_never_crowded() {
        for (to, clock) in [(1_234, false), (20 * DAY, true), (5 * HOUR, true), (400 * DAY, true), (1, false)] {
            let axis = Axis { from: 0, to, left: 10.0, width: 1_200.0, clock };
            let marks = axis.marks();
            assert!(!marks.is_empty() && marks.windows(2).all(|two| two[1].x - two[0].x >= APART - 0.01), "{to}");
        }
        let axis = Axis { from: 0, to: 2 * DAY, left: 0.0, width: 1_000.0, clock: true };
        let texts: Vec<String> = axis.marks().into_iter().map(|mark| mark.text).collect();
        assert_eq!(texts[..3], ["day 1", "3:00", "6:00"]);
    }
}
