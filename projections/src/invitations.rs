//! Who was asked to join a company, by whom, and what became of it.

use domain::catalog::Event;
use domain::kernel::person::EmailAddress;
use domain::kernel::{ActorId, InvitationId, Personal, Role, Timestamp};
use domain::ports::{Position, Recorded};
use domain::tenancy::roster::RosterEvent;
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, instant_value, row_key, text_value};
use crate::stored;

/// One row per invitation.
pub struct Invitations;

/// What became of an invitation. That its time is over is told by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Neither accepted nor taken back.
    Open,
    /// Accepted.
    Accepted,
    /// Taken back.
    Revoked,
}

impl Outcome {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    /// Which one.
    pub id: InvitationId,
    /// Where it was sent, sealed.
    pub email: Personal<EmailAddress>,
    /// What they will be.
    pub role: Role,
    /// Who asked.
    pub by: ActorId,
    /// When it was sent first.
    #[serde(with = "stored::instant")]
    pub sent: Timestamp,
    /// Until when it can be accepted.
    #[serde(with = "stored::instant")]
    pub expires: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// Position of the last event folded.
    pub position: Position,
}

const fn invitation_of(event: &RosterEvent) -> Option<InvitationId> {
    match event {
        RosterEvent::Invited { invitation, .. }
        | RosterEvent::InvitationRenewed { invitation, .. }
        | RosterEvent::InvitationRevoked { invitation } => Some(*invitation),
        RosterEvent::Joined { invitation, .. } => *invitation,
        RosterEvent::RoleChanged { .. } | RosterEvent::Deactivated { .. } | RosterEvent::Reactivated { .. } => None,
    }
}

impl Projection for Invitations {
    const NAME: &'static str = "invitations";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("outcome"), IndexColumn::integer("sent")];
    type Row = InvitationRow;

    fn keys(event: &Recorded) -> Vec<String> {
        let Event::Roster(event) = &event.event else { return Vec::new() };
        invitation_of(event).map(|invitation| row_key(invitation.0)).into_iter().collect()
    }

    fn evolve(row: Option<InvitationRow>, _key: &str, event: &Recorded) -> Option<InvitationRow> {
        let Event::Roster(change) = &event.event else { return row };
        let envelope = &event.envelope;
        let Some(mut row) = row else {
            let RosterEvent::Invited { invitation, email, role, expires } = change else { return None };
            return Some(InvitationRow {
                id: *invitation,
                email: email.clone(),
                role: *role,
                by: envelope.actor,
                sent: envelope.happened_at,
                expires: *expires,
                outcome: Outcome::Open,
                position: envelope.position,
            });
        };
        if envelope.position <= row.position {
            return Some(row);
        }
        row.position = envelope.position;
        match change {
            RosterEvent::InvitationRenewed { expires, .. } => row.expires = *expires,
            RosterEvent::InvitationRevoked { .. } => row.outcome = Outcome::Revoked,
            RosterEvent::Joined { .. } => row.outcome = Outcome::Accepted,
            RosterEvent::Invited { .. }
            | RosterEvent::RoleChanged { .. }
            | RosterEvent::Deactivated { .. }
            | RosterEvent::Reactivated { .. } => {}
        }
        Some(row)
    }

    fn index(row: &InvitationRow) -> Vec<Value> {
        vec![text_value(Some(row.outcome.as_str())), instant_value(Some(row.sent))]
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, at, fold};

    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    fn id() -> InvitationId {
        InvitationId(Uuid::from_u128(3))
    }

    fn tell(given: &mut Given, event: RosterEvent) {
        given.that(NINE, StreamType::Roster, Uuid::from_u128(1), Event::Roster(event));
    }

    fn invited() -> Given {
        let mut given = Given::default();
        let (email, role, expires) = (Personal::Erased, Role::Manager, at(NINE));
        tell(&mut given, RosterEvent::Invited { invitation: id(), email, role, expires });
        given
    }

    fn row(given: &Given) -> InvitationRow {
        given.rows::<Invitations>().remove(&row_key(id().0)).unwrap()
    }

    #[test]
    fn an_invitation_is_open_until_it_is_accepted_or_taken_back() {
        let given = invited();
        assert_eq!(row(&given).outcome, Outcome::Open);
        let once = given.rows::<Invitations>();
        assert!(fold::<Invitations>(once.clone(), &given.events) == once);
        let mut accepted = invited();
        let member = ActorId(Uuid::from_u128(9));
        tell(&mut accepted, RosterEvent::Joined { member, role: Role::Manager, invitation: Some(id()) });
        assert_eq!(row(&accepted).outcome, Outcome::Accepted);
        let mut revoked = invited();
        tell(&mut revoked, RosterEvent::InvitationRevoked { invitation: id() });
        assert_eq!(row(&revoked).outcome, Outcome::Revoked);
    }

    #[test]
    fn sent_again_it_ends_later() {
        let mut given = invited();
        tell(&mut given, RosterEvent::InvitationRenewed { invitation: id(), expires: at(TEN) });
        assert_eq!((row(&given).sent, row(&given).expires), (at(NINE), at(TEN)));
    }
}
