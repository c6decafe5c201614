//! Identities. What has an immutable natural key gets `UUIDv5(tenant, kind + key)`, so that uniqueness is the
//! store's own "stream must not exist" and imports are idempotent by construction.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Namespace of tenants made from a short name. Never change it: stored identities depend on it.
const TENANT_NAMESPACE: Uuid = Uuid::from_u128(0x6b69_6c74_6572_5f74_656e_616e_745f_7631);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, key = $kind:literal) => {
        id!($(#[$doc])* $name);

        impl $name {
            /// The identity that this natural key has in this tenant, always the same.
            pub fn from_key(tenant: TenantId, key: &str) -> Self {
                Self(Uuid::new_v5(&tenant.0, format!("{}:{key}", $kind).as_bytes()))
            }
        }
    };
}

id!(
    /// A company workspace. Every event, row, subscription and file belongs to exactly one.
    TenantId
);
id!(
    /// Who acts: a user of the tenant or a named machine account. Says nothing about the person by itself.
    ActorId,
    key = "actor"
);
id!(
    /// The client's name for one intention; running it twice is running it once.
    CommandId
);
id!(
    /// A person whose personal data can be erased by destroying a key.
    SubjectId
);
id!(
    /// A job (production order), by its number.
    JobId,
    key = "job"
);
id!(
    /// A group of machines that can do the same work (ISA-95 work center), by its code.
    WorkCenterId,
    key = "work-center"
);
id!(
    /// One machine (ISA-95 work unit), by its code.
    MachineId,
    key = "machine"
);
id!(
    /// A calendar feed.
    FeedId
);
id!(
    /// A tool or fixture, by its code.
    ToolId,
    key = "tool"
);
id!(
    /// A shift calendar, by its code.
    CalendarId,
    key = "calendar"
);
id!(
    /// A what-if: a plan on the side.
    ScenarioId
);
id!(
    /// Something that a what-if assumes.
    AssumptionId
);
id!(
    /// A person on the shop floor, by the operator code.
    OperatorId,
    key = "operator"
);
id!(
    /// One report of work on one operation.
    ReportId
);
id!(
    /// An andon call: somebody on the floor needs help with an operation.
    AndonCallId
);
id!(
    /// From a sign-in to a sign-out.
    SessionId
);
id!(
    /// An invitation to join a company.
    InvitationId
);
id!(
    /// A passkey of an account.
    PasskeyId
);
id!(
    /// A tablet on the shop floor that was paired with a company.
    TerminalId
);
id!(
    /// An integration's way in. It acts under this identity.
    ApiTokenId
);

impl From<ApiTokenId> for ActorId {
    fn from(token: ApiTokenId) -> Self {
        Self(token.0)
    }
}

impl TenantId {
    /// The name of [the installation's own workspace](Self::installation).
    pub const INSTALLATION: &str = "installation";

    /// The workspace of those who run the installation: what concerns all tenants is done there and nowhere else.
    pub fn installation() -> Self {
        Self::from_name(Self::INSTALLATION)
    }

    /// A tenant named on the command line: a UUID is taken as it is, any other short name is hashed.
    pub fn from_name(name: &str) -> Self {
        Self(Uuid::parse_str(name).unwrap_or_else(|_| Uuid::new_v5(&TENANT_NAMESPACE, name.as_bytes())))
    }
}

impl CommandId {
    /// Identity of the event at `index` among those that this command appends.
    pub fn event_id(self, index: usize) -> Uuid {
        Uuid::new_v5(&self.0, &(index as u64).to_be_bytes())
    }
}

/// The kinds of stream there are. The text is stored: never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamType {
    /// The tenant's own settings.
    Company,
    /// A work center.
    WorkCenter,
    /// A machine.
    Machine,
    /// An operator.
    Operator,
    /// A job with its operations.
    Job,
    /// Who is a member of the company, and who was invited.
    Roster,
    /// A person's account.
    Account,
    /// A session of an account.
    Session,
    /// An integration's way in.
    ApiToken,
    /// A shift calendar.
    Calendar,
    /// The plan of a site.
    Plan,
    /// A what-if.
    Scenario,
    /// A tool or fixture.
    Tool,
}

impl StreamType {
    /// All of them, in the order of the catalog.
    pub const ALL: [Self; 13] = [
        Self::Company,
        Self::WorkCenter,
        Self::Machine,
        Self::Operator,
        Self::Job,
        Self::Roster,
        Self::Account,
        Self::Session,
        Self::ApiToken,
        Self::Calendar,
        Self::Plan,
        Self::Scenario,
        Self::Tool,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::WorkCenter => "work_center",
            Self::Machine => "machine",
            Self::Operator => "operator",
            Self::Job => "job",
            Self::Roster => "roster",
            Self::Account => "account",
            Self::Session => "session",
            Self::ApiToken => "api_token",
            Self::Calendar => "calendar",
            Self::Plan => "plan",
            Self::Scenario => "scenario",
            Self::Tool => "tool",
        }
    }

    /// The kind with this stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One stream of events inside a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct StreamId {
    /// What kind of thing it is the history of.
    pub kind: StreamType,
    /// Which one.
    pub id: Uuid,
}

impl StreamId {
    /// The stream of `id` of kind `kind`.
    pub const fn new(kind: StreamType, id: Uuid) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.as_str(), self.id.simple())
    }
}
