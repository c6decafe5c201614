//! Who is at work now: the same fold for the boards of jobs, work centers, machines and operators.

use domain::jobs::job::JobEvent;
use domain::jobs::operation::{OperationNumber, Phase};
use domain::kernel::{JobId, MachineId, OperatorId, Timestamp, WorkCenterId};
use domain::ports::Envelope;
use serde::{Deserialize, Serialize};

use crate::stored;

/// One operator at work on one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkNow {
    /// On which job.
    pub job: JobId,
    /// On which of its operations.
    pub operation: OperationNumber,
    /// Where that operation is done.
    pub work_center: WorkCenterId,
    /// On which machine, where it is known.
    pub machine: Option<MachineId>,
    /// Who.
    pub operator: OperatorId,
    /// Setup or run.
    pub phase: Phase,
    /// Since when, in this phase and on this machine.
    #[serde(with = "stored::instant")]
    pub since: Timestamp,
}

impl WorkNow {
    /// The work that this event begins, if it begins any.
    pub fn begun_by(envelope: &Envelope, event: &JobEvent) -> Option<Self> {
        let (JobEvent::OperationStarted { operation, work_center, operator, machine, phase, .. }
        | JobEvent::OperationResumed { operation, work_center, operator, machine, phase }) = event
        else {
            return None;
        };
        Some(Self {
            job: JobId(envelope.stream.id),
            operation: *operation,
            work_center: *work_center,
            machine: *machine,
            operator: *operator,
            phase: *phase,
            since: envelope.happened_at,
        })
    }
}

/// Takes off the list whoever stops by this event, and puts on it whoever begins and belongs on this list.
pub fn fold(list: &mut Vec<WorkNow>, envelope: &Envelope, event: &JobEvent, belongs: impl FnOnce(&WorkNow) -> bool) {
    let job = JobId(envelope.stream.id);
    match event {
        JobEvent::OperationStarted { operation, operator, .. }
        | JobEvent::OperationResumed { operation, operator, .. }
        | JobEvent::OperationPaused { operation, operator, .. } => {
            list.retain(|work| work.job != job || work.operation != *operation || work.operator != *operator);
        }
        JobEvent::OperationFinished { operation, .. } => {
            list.retain(|work| work.job != job || work.operation != *operation);
        }
        _ => {}
    }
    list.extend(WorkNow::begun_by(envelope, event).filter(belongs));
}
