//! The login record: who came in when, from where and with what, and how it ended.

use domain::catalog::Event;
use domain::identity::account::AccountEvent;
use domain::identity::session::{EndReason, SessionEvent, SignIn};
use domain::kernel::{SessionId, Timestamp};
use domain::ports::{Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, id_value, instant_value, row_key};
use crate::stored;

/// One row per session.
pub struct Logins;

/// A session from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRow {
    /// Which session.
    pub id: SessionId,
    /// How somebody came in; address sealed.
    pub sign_in: SignIn,
    /// When.
    #[serde(with = "stored::instant")]
    pub opened: Timestamp,
    /// When and why it ended, where something ended it: that nobody came back for too long is told by the clock.
    pub ended: Option<Ending>,
    /// Position of the last event folded.
    pub position: Position,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When.
    #[serde(with = "stored::instant")]
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

impl Projection for Logins {
    const NAME: &'static str = "logins";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] =
        &[IndexColumn::text("account"), IndexColumn::integer("opened"), IndexColumn::integer("ended")];
    type Row = LoginRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Session(_) => vec![row_key(event.envelope.stream.id)],
            Event::Account(AccountEvent::SessionsEnded { sessions, .. }) => {
                sessions.iter().map(|session| row_key(session.0)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<LoginRow>, _key: &str, event: &Recorded) -> Option<LoginRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else {
            let Event::Session(SessionEvent::Opened { sign_in }) = &event.event else { return None };
            return Some(LoginRow {
                id: SessionId(envelope.stream.id),
                sign_in: sign_in.clone(),
                opened: envelope.happened_at,
                ended: None,
                position: envelope.position,
            });
        };
        if envelope.position <= row.position {
            return Some(row);
        }
        row.position = envelope.position;
        if let Event::Session(SessionEvent::Ended { reason, .. })
        | Event::Account(AccountEvent::SessionsEnded { reason, .. }) = &event.event
        {
            row.ended = row.ended.or(Some(Ending { at: envelope.happened_at, reason: *reason }));
        }
        Some(row)
    }

    fn index(row: &LoginRow) -> Vec<Value> {
        let ended = instant_value(row.ended.map(|ended| ended.at));
        vec![id_value(row.sign_in.account.0), instant_value(Some(row.opened)), ended]
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::session::{Client, Proof};
    use domain::kernel::{ActorId, Personal, StreamType};
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, at, fold};

    const ANNA: ActorId = ActorId(Uuid::from_u128(0xaa));
    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    fn id(number: u128) -> SessionId {
        SessionId(Uuid::from_u128(number))
    }

    fn opened() -> Given {
        let mut given = Given::default();
        for number in [1, 2] {
            let sign_in = SignIn {
                account: ANNA,
                proof: Proof::Password,
                second_factor: None,
                remembered: false,
                address: Personal::Erased,
                client: Client::default(),
            };
            let event = Event::Session(SessionEvent::Opened { sign_in });
            given.that(NINE, StreamType::Session, id(number).0, event);
        }
        given
    }

    fn row(given: &Given, number: u128) -> LoginRow {
        given.rows::<Logins>().remove(&row_key(id(number).0)).unwrap()
    }

    fn ends(given: &mut Given, when: &str, reason: EndReason) {
        let event = Event::Session(SessionEvent::Ended { account: ANNA, reason });
        given.that(when, StreamType::Session, id(1).0, event);
    }

    #[test]
    fn a_session_ends_once_and_others_go_on() {
        let mut given = opened();
        ends(&mut given, TEN, EndReason::SignedOut);
        let ended = Some(Ending { at: at(TEN), reason: EndReason::SignedOut });
        assert_eq!((row(&given, 1).ended, row(&given, 2).ended), (ended, None));
        ends(&mut given, TEN, EndReason::Forced);
        assert_eq!(row(&given, 1).ended, ended);
    }

    #[test]
    fn several_end_by_one_event_of_the_account() {
        let mut given = opened();
        let ended = AccountEvent::SessionsEnded { reason: EndReason::Forced, sessions: vec![id(1), id(2), id(3)] };
        given.that(TEN, StreamType::Account, ANNA.0, Event::Account(ended));
        let rows = given.rows::<Logins>();
        assert_eq!(rows.len(), 2, "a session that was never opened has no row");
        assert!(rows.values().all(|row| row.ended.map(|ended| ended.reason) == Some(EndReason::Forced)));
        assert!(fold::<Logins>(rows.clone(), &given.events) == rows);
    }
}
