//! Which permission each command needs. Exhaustive: a new command does not compile without one.

use super::Command;
use crate::identity::account::AccountCommand;
use crate::identity::session::{EndReason, SessionCommand};
use crate::jobs::job::JobCommand;
use crate::kernel::{Action, ActorId, Caller};
use crate::machines::machine::{MachineCommand, MachineStatus};
use crate::tenancy::company::CompanyCommand;
use crate::tenancy::feeds::FeedCommand;
use crate::tenancy::roster::RosterCommand;

/// Whether the caller may ask for this command: their role allows it, and it is their own account where it must be.
pub(super) fn allows(caller: &Caller, command: &Command) -> bool {
    let action = action(command);
    caller.may(action) && (action != Action::OwnAccount || owner(command).is_none_or(|owner| owner == caller.actor))
}

/// What the caller's role must allow for this command.
pub const fn action(command: &Command) -> Action {
    match command {
        Command::Company(CompanyCommand::SetSecurity(_)) => Action::ManageMembers,
        Command::Calendar(..) | Command::Company(CompanyCommand::SetCalendar(_)) => Action::ManageCalendars,
        Command::Company(CompanyCommand::Feed(command)) => feed(*command),
        Command::Company(CompanyCommand::PairTerminal(..) | CompanyCommand::RevokeTerminal(_)) => {
            Action::ManageOperators
        }
        Command::Company(_) => Action::ConfigureCompany,
        Command::WorkCenter(..) | Command::Tool(..) => Action::ManageMachines,
        Command::Machine(_, command) => machine(command),
        Command::Plan(_) | Command::Scenario(..) => Action::PlanWork,
        Command::Operator(..) => Action::ManageOperators,
        Command::Job(_, command) => job(command),
        Command::Roster(command) => roster(command),
        Command::Account(_, command) => account(command),
        Command::Session(_, command) => session(command),
        Command::ApiToken(..) => Action::ManageApiTokens,
    }
}

/// Whose account or session it is about; what is about nobody's is about the caller.
fn owner(command: &Command) -> Option<ActorId> {
    match command {
        Command::Account(account, _) => Some(*account),
        Command::Session(_, command) => Some(match &**command {
            SessionCommand::Open(sign_in) => sign_in.account,
            SessionCommand::End { account, .. } => *account,
        }),
        Command::Company(_)
        | Command::WorkCenter(..)
        | Command::Machine(..)
        | Command::Operator(..)
        | Command::Job(..)
        | Command::Roster(_)
        | Command::ApiToken(..)
        | Command::Calendar(..)
        | Command::Plan(_)
        | Command::Scenario(..)
        | Command::Tool(..) => None,
    }
}

/// Who plans has feeds of anything, anybody else of their own work.
const fn feed(command: FeedCommand) -> Action {
    match command {
        FeedCommand::Make { .. } | FeedCommand::Revoke(_) => Action::PlanWork,
        FeedCommand::MakeOwn { .. } | FeedCommand::RevokeOwn(_) => Action::OwnAccount,
    }
}

const fn roster(command: &RosterCommand) -> Action {
    match command {
        RosterCommand::Begin | RosterCommand::Join(_) => Action::OwnAccount,
        RosterCommand::Invite { .. }
        | RosterCommand::RenewInvitation { .. }
        | RosterCommand::RevokeInvitation(_)
        | RosterCommand::ChangeRole { .. }
        | RosterCommand::Deactivate { .. }
        | RosterCommand::Reactivate(_) => Action::ManageMembers,
    }
}

const fn account(command: &AccountCommand) -> Action {
    match command {
        AccountCommand::ResetSecondFactors(_) | AccountCommand::LiftWait(_) => Action::ManageMembers,
        AccountCommand::EndSessions { reason, .. } => ending(*reason),
        AccountCommand::Register { .. }
        | AccountCommand::Describe(_)
        | AccountCommand::SetPassword(_)
        | AccountCommand::AskForReset
        | AccountCommand::EnableTotp
        | AccountCommand::DisableTotp
        | AccountCommand::MakeRecoveryCodes(_)
        | AccountCommand::UseRecoveryCode(_)
        | AccountCommand::AddPasskey(..)
        | AccountCommand::RemovePasskey(_)
        | AccountCommand::LinkProvider(_)
        | AccountCommand::UnlinkProvider(_)
        | AccountCommand::Consent(_) => Action::OwnAccount,
    }
}

const fn session(command: &SessionCommand) -> Action {
    match command {
        SessionCommand::Open(_) => Action::OwnAccount,
        SessionCommand::End { reason, .. } => ending(*reason),
    }
}

const fn ending(reason: EndReason) -> Action {
    if reason.is_ones_own() { Action::OwnAccount } else { Action::ManageMembers }
}

const fn machine(command: &MachineCommand) -> Action {
    match command {
        MachineCommand::ChangeStatus { status: MachineStatus::Retired, .. }
        | MachineCommand::Register { .. }
        | MachineCommand::Rename(_)
        | MachineCommand::MoveTo(_)
        | MachineCommand::Rate(_)
        | MachineCommand::SetCalendar(_)
        | MachineCommand::Maintain(_) => Action::ManageMachines,
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
        | JobCommand::CallAndon { .. }
        | JobCommand::AnswerAndon(..)
        | JobCommand::EndAndon { .. }
        | JobCommand::Pause(_)
        | JobCommand::Block { .. }
        | JobCommand::Resume => Action::WorkOnFloor,
        JobCommand::EscalateAndon(..) => Action::PlanWork,
        JobCommand::CorrectReport { .. } => Action::CorrectReports,
    }
}
