//! Where planning is done, put together, with what runs beside the requests.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use infra::config::Config;
use infra::runner::{Runner, Status};
use projections::job_board::JobBoard;
use projections::projection::Projection;
use tokio_util::sync::CancellationToken;

use super::OpenError;
use crate::escalation::Escalator;
use crate::graphql::GraphqlDeps;
use crate::planning::{Follower, Leads, Limits, Office, Planner, Sight};

/// How often runs that nobody listens to are looked for.
const TENDING: Duration = Duration::from_secs(1);

/// The planning office over these adapters, what makes plans follow the floor, and what makes calls for help escalate. All end at
/// `stop`.
pub(super) fn open(
    deps: &GraphqlDeps,
    runner: &Arc<Runner>,
    config: &Config,
    stop: &CancellationToken,
) -> Result<Arc<Office>, OpenError> {
    let planner = Planner::new(Limits::from(&config.planning), Arc::clone(&deps.ids));
    let planner = planner.map_err(|error| OpenError::Unavailable(format!("threads that plan: {error}")))?;
    let office = Arc::new(Office::new(planner, Sight::of(deps)));
    tokio::spawn(tend(Arc::downgrade(&office), stop.clone()));
    tokio::spawn(Arc::new(Follower::new(deps, leads(runner))).run(stop.clone()));
    tokio::spawn(Escalator::new(deps, leads(runner)).run(stop.clone()));
    Ok(office)
}

/// One node acts by itself: the one that leads the job board.
fn leads(runner: &Arc<Runner>) -> Leads {
    let runner = Arc::downgrade(runner);
    Box::new(move || {
        let leads = |it: &Status| it.projection == JobBoard::NAME && it.leads;
        runner.upgrade().is_some_and(|runner| runner.status().iter().any(leads))
    })
}

async fn tend(office: Weak<Office>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(TENDING)).await.is_some() {
        let Some(office) = office.upgrade() else { return };
        office.planner.tend(Instant::now());
    }
    if let Some(office) = office.upgrade() {
        // Whoever plans looks up every few milliseconds; nothing here may wait for that.
        drop(tokio::task::spawn_blocking(move || office.planner.close()));
    }
}
