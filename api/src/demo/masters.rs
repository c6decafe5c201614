//! The commands that set the sample company up.

use domain::kernel::person::FullName;
use domain::kernel::{
    CommandId, DataClass, MachineId, OperatorId, Personal, Quantity, SubjectId, TenantId, Timestamp, WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineCommand, MachineName, MachineRating, MachineStatus};
use domain::machines::work_center::{AreaName, Reason, WorkCenterCode, WorkCenterCommand, WorkCenterName};
use domain::run::Command;
use domain::tenancy::company::{CompanyCommand, CompanyName, ZoneName};
use domain::workforce::operator::{OperatorCode, OperatorCommand, Skill, SkillGrant};

use super::calendar::{Calendar, DAY, NOW};
use super::shop::{LAPSING, MACHINES, OPERATORS, WORK_CENTERS};
use super::{BadSample, COMPANY, DOWN, ZONE, step};
use crate::import::plan::Step;

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

/// Machines and people.
pub(super) fn machines_and_people(tenant: TenantId, calendar: &Calendar) -> Result<Vec<Step>, BadSample> {
    let since = calendar.at(0);
    let mut steps = Vec::new();
    for (code, name, work_center, speed_percent, cost) in MACHINES {
        let id = MachineId::from_key(tenant, code);
        let register = MachineCommand::Register {
            code: MachineCode::try_new(code)?,
            name: MachineName::try_new(name)?,
            work_center: WorkCenterId::from_key(tenant, work_center),
            rating: MachineRating { capacity: 1, speed_percent, hourly_cost: Quantity::whole(cost).ok() },
        };
        steps.push(step(id.0, "register", Command::Machine(id, register), since));
    }
    for (code, name, skills) in OPERATORS {
        let id = OperatorId::from_key(tenant, code);
        let value = FullName::try_new(name)?;
        let name = Personal::Clear { subject: SubjectId(id.0), class: DataClass::Identity, value };
        let register = OperatorCommand::Register { code: OperatorCode::try_new(code)?, name: Some(name), user: None };
        steps.push(step(id.0, "register", Command::Operator(id, register), since));
        for (skill, level) in skills {
            let lapses = LAPSING.0 == code && LAPSING.1 == *skill;
            let expires = lapses.then(|| calendar.at(NOW + LAPSING.2 * DAY));
            let grant = SkillGrant { skill: Skill::try_new(skill)?, level: *level, expires };
            steps.push(step(id.0, skill, Command::Operator(id, OperatorCommand::GrantSkill(grant)), since));
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
