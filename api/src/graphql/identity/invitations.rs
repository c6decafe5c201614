//! Invitations: who is asked to join the company.

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{InvitationId, TenantId, Timestamp};
use projections::invitations::{self, InvitationRow, Invitations};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};

use super::with_people;
use crate::auth::caller;
use crate::graphql::company::Role;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::mutation::Outcome;
use crate::graphql::references::{opened, rows};
use crate::graphql::scalars::{DateTime, Position, UuidText};
use crate::graphql::{GraphqlDeps, deps, permitted, settle};

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum InvitationStatus {
    /// It can be accepted.
    Open,
    /// Its time is over; it can be sent again.
    Ended,
    /// It was accepted.
    Accepted,
    /// It was taken back.
    Revoked,
}

/// Somebody is asked to join.
#[derive(SimpleObject)]
pub struct Invitation {
    /// Identity.
    id: ID,
    /// Where it was sent; null when it was erased.
    email: Option<String>,
    /// What they will be.
    role: Role,
    /// Identity of who asks.
    invited_by: ID,
    /// When it was sent first.
    sent: DateTime,
    /// Until when it can be accepted.
    expires: DateTime,
    /// What became of it.
    status: InvitationStatus,
    /// Position of the last event that touched this row.
    position: Position,
}

fn status(row: &InvitationRow, now: Timestamp) -> InvitationStatus {
    match row.outcome {
        invitations::Outcome::Open if now >= row.expires => InvitationStatus::Ended,
        invitations::Outcome::Open => InvitationStatus::Open,
        invitations::Outcome::Accepted => InvitationStatus::Accepted,
        invitations::Outcome::Revoked => InvitationStatus::Revoked,
    }
}

async fn dress(deps: &GraphqlDeps, tenant: TenantId, row: InvitationRow) -> Result<Invitation, Error> {
    Ok(Invitation {
        id: row.id.into(),
        email: opened(deps, tenant, Some(&row.email)).await?,
        role: row.role.into(),
        invited_by: row.by.into(),
        sent: row.sent.into(),
        expires: row.expires.into(),
        status: status(&row, deps.clock.now()),
        position: row.position.into(),
    })
}

/// A page of them, newest first.
pub(super) async fn list(
    deps: &GraphqlDeps,
    tenant: TenantId,
    paging: &Paging,
    include_closed: bool,
) -> Result<Connection<Invitation>, Error> {
    let open = Value::Text(invitations::Outcome::Open.as_str().to_owned());
    let is_open = Condition { column: "outcome", test: Test::Is(open) };
    let conditions = (!include_closed).then_some(is_open).into_iter().collect();
    let newest_first = Sort { column: Some("sent"), descending: true };
    let mut page = page::<Invitations>(deps, tenant, paging, conditions, newest_first).await?;
    let mut nodes = Vec::new();
    for row in page.take_rows() {
        nodes.push(dress(deps, tenant, row).await?);
    }
    Ok(page.connect(nodes))
}

/// What became of a change of an invitation.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct InvitationPayload {
    #[graphql(flatten)]
    outcome: Outcome,
    #[graphql(skip)]
    invitation: InvitationId,
}

#[ComplexObject]
impl InvitationPayload {
    /// The invitation after the change; null when nothing was done.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<Invitation>, Error> {
        let Some((_, position)) = self.outcome.changed() else { return Ok(None) };
        let (caller, deps) = (permitted(ctx, Action::ManageMembers)?, deps(ctx)?);
        settle(ctx, Some(Position(position))).await?;
        match rows::<Invitations>(deps, caller.tenant, std::iter::once(self.invitation.0)).await?.pop() {
            Some(row) => dress(deps, caller.tenant, row).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Asks somebody to join the company.
#[derive(InputObject)]
pub struct InviteMemberInput {
    /// Where the invitation is sent.
    email: String,
    /// What they will be.
    role: Role,
}

/// Names an invitation.
#[derive(InputObject)]
pub struct InvitationInput {
    /// Which one.
    invitation_id: UuidText,
}

type Payload = Result<Option<InvitationPayload>, Error>;

/// Changes of invitations.
#[derive(Default)]
pub struct InvitationsMutation;

#[Object]
impl InvitationsMutation {
    /// Asks somebody to join the company, by mail; the link is good for 24 hours.
    async fn invite_member(&self, ctx: &Context<'_>, input: InviteMemberInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let (invitation, done) = match people.invite(&caller, &input.email, input.role.into()).await {
            Ok((invitation, done)) => (invitation, Ok(done)),
            Err(refused) => (InvitationId(uuid::Uuid::nil()), Err(refused)),
        };
        Ok(Some(InvitationPayload { outcome: Outcome::told(deps, done)?, invitation }))
    }

    /// Sends an invitation again, for another 24 hours; the former link is of no use any more.
    async fn resend_invitation(&self, ctx: &Context<'_>, input: InvitationInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let invitation = InvitationId(input.invitation_id.0);
        let done = people.renew_invitation(&caller, invitation).await;
        Ok(Some(InvitationPayload { outcome: Outcome::told(deps, done)?, invitation }))
    }

    /// Takes an invitation back.
    async fn revoke_invitation(&self, ctx: &Context<'_>, input: InvitationInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let invitation = InvitationId(input.invitation_id.0);
        let done = people.revoke_invitation(&caller, invitation).await;
        Ok(Some(InvitationPayload { outcome: Outcome::told(deps, done)?, invitation }))
    }
}
