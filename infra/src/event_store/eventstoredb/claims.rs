//! An identity stands once in a tenant, though the server knows only of single streams: so before events are appended, their
//! identities are claimed for the place of that append, each in a stream that the identity has for itself.
//!
//! The newest claim counts. It may be replaced only where who made it can't append any more: something else stands at the
//! claimed place, and the server appends at no other than the expected one. Until then the identity belongs to the claimed
//! stream, even if whoever claimed it died before the append. The claim also tells where to find an event by its identity.

use std::borrow::Cow;

use domain::kernel::{StreamId, TenantId};
use domain::ports::Direction;
use eventstore::{EventData, RecordedEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::connection::{Connection, Failure};
use super::record;
use crate::event_store::transfer::{Record, StreamKey};

/// Events looked through at first: nearly every append has fewer.
const FIRST_PAGE: usize = 4;

/// Events looked through at once after that.
const PAGE: usize = 200;

/// Where the first event of an append is to stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    stream: Claimed,
    revision: u64,
}

/// A stream of the tenant, of a kind that only a newer Kilter may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claimed {
    kind: Cow<'static, str>,
    id: Uuid,
}

impl Place {
    pub(super) fn new(stream: &StreamKey, revision: u64) -> Self {
        Self { stream: Claimed { kind: stream.kind.clone(), id: stream.id }, revision }
    }

    fn stream(&self, tenant: TenantId) -> StreamKey {
        StreamKey::stored(tenant.0, self.stream.id, &self.stream.kind)
    }

    fn is_in(&self, stream: StreamId) -> bool {
        (self.stream.kind.as_ref(), self.stream.id) == (stream.kind.as_str(), stream.id)
    }
}

/// The newest claim to an identity.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) place: Place,
    /// Its own revision in the stream of the identity.
    number: u64,
}

/// What is known of an identity.
#[derive(Debug)]
pub(super) enum Known {
    /// Nobody claimed it.
    New,
    /// Its event stands here; with its body left out.
    Stands(Box<Record>),
    /// Who claimed it may still append the event.
    Claimed(Claim),
    /// Who claimed it can't append the event any more.
    Abandoned(Claim),
}

/// Why something could not be read.
pub(super) enum Flaw {
    Failed(Failure),
    /// What was read is damaged.
    Damaged(String),
}

impl From<Failure> for Flaw {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Looks an identity up.
pub(super) async fn look_up(server: &Connection, tenant: TenantId, event_id: Uuid) -> Result<Known, Flaw> {
    let Some(recorded) = server.last(&server.names().identity(tenant, event_id)).await? else { return Ok(Known::New) };
    let place: Place = serde_json::from_slice(&recorded.data)
        .map_err(|error| Flaw::Damaged(format!("claim to event {event_id}: {error}")))?;
    let claim = Claim { place, number: recorded.revision };
    let stream = claim.place.stream(tenant);
    let name = server.names().stream(&stream);
    let (mut from, mut limit) = (claim.place.revision, FIRST_PAGE);
    loop {
        let page = server.read_stream(&name, from, Direction::Forward, limit).await?;
        if let Some(stored) = find(&page, &stream, event_id)? {
            return Ok(Known::Stands(Box::new(stored)));
        }
        if page.len() < limit {
            let is_open = from == claim.place.revision && page.is_empty();
            return Ok(if is_open { Known::Claimed(claim) } else { Known::Abandoned(claim) });
        }
        (from, limit) = (from + limit as u64, PAGE);
    }
}

fn find(page: &[RecordedEvent], stream: &StreamKey, event_id: Uuid) -> Result<Option<Record>, Flaw> {
    for recorded in page {
        let stored = record::read_as_it_is(recorded, stream, None).map_err(Flaw::Damaged)?;
        if stored.event_id == event_id {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

impl Known {
    /// Claims the identity for this place; a conflict if somebody else claims it meanwhile.
    pub(super) async fn claim(
        &self,
        server: &Connection,
        tenant: TenantId,
        event_id: Uuid,
        place: &Place,
    ) -> Result<(), Failure> {
        let last = match self {
            Self::New => None,
            Self::Abandoned(claim) => Some(claim.number),
            Self::Claimed(claim) if claim.place == *place => return Ok(()),
            // The stream has gone on since it was looked at.
            Self::Claimed(_) | Self::Stands(_) => return Err(Failure::Conflict),
        };
        let written = EventData::json("kilter.claim", place).map_err(|error| Failure::Refused(error.to_string()))?;
        // The same claim again is the same event: the server takes it for one that it has.
        let spelled = format!("{last:?} {place:?}");
        let written = written.id(Uuid::new_v5(&event_id, spelled.as_bytes()));
        server.append(&server.names().identity(tenant, event_id), last, vec![written]).await.map(drop)
    }

    /// Whether somebody may still append the event to another stream.
    pub(super) fn is_claimed_elsewhere(&self, stream: StreamId) -> bool {
        matches!(self, Self::Claimed(claim) if !claim.place.is_in(stream))
    }
}
