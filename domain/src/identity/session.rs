//! A session: from a sign-in to its end. The login record is what happened to sessions.
//!
//! It protects:
//! - a session is opened once, by the person whose it is;
//! - what ended stays ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::Issuer;
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::person::{ClientAddress, ClientPart};
use crate::kernel::{ActorId, Personal, PersonalSlot, StreamType, Timestamp, personal};

/// What a person showed first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Their password.
    Password,
    /// A passkey, which is both factors in one.
    Passkey,
    /// A provider's word.
    Provider(Issuer),
    /// The link that `kilter demo` prints.
    Link,
    /// An operator's PIN, at a terminal.
    Pin,
    /// An operator's badge, at a terminal.
    Badge,
}

/// What a person showed beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

/// Why sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another one.
    EndedElsewhere,
    /// An admin ended it.
    Forced,
    /// There is another password.
    PasswordChanged,
    /// A used refresh token came again: somebody else may have it.
    RefreshReused,
    /// The account was deactivated.
    Deactivated,
    /// Its second factors were taken away.
    SecondFactorsReset,
    /// The terminal that it was opened at was revoked, or somebody else signed in there.
    TerminalLeft,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SignedOut,
        Self::EndedElsewhere,
        Self::Forced,
        Self::PasswordChanged,
        Self::RefreshReused,
        Self::Deactivated,
        Self::SecondFactorsReset,
        Self::TerminalLeft,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedElsewhere => "ended_elsewhere",
            Self::Forced => "forced",
            Self::PasswordChanged => "password_changed",
            Self::RefreshReused => "refresh_reused",
            Self::Deactivated => "deactivated",
            Self::SecondFactorsReset => "second_factors_reset",
            Self::TerminalLeft => "terminal_left",
        }
    }

    /// Whether it ends in the person's own name: nobody has to be allowed to manage them.
    pub const fn is_ones_own(self) -> bool {
        use EndReason::{EndedElsewhere, PasswordChanged, RefreshReused, SignedOut, TerminalLeft};
        matches!(self, SignedOut | EndedElsewhere | PasswordChanged | RefreshReused | TerminalLeft)
    }
}

/// What somebody came with, as far as it said so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Client {
    /// Such as `Firefox 140`.
    pub browser: Option<ClientPart>,
    /// Such as `phone`.
    pub device: Option<ClientPart>,
    /// Such as `Android 16`.
    pub system: Option<ClientPart>,
}

/// How somebody came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignIn {
    /// Whose session it is.
    pub account: ActorId,
    /// What they showed first.
    pub proof: Proof,
    /// What they showed beside it.
    pub second_factor: Option<SecondFactor>,
    /// Whether the device is to be remembered.
    pub remembered: bool,
    /// Where they came from; its subject is the account's own id.
    pub address: Personal<ClientAddress>,
    /// What they came with.
    pub client: Client,
}

/// What may be asked of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionCommand {
    /// Opens it.
    Open(#[serde(serialize_with = "personal::left_out")] SignIn),
    /// Ends it.
    End {
        /// Whose it is.
        account: ActorId,
        /// Why.
        reason: EndReason,
    },
}

/// What can have happened to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SessionEvent {
    /// Somebody came in.
    #[serde(rename = "session.opened")]
    Opened {
        /// How.
        #[serde(flatten)]
        sign_in: SignIn,
    },
    /// It is over.
    #[serde(rename = "session.ended")]
    Ended {
        /// Whose it was.
        account: ActorId,
        /// Why.
        reason: EndReason,
    },
}

/// Why a session refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// There is none, or it is somebody else's.
    #[error("there is no such session")]
    NotFound,
    /// It was opened before.
    #[error("the session was opened already")]
    Exists,
}

refusal_codes!(SessionError {
    NotFound => "SESSION_NOT_FOUND",
    Exists => "SESSION_EXISTS",
});

impl Refusal for SessionError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }
}

/// A session's situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionState {
    /// Never opened.
    #[default]
    Unknown,
    /// It lasts.
    Open {
        /// Whose it is.
        account: ActorId,
    },
    /// It is over.
    Ended {
        /// Whose it was.
        account: ActorId,
    },
}

/// Decides for sessions.
pub struct Session;

impl Decider for Session {
    const STREAM: StreamType = StreamType::Session;
    type Command = SessionCommand;
    type Event = SessionEvent;
    type Error = SessionError;
    type State = SessionState;

    fn decide(state: &SessionState, command: &SessionCommand, _: &Context) -> Result<Vec<SessionEvent>, SessionError> {
        use SessionCommand::{End, Open};
        use SessionState::{Ended, Unknown};
        match (state, command) {
            (Unknown, Open(sign_in)) => Ok(vec![SessionEvent::Opened { sign_in: sign_in.clone() }]),
            (SessionState::Open { .. } | Ended { .. }, Open(_)) => Err(SessionError::Exists),
            (SessionState::Open { account: whose }, End { account, reason }) if whose == account => {
                Ok(vec![SessionEvent::Ended { account: *account, reason: *reason }])
            }
            (Ended { account: whose }, End { account, .. }) if whose == account => Ok(vec![]),
            (Unknown | SessionState::Open { .. } | Ended { .. }, End { .. }) => Err(SessionError::NotFound),
        }
    }

    fn evolve(_: SessionState, event: &SessionEvent, _: Timestamp) -> SessionState {
        match event {
            SessionEvent::Opened { sign_in } => SessionState::Open { account: sign_in.account },
            SessionEvent::Ended { account, .. } => SessionState::Ended { account: *account },
        }
    }
}

impl DomainEvent for SessionEvent {
    const NAMES: &'static [(&'static str, u16)] = &[("session.opened", 1), ("session.ended", 1)];

    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        if let Self::Opened { sign_in } = self {
            visit("address", &mut sign_in.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::Scenario;
    use crate::kernel::{DataClass, SubjectId};

    const ANNA: ActorId = ActorId(Uuid::from_u128(2));
    const BEN: ActorId = ActorId(Uuid::from_u128(3));

    fn sign_in() -> SignIn {
        SignIn {
            account: ANNA,
            proof: Proof::Password,
            second_factor: Some(SecondFactor::Totp),
            remembered: false,
            address: Personal::Clear {
                subject: SubjectId(ANNA.0),
                class: DataClass::Contact,
                value: ClientAddress::try_new("203.0.113.7").unwrap(),
            },
            client: Client::default(),
        }
    }

    fn opened() -> Scenario<Session> {
        Scenario::new().given(&SessionCommand::Open(sign_in()))
    }

    fn end(account: ActorId) -> SessionCommand {
        SessionCommand::End { account, reason: EndReason::SignedOut }
    }

    #[test]
    fn a_session_is_opened_once() {
        opened().when(&SessionCommand::Open(sign_in())).then_refused("SESSION_EXISTS", None);
        opened().given(&end(ANNA)).when(&SessionCommand::Open(sign_in())).then_refused("SESSION_EXISTS", None);
    }

    #[test]
    fn a_session_ends_once_and_only_as_the_session_of_its_account() {
        let ended = SessionEvent::Ended { account: ANNA, reason: EndReason::SignedOut };
        opened().when(&end(ANNA)).then(&[ended]);
        opened().given(&end(ANNA)).when(&end(ANNA)).then_nothing();
        opened().when(&end(BEN)).then_refused("SESSION_NOT_FOUND", None);
        Scenario::<Session>::new().when(&end(ANNA)).then_refused("SESSION_NOT_FOUND", None);
    }
}
