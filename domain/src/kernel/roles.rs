//! Who may do what. The matrix is data, asked in one place (`run`), published as a golden file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member of a tenant is. The text is stored: never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything inside the tenant.
    Admin,
    /// Plans and master data.
    Manager,
    /// Shop-floor actions.
    Operator,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Manager, Self::Operator, Self::Auditor];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether this role may do `action`.
    pub fn may(self, action: Action) -> bool {
        action.allowed().contains(&self)
    }
}

/// What there is to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Set up the company: zone, policies.
    ConfigureCompany,
    /// Work centers and machines: create, change, retire.
    ManageMachines,
    /// Operators and their skills.
    ManageOperators,
    /// Jobs and operations: create, change, schedule, cancel, reopen.
    ManageJobs,
    /// Assign and un-assign operators.
    AssignOperators,
    /// Start, pause, resume, report, finish; machine status; block and unblock.
    WorkOnFloor,
    /// Correct what was reported.
    CorrectReports,
    /// Ask for jobs, boards, people, totals.
    ViewShop,
    /// Ask for the activity log and replay it.
    ViewActivity,
    /// See and rebuild the read models, which are those of all tenants: only in the installation's own workspace.
    Operate,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ConfigureCompany,
        Self::ManageMachines,
        Self::ManageOperators,
        Self::ManageJobs,
        Self::AssignOperators,
        Self::WorkOnFloor,
        Self::CorrectReports,
        Self::ViewShop,
        Self::ViewActivity,
        Self::Operate,
    ];

    /// The roles that may.
    pub const fn allowed(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Manager, Operator};
        match self {
            Self::ConfigureCompany | Self::Operate => &[Admin],
            Self::ManageMachines
            | Self::ManageOperators
            | Self::ManageJobs
            | Self::AssignOperators
            | Self::CorrectReports => &[Admin, Manager],
            Self::WorkOnFloor => &[Admin, Manager, Operator],
            Self::ViewShop => &[Admin, Manager, Operator, Auditor],
            Self::ViewActivity => &[Admin, Manager, Auditor],
        }
    }
}
