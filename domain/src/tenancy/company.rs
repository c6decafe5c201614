//! The tenant's own settings: name, time zone, policies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::decider::DomainEvent;
use crate::kernel::text::{Datum, text_value};

text_value!(
    /// Legal name of the company.
    CompanyName, "a company name", max = 200,
    datum = Datum::business("company name", "headers of screens, documents and mails")
);
text_value!(
    /// IANA time zone, such as `Asia/Jerusalem`; checked where it comes in.
    ZoneName, "a time zone", max = 64,
    datum = Datum::business("time zone", "which local day an instant belongs to")
);

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
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl DomainEvent for CompanyEvent {
    const NAMES: &'static [(&'static str, u16)] =
        &[("company.opened", 1), ("company.renamed", 1), ("company.zone_changed", 1), ("company.policies_changed", 1)];
}
