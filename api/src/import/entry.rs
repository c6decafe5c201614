//! A row understood: who worked on what, when, and what came of it.

use std::collections::HashMap;

use domain::jobs::job::JobNumber;
use domain::jobs::operation::{OperationName, Phase, Quantities};
use domain::kernel::{Quantity, Timestamp};
use domain::machines::work_center::WorkCenterCode;
use domain::workforce::operator::OperatorCode;
use uuid::Uuid;

use super::ImportError;
use super::local_time::LocalTime;
use super::mapping::{Field, Mapping};
use super::report::Refused;
use super::row::{LogReader, Next, RawRow};

/// One reported interval of work.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its line in the file.
    pub row: u64,
    /// The job.
    pub case: JobNumber,
    /// What was done, as the log says it.
    pub activity: OperationName,
    /// Where: the activity with its white space put in order.
    pub center: WorkCenterCode,
    /// Who.
    pub resource: OperatorCode,
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// On what the time was spent.
    pub phase: Phase,
    /// What came of it.
    pub quantities: Quantities,
    /// Whether it was work on pieces made before.
    pub rework: bool,
}

/// An entry, or why a row is none.
#[derive(Debug)]
pub enum Reading {
    /// The row says this.
    Entry(Box<Entry>),
    /// The row is refused.
    Refused(Refused),
    /// The log is over.
    End,
}

/// Reads a log entry by entry; the second of two equal rows is refused.
pub struct Entries {
    log: Box<dyn LogReader>,
    mapping: Mapping,
    times: LocalTime,
    seen: HashMap<Uuid, u64>,
}

impl Entries {
    /// Over a log that stands at its first row.
    pub fn new(log: Box<dyn LogReader>, mapping: Mapping, times: LocalTime) -> Self {
        Self { log, mapping, times, seen: HashMap::new() }
    }

    /// The next entry.
    pub fn read(&mut self) -> Result<Reading, ImportError> {
        let raw = match self.log.next()? {
            Next::End => return Ok(Reading::End),
            Next::Defect(refused) => return Ok(Reading::Refused(refused)),
            Next::Row(raw) => raw,
        };
        if let Some(earlier) = self.seen.get(&raw.fingerprint) {
            let reason = format!("the same as row {earlier} in every column");
            return Ok(Reading::Refused(Refused { row: raw.row, column: None, reason }));
        }
        self.seen.insert(raw.fingerprint, raw.row);
        Ok(match self.understand(&raw) {
            Ok(entry) => Reading::Entry(Box::new(entry)),
            Err((field, reason)) => {
                Reading::Refused(Refused { row: raw.row, column: Some(self.log.column(field)), reason })
            }
        })
    }

    fn understand(&self, raw: &RawRow) -> Result<Entry, (Field, String)> {
        let text = |field: Field| raw.cell(field);
        let activity = text(Field::Activity);
        let center = activity.split_whitespace().collect::<Vec<_>>().join(" ");
        let rework = self.mapping.rework(text(Field::Rework)).ok_or_else(|| unknown(Field::Rework, raw))?;
        let start = at(Field::Start, self.times.parse(text(Field::Start)))?;
        let end = at(Field::Complete, self.times.parse(text(Field::Complete)))?;
        if end < start {
            return Err((Field::Complete, "it ends before it starts".to_owned()));
        }
        let completed = quantity(raw, Field::Completed)?;
        Ok(Entry {
            row: raw.row,
            case: at(Field::Case, JobNumber::try_new(text(Field::Case)))?,
            activity: at(Field::Activity, OperationName::try_new(activity))?,
            center: at(Field::Activity, WorkCenterCode::try_new(&center))?,
            resource: at(Field::Resource, OperatorCode::try_new(text(Field::Resource)))?,
            start,
            end,
            phase: self.mapping.phase(text(Field::ReportType)).ok_or_else(|| unknown(Field::ReportType, raw))?,
            quantities: Quantities {
                good: if rework { Quantity::ZERO } else { completed },
                rework: if rework { completed } else { Quantity::ZERO },
                scrap: quantity(raw, Field::Rejected)?,
                held: quantity(raw, Field::Held)?,
            },
            rework,
        })
    }
}

fn at<T, E: ToString>(field: Field, result: Result<T, E>) -> Result<T, (Field, String)> {
    result.map_err(|error| (field, error.to_string()))
}

fn unknown(field: Field, raw: &RawRow) -> (Field, String) {
    (field, format!("{:?} is not among the words of the mapping", raw.cell(field)))
}

fn quantity(raw: &RawRow, field: Field) -> Result<Quantity, (Field, String)> {
    match raw.cell(field) {
        "" => Ok(Quantity::ZERO),
        text => at(field, text.parse()),
    }
}
