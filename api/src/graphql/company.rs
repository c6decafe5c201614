//! The company and who looks at it.

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::network::Network;
use domain::kernel::roles::Action;
use domain::kernel::{self, TenantId};
use domain::run::Command;
use domain::tenancy::company::{
    CompanyCommand, CompanyName, CompanyProfile, Country, Policies, SecurityPolicy, ZoneName,
};
use projections::company::{self, CompanyRow};

use super::errors::{self, UserError};
use super::mutation::{CalendarRef, CommandFields, CommandInput, Outcome, optional_text, run, text};
use super::references::{Labels, Reference, Wanted};
use super::scalars::{Position, Revision};
use super::{GraphqlDeps, deps, identity, permitted, settle};
use crate::auth::caller;
use crate::identity::ShutOut;

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

/// A language that Kilter speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::tenancy::company::Language")]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// Estonian.
    Estonian,
    /// Spanish.
    Spanish,
}

/// The company that the caller belongs to.
#[derive(SimpleObject)]
pub struct Company {
    /// Legal name; the workspace's name until `openCompany`.
    name: String,
    /// IANA time zone that local days are counted in.
    zone: String,
    /// When everybody and everything works that nothing else is said of; always where there is none.
    calendar: Option<Reference>,
    /// What happens to overlapping reports of one operator on one operation.
    work_overlap: OverlapPolicy,
    /// How many minutes an andon call waits for an answer before it escalates; null where it never does.
    andon_escalates_after_minutes: Option<u16>,
    /// Where it is, by ISO 3166-1: two capital letters.
    country: Option<String>,
    /// What its mails are written in.
    language: Language,
    /// Roles that can't have a session without a second factor.
    two_factor_roles: Vec<Role>,
    /// Where people may come from, such as `203.0.113.0/24`; from anywhere when it is empty. Only admins see it.
    networks: Option<Vec<String>>,
    /// Whether it was opened; until then zone and policies are the defaults.
    opened: bool,
    /// How often its settings have changed; absent until it is opened.
    revision: Option<Revision>,
}

impl Company {
    /// As this caller may see it.
    fn of(row: CompanyRow, caller: &kernel::Caller, labels: &Labels) -> Self {
        let networks = row.security.networks.iter().map(ToString::to_string).collect();
        Self {
            name: row.name.to_string(),
            zone: row.zone.to_string(),
            calendar: row.calendar.map(|calendar| labels.of(calendar.0)),
            work_overlap: row.policies.work_overlap.into(),
            andon_escalates_after_minutes: row.policies.andon_escalates_after_minutes,
            country: row.profile.country.map(|country| country.to_string()),
            language: row.profile.language.into(),
            two_factor_roles: row.security.two_factor.into_iter().map(Into::into).collect(),
            networks: caller.may(Action::ManageMembers).then_some(networks),
            opened: true,
            revision: Some(Revision(row.revision)),
        }
    }

    /// Before it is opened.
    fn unopened(name: String) -> Self {
        Self {
            name,
            zone: "UTC".to_owned(),
            calendar: None,
            work_overlap: Policies::default().work_overlap.into(),
            andon_escalates_after_minutes: Policies::default().andon_escalates_after_minutes,
            country: None,
            language: CompanyProfile::default().language.into(),
            two_factor_roles: Vec::new(),
            networks: None,
            opened: false,
            revision: None,
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

async fn read(deps: &GraphqlDeps, caller: &kernel::Caller) -> Result<Company, Error> {
    let row = company::of(&*deps.views, caller.tenant).await.map_err(errors::view_failure(deps))?;
    Ok(match row {
        Some(row) => {
            let wanted = Wanted { calendars: row.calendar.into_iter().collect(), ..Wanted::default() };
            Company::of(row, caller, &wanted.look_up(deps, caller.tenant).await?)
        }
        None => Company::unopened(tenant_name(deps, caller.tenant).await?),
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
        read(deps(ctx)?, &caller).await
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
        read(deps(ctx)?, &caller).await.map(Some)
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

/// Says when the company works.
#[derive(InputObject)]
pub struct SetCompanyCalendarInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCompanyCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Company(CompanyCommand::SetCalendar(self.calendar.find(tenant)?)), self.fields))
    }
}

/// Says how long an andon call waits for an answer.
#[derive(InputObject)]
pub struct SetAndonEscalationInput {
    /// After how many minutes it escalates, 1 to 1440; never when absent.
    minutes: Option<u16>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetAndonEscalationInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Company(CompanyCommand::SetAndonEscalation(self.minutes)), self.fields))
    }
}

/// Says what happens to overlapping reports.
#[derive(InputObject)]
pub struct SetPoliciesInput {
    /// What happens to overlapping reports of one operator on one operation.
    work_overlap: OverlapPolicy,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetPoliciesInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Company(CompanyCommand::SetWorkOverlap(self.work_overlap.into())), self.fields))
    }
}

/// Replaces what the company says of itself.
#[derive(InputObject)]
pub struct SetCompanyProfileInput {
    /// Where it is, by ISO 3166-1: two capital letters.
    country: Option<String>,
    /// What its mails are written in.
    language: Language,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCompanyProfileInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let country = optional_text("country", Country::try_new, self.country.as_deref())?;
        let profile = CompanyProfile { country, language: self.language.into() };
        Ok((Command::Company(CompanyCommand::SetProfile(profile)), self.fields))
    }
}

/// Replaces who is let in, beyond their password.
#[derive(InputObject)]
pub struct SetCompanySecurityInput {
    /// Roles that can't have a session without a second factor: who has none sets one up when they come in next.
    two_factor_roles: Vec<Role>,
    /// Where people and integrations may come from, such as `203.0.113.0/24` or `2001:db8::1`; from anywhere when it is empty.
    networks: Vec<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl SetCompanySecurityInput {
    fn policy(&self) -> Result<SecurityPolicy, UserError> {
        let network = |text: &String| {
            let bad = |error| UserError::new(errors::BAD_TEXT, Some("networks"), format!("{text:.64} {error}"));
            text.parse::<Network>().map_err(bad)
        };
        let two_factor = self.two_factor_roles.iter().map(|role| (*role).into()).collect();
        Ok(SecurityPolicy { two_factor, networks: self.networks.iter().map(network).collect::<Result<_, _>>()? })
    }
}

impl CommandInput for SetCompanySecurityInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Company(CompanyCommand::SetSecurity(self.policy()?)), self.fields))
    }
}

/// How the caller would shut themselves out.
async fn shut_out(ctx: &Context<'_>, input: &SetCompanySecurityInput) -> Result<Option<UserError>, Error> {
    let (caller, deps) = (caller(ctx)?, deps(ctx)?);
    let (Some(people), Ok(security)) = (&deps.people, input.policy()) else { return Ok(None) };
    if !caller.may(Action::ManageMembers) {
        return Ok(None);
    }
    let from = (identity::present_session(ctx), identity::address(ctx));
    let found = people.shuts_out(&caller, from, &security).await.map_err(identity::failed(deps))?;
    Ok(found.map(|shut_out| {
        let field = match shut_out {
            ShutOut::Network(_) => "networks",
            ShutOut::SecondFactor(_) => "twoFactorRoles",
        };
        UserError::new(errors::SHUTS_YOURSELF_OUT, Some(field), shut_out.to_string())
    }))
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

    /// Says after how many minutes an andon call escalates that nobody answers. Calls that are open keep what they were called under.
    async fn set_andon_escalation(
        &self,
        ctx: &Context<'_>,
        input: SetAndonEscalationInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Says what happens to overlapping reports.
    async fn set_policies(&self, ctx: &Context<'_>, input: SetPoliciesInput) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Says by which calendar everybody and everything works that nothing else is said of; always when none is named.
    async fn set_company_calendar(
        &self,
        ctx: &Context<'_>,
        input: SetCompanyCalendarInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Replaces what the company says of itself.
    async fn set_company_profile(
        &self,
        ctx: &Context<'_>,
        input: SetCompanyProfileInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        changed(ctx, input).await
    }

    /// Replaces who is let in, beyond their password: at the next sign-in, and within five minutes in open sessions. Nobody shuts
    /// themselves out: who asks must come from one of the networks, and have a second factor where their role is to have one.
    async fn set_company_security(
        &self,
        ctx: &Context<'_>,
        input: SetCompanySecurityInput,
    ) -> Result<Option<CompanyPayload>, Error> {
        match shut_out(ctx, &input).await? {
            Some(error) => Ok(Some(CompanyPayload { outcome: Outcome::refused(error) })),
            None => changed(ctx, input).await,
        }
    }
}

async fn changed(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<CompanyPayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(CompanyPayload { outcome }))
}
