//! First reading of a log: which operations every case has, in the order seen, and when each of them ends.

use std::collections::HashMap;

use domain::jobs::job::JobNumber;
use domain::jobs::operation::{OperationName, OperationNumber};
use domain::kernel::Timestamp;
use domain::machines::work_center::WorkCenterCode;
use domain::workforce::operator::OperatorCode;

use super::ImportError;
use super::entry::{Entries, Entry, Reading};

/// What a log holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// How many rows, refused ones included.
    pub rows: u64,
    /// The earliest start.
    pub begins: Option<Timestamp>,
    /// Work centers with the activity that each was made from and its earliest start, in the order seen.
    pub centers: Vec<(WorkCenterCode, OperationName, Timestamp)>,
    /// Operators with their earliest start, in the order seen.
    pub operators: Vec<(OperatorCode, Timestamp)>,
    /// The cases.
    pub cases: HashMap<JobNumber, Case>,
}

/// What a log holds of one case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its earliest start.
    pub begins: Timestamp,
    /// Its operations in the order seen.
    pub operations: Vec<CaseOperation>,
}

/// What a log holds of one operation of one case.
#[derive(Debug, Clone)]
pub struct CaseOperation {
    /// What is done.
    pub activity: OperationName,
    /// Where.
    pub center: WorkCenterCode,
    /// How many entries report work on it.
    pub entries: u32,
    /// The latest end of these.
    pub ends: Timestamp,
    /// Who reported that end.
    pub last_operator: OperatorCode,
}

impl Survey {
    /// Reads a log to its end. Refused rows are only counted: the second reading lists them.
    pub fn read(entries: &mut Entries) -> Result<Self, ImportError> {
        let mut survey = Self::default();
        let (mut centers, mut operators) = (HashMap::new(), HashMap::new());
        loop {
            match entries.read()? {
                Reading::End => return Ok(survey),
                Reading::Refused(_) => {}
                Reading::Entry(entry) => {
                    survey.note_masters(&entry, &mut centers, &mut operators);
                    survey.note_case(&entry);
                }
            }
            survey.rows += 1;
        }
    }

    fn note_masters(
        &mut self,
        entry: &Entry,
        centers: &mut HashMap<WorkCenterCode, usize>,
        operators: &mut HashMap<OperatorCode, usize>,
    ) {
        let start = entry.start;
        self.begins = Some(self.begins.map_or(start, |begins| begins.min(start)));
        let center = *centers.entry(entry.center.clone()).or_insert_with(|| {
            self.centers.push((entry.center.clone(), entry.activity.clone(), start));
            self.centers.len() - 1
        });
        let operator = *operators.entry(entry.resource.clone()).or_insert_with(|| {
            self.operators.push((entry.resource.clone(), start));
            self.operators.len() - 1
        });
        if let Some((_, _, begins)) = self.centers.get_mut(center) {
            *begins = start.min(*begins);
        }
        if let Some((_, begins)) = self.operators.get_mut(operator) {
            *begins = start.min(*begins);
        }
    }

    fn note_case(&mut self, entry: &Entry) {
        let case = self
            .cases
            .entry(entry.case.clone())
            .or_insert_with(|| Case { begins: entry.start, operations: Vec::new() });
        case.begins = case.begins.min(entry.start);
        match case.operations.iter_mut().find(|operation| operation.center == entry.center) {
            Some(operation) => {
                operation.entries += 1;
                if entry.end >= operation.ends {
                    operation.ends = entry.end;
                    operation.last_operator = entry.resource.clone();
                }
            }
            None => case.operations.push(CaseOperation {
                activity: entry.activity.clone(),
                center: entry.center.clone(),
                entries: 1,
                ends: entry.end,
                last_operator: entry.resource.clone(),
            }),
        }
    }
}

impl Case {
    /// Where the operation at this work center stands among the case's.
    pub fn place(&self, center: &WorkCenterCode) -> Option<usize> {
        self.operations.iter().position(|operation| operation.center == *center)
    }

    /// The places of its operations in the order in which they end; of two that end together the one seen later is later.
    pub fn finishing_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.operations.len()).collect();
        order.sort_by_key(|place| self.operations.get(*place).map(|operation| operation.ends));
        order
    }
}

/// The number of the operation at this place: 10, 20, 30 …
pub fn number(place: usize) -> OperationNumber {
    OperationNumber(u16::try_from((place + 1) * 10).unwrap_or(u16::MAX))
}
