//! `machineBoardChanged`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::{Context, Error, SimpleObject, Subscription};
use domain::kernel::roles::Action;
use domain::kernel::{StreamType, TenantId};
use domain::ports::{self, Recorded};
use futures_util::Stream;
use projections::machine_board::MachineBoard;
use projections::projection::Projection;
use projections::views::{Question, Sort, decode};
use projections::work_center_board::WorkCenterBoard;

use super::feed::{Topic, follow};
use super::{MessageHead, MessageKind};
use crate::graphql::machines::{Machine, WorkCenter, machines, work_centers};
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, errors, permitted};

/// The most work centers, and the most machines, that a snapshot has.
const MOST_ROWS: usize = 2000;

/// The board of work centers and machines changed.
#[derive(SimpleObject)]
pub struct MachineBoardChanged {
    #[graphql(flatten)]
    head: MessageHead,
    /// With `CHANGE` the work centers that the event touched, as they are now; with `SNAPSHOT` all of them, by code.
    work_centers: Vec<WorkCenter>,
    /// With `CHANGE` the machines that the event touched, as they are now; with `SNAPSHOT` all of them, by code.
    machines: Vec<Machine>,
}

struct BoardTopic;

impl Topic for BoardTopic {
    type Message = MachineBoardChanged;
    const KINDS: &'static [StreamType] = &[StreamType::WorkCenter, StreamType::Machine, StreamType::Job];

    fn concerns(&self, _tenant: TenantId, event: &Recorded) -> bool {
        !WorkCenterBoard::keys(event).is_empty() || !MachineBoard::keys(event).is_empty()
    }

    async fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> Result<Vec<MachineBoardChanged>, Error> {
        let (place_counts, places) = touched::<WorkCenterBoard>(deps, tenant, events).await?;
        let (machine_counts, units) = touched::<MachineBoard>(deps, tenant, events).await?;
        let mut places = work_centers(deps, tenant, &places).await?.into_iter();
        let mut units = machines(deps, tenant, units).await?.into_iter();
        let counts = place_counts.into_iter().zip(machine_counts);
        let message = |(event, (place_count, machine_count)): (&Arc<Recorded>, (usize, usize))| MachineBoardChanged {
            head: MessageHead::change(deps, &event.envelope),
            work_centers: places.by_ref().take(place_count).collect(),
            machines: units.by_ref().take(machine_count).collect(),
        };
        Ok(events.iter().zip(counts).map(message).collect())
    }

    async fn snapshot(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        lag_ms: i32,
    ) -> Result<(ports::Position, MachineBoardChanged), Error> {
        let (places_at, places) = all::<WorkCenterBoard>(deps, tenant).await?;
        let (machines_at, units) = all::<MachineBoard>(deps, tenant).await?;
        // The later of the two may hold more already; what lies in between is told again as a change.
        let position = places_at.min(machines_at);
        let message = MachineBoardChanged {
            head: MessageHead::state(MessageKind::Snapshot, position, lag_ms),
            work_centers: work_centers(deps, tenant, &places).await?,
            machines: machines(deps, tenant, units).await?,
        };
        Ok((position, message))
    }

    fn heartbeat(&self, position: ports::Position, lag_ms: i32) -> MachineBoardChanged {
        let head = MessageHead::state(MessageKind::Heartbeat, position, lag_ms);
        MachineBoardChanged { head, work_centers: Vec::new(), machines: Vec::new() }
    }
}

/// The rows that each event touched, in order, and how many there are for each: one question for all of them.
pub(super) async fn touched<P: Projection>(
    deps: &GraphqlDeps,
    tenant: TenantId,
    events: &[Arc<Recorded>],
) -> Result<(Vec<usize>, Vec<P::Row>), Error> {
    let keys: Vec<Vec<String>> = events.iter().map(|event| P::keys(event)).collect();
    let distinct: BTreeSet<String> = keys.iter().flatten().cloned().collect();
    if distinct.is_empty() {
        return Ok((vec![0; events.len()], Vec::new()));
    }
    let found = projections::views::get::<P>(&*deps.views, tenant, distinct.into_iter().collect()).await;
    let found: HashMap<String, P::Row> = found.map_err(errors::view_failure(deps))?.into_iter().collect();
    let of_event = |keys: &Vec<String>| keys.iter().filter_map(|key| found.get(key).cloned()).collect::<Vec<_>>();
    let rows: Vec<Vec<P::Row>> = keys.iter().map(of_event).collect();
    Ok((rows.iter().map(Vec::len).collect(), rows.into_iter().flatten().collect()))
}

pub(super) async fn all<P: Projection>(
    deps: &GraphqlDeps,
    tenant: TenantId,
) -> Result<(ports::Position, Vec<P::Row>), Error> {
    let sort = Sort { column: Some("code"), descending: false };
    let question =
        Question { conditions: Vec::new(), sort, after: None, before: None, from_end: false, limit: MOST_ROWS };
    let found = deps.views.ask(P::NAME, tenant, question).await.map_err(errors::view_failure(deps))?;
    let rows: Result<Vec<P::Row>, _> = found.rows.iter().map(decode::<P>).collect();
    Ok((found.position, rows.map_err(errors::view_failure(deps))?))
}

/// Following the board of work centers and machines.
#[derive(Default)]
pub struct MachinesSubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl MachinesSubscription {
    /// The board of work centers and machines as it changes: one message for each event that touches a row of it. Without
    /// `after` the first message is a snapshot of the whole board.
    async fn machine_board_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Continue after this cursor, without gap or duplicate.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<MachineBoardChanged, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        follow(ctx, caller.tenant, BoardTopic, after.map(|after| after.0))
    }
}
