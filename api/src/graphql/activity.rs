//! The activity log: who did what, when, with the values before and after.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{ActorId, Caller, JobId, StreamType, TenantId};
use domain::ports::{self, Envelope, Recorded};
use projections::activity_log::{self, ActivityLog, Reader, Said, changes, found_by, mentions, of_kinds, sentence};
use projections::company;
use projections::projection::{Projection, Value, row_key};
use projections::views::{Condition, Sort, Test};

use super::company::Role;
use super::connection::{Connection, Paging, page};
use super::references::{Labels, Reference, Wanted, opened};
use super::scalars::{DateTime, Position, Revision};
use super::{GraphqlDeps, deps, errors, find_id, permitted, settle};

/// The kinds of things that have a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::kernel::StreamType")]
pub enum ThingKind {
    /// The company itself.
    Company,
    /// A work center.
    WorkCenter,
    /// A machine.
    Machine,
    /// An operator.
    Operator,
    /// A job.
    Job,
    /// Who is a member of the company, and who was invited.
    Roster,
    /// A person's account.
    Account,
    /// A session of an account.
    Session,
    /// An integration's way in.
    ApiToken,
    /// A shift calendar.
    Calendar,
    /// The plan.
    Plan,
    /// A what-if.
    Scenario,
    /// A tool or fixture.
    Tool,
}

/// Who did something.
#[derive(Debug, Clone, SimpleObject)]
pub struct Actor {
    /// Identity under which actions are recorded.
    id: ID,
    /// What they are called, where that is known.
    name: Option<String>,
}

impl Actor {
    /// Somebody of whom nothing else is known.
    pub fn unknown(id: ActorId) -> Self {
        Self { id: id.into(), name: None }
    }
}

/// A value that an event set or changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct Change {
    /// Which value, named as in the inputs.
    field: String,
    /// Of which operation of the job, where it is one's.
    operation: Option<u16>,
    /// Before; null where it was nothing or is not known. Things are shown by their codes, instants in UTC.
    before: Option<String>,
    /// After; null where it is nothing.
    after: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActivityEntry {
    /// Its place among all events; the cursor of subscriptions.
    pub position: Position,
    /// Identity of the event.
    event_id: ID,
    /// What happened, such as `job.created`.
    event_type: String,
    /// The same in one plain English sentence.
    sentence: String,
    /// What kind of thing it happened to.
    kind: ThingKind,
    /// What it happened to.
    thing: Reference,
    /// Its place in the history of the thing.
    revision: Revision,
    /// When it happened on the floor.
    pub happened_at: DateTime,
    /// When Kilter was told.
    recorded_at: DateTime,
    /// Who did it.
    actor: Actor,
    /// For whom, where somebody acted for another.
    on_behalf_of: Option<ID>,
    /// Under which role.
    role: Role,
    /// Which command did it.
    command_id: ID,
    /// What outside request it belongs to.
    correlation_id: ID,
    /// Which event caused the command.
    causation_id: Option<ID>,
    /// Values before and after.
    changes: Vec<Change>,
}

/// Which entries are wanted: those for which everything given here holds.
#[derive(Debug, Default, Clone, InputObject)]
pub struct ActivityFilter {
    /// Of this job, work center, machine or operator.
    thing_id: Option<ID>,
    /// Of the job with this number.
    job_number: Option<String>,
    /// Of things of these kinds.
    #[graphql(validator(max_items = 100))]
    kinds: Option<Vec<ThingKind>>,
    /// Of these types, such as `job.created`.
    #[graphql(validator(max_items = 100))]
    event_types: Option<Vec<String>>,
    /// By this actor.
    actor_id: Option<ID>,
    /// Happened at this instant or later.
    happened_from: Option<DateTime>,
    /// Happened before this instant.
    happened_before: Option<DateTime>,
}

impl ActivityFilter {
    /// What must hold of a row.
    pub fn conditions(&self, tenant: TenantId) -> Vec<Condition> {
        let id = |id: &ID| Value::Text(find_id(id).map_or_else(|| id.to_string(), row_key));
        let is = |column, value| Condition { column, test: Test::Is(value) };
        let micros = |instant: DateTime| Value::Integer(instant.0.as_micros());
        let happened = |test| Condition { column: "happened", test };
        let job = self.job_number.as_ref().map(|number| JobId::from_key(tenant, number.trim()).0);
        let kinds = self.kinds.as_ref().map(|kinds| {
            let kinds: Vec<StreamType> = kinds.iter().map(|kind| (*kind).into()).collect();
            of_kinds(&kinds)
        });
        let types = self.event_types.as_ref().map(|types| Condition {
            column: "event_type",
            test: Test::In(types.iter().cloned().map(Value::Text).collect()),
        });
        self.thing_id
            .iter()
            .map(|thing| is("subject", id(thing)))
            .chain(job.map(|job| is("subject", Value::Text(row_key(job)))))
            .chain(kinds)
            .chain(types)
            .chain(self.actor_id.iter().map(|actor| is("actor", id(actor))))
            .chain(self.happened_from.map(|from| happened(Test::AtLeast(micros(from)))))
            .chain(self.happened_before.map(|end| happened(Test::Below(micros(end)))))
            .collect()
    }

    /// What must hold of a row that this caller may see. Who may not see logins sees of accounts, sessions and tokens only what they
    /// ask of themselves by name.
    pub fn seen_by(&self, caller: &Caller) -> Vec<Condition> {
        let own = |id: &Option<ID>| id.as_ref().and_then(find_id) == Some(caller.actor.0);
        let mut conditions = self.conditions(caller.tenant);
        if !(own(&self.thing_id) || own(&self.actor_id)) {
            conditions.extend(hidden_from(caller));
        }
        conditions
    }

    /// Whether this event passes: the same as `conditions`, without asking the views.
    pub fn passes(&self, tenant: TenantId, event: &Recorded) -> bool {
        let values = found_by(&event.envelope);
        self.conditions(tenant).iter().all(|condition| {
            let place = ActivityLog::INDEXES.iter().position(|column| column.name == condition.column);
            place.and_then(|place| values.get(place)).is_some_and(|value| holds(&condition.test, value))
        })
    }
}

/// What happened to ways in, and who came in by them: for who may see logins.
const OF_WAYS_IN: [StreamType; 3] = [StreamType::Account, StreamType::Session, StreamType::ApiToken];

/// What keeps that from this caller; nothing where they may see it.
pub fn hidden_from(caller: &Caller) -> Option<Condition> {
    let Condition { column, test } = of_kinds(&OF_WAYS_IN);
    match test {
        Test::In(names) if !caller.may(Action::ViewLogins) => Some(Condition { column, test: Test::NotIn(names) }),
        _ => None,
    }
}

/// Whether an event is hidden from this caller: the same, without asking the views.
pub fn hides(caller: &Caller, event: &Recorded) -> bool {
    OF_WAYS_IN.contains(&event.envelope.stream.kind) && !caller.may(Action::ViewLogins)
}

fn holds(condition: &Test, value: &Value) -> bool {
    match condition {
        Test::Is(wanted) => value == wanted,
        Test::In(wanted) => wanted.contains(value),
        Test::NotIn(others) => !others.contains(value),
        Test::AtLeast(least) => value >= least,
        Test::Below(end) => value < end,
        Test::Contains(part) => {
            matches!(value, Value::Text(whole) if whole.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
        }
    }
}

/// Questions about what happened.
#[derive(Default)]
pub struct ActivityQuery;

#[Object]
impl ActivityQuery {
    /// What happened, newest first. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn activity_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which entries.", default)] filter: ActivityFilter,
        #[graphql(desc = "Oldest first instead.", default)] oldest_first: bool,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<ActivityEntry>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewActivity)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let sort = Sort { column: None, descending: !oldest_first };
        let conditions = filter.seen_by(&caller);
        let mut page = page::<ActivityLog>(deps, caller.tenant, &paging, conditions, sort).await?;
        let positions = page.take_rows().iter().map(|row| row.position).collect();
        let entries = entries_at(deps, caller.tenant, positions).await?;
        Ok(page.connect_found(entries))
    }
}

/// What happened at these positions, in their order; `None` where the log has lost the body since.
pub async fn entries_at(
    deps: &GraphqlDeps,
    tenant: TenantId,
    positions: Vec<ports::Position>,
) -> Result<Vec<Option<ActivityEntry>>, Error> {
    let stored = deps.store.read_at(tenant, positions.clone()).await.map_err(errors::read_failure(deps))?;
    let whole = stored.iter().filter(|stored| !stored.is_truncated());
    let events = whole.map(|stored| deps.codec.decode(stored).map_err(|error| errors::fault(deps, &error)));
    let entries = dress(deps, tenant, &events.collect::<Result<Vec<_>, _>>()?).await?;
    let mut by_position: BTreeMap<_, _> = entries.into_iter().map(|entry| (entry.position.0, entry)).collect();
    Ok(positions.iter().map(|position| by_position.remove(position)).collect())
}

/// Dresses events with names, opened personal data, sentences and values before and after.
pub async fn dress(
    deps: &GraphqlDeps,
    tenant: TenantId,
    events: &[impl Borrow<Recorded> + Sync],
) -> Result<Vec<ActivityEntry>, Error> {
    let events: Vec<&Recorded> = events.iter().map(Borrow::borrow).collect();
    let mut wanted = Wanted::default();
    for Recorded { envelope, event } in &events {
        for thing in mentions(envelope.stream, event) {
            wanted.thing(thing);
        }
    }
    let zone = async { company::time_zone(&*deps.views, tenant).await.map_err(errors::view_failure(deps)) };
    let who = events.iter().map(|event| event.envelope.actor).collect();
    let (labels, zone, actors) =
        futures_util::try_join!(wanted.look_up(deps, tenant), zone, actors(deps, tenant, who))?;
    let reader = Reader { labels: labels.codes(), zone: &zone };
    let mut entries = Vec::with_capacity(events.len());
    for Recorded { envelope, event } in &events {
        let changes = shown(deps, tenant, changes(event), &labels).await?;
        let sentence = sentence(envelope.stream, event, reader);
        let unknown = || Actor::unknown(envelope.actor);
        let actor = actors.get(&envelope.actor).cloned().unwrap_or_else(unknown);
        entries.push(entry(envelope, actor, sentence, labels.of(envelope.stream.id), changes));
    }
    Ok(entries)
}

/// Who these are, with what they are called.
pub async fn actors(
    deps: &GraphqlDeps,
    tenant: TenantId,
    ids: BTreeSet<ActorId>,
) -> Result<BTreeMap<ActorId, Actor>, Error> {
    let mut actors = BTreeMap::new();
    for id in ids {
        let label = deps.registry.actor_label(tenant, id).await.map_err(errors::vault_failure(deps))?;
        actors.insert(id, Actor { id: id.into(), name: label.map(|label| label.to_string()) });
    }
    Ok(actors)
}

fn entry(envelope: &Envelope, actor: Actor, sentence: String, thing: Reference, changes: Vec<Change>) -> ActivityEntry {
    ActivityEntry {
        position: envelope.position.into(),
        event_id: envelope.event_id.into(),
        event_type: envelope.event_type.to_string(),
        sentence,
        kind: envelope.stream.kind.into(),
        thing,
        revision: Revision(envelope.revision),
        happened_at: envelope.happened_at.into(),
        recorded_at: envelope.recorded_at.into(),
        actor,
        on_behalf_of: envelope.on_behalf_of.map(Into::into),
        role: envelope.role.into(),
        command_id: envelope.command_id.into(),
        correlation_id: envelope.correlation.into(),
        causation_id: envelope.causation.map(Into::into),
        changes,
    }
}

async fn shown(
    deps: &GraphqlDeps,
    tenant: TenantId,
    changes: Vec<activity_log::Change>,
    labels: &Labels,
) -> Result<Vec<Change>, Error> {
    let mut shown = Vec::with_capacity(changes.len());
    for change in changes {
        shown.push(Change {
            field: change.field.to_owned(),
            operation: change.operation.map(|number| number.0),
            before: words(deps, tenant, change.before, labels).await?,
            after: words(deps, tenant, change.after, labels).await?,
        });
    }
    Ok(shown)
}

/// A value as text; `None` where it is nothing or was erased.
async fn words(
    deps: &GraphqlDeps,
    tenant: TenantId,
    said: Option<Said>,
    labels: &Labels,
) -> Result<Option<String>, Error> {
    let Some(said) = said else { return Ok(None) };
    Ok(Some(match said {
        Said::Text(text) => text,
        Said::Word(word) => word.to_owned(),
        Said::Number(number) => number.to_string(),
        Said::Amount(amount) => amount.to_string(),
        Said::Instant(instant) => instant.to_string(),
        Said::Flag(flag) => flag.to_string(),
        Said::Actor(actor) => actor.to_string(),
        Said::Thing(thing) => labels.codes().get(thing).unwrap_or_default().to_owned(),
        Said::Name(name) => return opened(deps, tenant, Some(&name)).await,
    }))
}
