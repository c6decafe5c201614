//! The sample's axis of time: minutes that end now, so that the shop looks alike whenever it is opened. Only the changes of
//! shift follow the clock on the wall.

use domain::kernel::Timestamp;
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// Minutes of a day.
pub(super) const DAY: i64 = 24 * 60;
/// The present minute; the first one is a month ago.
pub(super) const NOW: i64 = 30 * DAY;
/// When one shift hands over to the next.
const HANDOVER_HOURS: [i8; 3] = [6, 14, 22];

/// Turns minutes into instants, and knows the shifts.
pub(super) struct Calendar {
    first: jiff::Timestamp,
    /// The minutes, past and present, in which a shift begins.
    handovers: Vec<i64>,
}

impl Calendar {
    /// A month that ends now.
    pub(super) fn until(now: Timestamp, zone: &TimeZone) -> Self {
        let now = now.to_jiff();
        let first = full(now.saturating_sub(SignedDuration::from_mins(NOW)).unwrap_or(now), 60);
        let day = first.to_zoned(zone.clone()).date();
        let days = (-1..=NOW / DAY + 1).map(|place| day.saturating_add(place.days()));
        let begins = days.flat_map(|day| HANDOVER_HOURS.map(|hour| day.to_datetime(time(hour, 0, 0, 0))));
        let begins = begins.filter_map(|local| Some(local.to_zoned(zone.clone()).ok()?.timestamp()));
        let handovers = begins.map(|begins| begins.duration_since(first).as_secs().div_euclid(60));
        Self { first, handovers: handovers.filter(|minute| *minute <= NOW).collect() }
    }

    /// The instant at this minute.
    pub(super) fn at(&self, minute: i64) -> Timestamp {
        self.instant(minute).into()
    }

    /// The full hour before this minute: nobody promises a date to the minute.
    pub(super) fn hour_of(&self, minute: i64) -> Timestamp {
        full(self.instant(minute), 3600).into()
    }

    /// Which shift it is, counted from the first.
    pub(super) fn shift(&self, minute: i64) -> usize {
        self.handovers.partition_point(|begins| *begins <= minute)
    }

    /// When the shift of this minute ends; the present one goes on.
    pub(super) fn shift_end(&self, minute: i64) -> i64 {
        self.handovers.get(self.shift(minute)).copied().unwrap_or(i64::MAX)
    }

    /// When the shift of this minute began.
    pub(super) fn shift_begin(&self, minute: i64) -> i64 {
        self.shift(minute).checked_sub(1).and_then(|shift| self.handovers.get(shift)).copied().unwrap_or(0)
    }

    fn instant(&self, minute: i64) -> jiff::Timestamp {
        self.first.saturating_add(SignedDuration::from_mins(minute)).unwrap_or(self.first)
    }
}

/// The instant without what is left over of so many seconds.
fn full(instant: jiff::Timestamp, seconds: i64) -> jiff::Timestamp {
    let whole = instant.as_second().div_euclid(seconds) * seconds;
    jiff::Timestamp::from_second(whole).unwrap_or(instant)
}
