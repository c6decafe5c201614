//! The tenant's own settings: name, time zone, policies.
//!
//! It protects:
//! - a company is opened once;
//! - its zone is one that the IANA database knows, so that every instant has a local day.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::feeds::{Feed, FeedCommand, FeedOf, Feeds, MOST_FEEDS};
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::network::Network;
use crate::kernel::text::{Datum, TextRule, text_value};
use crate::kernel::{ActorId, CalendarId, FeedId, MachineId, OperatorId, Role, StreamType, TerminalId, Timestamp};

text_value!(
    /// Legal name of the company.
    CompanyName, "a company name", Name, max = 200,
    datum = Datum::business("company name", "headers of screens, documents and mails")
);
text_value!(
    /// IANA time zone, such as `Asia/Jerusalem`; checked where it comes in.
    ZoneName, "a time zone", Code, max = 64,
    datum = Datum::business("time zone", "which local day an instant belongs to")
);

text_value!(
    /// What a terminal is called: where it stands.
    TerminalName, "a terminal's name", Name, max = 60,
    datum = Datum::business("terminal name", "tells which tablet something was done at")
);

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl ZoneName {
    /// The zone's rules, from the data that Kilter was built with; `None` when there is no such zone.
    pub fn time_zone(&self) -> Option<TimeZone> {
        ZONES.get(self.as_str()).ok()
    }
}

/// What happens to a report that overlaps another one of the same operator on the same operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlapPolicy {
    /// It is refused.
    Refuse,
    /// It is taken when a reason is given, and marked.
    #[default]
    AllowWithReason,
    /// It is taken and marked.
    Allow,
}

/// The tenant's choices where shops differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Policies {
    /// Overlapping reports of one operator on one operation.
    pub work_overlap: OverlapPolicy,
    /// How many minutes an andon call waits for an answer before it escalates, 1 to [`MOST_ANDON_MINUTES`]; none never does.
    pub andon_escalates_after_minutes: Option<u16>,
}

/// A day: who waits longer for help needs no call.
pub const MOST_ANDON_MINUTES: u16 = 24 * 60;

impl Default for Policies {
    fn default() -> Self {
        Self { work_overlap: OverlapPolicy::default(), andon_escalates_after_minutes: Some(10) }
    }
}

text_value!(
    /// Where the company is, by ISO 3166-1: two capital letters.
    Country, "a country", Code, max = 2, rule = two_capitals,
    datum = Datum::business("country", "tax, price and holidays")
);

fn two_capitals(text: &str) -> Result<(), TextRule> {
    let fits = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    if fits { Ok(()) } else { Err(TextRule::Shape("must be two capital letters of ISO 3166-1, such as EE")) }
}

/// A language that Kilter speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Estonian.
    Estonian,
    /// Spanish.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Estonian, Self::Spanish];

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Estonian => "et",
            Self::Spanish => "es",
        }
    }

    /// The language with this tag, whatever comes after its first part.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }
}

/// What the company says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CompanyProfile {
    /// Where it is.
    pub country: Option<Country>,
    /// What its mails are written in.
    pub language: Language,
}

/// Who is let in, beyond their password.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SecurityPolicy {
    /// Roles that can't have a session without a second factor.
    pub two_factor: BTreeSet<Role>,
    /// Where members may sign in from; anywhere when it is empty.
    pub networks: Vec<Network>,
}

impl SecurityPolicy {
    /// Whether people are let in from there.
    pub fn lets_in(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.contains(address))
    }
}

/// How many ranges of addresses a company names at most.
pub const MAX_NETWORKS: usize = 100;

/// What may be asked of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanyCommand {
    /// Sets it up.
    Open {
        /// Its name.
        name: CompanyName,
        /// Its time zone.
        zone: ZoneName,
    },
    /// Gives it another name.
    Rename(CompanyName),
    /// Moves it to another zone: from now on local days are counted there.
    SetZone(ZoneName),
    /// Says what happens to overlapping reports.
    SetWorkOverlap(OverlapPolicy),
    /// Says how many minutes an andon call waits for an answer before it escalates, 1 to [`MOST_ANDON_MINUTES`]; none never does.
    SetAndonEscalation(Option<u16>),
    /// Replaces what it says of itself.
    SetProfile(CompanyProfile),
    /// Replaces who is let in.
    SetSecurity(SecurityPolicy),
    /// Says when everybody and everything works that nothing else is said of; always where there is none.
    SetCalendar(Option<CalendarId>),
    /// About a calendar feed.
    Feed(FeedCommand),
    /// Takes a tablet in as a terminal.
    PairTerminal(TerminalId, TerminalName),
    /// Ends a terminal for good.
    RevokeTerminal(TerminalId),
}

/// What can have happened to the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CompanyEvent {
    /// It was set up.
    #[serde(rename = "company.opened")]
    Opened {
        /// Its name.
        name: CompanyName,
        /// Its time zone.
        zone: ZoneName,
        /// Its policies.
        policies: Policies,
    },
    /// Its name changed.
    #[serde(rename = "company.renamed")]
    Renamed {
        /// Before.
        was: CompanyName,
        /// After.
        name: CompanyName,
    },
    /// Its zone changed.
    #[serde(rename = "company.zone_changed")]
    ZoneChanged {
        /// Before.
        was: ZoneName,
        /// After.
        zone: ZoneName,
    },
    /// Its policies changed.
    #[serde(rename = "company.policies_changed")]
    PoliciesChanged {
        /// Before.
        was: Policies,
        /// After.
        policies: Policies,
    },
    /// What it says of itself changed.
    #[serde(rename = "company.profile_changed")]
    ProfileChanged {
        /// Before.
        was: CompanyProfile,
        /// After.
        profile: CompanyProfile,
    },
    /// Who is let in changed.
    #[serde(rename = "company.security_changed")]
    SecurityChanged {
        /// Before.
        was: SecurityPolicy,
        /// After.
        security: SecurityPolicy,
    },
    /// It works by another calendar.
    #[serde(rename = "company.calendar_set")]
    CalendarSet {
        /// Before.
        was: Option<CalendarId>,
        /// After; always at work where there is none.
        calendar: Option<CalendarId>,
    },
    /// Whoever has a secret address reads there what is planned.
    #[serde(rename = "company.feed_made")]
    FeedMade {
        /// Which.
        feed: FeedId,
        /// Whose plan it tells.
        of: FeedOf,
        /// Whether it says for which customers jobs are.
        with_customers: bool,
        /// Who made it.
        by: ActorId,
    },
    /// Nobody does any more.
    #[serde(rename = "company.feed_revoked")]
    FeedRevoked {
        /// Which.
        feed: FeedId,
        /// Whose plan it told.
        of: FeedOf,
    },
    /// A tablet was taken in as a terminal.
    #[serde(rename = "company.terminal_paired")]
    TerminalPaired {
        /// Which one.
        terminal: TerminalId,
        /// What it is called.
        name: TerminalName,
    },
    /// A terminal was ended for good.
    #[serde(rename = "company.terminal_revoked")]
    TerminalRevoked {
        /// Which one.
        terminal: TerminalId,
        /// What it was called.
        name: TerminalName,
    },
}

/// How many terminals a company has at most.
pub const MAX_TERMINALS: usize = 500;

/// Why the company refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompanyError {
    /// Nobody set it up yet.
    #[error("the company is not set up yet")]
    NotOpen,
    /// It was set up before, otherwise.
    #[error("the company is set up already, as {0}")]
    AlreadyOpen(CompanyName),
    /// No such zone.
    #[error("{0} is not a time zone of the IANA database")]
    UnknownZone(ZoneName),
    /// More ranges than anybody looks through.
    #[error("at most {MAX_NETWORKS} networks can be named, not {0}")]
    TooManyNetworks(usize),
    /// The calendar is not there, or out of use.
    #[error("calendar {0} does not exist or is out of use")]
    CalendarNotFound(CalendarId),
    /// The machine is not there, or out of use.
    #[error("machine {0} does not exist or is out of use")]
    MachineNotFound(MachineId),
    /// The operator is not there, does not work here now, or is somebody else.
    #[error("operator {0} does not exist or does not work here now")]
    OperatorNotFound(OperatorId),
    /// There is no such feed.
    #[error("there is no calendar feed {0}")]
    FeedNotFound(FeedId),
    /// More than anybody looks through.
    #[error("a company has at most {MOST_FEEDS} calendar feeds: revoke some")]
    TooManyFeeds,
    /// A call escalates at once, or after more than a day.
    #[error("an andon call escalates after 1 to {MOST_ANDON_MINUTES} minutes, or never")]
    AndonMinutesOutOfRange,
    /// There is no such terminal, or it was revoked.
    #[error("there is no such terminal")]
    TerminalNotFound,
    /// More than any shop has.
    #[error("at most {MAX_TERMINALS} terminals can be paired")]
    TooManyTerminals,
}

refusal_codes!(CompanyError {
    NotOpen => "COMPANY_NOT_OPEN",
    AlreadyOpen => "COMPANY_ALREADY_OPEN",
    UnknownZone => "ZONE_UNKNOWN",
    TooManyNetworks => "NETWORKS_TOO_MANY",
    CalendarNotFound => "CALENDAR_NOT_FOUND",
    MachineNotFound => "MACHINE_NOT_FOUND",
    OperatorNotFound => "OPERATOR_NOT_FOUND",
    FeedNotFound => "CALENDAR_FEED_NOT_FOUND",
    TooManyFeeds => "CALENDAR_FEEDS_TOO_MANY",
    AndonMinutesOutOfRange => "OUT_OF_RANGE",
    TerminalNotFound => "TERMINAL_NOT_FOUND",
    TooManyTerminals => "TERMINALS_TOO_MANY",
});

impl Refusal for CompanyError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownZone(_) => Some("zone"),
            Self::TooManyNetworks(_) => Some("networks"),
            Self::CalendarNotFound(_) => Some("calendarId"),
            Self::MachineNotFound(_) => Some("machineId"),
            Self::OperatorNotFound(_) => Some("operatorId"),
            Self::FeedNotFound(_) => Some("feedId"),
            Self::AndonMinutesOutOfRange => Some("minutes"),
            Self::TerminalNotFound => Some("terminalId"),
            Self::NotOpen | Self::AlreadyOpen(_) | Self::TooManyFeeds | Self::TooManyTerminals => None,
        }
    }
}

/// The company's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CompanyState {
    /// Nobody set it up yet; commands work under the default policies.
    #[default]
    NotOpen,
    /// Set up.
    Open(CompanyRecord),
}

/// What is known of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyRecord {
    /// Its name.
    pub name: CompanyName,
    /// Its time zone.
    pub zone: ZoneName,
    /// Its policies.
    pub policies: Policies,
    /// What it says of itself.
    pub profile: CompanyProfile,
    /// Who is let in.
    pub security: SecurityPolicy,
    /// When it works; always where there is none.
    pub calendar: Option<CalendarId>,
    /// Its calendar feeds.
    pub feeds: Feeds,
    /// Its terminals on the shop floor.
    pub terminals: BTreeMap<TerminalId, TerminalName>,
}

impl CompanyState {
    /// What this terminal is called; nothing where it is none of theirs, or not any more.
    pub fn terminal(&self, id: TerminalId) -> Option<&TerminalName> {
        match self {
            Self::NotOpen => None,
            Self::Open(company) => company.terminals.get(&id),
        }
    }

    /// The policies that commands of the tenant are decided under.
    pub fn policies(&self) -> Policies {
        match self {
            Self::NotOpen => Policies::default(),
            Self::Open(company) => company.policies,
        }
    }

    /// Its calendar feeds.
    pub fn feeds(&self) -> Option<&Feeds> {
        if let Self::Open(company) = self { Some(&company.feeds) } else { None }
    }

    /// Who is let in.
    pub fn security(&self) -> &SecurityPolicy {
        static OPEN_TO_ALL: SecurityPolicy = SecurityPolicy { two_factor: BTreeSet::new(), networks: Vec::new() };
        match self {
            Self::NotOpen => &OPEN_TO_ALL,
            Self::Open(company) => &company.security,
        }
    }
}

/// Decides for the company.
pub struct Company;

impl Decider for Company {
    const STREAM: StreamType = StreamType::Company;
    type Command = CompanyCommand;
    type Event = CompanyEvent;
    type Error = CompanyError;
    type State = CompanyState;

    fn decide(
        state: &CompanyState,
        command: &CompanyCommand,
        context: &Context,
    ) -> Result<Vec<CompanyEvent>, CompanyError> {
        use CompanyCommand::{Open, SetAndonEscalation, SetSecurity, SetZone};
        match command {
            Open { zone, .. } | SetZone(zone) if zone.time_zone().is_none() => {
                return Err(CompanyError::UnknownZone(zone.clone()));
            }
            SetSecurity(security) if security.networks.len() > MAX_NETWORKS => {
                return Err(CompanyError::TooManyNetworks(security.networks.len()));
            }
            SetAndonEscalation(Some(minutes)) if !(1..=MOST_ANDON_MINUTES).contains(minutes) => {
                return Err(CompanyError::AndonMinutesOutOfRange);
            }
            _ => {}
        }
        match (state, command) {
            (CompanyState::NotOpen, Open { name, zone }) => {
                Ok(vec![CompanyEvent::Opened { name: name.clone(), zone: zone.clone(), policies: Policies::default() }])
            }
            (CompanyState::NotOpen, _) => Err(CompanyError::NotOpen),
            (CompanyState::Open(company), Open { name, zone }) if (name, zone) == (&company.name, &company.zone) => {
                Ok(vec![])
            }
            (CompanyState::Open(company), Open { .. }) => Err(CompanyError::AlreadyOpen(company.name.clone())),
            (CompanyState::Open(company), CompanyCommand::PairTerminal(terminal, name)) => {
                company.pair(*terminal, name)
            }
            (CompanyState::Open(company), CompanyCommand::RevokeTerminal(terminal)) => company.revoke(*terminal),
            (CompanyState::Open(company), command) => Ok(company.change(command, context)?.into_iter().collect()),
        }
    }

    fn evolve(mut state: CompanyState, event: &CompanyEvent, at: Timestamp) -> CompanyState {
        if let CompanyEvent::Opened { name, zone, policies } = event {
            return CompanyState::Open(CompanyRecord {
                name: name.clone(),
                zone: zone.clone(),
                policies: *policies,
                profile: CompanyProfile::default(),
                security: SecurityPolicy::default(),
                calendar: None,
                feeds: Feeds::default(),
                terminals: BTreeMap::new(),
            });
        }
        if let CompanyState::Open(company) = &mut state {
            match event {
                CompanyEvent::Opened { .. } => {}
                CompanyEvent::Renamed { name, .. } => company.name = name.clone(),
                CompanyEvent::ZoneChanged { zone, .. } => company.zone = zone.clone(),
                CompanyEvent::PoliciesChanged { policies, .. } => company.policies = *policies,
                CompanyEvent::ProfileChanged { profile, .. } => company.profile = profile.clone(),
                CompanyEvent::SecurityChanged { security, .. } => company.security = security.clone(),
                CompanyEvent::CalendarSet { calendar, .. } => company.calendar = *calendar,
                CompanyEvent::FeedMade { feed, of, with_customers, by } => {
                    company.feeds.made(*feed, Feed { of: *of, with_customers: *with_customers, by: *by, made: at });
                }
                CompanyEvent::FeedRevoked { feed, .. } => company.feeds.revoked(*feed),
                CompanyEvent::TerminalPaired { terminal, name } => {
                    company.terminals.insert(*terminal, name.clone());
                }
                CompanyEvent::TerminalRevoked { terminal, .. } => {
                    company.terminals.remove(terminal);
                }
            }
        }
        state
    }
}

impl CompanyRecord {
    fn pair(&self, terminal: TerminalId, name: &TerminalName) -> Result<Vec<CompanyEvent>, CompanyError> {
        match self.terminals.get(&terminal) {
            Some(_) => Ok(vec![]),
            None if self.terminals.len() >= MAX_TERMINALS => Err(CompanyError::TooManyTerminals),
            None => Ok(vec![CompanyEvent::TerminalPaired { terminal, name: name.clone() }]),
        }
    }

    fn revoke(&self, terminal: TerminalId) -> Result<Vec<CompanyEvent>, CompanyError> {
        let name = self.terminals.get(&terminal).ok_or(CompanyError::TerminalNotFound)?;
        Ok(vec![CompanyEvent::TerminalRevoked { terminal, name: name.clone() }])
    }

    fn policies_changed(&self, policies: Policies) -> Option<CompanyEvent> {
        (policies != self.policies).then_some(CompanyEvent::PoliciesChanged { was: self.policies, policies })
    }

    /// What this command changes; nothing where it is so already.
    fn change(&self, command: &CompanyCommand, context: &Context) -> Result<Option<CompanyEvent>, CompanyError> {
        use CompanyCommand::{
            Open, PairTerminal, Rename, RevokeTerminal, SetAndonEscalation, SetCalendar, SetProfile, SetSecurity,
            SetWorkOverlap, SetZone,
        };
        Ok(match command {
            Rename(name) if *name != self.name => {
                Some(CompanyEvent::Renamed { was: self.name.clone(), name: name.clone() })
            }
            SetZone(zone) if *zone != self.zone => {
                Some(CompanyEvent::ZoneChanged { was: self.zone.clone(), zone: zone.clone() })
            }
            SetWorkOverlap(work_overlap) => {
                self.policies_changed(Policies { work_overlap: *work_overlap, ..self.policies })
            }
            SetAndonEscalation(andon_escalates_after_minutes) => self.policies_changed(Policies {
                andon_escalates_after_minutes: *andon_escalates_after_minutes,
                ..self.policies
            }),
            SetProfile(profile) if *profile != self.profile => {
                Some(CompanyEvent::ProfileChanged { was: self.profile.clone(), profile: profile.clone() })
            }
            SetSecurity(security) if *security != self.security => {
                Some(CompanyEvent::SecurityChanged { was: self.security.clone(), security: security.clone() })
            }
            SetCalendar(calendar) if *calendar != self.calendar => match context.facts.missing_calendar {
                Some(missing) => return Err(CompanyError::CalendarNotFound(missing)),
                None => Some(CompanyEvent::CalendarSet { was: self.calendar, calendar: *calendar }),
            },
            CompanyCommand::Feed(command) => self.feeds.change(*command, context)?,
            Open { .. }
            | Rename(_)
            | SetZone(_)
            | SetProfile(_)
            | SetSecurity(_)
            | SetCalendar(_)
            | PairTerminal(..)
            | RevokeTerminal(_) => None,
        })
    }
}

impl DomainEvent for CompanyEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("company.opened", 2),
        ("company.renamed", 1),
        ("company.zone_changed", 1),
        ("company.policies_changed", 2),
        ("company.profile_changed", 1),
        ("company.security_changed", 1),
        ("company.calendar_set", 1),
        ("company.feed_made", 1),
        ("company.feed_revoked", 1),
        ("company.terminal_paired", 1),
        ("company.terminal_revoked", 1),
    ];
}

#[cfg(test)]
mod tests;
