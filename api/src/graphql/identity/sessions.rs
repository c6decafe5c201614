//! Sessions and the login record: who came in when, from where and with what; who tried to and failed.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::identity::session::{self, EndReason, Proof, SignIn};
use domain::kernel::roles::Action;
use domain::kernel::{ActorId, Caller, SessionId, TenantId};
use projections::logins::{LoginRow, Logins};
use projections::projection::{Value, row_key};
use projections::views::{Condition, Sort, Test};
use uuid::Uuid;

use super::members::SignInWay;
use super::{failed, present_session, with_people};
use crate::auth::caller;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::references::{opened, rows};
use crate::graphql::scalars::{DateTime, Position, UuidText};
use crate::graphql::{GraphqlDeps, deps, errors, permitted, settle};
use crate::identity::OpenSession;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::identity::session::EndReason")]
pub enum SessionEndReason {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another one.
    EndedElsewhere,
    /// An admin ended it.
    Forced,
    /// There is another password.
    PasswordChanged,
    /// A used refresh token came again: somebody else may have it.
    RefreshReused,
    /// The account was deactivated.
    Deactivated,
    /// Its second factors were taken away.
    SecondFactorsReset,
    /// The terminal that it was opened at was revoked, or somebody else signed in there.
    TerminalLeft,
}

/// What a person showed beside their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::identity::session::SecondFactor")]
pub enum SecondFactor {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

/// Somebody came in.
#[derive(SimpleObject)]
pub struct Login {
    /// Identity of the session.
    id: ID,
    /// Whose it is.
    member_id: ID,
    /// What they are called, where that is known.
    member_name: Option<String>,
    /// What they showed first.
    way: SignInWay,
    /// What they showed beside it.
    second_factor: Option<SecondFactor>,
    /// From where; null when it was erased.
    address: Option<String>,
    /// Such as `Firefox 140`, as far as it said so.
    browser: Option<String>,
    /// Such as `phone`.
    device: Option<String>,
    /// Such as `Android`.
    system: Option<String>,
    /// When.
    opened: DateTime,
    /// When something ended it; that nobody came back for too long ends it as well, and is not told here.
    ended: Option<DateTime>,
    /// What ended it.
    end_reason: Option<SessionEndReason>,
    /// Position of the last event that touched this row.
    position: Position,
}

const fn way(proof: &Proof) -> SignInWay {
    match proof {
        Proof::Password => SignInWay::Password,
        Proof::Passkey => SignInWay::Passkey,
        Proof::Provider(_) => SignInWay::Provider,
        Proof::Link => SignInWay::Link,
        Proof::Pin => SignInWay::Pin,
        Proof::Badge => SignInWay::Badge,
    }
}

/// What somebody came with, as text.
fn parts(client: &session::Client) -> [Option<String>; 3] {
    [&client.browser, &client.device, &client.system].map(|part| part.as_ref().map(ToString::to_string))
}

async fn login(deps: &GraphqlDeps, tenant: TenantId, row: LoginRow) -> Result<Login, Error> {
    let SignIn { account, proof, second_factor, address, client, .. } = &row.sign_in;
    let label = deps.registry.actor_label(tenant, *account).await.map_err(errors::vault_failure(deps))?;
    let [browser, device, system] = parts(client);
    Ok(Login {
        id: row.id.into(),
        member_id: (*account).into(),
        member_name: label.map(|label| label.to_string()),
        way: way(proof),
        second_factor: second_factor.map(Into::into),
        address: opened(deps, tenant, Some(address)).await?,
        browser,
        device,
        system,
        opened: row.opened.into(),
        ended: row.ended.map(|ended| ended.at.into()),
        end_reason: row.ended.map(|ended| EndReason::into(ended.reason)),
        position: row.position.into(),
    })
}

/// An open session of the caller.
#[derive(SimpleObject)]
pub struct Session {
    /// Identity.
    id: ID,
    /// Whether it is the one that asks.
    present: bool,
    /// Since when.
    opened: DateTime,
    /// When it was used last, to five minutes.
    used: DateTime,
    /// When it ends unless it is used.
    ends: DateTime,
    /// Whether its device is remembered.
    remembered: bool,
    /// From where it was opened; null when it was erased.
    address: Option<String>,
    /// Such as `Firefox 140`, as far as it said so.
    browser: Option<String>,
    /// Such as `phone`.
    device: Option<String>,
    /// Such as `Android`.
    system: Option<String>,
}

/// The caller's open sessions, the one that was used last first.
pub(super) async fn own_sessions(ctx: &Context<'_>, caller: &Caller) -> Result<Vec<Session>, Error> {
    let ((deps, people), tenant) = (with_people(ctx)?, caller.tenant);
    let open = people.sessions(tenant, caller.actor).await.map_err(failed(deps))?;
    let told = rows::<Logins>(deps, tenant, open.iter().map(|open| open.id.0)).await?;
    let mut told: BTreeMap<SessionId, LoginRow> = told.into_iter().map(|row| (row.id, row)).collect();
    let present = present_session(ctx);
    let mut sessions = Vec::with_capacity(open.len());
    for OpenSession { id, opened: since, used, remembered, ends } in open {
        let sign_in = told.remove(&id).map(|row| row.sign_in);
        let address = opened(deps, tenant, sign_in.as_ref().map(|sign_in| &sign_in.address)).await?;
        let [browser, device, system] = sign_in.map_or_else(Default::default, |sign_in| parts(&sign_in.client));
        sessions.push(Session {
            id: id.into(),
            present: present == Some(id),
            opened: since.into(),
            used: used.into(),
            ends: ends.into(),
            remembered,
            address,
            browser,
            device,
            system,
        });
    }
    Ok(sessions)
}

/// Sign-ins that failed, from one address.
#[derive(SimpleObject)]
pub struct FailedSignIns {
    /// The name as it was typed, masked.
    name: String,
    /// Where from.
    address: String,
    /// How many.
    failures: u32,
    /// When the last one was.
    last: DateTime,
}

/// Which logins are wanted.
#[derive(Debug, Default, InputObject)]
pub struct LoginFilter {
    /// Those of this member.
    member_id: Option<UuidText>,
}

/// Whose logins this caller may see, of those that they ask for: of one member, or of all. What they may not see does not exist.
fn whose(caller: &Caller, asked: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    if caller.may(Action::ViewLogins) {
        return Ok(asked);
    }
    let own = caller.actor.0;
    let may = caller.may(Action::OwnAccount) && asked.is_none_or(|asked| asked == own);
    if may { Ok(Some(own)) } else { Err(errors::not_found()) }
}

/// Questions about who came in.
#[derive(Default)]
pub struct SessionsQuery;

#[Object]
impl SessionsQuery {
    /// The caller's own open sessions, the one that was used last first.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>, Error> {
        let caller = permitted(ctx, Action::OwnAccount)?;
        own_sessions(ctx, &caller).await
    }

    /// The login record, newest first: of all for who may see it, of oneself for everybody. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn logins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: LoginFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Login>, Error> {
        let (caller, deps) = (caller(ctx)?, deps(ctx)?);
        let whose = whose(&caller, filter.member_id.map(|member| member.0))?;
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let is_theirs = |account| Condition { column: "account", test: Test::Is(Value::Text(row_key(account))) };
        let newest_first = Sort { column: Some("opened"), descending: true };
        let conditions = whose.map(is_theirs).into_iter().collect();
        let mut page = page::<Logins>(deps, caller.tenant, &paging, conditions, newest_first).await?;
        let mut logins = Vec::new();
        for row in page.take_rows() {
            logins.push(login(deps, caller.tenant, row).await?);
        }
        Ok(page.connect(logins))
    }

    /// What failed at a member's name in the last 24 hours, newest first: of all for who may see it, of oneself for everybody; null
    /// when there is no such member.
    async fn failed_sign_ins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At whose name.")] member_id: UuidText,
    ) -> Result<Option<Vec<FailedSignIns>>, Error> {
        let ((deps, people), caller, member) = (with_people(ctx)?, caller(ctx)?, ActorId(member_id.0));
        whose(&caller, Some(member.0))?;
        let roster = deps.commands.roster(caller.tenant).await;
        let roster = roster.map_err(|error| failed(deps)(error.into()))?;
        if !roster.members.contains_key(&member) {
            return Ok(None);
        }
        let failures = people.failures(caller.tenant, member).await.map_err(failed(deps))?;
        let told = |one: crate::identity::FailedSignIns| FailedSignIns {
            name: one.name,
            address: one.address,
            failures: one.failures,
            last: one.last.into(),
        };
        Ok(Some(failures.into_iter().map(told).collect()))
    }
}
