//! What taking a change of the plan back would do.

use async_graphql::{Context, Error, SimpleObject};
use domain::kernel::Caller;
use domain::scheduling::placement::OperationRef;

use super::conflict::PlanConflict;
use super::office;
use super::operations::OperationReference;
use super::plan::{PlanMove, broken};
use super::refusal::{Told, told};
use crate::graphql::errors::UserError;
use crate::graphql::references::Wanted;
use crate::graphql::row::Rows;
use crate::planning::{Undo, WouldUndo};

/// What taking a change back would do.
#[derive(SimpleObject)]
pub struct UndoPreview {
    /// The version of the plan that it would be done to.
    plan_version: u64,
    /// What goes back to where it was, from where it is now.
    moves: Rows<PlanMove>,
    /// What the change moved, and stays: it has begun or ended since, or, with `partly`, can't go back.
    stays: Vec<OperationReference>,
    /// What would not go together of what goes back.
    conflicts: Vec<PlanConflict>,
    /// With `userErrors`: the operations that stand in the way, such as those that have moved since.
    operations: Vec<OperationReference>,
    /// Why it can't be taken back; empty where it can.
    user_errors: Vec<UserError>,
}

/// Looks, and does nothing.
pub(super) async fn preview(ctx: &Context<'_>, caller: &Caller, asked: Undo) -> Result<UndoPreview, Error> {
    let (office, deps) = office(ctx)?;
    let tenant = caller.tenant;
    let would = match office.would_undo(caller, &asked).await {
        Ok(would) => would,
        Err(refusal) => {
            let (told, state) = (told(deps, refusal)?, deps.commands.plan(tenant).await.map_err(broken(deps))?);
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
    let WouldUndo { version, moves, stays, conflicts, refused, .. } = would;
    let refused: Option<Told> = refused.map(|refusal| told(deps, refusal)).transpose()?;
    let mut wanted = Wanted::default();
    PlanMove::want(&mut wanted, &moves);
    wanted.jobs.extend(stays.iter().map(|it: &OperationRef| it.job));
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(UndoPreview {
        plan_version: version,
        moves: PlanMove::all(&moves, &labels),
        stays: stays.into_iter().map(|it| OperationReference::new(it, &labels)).collect(),
        conflicts: PlanConflict::all(deps, tenant, &conflicts).await?,
        operations: Vec::new(),
        user_errors: refused.into_iter().map(|told| told.error).collect(),
    })
}
