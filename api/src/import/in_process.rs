//! The door to this process's own commands.

use std::sync::Arc;

use domain::kernel::Caller;
use domain::ports::Future;
use domain::run::{Commands, Request, RunError};

use super::executor::{Door, DoorError, Outcome};
use crate::graphql::errors::{COMMAND_ID_REUSED, CONFLICT};

/// Commands of this process, run as one caller.
pub struct InProcess {
    commands: Arc<Commands>,
    caller: Caller,
}

impl InProcess {
    /// As this caller.
    pub const fn new(commands: Arc<Commands>, caller: Caller) -> Self {
        Self { commands, caller }
    }

    async fn one(&self, request: &Request) -> Result<Outcome, DoorError> {
        let failed = |code: &str, message: String| Err(DoorError::Failed { code: code.to_owned(), message });
        match self.commands.run(&self.caller, request.clone()).await {
            Ok(done) => Ok(Outcome::Done(done.appended as u64)),
            Err(RunError::Rejected(refusal)) => {
                Ok(Outcome::Refused { code: refusal.code().to_owned(), message: refusal.to_string() })
            }
            Err(error @ RunError::Conflict { .. }) => {
                Ok(Outcome::Refused { code: CONFLICT.to_owned(), message: error.to_string() })
            }
            Err(error @ RunError::CommandIdReused(_)) => {
                Ok(Outcome::Refused { code: COMMAND_ID_REUSED.to_owned(), message: error.to_string() })
            }
            Err(RunError::Denied) => Err(DoorError::Denied),
            Err(error @ RunError::Unavailable(_)) => failed("UNAVAILABLE", error.to_string()),
            Err(error @ RunError::OutcomeUnknown(_)) => failed("OUTCOME_UNKNOWN", error.to_string()),
            Err(RunError::Fault(reason)) => failed("INTERNAL", reason),
        }
    }
}

impl Door for InProcess {
    fn run<'a>(&'a self, requests: &'a [Request]) -> Future<'a, Result<Vec<Outcome>, DoorError>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(requests.len());
            for request in requests {
                outcomes.push(self.one(request).await?);
            }
            Ok(outcomes)
        })
    }

    fn batch(&self) -> usize {
        16
    }
}
