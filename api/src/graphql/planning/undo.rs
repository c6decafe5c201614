//! What taking a change of the plan back would do.

use std::collections::BTreeSet;

use async_graphql::{Context, Error, SimpleObject};
use domain::kernel::Caller;
use domain::scheduling::placement::OperationRef;
use domain::scheduling::site_plan::{Moved, PlanCommand, PlanEvent, PlanState, Repinned};
use projections::planning::Conflict;

use super::conflict::PlanConflict;
use super::operations::OperationReference;
use super::plan::{PlanMove, broken};
use super::refusal::ran;
use crate::graphql::board::sight;
use crate::graphql::deps;
use crate::graphql::errors::UserError;
use crate::graphql::references::Wanted;
use crate::graphql::row::Rows;

/// What taking a change back would do.
#[derive(SimpleObject)]
pub struct UndoPreview {
    /// The version of the plan that it would be done to.
    plan_version: u64,
    /// What goes back to where it was, from where it is now.
    moves: Rows<PlanMove>,
    /// What the change moved, and stays: it has begun or ended since.
    stays: Vec<OperationReference>,
    /// What would not go together of what goes back.
    conflicts: Vec<PlanConflict>,
    /// With `userErrors`: the operations that stand in the way, such as those that have moved since.
    operations: Vec<OperationReference>,
    /// Why it can't be taken back; empty where it can.
    user_errors: Vec<UserError>,
}

/// Looks, and does nothing.
pub(super) async fn preview(ctx: &Context<'_>, caller: &Caller, version: u64) -> Result<UndoPreview, Error> {
    let (deps, tenant) = (deps(ctx)?, caller.tenant);
    let (state, events) = match deps.commands.preview_plan(caller, undoing(version)).await {
        Ok(would) => would,
        Err(error) => {
            let (told, state) = (ran(deps, error)?, deps.commands.plan(tenant).await.map_err(broken(deps))?);
            return Ok(UndoPreview {
                plan_version: state.version,
                moves: Rows::from_iter([]),
                stays: Vec::new(),
                conflicts: Vec::new(),
                operations: OperationReference::all(deps, tenant, &told.operations).await?,
                user_errors: vec![told.error],
            });
        }
    };
    let moves = moves(&state, &events);
    let back: BTreeSet<OperationRef> = moves.iter().map(|it| it.operation).collect();
    let change = state.changes().find(|change| change.version == version);
    let moved = change.into_iter().flat_map(|change| &change.moves).map(|it| it.operation);
    let stays: Vec<OperationRef> = moved.filter(|operation| !back.contains(operation)).collect();
    let conflicts = conflicts(ctx, &moves).await?;
    let mut wanted = Wanted::default();
    PlanMove::want(&mut wanted, &moves);
    wanted.jobs.extend(stays.iter().map(|it| it.job));
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(UndoPreview {
        plan_version: state.version,
        moves: PlanMove::all(&moves, &labels),
        stays: stays.into_iter().map(|it| OperationReference::new(it, &labels)).collect(),
        conflicts: PlanConflict::all(deps, tenant, &conflicts).await?,
        operations: Vec::new(),
        user_errors: Vec::new(),
    })
}

fn undoing(change: u64) -> PlanCommand {
    PlanCommand::Undo { change, partly: false, reason: None, seen: None }
}

fn moves(state: &PlanState, events: &[PlanEvent]) -> Vec<Moved> {
    let mut moves = Vec::new();
    for (_, changes) in events.iter().filter_map(PlanEvent::changes) {
        let was = |operation| state.placement(operation).copied();
        let placed = changes.placed.iter();
        let pin = Repinned::default;
        moves.extend(placed.map(|it| Moved { operation: it.of(), was: was(it.of()), is: Some(*it), pin: pin() }));
        let gone = changes.removed.iter().copied();
        moves.extend(gone.map(|operation| Moved { operation, was: was(operation), is: None, pin: pin() }));
    }
    moves
}

/// What would not go together of what moves.
async fn conflicts(ctx: &Context<'_>, moves: &[Moved]) -> Result<Vec<Conflict>, Error> {
    let moves = moves.to_vec();
    let asked = sight::ask(ctx, move |shop, planning| {
        let mut places = shop.plan.placements.clone();
        for it in &moves {
            match it.is {
                Some(is) => _ = places.insert(it.operation, is),
                None => _ = places.remove(&it.operation),
            }
        }
        let back: BTreeSet<OperationRef> = moves.iter().map(|it| it.operation).collect();
        let concerns = |it: &Conflict| back.contains(&it.operation) || it.with.is_some_and(|with| back.contains(&with));
        planning.conflicts(places.values()).into_iter().filter(concerns).collect()
    });
    asked.await
}
