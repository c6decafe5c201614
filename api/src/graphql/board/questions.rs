//! Questions about the shop and its plan as they are now.

use async_graphql::{Context, Error, ID, Object};
use domain::kernel::roles::Action;
use domain::kernel::{Interval, JobId, MachineId, OperatorId, WorkCenterId};
use projections::planning::{Lane, WorkOf};

use super::adherence::{self, AdherenceReport};
use super::bar::BoardBar;
use super::conflicts::{self, PlanConflictConnection, PlanConflictsFilter};
use super::lane::BoardLanes;
use super::load::{self, Asked, Days, Load, LoadBucket, LoadBy};
use super::ready::{self, ReadyOperation};
use super::why::{self, JobWhy};
use super::window::Window;
use crate::graphql::connection::Paging;
use crate::graphql::row::Rows;
use crate::graphql::scalars::{Date, DateTime, Position};
use crate::graphql::{deps, errors, find_id, permitted, settle};

/// The most operations that a list of what is to be done has.
const MOST_READY: i32 = 1_000;

/// Questions about the shop and its plan as they are now.
#[derive(Default)]
pub struct ShopQuestions;

#[Object]
impl ShopQuestions {
    /// What does not go together in the plan as it is now, by when it begins. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, and a filter")]
    async fn conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; all when absent.", default)] filter: PlanConflictsFilter,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<PlanConflictConnection, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        conflicts::page_of(ctx, caller.tenant, (filter, &Paging::new(first, after, last, before))).await
    }

    /// How much of each local day, week or month is open, and how much of it is planned, on lanes by code.
    #[expect(clippy::too_many_arguments, reason = "a time, lanes, and the arguments of a page")]
    async fn load(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this day of the company's zone on.")] from: Date,
        #[graphql(desc = "Up to this day, without it; at most 400 days.")] until: Date,
        #[graphql(desc = "What a lane is; what is named, or a machine, when absent.")] by: Option<LoadBy>,
        #[graphql(desc = "What is counted together.", default)] bucket: LoadBucket,
        #[graphql(
            desc = "Which lanes; all when absent. With `by: MACHINE`, `workCenterIds` are their machines.",
            default
        )]
        lanes: BoardLanes,
        #[graphql(desc = "So many lanes, 1 to 100.", default = 100)] first: i32,
        #[graphql(desc = "Continue after the lane at this cursor.")] after: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Load, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        let days = Days::new(from.0, until.0)?;
        settle(ctx, min_position).await?;
        let asked = Asked { days, by, bucket, lanes, paging: Paging::new(Some(first), after, None, None) };
        load::load(ctx, caller.tenant, asked).await
    }

    /// How the floor kept to the plan: what was agreed to end between two instants, at most 400 days, and what became of it. Agreed is
    /// where people or the optimiser put it last; that the plan followed the floor since does not count. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a time and a filter")]
    async fn adherence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Agreed to end at this instant or later.")] from: DateTime,
        #[graphql(desc = "Agreed to end before this instant.")] until: DateTime,
        #[graphql(desc = "Agreed to be done on this machine.")] machine_id: Option<ID>,
        #[graphql(desc = "Agreed to be done by this operator.")] operator_id: Option<ID>,
        #[graphql(desc = "What begins and ends so many seconds off the plan keeps to it.", default = 900)]
        tolerance_seconds: u32,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<AdherenceReport, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let wish = adherence::Wish::new(Window::new(from, until)?, (machine_id, operator_id), tolerance_seconds);
        settle(ctx, min_position).await?;
        adherence::report(deps, caller.tenant, (wish, &Paging::new(first, after, last, before))).await
    }

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
        let caller = permitted(ctx, Action::ViewShop)?;
        let first = usize::try_from(first).ok().filter(|_| (1..=MOST_READY).contains(&first));
        let first = first.ok_or_else(|| errors::failure(errors::BAD_PAGE, "first is 1 to 1000"))?;
        let of = match (work_center_id, operator_id) {
            (Some(id), None) => find_id(&id).map(|id| WorkOf::WorkCenter(WorkCenterId(id))),
            (None, Some(id)) => find_id(&id).map(|id| WorkOf::Operator(OperatorId(id))),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, "give either workCenterId or operatorId")),
        };
        settle(ctx, min_position).await?;
        let Some(of) = of else { return Ok(Rows::from_iter([])) };
        ready::ready(ctx, caller.tenant, (of, first)).await
    }

    /// Why a job ends when it does in the plan, be it late or not; null where it is not open, or something of it has no place.
    async fn why_late(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] job_id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<JobWhy>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        let Some(job) = find_id(&job_id) else { return Ok(None) };
        why::why(ctx, caller.tenant, JobId(job)).await
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
        let caller = permitted(ctx, Action::ViewShop)?;
        let Window { from, until } = Window::new(from, until)?;
        let lane = match (machine_id, operator_id) {
            (Some(id), None) => find_id(&id).map(|id| Lane::Machine(MachineId(id))),
            (None, Some(id)) => find_id(&id).map(|id| Lane::Operator(OperatorId(id))),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, "give either machineId or operatorId")),
        };
        settle(ctx, min_position).await?;
        let Some(lane) = lane else { return Ok(Rows::from_iter([])) };
        why::touched(ctx, caller.tenant, (lane, Interval { from, until })).await
    }
}
