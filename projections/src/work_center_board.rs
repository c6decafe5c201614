//! Every work center: how much waits there, who is at work.

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::jobs::operation::OperationNumber;
use domain::kernel::{CalendarId, JobId, WorkCenterId};
use domain::machines::work_center::{AreaName, Reason, WorkCenterCode, WorkCenterEvent, WorkCenterName};
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::at_work::{self, WorkNow};
use crate::projection::{IndexColumn, Projection, Value, row_key, text_value};

/// One row per work center.
pub struct WorkCenterBoard;

/// A work center. What was made there today is a question of the timesheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkCenterRow {
    /// Which one.
    pub id: WorkCenterId,
    /// Its code.
    pub code: WorkCenterCode,
    /// Its name.
    pub name: WorkCenterName,
    /// Where it stands.
    pub area: Option<AreaName>,
    /// When its machines work, where that is not as the company does.
    pub calendar: Option<CalendarId>,
    /// Why it is out of use, once it is.
    pub retired: Option<Reason>,
    /// How many operations are still to be finished here.
    pub open_operations: i64,
    /// Who is at work here now, and on what.
    pub at_work: Vec<WorkNow>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl WorkCenterRow {
    fn created(envelope: &Envelope, event: &Event) -> Option<Self> {
        let Event::WorkCenter(WorkCenterEvent::Created { code, name, area }) = event else { return None };
        Some(Self {
            id: WorkCenterId(envelope.stream.id),
            code: code.clone(),
            name: name.clone(),
            area: area.clone(),
            calendar: None,
            retired: None,
            open_operations: 0,
            at_work: Vec::new(),
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    /// The operations that somebody is at work on now, each once.
    pub fn running_operations(&self) -> Vec<(JobId, OperationNumber)> {
        let mut running: Vec<_> = self.at_work.iter().map(|work| (work.job, work.operation)).collect();
        running.sort_unstable();
        running.dedup();
        running
    }

    /// How many open operations have nobody at work on them.
    pub fn waiting_operations(&self) -> usize {
        usize::try_from(self.open_operations).unwrap_or(0).saturating_sub(self.running_operations().len())
    }

    fn apply(&mut self, event: &WorkCenterEvent) {
        match event {
            WorkCenterEvent::Created { .. } | WorkCenterEvent::ChangeoversSet { .. } => {}
            WorkCenterEvent::Renamed { name, .. } => self.name = name.clone(),
            WorkCenterEvent::Moved { area, .. } => self.area.clone_from(area),
            WorkCenterEvent::CalendarSet { calendar, .. } => self.calendar = *calendar,
            WorkCenterEvent::Retired { reason } => self.retired = Some(reason.clone()),
        }
    }

    /// By how much the number of open operations here changes.
    fn opened_by(&self, event: &JobEvent) -> i64 {
        let here = |place: WorkCenterId| i64::from(place == self.id);
        match event {
            JobEvent::Created { operations, .. } => operations.iter().map(|plan| here(plan.work_center)).sum(),
            JobEvent::OperationAdded { operation } => here(operation.work_center),
            JobEvent::OperationRemoved { operation } => -here(operation.work_center),
            JobEvent::OperationFinished { work_center, .. } => -here(*work_center),
            JobEvent::Cancelled { open, .. } => -open.iter().map(|place| here(place.work_center)).sum::<i64>(),
            JobEvent::Reopened { open, .. } => open.iter().map(|place| here(place.work_center)).sum(),
            _ => 0,
        }
    }
}

/// The work centers whose open operations or people at work change by this event, each once.
fn touched(event: &JobEvent) -> Vec<WorkCenterId> {
    let mut places: Vec<WorkCenterId> = match event {
        JobEvent::Created { operations, .. } => operations.iter().map(|plan| plan.work_center).collect(),
        JobEvent::OperationAdded { operation } | JobEvent::OperationRemoved { operation } => {
            vec![operation.work_center]
        }
        JobEvent::OperationStarted { work_center, .. }
        | JobEvent::OperationPaused { work_center, .. }
        | JobEvent::OperationResumed { work_center, .. }
        | JobEvent::OperationFinished { work_center, .. } => vec![*work_center],
        JobEvent::Cancelled { open, .. } | JobEvent::Reopened { open, .. } => {
            open.iter().map(|place| place.work_center).collect()
        }
        _ => Vec::new(),
    };
    places.sort_unstable();
    places.dedup();
    places
}

impl Projection for WorkCenterBoard {
    const NAME: &'static str = "work_center_board";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("code"), IndexColumn::integer("retired")];
    type Row = WorkCenterRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::WorkCenter(_) => vec![row_key(event.envelope.stream.id)],
            Event::Job(job) => touched(job).into_iter().map(|place| row_key(place.0)).collect(),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<WorkCenterRow>, _key: &str, event: &Recorded) -> Option<WorkCenterRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else { return WorkCenterRow::created(envelope, &event.event) };
        if envelope.position <= row.position {
            return Some(row);
        }
        row.position = envelope.position;
        match &event.event {
            Event::WorkCenter(change) => {
                row.revision = envelope.revision;
                row.apply(change);
            }
            Event::Job(job) => {
                let id = row.id;
                row.open_operations += row.opened_by(job);
                at_work::fold(&mut row.at_work, envelope, job, |work| work.work_center == id);
            }
            _ => {}
        }
        Some(row)
    }

    fn index(row: &WorkCenterRow) -> Vec<Value> {
        vec![text_value(Some(row.code.as_str())), Value::Integer(i64::from(row.retired.is_some()))]
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::job::JobStatus;
    use domain::jobs::operation::OperationPlace;
    use domain::kernel::StreamType;

    use super::*;
    use crate::given::{ANN, BOB, GRIND, GRINDERS, Given, LATHE, LATHES, TURN, fold, plan, reason, run};

    const NINE: &str = "2012-01-02T09:00:00Z";

    fn waiting(given: &Given, place: WorkCenterId) -> (usize, usize) {
        let row = given.row::<WorkCenterBoard>(place.0);
        (row.waiting_operations(), row.running_operations().len())
    }

    #[test]
    fn an_operation_waits_runs_and_is_gone() {
        let mut given = Given::job();
        assert_eq!((waiting(&given, LATHES), waiting(&given, GRINDERS)), ((1, 0), (1, 0)));
        given.starts(NINE, run(ANN, Some(LATHE)), None).starts(NINE, run(BOB, None), None);
        assert_eq!(waiting(&given, LATHES), (0, 1));
        assert_eq!(given.row::<WorkCenterBoard>(LATHES.0).at_work.len(), 2);
        given.finishes(NINE, TURN, vec![run(ANN, Some(LATHE)), run(BOB, None)]);
        assert_eq!((waiting(&given, LATHES), waiting(&given, GRINDERS)), ((0, 0), (1, 0)));
    }

    #[test]
    fn operations_added_and_removed_are_counted() {
        let mut given = Given::job();
        let again = plan(domain::jobs::operation::OperationNumber(30), LATHES);
        given.on_job(NINE, JobEvent::OperationAdded { operation: again });
        given.on_job(NINE, JobEvent::OperationRemoved { operation: plan(GRIND, GRINDERS) });
        assert_eq!((waiting(&given, LATHES), waiting(&given, GRINDERS)), ((2, 0), (0, 0)));
    }

    #[test]
    fn a_cancelled_job_takes_its_operations_along_and_brings_them_back() {
        let mut given = Given::job();
        let open = vec![
            OperationPlace { operation: TURN, work_center: LATHES },
            OperationPlace { operation: GRIND, work_center: GRINDERS },
        ];
        let (was, why) = (JobStatus::Pending, reason("withdrawn"));
        given.on_job(NINE, JobEvent::Cancelled { was, reason: why.clone(), open: open.clone() });
        assert_eq!((waiting(&given, LATHES), waiting(&given, GRINDERS)), ((0, 0), (0, 0)));
        let status = JobStatus::Pending;
        given.on_job(NINE, JobEvent::Reopened { was: JobStatus::Cancelled, status, reason: why, open });
        assert_eq!((waiting(&given, LATHES), waiting(&given, GRINDERS)), ((1, 0), (1, 0)));
    }

    #[test]
    fn a_retired_work_center_says_why() {
        let mut given = Given::job();
        let retired = WorkCenterEvent::Retired { reason: reason("sold") };
        given.that(NINE, StreamType::WorkCenter, LATHES.0, Event::WorkCenter(retired));
        let row = given.row::<WorkCenterBoard>(LATHES.0);
        assert_eq!((row.retired, row.revision), (Some(reason("sold")), 1));
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, None), None).finishes(NINE, TURN, vec![run(ANN, None)]);
        let once = given.rows::<WorkCenterBoard>();
        assert!(fold::<WorkCenterBoard>(once.clone(), &given.events) == once);
    }
}
