//! What may be asked of tools.

use async_graphql::InputObject;
use domain::kernel::{TenantId, ToolId};
use domain::machines::tool::{ToolCode, ToolCommand, ToolName};
use domain::machines::work_center::Reason;
use domain::run::Command;

use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, ToolRef, text};

/// Sets up a tool or fixture.
#[derive(InputObject)]
pub struct RegisterToolInput {
    /// Its code, never changed. Operations may name it already.
    code: String,
    /// What people call it.
    name: String,
    /// How many there are, 1 to 1000.
    #[graphql(default = 1)]
    count: u16,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RegisterToolInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let code = text("code", ToolCode::try_new, &self.code)?;
        let name = text("name", ToolName::try_new, &self.name)?;
        let id = ToolId::from_key(tenant, code.as_str());
        Ok((Command::Tool(id, ToolCommand::Register { code, name, count: self.count }), self.fields))
    }
}

/// Gives a tool another name.
#[derive(InputObject)]
pub struct RenameToolInput {
    #[graphql(flatten)]
    tool: ToolRef,
    /// The new name.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameToolInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = ToolCommand::Rename(text("name", ToolName::try_new, &self.name)?);
        Ok((Command::Tool(self.tool.require(tenant)?, command), self.fields))
    }
}

/// Says how many there are of a tool.
#[derive(InputObject)]
pub struct CountToolInput {
    #[graphql(flatten)]
    tool: ToolRef,
    /// How many there are, 1 to 1000.
    count: u16,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CountToolInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Tool(self.tool.require(tenant)?, ToolCommand::Count(self.count)), self.fields))
    }
}

/// Takes a tool out of use: there are none of it until it is brought back.
#[derive(InputObject)]
pub struct RetireToolInput {
    #[graphql(flatten)]
    tool: ToolRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RetireToolInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = ToolCommand::Retire(text("reason", Reason::try_new, &self.reason)?);
        Ok((Command::Tool(self.tool.require(tenant)?, command), self.fields))
    }
}

/// Takes a tool into use again, as many as there were.
#[derive(InputObject)]
pub struct BringToolBackInput {
    #[graphql(flatten)]
    tool: ToolRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for BringToolBackInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Tool(self.tool.require(tenant)?, ToolCommand::BringBack), self.fields))
    }
}
