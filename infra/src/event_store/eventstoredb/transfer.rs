//! Carrying the log of a server over, and taking one over. The server knows neither of pages that are taken whole nor of streams in
//! an order: events are appended one run after the other, and streams are told after reading the whole log.

use std::collections::{BTreeMap, HashMap};

use domain::ports::{Future, Hash, Position, ReadError};
use eventstore::EventData;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::EventStoreDb;
use super::body_keys::{BodyKey, BodyKeys};
use super::claims::{Flaw, Known, Place, look_up};
use super::connection::{Connection, Failure};
use super::kept_keys::change_keys;
use super::reader::{Reader, failed};
use super::record;
use crate::event_store::transfer::{
    Intake, PortableLog, Record, Records, StreamHead, StreamKey, TransferError, Verified, Wanted,
};

/// Questions asked at once.
const AT_ONCE: usize = 32;

/// Events and bytes that go with one append, at most; a larger event goes alone.
const RUN: usize = 256;
const RUN_BYTES: usize = 512 * 1024;

impl PortableLog for EventStoreDb {
    fn records(&self, after: Position, limit: usize) -> Future<'_, Result<Records, ReadError>> {
        Box::pin(async move {
            let (found, read_to) = self.reader.scan(after, limit, |_| true).await?;
            Ok(Records { records: self.reader.open_as_they_lie(found).await?, read_to })
        })
    }

    fn record(&self, wanted: Wanted) -> Future<'_, Result<Option<Record>, ReadError>> {
        Box::pin(async move {
            let found = match wanted {
                Wanted::Last => self.reader.last().await?,
                Wanted::Identity(tenant, event_id) => match look_up(&self.reader.server, tenant, event_id).await {
                    Ok(Known::Stands(found)) => self.reader.at(found.stream, found.revision).await?,
                    Ok(_) => None,
                    Err(Flaw::Failed(failure)) => return Err(failed(failure)),
                    Err(Flaw::Damaged(flaw)) => return Err(self.reader.damaged(&flaw)),
                },
                Wanted::Place(stream, revision) => self.reader.at(stream, revision).await?,
            };
            Ok(self.reader.open_as_they_lie(Vec::from_iter(found)).await?.pop())
        })
    }

    fn near_end(&self, events: usize) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(self.reader.near_end(events))
    }

    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        limit: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>> {
        Box::pin(async move {
            let mut survey = self.survey.lock().await;
            if after.is_none() {
                survey.bring_to(upto, &self.reader).await?;
            }
            Ok(survey.heads(after, limit))
        })
    }

    fn deleted_streams(&self, after: Option<StreamKey>, limit: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>> {
        Box::pin(async move {
            let mut survey = self.survey.lock().await;
            if after.is_none() {
                survey.read_on(&self.reader).await?;
            }
            Ok(survey.deleted(after, limit))
        })
    }

    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>> {
        Box::pin(async move {
            let intake = EventStoreDbIntake { reader: &self.reader, streams: HashMap::new(), position: None };
            Ok(Box::new(intake) as Box<dyn Intake>)
        })
    }
}

/// What the target has of a stream.
struct Target {
    last: Option<(u64, Hash)>,
    keys: BodyKeys,
}

/// Takes a log.
struct EventStoreDbIntake<'a> {
    reader: &'a Reader,
    streams: HashMap<StreamKey, Target>,
    /// Where the target ends; unknown until the first page.
    position: Option<Position>,
}

impl EventStoreDbIntake<'_> {
    fn server(&self) -> &Connection {
        &self.reader.server
    }

    async fn take_page(&mut self, page: &[Verified]) -> Result<(), TransferError> {
        if self.position.is_some() && self.position != Some(self.reader.head().await?) {
            return Err(TransferError::Busy);
        }
        self.prepare_streams(page).await?;
        let claims = page.iter().map(|event| claim(self.server(), event));
        stream::iter(claims.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        for run in page.chunk_by(|one, next| one.stream == next.stream) {
            self.append(run).await?;
        }
        self.position = Some(self.reader.head().await?);
        Ok(())
    }

    /// Gets to know the streams of a page, and gives them keys that open no body that is removed.
    async fn prepare_streams(&mut self, page: &[Verified]) -> Result<(), TransferError> {
        let mut removed: BTreeMap<StreamKey, u64> = BTreeMap::new();
        for event in page {
            let below = removed.entry(event.stream.clone()).or_default();
            if event.kept().is_none() {
                *below = event.revision + 1;
            }
        }
        removed.retain(|stream, below| *below > 0 || !self.streams.contains_key(stream));
        let server = self.server();
        let known: Vec<(StreamKey, Target)> = stream::iter(removed)
            .map(async |(stream, below)| {
                let last = end(server, &stream).await?;
                let keys = change_keys(server, &stream, |keys| with_keys(keys, below)).await;
                let keys = keys.map_err(|flaw| failing(server, flaw))?.unwrap_or(BodyKeys::Deleted);
                Ok::<_, TransferError>((stream, Target { last, keys }))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        self.streams.extend(known);
        Ok(())
    }

    /// Appends events that follow each other in one stream.
    async fn append(&mut self, run: &[Verified]) -> Result<(), TransferError> {
        let server = &self.reader.server;
        let Some(target) = run.first().and_then(|first| self.streams.get_mut(&first.stream)) else { return Ok(()) };
        let mut key = BodyKey::first(&target.keys);
        let (mut waiting, mut bytes, mut last) = (Vec::new(), 0, target.last);
        for event in run {
            let size = event.details.len() + event.kept().map_or(0, |(_, data)| data.len());
            if !waiting.is_empty() && (waiting.len() == RUN || bytes + size > RUN_BYTES) {
                write(server, &event.stream, target.last, std::mem::take(&mut waiting)).await?;
                (target.last, bytes) = (last, 0);
            }
            last = Some(event.following(last)?);
            let written = record::write_as_it_is(event, key.as_mut());
            waiting.push(written.map_err(|flaw| TransferError::Target(format!("{}: {flaw}", server.name())))?);
            bytes += size;
        }
        if let Some(event) = run.first() {
            write(server, &event.stream, target.last, waiting).await?;
        }
        target.last = last;
        Ok(())
    }

    async fn change(
        &mut self,
        streams: Vec<(StreamKey, u64)>,
        change: impl Fn(Option<&BodyKeys>, u64) -> Option<BodyKeys>,
    ) -> Result<(), TransferError> {
        let server = &self.reader.server;
        let changed: Vec<(StreamKey, Option<BodyKeys>)> = stream::iter(streams)
            .map(async |(stream, below)| {
                let keys = change_keys(server, &stream, |keys| change(keys, below)).await;
                Ok::<_, TransferError>((stream, keys.map_err(|flaw| failing(server, flaw))?))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (stream, keys) in changed {
            if let (Some(target), Some(keys)) = (self.streams.get_mut(&stream), keys) {
                target.keys = keys;
            }
        }
        Ok(())
    }
}

impl Intake for EventStoreDbIntake<'_> {
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(async move { self.take_page(&page).await })
    }

    fn remove_bodies(&mut self, streams: Vec<(StreamKey, u64)>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(self.change(streams, |keys, below| keys?.without_before(below)))
    }

    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>> {
        let streams = streams.into_iter().map(|stream| (stream, u64::MAX)).collect();
        Box::pin(self.change(streams, |keys, _| BodyKeys::deleted(keys)))
    }

    fn finish(&mut self) -> Future<'_, Result<(), TransferError>> {
        // What was acknowledged is on disk.
        Box::pin(async { Ok(()) })
    }
}

/// Keys that open nothing below a revision; None where they are so.
fn with_keys(keys: Option<&BodyKeys>, below: u64) -> Option<BodyKeys> {
    if let Some(keys) = keys {
        return keys.without_before(below);
    }
    let first = BodyKeys::random();
    Some(first.without_before(below).unwrap_or(first))
}

async fn end(server: &Connection, stream: &StreamKey) -> Result<Option<(u64, Hash)>, TransferError> {
    let last = server.last(&server.names().stream(stream)).await.map_err(|failure| failing(server, failure.into()))?;
    let end = |recorded: eventstore::RecordedEvent| Ok((recorded.revision, record::hash(&recorded)?));
    last.map(end).transpose().map_err(|flaw: String| TransferError::Target(format!("{}: {flaw}", server.name())))
}

/// Claims the identity of an event for its place.
async fn claim(server: &Connection, event: &Verified) -> Result<(), TransferError> {
    let (tenant, event_id) = (event.stream.tenant, event.event_id);
    let place = Place::new(&event.stream, event.revision);
    let claimed = match Known::New.claim(server, tenant, event_id, &place).await {
        // Perhaps by the same copy, before it was cut.
        Err(Failure::Conflict) => {
            let known = look_up(server, tenant, event_id).await.map_err(|flaw| failing(server, flaw))?;
            known.claim(server, tenant, event_id, &place).await
        }
        claimed => claimed,
    };
    claimed.map_err(|failure| failing(server, failure.into()))
}

async fn write(
    server: &Connection,
    stream: &StreamKey,
    last: Option<(u64, Hash)>,
    events: Vec<EventData>,
) -> Result<(), TransferError> {
    let name = server.names().stream(stream);
    let written = server.append(&name, last.map(|(revision, _)| revision), events).await;
    written.map(drop).map_err(|failure| failing(server, failure.into()))
}

fn failing(server: &Connection, flaw: Flaw) -> TransferError {
    match flaw {
        // Somebody appended where the copy was to.
        Flaw::Failed(Failure::Conflict) => TransferError::Busy,
        Flaw::Failed(failure) => TransferError::Target(failure.reason()),
        Flaw::Damaged(flaw) => TransferError::Target(format!("{}: {flaw}", server.name())),
    }
}
