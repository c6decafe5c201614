//! Questions about the shop and its plan as they are now.

use async_graphql::{Context, Error, ID, Object};
use domain::kernel::roles::Action;
use domain::kernel::{Interval, JobId, MachineId, OperatorId, WorkCenterId};
use projections::planning::{Lane, WorkOf};

use super::bar::BoardBar;
use super::ready::{self, ReadyOperation};
use super::why::{self, JobWhy};
use super::window::Window;
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Position};
use crate::graphql::{deps, errors, find_id, permitted, settle};

/// The most operations that a list of what is to be done has.
const MOST_READY: i32 = 1_000;

/// Questions about the shop and its plan as they are now.
#[derive(Default)]
pub struct ShopQuestions;

#[Object]
impl ShopQuestions {
    /// What is to be done in a work center, or by somebody, in the sequence of the plan, and what it waits for; what has no place
    /// comes last. Give one of the two.
    #[expect(clippy::too_many_arguments, reason = "whose work, and how much of it")]
    async fn ready_to_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this work center.")] work_center_id: Option<ID>,
        #[graphql(desc = "By this operator.")] operator_id: Option<ID>,
        #[graphql(desc = "So many, 1 to 1000.", default = 100)] first: i32,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Rows<ReadyOperation>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let first = usize::try_from(first).ok().filter(|_| (1..=MOST_READY).contains(&first));
        let first = first.ok_or_else(|| errors::failure(errors::BAD_PAGE, "first is 1 to 1000"))?;
        let of = match (work_center_id, operator_id) {
            (Some(id), None) => find_id(&id).map(|id| WorkOf::WorkCenter(WorkCenterId(id))),
            (None, Some(id)) => find_id(&id).map(|id| WorkOf::Operator(OperatorId(id))),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, "give either workCenterId or operatorId")),
        };
        settle(ctx, min_position).await?;
        let Some(of) = of else { return Ok(Rows::from_iter([])) };
        ready::ready(deps, caller.tenant, (of, first)).await
    }

    /// Why a job ends when it does in the plan, be it late or not; null where it is not open, or something of it has no place.
    async fn why_late(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] job_id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<JobWhy>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let Some(job) = find_id(&job_id) else { return Ok(None) };
        why::why(deps, caller.tenant, JobId(job)).await
    }

    /// What is touched when a machine stops, or somebody is away, between two instants: what is planned there then, and all that
    /// waits for it; by start. Give one of the two.
    #[expect(clippy::too_many_arguments, reason = "whom it is about, and when")]
    async fn touched_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This machine stops.")] machine_id: Option<ID>,
        #[graphql(desc = "This operator is away.")] operator_id: Option<ID>,
        #[graphql(desc = "From this instant on.")] from: DateTime,
        #[graphql(desc = "Up to this instant, without it.")] until: DateTime,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Rows<BoardBar>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let Window { from, until } = Window::new(from, until)?;
        let lane = match (machine_id, operator_id) {
            (Some(id), None) => find_id(&id).map(|id| Lane::Machine(MachineId(id))),
            (None, Some(id)) => find_id(&id).map(|id| Lane::Operator(OperatorId(id))),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, "give either machineId or operatorId")),
        };
        settle(ctx, min_position).await?;
        let Some(lane) = lane else { return Ok(Rows::from_iter([])) };
        why::touched(deps, caller.tenant, (lane, Interval { from, until })).await
    }
}
