//! Every machine: what people said of it, and what is being done on it now.

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::jobs::operation::Phase;
use domain::kernel::{CalendarId, MachineId, Numbered, Timestamp, WorkCenterId};
use domain::machines::machine::{MachineCode, MachineEvent, MachineName, MachineRating, MachineStatus};
use domain::machines::maintenance::Maintenance;
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::at_work::{self, WorkNow};
use crate::projection::{IndexColumn, Projection, Value, id_value, row_key, text_value};
use crate::stored;

/// One row per machine.
pub struct MachineBoard;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineRow {
    /// Which one.
    pub id: MachineId,
    /// Its code.
    pub code: MachineCode,
    /// Its name.
    pub name: MachineName,
    /// Where it belongs.
    pub work_center: WorkCenterId,
    /// What it can do and costs.
    pub rating: MachineRating,
    /// What people said that it is doing.
    pub said: MachineStatus,
    /// Why.
    pub reason: Option<Reason>,
    /// Since when they say so.
    #[serde(with = "stored::instant")]
    pub said_since: Timestamp,
    /// When the last work on it ended, as far as it was told; of interest while nobody is at work.
    #[serde(with = "stored::instant_option")]
    pub left_at: Option<Timestamp>,
    /// When it works, where that is not as its work center does.
    pub calendar: Option<CalendarId>,
    /// Planned maintenance.
    pub maintenance: Numbered<Maintenance>,
    /// Who is at work on it now.
    pub at_work: Vec<WorkNow>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl MachineRow {
    fn registered(envelope: &Envelope, event: &Event) -> Option<Self> {
        let Event::Machine(MachineEvent::Registered { code, name, work_center, rating }) = event else { return None };
        Some(Self {
            id: MachineId(envelope.stream.id),
            code: code.clone(),
            name: name.clone(),
            work_center: *work_center,
            rating: *rating,
            said: MachineStatus::Available,
            reason: None,
            said_since: envelope.happened_at,
            left_at: None,
            calendar: None,
            maintenance: Numbered::default(),
            at_work: Vec::new(),
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    /// What it is doing: as people said when it is out of use, else what the work on it shows.
    pub fn status(&self) -> MachineStatus {
        let out_of_use = matches!(self.said, MachineStatus::Down | MachineStatus::Maintenance | MachineStatus::Retired);
        if out_of_use || self.at_work.is_empty() {
            self.said
        } else if self.at_work.iter().any(|work| work.phase == Phase::Run) {
            MachineStatus::Running
        } else {
            MachineStatus::Setup
        }
    }

    /// Since when it is doing that.
    pub fn since(&self) -> Timestamp {
        let status = self.status();
        if status == MachineStatus::Available {
            return self.left_at.map_or(self.said_since, |left| left.max(self.said_since));
        }
        if status == self.said {
            return self.said_since;
        }
        let setup = status == MachineStatus::Setup;
        let same = self.at_work.iter().filter(|work| (work.phase == Phase::Setup) == setup);
        same.map(|work| work.since).min().unwrap_or(self.said_since)
    }

    fn apply(&mut self, envelope: &Envelope, event: &MachineEvent) {
        match event {
            MachineEvent::Registered { .. } => {}
            MachineEvent::Renamed { name, .. } => self.name = name.clone(),
            MachineEvent::Moved { work_center, .. } => self.work_center = *work_center,
            MachineEvent::Rated { rating, .. } => self.rating = *rating,
            MachineEvent::StatusChanged { status, reason, .. } => {
                (self.said, self.reason, self.said_since) = (*status, reason.clone(), envelope.happened_at);
            }
            MachineEvent::CalendarSet { calendar, .. } => self.calendar = *calendar,
            MachineEvent::MaintenancePlanned { number, maintenance }
            | MachineEvent::MaintenanceChanged { number, maintenance, .. } => {
                self.maintenance.put(*number, maintenance.clone());
            }
            MachineEvent::MaintenanceCancelled { number, .. } => self.maintenance.remove(*number),
        }
    }
}

/// The machines that somebody begins on, leaves or worked on by this event, each once.
fn moved(event: &JobEvent) -> Vec<MachineId> {
    let mut machines: Vec<MachineId> = match event {
        JobEvent::OperationStarted { machine, was, .. } => {
            machine.iter().chain(was.iter().filter_map(|work| work.machine.as_ref())).copied().collect()
        }
        JobEvent::OperationPaused { machine, .. } | JobEvent::OperationResumed { machine, .. } => {
            machine.iter().copied().collect()
        }
        JobEvent::OperationFinished { left, .. } => left.iter().filter_map(|work| work.machine).collect(),
        JobEvent::WorkReported(report) => report.figures.machine.into_iter().collect(),
        _ => Vec::new(),
    };
    machines.sort_unstable();
    machines.dedup();
    machines
}

impl Projection for MachineBoard {
    const NAME: &'static str = "machine_board";
    const VERSION: u32 = 5;
    const INDEXES: &'static [IndexColumn] =
        &[IndexColumn::text("code"), IndexColumn::text("work_center"), IndexColumn::text("status")];
    type Row = MachineRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Machine(_) => vec![row_key(event.envelope.stream.id)],
            Event::Job(job) => moved(job).into_iter().map(|machine| row_key(machine.0)).collect(),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<MachineRow>, _key: &str, event: &Recorded) -> Option<MachineRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else { return MachineRow::registered(envelope, &event.event) };
        if envelope.position <= row.position {
            return Some(row);
        }
        row.position = envelope.position;
        match &event.event {
            Event::Machine(change) => {
                row.revision = envelope.revision;
                row.apply(envelope, change);
            }
            Event::Job(job) => {
                let (id, was_free) = (row.id, row.at_work.is_empty());
                at_work::fold(&mut row.at_work, envelope, job, |work| work.machine == Some(id));
                let left = (row.at_work.is_empty() && !was_free).then_some(envelope.happened_at);
                let worked = if let JobEvent::WorkReported(report) = job { Some(report.figures.end) } else { None };
                // What is entered late does not move it back.
                row.left_at = row.left_at.max(left).max(worked);
            }
            _ => {}
        }
        Some(row)
    }

    fn index(row: &MachineRow) -> Vec<Value> {
        vec![
            text_value(Some(row.code.as_str())),
            id_value(row.work_center.0),
            text_value(Some(status_name(row.status()))),
        ]
    }
}

/// How the column `status` spells a status; the same as in events.
pub const fn status_name(status: MachineStatus) -> &'static str {
    match status {
        MachineStatus::Available => "available",
        MachineStatus::Running => "running",
        MachineStatus::Setup => "setup",
        MachineStatus::Down => "down",
        MachineStatus::Maintenance => "maintenance",
        MachineStatus::Retired => "retired",
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::WorkFigures;
    use domain::kernel::StreamType;

    use super::*;
    use crate::given::{ANN, BOB, Given, LATHE, OTHER_LATHE, TURN, at, figures, fold, reason, run, setup};

    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";
    const NOON: &str = "2012-01-02T12:00:00Z";

    fn said(given: &mut Given, status: MachineStatus) {
        let event = MachineEvent::StatusChanged { was: MachineStatus::Available, status, reason: Some(reason("said")) };
        given.that(TEN, StreamType::Machine, LATHE.0, Event::Machine(event));
    }

    #[test]
    fn a_machine_shows_what_the_work_on_it_shows() {
        let mut given = Given::job();
        assert_eq!(given.row::<MachineBoard>(LATHE.0).status(), MachineStatus::Available);
        given.starts(NINE, setup(ANN, Some(LATHE)), None);
        let row = given.row::<MachineBoard>(LATHE.0);
        assert_eq!((row.status(), row.since()), (MachineStatus::Setup, at(NINE)));
        given.starts(TEN, run(BOB, Some(LATHE)), None);
        let row = given.row::<MachineBoard>(LATHE.0);
        assert_eq!((row.status(), row.since(), row.at_work.len()), (MachineStatus::Running, at(TEN), 2));
    }

    #[test]
    fn a_machine_that_is_down_is_down_whoever_works_on_it() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, Some(LATHE)), None);
        said(&mut given, MachineStatus::Down);
        let row = given.row::<MachineBoard>(LATHE.0);
        assert_eq!(
            (row.status(), row.since(), row.reason.clone()),
            (MachineStatus::Down, at(TEN), Some(reason("said")))
        );
    }

    #[test]
    fn who_goes_on_elsewhere_leaves_the_first_machine() {
        let mut given = Given::job();
        given.starts(NINE, setup(ANN, Some(LATHE)), None);
        given.starts(TEN, run(ANN, Some(OTHER_LATHE)), Some(setup(ANN, Some(LATHE))));
        assert!(given.row::<MachineBoard>(LATHE.0).at_work.is_empty());
        assert_eq!(given.row::<MachineBoard>(OTHER_LATHE.0).at_work.len(), 1);
    }

    #[test]
    fn a_finished_operation_frees_every_machine_that_was_on_it() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, Some(LATHE)), None).starts(NINE, run(BOB, Some(OTHER_LATHE)), None);
        given.finishes(TEN, TURN, vec![run(ANN, Some(LATHE)), run(BOB, Some(OTHER_LATHE))]);
        assert!(given.rows::<MachineBoard>().values().all(|row| row.at_work.is_empty()));
    }

    #[test]
    fn a_machine_is_free_since_the_last_who_worked_on_it_left() {
        let mut given = Given::job();
        assert_eq!(given.row::<MachineBoard>(LATHE.0).since(), at("2012-01-01T00:00:00Z"));
        given.starts(NINE, run(ANN, Some(LATHE)), None).finishes(NOON, TURN, vec![run(ANN, Some(LATHE))]);
        let row = given.row::<MachineBoard>(LATHE.0);
        assert_eq!((row.status(), row.since()), (MachineStatus::Available, at(NOON)));
        said(&mut given, MachineStatus::Available);
        assert_eq!(given.row::<MachineBoard>(LATHE.0).since(), at(NOON), "said of an hour before");
        given.starts(NINE, run(BOB, Some(LATHE)), None).finishes(TEN, TURN, vec![run(BOB, Some(LATHE))]);
        assert_eq!(given.row::<MachineBoard>(LATHE.0).since(), at(NOON), "entered late");
        let worked = figures(BOB, Phase::Run, (NOON, "2012-01-02T15:00:00Z"));
        given.reports(1, WorkFigures { machine: Some(LATHE), ..worked });
        assert_eq!(given.row::<MachineBoard>(LATHE.0).since(), at("2012-01-02T15:00:00Z"), "told when it was over");
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, Some(LATHE)), None);
        said(&mut given, MachineStatus::Maintenance);
        let once = given.rows::<MachineBoard>();
        assert!(fold::<MachineBoard>(once.clone(), &given.events) == once);
    }
}
