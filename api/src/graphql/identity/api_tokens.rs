//! API tokens: the ways in of integrations.

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::identity::api_token::{TokenGrant, TokenName};
use domain::kernel::{self, ApiTokenId};
use projections::api_tokens::{ApiTokenRow, ApiTokens};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};

use super::with_people;
use crate::auth::caller;
use crate::graphql::company::Role;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::mutation::{Outcome, text};
use crate::graphql::references::rows;
use crate::graphql::scalars::{DateTime, Position, UuidText};
use crate::graphql::{deps, errors, permitted, settle};
use crate::identity::Refused;

/// Something that a caller may do; API.md says which role may do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::kernel::Action")]
pub enum Action {
    /// Set up the company: zone, policies.
    ConfigureCompany,
    /// Work centers and machines: create, change, retire.
    ManageMachines,
    /// Shift calendars: create, change, retire.
    ManageCalendars,
    /// Operators and their skills.
    ManageOperators,
    /// Jobs and operations: create, change, cancel, reopen.
    ManageJobs,
    /// Plan work: ask the optimiser, publish, move, pin, take out, undo, say what counts.
    PlanWork,
    /// Assign and un-assign operators.
    AssignOperators,
    /// Start, pause, resume, report, finish; machine status; block and unblock.
    WorkOnFloor,
    /// Correct what was reported.
    CorrectReports,
    /// Ask for jobs, boards, people, totals.
    ViewShop,
    /// Ask for the activity log and replay it.
    ViewActivity,
    /// See and rebuild the read models. Not for tokens.
    Operate,
    /// Ask who is a member and who was invited.
    ViewMembers,
    /// Say who is let in. Not for tokens.
    ManageMembers,
    /// Ask who signed in when and from where, and who failed to.
    ViewLogins,
    /// Make and revoke API tokens. Not for tokens.
    ManageApiTokens,
    /// See and change one's own account. Not for tokens.
    OwnAccount,
}

/// The way in of an integration. It acts under its own identity.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ApiToken {
    /// Identity; its actions are recorded under it.
    id: ID,
    /// What it is called.
    name: String,
    /// What it acts as; less, where its maker is less by now.
    role: Role,
    /// What it may do, of what its role and its maker may.
    scope: Vec<Action>,
    /// Who made it. It is of no use while they are not let in.
    made_by: ID,
    /// When it was made.
    made: DateTime,
    /// When it ends.
    expires: DateTime,
    /// When it was revoked.
    revoked: Option<DateTime>,
    /// Position of the last event that touched this row.
    position: Position,
    #[graphql(skip)]
    token: ApiTokenId,
}

#[ComplexObject]
impl ApiToken {
    /// When it was used last, to the minute; null when it never was, or is of no use any more.
    async fn last_used(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, Error> {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let used = people.api_tokens.last_used(caller.tenant, self.token, deps.clock.now()).await;
        Ok(used.map_err(errors::vault_failure(deps))?.map(Into::into))
    }
}

impl From<ApiTokenRow> for ApiToken {
    fn from(row: ApiTokenRow) -> Self {
        Self {
            id: row.id.0.into(),
            name: row.grant.name.to_string(),
            role: row.grant.role.into(),
            scope: row.grant.scope.into_iter().map(Into::into).collect(),
            made_by: row.by.into(),
            made: row.made.into(),
            expires: row.grant.expires.into(),
            revoked: row.revoked.map(Into::into),
            position: row.position.into(),
            token: row.id,
        }
    }
}

/// Questions about API tokens.
#[derive(Default)]
pub struct ApiTokensQuery;

#[Object]
impl ApiTokensQuery {
    /// The company's API tokens, newest first. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Those that were revoked as well.", default)] include_revoked: bool,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<ApiToken>, Error> {
        let (caller, deps) = (permitted(ctx, kernel::Action::ManageApiTokens)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let stands = Condition { column: "revoked", test: Test::Is(Value::Null) };
        let conditions = (!include_revoked).then_some(stands).into_iter().collect();
        let newest_first = Sort { column: Some("made"), descending: true };
        let mut page = page::<ApiTokens>(deps, caller.tenant, &paging, conditions, newest_first).await?;
        let tokens = page.take_rows().into_iter().map(ApiToken::from).collect();
        Ok(page.connect(tokens))
    }
}

/// Makes the way in of an integration.
#[derive(InputObject)]
pub struct MakeApiTokenInput {
    /// What it is called: the integration that uses it.
    name: String,
    /// What it acts as.
    role: Role,
    /// What it may do, of what the role and you may: as little as it needs.
    scope: Vec<Action>,
    /// When it ends: within 366 days.
    expires: DateTime,
}

/// Ends the way in of an integration.
#[derive(InputObject)]
pub struct RevokeApiTokenInput {
    /// Which one.
    api_token_id: UuidText,
}

/// What became of an API token.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ApiTokenPayload {
    #[graphql(flatten)]
    outcome: Outcome,
    /// The token itself, to be sent as `Authorization: Bearer …`. It is shown this once; null but for a new one.
    token: Option<String>,
    #[graphql(skip)]
    id: ApiTokenId,
}

impl ApiTokenPayload {
    const fn refused(outcome: Outcome) -> Self {
        Self { outcome, token: None, id: ApiTokenId(uuid::Uuid::nil()) }
    }
}

#[ComplexObject]
impl ApiTokenPayload {
    /// The token as it is listed; null when nothing was done.
    async fn api_token(&self, ctx: &Context<'_>) -> Result<Option<ApiToken>, Error> {
        let Some((_, position)) = self.outcome.changed() else { return Ok(None) };
        let (caller, deps) = (permitted(ctx, kernel::Action::ManageApiTokens)?, deps(ctx)?);
        settle(ctx, Some(Position(position))).await?;
        let mut found = rows::<ApiTokens>(deps, caller.tenant, std::iter::once(self.id.0)).await?;
        Ok(found.pop().map(Into::into))
    }
}

type Payload = Result<Option<ApiTokenPayload>, Error>;

/// Changes of API tokens.
#[derive(Default)]
pub struct ApiTokensMutation;

#[Object]
impl ApiTokensMutation {
    /// Makes the way in of an integration. It may never do more than who made it may, ends with them, and is good only from where the
    /// company lets people in.
    async fn make_api_token(&self, ctx: &Context<'_>, input: MakeApiTokenInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let MakeApiTokenInput { name, role, scope, expires } = input;
        // Nobody learns what would fit a name who may not name anything.
        if !caller.may(kernel::Action::ManageApiTokens) {
            return Ok(Some(ApiTokenPayload::refused(Outcome::told(deps, Err(Refused::Denied))?)));
        }
        let name = match text("name", TokenName::try_new, &name) {
            Ok(name) => name,
            Err(error) => return Ok(Some(ApiTokenPayload::refused(Outcome::refused(error)))),
        };
        let scope = scope.into_iter().map(Into::into).collect();
        let grant = TokenGrant { name, role: role.into(), scope, expires: expires.0 };
        Ok(Some(match people.make_api_token(&caller, grant).await {
            Ok(made) => ApiTokenPayload { outcome: Outcome::done(&made.done), token: Some(made.text), id: made.id },
            Err(refused) => ApiTokenPayload::refused(Outcome::told(deps, Err(refused))?),
        }))
    }

    /// Ends the way in of an integration for good; open sockets of it are closed.
    async fn revoke_api_token(&self, ctx: &Context<'_>, input: RevokeApiTokenInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let id = ApiTokenId(input.api_token_id.0);
        let done = people.revoke_api_token(&caller, id).await;
        Ok(Some(ApiTokenPayload { outcome: Outcome::told(deps, done)?, token: None, id }))
    }
}
