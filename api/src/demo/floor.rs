//! The sample's machines, people and their hours, and what its products take.

use std::collections::BTreeMap;

use domain::jobs::operation::{OperationName, OperationPlan, RunTime, SkillNeed};
use domain::kernel::{CalendarId, JobId, MachineId, OperatorId, Quantity, TenantId, WorkCenterId};
use domain::machines::machine::{MachineCode, MachineRating, MachineStatus};
use domain::machines::work_center::WorkCenterCode;
use domain::workforce::operator::{OperatorCode, Skill, SkillGrant};
use projections::planning::{CurrentPlan, Machine, Operator, Shop, WorkCenter};

use super::axis::{Axis, DAY};
use super::flow::Draft;
use super::shop::{LAPSING, MACHINES, OPEN_OTHERWISE, OPERATORS, Product, SKILLS, WORK_CENTERS};
use super::{BadSample, away, hours};
use crate::import::survey::number;

/// How well somebody must be able to do what they do.
pub(super) const LEAST_LEVEL: u8 = 2;

/// The shop without work.
pub(super) fn shop(tenant: TenantId, axis: &Axis) -> Result<Shop, BadSample> {
    let mut calendars = BTreeMap::new();
    for rules in hours::calendars(axis)? {
        calendars.insert(CalendarId::from_key(tenant, rules.code.as_str()), rules);
    }
    let machines =
        MACHINES.iter().map(|(code, ..)| Ok((MachineId::from_key(tenant, code), machine(tenant, axis, code)?)));
    let operators =
        OPERATORS.iter().map(|(code, ..)| Ok((OperatorId::from_key(tenant, code), operator(tenant, axis, code)?)));
    Ok(Shop {
        zone: axis.zone.clone(),
        calendar: Some(CalendarId::from_key(tenant, hours::COMPANY)),
        calendars,
        work_centers: WORK_CENTERS
            .iter()
            .map(|(code, ..)| work_center(tenant, code))
            .collect::<Result<_, BadSample>>()?,
        machines: machines.collect::<Result<_, BadSample>>()?,
        operators: operators.collect::<Result<_, BadSample>>()?,
        tools: BTreeMap::new(),
        changeovers: BTreeMap::new(),
        jobs: BTreeMap::new(),
        plan: CurrentPlan::default(),
    })
}

fn work_center(tenant: TenantId, code: &str) -> Result<(WorkCenterId, WorkCenter), BadSample> {
    let (other, hours) = OPEN_OTHERWISE;
    let calendar = (other == code).then(|| CalendarId::from_key(tenant, hours));
    let id = WorkCenterId::from_key(tenant, code);
    Ok((id, WorkCenter { code: WorkCenterCode::try_new(code)?, retired: false, calendar }))
}

fn machine(tenant: TenantId, axis: &Axis, wanted: &str) -> Result<Machine, BadSample> {
    let known = MACHINES.iter().find(|(code, ..)| *code == wanted);
    let (code, _, work_center, speed_percent, _, calendar) = known.copied().unwrap_or(MACHINES[0]);
    let closed = away::maintenance(axis).filter(|(machine, ..)| *machine == code).map(|it| it.1).collect();
    Ok(Machine {
        id: MachineId::from_key(tenant, code),
        code: MachineCode::try_new(code)?,
        work_center: WorkCenterId::from_key(tenant, work_center),
        rating: MachineRating { capacity: 1, speed_percent, hourly_cost: None },
        status: MachineStatus::Available,
        calendar: calendar.map(|hours| CalendarId::from_key(tenant, hours)),
        maintenance: closed,
        overtime: Vec::new(),
    })
}

fn operator(tenant: TenantId, axis: &Axis, wanted: &str) -> Result<Operator, BadSample> {
    let known = OPERATORS.iter().find(|(code, ..)| *code == wanted);
    let (code, _, skills, hours) = known.copied().unwrap_or(OPERATORS[0]);
    let grant = |(skill, level): &(&str, u8)| {
        let lapses = LAPSING.0 == code && LAPSING.1 == *skill;
        let expires = lapses.then(|| axis.at(super::axis::NOW + LAPSING.2 * DAY));
        Ok(SkillGrant { skill: Skill::try_new(skill)?, level: *level, expires })
    };
    Ok(Operator {
        id: OperatorId::from_key(tenant, code),
        code: OperatorCode::try_new(code)?,
        active: true,
        skills: skills.iter().map(grant).collect::<Result<_, BadSample>>()?,
        calendar: Some(CalendarId::from_key(tenant, hours)),
        absences: away::absences(axis).filter(|(who, ..)| *who == code).map(|it| it.1).collect(),
        overtime: Vec::new(),
    })
}

/// The operations of a product.
pub(super) fn routing(tenant: TenantId, (_, routing): Product) -> Result<Vec<OperationPlan>, BadSample> {
    routing.iter().enumerate().map(|(place, operation)| operation_plan(tenant, place, *operation)).collect()
}

fn operation_plan(
    tenant: TenantId,
    place: usize,
    (center, setup, seconds): (&'static str, u32, u32),
) -> Result<OperationPlan, BadSample> {
    let name = WORK_CENTERS.iter().find(|(code, ..)| *code == center).map_or(center, |(_, name, _)| name);
    let skill = SKILLS.iter().find(|(code, _)| *code == center).map_or("packing", |(_, skill)| skill);
    Ok(OperationPlan {
        number: number(place),
        name: OperationName::try_new(name)?,
        work_center: WorkCenterId::from_key(tenant, center),
        setup_seconds: setup * 60,
        run: Quantity::whole(u64::from(seconds)).ok().map(|seconds| RunTime::PerUnit { seconds }),
        alternatives: Vec::new(),
        skill: Some(SkillNeed { skill: Skill::try_new(skill)?, level: LEAST_LEVEL }),
        setup_family: None,
        tools: Vec::new(),
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    })
}

impl Draft {
    /// The order's identity.
    pub(super) fn id(&self, tenant: TenantId) -> JobId {
        JobId::from_key(tenant, &self.number())
    }
}
