//! The tenant's own settings: name, time zone, policies.
//!
//! It protects:
//! - a company is opened once;
//! - its zone is one that the IANA database knows, so that every instant has a local day.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{StreamType, Timestamp};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Policies {
    /// Overlapping reports of one operator on one operation.
    pub work_overlap: OverlapPolicy,
}

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
    /// Replaces the policies.
    SetPolicies(Policies),
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
}

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
}

refusal_codes!(CompanyError {
    NotOpen => "COMPANY_NOT_OPEN",
    AlreadyOpen => "COMPANY_ALREADY_OPEN",
    UnknownZone => "ZONE_UNKNOWN",
});

impl Refusal for CompanyError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownZone(_) => Some("zone"),
            Self::NotOpen | Self::AlreadyOpen(_) => None,
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
    Open {
        /// Its name.
        name: CompanyName,
        /// Its time zone.
        zone: ZoneName,
        /// Its policies.
        policies: Policies,
    },
}

impl CompanyState {
    /// The policies that commands of the tenant are decided under.
    pub fn policies(&self) -> Policies {
        match self {
            Self::NotOpen => Policies::default(),
            Self::Open { policies, .. } => *policies,
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

    fn decide(state: &CompanyState, command: &CompanyCommand, _: &Context) -> Result<Vec<CompanyEvent>, CompanyError> {
        use CompanyCommand::{Open, Rename, SetPolicies, SetZone};
        if let Open { zone, .. } | SetZone(zone) = command
            && zone.time_zone().is_none()
        {
            return Err(CompanyError::UnknownZone(zone.clone()));
        }
        match state {
            CompanyState::NotOpen => match command {
                Open { name, zone } => Ok(vec![CompanyEvent::Opened {
                    name: name.clone(),
                    zone: zone.clone(),
                    policies: Policies::default(),
                }]),
                Rename(_) | SetZone(_) | SetPolicies(_) => Err(CompanyError::NotOpen),
            },
            CompanyState::Open { name: was, zone: zone_was, policies: policies_were } => match command {
                Open { name, zone } if name == was && zone == zone_was => Ok(vec![]),
                Open { .. } => Err(CompanyError::AlreadyOpen(was.clone())),
                Rename(name) if name == was => Ok(vec![]),
                Rename(name) => Ok(vec![CompanyEvent::Renamed { was: was.clone(), name: name.clone() }]),
                SetZone(zone) if zone == zone_was => Ok(vec![]),
                SetZone(zone) => Ok(vec![CompanyEvent::ZoneChanged { was: zone_was.clone(), zone: zone.clone() }]),
                SetPolicies(policies) if policies == policies_were => Ok(vec![]),
                SetPolicies(policies) => {
                    Ok(vec![CompanyEvent::PoliciesChanged { was: *policies_were, policies: *policies }])
                }
            },
        }
    }

    fn evolve(mut state: CompanyState, event: &CompanyEvent, _: Timestamp) -> CompanyState {
        if let CompanyEvent::Opened { name, zone, policies } = event {
            return CompanyState::Open { name: name.clone(), zone: zone.clone(), policies: *policies };
        }
        if let CompanyState::Open { name, zone, policies } = &mut state {
            match event {
                CompanyEvent::Opened { .. } => {}
                CompanyEvent::Renamed { name: now, .. } => *name = now.clone(),
                CompanyEvent::ZoneChanged { zone: now, .. } => *zone = now.clone(),
                CompanyEvent::PoliciesChanged { policies: now, .. } => *policies = *now,
            }
        }
        state
    }
}

impl DomainEvent for CompanyEvent {
    const NAMES: &'static [(&'static str, u16)] =
        &[("company.opened", 1), ("company.renamed", 1), ("company.zone_changed", 1), ("company.policies_changed", 1)];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::scenario::Scenario;

    fn name(text: &str) -> CompanyName {
        CompanyName::try_new(text).unwrap()
    }

    fn zone(text: &str) -> ZoneName {
        ZoneName::try_new(text).unwrap()
    }

    fn open() -> CompanyCommand {
        CompanyCommand::Open { name: name("Mill"), zone: zone("Asia/Jerusalem") }
    }

    #[test]
    fn a_company_opens_with_default_policies() {
        Scenario::<Company>::new().when(&open()).then(&[CompanyEvent::Opened {
            name: name("Mill"),
            zone: zone("Asia/Jerusalem"),
            policies: Policies::default(),
        }]);
    }

    #[test]
    fn opening_it_again_is_nothing_and_otherwise_refused() {
        let opened = Scenario::<Company>::new().given(&open());
        opened.clone().when(&open()).then_nothing();
        let other = CompanyCommand::Open { name: name("Mill"), zone: zone("UTC") };
        opened.when(&other).then_refused("COMPANY_ALREADY_OPEN", None);
    }

    #[test]
    fn a_zone_must_be_one_of_the_iana_database() {
        for text in ["Asia/Atlantis", "+02:00", "../etc/passwd", "local"] {
            let command = CompanyCommand::Open { name: name("Mill"), zone: zone(text) };
            Scenario::<Company>::new().when(&command).then_refused("ZONE_UNKNOWN", Some("zone"));
        }
    }

    #[test]
    fn nothing_is_set_before_it_is_open() {
        for command in [
            CompanyCommand::Rename(name("Other")),
            CompanyCommand::SetZone(zone("UTC")),
            CompanyCommand::SetPolicies(Policies::default()),
        ] {
            Scenario::<Company>::new().when(&command).then_refused("COMPANY_NOT_OPEN", None);
        }
    }

    #[test]
    fn each_change_keeps_what_was_and_is_one_event() {
        let policies = Policies { work_overlap: OverlapPolicy::Refuse };
        let opened = Scenario::<Company>::new().given(&open());
        let rename = CompanyCommand::Rename(name("Works"));
        opened.clone().when(&rename).then(&[CompanyEvent::Renamed { was: name("Mill"), name: name("Works") }]);
        opened.clone().given(&rename).when(&rename).then_nothing();
        let rezone = CompanyCommand::SetZone(zone("UTC"));
        opened.clone().given(&rezone).when(&rezone).then_nothing();
        let restrict = CompanyCommand::SetPolicies(policies);
        opened.clone().when(&restrict).then(&[CompanyEvent::PoliciesChanged { was: Policies::default(), policies }]);
        assert_eq!(opened.given(&restrict).state.policies(), policies);
    }
}
