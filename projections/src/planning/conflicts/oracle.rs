//! A plan looked at by brute force: time is cut wherever anything can change, and every piece is asked.

use std::collections::BTreeMap;

use domain::calendars::calendar::Rules;
use domain::calendars::hours::{Day, Hours, LocalDate};
use domain::kernel::interval::Interval;
use domain::kernel::{CalendarId, MachineId, OperatorId, Timestamp};
use domain::machines::changeover::SetupFamily;
use domain::machines::machine::MachineStatus;
use domain::scheduling::placement::{OperationRef, Placement};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::{ConflictKind, Resource};
use crate::planning::shop::{Job, Operation as Step, Shop};

/// The time on the wall; while the clocks show an hour again, that at which they went back: nobody comes or goes until they go on.
fn wall(zone: &TimeZone, at: i64) -> DateTime {
    let shown = |at: i64| zone.to_datetime(jiff::Timestamp::from_second(at).unwrap());
    let before = (1..=12).map(|quarter| at - quarter * 900).filter(|then| shown(*then) > shown(at)).max();
    shown(before.unwrap_or(at))
}

/// Whether somebody works at this time on the wall, told apart from the code that is tested.
fn works(rules: &Rules, zone: &TimeZone, at: i64) -> bool {
    let zone =
        rules.zone.as_ref().and_then(domain::tenancy::company::ZoneName::time_zone).unwrap_or_else(|| zone.clone());
    let wall = wall(&zone, at);
    let at = |hours: &Hours, date: Date| {
        let (from, to) = (hours.from.to_time(), hours.to.to_time());
        let next = wall.date().yesterday().unwrap() == date;
        let inside = |time: Time| {
            if to <= from { (time >= from && !next) || (time < to && next) } else { !next && time >= from && time < to }
        };
        inside(wall.time())
    };
    let within = |hours: &Hours, time: Time| {
        let (from, to) = (hours.from.to_time(), hours.to.to_time());
        if to <= from { time >= from || time < to } else { time >= from && time < to }
    };
    [wall.date(), wall.date().yesterday().unwrap()].into_iter().any(|date| match rules.days.get(&LocalDate(date)) {
        Some(day) => day.open.iter().any(|hours| at(hours, date)),
        None => rules
            .shifts
            .shifts()
            .iter()
            .filter(|shift| shift.day == Day::of(LocalDate(date)))
            .any(|shift| at(&shift.hours, date) && !shift.breaks.iter().any(|pause| within(pause, wall.time()))),
    })
}

/// Knows only the shop.
pub(super) struct Oracle<'s> {
    shop: &'s Shop,
    now: i64,
    /// Instants between which nothing changes.
    cuts: Vec<i64>,
}

impl<'s> Oracle<'s> {
    pub(super) fn new(shop: &'s Shop, now: Timestamp) -> Self {
        let now = now.as_seconds();
        let ends = |window: &Interval| [window.from.as_seconds(), -(-window.until.as_micros()).div_euclid(1_000_000)];
        let mut cuts: Vec<i64> = (-12..96 * 7).map(|quarter| (now / 900 + quarter) * 900).collect();
        cuts.extend([now, now + 4 * 3_600]);
        cuts.extend(shop.machines.values().flat_map(|it| &it.maintenance).flat_map(ends));
        cuts.extend(shop.operators.values().flat_map(|it| &it.absences).flat_map(ends));
        let placed = shop.plan.placements.values();
        cuts.extend(placed.flat_map(|it| [it.start, it.run_start, it.end]).map(Timestamp::as_seconds));
        cuts.push(now + 40 * 86_400);
        cuts.sort_unstable();
        cuts.dedup();
        Self { shop, now, cuts }
    }

    fn pieces(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> {
        self.cuts.windows(2).map(|pair| (pair[0], pair[1])).filter(move |piece| from <= piece.0 && piece.1 <= to)
    }

    fn keeps(&self, own: [Option<CalendarId>; 3], at: i64) -> bool {
        let rules = own.into_iter().flatten().find_map(|id| self.shop.calendars.get(&id));
        rules.is_none_or(|rules| works(rules, &self.shop.zone, at))
    }

    fn away(windows: &[Interval], at: i64) -> bool {
        windows.iter().any(|it| it.from.as_seconds() <= at && at * 1_000_000 < it.until.as_micros())
    }

    fn machine_open(&self, machine: MachineId, at: i64) -> bool {
        let it = &self.shop.machines[&machine];
        let center = self.shop.work_centers.get(&it.work_center).and_then(|center| center.calendar);
        let in_window = Self::away(&it.maintenance, self.now);
        let stopped = match it.status {
            MachineStatus::Retired => true,
            MachineStatus::Down => (self.now..self.now + 4 * 3_600).contains(&at),
            MachineStatus::Maintenance if !in_window => (self.now..self.now + 4 * 3_600).contains(&at),
            _ => false,
        };
        !stopped && !Self::away(&it.maintenance, at) && self.keeps([it.calendar, center, self.shop.calendar], at)
    }

    fn present(&self, operator: OperatorId, at: i64) -> bool {
        let it = &self.shop.operators[&operator];
        let works = self.shop.jobs.values().flat_map(|job| &job.operations).flat_map(|it| &it.at_work);
        let left = !it.active && at >= self.now && !{ works }.any(|work| work.operator == operator);
        !left && !Self::away(&it.absences, at) && self.keeps([it.calendar, self.shop.calendar, None], at)
    }

    fn open(&self, it: &Placement, at: i64) -> bool {
        it.machine.is_none_or(|machine| self.machine_open(machine, at))
            && it.operator.is_none_or(|operator| self.present(operator, at))
    }

    /// Open places of operations that are not over.
    pub(super) fn placed(&self) -> Vec<(&'s Job, &'s Step, &'s Placement)> {
        let placed = self.shop.plan.placements.values();
        let known = placed.filter_map(|it| self.shop.operation(it.of()).map(|(job, step)| (job, step, it)));
        known.filter(|(_, step, _)| !step.is_finished()).collect()
    }

    /// By operation and thing, how long there is too much of it.
    pub(super) fn too_much(&self) -> BTreeMap<(OperationRef, ConflictKind, Resource), i64> {
        let mut found = BTreeMap::new();
        let placed = self.placed();
        let ahead = |it: &Placement| (it.start.as_seconds().max(self.now), it.end.as_seconds());
        for (from, to) in self.pieces(self.now, i64::MAX) {
            let mut there: BTreeMap<(ConflictKind, Resource), Vec<OperationRef>> = BTreeMap::new();
            for (_, step, it) in placed.iter().filter(|(_, _, it)| ahead(it).0 <= from && to <= ahead(it).1) {
                if let Some(machine) = it.machine {
                    there.entry((ConflictKind::Overload, Resource::Machine(machine))).or_default().push(it.of());
                }
                if let Some(operator) = it.operator {
                    let (start, end) = ahead(it);
                    let never = !self.pieces(start, end).any(|piece| self.open(it, piece.0));
                    if never || self.open(it, from) {
                        let on = (ConflictKind::DoubleBooked, Resource::Operator(operator));
                        there.entry(on).or_default().push(it.of());
                    }
                }
                for tool in step.plan.tools.iter().filter(|_| !step.is_outside()) {
                    there.entry((ConflictKind::Tool, Resource::Tool(tool.clone()))).or_default().push(it.of());
                }
            }
            for ((kind, on), all) in there {
                let most = match &on {
                    Resource::Machine(machine) => usize::from(self.shop.machines[machine].rating.capacity),
                    Resource::Tool(tool) => usize::from(self.shop.tools_of(tool)),
                    Resource::Operator(_) => 1,
                };
                for of in all.iter().filter(|_| all.len() > most) {
                    *found.entry((*of, kind, on.clone())).or_default() += to - from;
                }
            }
        }
        found
    }

    /// How long the changeover before an operation is: from the last before it on its machine that has a family that counts.
    pub(super) fn changeover(&self, it: &Placement, turn: impl Fn(OperationRef) -> Option<usize>) -> i64 {
        let (Some(machine), Some((_, own))) = (it.machine, self.shop.operation(it.of())) else { return 0 };
        let machine_row = &self.shop.machines[&machine];
        let Some(table) = self.shop.changeovers.get(&machine_row.work_center) else { return 0 };
        if own.is_running() || machine_row.rating.capacity > 1 {
            return 0;
        }
        let named = |family: &SetupFamily| table.table.iter().any(|it| it.from == *family || it.to == *family);
        let counts = |family: &SetupFamily| {
            self.shop.changeovers.values().flat_map(|it| &it.table).any(|it| it.from == *family || it.to == *family)
        };
        let family = |step: &Step| step.plan.setup_family.clone().filter(|it| counts(it) && !step.is_outside());
        let key = |it: &Placement| (it.start.as_seconds(), it.end.as_seconds(), turn(it.of()));
        let there =
            self.placed().into_iter().filter(|(_, _, other)| other.machine == Some(machine) && key(other) < key(it));
        let last = there.filter_map(|(_, step, other)| Some((key(other), family(step)?))).max_by_key(|it| it.0);
        let (Some((_, from)), Some(to)) = (last, family(own)) else { return 0 };
        let said = table.table.iter().find(|it| it.from == from && it.to == to).map(|it| i64::from(it.seconds));
        let default = if from != to && named(&from) && named(&to) { table.default_seconds.into() } else { 0 };
        said.unwrap_or(default)
    }

    /// Open seconds of a place in a stretch of time.
    fn work(&self, it: &Placement, (from, to): (i64, i64)) -> i64 {
        self.pieces(from, to).filter(|piece| self.open(it, piece.0)).map(|(from, to)| to - from).sum()
    }

    /// Operations outside hours, and operations that are too short in open time; `needed` tells what each works.
    pub(super) fn outside_hours(&self, needed: impl Fn(&Placement) -> Option<i64>) -> [Vec<OperationRef>; 2] {
        let mut found = [Vec::new(), Vec::new()];
        for (_, step, it) in self.placed() {
            let (start, end) = (it.start.as_seconds(), it.end.as_seconds());
            let Some(needed) = needed(it).filter(|needed| *needed > 0) else { continue };
            let pieces: Vec<(i64, i64)> = self.pieces(start.max(self.now), end).collect();
            let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
                found[1].extend((start >= self.now).then_some(it.of()));
                continue;
            };
            if start < self.now && !step.is_begun() {
                continue;
            }
            let closed = |piece: &(i64, i64)| !self.open(it, piece.0);
            let short = self.work(it, (start.max(self.now), end)) < needed;
            let gaps = pieces.iter().any(closed);
            if (start >= self.now && closed(first)) || closed(last) || (short && gaps) {
                found[0].push(it.of());
            } else if short {
                found[1].push(it.of());
            }
        }
        found
    }

    /// When so much of a place has been worked since `from`, counted second by second.
    fn worked(&self, it: &Placement, from: i64, work: i64) -> Option<i64> {
        let mut left = work;
        let mut at = from;
        while left > 0 {
            if at >= it.end.as_seconds() {
                return None;
            }
            let cut = self.cuts.partition_point(|cut| *cut <= at);
            let next = self.cuts[cut].min(it.end.as_seconds());
            if self.open(it, self.cuts[cut - 1].max(at)) {
                let step = left.min(next - at);
                (left, at) = (left - step, at + step);
            } else {
                at = next;
            }
        }
        Some(at)
    }

    /// Operations that don't wait for the one before them.
    pub(super) fn out_of_turn(&self) -> Vec<OperationRef> {
        let mut found = Vec::new();
        for (job, after, it) in self.placed().into_iter().filter(|(_, step, _)| !step.is_begun()) {
            let mut earlier = job.operations.iter().rev().skip_while(|step| step.plan.number >= after.plan.number);
            let Some(before) = earlier.next() else { continue };
            let lag = i64::from(after.plan.min_lag_seconds);
            let mut open: Vec<&Step> = vec![before];
            if before.is_begun() || before.is_finished() {
                // Those before it that are not over, as far as the chain of those that wait reaches.
                let unfinished = earlier.filter(|step| !step.is_finished());
                for step in unfinished {
                    open.push(step);
                    if !step.is_begun() {
                        break;
                    }
                }
            }
            let runs = it.run_start.as_seconds();
            let wrong = open.iter().any(|step| {
                let lag = if std::ptr::eq(*step, before) { lag } else { 0 };
                let most = after.plan.max_lag_seconds.filter(|_| std::ptr::eq(*step, before));
                if step.is_finished() {
                    let end = step.finished_at.unwrap().as_seconds();
                    return runs < end + lag || most.is_some_and(|most| runs > end + i64::from(most));
                }
                let Some(place) = self.shop.plan.placements.get(&job.of(step)) else { return true };
                let end = place.end.as_seconds();
                let batch = after.plan.transfer_batch.zip(job.quantity).filter(|(first, of)| first < of);
                let batch = batch.filter(|_| std::ptr::eq(*step, before));
                let share = |work: i64| {
                    let (first, of) = batch.map_or((1, 1), |(first, of)| (first.as_millionths(), of.as_millionths()));
                    i64::try_from((i128::from(work) * i128::from(first) + i128::from(of) - 1) / i128::from(of)).unwrap()
                };
                let run = place.run_start.as_seconds();
                let first = share(self.work(place, (run, end)));
                let made = if step.is_running() { end } else { self.worked(place, run, first).unwrap_or(end) };
                let made = if batch.is_none() { end } else { made };
                let last = batch.map(|_| share(self.work(it, (runs, it.end.as_seconds()))));
                runs < made + lag
                    || most.is_some_and(|most| runs > end + i64::from(most).max(lag))
                    || last.is_some_and(|last| self.worked(it, end + lag, last).is_none())
            });
            found.extend(wrong.then_some(it.of()));
        }
        found
    }
}
