//! An account: a person with a way in. What happened to passwords and second factors is told, what they are is not.
//!
//! It protects:
//! - an account is registered once, with an address that was proved;
//! - what is taken away was there, and a label tells one passkey from another.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::consent::Consent;
use super::session::EndReason;
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::person::{EmailAddress, FullName, JobTitle, PhoneNumber};
use crate::kernel::text::{Datum, TextRule, text_value};
use crate::kernel::{PasskeyId, Personal, PersonalSlot, SessionId, StreamType, Timestamp, personal};
use crate::machines::work_center::Reason;

text_value!(
    /// What a person calls one of their passkeys.
    PasskeyLabel, "a name of a passkey", Name, max = 64,
    datum = Datum { access: "the person", ..Datum::business("passkey name", "tells one passkey from another") }
);
text_value!(
    /// A provider that people sign in with (`OpenID` Connect), by its issuer URL.
    Issuer, "an issuer", Code, max = 255, rule = https,
    datum = Datum { access: "the person, and admins of the tenant", ..Datum::business("identity provider", "signing in with it") }
);

/// Loopback is for tests and developers.
fn https(text: &str) -> Result<(), TextRule> {
    let fits = ["https://", "http://127.0.0.1:", "http://localhost:"].iter().any(|start| text.starts_with(start));
    if fits { Ok(()) } else { Err(TextRule::Shape("must begin with https://")) }
}

/// How many passkeys an account has at most.
pub const MAX_PASSKEYS: usize = 20;

/// What a person says of themselves; the subject is the account's own id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// What they are called.
    pub name: Personal<FullName>,
    /// Where they can be called.
    pub phone: Option<Personal<PhoneNumber>>,
    /// What they do.
    pub job_title: Option<Personal<JobTitle>>,
}

impl Person {
    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        visit("name", &mut self.name);
        if let Some(phone) = &mut self.phone {
            visit("phone", phone);
        }
        if let Some(title) = &mut self.job_title {
            visit("job_title", title);
        }
    }
}

/// How a password came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordOrigin {
    /// With the account.
    Registration,
    /// By a link that was mailed.
    Reset,
    /// By who knew the former one.
    Change,
}

/// What may be asked of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountCommand {
    /// Sets it up for an address that was proved.
    Register {
        /// The address.
        #[serde(serialize_with = "personal::left_out")]
        email: Personal<EmailAddress>,
        /// The person.
        #[serde(serialize_with = "personal::left_out")]
        person: Person,
    },
    /// Corrects what the person says of themselves.
    Describe(#[serde(serialize_with = "personal::left_out")] Person),
    /// There is another password.
    SetPassword(PasswordOrigin),
    /// A link to set another password was asked for.
    AskForReset,
    /// Codes of an authenticator app are asked for from now on.
    EnableTotp,
    /// They are not asked for any more.
    DisableTotp,
    /// There are other recovery codes, so many.
    MakeRecoveryCodes(u8),
    /// One was used; so many are left.
    UseRecoveryCode(u8),
    /// There is one more passkey.
    AddPasskey(PasskeyId, PasskeyLabel),
    /// There is one less.
    RemovePasskey(PasskeyId),
    /// The person can sign in with this provider.
    LinkProvider(Issuer),
    /// They can't any more.
    UnlinkProvider(Issuer),
    /// Ends several of its sessions at once.
    EndSessions {
        /// Why.
        reason: EndReason,
        /// Which.
        sessions: Vec<SessionId>,
    },
    /// Takes all second factors away: an admin does it for who lost them, and says how they made sure who it is.
    ResetSecondFactors(Reason),
    /// Ends the wait after failed sign-ins: an admin does it and says how they made sure who it is.
    LiftWait(Reason),
    /// Says what may be kept in the person's browser.
    Consent(Consent),
}

/// What can have happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccountEvent {
    /// It was set up.
    #[serde(rename = "account.registered")]
    Registered {
        /// The address.
        email: Personal<EmailAddress>,
        /// The person.
        #[serde(flatten)]
        person: Person,
    },
    /// What the person says of themselves was corrected.
    #[serde(rename = "account.described")]
    Described {
        /// After.
        #[serde(flatten)]
        person: Person,
    },
    /// There is another password.
    #[serde(rename = "account.password_set")]
    PasswordSet {
        /// How it came about.
        origin: PasswordOrigin,
    },
    /// A link to set another password was asked for.
    #[serde(rename = "account.reset_asked")]
    ResetAsked {},
    /// Codes of an authenticator app are asked for.
    #[serde(rename = "account.totp_enabled")]
    TotpEnabled {},
    /// They are not asked for any more.
    #[serde(rename = "account.totp_disabled")]
    TotpDisabled {},
    /// There are other recovery codes.
    #[serde(rename = "account.recovery_codes_made")]
    RecoveryCodesMade {
        /// How many.
        count: u8,
    },
    /// One was used.
    #[serde(rename = "account.recovery_code_used")]
    RecoveryCodeUsed {
        /// How many are left.
        left: u8,
    },
    /// There is one more passkey.
    #[serde(rename = "account.passkey_added")]
    PasskeyAdded {
        /// Which one.
        passkey: PasskeyId,
        /// What the person calls it.
        label: PasskeyLabel,
    },
    /// There is one less.
    #[serde(rename = "account.passkey_removed")]
    PasskeyRemoved {
        /// Which one.
        passkey: PasskeyId,
    },
    /// The person can sign in with this provider.
    #[serde(rename = "account.provider_linked")]
    ProviderLinked {
        /// Which one.
        issuer: Issuer,
    },
    /// They can't any more.
    #[serde(rename = "account.provider_unlinked")]
    ProviderUnlinked {
        /// Which one.
        issuer: Issuer,
    },
    /// Several of its sessions are over.
    #[serde(rename = "account.sessions_ended")]
    SessionsEnded {
        /// Why.
        reason: EndReason,
        /// Which.
        sessions: Vec<SessionId>,
    },
    /// All second factors were taken away.
    #[serde(rename = "account.second_factors_reset")]
    SecondFactorsReset {
        /// How the admin made sure who it is.
        check: Reason,
    },
    /// The wait after failed sign-ins was ended.
    #[serde(rename = "account.wait_lifted")]
    WaitLifted {
        /// How the admin made sure who it is.
        check: Reason,
    },
    /// The person said what may be kept in their browser.
    #[serde(rename = "account.consented")]
    Consented {
        /// From now on.
        #[serde(flatten)]
        consent: Consent,
    },
}

/// Why an account refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// There is none.
    #[error("there is no such account")]
    NotFound,
    /// It is there already.
    #[error("the account is there already")]
    Exists,
    /// No such passkey.
    #[error("there is no such passkey")]
    PasskeyNotFound,
    /// A label tells one from another.
    #[error("there is a passkey called {0} already")]
    PasskeyLabelTaken(PasskeyLabel),
    /// More than anybody needs.
    #[error("an account has at most {MAX_PASSKEYS} passkeys")]
    TooManyPasskeys,
}

refusal_codes!(AccountError {
    NotFound => "ACCOUNT_NOT_FOUND",
    Exists => "ACCOUNT_EXISTS",
    PasskeyNotFound => "PASSKEY_NOT_FOUND",
    PasskeyLabelTaken => "PASSKEY_LABEL_TAKEN",
    TooManyPasskeys => "PASSKEYS_TOO_MANY",
});

impl Refusal for AccountError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::PasskeyNotFound | Self::TooManyPasskeys => Some("passkey"),
            Self::PasskeyLabelTaken(_) => Some("label"),
            Self::NotFound | Self::Exists => None,
        }
    }
}

/// An account's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AccountState {
    /// Never registered.
    #[default]
    Unknown,
    /// Registered.
    Registered(Box<AccountRecord>),
}

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// The address that was proved.
    pub email: Personal<EmailAddress>,
    /// The person.
    pub person: Person,
    /// Whether codes of an authenticator app are asked for.
    pub totp: bool,
    /// Passkeys by what the person calls them.
    pub passkeys: BTreeMap<PasskeyId, PasskeyLabel>,
    /// Providers that the person can sign in with.
    pub providers: Vec<Issuer>,
    /// What may be kept in the person's browser, and since when; only what is necessary as long as they have said nothing.
    pub consent: Option<(Consent, Timestamp)>,
    /// Sessions that were ended together, and when; none that ended an hour before the last: no access token lives as long.
    ended: Vec<(SessionId, Timestamp)>,
}

/// Decides for accounts.
pub struct Account;

impl Decider for Account {
    const STREAM: StreamType = StreamType::Account;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Error = AccountError;
    type State = AccountState;

    fn decide(state: &AccountState, command: &AccountCommand, _: &Context) -> Result<Vec<AccountEvent>, AccountError> {
        match (state, command) {
            (AccountState::Unknown, AccountCommand::Register { email, person }) => {
                Ok(vec![AccountEvent::Registered { email: email.clone(), person: person.clone() }])
            }
            (AccountState::Unknown, _) => Err(AccountError::NotFound),
            (AccountState::Registered(account), AccountCommand::Register { email, person }) => {
                let is_same = (&account.email, &account.person) == (email, person);
                if is_same { Ok(vec![]) } else { Err(AccountError::Exists) }
            }
            (AccountState::Registered(account), command) => account.change(command),
        }
    }

    fn evolve(state: AccountState, event: &AccountEvent, at: Timestamp) -> AccountState {
        if let AccountEvent::Registered { email, person } = event {
            return AccountState::Registered(Box::new(AccountRecord {
                email: email.clone(),
                person: person.clone(),
                totp: false,
                passkeys: BTreeMap::new(),
                providers: Vec::new(),
                consent: None,
                ended: Vec::new(),
            }));
        }
        match state {
            AccountState::Unknown => AccountState::Unknown,
            AccountState::Registered(mut account) => {
                account.fold(event, at);
                AccountState::Registered(account)
            }
        }
    }
}

impl AccountRecord {
    /// Whether anything beyond a password can be asked of the person.
    pub fn has_second_factor(&self) -> bool {
        self.totp || !self.passkeys.is_empty()
    }

    /// Whether this session was ended together with others, not long ago: its own stream does not say so.
    pub fn has_ended(&self, session: SessionId) -> bool {
        self.ended.iter().any(|(ended, _)| *ended == session)
    }

    fn change(&self, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
        use AccountCommand as Ask;
        let event = match command {
            Ask::Register { .. } => None,
            Ask::Describe(person) => {
                (*person != self.person).then(|| AccountEvent::Described { person: person.clone() })
            }
            Ask::SetPassword(origin) => Some(AccountEvent::PasswordSet { origin: *origin }),
            Ask::AskForReset => Some(AccountEvent::ResetAsked {}),
            Ask::EnableTotp => (!self.totp).then_some(AccountEvent::TotpEnabled {}),
            Ask::DisableTotp => self.totp.then_some(AccountEvent::TotpDisabled {}),
            Ask::MakeRecoveryCodes(count) => Some(AccountEvent::RecoveryCodesMade { count: *count }),
            Ask::UseRecoveryCode(left) => Some(AccountEvent::RecoveryCodeUsed { left: *left }),
            Ask::AddPasskey(passkey, label) => self.add_passkey(*passkey, label)?,
            Ask::RemovePasskey(passkey) if self.passkeys.contains_key(passkey) => {
                Some(AccountEvent::PasskeyRemoved { passkey: *passkey })
            }
            Ask::RemovePasskey(_) => return Err(AccountError::PasskeyNotFound),
            Ask::LinkProvider(issuer) => {
                (!self.providers.contains(issuer)).then(|| AccountEvent::ProviderLinked { issuer: issuer.clone() })
            }
            Ask::UnlinkProvider(issuer) => {
                self.providers.contains(issuer).then(|| AccountEvent::ProviderUnlinked { issuer: issuer.clone() })
            }
            Ask::EndSessions { reason, sessions } => (!sessions.is_empty())
                .then(|| AccountEvent::SessionsEnded { reason: *reason, sessions: sessions.clone() }),
            Ask::ResetSecondFactors(check) => {
                self.has_second_factor().then(|| AccountEvent::SecondFactorsReset { check: check.clone() })
            }
            Ask::LiftWait(check) => Some(AccountEvent::WaitLifted { check: check.clone() }),
            Ask::Consent(consent) => {
                let stands = self.consent.is_some_and(|(given, _)| given == *consent);
                (!stands).then_some(AccountEvent::Consented { consent: *consent })
            }
        };
        Ok(event.into_iter().collect())
    }

    fn add_passkey(&self, passkey: PasskeyId, label: &PasskeyLabel) -> Result<Option<AccountEvent>, AccountError> {
        if self.passkeys.get(&passkey) == Some(label) {
            return Ok(None);
        }
        if self.passkeys.values().any(|known| known == label) {
            return Err(AccountError::PasskeyLabelTaken(label.clone()));
        }
        if self.passkeys.len() >= MAX_PASSKEYS {
            return Err(AccountError::TooManyPasskeys);
        }
        Ok(Some(AccountEvent::PasskeyAdded { passkey, label: label.clone() }))
    }

    fn fold(&mut self, event: &AccountEvent, at: Timestamp) {
        match event {
            AccountEvent::Consented { consent } => self.consent = Some((*consent, at)),
            AccountEvent::Described { person } => self.person = person.clone(),
            AccountEvent::TotpEnabled {} => self.totp = true,
            AccountEvent::TotpDisabled {} => self.totp = false,
            AccountEvent::PasskeyAdded { passkey, label } => {
                self.passkeys.insert(*passkey, label.clone());
            }
            AccountEvent::PasskeyRemoved { passkey } => {
                self.passkeys.remove(passkey);
            }
            AccountEvent::ProviderLinked { issuer } => self.providers.push(issuer.clone()),
            AccountEvent::ProviderUnlinked { issuer } => self.providers.retain(|known| known != issuer),
            AccountEvent::SecondFactorsReset { .. } => {
                self.totp = false;
                self.passkeys.clear();
            }
            AccountEvent::SessionsEnded { sessions, .. } => {
                self.ended.retain(|(_, ended)| at.as_micros() - ended.as_micros() < 3_600_000_000);
                self.ended.extend(sessions.iter().map(|session| (*session, at)));
            }
            AccountEvent::Registered { .. }
            | AccountEvent::PasswordSet { .. }
            | AccountEvent::ResetAsked {}
            | AccountEvent::RecoveryCodesMade { .. }
            | AccountEvent::RecoveryCodeUsed { .. }
            | AccountEvent::WaitLifted { .. } => {}
        }
    }
}

impl AccountCommand {
    /// The personal values that it carries, as they are sealed.
    pub(crate) fn personal(&self) -> Vec<Vec<u8>> {
        let (Self::Register { person, .. } | Self::Describe(person)) = self else { return Vec::new() };
        let mut found = Vec::new();
        let mut note = |slot: &dyn PersonalSlot| found.extend(slot.clear_bytes().map(|(.., bytes)| bytes));
        if let Self::Register { email, .. } = self {
            note(email);
        }
        person.clone().personal_fields(&mut |_, slot| note(slot));
        found
    }
}

impl DomainEvent for AccountEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("account.registered", 1),
        ("account.described", 1),
        ("account.password_set", 1),
        ("account.reset_asked", 1),
        ("account.totp_enabled", 1),
        ("account.totp_disabled", 1),
        ("account.recovery_codes_made", 1),
        ("account.recovery_code_used", 1),
        ("account.passkey_added", 1),
        ("account.passkey_removed", 1),
        ("account.provider_linked", 1),
        ("account.provider_unlinked", 1),
        ("account.sessions_ended", 1),
        ("account.second_factors_reset", 1),
        ("account.wait_lifted", 1),
        ("account.consented", 1),
    ];

    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        match self {
            Self::Registered { email, person } => {
                visit("email", email);
                person.personal_fields(visit);
            }
            Self::Described { person } => person.personal_fields(visit),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::Scenario;
    use crate::kernel::{DataClass, SubjectId};

    fn clear<T>(class: DataClass, value: T) -> Personal<T> {
        Personal::Clear { subject: SubjectId(Uuid::from_u128(2)), class, value }
    }

    fn person(name: &str) -> Person {
        Person {
            name: clear(DataClass::Identity, FullName::try_new(name).unwrap()),
            phone: None,
            job_title: Some(clear(DataClass::Identity, JobTitle::try_new("Planner").unwrap())),
        }
    }

    fn register(name: &str) -> AccountCommand {
        let email = EmailAddress::try_new("anna@example.com").unwrap();
        AccountCommand::Register { email: clear(DataClass::Contact, email), person: person(name) }
    }

    fn registered() -> Scenario<Account> {
        Scenario::new().given(&register("Anna"))
    }

    fn passkey(number: u128, label: &str) -> AccountCommand {
        AccountCommand::AddPasskey(PasskeyId(Uuid::from_u128(number)), PasskeyLabel::try_new(label).unwrap())
    }

    fn reason() -> Reason {
        Reason::try_new("she showed her badge").unwrap()
    }

    #[test]
    fn registering_twice_is_one_event_and_an_account_is_nobody_elses() {
        registered().when(&register("Anna")).then_nothing();
        registered().when(&register("Ben")).then_refused("ACCOUNT_EXISTS", None);
    }

    #[test]
    fn consent_is_kept_as_it_was_given_and_said_twice_is_one_event() {
        let given = |analytics| AccountCommand::Consent(Consent { version: 1, functional: true, analytics });
        let event =
            |analytics| AccountEvent::Consented { consent: Consent { version: 1, functional: true, analytics } };
        registered().when(&given(true)).then(&[event(true)]);
        registered().given(&given(true)).when(&given(true)).then_nothing();
        registered().given(&given(true)).when(&given(false)).then(&[event(false)]);
        registered().given(&given(true)).given(&given(false)).when(&given(true)).then(&[event(true)]);
    }

    #[test]
    fn nothing_happens_to_an_account_that_is_not_there() {
        for command in [AccountCommand::EnableTotp, AccountCommand::AskForReset, AccountCommand::LiftWait(reason())] {
            Scenario::<Account>::new().when(&command).then_refused("ACCOUNT_NOT_FOUND", None);
        }
    }

    #[test]
    fn a_person_is_described_anew_only_when_something_is_new() {
        registered().when(&AccountCommand::Describe(person("Anna"))).then_nothing();
        registered()
            .when(&AccountCommand::Describe(person("Anne")))
            .then(&[AccountEvent::Described { person: person("Anne") }]);
    }

    #[test]
    fn second_factors_come_and_go() {
        let app = registered().given(&AccountCommand::EnableTotp);
        app.clone().when(&AccountCommand::EnableTotp).then_nothing();
        let both = app.given(&passkey(1, "Laptop"));
        let reset = AccountCommand::ResetSecondFactors(reason());
        both.clone().when(&reset).then(&[AccountEvent::SecondFactorsReset { check: reason() }]);
        both.given(&reset).when(&reset).then_nothing();
        registered().when(&AccountCommand::DisableTotp).then_nothing();
    }

    #[test]
    fn a_label_tells_one_passkey_from_another() {
        let one = registered().given(&passkey(1, "Laptop"));
        one.clone().when(&passkey(1, "Laptop")).then_nothing();
        one.clone().when(&passkey(2, "Laptop")).then_refused("PASSKEY_LABEL_TAKEN", Some("label"));
        let removed = one.given(&AccountCommand::RemovePasskey(PasskeyId(Uuid::from_u128(1))));
        removed
            .clone()
            .when(&AccountCommand::RemovePasskey(PasskeyId(Uuid::from_u128(1))))
            .then_refused("PASSKEY_NOT_FOUND", Some("passkey"));
        assert!(removed.given(&passkey(2, "Laptop")).state != AccountState::Unknown);
        let full =
            (0..MAX_PASSKEYS as u128).fold(registered(), |account, n| account.given(&passkey(n, &n.to_string())));
        full.when(&passkey(99, "one more")).then_refused("PASSKEYS_TOO_MANY", Some("passkey"));
    }

    #[test]
    fn several_sessions_end_by_one_event_and_none_by_none() {
        let end = |sessions| AccountCommand::EndSessions { reason: EndReason::Forced, sessions };
        let sessions = vec![SessionId(Uuid::from_u128(5)), SessionId(Uuid::from_u128(6))];
        let ended = AccountEvent::SessionsEnded { reason: EndReason::Forced, sessions: sessions.clone() };
        registered().when(&end(sessions)).then(&[ended]);
        registered().when(&end(vec![])).then_nothing();
    }

    #[test]
    fn a_provider_is_linked_once() {
        let issuer = Issuer::try_new("https://accounts.example.com").unwrap();
        let link = AccountCommand::LinkProvider(issuer.clone());
        let linked = registered().given(&link);
        linked.clone().when(&link).then_nothing();
        let unlink = AccountCommand::UnlinkProvider(issuer);
        linked.given(&unlink).when(&unlink).then_nothing();
        assert!(Issuer::try_new("http://accounts.example.com").is_err());
    }
}
