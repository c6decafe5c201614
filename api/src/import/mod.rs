//! Import of the event log of a real shop: a case becomes a job, an activity an operation and its work center, a resource an
//! operator, a row a report of work. Everything goes through ordinary commands with identities made from the log itself, so
//! that importing again appends only what is missing.
//!
//! The file is read twice, in bounded memory: [`survey`] learns the operations of every case and when they end, then
//! [`plan`] turns row after row into commands, which [`executor`] runs: of one job in the order of the file, of different
//! jobs side by side.

pub mod by_server;
pub mod csv_log;
pub mod entry;
mod error;
pub mod executor;
pub mod in_process;
pub mod local_time;
mod mapping;
pub mod plan;
mod report;
pub mod row;
pub mod survey;
pub mod xes_log;

pub use error::ImportError;
pub use mapping::{Columns, Field, Mapping};
pub use report::{Refused, Report};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use domain::kernel::TenantId;
use domain::tenancy::company::{CompanyName, ZoneName};
use jiff::tz::TimeZone;

use self::csv_log::CsvLog;
use self::entry::{Entries, Reading};
use self::executor::{Door, DoorError, Entrance, Lanes, Tally};
use self::local_time::LocalTime;
use self::plan::{Planner, masters};
use self::row::LogReader;
use self::survey::Survey;
use self::xes_log::XesLog;

/// What is to be imported, and how it is to be read.
#[derive(Debug, Clone)]
pub struct EventLog {
    /// The file; `.xes` is XES, anything else CSV.
    pub file: PathBuf,
    /// Which column holds what.
    pub mapping: Mapping,
    /// The zone of the log's local times.
    pub zone: TimeZone,
    /// Whose history it is.
    pub tenant: TenantId,
    /// The company's name, should it not be open yet.
    pub company: CompanyName,
}

/// Shows how an import comes on.
pub trait Progress: Send + Sync {
    /// So many rows are to be done.
    fn total(&self, rows: u64);
    /// One more is done.
    fn row(&self);
}

impl EventLog {
    /// Imports the log through a door.
    pub async fn import(self, door: Arc<dyn Door>, progress: Arc<dyn Progress>) -> Result<Report, ImportError> {
        let began = Instant::now();
        let log = Arc::new(self);
        let reading = Arc::clone(&log);
        let survey = blocking(move || Survey::read(&mut reading.entries()?)).await??;
        progress.total(survey.rows);
        let tally = Arc::new(Tally::new(Box::new(move || progress.row())));
        tally.report().rows = survey.rows;
        log.run_masters(&survey, &door, &tally).await?;
        let mut lanes = Lanes::open(&door, &tally);
        let entrance = lanes.entrance();
        let (feeding, refusals) = (Arc::clone(&log), Arc::clone(&tally));
        let feeder = tokio::task::spawn_blocking(move || feeding.feed(survey, &entrance, &refusals));
        lanes.finish().await.map_err(ImportError::Stopped)?;
        feeder.await.map_err(|error| interrupted(&error))??;
        let mut report = std::mem::take(&mut *tally.report());
        report.close(began.elapsed());
        Ok(report)
    }

    fn entries(&self) -> Result<Entries, ImportError> {
        let xes = self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xes"));
        let reader: Box<dyn LogReader> = if xes {
            Box::new(XesLog::open(&self.file, &self.mapping)?)
        } else {
            Box::new(CsvLog::open(&self.file, &self.mapping)?)
        };
        let times = LocalTime::new(self.zone.clone(), self.mapping.time_format.clone());
        Ok(Entries::new(reader, self.mapping.clone(), times))
    }

    async fn run_masters(&self, survey: &Survey, door: &Arc<dyn Door>, tally: &Arc<Tally>) -> Result<(), ImportError> {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        let zone = ZoneName::try_new(zone).map_err(|_| ImportError::Zone(zone.to_owned()))?;
        let steps = masters(self.tenant, survey, self.company.clone(), zone);
        executor::run_into(door, tally, steps).await.map_err(ImportError::Stopped)
    }

    /// The second reading: entry after entry into the lanes.
    fn feed(&self, survey: Survey, entrance: &Entrance, tally: &Tally) -> Result<(), ImportError> {
        let failed = |error: domain::kernel::text::BadText| {
            ImportError::Stopped(DoorError::Failed { code: "INTERNAL".to_owned(), message: error.to_string() })
        };
        let mut planner = Planner::new(self.tenant, survey).map_err(failed)?;
        let mut entries = self.entries()?;
        loop {
            let entry = match entries.read()? {
                Reading::End => return Ok(()),
                Reading::Refused(refused) => {
                    tally.refuse(refused);
                    continue;
                }
                Reading::Entry(entry) => entry,
            };
            match planner.steps(&entry) {
                Err(refused) => tally.refuse(refused),
                Ok(steps) => {
                    if !steps.into_iter().all(|step| entrance.put(step)) {
                        return Ok(()); // the lanes have stopped and tell why themselves
                    }
                }
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| interrupted(&error))
}

fn interrupted(error: &tokio::task::JoinError) -> ImportError {
    ImportError::Stopped(DoorError::Failed { code: "INTERNAL".to_owned(), message: error.to_string() })
}
