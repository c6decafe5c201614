//! Values of fields, in a form that can be shown to people.

use std::collections::BTreeSet;

use domain::calendars::calendar::{CalendarCode, CalendarName, SpecialDay};
use domain::calendars::hours::{Hours, LocalDate, Shift, ShiftWeek};
use domain::identity::account::{Issuer, PasskeyLabel};
use domain::identity::api_token::TokenName;
use domain::identity::session::EndReason;
use domain::jobs::job::{BlockCause, CustomerName, JobNumber, JobStatus, NoteText, ProductName, Unit};
use domain::jobs::operation::{OperationName, OperationNumber, Phase, RunTime};
use domain::kernel::network::Network;
use domain::kernel::person::ClientPart;
use domain::kernel::person::FullName;
use domain::kernel::{
    ActorId, CalendarId, JobId, MachineId, OperatorId, Personal, Quantity, Role, Timestamp, ToolId, WorkCenterId,
};
use domain::machines::changeover::SetupFamily;
use domain::machines::machine::{MachineCode, MachineName, MachineStatus};
use domain::machines::tool::{ToolCode, ToolName};
use domain::machines::work_center::{AreaName, Reason, WorkCenterCode, WorkCenterName};
use domain::scheduling::scenario::ScenarioName;
use domain::scheduling::solver::Preset;
use domain::tenancy::company::{CompanyName, Country, Language, OverlapPolicy, TerminalName, ZoneName};
use domain::workforce::absence::AbsenceKind;
use domain::workforce::operator::{OperatorCode, Skill, WayIn};

use crate::labels::Thing;

/// A value that can be shown: as it is, in the reader's zone, or by the label of the thing that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// As it was written.
    Text(String),
    /// One of a fixed set, by its stored name.
    Word(&'static str),
    /// A whole number.
    Number(i64),
    /// An amount.
    Amount(Quantity),
    /// An instant.
    Instant(Timestamp),
    /// Yes or no.
    Flag(bool),
    /// Another thing of the tenant's.
    Thing(Thing),
    /// A user.
    Actor(ActorId),
    /// A person's name, sealed.
    Name(Personal<FullName>),
}

/// What can be shown as a value.
pub(super) trait Say {
    /// The value; `None` where it is nothing.
    fn say(&self) -> Option<Said>;
}

/// No value.
pub(super) struct Nothing;

impl Say for Nothing {
    fn say(&self) -> Option<Said> {
        None
    }
}

impl<T: Say> Say for Option<T> {
    fn say(&self) -> Option<Said> {
        self.as_ref().and_then(Say::say)
    }
}

macro_rules! say {
    ($($kind:ty: $value:ident => $said:expr;)*) => {
        $(impl Say for $kind {
            fn say(&self) -> Option<Said> {
                let $value = self;
                Some($said)
            }
        })*
    };
}

macro_rules! say_text {
    ($($kind:ty),*) => {
        say!($($kind: text => Said::Text(text.as_str().to_owned());)*);
    };
}

say_text!(
    AreaName,
    CalendarCode,
    CalendarName,
    ClientPart,
    CompanyName,
    Country,
    CustomerName,
    Issuer,
    JobNumber,
    MachineCode,
    MachineName,
    NoteText,
    OperationName,
    OperatorCode,
    PasskeyLabel,
    ProductName,
    Reason,
    ScenarioName,
    SetupFamily,
    Skill,
    TerminalName,
    TokenName,
    ToolCode,
    ToolName,
    Unit,
    WorkCenterCode,
    WorkCenterName,
    ZoneName
);

say! {
    u8: number => Said::Number(i64::from(*number));
    u16: number => Said::Number(i64::from(*number));
    u32: number => Said::Number(i64::from(*number));
    u64: number => Said::Number(i64::try_from(*number).unwrap_or(i64::MAX));
    usize: number => Said::Number(i64::try_from(*number).unwrap_or(i64::MAX));
    bool: flag => Said::Flag(*flag);
    Quantity: amount => Said::Amount(*amount);
    Timestamp: instant => Said::Instant(*instant);
    WorkCenterId: id => Said::Thing(Thing::WorkCenter(*id));
    MachineId: id => Said::Thing(Thing::Machine(*id));
    ToolId: id => Said::Thing(Thing::Tool(*id));
    CalendarId: id => Said::Thing(Thing::Calendar(*id));
    OperatorId: id => Said::Thing(Thing::Operator(*id));
    JobId: id => Said::Thing(Thing::Job(*id));
    ActorId: id => Said::Actor(*id);
    Personal<FullName>: name => Said::Name(name.clone());
    JobStatus: status => Said::Word(crate::job_board::status_name(*status));
    MachineStatus: status => Said::Word(crate::machine_board::status_name(*status));
    Phase: phase => Said::Word(phase_name(*phase));
    Preset: preset => Said::Word(super::plan::preset_name(*preset));
    OverlapPolicy: policy => Said::Word(policy_name(*policy));
    Role: role => Said::Word(role.as_str());
    EndReason: reason => Said::Word(reason.as_str());
    WayIn: way => Said::Word(way.as_str());
    AbsenceKind: kind => Said::Word(kind.as_str());
    Language: language => Said::Word(language.tag());
    OperationNumber: number => Said::Number(i64::from(number.0));
    RunTime: run => Said::Text(run_words(*run));
}

impl Say for BTreeSet<Role> {
    fn say(&self) -> Option<Said> {
        let roles: Vec<&str> = self.iter().map(|role| role.as_str()).collect();
        (!roles.is_empty()).then(|| Said::Text(roles.join(", ")))
    }
}

impl Say for Vec<Network> {
    fn say(&self) -> Option<Said> {
        let networks: Vec<String> = self.iter().map(Network::to_string).collect();
        (!networks.is_empty()).then(|| Said::Text(networks.join(", ")))
    }
}

impl Say for ShiftWeek {
    fn say(&self) -> Option<Said> {
        let shift = |shift: &Shift| {
            let less: Vec<String> = shift.breaks.iter().map(|pause| format!(" less {}", hours(*pause))).collect();
            format!("{} {}{}", shift.day.as_str(), hours(shift.hours), less.concat())
        };
        Some(Said::Text(self.shifts().iter().map(shift).collect::<Vec<_>>().join(", ")))
    }
}

impl Say for Vec<SpecialDay> {
    fn say(&self) -> Option<Said> {
        let day = |day: &SpecialDay| {
            let open: Vec<String> = day.open.iter().copied().map(hours).collect();
            let open = if open.is_empty() { "closed".to_owned() } else { open.join(" and ") };
            let name = day.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("{}{name} {open}", day.date)
        };
        Some(Said::Text(self.iter().map(day).collect::<Vec<_>>().join(", ")))
    }
}

impl Say for Vec<LocalDate> {
    fn say(&self) -> Option<Said> {
        Some(Said::Text(self.iter().map(LocalDate::to_string).collect::<Vec<_>>().join(", ")))
    }
}

fn hours(hours: Hours) -> String {
    format!("{} to {}", hours.from, hours.to)
}

impl Say for BlockCause {
    fn say(&self) -> Option<Said> {
        match self {
            Self::Machine(id) => id.say(),
            Self::Person(id) => id.say(),
            Self::Material(name) => name.say(),
            Self::Quality => Some(Said::Word("quality")),
            Self::Other => Some(Said::Word("other")),
        }
    }
}

/// The stored name of a phase.
pub const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Setup => "setup",
        Phase::Run => "run",
        Phase::Break => "break",
    }
}

const fn policy_name(policy: OverlapPolicy) -> &'static str {
    match policy {
        OverlapPolicy::Refuse => "refuse",
        OverlapPolicy::AllowWithReason => "allow_with_reason",
        OverlapPolicy::Allow => "allow",
    }
}

fn run_words(run: RunTime) -> String {
    match run {
        RunTime::PerUnit { seconds } => format!("{seconds} s each"),
        RunTime::PerBatch { size, seconds } => format!("{seconds} s for {size}"),
    }
}
