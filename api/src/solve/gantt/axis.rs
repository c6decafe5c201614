//! Time across: where an instant is, which instants are marked, and how a long time is cut into stretches that fit a screen.

use domain::scheduling::solver::Seconds;

use crate::solve::units::{grouped, instant, real};

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

/// More stretches than this a time is not cut into.
const MOST_STRETCHES: i64 = 5;

/// The axis of a chart, or of a stretch of it.
#[derive(Clone, Copy)]
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
    /// In stretches of the same length, whole days where there are days, so that something `usual` long is `wanted` wide.
    pub(super) fn stretches(self, usual: Seconds, wanted: f64) -> Vec<Self> {
        let whole = (self.to - self.from).max(1);
        let across = self.across(usual.max(1)).max(f64::MIN_POSITIVE);
        let count = (1..MOST_STRETCHES).find(|count| across * real(*count) >= wanted).unwrap_or(MOST_STRETCHES);
        let days = self.clock && count > 1 && whole > 2 * DAY;
        let grain = if days { DAY } else { 1 };
        let from = self.from.div_euclid(grain) * grain;
        let length = ((self.to - from + count - 1) / count + grain - 1) / grain * grain;
        let starts = std::iter::successors(Some(from), |at| at.checked_add(length.max(1)));
        let part = |at: Seconds| Self { from: at, to: at.saturating_add(length), ..self };
        starts.take_while(|at| *at < self.to).map(part).collect()
    }

    /// From when to when.
    pub(super) fn told(&self) -> String {
        let (from, to) = (self.from, self.to);
        match self.clock {
            true if from % DAY == 0 && to % DAY == 0 => format!("days {} – {}", from / DAY + 1, to / DAY),
            true => format!("{} – {}", instant(from), instant(to)),
            false => format!("{} – {}", grouped(from), grouped(to)),
        }
    }

    /// Whether any of this time is on it.
    pub(super) const fn shows(&self, from: Seconds, to: Seconds) -> bool {
        from < self.to && to > self.from || from == to && self.from <= from && from < self.to
    }

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
    fn a_long_time_is_cut_into_whole_days_that_follow_one_another() {
        let axis = Axis { from: 9 * HOUR, to: 20 * DAY, left: 10.0, width: 1_400.0, clock: true };
        let parts = axis.stretches(HOUR, 12.0);
        assert_eq!(
            parts.iter().map(|it| (it.from / DAY, it.to / DAY)).collect::<Vec<_>>(),
            [(0, 4), (4, 8), (8, 12), (12, 16), (16, 20)]
        );
        assert_eq!(axis.stretches(20 * DAY, 12.0).len(), 1);
        assert_eq!(Axis { clock: false, ..axis }.stretches(1, 12.0).len(), 5);
        assert_eq!((parts[0].told(), parts[1].told()), ("days 1 – 4".to_owned(), "days 5 – 8".to_owned()));
        assert!(parts[0].shows(0, HOUR) && !parts[1].shows(0, HOUR) && parts[1].shows(5 * DAY, 5 * DAY));
    }

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
