//! Terminals: tablets on the floor, and how operators come in there.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::{Action, OperatorId, TerminalId};

use super::{failed, with_people};
use crate::auth::caller;
use crate::graphql::mutation::Outcome;
use crate::graphql::scalars::{DateTime, UuidText};
use crate::graphql::{errors, permitted};
use crate::identity::{Refused, TerminalSeen};

/// A tablet on the shop floor that is paired with the company.
#[derive(SimpleObject)]
pub struct Terminal {
    /// Identity.
    id: ID,
    /// What it is called: where it stands.
    name: String,
    /// Since when.
    paired: DateTime,
    /// When it was used last, to the minute.
    last_used: DateTime,
}

impl From<TerminalSeen> for Terminal {
    fn from(seen: TerminalSeen) -> Self {
        let TerminalSeen { id, name, paired, used } = seen;
        Self { id: id.0.into(), name: name.to_string(), paired: paired.into(), last_used: used.into() }
    }
}

/// How an operator comes in at a terminal.
#[derive(SimpleObject)]
pub struct TerminalAccess {
    /// Whether they have a PIN.
    has_pin: bool,
    /// Whether they have a badge.
    has_badge: bool,
}

/// Questions about terminals.
#[derive(Default)]
pub struct TerminalsQuery;

#[Object]
impl TerminalsQuery {
    /// The company's terminals, the one that was used last first.
    async fn terminals(&self, ctx: &Context<'_>) -> Result<Vec<Terminal>, Error> {
        let (caller, (deps, people)) = (permitted(ctx, Action::ManageOperators)?, with_people(ctx)?);
        let seen = people.terminals(&caller).await.map_err(failed(deps))?;
        Ok(seen.into_iter().map(Into::into).collect())
    }

    /// How an operator comes in at a terminal; null when there is no such operator.
    async fn terminal_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which operator.")] operator_id: UuidText,
    ) -> Result<Option<TerminalAccess>, Error> {
        let (caller, (deps, people)) = (permitted(ctx, Action::ManageOperators)?, with_people(ctx)?);
        let ways = people.floor_ways_in(&caller, OperatorId(operator_id.0)).await.map_err(failed(deps))?;
        Ok(ways.map(|ways| TerminalAccess { has_pin: ways.pin, has_badge: ways.badge }))
    }
}

/// Makes a code that pairs a tablet.
#[derive(InputObject)]
pub struct MakePairingCodeInput {
    /// What the terminal is to be called: where it stands.
    name: String,
}

/// Ends a terminal.
#[derive(InputObject)]
pub struct RevokeTerminalInput {
    /// Which one.
    terminal_id: UuidText,
}

/// Sets an operator's PIN.
#[derive(InputObject)]
pub struct SetOperatorPinInput {
    /// Whose.
    operator_id: UuidText,
    /// 4 to 8 digits; null takes it away.
    pin: Option<String>,
}

/// Registers an operator's badge.
#[derive(InputObject)]
pub struct RegisterBadgeInput {
    /// Whose.
    operator_id: UuidText,
    /// What a scanner reads from it.
    badge: String,
}

/// Takes an operator's badge away.
#[derive(InputObject)]
pub struct RemoveBadgeInput {
    /// Whose.
    operator_id: UuidText,
}

/// A code that pairs one tablet.
#[derive(SimpleObject)]
pub struct PairingCodePayload {
    #[graphql(flatten)]
    outcome: Outcome,
    /// What is typed at `/terminal`, once. It is shown this once; null when none was made.
    code: Option<String>,
    /// Until when.
    expires: Option<DateTime>,
}

/// What became of a terminal, or of a way in at terminals.
#[derive(SimpleObject)]
pub struct TerminalPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

type Payload = Result<Option<TerminalPayload>, Error>;

/// Changes of terminals.
#[derive(Default)]
pub struct TerminalsMutation;

#[Object]
impl TerminalsMutation {
    /// Makes a code that pairs one tablet with the company, within ten minutes.
    async fn make_pairing_code(
        &self,
        ctx: &Context<'_>,
        input: MakePairingCodeInput,
    ) -> Result<Option<PairingCodePayload>, Error> {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        Ok(Some(match people.make_pairing_code(&caller, &input.name).await {
            Ok(made) => {
                let (code, expires) = (Some(made.code), Some(made.expires.into()));
                PairingCodePayload { outcome: Outcome::default(), code, expires }
            }
            Err(refused) => {
                let outcome = errors::refused(deps, refused).map(Outcome::refused)?;
                PairingCodePayload { outcome, code: None, expires: None }
            }
        }))
    }

    /// Ends a terminal for good, and the session of who is signed in there.
    async fn revoke_terminal(&self, ctx: &Context<'_>, input: RevokeTerminalInput) -> Payload {
        let ((_, people), caller) = (with_people(ctx)?, caller(ctx)?);
        told(ctx, people.revoke_terminal(&caller, TerminalId(input.terminal_id.0)).await)
    }

    /// Sets the PIN that an operator comes in with at terminals, or takes it away; ends their session there.
    async fn set_operator_pin(&self, ctx: &Context<'_>, input: SetOperatorPinInput) -> Payload {
        let ((_, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let operator = OperatorId(input.operator_id.0);
        told(ctx, people.set_pin(&caller, operator, input.pin.as_deref()).await)
    }

    /// Registers the badge that an operator comes in with at terminals, in the place of the former one.
    async fn register_badge(&self, ctx: &Context<'_>, input: RegisterBadgeInput) -> Payload {
        let ((_, people), caller) = (with_people(ctx)?, caller(ctx)?);
        told(ctx, people.set_badge(&caller, OperatorId(input.operator_id.0), Some(&input.badge)).await)
    }

    /// Takes an operator's badge away.
    async fn remove_badge(&self, ctx: &Context<'_>, input: RemoveBadgeInput) -> Payload {
        let ((_, people), caller) = (with_people(ctx)?, caller(ctx)?);
        told(ctx, people.set_badge(&caller, OperatorId(input.operator_id.0), None).await)
    }
}

fn told(ctx: &Context<'_>, done: Result<domain::run::Done, Refused>) -> Payload {
    Ok(Some(TerminalPayload { outcome: Outcome::told(with_people(ctx)?.0, done)? }))
}
