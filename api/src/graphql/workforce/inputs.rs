//! What may be asked of operators.

use async_graphql::InputObject;
use domain::kernel::person::FullName;
use domain::kernel::{ActorId, DataClass, OperatorId, Personal, SubjectId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::workforce::operator::{OperatorCode, OperatorCommand, Skill, SkillGrant};

use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, OperatorRef, optional_text, text};
use crate::graphql::scalars::{DateTime, UuidText};

/// Sets up an operator, active.
#[derive(InputObject)]
pub struct RegisterOperatorInput {
    /// Badge or staff number: unique, never changed.
    code: String,
    /// The person's full name; kept sealed.
    name: Option<String>,
    /// Their user account, where they have one.
    user_id: Option<UuidText>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RegisterOperatorInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let code = text("code", OperatorCode::try_new, &self.code)?;
        let id = OperatorId::from_key(tenant, code.as_str());
        let name = optional_text("name", FullName::try_new, self.name.as_deref())?.map(|name| personal(id, name));
        let user = self.user_id.map(|user| ActorId(user.0));
        Ok((Command::Operator(id, OperatorCommand::Register { code, name, user }), self.fields))
    }
}

fn personal(operator: OperatorId, name: FullName) -> Personal<FullName> {
    Personal::Clear { subject: SubjectId(operator.0), class: DataClass::Identity, value: name }
}

/// Corrects an operator's name.
#[derive(InputObject)]
pub struct RenameOperatorInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// The person's full name; kept sealed.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameOperatorInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let id = self.operator.require(tenant)?;
        let name = text("name", FullName::try_new, &self.name)?;
        Ok((Command::Operator(id, OperatorCommand::Rename(personal(id, name))), self.fields))
    }
}

/// Gives an operator a skill, or changes its level or expiry.
#[derive(InputObject)]
pub struct GrantSkillInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// The skill.
    skill: String,
    /// 1 (learning) to 5 (teaches it).
    level: u8,
    /// When it lapses; never when absent.
    expires: Option<DateTime>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for GrantSkillInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let skill = text("skill", Skill::try_new, &self.skill)?;
        let grant = SkillGrant { skill, level: self.level, expires: self.expires.map(|instant| instant.0) };
        Ok((Command::Operator(self.operator.require(tenant)?, OperatorCommand::GrantSkill(grant)), self.fields))
    }
}

/// Takes a skill away.
#[derive(InputObject)]
pub struct RevokeSkillInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// The skill.
    skill: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RevokeSkillInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::RevokeSkill(text("skill", Skill::try_new, &self.skill)?);
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}

/// Says that an operator does not work here any more.
#[derive(InputObject)]
pub struct DeactivateOperatorInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for DeactivateOperatorInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::Deactivate(text("reason", Reason::try_new, &self.reason)?);
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}

/// Says that an operator works here again.
#[derive(InputObject)]
pub struct ReactivateOperatorInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ReactivateOperatorInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Operator(self.operator.require(tenant)?, OperatorCommand::Reactivate), self.fields))
    }
}
