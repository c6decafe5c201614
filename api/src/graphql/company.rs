//! The company and who looks at it.

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{self, TenantId};
use domain::run::Command;
use domain::tenancy::company::{CompanyCommand, CompanyName, Policies, ZoneName};
use projections::company::{self, CompanyRow};

use super::errors::{self, UserError};
use super::mutation::{CommandFields, CommandInput, Outcome, run, text};
use super::scalars::{Position, Revision};
use super::{GraphqlDeps, deps, permitted, settle};
use crate::auth::caller;

/// What happens to a report that overlaps another one of the same operator on the same operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::tenancy::company::OverlapPolicy")]
pub enum OverlapPolicy {
    /// It is refused.
    Refuse,
    /// It is taken when a reason is given, and marked.
    AllowWithReason,
    /// It is taken and marked.
    Allow,
}

/// What a member of a tenant may do, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::kernel::Role")]
pub enum Role {
    /// Everything inside the tenant.
    Admin,
    /// Plans and master data.
    Manager,
    /// Shop-floor actions.
    Operator,
    /// Reads everything, changes nothing.
    Auditor,
}

/// The company that the caller belongs to.
#[derive(SimpleObject)]
pub struct Company {
    /// Legal name; the workspace's name until `openCompany`.
    name: String,
    /// IANA time zone that local days are counted in.
    zone: String,
    /// What happens to overlapping reports of one operator on one operation.
    work_overlap: OverlapPolicy,
    /// Whether it was opened; until then zone and policies are the defaults.
    opened: bool,
    /// How often its settings have changed; absent until it is opened.
    revision: Option<Revision>,
}

impl From<CompanyRow> for Company {
    fn from(row: CompanyRow) -> Self {
        Self {
            name: row.name.to_string(),
            zone: row.zone.to_string(),
            work_overlap: row.policies.work_overlap.into(),
            opened: true,
            revision: Some(Revision(row.revision)),
        }
    }
}

/// Who asks.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Viewer {
    /// Identity of the tenant (company workspace). Identities of jobs, machines, work centers and operators are UUIDv5 of it.
    tenant_id: ID,
    /// Identity under which the caller's actions are recorded.
    actor_id: ID,
    /// What the caller may do.
    role: Role,
    #[graphql(skip)]
    caller: kernel::Caller,
}

#[ComplexObject]
impl Viewer {
    /// What the workspace is called.
    async fn tenant_name(&self, ctx: &Context<'_>) -> Result<String, Error> {
        tenant_name(deps(ctx)?, self.caller.tenant).await
    }

    /// What the caller is called, where that is known.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        let deps = deps(ctx)?;
        let label = deps.registry.actor_label(self.caller.tenant, self.caller.actor).await;
        Ok(label.map_err(errors::vault_failure(deps))?.map(|label| label.to_string()))
    }
}

async fn tenant_name(deps: &GraphqlDeps, tenant: TenantId) -> Result<String, Error> {
    let known = deps.registry.tenant(tenant).await.map_err(errors::vault_failure(deps))?;
    Ok(known.map_or_else(|| tenant.to_string(), |tenant| tenant.name))
}

async fn read(deps: &GraphqlDeps, tenant: TenantId) -> Result<Company, Error> {
    let row = company::of(&*deps.views, tenant).await.map_err(errors::view_failure(deps))?;
    Ok(match row {
        Some(row) => row.into(),
        None => Company {
            name: tenant_name(deps, tenant).await?,
            zone: "UTC".to_owned(),
            work_overlap: Policies::default().work_overlap.into(),
            opened: false,
            revision: None,
        },
    })
}

/// Questions about the company.
#[derive(Default)]
pub struct CompanyQuery;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Object]
impl CompanyQuery {
    /// The company that the caller belongs to.
    async fn company(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Answer when everything up to here is in the answer; wait for it if need be.")]
        min_position: Option<Position>,
    ) -> Result<Company, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        read(deps(ctx)?, caller.tenant).await
    }

    /// Who asks: tenant, actor and role of the token.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        let caller = caller(ctx)?;
        let (tenant_id, actor_id) = (caller.tenant.into(), caller.actor.into());
        Ok(Viewer { tenant_id, actor_id, role: caller.role.into(), caller })
    }
}

/// What became of a change of the company.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CompanyPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl CompanyPayload {
    /// The company after the change; null when nothing was done.
    async fn company(&self, ctx: &Context<'_>) -> Result<Option<Company>, Error> {
        let Some((_, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        read(deps(ctx)?, caller.tenant).await.map(Some)
    }
}

/// Sets up the company.
#[derive(InputObject)]
pub struct OpenCompanyInput {
    /// Legal name.
    name: String,
    /// IANA time zone, such as `Asia/Jerusalem`.
    zone: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for OpenCompanyInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let name = text("name", CompanyName::try_new, &self.name)?;
        let zone = text("zone", ZoneName::try_new, &self.zone)?;
        Ok((Command::Company(CompanyCommand::Open { name, zone }), self.fields))
    }
}

/// Gives the company another name.
#[derive(InputObject)]
pub struct RenameCompanyInput {
    /// The new name.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameCompanyInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let name = text("name", CompanyName::try_new, &self.name)?;
        Ok((Command::Company(CompanyCommand::Rename(name)), self.fields))
    }
}

/// Moves the company to another time zone.
#[derive(InputObject)]
pub struct SetCompanyZoneInput {
    /// IANA time zone, such as `Asia/Jerusalem`.
    zone: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCompanyZoneInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let zone = text("zone", ZoneName::try_new, &self.zone)?;
        Ok((Command::Company(CompanyCommand::SetZone(zone)), self.fields))
    }
}

/// Replaces the policies.
#[derive(InputObject)]
pub struct SetPoliciesInput {
    /// What happens to overlapping reports of one operator on one operation.
    work_overlap: OverlapPolicy,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetPoliciesInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let policies = Policies { work_overlap: self.work_overlap.into() };
        Ok((Command::Company(CompanyCommand::SetPolicies(policies)), self.fields))
    }
}

/// Changes of the company.
#[derive(Default)]
pub struct CompanyMutation;

#[Object]
impl CompanyMutation {
    /// Sets up the company: its name and time zone.
    async fn open_company(&self, ctx: &Context<'_>, input: OpenCompanyInput) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Gives the company another name.
    async fn rename_company(
        &self,
        ctx: &Context<'_>,
        input: RenameCompanyInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Moves the company to another time zone: from now on local days are counted there.
    async fn set_company_zone(
        &self,
        ctx: &Context<'_>,
        input: SetCompanyZoneInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Replaces the policies.
    async fn set_policies(&self, ctx: &Context<'_>, input: SetPoliciesInput) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }
}

async fn changed(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<CompanyPayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(CompanyPayload { outcome }))
}
