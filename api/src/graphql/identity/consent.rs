//! What people let us keep in their browser beyond what is necessary.

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use domain::identity::account::{AccountCommand, AccountState};
use domain::identity::consent::Consent as Given;
use domain::kernel::{Action, Caller};
use domain::run::Command;

use crate::cookies;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CommandFields, Outcome, run_command};
use crate::graphql::scalars::DateTime;
use crate::graphql::{GraphqlDeps, deps, permitted};

/// What the caller lets us keep in their browser.
#[derive(SimpleObject)]
pub struct Consent {
    /// Which table of cookies they saw: see `/cookies.json`.
    version: u16,
    /// Whether that is the present one; where not, they are to be asked again.
    current: bool,
    /// Language, theme.
    functional: bool,
    /// How Kilter is used.
    analytics: bool,
    /// Since when.
    given: DateTime,
}

async fn read(deps: &GraphqlDeps, caller: &Caller) -> Result<Option<Consent>, Error> {
    let account = deps.commands.account(caller.tenant, caller.actor).await;
    let failure = |error| errors::refusal(deps, error).map_or_else(|failed| failed, |_| errors::not_found());
    let account = account.map_err(failure)?;
    let AccountState::Registered(account) = &*account else { return Ok(None) };
    Ok(account.consent.map(|(given, at)| Consent {
        version: given.version,
        current: given.version == cookies::VERSION,
        functional: given.functional,
        analytics: given.analytics,
        given: at.into(),
    }))
}

/// Questions about consent.
#[derive(Default)]
pub struct ConsentQuery;

#[Object]
impl ConsentQuery {
    /// What the caller lets us keep in their browser; null as long as they have not said: then only what is necessary is kept.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>, Error> {
        let caller = permitted(ctx, Action::OwnAccount)?;
        read(deps(ctx)?, &caller).await
    }
}

/// What became of what the caller said.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ConsentPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[async_graphql::ComplexObject]
impl ConsentPayload {
    /// What holds from now on; null when nothing was done.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>, Error> {
        if self.outcome.changed().is_none() {
            return Ok(None);
        }
        let caller = permitted(ctx, Action::OwnAccount)?;
        read(deps(ctx)?, &caller).await
    }
}

/// Says what may be kept in the caller's browser beyond what is necessary.
#[derive(InputObject)]
pub struct SetConsentInput {
    /// Which table of cookies the caller saw: `version` of `/cookies.json`.
    version: u16,
    /// Language, theme.
    functional: bool,
    /// How Kilter is used.
    analytics: bool,
    #[graphql(flatten)]
    fields: CommandFields,
}

/// Changes of consent.
#[derive(Default)]
pub struct ConsentMutation;

#[Object]
impl ConsentMutation {
    /// Says what may be kept in the caller's browser beyond what is necessary. It can be changed and taken back at any time.
    async fn set_consent(&self, ctx: &Context<'_>, input: SetConsentInput) -> Result<Option<ConsentPayload>, Error> {
        let caller = permitted(ctx, Action::OwnAccount)?;
        let SetConsentInput { version, functional, analytics, fields } = input;
        if version != cookies::VERSION {
            let message =
                format!("the table of cookies is at version {}; show that one and ask again", cookies::VERSION);
            let outcome = Outcome::refused(UserError::new(errors::BAD_RANGE, Some("version"), message));
            return Ok(Some(ConsentPayload { outcome }));
        }
        let consent = Box::new(AccountCommand::Consent(Given { version, functional, analytics }));
        let outcome = run_command(ctx, Command::Account(caller.actor, consent), fields).await?;
        Ok(Some(ConsentPayload { outcome }))
    }
}
