//! What does not go together in the plan as it is now.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Error, ID, InputObject, SimpleObject};
use domain::kernel::{JobId, MachineId, OperatorId, TenantId, Timestamp};
use domain::ports;
use domain::scheduling::placement::{OperationRef, Placement};
use projections::planning::{Conflict, ConflictKind, CurrentPlan, Resource};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sight;
use crate::graphql::connection::{Edge, PageInfo, Paging};
use crate::graphql::planning::conflict::{PlanConflict, PlanConflictKind};
use crate::graphql::row::{Row, Rows};
use crate::graphql::scalars::{DateTime, Position};
use crate::graphql::{deps, errors, find_id};

/// Which conflicts are wanted; what is absent narrows nothing.
#[derive(Debug, Default, InputObject)]
pub struct PlanConflictsFilter {
    /// Of these kinds.
    kinds: Option<Vec<PlanConflictKind>>,
    /// Of this job's operations, or with them.
    job_id: Option<ID>,
    /// Of what is planned on this machine, or about it.
    machine_id: Option<ID>,
    /// Of what is planned for this operator, or about them.
    operator_id: Option<ID>,
    /// Over after this instant.
    from: Option<DateTime>,
    /// Begun before this instant.
    until: Option<DateTime>,
}

/// How many conflicts of a kind there are.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanConflictCount {
    /// Of which kind.
    kind: PlanConflictKind,
    /// How many.
    count: usize,
}

/// A page of conflicts.
#[derive(SimpleObject)]
pub struct PlanConflictConnection {
    /// Conflicts with their cursors. A cursor leads on though there are others by then.
    edges: Rows<Edge<PlanConflict>>,
    /// Where this page lies.
    page_info: PageInfo,
    /// How many there are on all pages.
    total_count: usize,
    /// How many of each kind there are on all pages; kinds without any are left out.
    counts: Rows<PlanConflictCount>,
    /// The version of the plan that was looked at.
    plan_version: u64,
    /// How far in the history the answer had come.
    position: Position,
}

/// What a filter takes.
struct Wish {
    kinds: Option<BTreeSet<ConflictKind>>,
    /// What is named and is no identity, which nothing has.
    nothing: bool,
    job: Option<JobId>,
    machine: Option<MachineId>,
    operator: Option<OperatorId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wish {
    fn new(filter: PlanConflictsFilter) -> Result<Self, Error> {
        let PlanConflictsFilter { kinds, job_id, machine_id, operator_id, from, until } = filter;
        if from.zip(until).is_some_and(|(from, until)| until.0 < from.0) {
            return Err(errors::failure(errors::BAD_RANGE, "until must not be before from"));
        }
        let named = [&job_id, &machine_id, &operator_id];
        let id = |id: &Option<ID>| id.as_ref().and_then(find_id);
        Ok(Self {
            kinds: kinds.map(|kinds| kinds.into_iter().map(ConflictKind::from).collect()),
            nothing: named.into_iter().any(|named| named.is_some() && id(named).is_none()),
            job: id(&job_id).map(JobId),
            machine: id(&machine_id).map(MachineId),
            operator: id(&operator_id).map(OperatorId),
            from: from.map(|it| it.0),
            until: until.map(|it| it.0),
        })
    }

    fn takes(&self, plan: &CurrentPlan, it: &Conflict) -> bool {
        let operations = || [Some(it.operation), it.with].into_iter().flatten();
        let planned = plan.placements.get(&it.operation);
        let at = |holds: &dyn Fn(&Placement) -> bool| planned.is_some_and(holds);
        let about = |resource: Resource| it.on.as_ref() == Some(&resource);
        // What takes no time lies where it begins.
        let begins_after = |from: Timestamp| it.from >= from;
        !self.nothing
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&it.kind))
            && self.job.is_none_or(|job| operations().any(|operation| operation.job == job))
            && self.machine.is_none_or(|id| about(Resource::Machine(id)) || at(&|it| it.machine == Some(id)))
            && self.operator.is_none_or(|id| about(Resource::Operator(id)) || at(&|it| it.operator == Some(id)))
            && self.from.is_none_or(|from| it.to > from || begins_after(from))
            && self.until.is_none_or(|until| it.from < until)
    }
}

/// Where a conflict stands in the list.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key(i64, (Uuid, u16), u8, i64, String, Option<(Uuid, u16)>);

impl Key {
    fn of(it: &Conflict) -> Self {
        let operation = |it: OperationRef| (it.job.0, it.operation.0);
        let on = match &it.on {
            Some(Resource::Machine(id)) => format!("m{}", id.0),
            Some(Resource::Operator(id)) => format!("o{}", id.0),
            Some(Resource::Tool(tool)) => format!("t{tool}"),
            None => String::new(),
        };
        let (from, to) = (it.from.as_micros(), it.to.as_micros());
        Self(from, operation(it.operation), it.kind as u8, to, on, it.with.map(operation))
    }
}

/// A page of what does not go together.
pub(super) async fn page_of(
    ctx: &Context<'_>,
    tenant: TenantId,
    (filter, paging): (PlanConflictsFilter, &Paging),
) -> Result<PlanConflictConnection, Error> {
    let (deps, wish) = (deps(ctx)?, Wish::new(filter)?);
    let position: ports::Position = deps.live.position();
    let asked = sight::ask(ctx, move |shop, planning| {
        let mut found = planning.conflicts(shop.plan.placements.values());
        found.retain(|it| wish.takes(&shop.plan, it));
        (shop.plan.version, found)
    });
    let (plan_version, found) = asked.await?;
    let mut counts: BTreeMap<ConflictKind, usize> = BTreeMap::new();
    for it in &found {
        *counts.entry(it.kind).or_default() += 1;
    }
    let total_count = found.len();
    let mut list: Vec<(Key, Conflict)> = found.into_iter().map(|it| (Key::of(&it), it)).collect();
    list.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let (page, page_info) = paging.of_list(list)?;
    let (cursors, page): (Vec<String>, Vec<Conflict>) = page.into_iter().unzip();
    let nodes = PlanConflict::all(deps, tenant, &page).await?;
    let edge = |(cursor, node)| Edge { cursor, node: Row(node) };
    let count = |(kind, count): (ConflictKind, usize)| PlanConflictCount { kind: kind.into(), count };
    Ok(PlanConflictConnection {
        edges: cursors.into_iter().zip(nodes).map(edge).collect(),
        page_info,
        total_count,
        counts: counts.into_iter().map(count).collect(),
        plan_version,
        position: position.into(),
    })
}
