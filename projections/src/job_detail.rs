//! What is to be done for a job: its operations in full, and who is assigned. How far it has come is on the `job_board`, when it is
//! planned on the `schedule_board`.

use domain::catalog::Event;
use domain::jobs::job::{JobEvent, NoteText};
use domain::jobs::operation::{OperationNumber, OperationPlan};
use domain::kernel::{JobId, OperatorId, StreamType};
use domain::ports::{Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, row_key};

/// One row per job, under the same key as on the job board.
///
/// Starts and reports don't touch it: they are many, and this document is large.
pub struct JobDetail;

/// The plan of one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobDetailRow {
    /// Which job.
    pub id: JobId,
    /// Notes.
    pub notes: Option<NoteText>,
    /// Its operations, by number.
    pub operations: Vec<OperationDetail>,
    /// Position of the last event folded.
    pub position: Position,
}

/// The plan of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationDetail {
    /// What is planned.
    pub plan: OperationPlan,
    /// Who is to do it.
    pub assigned: Vec<OperatorId>,
}

impl OperationDetail {
    fn new(plan: &OperationPlan) -> Self {
        Self { plan: plan.clone(), assigned: Vec::new() }
    }
}

impl JobDetailRow {
    /// The plan of the operation with this number.
    pub fn operation(&self, number: OperationNumber) -> Option<&OperationDetail> {
        self.operations.iter().find(|detail| detail.plan.number == number)
    }

    fn detail(&mut self, number: OperationNumber) -> Option<&mut OperationDetail> {
        self.operations.iter_mut().find(|detail| detail.plan.number == number)
    }

    fn add(&mut self, plan: &OperationPlan) {
        if self.detail(plan.number).is_none() {
            self.operations.push(OperationDetail::new(plan));
            self.operations.sort_by_key(|detail| detail.plan.number);
        }
    }

    fn apply(&mut self, event: &JobEvent) {
        match event {
            JobEvent::Revised { details, .. } => self.notes.clone_from(&details.notes),
            JobEvent::OperationAdded { operation } => self.add(operation),
            JobEvent::OperationRemoved { operation } => {
                self.operations.retain(|detail| detail.plan.number != operation.number);
            }
            JobEvent::OperatorAssigned { operation, operator } => {
                let detail = self.detail(*operation).filter(|detail| !detail.assigned.contains(operator));
                if let Some(detail) = detail {
                    detail.assigned.push(*operator);
                }
            }
            JobEvent::OperatorUnassigned { operation, operator } => {
                if let Some(detail) = self.detail(*operation) {
                    detail.assigned.retain(|assigned| assigned != operator);
                }
            }
            _ => {}
        }
    }
}

impl Projection for JobDetail {
    const NAME: &'static str = "job_detail";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[];
    type Row = JobDetailRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Job(
                JobEvent::Created { .. }
                | JobEvent::Revised { .. }
                | JobEvent::OperationAdded { .. }
                | JobEvent::OperationRemoved { .. }
                | JobEvent::OperatorAssigned { .. }
                | JobEvent::OperatorUnassigned { .. },
            ) if event.envelope.stream.kind == StreamType::Job => vec![row_key(event.envelope.stream.id)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<JobDetailRow>, _key: &str, event: &Recorded) -> Option<JobDetailRow> {
        let Event::Job(change) = &event.event else { return row };
        let (id, position) = (JobId(event.envelope.stream.id), event.envelope.position);
        let Some(mut row) = row else {
            let JobEvent::Created { details, operations, .. } = change else { return None };
            let mut operations: Vec<_> = operations.iter().map(OperationDetail::new).collect();
            operations.sort_by_key(|detail| detail.plan.number);
            return Some(JobDetailRow { id, notes: details.notes.clone(), operations, position });
        };
        if position > row.position {
            row.position = position;
            row.apply(change);
        }
        Some(row)
    }

    fn index(_row: &JobDetailRow) -> Vec<Value> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{ANN, BOB, GRIND, GRINDERS, Given, JOB, LATHES, TURN, fold, plan};

    const NINE: &str = "2012-01-02T09:00:00Z";

    fn detail(given: &Given) -> JobDetailRow {
        given.row::<JobDetail>(JOB.0)
    }

    fn assigned(given: &mut Given, operator: OperatorId) {
        given.on_job(NINE, JobEvent::OperatorAssigned { operation: TURN, operator });
    }

    #[test]
    fn operations_stand_by_number() {
        let mut given = Given::job();
        given.on_job(NINE, JobEvent::OperationAdded { operation: plan(OperationNumber(15), LATHES) });
        given.on_job(NINE, JobEvent::OperationRemoved { operation: plan(GRIND, GRINDERS) });
        let numbers: Vec<_> = detail(&given).operations.iter().map(|operation| operation.plan.number.0).collect();
        assert_eq!(numbers, [10, 15]);
    }

    #[test]
    fn several_operators_may_be_assigned_and_taken_off() {
        let mut given = Given::job();
        assigned(&mut given, ANN);
        assigned(&mut given, BOB);
        given.on_job(NINE, JobEvent::OperatorUnassigned { operation: TURN, operator: ANN });
        assert_eq!(detail(&given).operation(TURN).unwrap().assigned, [BOB]);
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let mut given = Given::job();
        assigned(&mut given, ANN);
        let once = given.rows::<JobDetail>();
        assert!(fold::<JobDetail>(once.clone(), &given.events) == once);
    }
}
