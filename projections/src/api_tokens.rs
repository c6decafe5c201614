//! The ways in of integrations: what each is good for, who made it, whether it still is.

use domain::catalog::Event;
use domain::identity::api_token::{ApiTokenEvent, TokenGrant};
use domain::kernel::{ActorId, ApiTokenId, Timestamp};
use domain::ports::{Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, instant_value, row_key};
use crate::stored;

/// One row per token.
pub struct ApiTokens;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenRow {
    /// Which one; it acts under this identity.
    pub id: ApiTokenId,
    /// What it is good for.
    pub grant: TokenGrant,
    /// Who made it.
    pub by: ActorId,
    /// When.
    #[serde(with = "stored::instant")]
    pub made: Timestamp,
    /// When it was revoked.
    #[serde(with = "stored::instant_option")]
    pub revoked: Option<Timestamp>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl Projection for ApiTokens {
    const NAME: &'static str = "api_tokens";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::integer("made"), IndexColumn::integer("revoked")];
    type Row = ApiTokenRow;

    fn keys(event: &Recorded) -> Vec<String> {
        let Event::ApiToken(_) = &event.event else { return Vec::new() };
        vec![row_key(event.envelope.stream.id)]
    }

    fn evolve(row: Option<ApiTokenRow>, _key: &str, event: &Recorded) -> Option<ApiTokenRow> {
        let (envelope, Event::ApiToken(change)) = (&event.envelope, &event.event) else { return row };
        let Some(mut row) = row else {
            let ApiTokenEvent::Made { grant } = change else { return None };
            return Some(ApiTokenRow {
                id: ApiTokenId(envelope.stream.id),
                grant: grant.clone(),
                by: envelope.actor,
                made: envelope.happened_at,
                revoked: None,
                revision: envelope.revision,
                position: envelope.position,
            });
        };
        if envelope.position <= row.position {
            return Some(row);
        }
        (row.revision, row.position) = (envelope.revision, envelope.position);
        if let ApiTokenEvent::Revoked {} = change {
            row.revoked = Some(envelope.happened_at);
        }
        Some(row)
    }

    fn index(row: &ApiTokenRow) -> Vec<Value> {
        vec![instant_value(Some(row.made)), instant_value(row.revoked)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::identity::api_token::TokenName;
    use domain::kernel::{Action, Role, StreamType};
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, at, fold};

    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    #[test]
    fn a_token_is_good_until_it_is_revoked() {
        let (mut given, id) = (Given::default(), Uuid::from_u128(5));
        let grant = TokenGrant {
            name: TokenName::try_new("ERP").unwrap(),
            role: Role::Manager,
            scope: BTreeSet::from([Action::ViewShop]),
            expires: at(TEN),
        };
        let made = Event::ApiToken(ApiTokenEvent::Made { grant: grant.clone() });
        given.that(NINE, StreamType::ApiToken, id, made);
        let row = given.rows::<ApiTokens>().remove(&row_key(id)).unwrap();
        assert_eq!((row.grant, row.made, row.revoked), (grant, at(NINE), None));
        given.that(TEN, StreamType::ApiToken, id, Event::ApiToken(ApiTokenEvent::Revoked {}));
        let rows = given.rows::<ApiTokens>();
        assert_eq!(rows[&row_key(id)].revoked, Some(at(TEN)));
        assert!(fold::<ApiTokens>(rows.clone(), &given.events) == rows);
    }
}
