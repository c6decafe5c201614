//! Which permission each command needs. Exhaustive: a new command does not compile without one.

use super::Command;
use crate::jobs::job::JobCommand;
use crate::kernel::roles::Action;
use crate::machines::machine::{MachineCommand, MachineStatus};

/// What the caller's role must allow for this command.
pub const fn action(command: &Command) -> Action {
    match command {
        Command::Company(_) => Action::ConfigureCompany,
        Command::WorkCenter(..) => Action::ManageMachines,
        Command::Machine(_, command) => machine(command),
        Command::Operator(..) => Action::ManageOperators,
        Command::Job(_, command) => job(command),
    }
}

const fn machine(command: &MachineCommand) -> Action {
    match command {
        MachineCommand::ChangeStatus { status: MachineStatus::Retired, .. }
        | MachineCommand::Register { .. }
        | MachineCommand::Rename(_)
        | MachineCommand::MoveTo(_)
        | MachineCommand::Rate(_) => Action::ManageMachines,
        MachineCommand::ChangeStatus { .. } => Action::WorkOnFloor,
    }
}

const fn job(command: &JobCommand) -> Action {
    match command {
        JobCommand::Create { .. }
        | JobCommand::Revise(_)
        | JobCommand::Promise(_)
        | JobCommand::AddOperation(_)
        | JobCommand::RemoveOperation(_)
        | JobCommand::Schedule(_)
        | JobCommand::Unschedule
        | JobCommand::Complete
        | JobCommand::Cancel(_)
        | JobCommand::Reopen(_) => Action::ManageJobs,
        JobCommand::AssignOperator(..) | JobCommand::UnassignOperator(..) => Action::AssignOperators,
        JobCommand::StartOperation { .. }
        | JobCommand::PauseOperation { .. }
        | JobCommand::ResumeOperation(..)
        | JobCommand::ReportQuantity { .. }
        | JobCommand::FinishOperation { .. }
        | JobCommand::ReportWork { .. }
        | JobCommand::Pause(_)
        | JobCommand::Block { .. }
        | JobCommand::Resume => Action::WorkOnFloor,
        JobCommand::CorrectReport { .. } => Action::CorrectReports,
    }
}
