//! An API token: an integration's way in. It acts under its own identity, in a role, for some actions, until it ends.
//!
//! It protects:
//! - a token is good for something, and for nothing that its role or its maker may not do;
//! - it ends, within a year and a day.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{Action, ActionSet, ApiTokenId, Caller, Role, StreamType, TenantId, Timestamp};

text_value!(
    /// What a token is called: the integration that uses it.
    TokenName, "a token's name", Name, max = 100,
    datum = Datum { access: "admins and auditors of the tenant", ..Datum::business("token name", "tells which integration did something") }
);

/// How long a token lives at most: 366 days.
pub const MAX_LIFE_SECONDS: i64 = 366 * 24 * 3600;

/// What a token is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenGrant {
    /// What it is called.
    pub name: TokenName,
    /// What it acts as.
    pub role: Role,
    /// What it may do, of what the role may.
    pub scope: BTreeSet<Action>,
    /// When it ends.
    pub expires: Timestamp,
}

/// What may be asked of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiTokenCommand {
    /// Makes it.
    Make(TokenGrant),
    /// Ends it for good.
    Revoke,
}

/// What can have happened to a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiTokenEvent {
    /// It was made.
    #[serde(rename = "api_token.made")]
    Made {
        /// What it is good for.
        #[serde(flatten)]
        grant: TokenGrant,
    },
    /// It was ended for good.
    #[serde(rename = "api_token.revoked")]
    Revoked {},
}

/// Why a token refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiTokenError {
    /// There is none.
    #[error("there is no such token")]
    NotFound,
    /// It was made before.
    #[error("the token was made already")]
    Exists,
    /// It would be good for nothing.
    #[error("a token must be good for something")]
    EmptyScope,
    /// More than its role may.
    #[error("a token of role {role} can't be good for {}", .action.as_str(), role = .role.as_str())]
    BeyondRole {
        /// The role.
        role: Role,
        /// What it may not.
        action: Action,
    },
    /// More than who makes it may.
    #[error("who may not {} themselves can't make a token that may", .0.as_str())]
    BeyondMaker(Action),
    /// What only a person does.
    #[error("{} is for people, not for tokens", .0.as_str())]
    ForPeople(Action),
    /// It would have ended already, or not for very long.
    #[error("a token ends within 366 days, and not in the past: not at {0}")]
    LifeOutOfRange(Timestamp),
}

refusal_codes!(ApiTokenError {
    NotFound => "API_TOKEN_NOT_FOUND",
    Exists => "API_TOKEN_EXISTS",
    EmptyScope => "API_TOKEN_SCOPE_EMPTY",
    BeyondRole => "API_TOKEN_SCOPE_BEYOND_ROLE",
    BeyondMaker => "API_TOKEN_SCOPE_BEYOND_MAKER",
    ForPeople => "API_TOKEN_SCOPE_FOR_PEOPLE",
    LifeOutOfRange => "API_TOKEN_LIFE_OUT_OF_RANGE",
});

impl Refusal for ApiTokenError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::EmptyScope | Self::BeyondRole { .. } | Self::BeyondMaker(_) | Self::ForPeople(_) => Some("scope"),
            Self::LifeOutOfRange(_) => Some("expires"),
            Self::NotFound | Self::Exists => None,
        }
    }
}

/// A token's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ApiTokenState {
    /// Never made.
    #[default]
    Unknown,
    /// Good until it ends.
    Good(TokenGrant),
    /// Ended for good.
    Revoked,
}

/// Decides for tokens.
pub struct ApiToken;

impl Decider for ApiToken {
    const STREAM: StreamType = StreamType::ApiToken;
    type Command = ApiTokenCommand;
    type Event = ApiTokenEvent;
    type Error = ApiTokenError;
    type State = ApiTokenState;

    fn decide(
        state: &ApiTokenState,
        command: &ApiTokenCommand,
        context: &Context,
    ) -> Result<Vec<ApiTokenEvent>, ApiTokenError> {
        use ApiTokenCommand::{Make, Revoke};
        use ApiTokenState::{Good, Revoked, Unknown};
        match (state, command) {
            (Unknown, Make(grant)) => {
                grant.check(context)?;
                Ok(vec![ApiTokenEvent::Made { grant: grant.clone() }])
            }
            (Good(known), Make(grant)) if known == grant => Ok(vec![]),
            (Good(_) | Revoked, Make(_)) => Err(ApiTokenError::Exists),
            (Good(_), Revoke) => Ok(vec![ApiTokenEvent::Revoked {}]),
            (Revoked, Revoke) => Ok(vec![]),
            (Unknown, Revoke) => Err(ApiTokenError::NotFound),
        }
    }

    fn evolve(_: ApiTokenState, event: &ApiTokenEvent, _: Timestamp) -> ApiTokenState {
        match event {
            ApiTokenEvent::Made { grant } => ApiTokenState::Good(grant.clone()),
            ApiTokenEvent::Revoked {} => ApiTokenState::Revoked,
        }
    }
}

impl TokenGrant {
    /// As whom it acts by now, when who made it is `maker`: it never may more than they do, however much more they were when they made it.
    pub fn caller(&self, tenant: TenantId, token: ApiTokenId, maker: Role) -> Caller {
        let role = if maker.covers(self.role) { self.role } else { maker };
        let both_may = |action: &Action| self.role.may(*action) && maker.may(*action);
        let within = ActionSet::of(self.scope.iter().copied().filter(both_may));
        Caller { within, ..Caller::new(tenant, token.into(), role) }
    }

    fn check(&self, context: &Context) -> Result<(), ApiTokenError> {
        if self.scope.is_empty() {
            return Err(ApiTokenError::EmptyScope);
        }
        for action in self.scope.iter().copied() {
            if matches!(action, Action::OwnAccount | Action::ManageApiTokens | Action::ManageMembers | Action::Operate)
            {
                return Err(ApiTokenError::ForPeople(action));
            }
            if !self.role.may(action) {
                return Err(ApiTokenError::BeyondRole { role: self.role, action });
            }
            if !context.caller.may(action) {
                return Err(ApiTokenError::BeyondMaker(action));
            }
        }
        let life = self.expires.seconds_since(context.now);
        if self.expires > context.now && life <= MAX_LIFE_SECONDS {
            Ok(())
        } else {
            Err(ApiTokenError::LifeOutOfRange(self.expires))
        }
    }
}

impl DomainEvent for ApiTokenEvent {
    const NAMES: &'static [(&'static str, u16)] = &[("api_token.made", 1), ("api_token.revoked", 1)];
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::{Scenario, minute};

    fn make(role: Role, scope: &[Action], minutes: i64) -> ApiTokenCommand {
        ApiTokenCommand::Make(TokenGrant {
            name: TokenName::try_new("ERP").unwrap(),
            role,
            scope: scope.iter().copied().collect(),
            expires: minute(minutes),
        })
    }

    #[test]
    fn a_token_is_made_once_and_revoked_for_good() {
        let good = make(Role::Operator, &[Action::WorkOnFloor], 60);
        let made = Scenario::<ApiToken>::new().given(&good);
        made.clone().when(&good).then_nothing();
        made.clone().when(&make(Role::Operator, &[Action::ViewShop], 60)).then_refused("API_TOKEN_EXISTS", None);
        let revoked = made.given(&ApiTokenCommand::Revoke);
        revoked.clone().when(&ApiTokenCommand::Revoke).then_nothing();
        revoked.when(&good).then_refused("API_TOKEN_EXISTS", None);
        Scenario::<ApiToken>::new().when(&ApiTokenCommand::Revoke).then_refused("API_TOKEN_NOT_FOUND", None);
    }

    #[test]
    fn a_token_is_good_for_something_that_its_role_may_and_that_people_need_not_do() {
        let refused = |command: ApiTokenCommand, code| {
            Scenario::<ApiToken>::new().when(&command).then_refused(code, Some("scope"));
        };
        refused(make(Role::Admin, &[], 60), "API_TOKEN_SCOPE_EMPTY");
        refused(make(Role::Operator, &[Action::ManageJobs], 60), "API_TOKEN_SCOPE_BEYOND_ROLE");
        refused(make(Role::Admin, &[Action::ManageApiTokens], 60), "API_TOKEN_SCOPE_FOR_PEOPLE");
        refused(make(Role::Admin, &[Action::OwnAccount], 60), "API_TOKEN_SCOPE_FOR_PEOPLE");
    }

    #[test]
    fn a_token_may_no_more_than_who_makes_it() {
        let mut scenario = Scenario::<ApiToken>::new();
        scenario.context.caller.role = Role::Manager;
        let refused = scenario.clone().when(&make(Role::Admin, &[Action::ConfigureCompany], 60));
        refused.then_refused("API_TOKEN_SCOPE_BEYOND_MAKER", Some("scope"));
        scenario.given(&make(Role::Admin, &[Action::ManageJobs], 60));
    }

    #[test]
    fn a_token_never_may_more_than_its_maker_by_now() {
        let scope = [Action::ConfigureCompany, Action::ManageJobs, Action::WorkOnFloor, Action::ViewShop];
        let ApiTokenCommand::Make(grant) = make(Role::Admin, &scope, 60) else { unreachable!() };
        for maker in Role::ALL {
            let caller = grant.caller(TenantId(Uuid::nil()), ApiTokenId(Uuid::from_u128(7)), maker);
            assert_eq!(caller.role, maker, "an admin's token is what its maker is");
            for action in Action::ALL {
                assert_eq!(caller.may(action), maker.may(action) && scope.contains(&action), "{maker:?} {action:?}");
            }
        }
        let ApiTokenCommand::Make(floor) = make(Role::Operator, &[Action::WorkOnFloor], 60) else { unreachable!() };
        let caller = floor.caller(TenantId(Uuid::nil()), ApiTokenId(Uuid::from_u128(7)), Role::Manager);
        assert_eq!(caller.role, Role::Operator, "and no more than it was made as");
    }

    #[test]
    fn a_token_ends_later_but_not_very_much_later() {
        let year = MAX_LIFE_SECONDS / 60;
        for minutes in [0, -1, year + 1] {
            let command = make(Role::Auditor, &[Action::ViewActivity], minutes);
            let refused = Scenario::<ApiToken>::new().when(&command);
            refused.then_refused("API_TOKEN_LIFE_OUT_OF_RANGE", Some("expires"));
        }
        Scenario::<ApiToken>::new().given(&make(Role::Auditor, &[Action::ViewActivity], year));
    }
}
