//! Small random shops with everything that planning looks at, around days on which the clocks change.

use std::collections::BTreeMap;

use domain::calendars::calendar::{CalendarCode, CalendarName, Rules, SpecialDay};
use domain::calendars::hours::{Day, Hours, LocalDate, Shift, ShiftWeek};
use domain::jobs::job::{JobNumber, JobStatus};
use domain::jobs::operation::{Alternative, OperationName, OperationNumber, OperationPlan, Phase, RunTime, SkillNeed};
use domain::kernel::interval::Interval;
use domain::kernel::time::later;
use domain::kernel::{CalendarId, JobId, MachineId, OperatorId, Quantity, Timestamp, ToolId, WorkCenterId};
use domain::machines::changeover::{Changeover, Changeovers, SetupFamily};
use domain::machines::machine::{MachineCode, MachineRating, MachineStatus};
use domain::machines::tool::ToolCode;
use domain::machines::work_center::{Reason, WorkCenterCode};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::Pin;
use domain::tenancy::company::ZoneName;
use domain::workforce::operator::{OperatorCode, Skill, SkillGrant};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use uuid::Uuid;

use super::shop::{CurrentPlan, Job, Machine, Operation, Operator, Shop, Tool, WorkCenter};
use crate::at_work::WorkNow;
use crate::tally::Tally;

/// So many random shops, the same on every run: what is found must not depend on the day. `PROPTEST_CASES` asks for another number of
/// them than this, `PROPTEST_RNG_SEED` for others.
pub(super) fn cases(cases: u32) -> ProptestConfig {
    // What proptest does where nobody asks.
    const PLAIN: u32 = 256;
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let cases = if asked.cases == PLAIN { cases } else { asked.cases };
    let rng_seed = if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(6) } else { asked.rng_seed };
    ProptestConfig { cases, rng_seed, ..asked }
}

/// Days before the clocks change somewhere, and an ordinary one.
const DAYS: [&str; 4] = ["2026-03-27", "2026-04-03", "2026-10-23", "2026-06-10"];
const ZONES: [&str; 4] = ["Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "UTC"];

pub(super) const fn work_center(number: u128) -> WorkCenterId {
    WorkCenterId(Uuid::from_u128(0xc0 + number))
}

pub(super) const fn machine_id(number: u128) -> MachineId {
    MachineId(Uuid::from_u128(0xa0 + number))
}

pub(super) const fn operator_id(number: u128) -> OperatorId {
    OperatorId(Uuid::from_u128(0xe0 + number))
}

pub(super) const fn tool_id(number: u128) -> ToolId {
    ToolId(Uuid::from_u128(0xf0 + number))
}

pub(super) const fn job_id(number: u128) -> JobId {
    JobId(Uuid::from_u128(0x100 + number))
}

pub(super) fn amount(text: &str) -> Quantity {
    text.parse().unwrap()
}

/// Chance from a seed, the same on every run.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) % limit
    }

    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn seconds(&mut self, below: u64) -> i64 {
        i64::try_from(self.below(below)).unwrap()
    }
}

/// A shop, and the instant at which it is looked at.
pub(super) fn shop(seed: u64) -> (Shop, Timestamp) {
    let chance = &mut Chance(seed);
    let zone = TimeZone::get(chance.one_of(&ZONES)).unwrap();
    let date: jiff::civil::Date = chance.one_of(&DAYS).parse().unwrap();
    let midnight: Timestamp = date.to_zoned(zone.clone()).unwrap().timestamp().into();
    let now = later(midnight, chance.seconds(2 * 86_400));
    let now = Timestamp::from_micros(now.as_micros() + chance.seconds(1_000_000)).unwrap();
    let calendar_of_company = chance.once_in(2).then(|| CalendarId(Uuid::from_u128(1)));
    let mut shop = Shop {
        zone,
        calendar: calendar_of_company,
        calendars: (0..3).map(|it| (CalendarId(Uuid::from_u128(it)), calendar(it, date, chance))).collect(),
        work_centers: BTreeMap::new(),
        machines: BTreeMap::new(),
        operators: BTreeMap::new(),
        tools: BTreeMap::new(),
        changeovers: BTreeMap::new(),
        jobs: BTreeMap::new(),
        plan: CurrentPlan::default(),
    };
    shop.work_centers = (0..3).map(|it| (work_center(it), center(it, chance))).collect();
    shop.machines = (0..5).map(|it| (machine_id(it), machine(it, now, chance))).collect();
    shop.operators = (0..4).map(|it| (operator_id(it), operator(it, now, chance))).collect();
    shop.jobs = (0..6).map(|it| (job_id(it), job(it, now, chance))).collect();
    people_are_in_one_place(&mut shop);
    shop.tools = tools(chance);
    shop.changeovers = (0..2).map(|it| (work_center(it), changeovers(chance))).collect();
    shop.plan = plan(&shop, now, chance);
    (shop, now)
}

fn center(number: u128, chance: &mut Chance) -> WorkCenter {
    let code = WorkCenterCode::try_new(&format!("C{number}")).unwrap();
    WorkCenter { code, retired: number == 2 && chance.once_in(3), calendar: some_calendar(chance, 3) }
}

fn some_calendar(chance: &mut Chance, once_in: u64) -> Option<CalendarId> {
    chance.once_in(once_in).then(|| CalendarId(Uuid::from_u128(chance.below(3).into())))
}

fn calendar(number: u128, date: jiff::civil::Date, chance: &mut Chance) -> Rules {
    let time = |hour: u64| format!("{:02}:00", hour % 24).parse().unwrap();
    let hours = |from, to| Hours { from: time(from), to: time(to) };
    let from = [6, 14, 22][usize::try_from(number).unwrap()] + chance.below(2);
    let shift = |day| Shift { day, hours: hours(from, from + 8), breaks: vec![hours(from + 4, from + 5)], name: None };
    let days = Day::ALL.into_iter().take(5 + usize::try_from(chance.below(3)).unwrap());
    let holiday = LocalDate(date.checked_add(i64::try_from(chance.below(5)).unwrap().days()).unwrap());
    let special = SpecialDay { date: holiday, open: vec![hours(10, 12)], name: None };
    Rules {
        code: CalendarCode::try_new(&format!("K{number}")).unwrap(),
        name: CalendarName::try_new("shifts").unwrap(),
        zone: chance.once_in(3).then(|| ZoneName::try_new(chance.one_of(&ZONES)).unwrap()),
        shifts: ShiftWeek::new(days.map(shift).collect()).unwrap(),
        days: chance.once_in(2).then_some((holiday, special)).into_iter().collect(),
    }
}

fn window(now: Timestamp, chance: &mut Chance) -> Interval {
    let from = later(now, chance.seconds(3 * 86_400) - 7_200);
    Interval { from, until: later(from, 600 + chance.seconds(86_400)) }
}

fn machine(number: u128, now: Timestamp, chance: &mut Chance) -> Machine {
    use MachineStatus::{Available, Down, Maintenance, Retired};
    Machine {
        id: machine_id(number),
        code: MachineCode::try_new(&format!("M{number}")).unwrap(),
        work_center: work_center(number % 3),
        rating: MachineRating {
            capacity: chance.one_of(&[1, 1, 1, 2, 3]),
            speed_percent: chance.one_of(&[50, 100, 100, 130]),
            hourly_cost: chance.once_in(2).then(|| amount("40")),
        },
        status: chance.one_of(&[Available, Available, Available, Available, Down, Maintenance, Retired]),
        calendar: some_calendar(chance, 4),
        maintenance: if chance.once_in(3) { vec![window(now, chance)] } else { Vec::new() },
        overtime: Vec::new(),
    }
}

/// How many there are of tools that somebody set up; nobody set up `T3`.
fn tools(chance: &mut Chance) -> BTreeMap<ToolCode, Tool> {
    let counts = [chance.one_of(&[0, 1, 2]), chance.one_of(&[1, 2, 3])];
    let counted = (0..).zip(counts).map(|(it, count)| Tool { id: tool_id(it), count });
    ["T1", "T2"].into_iter().map(tool).zip(counted).collect()
}

/// Of three families; nobody says anything of `PLAIN`.
fn changeovers(chance: &mut Chance) -> Changeovers {
    let families = ["RED", "BLUE", "WHITE"].map(family);
    let pairs = families.iter().flat_map(|from| families.iter().map(move |to| (from.clone(), to.clone())));
    let table = pairs.filter(|_| !chance.once_in(3)).collect::<Vec<_>>();
    let seconds = [0, 600, 3_600, 20_000];
    let table = table.into_iter().map(|(from, to)| Changeover { from, to, seconds: chance.one_of(&seconds) }).collect();
    Changeovers { default_seconds: chance.one_of(&[0, 1_200]), table }
}

fn family(code: &str) -> SetupFamily {
    SetupFamily::try_new(code).unwrap()
}

fn tool(code: &str) -> ToolCode {
    ToolCode::try_new(code).unwrap()
}

fn skill(name: &str) -> Skill {
    Skill::try_new(name).unwrap()
}

fn operator(number: u128, now: Timestamp, chance: &mut Chance) -> Operator {
    let held = ["turning", "grinding"].into_iter().filter(|_| !chance.once_in(4)).collect::<Vec<_>>();
    let grant = |name: &str, chance: &mut Chance| SkillGrant {
        skill: skill(name),
        level: u8::try_from(1 + chance.below(4)).unwrap(),
        expires: chance.once_in(4).then(|| later(now, chance.seconds(20 * 86_400))),
    };
    Operator {
        id: operator_id(number),
        code: OperatorCode::try_new(&format!("P{number}")).unwrap(),
        active: !chance.once_in(6),
        skills: held.into_iter().map(|name| grant(name, chance)).collect(),
        calendar: some_calendar(chance, 2),
        absences: if chance.once_in(3) { vec![window(now, chance)] } else { Vec::new() },
        overtime: Vec::new(),
    }
}

fn job(number: u128, now: Timestamp, chance: &mut Chance) -> Job {
    use JobStatus::{Blocked, Paused, Pending, Running};
    let id = job_id(number);
    let created_at = later(now, -chance.seconds(10 * 86_400));
    let quantity = (!chance.once_in(8)).then(|| Quantity::whole(1 + chance.below(60)).unwrap());
    let begun = chance.below(4);
    let count = 1 + chance.below(4);
    let operations = (0..count).map(|it| operation((id, it), now, (begun.cmp(&it), quantity), chance)).collect();
    Job {
        id,
        number: JobNumber::try_new(&format!("J-{number}")).unwrap(),
        status: chance.one_of(&[Pending, Running, Paused, Blocked]),
        priority: u8::try_from(1 + chance.below(100)).unwrap(),
        quantity,
        release: chance.once_in(3).then(|| later(now, chance.seconds(2 * 86_400))),
        due: (!chance.once_in(4)).then(|| later(now, chance.seconds(5 * 86_400))),
        created_at,
        operations,
    }
}

fn operation(
    (job, place): (JobId, u64),
    now: Timestamp,
    (turn, quantity): (std::cmp::Ordering, Option<Quantity>),
    chance: &mut Chance,
) -> Operation {
    let plan = plan_of(u16::try_from(10 * place + 10).unwrap(), quantity, chance);
    let assigned = if chance.once_in(5) { vec![operator_id(chance.below(4).into())] } else { Vec::new() };
    let mut operation = Operation {
        plan,
        assigned,
        began_at: None,
        finished_at: None,
        worked_until: None,
        at_work: Vec::new(),
        is_blocked: false,
        made: Tally::default(),
    };
    // What comes first is over, mostly; what has its turn is running, or was left.
    if chance.once_in(3) || turn == std::cmp::Ordering::Less {
        return operation;
    }
    let began = later(now, -1_000 - chance.seconds(40_000));
    operation.began_at = Some(began);
    if turn == std::cmp::Ordering::Greater {
        operation.finished_at = Some(later(began, 900));
    } else if chance.once_in(3) {
        operation.made = Tally { good: amount("1"), run_micros: 600_000_000, ..Tally::default() };
        operation.worked_until = Some(later(began, 600));
    } else {
        let phase = chance.one_of(&[Phase::Setup, Phase::Run]);
        let machine = (!chance.once_in(3)).then(|| machine_id(chance.below(5).into()));
        let (work_center, operator) = (operation.plan.work_center, operator_id(chance.below(4).into()));
        let operation_number = operation.plan.number;
        operation.at_work =
            vec![WorkNow { job, operation: operation_number, work_center, machine, operator, phase, since: began }];
    }
    operation
}

fn plan_of(number: u16, quantity: Option<Quantity>, chance: &mut Chance) -> OperationPlan {
    let seconds = amount(&(1 + chance.below(500)).to_string());
    let run = match chance.below(5) {
        0 => None,
        1 => Some(RunTime::PerBatch { size: amount("7.5"), seconds }),
        _ => Some(RunTime::PerUnit { seconds }),
    };
    let elsewhere = Alternative { work_center: work_center(chance.below(4).into()), setup_seconds: 900, run: None };
    let need = SkillNeed { skill: skill(chance.one_of(&["turning", "grinding"])), level: 2 };
    OperationPlan {
        number: OperationNumber(number),
        name: OperationName::try_new("step").unwrap(),
        work_center: work_center(chance.below(3).into()),
        setup_seconds: chance.one_of(&[0, 600, 1_800]),
        run,
        alternatives: if chance.once_in(3) { vec![elsewhere] } else { Vec::new() },
        skill: chance.once_in(2).then_some(need),
        setup_family: (!chance.once_in(3)).then(|| family(chance.one_of(&["RED", "BLUE", "WHITE", "PLAIN"]))),
        tools: ["T1", "T2", "T3"].into_iter().filter(|_| chance.once_in(5)).map(tool).collect(),
        min_lag_seconds: chance.one_of(&[0, 0, 3_600]),
        max_lag_seconds: chance.once_in(9).then_some(4 * 86_400),
        transfer_batch: quantity.filter(|_| chance.once_in(4)).map(|_| amount("2.5")),
        outside_lead_seconds: chance.once_in(8).then_some(86_400),
        instructions: None,
    }
}

/// Whoever is at work twice on one machine of capacity 1 is moved off it: the floor does not do that.
fn people_are_in_one_place(shop: &mut Shop) {
    let mut machines = std::collections::HashMap::new();
    for work in shop.jobs.values_mut().flat_map(|job| &mut job.operations).flat_map(|it| &mut it.at_work) {
        let Some(machine) = work.machine else { continue };
        let on: &mut u16 = machines.entry(machine).or_default();
        *on += 1;
        if *on > shop.machines[&machine].rating.capacity {
            work.machine = None;
        }
    }
}

/// Some operations where somebody may have put them by hand, some of them pinned.
fn plan(shop: &Shop, now: Timestamp, chance: &mut Chance) -> CurrentPlan {
    let mut plan = CurrentPlan { version: 7, ..CurrentPlan::default() };
    for (job, operation) in shop.jobs.values().flat_map(|job| job.operations.iter().map(move |it| (job, it))) {
        if (operation.is_finished() && chance.below(4) > 0) || chance.once_in(2) {
            continue;
        }
        let of = job.of(operation);
        let start = later(now, chance.seconds(3 * 86_400) - 3_600);
        let start = Timestamp::from_micros(start.as_seconds() * 1_000_000).unwrap();
        let run_start = later(start, chance.seconds(2_000));
        plan.placements.insert(of, placement(of, (start, run_start, later(run_start, chance.seconds(30_000))), chance));
        if chance.once_in(4) {
            let until = chance.once_in(2).then(|| later(now, chance.seconds(7_200) - 3_600));
            plan.pins.insert(of, Pin { reason: Reason::try_new("promised").unwrap(), until });
        }
    }
    plan
}

fn placement(
    of: OperationRef,
    (start, run_start, end): (Timestamp, Timestamp, Timestamp),
    chance: &mut Chance,
) -> Placement {
    let machine = (!chance.once_in(9)).then(|| machine_id(chance.below(5).into()));
    let operator = chance.once_in(2).then(|| operator_id(chance.below(4).into()));
    Placement { job: of.job, operation: of.operation, machine, operator, start, run_start, end }
}
