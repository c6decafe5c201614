//! A shop for tests: two saws and a mill in one shift, somebody who can saw, and jobs of three operations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::calendars::calendar::{CalendarCode, CalendarName, Rules};
use domain::calendars::hours::{Day, Hours, Shift, ShiftWeek};
use domain::jobs::job::{JobNumber, JobStatus};
use domain::jobs::operation::{OperationName, OperationNumber, OperationPlan, RunTime, SkillNeed};
use domain::kernel::time::later;
use domain::kernel::{CalendarId, JobId, MachineId, OperatorId, Quantity, Timestamp, WorkCenterId};
use domain::machines::machine::{MachineCode, MachineRating, MachineStatus};
use domain::machines::work_center::WorkCenterCode;
use domain::ports::Position;
use domain::scheduling::site_plan::PlanPolicies;
use domain::scheduling::solver::Preset;
use domain::workforce::operator::{OperatorCode, Skill, SkillGrant};
use jiff::tz::TimeZone;
use projections::planning::{CurrentPlan, Job, Machine, Operation, Operator, Options, Shop, WorkCenter};
use projections::tally::Tally;
use uuid::Uuid;

use super::sight::Seen;
use super::{Asked, Direction, Wanted};

const SAWS: WorkCenterId = WorkCenterId(Uuid::from_u128(1));
const MILLS: WorkCenterId = WorkCenterId(Uuid::from_u128(2));
const SHIFT: CalendarId = CalendarId(Uuid::from_u128(3));

/// A Monday, at eight.
pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-03-02T08:00:00Z").unwrap()
}

/// The shop, with so many jobs.
pub(super) fn shop(jobs: u32) -> Shop {
    let center =
        |code: &str| WorkCenter { code: WorkCenterCode::try_new(code).unwrap(), retired: false, calendar: Some(SHIFT) };
    let machines = [(1, "SAW-1", SAWS), (2, "SAW-2", SAWS), (3, "MILL-1", MILLS)];
    Shop {
        zone: TimeZone::UTC,
        calendar: None,
        calendars: BTreeMap::from([(SHIFT, shift())]),
        work_centers: BTreeMap::from([(SAWS, center("SAWS")), (MILLS, center("MILLS"))]),
        machines: machines.map(|(id, code, place)| (MachineId(Uuid::from_u128(id)), machine(id, code, place))).into(),
        operators: BTreeMap::from([(OperatorId(Uuid::from_u128(9)), sawyer())]),
        tools: BTreeMap::new(),
        changeovers: BTreeMap::new(),
        jobs: (0..jobs).map(|number| (JobId(Uuid::from_u128(number.into())), job(number))).collect(),
        plan: CurrentPlan::default(),
    }
}

/// A shop at a moment.
pub(super) fn seen(shop: Shop, now: Timestamp) -> Seen {
    Seen { shop, agreed: 0, policies: PlanPolicies::default(), now, position: Position(0), revision: None }
}

/// A run of so many jobs that may take so long.
pub(super) fn asked(jobs: u32, seconds: u64) -> Asked {
    let wanted = Wanted {
        preset: None,
        weights: None,
        seed: 1,
        time: Duration::from_secs(seconds),
        direction: Direction::Forward,
        scenario: None,
    };
    let shop = Arc::new(shop(jobs));
    let planning = shop.problem(now(), &Options::default()).expect("a problem");
    Asked { wanted, weights: Preset::OnTimeFirst.weights(), planning, shop, based_on: 0 }
}

fn shift() -> Rules {
    let hours = |from: &str, to: &str| Hours { from: from.parse().unwrap(), to: to.parse().unwrap() };
    let day = |day| Shift { day, hours: hours("08:00", "16:00"), breaks: vec![hours("12:00", "12:30")], name: None };
    Rules {
        code: CalendarCode::try_new("DAY").unwrap(),
        name: CalendarName::try_new("day shift").unwrap(),
        zone: None,
        shifts: ShiftWeek::new(Day::ALL.into_iter().take(5).map(day).collect()).unwrap(),
        days: BTreeMap::new(),
    }
}

fn machine(id: u128, code: &str, work_center: WorkCenterId) -> Machine {
    Machine {
        id: MachineId(Uuid::from_u128(id)),
        code: MachineCode::try_new(code).unwrap(),
        work_center,
        rating: MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None },
        status: MachineStatus::Available,
        calendar: None,
        maintenance: Vec::new(),
        overtime: Vec::new(),
    }
}

fn sawing() -> Skill {
    Skill::try_new("sawing").unwrap()
}

fn sawyer() -> Operator {
    Operator {
        id: OperatorId(Uuid::from_u128(9)),
        code: OperatorCode::try_new("P-9").unwrap(),
        active: true,
        skills: vec![SkillGrant { skill: sawing(), level: 3, expires: None }],
        calendar: Some(SHIFT),
        absences: Vec::new(),
        overtime: Vec::new(),
    }
}

fn job(number: u32) -> Job {
    let steps =
        [(SAWS, 10 + number % 7 * 5, true), (MILLS, 20 + number % 5 * 9, false), (SAWS, 5 + number % 3 * 10, true)];
    Job {
        id: JobId(Uuid::from_u128(number.into())),
        number: JobNumber::try_new(&format!("J-{number}")).unwrap(),
        status: JobStatus::Pending,
        priority: 50,
        quantity: Some(Quantity::whole(1).unwrap()),
        release: None,
        due: Some(later(now(), i64::from(900 + number * 60) * 60)),
        created_at: now(),
        operations: (1..).zip(steps).map(|(at, step)| operation(10 * at, step)).collect(),
    }
}

fn operation(number: u16, (work_center, minutes, sawn): (WorkCenterId, u32, bool)) -> Operation {
    let plan = OperationPlan {
        number: OperationNumber(number),
        name: OperationName::try_new("step").unwrap(),
        work_center,
        setup_seconds: 300,
        run: Some(RunTime::PerUnit { seconds: Quantity::whole(u64::from(minutes) * 60).unwrap() }),
        alternatives: Vec::new(),
        skill: sawn.then(|| SkillNeed { skill: sawing(), level: 2 }),
        setup_family: None,
        tools: Vec::new(),
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    };
    Operation {
        plan,
        assigned: Vec::new(),
        began_at: None,
        finished_at: None,
        worked_until: None,
        at_work: Vec::new(),
        is_blocked: false,
        made: Tally::default(),
    }
}
