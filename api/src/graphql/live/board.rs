//! `boardChanged`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use async_graphql::{Context, Error, SimpleObject, Subscription};
use domain::catalog::Event;
use domain::jobs::operation::OperationNumber;
use domain::kernel::roles::Action;
use domain::kernel::{JobId, StreamType, TenantId};
use domain::ports::{self, Recorded};
use domain::scheduling::placement::OperationRef;
use futures_util::Stream;
use projections::machine_board::MachineBoard;
use projections::schedule_board::ScheduleBoard;

use super::feed::{Topic, follow};
use super::machines::{all, touched};
use super::{MessageHead, MessageKind};
use crate::graphql::board::bar::{BarGone, BoardBar, Placed, bars, placed, shown};
use crate::graphql::board::lane::Lanes;
use crate::graphql::board::window::Window;
use crate::graphql::machines::{Machine, machines};
use crate::graphql::references::rows;
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Position};
use crate::graphql::{GraphqlDeps, permitted};

/// The board changed.
#[derive(SimpleObject)]
pub struct BoardChanged {
    #[graphql(flatten)]
    head: MessageHead,
    /// With `CHANGE` the bars that the event touched, as they are now; with `SNAPSHOT` all of them; by start.
    bars: Rows<BoardBar>,
    /// Operations that the event touched and the window does not show (any more).
    gone: Vec<BarGone>,
    /// With `CHANGE` the machines that the event touched, as they are now; with `SNAPSHOT` all of them, by code.
    machines: Vec<Machine>,
    /// Lanes may have other hours than before: ask for `lanes` of `board` again.
    lanes_changed: bool,
    #[graphql(skip)]
    silent: bool,
}

struct BoardTopic {
    window: Window,
}

/// What one event touches.
#[derive(Default)]
struct Touches {
    /// Operations that the plan has, or had, somewhere.
    operations: BTreeSet<OperationRef>,
    /// A job, with all that is planned of it.
    job: Option<JobId>,
    /// Hours of lanes.
    lanes: bool,
}

impl Touches {
    fn of(event: &Recorded) -> Self {
        match &event.event {
            Event::Plan(event) => Self { operations: event.operations().collect(), ..Self::default() },
            Event::Job(_) => Self { job: Some(JobId(event.envelope.stream.id)), ..Self::default() },
            Event::Company(_) | Event::Calendar(_) | Event::WorkCenter(_) | Event::Machine(_) | Event::Operator(_) => {
                Self { lanes: true, ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.operations.iter().map(|operation| operation.job).chain(self.job)
    }
}

/// Bars as they are now, of jobs that events touch.
struct Now(BTreeMap<OperationRef, Option<BoardBar>>);

impl Now {
    async fn of(deps: &GraphqlDeps, tenant: TenantId, (window, all): (Window, &[Touches])) -> Result<Self, Error> {
        let jobs: BTreeSet<JobId> = all.iter().flat_map(Touches::jobs).collect();
        let rows = rows::<ScheduleBoard>(deps, tenant, jobs.into_iter().map(|job| job.0)).await?;
        let placed: Vec<Placed> = rows.into_iter().flat_map(|row| shown(row, window)).collect();
        let (_, bars) = bars(deps, tenant, &placed).await?;
        let mut now: BTreeMap<_, _> = placed.iter().map(|(planned, _)| (planned.placement.of(), None)).collect();
        now.extend(bars.into_iter().map(|bar| (bar.of, Some(bar))));
        Ok(Self(now))
    }

    /// What the window shows of what an event touches, and what it does not show.
    fn touched(&self, touches: &Touches) -> (Vec<BoardBar>, Vec<BarGone>) {
        let of_job = touches.job.map(|job| self.0.range(operations_of(job)).map(|(operation, _)| *operation));
        let operations = touches.operations.iter().copied().chain(of_job.into_iter().flatten());
        let (mut shown, mut gone) = (Vec::new(), Vec::new());
        for operation in operations {
            match self.0.get(&operation).and_then(Option::as_ref) {
                Some(bar) => shown.push(bar.clone()),
                None => gone.push(operation.into()),
            }
        }
        (shown, gone)
    }
}

fn operations_of(job: JobId) -> RangeInclusive<OperationRef> {
    let at = |number| OperationRef { job, operation: OperationNumber(number) };
    at(0)..=at(u16::MAX)
}

impl Topic for BoardTopic {
    type Message = BoardChanged;
    const KINDS: &'static [StreamType] = &[
        StreamType::Plan,
        StreamType::Job,
        StreamType::Machine,
        StreamType::WorkCenter,
        StreamType::Operator,
        StreamType::Calendar,
        StreamType::Company,
    ];

    fn concerns(&self, _tenant: TenantId, event: &Recorded) -> bool {
        let touches = Touches::of(event);
        touches.lanes || touches.jobs().next().is_some()
    }

    async fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> Result<Vec<BoardChanged>, Error> {
        let touches: Vec<Touches> = events.iter().map(|event| Touches::of(event)).collect();
        let now = Now::of(deps, tenant, (self.window, &touches)).await?;
        let (counts, units) = touched::<MachineBoard>(deps, tenant, events).await?;
        let mut units = machines(deps, tenant, units).await?.into_iter();
        let message = |((event, touches), units_touched): ((&Arc<Recorded>, &Touches), usize)| {
            let (bars, gone) = now.touched(touches);
            BoardChanged {
                silent: bars.is_empty() && gone.is_empty() && units_touched == 0 && !touches.lanes,
                head: MessageHead::change(deps, &event.envelope),
                bars: bars.into_iter().collect(),
                gone,
                machines: units.by_ref().take(units_touched).collect(),
                lanes_changed: touches.lanes,
            }
        };
        Ok(events.iter().zip(&touches).zip(counts).map(message).collect())
    }

    fn is_silent(&self, message: &BoardChanged) -> bool {
        message.silent
    }

    async fn snapshot(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        lag_ms: i32,
    ) -> Result<(ports::Position, BoardChanged), Error> {
        let (planned_at, planned) = placed(deps, tenant, (self.window, &Lanes::All)).await?;
        let (jobs_at, bars) = bars(deps, tenant, &planned).await?;
        let (machines_at, units) = all::<MachineBoard>(deps, tenant).await?;
        // The later of them may hold more already; what lies in between is told again as changes.
        let position = planned_at.min(jobs_at).min(machines_at);
        let message = BoardChanged {
            head: MessageHead::state(MessageKind::Snapshot, position, lag_ms),
            bars: bars.into_iter().collect(),
            gone: Vec::new(),
            machines: machines(deps, tenant, units).await?,
            lanes_changed: false,
            silent: false,
        };
        Ok((position, message))
    }

    fn heartbeat(&self, position: ports::Position, lag_ms: i32) -> BoardChanged {
        BoardChanged {
            head: MessageHead::state(MessageKind::Heartbeat, position, lag_ms),
            bars: Rows::from_iter([]),
            gone: Vec::new(),
            machines: Vec::new(),
            lanes_changed: false,
            silent: false,
        }
    }
}

/// Following the board.
#[derive(Default)]
pub struct BoardSubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl BoardSubscription {
    /// The board between two instants, at most 400 days, as it changes: one message for each event that touches it, be it of the plan,
    /// of the floor or of a machine. Without `after` the first message is a snapshot with all lanes' bars.
    async fn board_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this instant on.")] from: DateTime,
        #[graphql(desc = "Up to this instant, without it.")] until: DateTime,
        #[graphql(desc = "Continue after this cursor, without gap or duplicate.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<BoardChanged, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        let topic = BoardTopic { window: Window::new(from, until)? };
        follow(ctx, caller.tenant, topic, after.map(|after| after.0))
    }
}
