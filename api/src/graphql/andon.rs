//! Calls for help from the floor: open ones, and those that are over.

use std::collections::BTreeSet;

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use projections::andon_calls::{self, AndonCallRow, AndonCalls, Step};
use projections::projection::{Value, row_key};
use projections::views::{Condition, Sort, Test};
use uuid::Uuid;

use super::activity::{Actor, actors};
use super::connection::{Connection, Paging, page};
use super::jobs::{BlockedBy, blocked_by, want_cause};
use super::references::{Reference, Wanted};
use super::scalars::{DateTime, Position};
use super::{GraphqlDeps, deps, find_id, permitted, settle};

/// Somebody on the floor needs help with an operation: nobody works on it until the call ends.
#[derive(Debug, Clone, SimpleObject)]
pub struct AndonCall {
    /// Its identity.
    id: ID,
    /// On which job.
    job: Reference,
    /// On which of its operations.
    operation: u16,
    /// Where that operation is done.
    work_center: Reference,
    /// At which machine, where that is known.
    machine: Option<Reference>,
    /// What is wrong.
    reason: String,
    /// What stands in the way.
    blocked_by: BlockedBy,
    /// When it was called.
    called_at: DateTime,
    /// Who called.
    called_by: Actor,
    /// When it escalates unless somebody answers before; null where the company's calls never do.
    escalates_at: Option<DateTime>,
    /// When it escalated, for nobody had answered: once at most.
    escalated_at: Option<DateTime>,
    /// Since when somebody takes care of it.
    answered_at: Option<DateTime>,
    /// Who takes care of it.
    answered_by: Option<Actor>,
    /// When it was over; null while it is open.
    ended_at: Option<DateTime>,
    /// Who said that it is over.
    ended_by: Option<Actor>,
    /// What was done about it.
    remedy: Option<String>,
    /// Position of the last event that touched it.
    position: Position,
}

/// Which calls are wanted.
#[derive(Debug, Default, InputObject)]
pub struct AndonCallFilter {
    /// Those that are open (`true`), or those that are over (`false`).
    open: Option<bool>,
    /// Those on this job.
    job_id: Option<ID>,
    /// Those at this machine.
    machine_id: Option<ID>,
}

impl AndonCallFilter {
    fn conditions(&self) -> Vec<Condition> {
        let is = |column, id: &ID| {
            let key = find_id(id).map_or_else(String::new, row_key);
            Condition { column, test: Test::Is(Value::Text(key)) }
        };
        let open = self.open.map(|open| if open { andon_calls::open() } else { andon_calls::over() });
        let job = self.job_id.as_ref().map(|id| is("job", id));
        let machine = self.machine_id.as_ref().map(|id| is("machine", id));
        open.into_iter().chain(job).chain(machine).collect()
    }
}

/// Questions about calls for help.
#[derive(Default)]
pub struct AndonQuery;

#[Object]
impl AndonQuery {
    /// Calls for help, the newest first. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn andon_calls(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: AndonCallFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<AndonCall>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let (paging, sort) = (Paging::new(first, after, last, before), NEWEST_FIRST);
        let mut page = page::<AndonCalls>(deps, caller.tenant, &paging, filter.conditions(), sort).await?;
        let nodes = dress(deps, caller.tenant, page.take_rows()).await?;
        Ok(page.connect(nodes))
    }
}

/// The order of calls.
pub const NEWEST_FIRST: Sort = Sort { column: Some("called"), descending: true };

/// Dresses calls with names.
pub async fn dress(deps: &GraphqlDeps, tenant: TenantId, rows: Vec<AndonCallRow>) -> Result<Vec<AndonCall>, Error> {
    let (mut wanted, mut people) = (Wanted::default(), BTreeSet::new());
    for row in &rows {
        wanted.jobs.insert(row.job);
        wanted.work_centers.insert(row.work_center);
        wanted.machines.extend(row.machine);
        want_cause(&mut wanted, &row.cause);
        people.extend([Some(row.called), row.answered, row.ended].into_iter().flatten().map(|step| step.by));
    }
    let (labels, people) = futures_util::try_join!(wanted.look_up(deps, tenant), actors(deps, tenant, people))?;
    let at = |step: Option<Step>| step.map(|step| DateTime(step.at));
    let by = |step: Step| people.get(&step.by).cloned().unwrap_or_else(|| Actor::unknown(step.by));
    let named = |id: Uuid| labels.of(id);
    Ok(rows
        .into_iter()
        .map(|row| AndonCall {
            id: row.id.into(),
            job: named(row.job.0),
            operation: row.operation.0,
            work_center: named(row.work_center.0),
            machine: row.machine.map(|machine| named(machine.0)),
            reason: row.reason.to_string(),
            blocked_by: blocked_by(&row.cause, &labels),
            called_at: row.called.at.into(),
            called_by: by(row.called),
            escalates_at: row.escalates_at.map(DateTime),
            escalated_at: row.escalated_at.map(DateTime),
            answered_at: at(row.answered),
            answered_by: row.answered.map(by),
            ended_at: at(row.ended),
            ended_by: row.ended.map(by),
            remedy: row.remedy.as_ref().map(ToString::to_string),
            position: row.position.into(),
        })
        .collect())
}
