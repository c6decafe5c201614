//! The activity log: who did what, when, with the values before and after.

use std::collections::BTreeSet;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{ActorId, JobId, MachineId, OperatorId, Sealed, StreamId, StreamType, TenantId, WorkCenterId};
use projections::activity_log::{ActivityLog, ActivityRow};
use projections::projection::{Value, row_key};
use projections::views::{Condition, Sort, Test};
use serde_json::Value as Json;
use uuid::Uuid;

use super::company::Role;
use super::connection::{Connection, Paging, page};
use super::references::{Labels, Reference, Wanted};
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
}

/// Who did something.
#[derive(Debug, Clone, SimpleObject)]
pub struct Actor {
    /// Identity under which actions are recorded.
    id: ID,
    /// What they are called, where that is known.
    name: Option<String>,
}

/// A value that an event set or changed. Identities of work centers, machines and operators are shown by their codes.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Change {
    /// Which value, with dots between levels.
    field: String,
    /// Before; null when there was none. Lists and objects are JSON.
    before: Option<String>,
    /// After; null when there is none any more.
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
    kinds: Option<Vec<ThingKind>>,
    /// Of these types, such as `job.created`.
    event_types: Option<Vec<String>>,
    /// By this actor.
    actor_id: Option<ID>,
    /// Happened at this instant or later.
    happened_from: Option<DateTime>,
    /// Happened before this instant.
    happened_before: Option<DateTime>,
    /// Recorded at this instant or later.
    recorded_from: Option<DateTime>,
    /// Recorded before this instant.
    recorded_before: Option<DateTime>,
}

impl ActivityFilter {
    /// What must hold of a row.
    pub fn conditions(&self, tenant: TenantId) -> Vec<Condition> {
        let id = |id: &ID| Value::Text(find_id(id).map_or_else(|| id.to_string(), row_key));
        let is = |column, value| Condition { column, test: Test::Is(value) };
        let texts = |column, texts: Vec<String>| Condition {
            column,
            test: Test::In(texts.into_iter().map(Value::Text).collect()),
        };
        let micros = |instant: DateTime| Value::Integer(instant.0.as_micros());
        let from =
            |column, from: Option<DateTime>| from.map(|from| Condition { column, test: Test::AtLeast(micros(from)) });
        let before =
            |column, end: Option<DateTime>| end.map(|end| Condition { column, test: Test::Below(micros(end)) });
        let job = self.job_number.as_ref().map(|number| JobId::from_key(tenant, number.trim()).0);
        let kinds = self
            .kinds
            .as_ref()
            .map(|kinds| texts("kind", kinds.iter().map(|kind| StreamType::from(*kind).as_str().to_owned()).collect()));
        self.thing_id
            .iter()
            .map(|thing| is("subject", id(thing)))
            .chain(job.map(|job| is("subject", Value::Text(row_key(job)))))
            .chain(kinds)
            .chain(self.event_types.clone().map(|types| texts("event_type", types)))
            .chain(self.actor_id.iter().map(|actor| is("actor", id(actor))))
            .chain(from("happened", self.happened_from))
            .chain(before("happened", self.happened_before))
            .chain(from("recorded", self.recorded_from))
            .chain(before("recorded", self.recorded_before))
            .collect()
    }

    /// Whether this row passes: the same as `conditions`, for rows that are not in the store yet.
    pub fn passes(&self, tenant: TenantId, row: &ActivityRow) -> bool {
        use projections::projection::Projection;
        let values = ActivityLog::index(row);
        self.conditions(tenant).iter().all(|condition| {
            let place = ActivityLog::INDEXES.iter().position(|column| column.name == condition.column);
            place.and_then(|place| values.get(place)).is_some_and(|value| holds(&condition.test, value))
        })
    }
}

fn holds(test: &Test, value: &Value) -> bool {
    match test {
        Test::Is(wanted) => value == wanted,
        Test::In(wanted) => wanted.contains(value),
        Test::AtLeast(least) => value >= least,
        Test::Below(end) => value < end,
        Test::Contains(part) => {
            matches!(value, Value::Text(text) if text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
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
        let conditions = filter.conditions(caller.tenant);
        let mut page = page::<ActivityLog>(deps, caller.tenant, &paging, conditions, sort).await?;
        let nodes = dress(deps, caller.tenant, &page.take_rows()).await?;
        Ok(page.connect(nodes))
    }
}

/// Dresses rows with names, opened personal data and values before and after.
pub async fn dress(deps: &GraphqlDeps, tenant: TenantId, rows: &[ActivityRow]) -> Result<Vec<ActivityEntry>, Error> {
    let mut wanted = Wanted::default();
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        want(&mut wanted, row.subject);
        let body = serde_json::from_str(row.body.as_json()).map_err(|error| errors::fault(deps, &error))?;
        let body = open_all(deps, tenant, body).await?;
        body.as_object().into_iter().flatten().for_each(|(field, value)| want_all(&mut wanted, field, value));
        changes.push(body);
    }
    let labels = wanted.look_up(deps, tenant).await?;
    let actors = actors(deps, tenant, rows).await?;
    let entries = rows.iter().zip(&changes).map(|(row, body)| entry(row, body, &labels, &actors));
    Ok(entries.collect())
}

async fn actors(deps: &GraphqlDeps, tenant: TenantId, rows: &[ActivityRow]) -> Result<Vec<(ActorId, Actor)>, Error> {
    let mut actors = Vec::new();
    for id in rows.iter().map(|row| row.actor).collect::<BTreeSet<_>>() {
        let label = deps.registry.actor_label(tenant, id).await.map_err(errors::vault_failure(deps))?;
        actors.push((id, Actor { id: id.into(), name: label.map(|label| label.to_string()) }));
    }
    Ok(actors)
}

fn want(wanted: &mut Wanted, thing: StreamId) {
    match thing.kind {
        StreamType::Company => false,
        StreamType::WorkCenter => wanted.work_centers.insert(WorkCenterId(thing.id)),
        StreamType::Machine => wanted.machines.insert(MachineId(thing.id)),
        StreamType::Operator => wanted.operators.insert(OperatorId(thing.id)),
        StreamType::Job => wanted.jobs.insert(JobId(thing.id)),
    };
}

/// Notes the identities that a body speaks of, by the names of its fields.
fn want_all(wanted: &mut Wanted, field: &str, value: &Json) {
    match value {
        Json::String(text) => {
            let kind = match field {
                "work_center" => StreamType::WorkCenter,
                "machine" => StreamType::Machine,
                "operator" | "person" => StreamType::Operator,
                _ => return,
            };
            if let Ok(id) = Uuid::parse_str(text) {
                want(wanted, StreamId::new(kind, id));
            }
        }
        Json::Object(fields) => fields.iter().for_each(|(field, value)| want_all(wanted, field, value)),
        Json::Array(items) => items.iter().for_each(|item| want_all(wanted, field, item)),
        _ => {}
    }
}

/// Opens the sealed values of a body; what was erased becomes null.
async fn open_all(deps: &GraphqlDeps, tenant: TenantId, body: Json) -> Result<Json, Error> {
    let Json::Object(mut fields) = body else { return Ok(body) };
    for value in fields.values_mut() {
        if value.as_str() == Some("erased") {
            *value = Json::Null;
        } else if let Some(sealed) = value.get("sealed") {
            let sealed: Sealed = serde_json::from_value(sealed.clone()).map_err(|error| errors::fault(deps, &error))?;
            let opened = deps.vault.open(tenant, &sealed).await.map_err(errors::vault_failure(deps))?;
            *value = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Json::Null);
        }
    }
    Ok(Json::Object(fields))
}

fn entry(row: &ActivityRow, body: &Json, labels: &Labels, actors: &[(ActorId, Actor)]) -> ActivityEntry {
    let unknown = || Actor { id: row.actor.into(), name: None };
    let actor = actors.iter().find(|(id, _)| *id == row.actor).map(|(_, actor)| actor.clone());
    ActivityEntry {
        position: row.position.into(),
        event_id: row.event_id.into(),
        event_type: row.event_type.to_string(),
        kind: row.subject.kind.into(),
        thing: labels.of(row.subject.id),
        revision: Revision(row.revision),
        happened_at: row.happened_at.into(),
        recorded_at: row.recorded_at.into(),
        actor: actor.unwrap_or_else(unknown),
        on_behalf_of: row.on_behalf_of.map(Into::into),
        role: row.role.into(),
        command_id: row.command.into(),
        correlation_id: row.correlation.into(),
        causation_id: row.causation.map(Into::into),
        changes: changes(&row.event_type, body, labels),
    }
}

/// What the event set or changed. An event that replaces something carries what it `was`: an object beside the object that
/// replaces it, or a single value beside the field that replaces it; where that goes without saying, it is the status.
fn changes(event_type: &str, body: &Json, labels: &Labels) -> Vec<Change> {
    let Some(fields) = body.as_object() else { return Vec::new() };
    let show = |value: &Json| shown(value, labels);
    let was = fields.get("was");
    let explains = |field: &str| matches!(field, "reason" | "open" | "cause" | "report" | "operation" | "operator");
    let replaced = was.and_then(|was| {
        fields
            .iter()
            .find(|(field, value)| field.as_str() != "was" && !explains(field) && value.is_object() == was.is_object())
    });
    let mut changes = Vec::new();
    match (was, replaced) {
        (Some(Json::Object(before)), Some((_, Json::Object(after)))) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            let pairs = names.into_iter().map(|name| (name, before.get(name), after.get(name)));
            changes.extend(pairs.filter(|(_, before, after)| before != after).map(|(name, before, after)| Change {
                field: name.clone(),
                before: before.and_then(show),
                after: after.and_then(show),
            }));
        }
        (Some(before), Some((name, after))) => {
            changes.push(Change { field: name.clone(), before: show(before), after: show(after) });
        }
        (Some(before), None) => {
            let after = event_type.rsplit('.').next().map(ToOwned::to_owned);
            changes.push(Change { field: "status".to_owned(), before: show(before), after });
        }
        (None, _) => {}
    }
    let rest =
        fields.iter().filter(|(field, _)| field.as_str() != "was" && replaced.is_none_or(|(name, _)| name != *field));
    for (field, value) in rest {
        set(&mut changes, field, value, labels);
    }
    changes
}

/// A value that there was not before; objects are opened one level, so that details can be read.
fn set(changes: &mut Vec<Change>, field: &str, value: &Json, labels: &Labels) {
    if let Json::Object(fields) = value {
        for (name, value) in fields {
            changes.push(Change { field: format!("{field}.{name}"), before: None, after: shown(value, labels) });
        }
    } else {
        changes.push(Change { field: field.to_owned(), before: None, after: shown(value, labels) });
    }
    changes.retain(|change| change.before.is_some() || change.after.is_some());
}

fn shown(value: &Json, labels: &Labels) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(Uuid::parse_str(text).map_or_else(|_| text.clone(), |id| labels.of(id).code)),
        Json::Array(items) if items.is_empty() => None,
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(event_type: &str, body: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let body: Json = serde_json::from_str(body).expect("JSON");
        let changes = changes(event_type, &body, &Labels::default());
        changes.into_iter().map(|change| (change.field, change.before, change.after)).collect()
    }

    fn triple(field: &str, before: Option<&str>, after: Option<&str>) -> (String, Option<String>, Option<String>) {
        (field.to_owned(), before.map(ToOwned::to_owned), after.map(ToOwned::to_owned))
    }

    #[test]
    fn a_replaced_value_shows_before_and_after() {
        let changes = told("machine.renamed", r#"{"was":"Old","name":"New"}"#);
        assert_eq!(changes, [triple("name", Some("Old"), Some("New"))]);
    }

    #[test]
    fn of_replaced_details_only_those_that_differ_are_shown() {
        let body = r#"{"was":{"priority":50,"unit":"pcs"},"details":{"priority":70,"unit":"pcs"}}"#;
        assert_eq!(told("job.revised", body), [triple("priority", Some("50"), Some("70"))]);
    }

    #[test]
    fn a_status_that_goes_without_saying_is_told_from_the_kind_of_event() {
        let changes = told("job.paused", r#"{"was":"running","reason":"lunch"}"#);
        assert_eq!(changes, [triple("status", Some("running"), Some("paused")), triple("reason", None, Some("lunch"))]);
    }

    #[test]
    fn a_new_thing_has_no_values_before() {
        let changes = told("job.created", r#"{"number":"1","details":{"unit":"pcs","notes":null},"operations":[]}"#);
        assert_eq!(changes, [triple("details.unit", None, Some("pcs")), triple("number", None, Some("1"))]);
    }
}
