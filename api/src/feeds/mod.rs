//! Calendar feeds: what the plan has on a machine, or for a person, as a calendar that apps subscribe to.

mod ics;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::jobs::job::JobStatus;
use domain::kernel::time::later;
use domain::kernel::{JobId, MachineId, OperatorId, TenantId, Timestamp};
use domain::machines::machine::MachineStatus;
use domain::ports::{EventStore, Position, ReadError};
use domain::scheduling::placement::Placement;
use domain::tenancy::feeds::{Feed, FeedOf};
use projections::job_board::{JobBoard, JobBoardRow, OperationStatus};
use projections::machine_board::MachineBoard;
use projections::operators::Operators;
use projections::projection::{Projection, row_key};
use projections::schedule_board::{ScheduleBoard, between};
use projections::views::{Question, Seek, Sort, ViewError, Views, decode, get};

use self::ics::{Calendar, Entry};

const DAY: i64 = 86_400;
/// How far back it tells what had been planned: two weeks.
const BACK: i64 = 14 * DAY;
/// How far ahead it looks: eight weeks.
const AHEAD: i64 = 56 * DAY;
/// Entries that it has at most, the next ones first: more no app shows.
const MOST_ENTRIES: usize = 2_000;
/// Rows that are read at once.
const PAGE: usize = 1_000;

/// Why a calendar can't be told.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Rows can't be read.
    #[error(transparent)]
    Rows(#[from] ViewError),
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] ReadError),
}

/// What calendars are made from.
pub struct Calendars {
    /// The read models.
    pub views: Arc<dyn Views>,
    /// The log, which tells when the plan was changed.
    pub store: Arc<dyn EventStore>,
}

/// Where the plan has an operation, in which version, and where in the log that is said.
struct Placed {
    at: Placement,
    version: u64,
    said: Position,
}

/// What entries name.
struct Names {
    jobs: HashMap<JobId, JobBoardRow>,
    machines: BTreeMap<MachineId, String>,
    said: BTreeMap<Position, Timestamp>,
}

impl Calendars {
    /// The calendar of a machine or a person, as the plan is now: the same as long as nothing of it changes. `None` where the machine is
    /// out of use, or the person does not work here any more.
    pub async fn tell(&self, tenant: TenantId, feed: &Feed, now: Timestamp) -> Result<Option<String>, FeedError> {
        let Some(code) = self.code(tenant, feed.of).await? else { return Ok(None) };
        let mut placed = self.placed(tenant, feed.of, (later(now, -BACK), later(now, AHEAD))).await?;
        placed.sort_unstable_by_key(|it| (it.at.end < now, it.at.start, it.at.of()));
        placed.truncate(MOST_ENTRIES);
        placed.sort_unstable_by_key(|it| (it.at.start, it.at.of()));
        let names = Names {
            jobs: self.jobs(tenant, placed.iter().map(|it| it.at.job).collect()).await?,
            machines: self.machines(tenant, placed.iter().filter_map(|it| it.at.machine).collect()).await?,
            said: self.said(tenant, placed.iter().map(|it| it.said).collect()).await?,
        };
        let entries: Vec<Entry> = placed.iter().filter_map(|it| entry(it, feed, &names)).collect();
        let takes_time = matches!(feed.of, FeedOf::Operator(_));
        Ok(Some(ics::text(&Calendar { name: format!("Kilter {code}"), takes_time, entries })))
    }

    async fn placed(
        &self,
        tenant: TenantId,
        of: FeedOf,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Vec<Placed>, FeedError> {
        let sort = Sort { column: Some("ends"), descending: false };
        let conditions = between(from, until);
        let mut question = Question { conditions, sort, after: None, before: None, from_end: false, limit: PAGE };
        let is_theirs = |at: &Placement| match of {
            FeedOf::Machine(machine) => at.machine == Some(machine),
            FeedOf::Operator(operator) => at.operator == Some(operator),
        };
        let mut placed = Vec::new();
        loop {
            let page = self.views.ask(ScheduleBoard::NAME, tenant, question.clone()).await?;
            for row in &page.rows {
                let row = decode::<ScheduleBoard>(row)?;
                let (version, said) = (row.version, row.position);
                let theirs = row.operations.into_iter().map(|planned| planned.placement).filter(is_theirs);
                let theirs = theirs.filter(|at| at.start < until && from < at.end);
                placed.extend(theirs.map(|at| Placed { at, version, said }));
            }
            let Some(last) = page.rows.into_iter().next_back().filter(|_| page.more) else { return Ok(placed) };
            question.after = Some(Seek { value: last.sort, key: last.key });
        }
    }

    /// What the machine or the person is called: by a code, and by nobody's name.
    async fn code(&self, tenant: TenantId, of: FeedOf) -> Result<Option<String>, FeedError> {
        Ok(match of {
            FeedOf::Machine(MachineId(machine)) => {
                let found = get::<MachineBoard>(&*self.views, tenant, vec![row_key(machine)]).await?;
                let in_use = found.into_iter().map(|(_, row)| row).find(|row| row.said != MachineStatus::Retired);
                in_use.map(|row| row.code.to_string())
            }
            FeedOf::Operator(OperatorId(operator)) => {
                let found = get::<Operators>(&*self.views, tenant, vec![row_key(operator)]).await?;
                let at_work = found.into_iter().map(|(_, row)| row).find(|row| row.active);
                at_work.map(|row| row.code.to_string())
            }
        })
    }

    async fn machines(
        &self,
        tenant: TenantId,
        named: BTreeSet<MachineId>,
    ) -> Result<BTreeMap<MachineId, String>, FeedError> {
        let keys = named.into_iter().map(|machine| row_key(machine.0)).collect();
        let found = get::<MachineBoard>(&*self.views, tenant, keys).await?;
        Ok(found.into_iter().map(|(_, row)| (row.id, row.code.to_string())).collect())
    }

    async fn jobs(&self, tenant: TenantId, named: BTreeSet<JobId>) -> Result<HashMap<JobId, JobBoardRow>, FeedError> {
        let keys = named.into_iter().map(|job| row_key(job.0)).collect();
        let found = get::<JobBoard>(&*self.views, tenant, keys).await?;
        Ok(found.into_iter().map(|(_, row)| (row.id, row)).collect())
    }

    /// When what stands at these positions was said.
    async fn said(
        &self,
        tenant: TenantId,
        positions: BTreeSet<Position>,
    ) -> Result<BTreeMap<Position, Timestamp>, FeedError> {
        let found = self.store.read_at(tenant, positions.into_iter().collect()).await?;
        Ok(found.into_iter().map(|found| (found.position, found.event.recorded_at)).collect())
    }
}

/// What is told of an operation: not who else works on it, and who ordered it only where that was asked for. Nothing of what was
/// cancelled before it was done.
fn entry(placed: &Placed, feed: &Feed, names: &Names) -> Option<Entry> {
    let at = &placed.at;
    let job = names.jobs.get(&at.job)?;
    let line = job.operation(at.operation)?;
    let status = line.status();
    if job.status == JobStatus::Cancelled && status != OperationStatus::Finished {
        return None;
    }
    let product = job.product.as_ref().map(ToString::to_string);
    let quantity = job.quantity.map(|quantity| format!("{quantity} {}", job.unit));
    let customer = job.customer.as_ref().filter(|_| feed.with_customers);
    let customer = customer.map(|customer| format!("for {customer}"));
    let description: Vec<String> =
        [said(status).map(str::to_owned), quantity, product, customer].into_iter().flatten().collect();
    // What the job says is told as well.
    let planned = names.said.get(&placed.said).copied().unwrap_or(at.start);
    Some(Entry {
        uid: format!("{}-{}@kilter", at.job, at.operation.0),
        changed: planned.max(job.last_activity_at),
        sequence: placed.version,
        start: at.start,
        end: at.end,
        summary: format!("{}/{} {}", job.number, at.operation.0, line.name),
        description: description.join("\n"),
        location: at.machine.and_then(|machine| names.machines.get(&machine)).cloned(),
    })
}

/// How far it is, in words; nothing while nobody has begun.
const fn said(status: OperationStatus) -> Option<&'static str> {
    match status {
        OperationStatus::Waiting => None,
        OperationStatus::Running => Some("running"),
        OperationStatus::Paused => Some("begun, nobody is at work on it"),
        OperationStatus::Blocked => Some("somebody called for help"),
        OperationStatus::Finished => Some("finished"),
    }
}
