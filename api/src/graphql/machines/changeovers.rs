//! The changeovers of a work center.

use async_graphql::{ComplexObject, Context, Error, InputObject, SimpleObject};
use domain::kernel::TenantId;
use domain::machines::changeover::{self, SetupFamily};
use domain::machines::work_center::WorkCenterCommand;
use domain::run::Command;
use projections::changeovers::ChangeoverTables;

use super::WorkCenter;
use crate::auth::caller;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, WorkCenterRef, text};
use crate::graphql::references::rows;
use crate::graphql::{deps, find_id};

/// How long it takes to change a machine over from one setup family to another.
#[derive(SimpleObject)]
pub struct Changeover {
    /// What it is set up for.
    from: String,
    /// What it is to be set up for.
    to: String,
    /// Seconds, besides the setup of the operation itself.
    seconds: u32,
}

/// The changeovers of the machines of a work center that take one operation at a time.
#[derive(SimpleObject)]
pub struct Changeovers {
    /// Seconds from one family to another of those that are named, where nothing is said; within a family it is 0.
    default_seconds: u32,
    /// What is said, by family.
    table: Vec<Changeover>,
}

impl From<changeover::Changeovers> for Changeovers {
    fn from(changeovers: changeover::Changeovers) -> Self {
        let told = |it: changeover::Changeover| Changeover {
            from: it.from.to_string(),
            to: it.to.to_string(),
            seconds: it.seconds,
        };
        Self { default_seconds: changeovers.default_seconds, table: changeovers.table.into_iter().map(told).collect() }
    }
}

#[ComplexObject]
impl WorkCenter {
    /// How long its machines take from one setup family to another; null where nobody said.
    async fn changeovers(&self, ctx: &Context<'_>) -> Result<Option<Changeovers>, Error> {
        let (tenant, deps) = (caller(ctx)?.tenant, deps(ctx)?);
        let row = rows::<ChangeoverTables>(deps, tenant, find_id(&self.id).into_iter()).await?.pop();
        Ok(row.map(|row| row.changeovers).filter(|it| !it.is_empty()).map(Into::into))
    }
}

/// How long it takes from one setup family to another.
#[derive(InputObject)]
pub struct ChangeoverInput {
    /// What the machine is set up for.
    from: String,
    /// What it is to be set up for.
    to: String,
    /// Seconds, besides the setup of the operation itself; a week at most.
    seconds: u32,
}

impl ChangeoverInput {
    fn read(&self) -> Result<changeover::Changeover, UserError> {
        let family = |family: &str| text("changeovers", SetupFamily::try_new, family);
        Ok(changeover::Changeover { from: family(&self.from)?, to: family(&self.to)?, seconds: self.seconds })
    }
}

/// Replaces the changeovers of a work center.
#[derive(InputObject)]
pub struct SetChangeoversInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// Each once; 5,000 of 100 families at most. None takes them all away.
    changeovers: Vec<ChangeoverInput>,
    /// Seconds from one family to another of those that are named, where nothing is said; within a family it is 0.
    #[graphql(default)]
    default_seconds: u32,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetChangeoversInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let table = self.changeovers.iter().map(ChangeoverInput::read).collect::<Result<Vec<_>, _>>()?;
        let default_seconds = if table.is_empty() { 0 } else { self.default_seconds };
        let command = WorkCenterCommand::SetChangeovers(changeover::Changeovers { default_seconds, table });
        Ok((Command::WorkCenter(self.work_center.require(tenant)?, command), self.fields))
    }
}
