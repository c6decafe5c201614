//! Open times of a shop as the optimiser counts them.

use std::collections::HashMap;

use domain::calendars::calendar::Rules;
use domain::calendars::hours::LocalDate;
use domain::kernel::interval::Interval;
use domain::kernel::{CalendarId, Timestamp};
use domain::scheduling::solver::model::CalendarIndex;
use domain::scheduling::solver::{Calendar, Seconds};
use domain::tenancy::company::ZoneName;
use jiff::tz::TimeZone;

use super::index::Index;
use super::problem::PlanningError;
use super::shop::Shop;
use crate::local_days::Window;

/// Calendars of a shop from one instant to another, each told once.
pub(super) struct Hours<'s> {
    shop: &'s Shop,
    window: Window,
    told: HashMap<CalendarId, CalendarIndex>,
    pub(super) calendars: Vec<Calendar>,
}

impl<'s> Hours<'s> {
    pub(super) fn new(shop: &'s Shop, window: Window) -> Self {
        Self { shop, window, told: HashMap::new(), calendars: Vec::new() }
    }

    /// The hours of something that keeps the first of these calendars that there is, else the company's; `None` is always open.
    pub(super) fn of(
        &mut self,
        own: &[Option<CalendarId>],
        index: &Index,
    ) -> Result<Option<CalendarIndex>, PlanningError> {
        let shop = self.shop;
        let mut named = own.iter().chain([&shop.calendar]).flatten();
        let Some((id, rules)) = named.find_map(|id| Some((*id, shop.calendars.get(id)?))) else { return Ok(None) };
        if let Some(told) = self.told.get(&id) {
            return Ok(Some(*told));
        }
        let zone = rules.zone.as_ref().and_then(ZoneName::time_zone);
        let open = open(rules, zone.as_ref().unwrap_or(&shop.zone), (self.window, index))?;
        let place = CalendarIndex(u32::try_from(self.calendars.len()).unwrap_or(u32::MAX));
        self.calendars.push(open);
        self.told.insert(id, place);
        Ok(Some(place))
    }

    /// These hours and more. What is always open stays so.
    pub(super) fn with(
        &mut self,
        hours: Option<CalendarIndex>,
        overtime: &[Interval],
        index: &Index,
    ) -> Result<Option<CalendarIndex>, PlanningError> {
        let Some(usual) = hours.filter(|_| !overtime.is_empty()) else { return Ok(hours) };
        let usual = self.calendars[usual.at()].intervals();
        let open = Calendar::new(usual.chain(seconds_of(overtime, index)).collect())?;
        let place = CalendarIndex(u32::try_from(self.calendars.len()).unwrap_or(u32::MAX));
        self.calendars.push(open);
        Ok(Some(place))
    }
}

/// What begins on the days that the window touches, and the day before: a night shift begins there.
fn open(rules: &Rules, zone: &TimeZone, (window, index): (Window, &Index)) -> Result<Calendar, PlanningError> {
    let date = |at: Timestamp| at.to_jiff().to_zoned(zone.clone()).date();
    let (from, to) = (date(window.from), date(window.to));
    let days = (LocalDate(from.yesterday().unwrap_or(from)), LocalDate(to.tomorrow().unwrap_or(to)));
    let epoch = index.epoch().as_seconds();
    let open = rules.open_time(zone, days)?.into_iter().map(|(from, to)| (from - epoch, to - epoch));
    Ok(Calendar::new(open.collect())?)
}

/// Whole seconds of these times.
pub(super) fn seconds_of(windows: &[Interval], index: &Index) -> Vec<(Seconds, Seconds)> {
    let whole = |window: &Interval| (index.second(window.from), index.second_after(window.until));
    windows.iter().map(whole).filter(|(from, to)| from < to).collect()
}
