//! What can be done for an append before its turn: limits, spelling, hashing of bodies.

use std::collections::HashSet;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Append, AppendError, Appended, Expected, Hash, NewEvent, Position};

use super::chain;
use super::envelope::{self, Address};

/// The most bytes (envelopes and bodies) that one append may have, where no server takes less: the plan of a shop is taken over whole.
pub const MAX_APPEND_BYTES: usize = 8 * 1024 * 1024;

/// An event ready to be chained and written.
pub(super) struct PreparedEvent {
    pub(super) event: NewEvent,
    pub(super) details: Vec<u8>,
    pub(super) body_hash: Hash,
}

impl PreparedEvent {
    /// Its hash at this place of its stream.
    pub(super) fn hash(&self, tenant: TenantId, stream: StreamId, revision: u64, previous: &Hash) -> Hash {
        let (kind, event_id) = (stream.kind.as_str(), self.event.event_id);
        let address = Address { tenant, kind, stream: stream.id, revision, event_id };
        chain::event_hash(previous, &address.spelled(), &self.details, &self.body_hash)
    }
}

/// An append ready to be judged and written.
pub(super) struct Prepared {
    pub(super) tenant: TenantId,
    pub(super) stream: StreamId,
    pub(super) expected: Expected,
    pub(super) events: Vec<PreparedEvent>,
    pub(super) bytes: usize,
}

impl Prepared {
    /// Checks and spells an append.
    pub(super) fn try_new(tenant: TenantId, append: Append) -> Result<Self, AppendError> {
        Self::within(MAX_APPEND_BYTES, tenant, append)
    }

    /// The same for a store that takes no more than so many bytes at once.
    pub(super) fn within(limit: usize, tenant: TenantId, append: Append) -> Result<Self, AppendError> {
        if append.events.is_empty() || append.events.iter().any(|event| event.data.is_empty()) {
            return Err(AppendError::Empty);
        }
        let bodies: usize = append.events.iter().map(|event| event.data.len()).sum();
        refuse_beyond(limit, bodies)?;
        let events: Vec<PreparedEvent> = append.events.into_iter().map(prepare).collect();
        let bytes = bodies + events.iter().map(|event| event.details.len()).sum::<usize>();
        refuse_beyond(limit, bytes)?;
        // Empty sets allocate nothing, and most appends have one event.
        let mut seen = HashSet::new();
        let rest = &events[1..];
        let first = events[0].event.event_id;
        if let Some(twice) = rest.iter().map(|event| event.event.event_id).find(|id| *id == first || !seen.insert(*id))
        {
            return Err(AppendError::IdTaken(twice));
        }
        Ok(Self { tenant, stream: append.stream, expected: append.expected, events, bytes })
    }

    /// The answer that this append got before: the first one if its events stand in its stream, a refusal if their
    /// identities are taken by others, nothing if they are new. `find` tells where the identity of an event stands.
    pub(super) fn earlier_answer<E>(
        &self,
        mut find: impl FnMut(&PreparedEvent) -> Result<Option<Standing>, E>,
    ) -> Result<Option<Result<Appended, AppendError>>, E> {
        let mut last: Option<Standing> = None;
        let mut known = 0;
        for (index, event) in self.events.iter().enumerate() {
            let id = event.event.event_id;
            let Some(standing) = find(event)? else { continue };
            let follows = last.as_ref().is_none_or(|last| standing.revision == last.revision + 1);
            if !standing.is_this || known != index || !follows {
                return Ok(Some(Err(AppendError::IdTaken(id))));
            }
            known += 1;
            last = Some(standing);
        }
        Ok(match last {
            Some(last) if known == self.events.len() => {
                Some(Ok(Appended { revision: last.revision, position: last.position }))
            }
            Some(_) => Some(Err(AppendError::IdTaken(self.events[0].event.event_id))),
            None => None,
        })
    }
}

/// Where an event stands.
pub(super) struct Standing {
    /// Whether it is this very event, in the stream of the append; else another one has its identity.
    pub(super) is_this: bool,
    pub(super) revision: u64,
    pub(super) position: Position,
}

/// Whether a stream with its last event at `head` is as expected.
pub(super) fn is_as_expected(expected: Expected, head: Option<u64>) -> bool {
    match expected {
        Expected::Any => true,
        Expected::NoStream => head.is_none(),
        Expected::Exact(revision) => head == Some(revision),
    }
}

fn prepare(event: NewEvent) -> PreparedEvent {
    PreparedEvent { details: envelope::details(&event), body_hash: chain::body_hash(&event.salt, &event.data), event }
}

const fn refuse_beyond(limit: usize, bytes: usize) -> Result<(), AppendError> {
    if bytes > limit { Err(AppendError::TooLarge { bytes, limit }) } else { Ok(()) }
}
