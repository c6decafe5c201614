//! What can be begun now, and what the rest waits for.

use async_graphql::{Context, Enum, Error, SimpleObject};
use domain::jobs::operation::OperationNumber;
use domain::kernel::{TenantId, Timestamp};
use projections::planning::{Ready, WaitsFor, WorkOf};

use super::sight;
use crate::graphql::deps;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::row::Rows;
use crate::graphql::scalars::DateTime;

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WaitsForKind {
    /// `operation`, which is to come before it, to be over, or to have made a transfer batch.
    Predecessor,
    /// The least lag after the operation before it, to be over at `until`.
    Lag,
    /// The release of its job, at `until`.
    Release,
    /// Its job is paused.
    PausedJob,
    /// Its job is blocked.
    BlockedJob,
    /// A call for help on it, which is open.
    AndonCall,
    /// Its machine is stopped.
    Machine,
    /// Whoever is to do it is away, or does not work here.
    Operator,
}

/// Something that an operation waits for.
#[derive(Debug, Clone, SimpleObject)]
pub struct WaitingFor {
    /// What kind of thing.
    kind: WaitsForKind,
    /// The operation of the same job that it waits for.
    operation: Option<u16>,
    /// Until when.
    until: Option<DateTime>,
}

/// An operation that somebody is to begin or to go on with.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReadyOperation {
    /// Of which job.
    job: Reference,
    /// Its place in the job.
    operation: u16,
    /// On which machine it is planned.
    machine: Option<Reference>,
    /// By whom it is planned.
    operator: Option<Reference>,
    /// When it is planned to start; null where it has no place in the plan.
    start: Option<DateTime>,
    /// When it is planned to end.
    end: Option<DateTime>,
    /// Whether somebody is at work on it.
    running: bool,
    /// What it waits for; empty where it can be begun now.
    waits_for: Vec<WaitingFor>,
}

impl From<WaitsFor> for WaitingFor {
    fn from(waits: WaitsFor) -> Self {
        let told = |kind, operation: Option<OperationNumber>, until: Option<Timestamp>| Self {
            kind,
            operation: operation.map(|number| number.0),
            until: until.map(DateTime),
        };
        match waits {
            WaitsFor::Predecessor(other) => told(WaitsForKind::Predecessor, Some(other.operation), None),
            WaitsFor::Lag(until) => told(WaitsForKind::Lag, None, Some(until)),
            WaitsFor::Release(until) => told(WaitsForKind::Release, None, Some(until)),
            WaitsFor::PausedJob => told(WaitsForKind::PausedJob, None, None),
            WaitsFor::BlockedJob => told(WaitsForKind::BlockedJob, None, None),
            WaitsFor::AndonCall => told(WaitsForKind::AndonCall, None, None),
            WaitsFor::Machine(_) => told(WaitsForKind::Machine, None, None),
            WaitsFor::Operator(_) => told(WaitsForKind::Operator, None, None),
        }
    }
}

impl ReadyOperation {
    fn new(ready: Ready, labels: &Labels) -> Self {
        let place = ready.placement;
        Self {
            job: labels.of(ready.operation.job.0),
            operation: ready.operation.operation.0,
            machine: place.and_then(|place| place.machine).map(|machine| labels.of(machine.0)),
            operator: place.and_then(|place| place.operator).map(|operator| labels.of(operator.0)),
            start: place.map(|place| place.start.into()),
            end: place.map(|place| place.end.into()),
            running: ready.is_running,
            waits_for: ready.waits_for.into_iter().map(WaitingFor::from).collect(),
        }
    }
}

/// The first of what is to be done, in the sequence of the plan.
pub(super) async fn ready(
    ctx: &Context<'_>,
    tenant: TenantId,
    (of, first): (WorkOf, usize),
) -> Result<Rows<ReadyOperation>, Error> {
    let (deps, shop) = (deps(ctx)?, sight::shop(ctx).await?);
    let mut found = shop.ready_to_run(of, deps.clock.now());
    found.truncate(first);
    let places = || found.iter().filter_map(|ready| ready.placement);
    let wanted = Wanted {
        jobs: found.iter().map(|ready| ready.operation.job).collect(),
        machines: places().filter_map(|place| place.machine).collect(),
        operators: places().filter_map(|place| place.operator).collect(),
        ..Wanted::default()
    };
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(found.into_iter().map(|ready| ReadyOperation::new(ready, &labels)).collect())
}
