//! Calendar feeds: the plan of a machine or a person for calendar apps.

use async_graphql::{Context, Error, ID, InputObject, Object, OneofObject, SimpleObject};
use domain::kernel::{Action, Caller, FeedId, TenantId};
use domain::tenancy::feeds::{Feed, FeedOf};

use super::{failed, with_people};
use crate::auth::caller;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{MachineRef, OperatorRef, Outcome};
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::scalars::{DateTime, UuidText};
use crate::graphql::{GraphqlDeps, permitted};
use crate::identity::{Identity, Refused};

/// A calendar that apps read at a secret address: what the plan has on a machine or for a person.
#[derive(SimpleObject)]
pub struct CalendarFeed {
    /// Its identity.
    id: ID,
    /// Of which machine.
    machine: Option<Reference>,
    /// Of whom.
    operator: Option<Reference>,
    /// Whether it says for which customers jobs are.
    with_customers: bool,
    /// Who made it. It is of no use while they are not let in, or plan no more.
    made_by: ID,
    /// When it was made.
    made: DateTime,
}

/// Questions about feeds.
#[derive(Default)]
pub struct FeedsQuery;

#[Object]
impl FeedsQuery {
    /// The calendar feeds that were not revoked, the oldest first, 1000 at most: all of the company for who plans, those of their own
    /// work for anybody else.
    async fn calendar_feeds(&self, ctx: &Context<'_>) -> Result<Vec<CalendarFeed>, Error> {
        let plans = caller(ctx)?.may(Action::PlanWork);
        let caller = permitted(ctx, if plans { Action::PlanWork } else { Action::OwnAccount })?;
        let (deps, people) = with_people(ctx)?;
        told(deps, people, &caller, |_| true).await
    }
}

/// Those that are wanted.
async fn told(
    deps: &GraphqlDeps,
    people: &Identity,
    caller: &Caller,
    wanted: impl Fn(FeedId) -> bool,
) -> Result<Vec<CalendarFeed>, Error> {
    let mut feeds = people.feeds(caller).await.map_err(failed(deps))?;
    feeds.retain(|(id, _)| wanted(*id));
    let mut named = Wanted::default();
    for (_, feed) in &feeds {
        match feed.of {
            FeedOf::Machine(machine) => named.machines.insert(machine),
            FeedOf::Operator(operator) => named.operators.insert(operator),
        };
    }
    let labels = named.look_up(deps, caller.tenant).await?;
    Ok(feeds.into_iter().map(|feed| dressed(feed, &labels)).collect())
}

fn dressed((id, feed): (FeedId, Feed), labels: &Labels) -> CalendarFeed {
    let (machine, operator) = match feed.of {
        FeedOf::Machine(machine) => (Some(labels.of(machine.0)), None),
        FeedOf::Operator(operator) => (None, Some(labels.of(operator.0))),
    };
    let Feed { with_customers, by, made, .. } = feed;
    CalendarFeed { id: id.0.into(), machine, operator, with_customers, made_by: by.into(), made: made.into() }
}

/// Whose plan a calendar feed tells: one of these.
#[derive(OneofObject)]
pub enum CalendarFeedOf {
    /// Of a machine.
    Machine(MachineRef),
    /// Of a person.
    Operator(OperatorRef),
}

impl CalendarFeedOf {
    fn find(&self, tenant: TenantId) -> Result<FeedOf, UserError> {
        match self {
            Self::Machine(machine) => machine.require(tenant).map(FeedOf::Machine),
            Self::Operator(operator) => operator.require(tenant).map(FeedOf::Operator),
        }
    }
}

/// Makes a calendar feed of a machine or of an operator.
#[derive(InputObject)]
pub struct MakeCalendarFeedInput {
    /// Whose plan it tells.
    of: CalendarFeedOf,
    /// Whether it says for which customers jobs are: whoever has the address will read it. Only for who plans.
    #[graphql(default)]
    with_customers: bool,
}

/// Ends a calendar feed.
#[derive(InputObject)]
pub struct RevokeCalendarFeedInput {
    /// Which one.
    feed_id: UuidText,
}

/// What became of a calendar feed.
#[derive(SimpleObject)]
pub struct CalendarFeedPayload {
    #[graphql(flatten)]
    outcome: Outcome,
    /// The feed; null when it was revoked, or nothing was done.
    feed: Option<CalendarFeed>,
    /// Its secret address, for a calendar app. It is shown this once; null but for a new one.
    address: Option<String>,
}

impl CalendarFeedPayload {
    const fn of(outcome: Outcome) -> Self {
        Self { outcome, feed: None, address: None }
    }
}

type Payload = Result<Option<CalendarFeedPayload>, Error>;

/// Changes of feeds.
#[derive(Default)]
pub struct FeedsMutation;

#[Object]
impl FeedsMutation {
    /// Makes a calendar feed: whoever has its address reads what is planned on the machine, or for the operator, from where the company
    /// lets people in, until the feed is revoked. Who does not plan makes feeds of the operator that they are.
    async fn make_calendar_feed(&self, ctx: &Context<'_>, input: MakeCalendarFeedInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let refused = |refused| Ok(Some(CalendarFeedPayload::of(Outcome::told(deps, Err(refused))?)));
        // Nobody learns what would name a thing who may not name anything.
        if !caller.may(Action::OwnAccount) {
            return refused(Refused::Denied);
        }
        let of = match input.of.find(caller.tenant) {
            Ok(of) => of,
            Err(error) => return Ok(Some(CalendarFeedPayload::of(Outcome::refused(error)))),
        };
        let made = match people.make_feed(&caller, of, input.with_customers).await {
            Ok(made) => made,
            Err(error) => return refused(error),
        };
        let feed = told(deps, people, &caller, |id| id == made.id).await?.pop();
        Ok(Some(CalendarFeedPayload { outcome: Outcome::done(&made.done), feed, address: Some(made.address) }))
    }

    /// Ends a calendar feed for good: its address answers as if it never was.
    async fn revoke_calendar_feed(&self, ctx: &Context<'_>, input: RevokeCalendarFeedInput) -> Payload {
        let ((deps, people), caller) = (with_people(ctx)?, caller(ctx)?);
        let done = people.revoke_feed(&caller, FeedId(input.feed_id.0)).await;
        Ok(Some(CalendarFeedPayload::of(Outcome::told(deps, done)?)))
    }
}
