//! Members of the company: who they are, what they are, how they can sign in.

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{self, ActorId, Caller, TenantId};
use domain::run::Command;
use domain::tenancy::roster::RosterCommand;
use projections::members::{Factors, MemberRow, Members};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};
use uuid::Uuid;

use super::invitations::Invitation;
use super::with_people;
use crate::auth::caller;
use crate::graphql::company::Role;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, Outcome, run};
use crate::graphql::references::{opened, rows};
use crate::graphql::scalars::{DateTime, Position, UuidText};
use crate::graphql::{GraphqlDeps, deps, permitted, settle};

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SignInWay {
    /// A password.
    Password,
    /// Codes of an authenticator app, beside it.
    AuthenticatorApp,
    /// A passkey.
    Passkey,
    /// An identity provider.
    Provider,
    /// The link that `kilter demo` prints.
    Link,
    /// An operator's PIN, at a terminal.
    Pin,
    /// An operator's badge, at a terminal.
    Badge,
}

/// Somebody who belongs to the company.
#[derive(SimpleObject)]
pub struct Member {
    /// Identity; their actions are recorded under it.
    id: ID,
    /// Full name; null when it was erased.
    name: Option<String>,
    /// What they do in the company.
    job_title: Option<String>,
    /// Where they get mail. Only they and admins see it.
    email: Option<String>,
    /// Where they can be called. Only they and admins see it.
    phone: Option<String>,
    /// What they may do.
    role: Role,
    /// Whether they are let in.
    active: bool,
    /// Why they are not.
    reason: Option<String>,
    /// When they joined.
    joined: Option<DateTime>,
    /// How they can sign in.
    ways_in: Vec<SignInWay>,
    /// Position of the last event that touched this row.
    position: Position,
}

fn ways_in(factors: &Factors) -> Vec<SignInWay> {
    let ways = [
        (SignInWay::Password, factors.password_set.is_some()),
        (SignInWay::AuthenticatorApp, factors.totp),
        (SignInWay::Passkey, !factors.passkeys.is_empty()),
        (SignInWay::Provider, !factors.providers.is_empty()),
    ];
    ways.into_iter().filter(|(_, there)| *there).map(|(way, _)| way).collect()
}

/// The member as this caller may see them; none until the roster has told of them.
async fn dress(deps: &GraphqlDeps, caller: &Caller, row: &MemberRow) -> Result<Option<Member>, Error> {
    let Some(role) = row.role else { return Ok(None) };
    let (tenant, person) = (caller.tenant, row.person.as_ref());
    let reached = caller.may(Action::ManageMembers) || is_self(caller, row.id);
    let phone = person.and_then(|person| person.phone.as_ref()).filter(|_| reached);
    Ok(Some(Member {
        id: row.id.into(),
        name: opened(deps, tenant, person.map(|person| &person.name)).await?,
        job_title: opened(deps, tenant, person.and_then(|person| person.job_title.as_ref())).await?,
        email: opened(deps, tenant, row.email.as_ref().filter(|_| reached)).await?,
        phone: opened(deps, tenant, phone).await?,
        role: role.into(),
        active: row.active,
        reason: row.reason.as_ref().map(ToString::to_string),
        joined: row.joined.map(Into::into),
        ways_in: ways_in(&row.factors),
        position: row.position.into(),
    }))
}

fn is_self(caller: &Caller, member: ActorId) -> bool {
    caller.actor == member && caller.may(Action::OwnAccount)
}

async fn row(deps: &GraphqlDeps, tenant: TenantId, id: Uuid) -> Result<Option<MemberRow>, Error> {
    Ok(rows::<Members>(deps, tenant, std::iter::once(id)).await?.pop())
}

/// The member of this identity, where the caller may see them.
pub(super) async fn member(deps: &GraphqlDeps, caller: &Caller, id: Uuid) -> Result<Option<Member>, Error> {
    if !caller.may(Action::ViewMembers) && !is_self(caller, ActorId(id)) {
        return Ok(None);
    }
    match row(deps, caller.tenant, id).await? {
        Some(row) => dress(deps, caller, &row).await,
        None => Ok(None),
    }
}

/// A passkey of the caller.
#[derive(SimpleObject)]
pub struct Passkey {
    /// Identity.
    id: ID,
    /// What they call it.
    label: String,
    /// When it was added.
    added: DateTime,
}

/// The caller's own account.
#[derive(SimpleObject)]
pub struct OwnAccount {
    /// Who they are.
    member: Member,
    /// When the password was set last.
    password_set: Option<DateTime>,
    /// How many recovery codes are left.
    recovery_codes: u8,
    /// Passkeys, oldest first.
    passkeys: Vec<Passkey>,
    /// Identity providers that they can sign in with.
    providers: Vec<String>,
}

impl OwnAccount {
    fn new(member: Member, factors: Factors) -> Self {
        let passkey = |key: projections::members::Passkey| Passkey {
            id: key.id.into(),
            label: key.label.to_string(),
            added: key.added.into(),
        };
        Self {
            member,
            password_set: factors.password_set.map(Into::into),
            recovery_codes: factors.recovery_codes,
            passkeys: factors.passkeys.into_iter().map(passkey).collect(),
            providers: factors.providers.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Which members are wanted.
#[derive(Debug, Default, InputObject)]
pub struct MemberFilter {
    /// Those of this role.
    role: Option<Role>,
    /// Those who are not let in as well.
    #[graphql(default)]
    include_inactive: bool,
}

impl MemberFilter {
    fn conditions(&self) -> Vec<Condition> {
        let is = |column, value| Condition { column, test: Test::Is(value) };
        let role = self.role.map(|role| is("role", Value::Text(kernel::Role::from(role).as_str().to_owned())));
        role.into_iter().chain((!self.include_inactive).then(|| is("active", Value::Integer(1)))).collect()
    }
}

/// Questions about who belongs to the company.
#[derive(Default)]
pub struct MembersQuery;

#[Object]
impl MembersQuery {
    /// Who belongs to the company. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: MemberFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Member>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewMembers)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let by_identity = Sort { column: None, descending: false };
        let mut page = page::<Members>(deps, caller.tenant, &paging, filter.conditions(), by_identity).await?;
        let mut members = Vec::new();
        for row in page.take_rows() {
            members.push(dress(deps, &caller, &row).await?);
        }
        Ok(page.connect_found(members))
    }

    /// The caller's own account; null for who has none: integrations, and who has the keys.
    async fn me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<OwnAccount>, Error> {
        let (caller, deps) = (permitted(ctx, Action::OwnAccount)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let Some(row) = row(deps, caller.tenant, caller.actor.0).await? else { return Ok(None) };
        Ok(dress(deps, &caller, &row).await?.map(|member| OwnAccount::new(member, row.factors)))
    }

    /// Who was asked to join, newest first. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Those that were accepted or taken back as well.", default)] include_closed: bool,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Invitation>, Error> {
        let caller = permitted(ctx, Action::ManageMembers)?;
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        super::invitations::list(deps(ctx)?, caller.tenant, &paging, include_closed).await
    }
}

/// What became of a change of a member.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MemberPayload {
    #[graphql(flatten)]
    pub(super) outcome: Outcome,
    #[graphql(skip)]
    pub(super) member: Uuid,
}

#[ComplexObject]
impl MemberPayload {
    /// The member after the change; null when nothing was done.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>, Error> {
        let Some((_, position)) = self.outcome.changed() else { return Ok(None) };
        settle(ctx, Some(Position(position))).await?;
        member(deps(ctx)?, &caller(ctx)?, self.member).await
    }
}

/// Gives a member another role.
#[derive(InputObject)]
pub struct ChangeRoleInput {
    /// Who.
    member_id: UuidText,
    /// What they will be.
    role: Role,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ChangeRoleInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let change = RosterCommand::ChangeRole { member: ActorId(self.member_id.0), role: self.role.into() };
        Ok((Command::Roster(change), self.fields))
    }
}

/// Lets a member back in.
#[derive(InputObject)]
pub struct ReactivateMemberInput {
    /// Who.
    member_id: UuidText,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ReactivateMemberInput {
    fn into_command(self, _tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Roster(RosterCommand::Reactivate(ActorId(self.member_id.0))), self.fields))
    }
}

/// Bars a member from the company.
#[derive(InputObject)]
pub struct DeactivateMemberInput {
    /// Who.
    member_id: UuidText,
    /// Why.
    reason: Option<String>,
}

/// Signs a colleague out everywhere.
#[derive(InputObject)]
pub struct ForceSignOutInput {
    /// Who.
    member_id: UuidText,
}

/// Lets a member sign in again at once, after too many attempts failed.
#[derive(InputObject)]
pub struct LiftWaitInput {
    /// Who.
    member_id: UuidText,
    /// How you made sure who it is; it is recorded.
    identity_check: String,
}

/// Takes all second factors of a member away, who has lost them.
#[derive(InputObject)]
pub struct ResetSecondFactorsInput {
    /// Who.
    member_id: UuidText,
    /// How you made sure who it is; it is recorded.
    identity_check: String,
}

type Payload = Result<Option<MemberPayload>, Error>;

/// Changes of members.
#[derive(Default)]
pub struct MembersMutation;

#[Object]
impl MembersMutation {
    /// Gives a member another role. It holds from their next request on, and open sockets of theirs are closed.
    async fn change_role(&self, ctx: &Context<'_>, input: ChangeRoleInput) -> Payload {
        let member = input.member_id.0;
        Ok(Some(MemberPayload { outcome: run(ctx, input).await?, member }))
    }

    /// Bars a member from the company: their sessions end at once, and they are told by mail.
    async fn deactivate_member(&self, ctx: &Context<'_>, input: DeactivateMemberInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let member = input.member_id.0;
        let done = people.deactivate(&caller, ActorId(member), input.reason.as_deref()).await;
        Ok(Some(MemberPayload { outcome: Outcome::told(deps, done)?, member }))
    }

    /// Lets a member back in.
    async fn reactivate_member(&self, ctx: &Context<'_>, input: ReactivateMemberInput) -> Payload {
        let member = input.member_id.0;
        Ok(Some(MemberPayload { outcome: run(ctx, input).await?, member }))
    }

    /// Ends all sessions of a colleague; open sockets of theirs are closed, and they are told by mail.
    async fn force_sign_out(&self, ctx: &Context<'_>, input: ForceSignOutInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let member = input.member_id.0;
        let done = people.force_sign_out(&caller, ActorId(member)).await;
        Ok(Some(MemberPayload { outcome: Outcome::told(deps, done)?, member }))
    }

    /// Lets a member sign in again at once, after too many attempts failed.
    async fn lift_wait(&self, ctx: &Context<'_>, input: LiftWaitInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let member = input.member_id.0;
        let done = people.lift_wait(&caller, ActorId(member), &input.identity_check).await;
        Ok(Some(MemberPayload { outcome: Outcome::told(deps, done)?, member }))
    }
    /// Takes all second factors of a member away, who has lost them: authenticator app, recovery codes, passkeys. Their sessions end,
    /// and they are told by mail.
    async fn reset_second_factors(&self, ctx: &Context<'_>, input: ResetSecondFactorsInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let member = input.member_id.0;
        let done = people.reset_second_factors(&caller, ActorId(member), &input.identity_check).await;
        Ok(Some(MemberPayload { outcome: Outcome::told(deps, done)?, member }))
    }
}
