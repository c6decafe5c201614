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

    /// Whether this role may do all that `other` may.
    pub fn covers(self, other: Self) -> bool {
        Action::ALL.into_iter().all(|action| self.may(action) || !other.may(action))
    }
}

/// What there is to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Set up the company: zone, policies.
    ConfigureCompany,
    /// Work centers and machines: create, change, retire.
    ManageMachines,
    /// Shift calendars: create, change, retire.
    ManageCalendars,
    /// Operators and their skills.
    ManageOperators,
    /// Jobs and operations: create, change, cancel, reopen.
    ManageJobs,
    /// Plan work: ask the optimiser, publish, move, pin, take out, undo, say what counts.
    PlanWork,
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
    /// Ask who is a member and who was invited.
    ViewMembers,
    /// Say who is let in: invite people, give them other roles, end their sessions, deactivate them, lift a wait for them, ask for
    /// second factors, name networks.
    ManageMembers,
    /// Ask who signed in when and from where, and who failed to.
    ViewLogins,
    /// Make and revoke the tokens of integrations.
    ManageApiTokens,
    /// See and change one's own account: profile, password, second factor, sessions.
    OwnAccount,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::ConfigureCompany,
        Self::ManageMachines,
        Self::ManageCalendars,
        Self::ManageOperators,
        Self::ManageJobs,
        Self::PlanWork,
        Self::AssignOperators,
        Self::WorkOnFloor,
        Self::CorrectReports,
        Self::ViewShop,
        Self::ViewActivity,
        Self::Operate,
        Self::ViewMembers,
        Self::ManageMembers,
        Self::ViewLogins,
        Self::ManageApiTokens,
        Self::OwnAccount,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigureCompany => "configure_company",
            Self::ManageMachines => "manage_machines",
            Self::ManageCalendars => "manage_calendars",
            Self::ManageOperators => "manage_operators",
            Self::ManageJobs => "manage_jobs",
            Self::PlanWork => "plan_work",
            Self::AssignOperators => "assign_operators",
            Self::WorkOnFloor => "work_on_floor",
            Self::CorrectReports => "correct_reports",
            Self::ViewShop => "view_shop",
            Self::ViewActivity => "view_activity",
            Self::Operate => "operate",
            Self::ViewMembers => "view_members",
            Self::ManageMembers => "manage_members",
            Self::ViewLogins => "view_logins",
            Self::ManageApiTokens => "manage_api_tokens",
            Self::OwnAccount => "own_account",
        }
    }

    /// The action with this stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// The roles that may.
    pub const fn allowed(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Manager, Operator};
        match self {
            Self::ConfigureCompany | Self::Operate | Self::ManageMembers | Self::ManageApiTokens => &[Admin],
            Self::ManageMachines
            | Self::ManageCalendars
            | Self::ManageOperators
            | Self::ManageJobs
            | Self::PlanWork
            | Self::AssignOperators
            | Self::CorrectReports => &[Admin, Manager],
            Self::WorkOnFloor => &[Admin, Manager, Operator],
            Self::ViewShop | Self::OwnAccount => &[Admin, Manager, Operator, Auditor],
            Self::ViewActivity | Self::ViewMembers => &[Admin, Manager, Auditor],
            Self::ViewLogins => &[Admin, Auditor],
        }
    }
}

/// Some of the actions: what a way in is good for, whatever the role allows beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ActionSet(u32);

impl ActionSet {
    /// All actions.
    pub const ALL: Self = Self(u32::MAX);

    /// These and no others.
    pub fn of(actions: impl IntoIterator<Item = Action>) -> Self {
        Self(actions.into_iter().fold(0, |set, action| set | Self::bit(action)))
    }

    /// Whether `action` is among them.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & Self::bit(action) != 0
    }

    const fn bit(action: Action) -> u32 {
        1 << action as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_actions_that_it_is_made_of_and_no_others() {
        let set = ActionSet::of([Action::ViewShop, Action::WorkOnFloor]);
        for action in Action::ALL {
            assert_eq!(set.contains(action), matches!(action, Action::ViewShop | Action::WorkOnFloor), "{action:?}");
            assert!(ActionSet::ALL.contains(action));
        }
    }
}
