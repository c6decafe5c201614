//! What the shop made: sums by work center, operator, day or job.

use async_graphql::{Context, Enum, Error, Object, SimpleObject};
use domain::kernel::roles::Action;
use projections::company;
use projections::local_days::Window;
use projections::shop_totals::{self, Asked, Subject, Total};

use super::jobs::Figures;
use super::references::{Labels, Wanted};
use super::scalars::{DateTime, Position};
use super::{deps, errors, permitted, settle};

/// What to sum by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::shop_totals::By")]
pub enum TotalsBy {
    /// Where the operation is done.
    WorkCenter,
    /// Who did it.
    Operator,
    /// Local day, in the company's zone.
    Day,
    /// Job.
    Job,
}

/// Sums of one work center, operator, day or job.
#[derive(SimpleObject)]
pub struct ShopTotal {
    /// What it is the total of: an identity, or a day such as `2012-01-31`.
    key: String,
    /// What people call it: code, number or day.
    label: String,
    #[graphql(flatten)]
    figures: Figures,
    /// Jobs completed, at the work center and by the operator of the operation that was finished last.
    jobs_finished: u64,
    /// By day only: jobs begun and neither completed nor cancelled at the end of the day.
    wip: Option<u64>,
    /// By day only: jobs that were worked on during the day.
    running: Option<u64>,
    /// By day only: jobs not done at the end of the day although their date had passed.
    late: Option<u64>,
}

impl ShopTotal {
    fn new(total: &Total, labels: &Labels) -> Self {
        let (key, label) = match total.subject {
            Subject::WorkCenter(id) => (id.to_string(), labels.of(id.0).0.code.clone()),
            Subject::Operator(id) => (id.to_string(), labels.of(id.0).0.code.clone()),
            Subject::Job(id) => (id.to_string(), labels.of(id.0).0.code.clone()),
            Subject::Day(date) => (date.to_string(), date.to_string()),
        };
        Self {
            key,
            label,
            figures: (&total.tally).into(),
            jobs_finished: total.jobs_finished,
            wip: total.floor.map(|floor| floor.in_process),
            running: total.floor.map(|floor| floor.running),
            late: total.floor.map(|floor| floor.late),
        }
    }
}

/// Questions about sums.
#[derive(Default)]
pub struct TotalsQuery;

#[Object]
impl TotalsQuery {
    /// What was made and how long it took within `[from, to)`. Time is clipped to the window exactly; quantities count where
    /// their report ends. Without `from` and `to`: everything up to now.
    #[expect(clippy::too_many_arguments, reason = "each is a choice of its own to the client")]
    async fn shop_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant that counts.")] from: Option<DateTime>,
        #[graphql(desc = "The first instant that does not count any more; now when absent.")] to: Option<DateTime>,
        #[graphql(desc = "What to sum by.")] by: TotalsBy,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Vec<ShopTotal>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let now = deps.clock.now();
        let window = Window { from: from.map(|from| from.0).unwrap_or_default(), to: to.map_or(now, |to| to.0) };
        let zone = company::time_zone(&*deps.views, caller.tenant).await.map_err(errors::view_failure(deps))?;
        let asked = Asked { window, zone, by: by.into(), now };
        if window.to < window.from {
            return Err(errors::failure(errors::BAD_RANGE, "to is before from"));
        }
        if asked.is_too_long() && from.is_some() {
            return Err(errors::failure(errors::BAD_RANGE, format!("at most {} days at once", Asked::MOST_DAYS)));
        }
        let totals = shop_totals::ask(&*deps.views, caller.tenant, asked).await.map_err(errors::view_failure(deps))?;
        let mut wanted = Wanted::default();
        for total in &totals {
            match total.subject {
                Subject::WorkCenter(id) => wanted.work_centers.insert(id),
                Subject::Operator(id) => wanted.operators.insert(id),
                Subject::Job(id) => wanted.jobs.insert(id),
                Subject::Day(_) => false,
            };
        }
        let labels = wanted.look_up(deps, caller.tenant).await?;
        Ok(totals.iter().map(|total| ShopTotal::new(total, &labels)).collect())
    }
}
