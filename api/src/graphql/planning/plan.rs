//! The plan of the site: what counts in it, how it came to be as it is, and what could be promised or taken back.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Error, Object, SimpleObject};
use domain::catalog::Event;
use domain::kernel::roles::Action;
use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::{Direction, Recorded};
use domain::scheduling::site_plan::{Change, Moved, Origin, PlanEvent};

use super::objective::{PlanPreset, PlanWeights};
use super::operations::{OperationReference, PlannedBar};
use super::promise::{self, PromiseDate, PromiseDateInput};
use super::undo::{self, UndoPreview};
use crate::graphql::activity::{ActivityEntry, ThingKind, dress};
use crate::graphql::board::sight;
use crate::graphql::company::OverlapPolicy;
use crate::graphql::errors;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::row::Rows;
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, deps, permitted, settle};
use crate::planning::Undo;

/// The most changes.
const MOST_CHANGES: i32 = 50;
/// The most moves of one change.
const MOST_MOVES: usize = 200;
/// Events that are read at once.
const PAGE: usize = 100;
/// Pages that are read at most: a change of ten thousand operations is a few events.
const MOST_PAGES: usize = 10;

/// The plan of the site, and what counts in it.
#[derive(SimpleObject)]
pub struct SitePlan {
    /// Raised by everything that changes where operations are.
    version: u64,
    /// What counts for the optimiser, by name.
    preset: PlanPreset,
    /// What counts, by number: those of the preset, where the company has none of its own.
    weights: PlanWeights,
    /// Whether the company has weights of its own.
    own_weights: bool,
    /// What is planned to start so soon stays as it is, seconds.
    freeze_seconds: u32,
    /// What happens to a move by hand that makes a conflict.
    overlap: OverlapPolicy,
    /// How many operations have a place.
    planned: usize,
    /// How many of them somebody has fixed, with pins that hold now.
    pinned: usize,
}

/// Where an operation was, and where it is.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanMove {
    /// Which.
    operation: OperationReference,
    /// Where it was; null where it had no place.
    was: Option<PlannedBar>,
    /// Where it is then; null where it has none.
    is: Option<PlannedBar>,
}

impl PlanMove {
    /// Wants the names that moves speak of.
    pub(super) fn want(wanted: &mut Wanted, moves: &[Moved]) {
        wanted.jobs.extend(moves.iter().map(|it| it.operation.job));
        moves.iter().flat_map(|it| [it.was, it.is]).flatten().for_each(|it| PlannedBar::want(wanted, &it));
    }

    /// With names.
    pub(super) fn all(moves: &[Moved], labels: &Labels) -> Rows<Self> {
        let told = |it: &Moved| Self {
            operation: OperationReference::new(it.operation, labels),
            was: it.was.map(|it| PlannedBar::new(&it, labels)),
            is: it.is.map(|it| PlannedBar::new(&it, labels)),
        };
        moves.iter().map(told).collect()
    }
}

/// A thing whose events made a change necessary.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanCause {
    /// What kind of thing.
    kind: ThingKind,
    /// Which.
    thing: Reference,
}

/// A change of where operations are.
#[derive(SimpleObject)]
pub struct PlanChange {
    /// The version of the plan that it made.
    version: u64,
    /// Who did what, when.
    activity: ActivityEntry,
    /// Why, where somebody said.
    reason: Option<String>,
    /// Of `plan.followed` the things whose events made it necessary; empty where time alone did.
    causes: Vec<PlanCause>,
    /// Of `plan.undone` the version whose change was taken back.
    undoes: Option<u64>,
    /// How many operations it moved.
    moved_count: usize,
    /// What it moved, the first 200.
    moved: Rows<PlanMove>,
    /// Whether `undoPlanChange` may take it back; `undoPreview` tells what that would do.
    can_undo: bool,
}

/// Questions about the plan of the site.
#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// The plan of the site, and what counts in it. Where it has operations, `board` tells.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<SitePlan, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let state = deps.commands.plan(caller.tenant).await.map_err(broken(deps))?;
        let (policies, now) = (state.policies, deps.clock.now());
        Ok(SitePlan {
            version: state.version,
            preset: policies.preset.into(),
            weights: policies.weights().into(),
            own_weights: policies.weights.is_some(),
            freeze_seconds: policies.freeze_seconds,
            overlap: policies.overlap.into(),
            planned: state.placements().len(),
            pinned: state.pins().filter(|(_, pin)| pin.holds(now)).count(),
        })
    }

    /// How the plan came to be as it is: the latest changes of where operations are, the last one first, as far back as they can be
    /// told: some 50 that people made, and some 50 that followed the floor.
    async fn plan_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 50.", default = 20)] first: i32,
        #[graphql(
            desc = "Only those that `undoPlanChange` may take back: however often the floor was followed since.",
            default
        )]
        undoable: bool,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Rows<PlanChange>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewActivity)?, deps(ctx)?);
        let first = usize::try_from(first).ok().filter(|_| (1..=MOST_CHANGES).contains(&first));
        let first = first.ok_or_else(|| errors::failure(errors::BAD_PAGE, "first is 1 to 50"))?;
        settle(ctx, min_position).await?;
        changes(deps, caller.tenant, (first, undoable)).await
    }

    /// What `undoPlanChange` would do now; nothing is done.
    async fn undo_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version of the plan that the change made.")] version: u64,
        #[graphql(desc = "Leave what can't go back, as `undoPlanChange` is asked to.", default)] partly: bool,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<UndoPreview, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        settle(ctx, min_position).await?;
        let _turn = sight::turn(ctx).await?;
        undo::preview(ctx, &caller, Undo { change: version, partly, reason: None }).await
    }

    /// When an order that does not exist yet could be done in what the plan leaves free. Nothing is made, and nothing moves for it.
    async fn promise_date(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: PromiseDateInput,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<PromiseDate, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        settle(ctx, min_position).await?;
        promise::promise(ctx, &caller, input).await
    }
}

/// What the plan could not be read for.
pub(in crate::graphql) fn broken(deps: &GraphqlDeps) -> impl Fn(domain::run::RunError) -> Error {
    move |error| errors::refusal(deps, error).map_or_else(|it| it, |told| errors::fault(deps, &told.message))
}

async fn changes(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (first, undoable): (usize, bool),
) -> Result<Rows<PlanChange>, Error> {
    let state = deps.commands.plan(tenant).await.map_err(broken(deps))?;
    let wanted = state.changes().filter(|change| change.reversible || !undoable);
    let latest: Vec<&Change> = wanted.take(first).collect();
    let events = events(deps, tenant, &latest).await?;
    let mut wanted = Wanted::default();
    for change in &latest {
        PlanMove::want(&mut wanted, shown(change));
    }
    causes(&events).for_each(|stream| want(&mut wanted, *stream));
    let labels = wanted.look_up(deps, tenant).await?;
    let entries = dress(deps, tenant, &events).await?.into_iter();
    let mut told: BTreeMap<u64, (Recorded, ActivityEntry)> = BTreeMap::new();
    for (event, entry) in events.into_iter().zip(entries) {
        if let Some(version) = version(&event) {
            // A large change is several events; the first one was told last.
            told.insert(version, (event, entry));
        }
    }
    let change = |change: &Change| {
        let (event, activity) = told.remove(&change.version)?;
        Some(dressed(change, (&event, activity), &labels))
    };
    Ok(latest.into_iter().filter_map(change).collect())
}

fn shown(change: &Change) -> &[Moved] {
    change.moves.get(..MOST_MOVES).unwrap_or(&change.moves)
}

fn version(event: &Recorded) -> Option<u64> {
    match &event.event {
        Event::Plan(event) => event.changes().map(|(version, _)| version),
        _ => None,
    }
}

fn dressed(change: &Change, (event, activity): (&Recorded, ActivityEntry), labels: &Labels) -> PlanChange {
    let (mut reason, mut undoes) = (None, None);
    if let Event::Plan(event) = &event.event {
        match event {
            PlanEvent::Published { origin: Origin::Scenario { reason: why, .. }, .. }
            | PlanEvent::Moved { reason: why, .. }
            | PlanEvent::TakenOut { reason: why, .. } => reason = why.as_ref().map(ToString::to_string),
            PlanEvent::Undone { undoes: version, reason: why, .. } => {
                (undoes, reason) = (Some(*version), why.as_ref().map(ToString::to_string));
            }
            _ => {}
        }
    }
    let cause = |stream: &StreamId| PlanCause { kind: stream.kind.into(), thing: labels.of(stream.id) };
    PlanChange {
        version: change.version,
        activity,
        reason,
        causes: causes(std::slice::from_ref(event)).map(cause).collect(),
        undoes,
        moved_count: change.moves.len(),
        moved: PlanMove::all(shown(change), labels),
        can_undo: change.reversible,
    }
}

fn causes(events: &[Recorded]) -> impl Iterator<Item = &StreamId> {
    let causes = events.iter().filter_map(|event| match &event.event {
        Event::Plan(PlanEvent::Followed { cause, .. }) => Some(cause),
        _ => None,
    });
    let distinct: BTreeSet<&StreamId> = causes.flatten().collect();
    distinct.into_iter()
}

fn want(wanted: &mut Wanted, stream: StreamId) {
    match stream.kind {
        StreamType::Job => _ = wanted.jobs.insert(domain::kernel::JobId(stream.id)),
        StreamType::Machine => _ = wanted.machines.insert(domain::kernel::MachineId(stream.id)),
        StreamType::WorkCenter => _ = wanted.work_centers.insert(domain::kernel::WorkCenterId(stream.id)),
        StreamType::Operator => _ = wanted.operators.insert(domain::kernel::OperatorId(stream.id)),
        StreamType::Calendar => _ = wanted.calendars.insert(domain::kernel::CalendarId(stream.id)),
        _ => {}
    }
}

/// The events that tell of these changes, newest first.
async fn events(deps: &GraphqlDeps, tenant: TenantId, changes: &[&Change]) -> Result<Vec<Recorded>, Error> {
    let versions: BTreeSet<u64> = changes.iter().map(|change| change.version).collect();
    let Some(since) = versions.first().copied() else { return Ok(Vec::new()) };
    let stream = StreamId::new(StreamType::Plan, tenant.0);
    let (mut from, mut events) = (u64::MAX, Vec::new());
    for _ in 0..MOST_PAGES {
        let page = deps.store.read_stream(tenant, stream, from, Direction::Backward, PAGE).await;
        let page = page.map_err(errors::read_failure(deps))?;
        let whole = page.iter().filter(|stored| !stored.is_truncated());
        let read = whole.map(|stored| deps.codec.decode(stored).map_err(|error| errors::fault(deps, &error)));
        let read: Vec<Recorded> = read.collect::<Result<_, _>>()?;
        let oldest = read.last().map(|event| event.envelope.revision);
        let done = read.iter().any(|event| version(event).is_some_and(|version| version < since));
        events.extend(read.into_iter().filter(|event| version(event).is_some_and(|it| versions.contains(&it))));
        match oldest.and_then(|oldest| oldest.checked_sub(1)) {
            Some(before) if !done && page.len() == PAGE => from = before,
            _ => break,
        }
    }
    Ok(events)
}
