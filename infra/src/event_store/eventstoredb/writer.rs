//! The one task of a node that writes. Nothing is remembered between appends: what is judged by is what is there, and that it
//! still is so is seen by the server, which appends at the expected place only.

use std::convert::Infallible;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use domain::ports::{AppendError, Appended, Direction, Hash, Position};
use eventstore::EventData;
use futures_util::FutureExt;
use futures_util::future::{try_join, try_join3};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::body_keys::{BodyKey, BodyKeys};
use super::claims::{Flaw, Known, Place, look_up};
use super::connection::{Connection, Failure};
use super::kept_keys::{Keys, change_keys, keep_first, keys};
use super::record;
use crate::event_store::chain;
use crate::event_store::listeners::{AppendBatch, Listeners};
use crate::event_store::prepared::{Prepared, PreparedEvent, Standing, is_as_expected};
use crate::event_store::queue::{Maintenance, Queue, Turn, Waiting};
use crate::event_store::transfer::StreamKey;

/// Streams written at once, and questions asked at once for one append.
const AT_ONCE: usize = 32;

/// How often an append is judged anew because another node was faster.
const ROUNDS: usize = 20;

/// A revision that no stream reaches.
const NEVER: u64 = i64::MAX.unsigned_abs() - 1;

type Outcome = Result<Appended, AppendError>;

pub(super) struct Writer {
    pub(super) server: Arc<Connection>,
    pub(super) listeners: Arc<Listeners>,
}

/// Why an append came to nothing.
enum Stop {
    /// Somebody else was faster: judge again.
    Overtaken,
    Answer(AppendError),
}

impl Writer {
    /// Works until the store is dropped and the queue is empty.
    pub(super) async fn run(self, mut queue: Queue) {
        while let Some(turn) = queue.next().await {
            let working = async {
                match turn {
                    Turn::Append(batch) => self.append_all(batch).await,
                    Turn::Maintain(task, answer) => drop(answer.send(self.maintain(task).await)),
                }
            };
            // Who waits for an answer then hears that the writer died; it lives on.
            if AssertUnwindSafe(working).catch_unwind().await.is_err() {
                tracing::error!(server = self.server.name(), "event_store.writer_panicked");
            }
        }
    }

    /// What goes to one stream goes one after the other; streams do not wait for each other.
    async fn append_all(&self, batch: Vec<Waiting>) {
        let began = Instant::now();
        let requests = batch.len();
        let events = batch.iter().map(|waiting| waiting.append.events.len()).sum();
        let mut streams: Vec<Vec<Waiting>> = Vec::new();
        for waiting in batch {
            let place = |other: &Waiting| (other.append.tenant, other.append.stream);
            match streams.iter_mut().find(|stream| place(&stream[0]) == place(&waiting)) {
                Some(stream) => stream.push(waiting),
                None => streams.push(vec![waiting]),
            }
        }
        stream::iter(streams)
            .for_each_concurrent(AT_ONCE, async |stream| {
                for waiting in stream {
                    let outcome = self.append(&waiting.append).await;
                    if let Err(error @ (AppendError::Unavailable(_) | AppendError::OutcomeUnknown(_))) = &outcome {
                        tracing::error!(server = self.server.name(), %error, "event_store.append_failed");
                    }
                    let position = outcome.as_ref().ok().map(|appended| appended.position);
                    drop(waiting.answer.send(outcome));
                    if let Some(position) = position {
                        self.listeners.wake(position);
                    }
                }
            })
            .await;
        self.listeners.observed(AppendBatch { requests, events, elapsed: began.elapsed() });
    }

    async fn append(&self, append: &Prepared) -> Outcome {
        fail::fail_point!("event_store::before_begin", |_| Err(self.unavailable(&"injected")));
        for _ in 0..ROUNDS {
            let scene = self.look(append).await?;
            if let Some(answer) = scene.answer(append) {
                return answer;
            }
            match self.write(append, &scene).await {
                Ok(appended) => return Ok(appended),
                Err(Stop::Overtaken) => tokio::task::yield_now().await,
                Err(Stop::Answer(error)) => return Err(error),
            }
        }
        Err(self.unavailable(&"other nodes write to the stream all the time"))
    }

    /// Everything that the append is judged by.
    async fn look(&self, append: &Prepared) -> Result<Scene, AppendError> {
        let (tenant, stream) = (append.tenant, append.stream);
        let name = self.server.names().events(tenant, stream);
        let known = append.events.iter().map(|event| look_up(&self.server, tenant, event.event.event_id));
        let known = stream::iter(known.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect();
        let last = async { self.server.last(&name).await.map_err(Flaw::Failed) };
        let key = StreamKey::of(tenant, stream);
        let keys = async { keys(&self.server, &key).await.map_err(Flaw::Failed) };
        let (last, keys, known) = try_join3(last, keys, known).await.map_err(|flaw| self.flawed(flaw))?;
        let last = match last {
            None => None,
            Some(recorded) => {
                let stored = record::read(&recorded, (tenant, stream), None).map_err(|flaw| self.unavailable(&flaw))?;
                Some((stored.revision, stored.hash))
            }
        };
        let mut scene = Scene { last, keys, known, salts: Vec::new() };
        self.look_at_salts(append, &mut scene).await?;
        Ok(scene)
    }

    /// Whether an event is the same that stands already is also a matter of its salt, which lies with the body.
    async fn look_at_salts(&self, append: &Prepared, scene: &mut Scene) -> Result<(), AppendError> {
        let Some(Keys { keys: Ok(keys), .. }) = &scene.keys else { return Ok(()) };
        let name = self.server.names().events(append.tenant, append.stream);
        let mut key = BodyKey::first(keys);
        for known in &scene.known {
            let mut salt = None;
            if let Known::Stands(stored) = known
                && stored.stream == StreamKey::of(append.tenant, append.stream)
            {
                let read = self.server.read_stream(&name, stored.revision, Direction::Forward, 1).await;
                let recorded = read.map_err(|failure| self.flawed(Flaw::Failed(failure)))?.pop();
                if let (Some(recorded), Some(key)) = (recorded, key.as_mut()) {
                    let opened = key.open(recorded.revision, &recorded.data);
                    salt = opened.map_err(|flaw| self.unavailable(&flaw))?.map(|body| body.salt);
                }
            }
            scene.salts.push(salt);
        }
        Ok(())
    }

    async fn write(&self, append: &Prepared, scene: &Scene) -> Result<Appended, Stop> {
        let (tenant, stream) = (append.tenant, append.stream);
        let key = StreamKey::of(tenant, stream);
        let keys = scene.keys_to_write().map_err(|flaw| Stop::Answer(self.unavailable(&flaw)))?;
        let first = scene.last.map_or(0, |(revision, _)| revision + 1);
        let keeping = async {
            match &scene.keys {
                Some(_) => Ok(()),
                None => keep_first(&self.server, &key, &keys).await,
            }
        };
        let place = Place::new(&key, first);
        let mut claims = append.events.iter().zip(&scene.known).map(|(event, known)| {
            let event_id = event.event.event_id;
            known.claim(&self.server, tenant, event_id, &place)
        });
        let overtaken = |failure| match failure {
            Failure::Conflict => Stop::Overtaken,
            failure => Stop::Answer(self.unavailable(&failure.reason())),
        };
        // Of two that want the same identities, whoever has the first gets the others too.
        let claiming = async {
            match claims.next() {
                Some(claim) => claim.await,
                None => Ok(()),
            }
        };
        try_join(keeping, claiming).await.map_err(overtaken)?;
        let claiming = stream::iter(claims.collect::<Vec<_>>()).buffered(AT_ONCE);
        claiming.try_collect::<()>().await.map_err(overtaken)?;
        let (events, bytes) = spell(append, scene.last, &keys).map_err(|flaw| Stop::Answer(self.unavailable(&flaw)))?;
        fail::fail_point!("event_store::before_commit", |_| Err(Stop::Answer(self.unavailable(&"injected"))));
        let name = self.server.names().events(tenant, stream);
        let last = scene.last.map(|(revision, _)| revision);
        let named = self.server.append(&name, last, events).await.map_err(|failure| stop(failure, bytes))?;
        fail::fail_point!("event_store::after_commit", |_| Err(Stop::Answer(AppendError::OutcomeUnknown(
            "injected".to_owned()
        ))));
        let revision = first + append.events.len() as u64 - 1;
        let position = self.position(&name, revision, named, append.events.len()).await?;
        Ok(Appended { revision, position })
    }

    /// Of the last event. What the server names for several events, or for those that stood already, is not relied upon.
    async fn position(&self, name: &str, revision: u64, named: u64, events: usize) -> Result<Position, Stop> {
        if events == 1 && named > 0 {
            return Ok(Position(named));
        }
        let unknown = |reason: String| Stop::Answer(AppendError::OutcomeUnknown(reason));
        let read = self.server.read_stream(name, revision, Direction::Forward, 1).await;
        let recorded = read.map_err(|failure| unknown(failure.reason()))?.pop();
        let recorded = recorded.ok_or_else(|| unknown(format!("{}: it can't be read yet", self.server.name())))?;
        Ok(Position(recorded.position.commit))
    }

    async fn maintain(&self, task: Maintenance) -> Result<(), AppendError> {
        let (stream, below) = match task {
            Maintenance::Probe => return self.probe().await,
            Maintenance::TruncateBefore(tenant, stream, below) => (StreamKey::of(tenant, stream), Some(below)),
            Maintenance::DeleteStream(tenant, stream) => (StreamKey::of(tenant, stream), None),
        };
        let changed = match below {
            // Events that come later keep their bodies, whatever was asked.
            Some(below) => {
                let below = below.min(self.end(&stream).await?);
                change_keys(&self.server, &stream, |keys| keys?.without_before(below)).await
            }
            None => change_keys(&self.server, &stream, BodyKeys::deleted).await,
        };
        changed.map(drop).map_err(|flaw| match flaw {
            Flaw::Failed(Failure::Unknown(reason)) => AppendError::OutcomeUnknown(reason),
            Flaw::Failed(failure) => self.unavailable(&failure.reason()),
            Flaw::Damaged(flaw) => self.unavailable(&flaw),
        })
    }

    /// The revision of the next event of a stream.
    async fn end(&self, stream: &StreamKey) -> Result<u64, AppendError> {
        let last = self.server.last(&self.server.names().stream(stream)).await;
        let last = last.map_err(|failure| self.flawed(Flaw::Failed(failure)))?;
        Ok(last.map_or(0, |recorded| recorded.revision + 1))
    }

    /// Asks for an append that can't be: only a server that can write finds that out.
    async fn probe(&self) -> Result<(), AppendError> {
        let event = EventData::binary("kilter.probe", Vec::new().into());
        match self.server.append(&self.server.names().nothing(), Some(NEVER), vec![event]).await {
            Ok(_) | Err(Failure::Conflict) => Ok(()),
            Err(failure) => Err(self.unavailable(&failure.reason())),
        }
    }

    fn flawed(&self, flaw: Flaw) -> AppendError {
        match flaw {
            Flaw::Failed(Failure::Deleted) => AppendError::Deleted,
            Flaw::Failed(failure) => AppendError::Unavailable(failure.reason()),
            Flaw::Damaged(flaw) => self.unavailable(&flaw),
        }
    }

    fn unavailable(&self, reason: &dyn Display) -> AppendError {
        AppendError::Unavailable(format!("{}: {reason}", self.server.name()))
    }
}

/// What an append is judged by.
struct Scene {
    /// Revision and hash of the last event of the stream.
    last: Option<(u64, Hash)>,
    keys: Option<Keys>,
    /// What is known of the identity of each event.
    known: Vec<Known>,
    /// The salts of those that stand in the stream already and have a body.
    salts: Vec<Option<[u8; 16]>>,
}

impl Scene {
    /// What can be answered without writing.
    fn answer(&self, append: &Prepared) -> Option<Outcome> {
        let mut looked = self.known.iter().enumerate();
        let earlier = append.earlier_answer(|event| {
            let known = looked.next().and_then(|(index, known)| self.standing(append, event, index, known));
            Ok::<_, Infallible>(known)
        });
        let Ok(earlier) = earlier;
        if earlier.is_some() {
            return earlier;
        }
        if matches!(&self.keys, Some(Keys { keys: Ok(BodyKeys::Deleted), .. })) {
            return Some(Err(AppendError::Deleted));
        }
        let actual = self.last.map(|(revision, _)| revision);
        if !is_as_expected(append.expected, actual) {
            return Some(Err(AppendError::Conflict { actual }));
        }
        let taken = append.events.iter().zip(&self.known).find(|(_, known)| known.is_claimed_elsewhere(append.stream));
        taken.map(|(event, _)| Err(AppendError::IdTaken(event.event.event_id)))
    }

    fn standing(&self, append: &Prepared, event: &PreparedEvent, index: usize, known: &Known) -> Option<Standing> {
        let Known::Stands(stored) = known else { return None };
        let salt = self.salts.get(index).copied().flatten();
        let is_this = stored.stream == StreamKey::of(append.tenant, append.stream)
            && stored.details == event.details
            && salt.is_none_or(|salt| salt == event.event.salt);
        Some(Standing { is_this, revision: stored.revision, position: stored.position })
    }

    /// The keys of the stream, or new ones where it begins.
    fn keys_to_write(&self) -> Result<BodyKeys, String> {
        match &self.keys {
            Some(found) => found.keys.clone(),
            None if self.last.is_none() => Ok(BodyKeys::random()),
            None => Err("the keys of the stream are missing".to_owned()),
        }
    }
}

/// The events as the server keeps them, chained to the last one, and how many bytes they have there.
fn spell(append: &Prepared, last: Option<(u64, Hash)>, keys: &BodyKeys) -> Result<(Vec<EventData>, usize), String> {
    let mut key = BodyKey::first(keys).ok_or("the stream was deleted")?;
    let (mut revision, mut previous_hash) = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
    let (mut events, mut bytes) = (Vec::with_capacity(append.events.len()), 0);
    for event in &append.events {
        let at = record::Place { tenant: append.tenant, stream: append.stream, revision, previous_hash };
        let written = record::write(event, at, &mut key)?;
        events.push(written.data);
        bytes += written.bytes;
        (revision, previous_hash) = (revision + 1, written.hash);
    }
    Ok((events, bytes))
}

fn stop(failure: Failure, bytes: usize) -> Stop {
    Stop::Answer(match failure {
        Failure::Conflict => return Stop::Overtaken,
        Failure::Deleted => AppendError::Deleted,
        Failure::TooLarge(limit) => AppendError::TooLarge { bytes, limit },
        Failure::Refused(reason) => AppendError::Unavailable(reason),
        Failure::Unknown(reason) => AppendError::OutcomeUnknown(reason),
    })
}
