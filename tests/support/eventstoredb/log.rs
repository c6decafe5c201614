//! The log of the stand-in.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::wire::{Position, ProposedMessage, RecordedEvent, StreamIdentifier, Uuid as WireUuid};

/// The most bytes of one append, as servers have it that nobody told otherwise.
const MAX_APPEND: usize = 1024 * 1024;

/// What the server keeps before the first event.
const BEGINNING: u64 = 1113;

/// After how many appends the server writes one of its own.
const EVERY: u64 = 5;

#[derive(Clone)]
struct Record {
    id: Uuid,
    event: RecordedEvent,
}

/// What the stream should look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Any,
    NoStream,
    StreamExists,
    Revision(u64),
}

/// Where the last event of an append stands.
pub(super) struct Written {
    pub(super) revision: u64,
    pub(super) position: u64,
}

/// Why nothing was appended.
pub(super) enum Refused {
    WrongExpected(Option<u64>),
    Deleted,
    TooLarge(usize),
    /// An event without a type.
    Incomplete,
}

/// Where a read begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum From {
    Start,
    End,
    At(u64),
}

#[derive(Clone, Default)]
pub(super) struct Log {
    records: Vec<Record>,
    streams: HashMap<String, Vec<usize>>,
    /// First revision that is given out.
    kept_from: HashMap<String, u64>,
    tombstoned: HashSet<String>,
    appends: u64,
    end: u64,
}

/// As servers count it.
fn size(message: &ProposedMessage) -> usize {
    let kind = message.metadata.get("type").map_or(0, String::len);
    message.data.len() + message.custom_metadata.len() + 2 * kind
}

impl Log {
    pub(super) fn append(
        &mut self,
        stream: &str,
        expected: Expected,
        messages: Vec<ProposedMessage>,
    ) -> Result<Written, Refused> {
        if self.tombstoned.contains(stream) {
            return Err(Refused::Deleted);
        }
        if messages
            .iter()
            .any(|message| ["type", "content-type"].iter().any(|name| !message.metadata.contains_key(*name)))
        {
            return Err(Refused::Incomplete);
        }
        let bytes: usize = messages.iter().map(size).sum();
        if bytes > MAX_APPEND {
            return Err(Refused::TooLarge(MAX_APPEND));
        }
        let ids: Vec<Uuid> =
            messages.iter().map(|message| message.id.as_ref().map_or(Uuid::nil(), WireUuid::read)).collect();
        let last = self.last(stream);
        let is_as_expected = match expected {
            Expected::Any => true,
            Expected::NoStream => last.is_none() || self.is_soft_deleted(stream),
            Expected::StreamExists => last.is_some(),
            Expected::Revision(revision) => last == Some(revision),
        };
        if !is_as_expected {
            return self.stands_already(stream, expected, &ids).ok_or(Refused::WrongExpected(last));
        }
        for (message, id) in messages.into_iter().zip(ids) {
            self.push(stream, id, message);
        }
        self.appends += 1;
        let written = Written { revision: self.last(stream).unwrap_or_default(), position: self.position() };
        if self.appends.is_multiple_of(EVERY) {
            let own = ProposedMessage { data: b"{}".to_vec().into(), ..ProposedMessage::default() };
            self.push("$stats-127.0.0.1:2113", Uuid::from_u128(self.appends.into()), own);
        }
        Ok(written)
    }

    /// The server takes an append for one that it has when the identities stand where they were expected to.
    fn stands_already(&self, stream: &str, expected: Expected, ids: &[Uuid]) -> Option<Written> {
        let first = match expected {
            Expected::NoStream => 0,
            Expected::Revision(revision) => usize::try_from(revision).ok()?.checked_add(1)?,
            Expected::Any | Expected::StreamExists => return None,
        };
        let places = self.streams.get(stream)?.get(first..)?;
        let places = places.get(..ids.len())?;
        if !places.iter().zip(ids).all(|(place, id)| self.records[*place].id == *id) {
            return None;
        }
        let last = &self.records[*places.last()?].event;
        Some(Written { revision: last.stream_revision, position: last.commit_position })
    }

    fn push(&mut self, stream: &str, id: Uuid, message: ProposedMessage) {
        let places = self.streams.entry(stream.to_owned()).or_default();
        let position = BEGINNING + self.end;
        // As many bytes as a record takes, more or less.
        self.end += 71 + size(&message) as u64;
        places.push(self.records.len());
        let event = RecordedEvent {
            id: Some(WireUuid::of(id)),
            stream_identifier: Some(StreamIdentifier::of(stream)),
            stream_revision: places.len() as u64 - 1,
            prepare_position: position,
            commit_position: position,
            metadata: message.metadata,
            custom_metadata: message.custom_metadata,
            data: message.data,
        };
        self.records.push(Record { id, event });
    }

    fn last(&self, stream: &str) -> Option<u64> {
        Some(self.streams.get(stream)?.len() as u64 - 1)
    }

    fn is_soft_deleted(&self, stream: &str) -> bool {
        self.kept_from.get(stream).zip(self.last(stream)).is_some_and(|(from, last)| *from > last)
    }

    /// Position of the last record.
    pub(super) fn position(&self) -> u64 {
        self.records.last().map_or(0, |record| record.event.commit_position)
    }

    /// Removes a stream: for good, or until somebody appends to it.
    pub(super) fn delete(&mut self, stream: &str, for_good: bool) -> Position {
        if for_good {
            self.tombstoned.insert(stream.to_owned());
        }
        self.kept_from.insert(stream.to_owned(), self.last(stream).map_or(0, |last| last + 1));
        Position { commit_position: self.position(), prepare_position: self.position() }
    }

    /// None where there is no such stream, an error where it is removed for good.
    pub(super) fn read(
        &self,
        stream: &str,
        from: From,
        is_forward: bool,
        count: usize,
    ) -> Result<Option<Vec<RecordedEvent>>, Refused> {
        if self.tombstoned.contains(stream) {
            return Err(Refused::Deleted);
        }
        let Some(places) = self.streams.get(stream) else { return Ok(None) };
        if self.is_soft_deleted(stream) {
            return Ok(None);
        }
        let kept = self.kept(stream).map(|place| &self.records[place].event);
        let passes = |event: &&RecordedEvent| match from {
            From::Start => is_forward || event.stream_revision == 0,
            From::End => !is_forward || event.stream_revision + 1 == places.len() as u64,
            From::At(revision) if is_forward => event.stream_revision >= revision,
            From::At(revision) => event.stream_revision <= revision,
        };
        Ok(Some(if is_forward {
            kept.filter(passes).take(count).cloned().collect()
        } else {
            kept.rev().filter(passes).take(count).cloned().collect()
        }))
    }

    /// Of metadata only the newest counts, and what it replaced a scavenge drops.
    fn kept(&self, stream: &str) -> impl DoubleEndedIterator<Item = usize> {
        let places = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let from = match self.kept_from.get(stream) {
            Some(from) => usize::try_from(*from).unwrap_or(usize::MAX),
            None if stream.starts_with("$$") => places.len().saturating_sub(1),
            None => 0,
        };
        places.iter().skip(from).copied()
    }

    /// All records from this position on; None where no record begins there.
    pub(super) fn read_all(&self, from: From, is_forward: bool, count: usize) -> Option<Vec<RecordedEvent>> {
        let place = match from {
            From::Start => 0,
            From::End => self.records.len(),
            From::At(position) => {
                self.records.binary_search_by_key(&position, |record| record.event.commit_position).ok()?
            }
        };
        let clones = |records: &mut dyn Iterator<Item = &Record>| records.map(|record| record.event.clone()).collect();
        Some(if is_forward {
            clones(&mut self.records[place..].iter().take(count))
        } else {
            clones(&mut self.records[..place].iter().rev().take(count))
        })
    }

    /// What a scavenge would leave of a stream.
    pub(super) fn scavenged(&self, stream: &str) -> Vec<Vec<u8>> {
        let events = self.kept(stream).map(|place| &self.records[place].event);
        events.flat_map(|event| [event.custom_metadata.to_vec(), event.data.to_vec()]).collect()
    }
}
