//! When machines are open and people there, told by the clock on the wall and apart from Kilter's own code: time is cut wherever
//! anything can change, and every piece is asked.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::shop::{Calendar, Hours, Instant, Shop, Stretch};

const QUARTER: i64 = 900;
/// How long a machine that is stopped now is taken to stay so.
const STOP: i64 = 4 * 3_600;

/// The hours of a shop.
pub(super) struct Clock<'s> {
    pub(super) shop: &'s Shop,
    /// By calendar and quarter of an hour, whether somebody works then.
    known: RefCell<HashMap<(usize, i64), bool>>,
}

impl<'s> Clock<'s> {
    pub(super) fn new(shop: &'s Shop) -> Self {
        Self { shop, known: RefCell::default() }
    }

    fn keeps(&self, own: [Option<usize>; 3], at: Instant) -> bool {
        let Some(calendar) = own.into_iter().flatten().next() else { return true };
        let quarter = at.div_euclid(QUARTER);
        let asked = || works(&self.shop.calendars[calendar], self.shop.zone, quarter * QUARTER);
        *self.known.borrow_mut().entry((calendar, quarter)).or_insert_with(asked)
    }

    pub(super) fn machine_open(&self, machine: usize, at: Instant) -> bool {
        let it = &self.shop.machines[machine];
        let stopped = it.down && (self.shop.now..self.shop.now + STOP).contains(&at);
        !stopped
            && !inside(it.maintenance, at)
            && self.keeps([it.calendar, self.shop.centers[it.center], self.shop.calendar], at)
    }

    fn present(&self, operator: usize, at: Instant) -> bool {
        let it = &self.shop.operators[operator];
        !inside(it.absence, at) && self.keeps([it.calendar, self.shop.calendar, None], at)
    }

    /// The pieces of a stretch in which a machine is open and an operator there, where there are these; touching ones are one.
    pub(super) fn pieces(
        &self,
        (machine, operator): (Option<usize>, Option<usize>),
        (from, to): Stretch,
    ) -> Vec<Stretch> {
        let maintenance = machine.and_then(|it| self.shop.machines[it].maintenance);
        let absence = operator.and_then(|it| self.shop.operators[it].absence);
        let windows = [maintenance, absence, Some((self.shop.now, self.shop.now + STOP))];
        let grid = (from.div_euclid(QUARTER)..=to.div_euclid(QUARTER)).map(|quarter| quarter * QUARTER);
        let edges = windows.into_iter().flatten().flat_map(|(from, to)| [from, to]);
        let mut cuts: Vec<Instant> =
            grid.chain(edges).chain([from, to]).filter(|at| (from..=to).contains(at)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut pieces: Vec<Stretch> = Vec::new();
        for pair in cuts.windows(2) {
            let open = machine.is_none_or(|it| self.machine_open(it, pair[0]))
                && operator.is_none_or(|it| self.present(it, pair[0]));
            match pieces.last_mut().filter(|last| last.1 == pair[0]) {
                _ if !open => {}
                Some(last) => last.1 = pair[1],
                None => pieces.push((pair[0], pair[1])),
            }
        }
        pieces
    }
}

fn inside(window: Option<Stretch>, at: Instant) -> bool {
    window.is_some_and(|(from, until)| (from..until).contains(&at))
}

/// So much of these pieces.
pub(super) fn sum(pieces: &[Stretch]) -> i64 {
    pieces.iter().map(|(from, to)| to - from).sum()
}

/// When so much of these pieces has passed.
pub(super) fn passed(pieces: &[Stretch], mut work: i64) -> Option<Instant> {
    for (from, to) in pieces {
        if work <= to - from {
            return Some(from + work);
        }
        work -= to - from;
    }
    None
}

/// Whether somebody works in the quarter of an hour that begins then.
fn works(calendar: &Calendar, zone: &str, at: Instant) -> bool {
    let wall = wall(&TimeZone::get(calendar.zone.unwrap_or(zone)).expect("a zone"), at);
    let minute = u16::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).expect("a minute");
    let holds = |hours: &Hours, is_next_day: bool| match *hours {
        (from, to) if to <= from => {
            if is_next_day {
                minute < to
            } else {
                minute >= from
            }
        }
        (from, to) => !is_next_day && (from..to).contains(&minute),
    };
    let rests =
        |(from, to): Hours| if to <= from { minute >= from || minute < to } else { (from..to).contains(&minute) };
    [(wall.date(), false), (wall.date().yesterday().expect("a day"), true)].into_iter().any(|(date, is_next_day)| {
        match calendar.special.as_ref().filter(|special| special.0 == date) {
            Some((_, open)) => open.iter().any(|hours| holds(hours, is_next_day)),
            None => {
                let day = u32::try_from(date.weekday().to_monday_zero_offset()).expect("a day of the week");
                let mut shifts = calendar.shifts.iter().filter(|_| day < calendar.days);
                shifts.any(|(hours, rest)| holds(hours, is_next_day) && !rest.is_some_and(rests))
            }
        }
    })
}

/// The time on the wall; while the clocks show an hour again, that at which they went back: nobody comes or goes until they go on.
fn wall(zone: &TimeZone, at: Instant) -> DateTime {
    let shown = |at: Instant| zone.to_datetime(Timestamp::from_second(at).expect("an instant"));
    let before = (1..=8).map(|quarter| at - quarter * QUARTER).filter(|then| shown(*then) > shown(at)).max();
    shown(before.unwrap_or(at))
}
