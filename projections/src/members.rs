//! The members of a company: who they are, what they are, how they can prove it.

use domain::catalog::Event;
use domain::identity::account::{AccountEvent, Issuer, PasskeyLabel, Person};
use domain::kernel::person::EmailAddress;
use domain::kernel::{ActorId, InvitationId, PasskeyId, Personal, Role, Timestamp};
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use domain::tenancy::roster::RosterEvent;
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, row_key, text_value};
use crate::stored;

/// One row per member.
pub struct Members;

/// A member. Roster and account tell of them in either order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Who.
    pub id: ActorId,
    /// What they are; `None` until the roster tells.
    pub role: Option<Role>,
    /// Whether they are let in.
    pub active: bool,
    /// Why they are not.
    pub reason: Option<Reason>,
    /// When they joined.
    #[serde(with = "stored::instant_option")]
    pub joined: Option<Timestamp>,
    /// By which invitation.
    pub invitation: Option<InvitationId>,
    /// What they say of themselves, sealed; `None` until the account tells.
    pub person: Option<Person>,
    /// Where they get mail, sealed.
    pub email: Option<Personal<EmailAddress>>,
    /// How they can sign in.
    pub factors: Factors,
    /// Revision of the account.
    pub revision: Option<u64>,
    /// Position of the last event folded.
    pub position: Position,
}

/// How a member can sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// When the password was set last.
    #[serde(with = "stored::instant_option")]
    pub password_set: Option<Timestamp>,
    /// Whether codes of an authenticator app are asked for.
    pub totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u8,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Providers that they can sign in with.
    pub providers: Vec<Issuer>,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Which one.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub label: PasskeyLabel,
    /// When it was added.
    #[serde(with = "stored::instant")]
    pub added: Timestamp,
}

impl MemberRow {
    fn new(id: ActorId) -> Self {
        Self {
            id,
            role: None,
            active: false,
            reason: None,
            joined: None,
            invitation: None,
            person: None,
            email: None,
            factors: Factors::default(),
            revision: None,
            position: Position::default(),
        }
    }

    fn on_roster(&mut self, event: &RosterEvent, at: Timestamp) {
        match event {
            RosterEvent::Joined { role, invitation, .. } => {
                (self.role, self.active, self.joined) = (Some(*role), true, Some(at));
                self.invitation = *invitation;
            }
            RosterEvent::RoleChanged { role, .. } => self.role = Some(*role),
            RosterEvent::Deactivated { reason, .. } => (self.active, self.reason) = (false, reason.clone()),
            RosterEvent::Reactivated { .. } => (self.active, self.reason) = (true, None),
            RosterEvent::Invited { .. }
            | RosterEvent::InvitationRenewed { .. }
            | RosterEvent::InvitationRevoked { .. } => {}
        }
    }

    fn on_account(&mut self, event: &AccountEvent, at: Timestamp) {
        match event {
            AccountEvent::Registered { email, person } => {
                (self.email, self.person) = (Some(email.clone()), Some(person.clone()));
            }
            AccountEvent::Described { person } => self.person = Some(person.clone()),
            event => self.factors.fold(event, at),
        }
    }
}

impl Factors {
    fn fold(&mut self, event: &AccountEvent, at: Timestamp) {
        match event {
            AccountEvent::PasswordSet { .. } => self.password_set = Some(at),
            AccountEvent::TotpEnabled {} => self.totp = true,
            AccountEvent::TotpDisabled {} => (self.totp, self.recovery_codes) = (false, 0),
            AccountEvent::RecoveryCodesMade { count: left } | AccountEvent::RecoveryCodeUsed { left } => {
                self.recovery_codes = *left;
            }
            AccountEvent::PasskeyAdded { passkey, label } => {
                self.passkeys.push(Passkey { id: *passkey, label: label.clone(), added: at });
            }
            AccountEvent::PasskeyRemoved { passkey } => self.passkeys.retain(|known| known.id != *passkey),
            AccountEvent::ProviderLinked { issuer } => self.providers.push(issuer.clone()),
            AccountEvent::ProviderUnlinked { issuer } => self.providers.retain(|known| known != issuer),
            AccountEvent::SecondFactorsReset { .. } => {
                (self.totp, self.recovery_codes) = (false, 0);
                self.passkeys.clear();
            }
            AccountEvent::Registered { .. }
            | AccountEvent::Described { .. }
            | AccountEvent::ResetAsked {}
            | AccountEvent::SessionsEnded { .. }
            | AccountEvent::WaitLifted { .. }
            | AccountEvent::Consented { .. } => {}
        }
    }
}

/// The member that an event of the roster is about.
const fn member_of(event: &RosterEvent) -> Option<ActorId> {
    match event {
        RosterEvent::Joined { member, .. }
        | RosterEvent::RoleChanged { member, .. }
        | RosterEvent::Deactivated { member, .. }
        | RosterEvent::Reactivated { member } => Some(*member),
        RosterEvent::Invited { .. } | RosterEvent::InvitationRenewed { .. } | RosterEvent::InvitationRevoked { .. } => {
            None
        }
    }
}

fn member(event: &Recorded) -> Option<ActorId> {
    match &event.event {
        Event::Roster(roster) => member_of(roster),
        Event::Account(_) => Some(ActorId(event.envelope.stream.id)),
        _ => None,
    }
}

impl Projection for Members {
    const NAME: &'static str = "members";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("role"), IndexColumn::integer("active")];
    type Row = MemberRow;

    fn keys(event: &Recorded) -> Vec<String> {
        member(event).map(|member| row_key(member.0)).into_iter().collect()
    }

    fn evolve(row: Option<MemberRow>, _key: &str, event: &Recorded) -> Option<MemberRow> {
        let Some(id) = member(event) else { return row };
        let mut row = row.unwrap_or_else(|| MemberRow::new(id));
        let Envelope { position, revision, happened_at, .. } = event.envelope;
        if position <= row.position {
            return Some(row);
        }
        row.position = position;
        match &event.event {
            Event::Roster(roster) => row.on_roster(roster, happened_at),
            Event::Account(account) => {
                row.revision = Some(revision);
                row.on_account(account, happened_at);
            }
            _ => {}
        }
        Some(row)
    }

    fn index(row: &MemberRow) -> Vec<Value> {
        vec![text_value(row.role.map(Role::as_str)), Value::Integer(i64::from(row.active))]
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::account::PasswordOrigin;
    use domain::kernel::person::FullName;
    use domain::kernel::{DataClass, StreamId, StreamType, SubjectId};
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, at, fold};

    const ANNA: ActorId = ActorId(Uuid::from_u128(0xaa));
    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    fn erased<T>() -> Personal<T> {
        Personal::Erased
    }

    fn tell(given: &mut Given, when: &str, event: AccountEvent) {
        given.that(when, StreamType::Account, ANNA.0, Event::Account(event));
    }

    fn roster(given: &mut Given, event: RosterEvent) {
        given.that(NINE, StreamType::Roster, Uuid::from_u128(1), Event::Roster(event));
    }

    fn joined() -> Given {
        let mut given = Given::default();
        roster(&mut given, RosterEvent::Joined { member: ANNA, role: Role::Admin, invitation: None });
        let person = Person { name: erased::<FullName>(), phone: None, job_title: None };
        tell(&mut given, NINE, AccountEvent::Registered { email: erased(), person });
        given
    }

    fn row(given: &Given) -> MemberRow {
        given.rows::<Members>().remove(&row_key(ANNA.0)).unwrap()
    }

    #[test]
    fn roster_and_account_make_one_row() {
        let given = joined();
        let row = row(&given);
        assert_eq!((row.role, row.active, row.joined), (Some(Role::Admin), true, Some(at(NINE))));
        assert!(row.person.is_some() && row.email.is_some());
        let once = given.rows::<Members>();
        assert!(fold::<Members>(once.clone(), &given.events) == once);
    }

    #[test]
    fn an_invitation_is_no_member() {
        let mut given = Given::default();
        let invitation = InvitationId(Uuid::from_u128(3));
        let expires = at(TEN);
        roster(&mut given, RosterEvent::Invited { invitation, email: erased(), role: Role::Manager, expires });
        assert!(given.rows::<Members>().is_empty());
    }

    #[test]
    fn who_is_barred_says_why_until_they_are_let_back_in() {
        let mut given = joined();
        let reason = Reason::try_new("left").unwrap();
        roster(&mut given, RosterEvent::Deactivated { member: ANNA, reason: Some(reason.clone()) });
        assert_eq!((row(&given).active, row(&given).reason), (false, Some(reason)));
        roster(&mut given, RosterEvent::Reactivated { member: ANNA });
        assert_eq!((row(&given).active, row(&given).reason), (true, None));
    }

    #[test]
    fn ways_to_sign_in_come_and_go() {
        let mut given = joined();
        tell(&mut given, TEN, AccountEvent::PasswordSet { origin: PasswordOrigin::Registration });
        tell(&mut given, TEN, AccountEvent::TotpEnabled {});
        tell(&mut given, TEN, AccountEvent::RecoveryCodesMade { count: 10 });
        let (passkey, label) = (PasskeyId(Uuid::from_u128(4)), PasskeyLabel::try_new("Laptop").unwrap());
        tell(&mut given, TEN, AccountEvent::PasskeyAdded { passkey, label: label.clone() });
        let factors = row(&given).factors;
        assert_eq!((factors.password_set, factors.totp, factors.recovery_codes), (Some(at(TEN)), true, 10));
        assert_eq!(factors.passkeys, [Passkey { id: passkey, label, added: at(TEN) }]);
        tell(&mut given, TEN, AccountEvent::TotpDisabled {});
        assert_eq!((row(&given).factors.totp, row(&given).factors.recovery_codes), (false, 0), "they go with the app");
        tell(&mut given, TEN, AccountEvent::SecondFactorsReset { check: Reason::try_new("badge").unwrap() });
        let after = row(&given).factors;
        assert_eq!((after.totp, after.recovery_codes, after.passkeys.len()), (false, 0, 0));
        assert_eq!(after.password_set, Some(at(TEN)));
    }

    #[test]
    fn personal_data_stay_sealed_in_rows() {
        let sealed = domain::kernel::Sealed {
            subject: SubjectId(ANNA.0),
            class: DataClass::Contact,
            stream: StreamId::new(StreamType::Account, ANNA.0),
            event: Uuid::nil(),
            field: "email".to_owned(),
            text: "c2VhbGVk".to_owned(),
        };
        let mut given = Given::default();
        let person = Person { name: erased(), phone: None, job_title: None };
        tell(&mut given, NINE, AccountEvent::Registered { email: Personal::Sealed(sealed.clone()), person });
        assert_eq!(row(&given).email, Some(Personal::Sealed(sealed)));
    }
}
