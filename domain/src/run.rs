//! `run`: the only door to change anything. Permission, facts, the load–decide–append loop.

use std::sync::Arc;

use uuid::Uuid;

use crate::jobs::job::JobCommand;
use crate::kernel::decider::Refusal;
use crate::kernel::{CommandId, JobId, MachineId, OperatorId, StreamId, Timestamp, WorkCenterId};
use crate::machines::machine::MachineCommand;
use crate::machines::work_center::WorkCenterCommand;
use crate::ports::{Clock, Codec, EventStore, IdSource, Position};
use crate::tenancy::company::CompanyCommand;
use crate::workforce::operator::OperatorCommand;

/// Anything that can be asked, and of whom.
#[derive(Debug, Clone)]
pub enum Command {
    /// Of the caller's company.
    Company(CompanyCommand),
    /// Of a work center.
    WorkCenter(WorkCenterId, WorkCenterCommand),
    /// Of a machine.
    Machine(MachineId, MachineCommand),
    /// Of an operator.
    Operator(OperatorId, OperatorCommand),
    /// Of a job.
    Job(JobId, JobCommand),
}

/// A command with what the client says about it.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// The client's name for it; the same again gives the first answer. Made up when absent.
    pub command_id: Option<CommandId>,
    /// Refuse when the stream has moved on from this revision.
    pub expected_revision: Option<u64>,
    /// When it happened on the floor; now when absent.
    pub happened_at: Option<Timestamp>,
    /// What outside request it belongs to; made up when absent.
    pub correlation: Option<Uuid>,
    /// The event that caused it.
    pub causation: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self {
            command,
            command_id: None,
            expected_revision: None,
            happened_at: None,
            correlation: None,
            causation: None,
            traceparent: None,
        }
    }
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The stream that it was asked of.
    pub stream: StreamId,
    /// Revision of the stream's last event.
    pub revision: u64,
    /// Position of the stream's last event: wait for it to read your own write.
    pub position: Position,
    /// How many events it appended; 0 when it was already true or already run.
    pub appended: usize,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The role may not. To the caller it does not exist.
    #[error("the caller's role may not do this")]
    Denied,
    /// The domain refuses.
    #[error("{0}")]
    Rejected(Box<dyn Refusal>),
    /// The stream has moved on; asking again may work.
    #[error("the stream is at revision {actual:?}")]
    Conflict {
        /// Its revision now.
        actual: Option<u64>,
    },
    /// The command id was used for something else before.
    #[error("command id {0} was used for another command")]
    CommandIdReused(CommandId),
    /// Nothing was done; asking again later, with the same command id, may work.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Something is broken.
    #[error("fault: {0}")]
    Fault(String),
}

/// Runs commands.
pub struct Commands {
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Commands {
    /// Over these adapters.
    pub fn new(
        store: Arc<dyn EventStore>,
        codec: Arc<dyn Codec>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { store, codec, clock, ids }
    }
}
