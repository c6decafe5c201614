//! Jobs: the list, one job with all that is known of it, and what may be changed.

pub mod floor_inputs;
pub mod inputs;
pub mod job;
pub mod list;
pub mod mutations;
pub mod operation;
pub mod plan;
pub mod report;

use async_graphql::{Context, Error, ID, Object};
use domain::kernel::JobId;
use domain::kernel::roles::Action;
use projections::job_board::JobBoard;

pub use job::{BlockedBy, Figures, Job, JobNeeds, JobStatus, blocked_by, dress, want_cause};
pub use mutations::JobsMutation;
pub use operation::{OperationStatus, Phase};
pub use report::{WorkReport, dress_reports};

use super::connection::{Connection, Paging, page};
use super::references::rows;
use super::scalars::Position;
use super::{deps, errors, find_id, permitted, settle};
use list::{JobFilter, JobSort};

/// Questions about jobs.
#[derive(Default)]
pub struct JobsQuery;

#[Object]
impl JobsQuery {
    /// Jobs. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: JobFilter,
        #[graphql(desc = "In which order; by number when absent.", default)] sort: JobSort,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Job>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let conditions = filter.conditions(deps.clock.now());
        let mut page = page::<JobBoard>(deps, caller.tenant, &paging, conditions, sort.into()).await?;
        let (edges, nodes) = (ctx.look_ahead().field("edges").field("node"), page.take_rows());
        let nodes = dress(deps, caller.tenant, nodes, JobNeeds::of(&edges)).await?;
        Ok(page.connect(nodes))
    }

    /// One job, by its identity or its number; null when there is none.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity; give this or `number`.")] id: Option<ID>,
        #[graphql(desc = "Its number; give this or `id`.")] number: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Job>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let id = match (id, number) {
            (Some(id), None) => find_id(&id),
            (None, Some(number)) => Some(JobId::from_key(caller.tenant, number.trim()).0),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, "give either id or number")),
        };
        settle(ctx, min_position).await?;
        let rows = rows::<JobBoard>(deps, caller.tenant, id.into_iter()).await?;
        Ok(dress(deps, caller.tenant, rows, JobNeeds::of(&ctx.look_ahead())).await?.pop())
    }
}
