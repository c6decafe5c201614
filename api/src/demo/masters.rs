//! The commands that set the sample company up.

use domain::calendars::calendar::{CalendarCommand, Rules};
use domain::kernel::person::FullName;
use domain::kernel::{
    CalendarId, CommandId, DataClass, MachineId, OperatorId, Personal, Quantity, SubjectId, TenantId, Timestamp,
    WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineCommand, MachineName, MachineRating, MachineStatus};
use domain::machines::work_center::{AreaName, Reason, WorkCenterCode, WorkCenterCommand, WorkCenterName};
use domain::run::Command;
use domain::tenancy::company::{CompanyCommand, CompanyName, ZoneName};
use domain::workforce::operator::{OperatorCode, OperatorCommand, Skill, SkillGrant};

use super::axis::{Axis, DAY, NOW};
use super::shop::{LAPSING, MACHINES, OPEN_OTHERWISE, OPERATORS, WORK_CENTERS};
use super::{BadSample, COMPANY, DOWN, ZONE, away, hours, named, step};
use crate::import::plan::Step;

/// The command with which all begins.
pub(super) fn opening(tenant: TenantId) -> CommandId {
    named(tenant.0, "open")
}

/// The company and its work centers; nothing else can be set up before them.
pub(super) fn company(tenant: TenantId, since: Timestamp) -> Result<Vec<Step>, BadSample> {
    let open = CompanyCommand::Open { name: CompanyName::try_new(COMPANY)?, zone: ZoneName::try_new(ZONE)? };
    let mut steps = vec![step(tenant.0, "open", Command::Company(open), since)];
    for (code, name, area) in WORK_CENTERS {
        let id = WorkCenterId::from_key(tenant, code);
        let create = WorkCenterCommand::Create {
            code: WorkCenterCode::try_new(code)?,
            name: WorkCenterName::try_new(name)?,
            area: Some(AreaName::try_new(area)?),
        };
        steps.push(step(id.0, "create", Command::WorkCenter(id, create), since));
    }
    Ok(steps)
}

/// When the company works: calendars, and whose is the company's own. Stage after stage, as one is asked for the other.
pub(super) fn hours(tenant: TenantId, axis: &Axis) -> Result<[Vec<Step>; 2], BadSample> {
    let since = axis.at(0);
    let mut calendars = Vec::new();
    for rules in hours::calendars(axis)? {
        let id = CalendarId::from_key(tenant, rules.code.as_str());
        let Rules { code, name, zone, shifts, days } = rules;
        let create = CalendarCommand::Create { code, name, zone, shifts: shifts.shifts().to_vec() };
        calendars.push(step(id.0, "create", Command::Calendar(id, Box::new(create)), since));
        if !days.is_empty() {
            let special = CalendarCommand::SetDays(days.into_values().collect());
            calendars.push(step(id.0, "holidays", Command::Calendar(id, Box::new(special)), since));
        }
    }
    let own = CompanyCommand::SetCalendar(Some(CalendarId::from_key(tenant, hours::COMPANY)));
    let (center, calendar) = OPEN_OTHERWISE;
    let id = WorkCenterId::from_key(tenant, center);
    let otherwise = WorkCenterCommand::SetCalendar(Some(CalendarId::from_key(tenant, calendar)));
    let given = vec![
        step(tenant.0, "hours", Command::Company(own), since),
        step(id.0, "hours", Command::WorkCenter(id, otherwise), since),
    ];
    Ok([calendars, given])
}

/// Machines, with their hours and maintenance.
pub(super) fn machines(tenant: TenantId, axis: &Axis) -> Result<Vec<Step>, BadSample> {
    let since = axis.at(0);
    let mut steps = Vec::new();
    for (code, name, work_center, speed_percent, cost, calendar) in MACHINES {
        let id = MachineId::from_key(tenant, code);
        let register = MachineCommand::Register {
            code: MachineCode::try_new(code)?,
            name: MachineName::try_new(name)?,
            work_center: WorkCenterId::from_key(tenant, work_center),
            rating: MachineRating { capacity: 1, speed_percent, hourly_cost: Quantity::whole(cost).ok() },
        };
        steps.push(step(id.0, "register", Command::Machine(id, register), since));
        if let Some(calendar) = calendar {
            let hours = MachineCommand::SetCalendar(Some(CalendarId::from_key(tenant, calendar)));
            steps.push(step(id.0, "hours", Command::Machine(id, hours), since));
        }
    }
    for (code, when, reason) in away::maintenance(axis) {
        let id = MachineId::from_key(tenant, code);
        let command = Command::Machine(id, away::planned((when, reason))?);
        steps.push(step(id.0, "maintenance", command, axis.at(NOW - 3 * DAY)));
    }
    Ok(steps)
}

/// People, with their skills, hours and absences.
pub(super) fn people(tenant: TenantId, axis: &Axis) -> Result<Vec<Step>, BadSample> {
    let since = axis.at(0);
    let mut steps = Vec::new();
    for (code, name, skills, calendar) in OPERATORS {
        let id = OperatorId::from_key(tenant, code);
        let mut ask = |intention: &str, command| {
            steps.push(step(id.0, intention, Command::Operator(id, command), since));
        };
        let value = FullName::try_new(name)?;
        let name = Personal::Clear { subject: SubjectId(id.0), class: DataClass::Identity, value };
        ask("register", OperatorCommand::Register { code: OperatorCode::try_new(code)?, name: Some(name), user: None });
        ask("hours", OperatorCommand::SetCalendar(Some(CalendarId::from_key(tenant, calendar))));
        for (skill, level) in skills {
            let lapses = LAPSING.0 == code && LAPSING.1 == *skill;
            let expires = lapses.then(|| axis.at(NOW + LAPSING.2 * DAY));
            let grant = SkillGrant { skill: Skill::try_new(skill)?, level: *level, expires };
            ask(skill, OperatorCommand::GrantSkill(grant));
        }
        for (_, when, kind) in away::absences(axis).filter(|(who, ..)| *who == code) {
            ask("absence", away::told((when, kind)));
        }
    }
    Ok(steps)
}

/// A machine breaks; nothing can be started on it from then on.
pub(super) fn breakdown(tenant: TenantId, at: Timestamp) -> Result<Step, BadSample> {
    let (code, why) = DOWN;
    let id = MachineId::from_key(tenant, code);
    let status = MachineCommand::ChangeStatus { status: MachineStatus::Down, reason: Some(Reason::try_new(why)?) };
    Ok(step(id.0, "down", Command::Machine(id, status), at))
}

/// A last command, whose event says that all others were run.
pub(super) fn last_touch(tenant: TenantId, loaded: CommandId, at: Timestamp) -> Result<Step, BadSample> {
    let id = WorkCenterId::from_key(tenant, "PACK");
    let rename = WorkCenterCommand::Rename(WorkCenterName::try_new("Packing and dispatch")?);
    Ok(Step::new(Command::WorkCenter(id, rename), loaded, at))
}
