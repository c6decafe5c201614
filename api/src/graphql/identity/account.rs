//! What people do with their own account: describe themselves, change the password, end sessions.

use async_graphql::{ComplexObject, Context, Error, InputObject, Object, SimpleObject};
use domain::identity::session::EndReason;
use domain::kernel::SessionId;
use domain::kernel::roles::Action;

use super::members::MemberPayload;
use super::sessions::{Session, own_sessions};
use super::{came, present_session, with_people};
use crate::auth::caller;
use crate::graphql::mutation::Outcome;
use crate::graphql::permitted;
use crate::graphql::scalars::UuidText;
use crate::identity::{Description, PasswordChange};

/// What became of a change of one's own sessions.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SessionsPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl SessionsPayload {
    /// The open sessions after the change; null when nothing was done.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>, Error> {
        if self.outcome.changed().is_none() {
            return Ok(None);
        }
        let caller = permitted(ctx, Action::OwnAccount)?;
        own_sessions(ctx, &caller).await.map(Some)
    }
}

/// Corrects what the caller says of themselves.
#[derive(InputObject)]
pub struct DescribeMyselfInput {
    /// Full name; kept sealed.
    name: String,
    /// Where they can be called; kept sealed.
    phone: Option<String>,
    /// What they do in the company; kept sealed.
    job_title: Option<String>,
}

/// Changes the caller's password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The one that they have.
    present: String,
    /// The one that they want.
    password: String,
}

/// Ends a session of the caller.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// Which one.
    session_id: UuidText,
}

type Payload = Result<Option<SessionsPayload>, Error>;

/// Changes of one's own account.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Corrects what the caller says of themselves.
    async fn describe_myself(
        &self,
        ctx: &Context<'_>,
        input: DescribeMyselfInput,
    ) -> Result<Option<MemberPayload>, Error> {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let said = Description { name: input.name, phone: input.phone, job_title: input.job_title };
        let outcome = Outcome::told(deps, people.describe(&caller, &said).await)?;
        Ok(Some(MemberPayload { outcome, member: caller.actor.0 }))
    }

    /// Changes the caller's password; all their other sessions end.
    async fn change_password(&self, ctx: &Context<'_>, input: ChangePasswordInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let typed = PasswordChange { present: input.present, password: input.password };
        let done = people.change_password(&caller, present_session(ctx), &came(ctx), typed).await;
        Ok(Some(SessionsPayload { outcome: Outcome::told(deps, done)? }))
    }

    /// Ends one session of the caller.
    async fn end_session(&self, ctx: &Context<'_>, input: EndSessionInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let done = people.end_one(&caller, SessionId(input.session_id.0)).await;
        Ok(Some(SessionsPayload { outcome: Outcome::told(deps, done)? }))
    }

    /// Ends all sessions of the caller but for the one that asks.
    async fn end_other_sessions(&self, ctx: &Context<'_>) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let done = people.end_all(&caller, caller.actor, present_session(ctx), EndReason::EndedElsewhere).await;
        Ok(Some(SessionsPayload { outcome: Outcome::told(deps, done)? }))
    }
}
