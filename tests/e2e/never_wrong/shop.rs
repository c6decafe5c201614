//! Random shops, as people would enter them: around days on which the clocks change, with nights, several zones, machines that take
//! more than one thing, skills that expire, absences, maintenance, lags, transfer batches and alternatives.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tests::shops::Dice;

/// Days before the clocks change somewhere, and an ordinary one.
const DAYS: [&str; 4] = ["2026-03-27", "2026-04-03", "2026-10-23", "2026-06-10"];
const ZONES: [&str; 4] = ["Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "UTC"];
pub(super) const SKILLS: [&str; 2] = ["turning", "grinding"];
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Seconds since 1970.
pub(super) type Instant = i64;
/// From one instant up to another.
pub(super) type Stretch = (Instant, Instant);
/// Minutes since midnight; to at or before from is the next day.
pub(super) type Hours = (u16, u16);

/// A shop and its work. Things are named by their place.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) zone: &'static str,
    pub(super) now: Instant,
    pub(super) calendar: Option<usize>,
    pub(super) calendars: Vec<Calendar>,
    /// By work center, its calendar.
    pub(super) centers: Vec<Option<usize>>,
    pub(super) machines: Vec<Machine>,
    pub(super) operators: Vec<Operator>,
    pub(super) jobs: Vec<Job>,
    /// The first operation of this job is at work: on which machine, by whom, since when.
    pub(super) running: Option<(usize, usize, usize, Instant)>,
}

#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) zone: Option<&'static str>,
    /// The first days of the week that it has shifts on.
    pub(super) days: u32,
    pub(super) shifts: Vec<(Hours, Option<Hours>)>,
    pub(super) special: Option<(Date, Vec<Hours>)>,
}

#[derive(Debug)]
pub(super) struct Machine {
    pub(super) center: usize,
    pub(super) capacity: u32,
    pub(super) speed: i64,
    pub(super) calendar: Option<usize>,
    pub(super) maintenance: Option<Stretch>,
    pub(super) down: bool,
}

#[derive(Debug)]
pub(super) struct Operator {
    pub(super) calendar: Option<usize>,
    /// By skill, its level and when it expires.
    pub(super) skills: [Option<(u32, Option<Instant>)>; 2],
    pub(super) absence: Option<Stretch>,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) quantity: i64,
    pub(super) priority: u32,
    pub(super) release: Option<Instant>,
    pub(super) due: Option<Instant>,
    pub(super) operations: Vec<Operation>,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) center: usize,
    pub(super) setup: i64,
    pub(super) run: Option<Run>,
    /// Where else, with which setup.
    pub(super) alternative: Option<(usize, i64)>,
    /// Which skill, at which level.
    pub(super) skill: Option<(usize, u32)>,
    pub(super) assigned: Option<usize>,
    pub(super) tool: bool,
    pub(super) min_lag: i64,
    pub(super) max_lag: Option<i64>,
    pub(super) transfer: Option<i64>,
    /// Seconds that it is outside the house.
    pub(super) outside: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    PerUnit(i64),
    PerBatch(i64, i64),
}

pub(super) const fn number(place: usize) -> usize {
    10 * place + 10
}

impl Operation {
    pub(super) fn needs_somebody(&self) -> bool {
        self.outside.is_none() && (self.skill.is_some() || self.assigned.is_some())
    }
}

/// The shop of a seed, the same on every machine.
pub(super) fn shop(seed: u64) -> Shop {
    let dice = &mut Dice(seed);
    let zone = ZONES[dice.below(4) as usize];
    let date: Date = DAYS[dice.below(4) as usize].parse().expect("a day");
    let midnight = date.to_zoned(TimeZone::get(zone).expect("a zone")).expect("a midnight").timestamp().as_second();
    let now = midnight + i64::from(dice.below(2 * 86_400));
    let calendars = (0..3).map(|it| calendar(it, date, dice)).collect();
    let centers = (0..3).map(|_| maybe(dice, 33, |dice| dice.below(3) as usize)).collect();
    let machines = (0..5).map(|it| machine(it, now, dice)).collect();
    let operators = (0..4).map(|_| operator(now, dice)).collect();
    let calendar = maybe(dice, 50, |dice| dice.below(3) as usize);
    let mut shop =
        Shop { zone, now, calendar, calendars, centers, machines, operators, jobs: Vec::new(), running: None };
    shop.jobs = (0..dice.between(3, 6)).map(|_| job(&shop, dice)).collect();
    shop.running = running(&shop, dice);
    shop
}

fn maybe<T>(dice: &mut Dice, percent: u32, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    dice.chance(percent).then(|| make(dice))
}

/// Early, late or at night; the late shift may end at midnight, and the night shift lasts over the hour that the clocks show twice.
fn calendar(place: usize, date: Date, dice: &mut Dice) -> Calendar {
    let at = |hour: u32| u16::try_from(hour % 24 * 60).expect("minutes");
    let from = [6, 15, 22][place] + dice.below(2);
    let shift = ((at(from), at(from + 8)), maybe(dice, 70, |_| (at(from + 4), at(from + 5))));
    let open = if dice.chance(50) { vec![(at(10), at(12))] } else { Vec::new() };
    let special =
        maybe(dice, 50, |dice| (date.checked_add(jiff::Span::new().days(dice.below(5))).expect("a day"), open));
    let half = maybe(dice, 20, |_| ((at(from + 9), at(from + 11) + 30), None));
    Calendar {
        zone: maybe(dice, 30, |dice| ZONES[dice.below(4) as usize]),
        days: dice.between(5, 7),
        shifts: std::iter::once(shift).chain(half).collect(),
        special,
    }
}

fn window(now: Instant, dice: &mut Dice) -> Stretch {
    let from = now + i64::from(dice.below(3 * 86_400));
    (from, from + 600 + i64::from(dice.below(86_400)))
}

fn machine(place: usize, now: Instant, dice: &mut Dice) -> Machine {
    Machine {
        center: place % 3,
        capacity: [1, 1, 2, 3][dice.below(4) as usize],
        speed: [50, 100, 100, 130][dice.below(4) as usize],
        calendar: maybe(dice, 25, |dice| dice.below(3) as usize),
        maintenance: maybe(dice, 33, |dice| window(now, dice)),
        down: dice.chance(12),
    }
}

fn operator(now: Instant, dice: &mut Dice) -> Operator {
    let mut skill = || {
        maybe(dice, 75, |dice| {
            (dice.between(1, 4), maybe(dice, 25, |dice| now + 60 + i64::from(dice.below(20 * 86_400))))
        })
    };
    let skills = [skill(), skill()];
    Operator {
        calendar: maybe(dice, 50, |dice| dice.below(3) as usize),
        skills,
        absence: maybe(dice, 33, |dice| window(now, dice)),
    }
}

fn job(shop: &Shop, dice: &mut Dice) -> Job {
    let quantity = i64::from(dice.between(1, 60));
    let operations = (0..dice.between(1, 4)).map(|_| operation(shop, quantity, dice)).collect();
    Job {
        quantity,
        priority: dice.between(1, 100),
        release: maybe(dice, 33, |dice| shop.now + i64::from(dice.below(2 * 86_400))),
        due: maybe(dice, 75, |dice| shop.now + i64::from(dice.below(5 * 86_400))),
        operations,
    }
}

fn operation(shop: &Shop, quantity: i64, dice: &mut Dice) -> Operation {
    let seconds = i64::from(dice.between(1, 500));
    let run = match dice.below(5) {
        0 => None,
        1 => Some(Run::PerBatch(7, seconds)),
        _ => Some(Run::PerUnit(seconds)),
    };
    let skill = maybe(dice, 50, |dice| (dice.below(2) as usize, 2));
    let able = |it: &usize| {
        let held = skill.map(|(which, level)| shop.operators[*it].skills[which].filter(|held| held.0 >= level));
        held.is_none_or(|held| held.is_some_and(|(_, expires)| expires.is_none()))
    };
    let named = dice.below(4) as usize;
    Operation {
        center: dice.below(3) as usize,
        setup: [0, 600, 1_800][dice.below(3) as usize],
        run,
        alternative: maybe(dice, 33, |dice| (dice.below(3) as usize, 900)),
        skill,
        assigned: maybe(dice, 20, |_| named).filter(able),
        tool: dice.chance(25),
        min_lag: [0, 0, HOUR][dice.below(3) as usize],
        max_lag: maybe(dice, 11, |_| 4 * DAY),
        transfer: maybe(dice, 25, |_| 3).filter(|batch| *batch < quantity),
        outside: maybe(dice, 12, |_| DAY),
    }
}

/// Somebody who can is at work on the first operation of a job, on a machine where that can be done.
fn running(shop: &Shop, dice: &mut Dice) -> Option<(usize, usize, usize, Instant)> {
    if !dice.chance(40) {
        return None;
    }
    let at = shop.jobs.iter().position(|job| job.operations[0].outside.is_none())?;
    let first = &shop.jobs[at].operations[0];
    let machine = shop.machines.iter().position(|it| it.center == first.center && !it.down)?;
    let able = |it: &Operator| {
        let held = first.skill.map(|(which, level)| it.skills[which].filter(|held| held.0 >= level));
        held.is_none_or(|held| held.is_some())
    };
    let operator = first.assigned.or_else(|| shop.operators.iter().position(able))?;
    Some((at, machine, operator, shop.now - i64::from(dice.between(60, 3_000))))
}
