//! Small questions that come at the same time are asked in one trip to the server: a hundred commands that run at once each want
//! the rest of a stream or two and an event by its identity. What is there is taken together, nothing is waited for.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, ReadError, Scope, StoredEvent};
use futures_util::FutureExt;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::reader::Reader;
use crate::event_store::questions::select;
use crate::event_store::row::{Range, bounded, limit};
use crate::postgres::Question;

/// Events of a question that counts as small, at most.
const SMALL: usize = 64;
/// Trips under way at once: while one waits for the server, the next one fills.
const TRIPS: usize = 2;
/// Questions of one trip, at most.
const MOST: usize = 256;

const TAILS: &str = concat!(
    "SELECT found.*, asked.number
    FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS asked (id, type, first, most, number)
    CROSS JOIN LATERAL (",
    select!(
        "WHERE tenant = $1 AND stream = asked.id AND kind = asked.type AND revision >= asked.first
        ORDER BY revision LIMIT asked.most"
    ),
    ") AS found ORDER BY asked.number, found.revision"
);

/// Order and limit keep it a look into the index for each, however small the planner takes the table to be.
const EVENTS: &str = concat!(
    "SELECT found.*, asked.number FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, number) CROSS JOIN LATERAL (",
    select!("WHERE tenant = $1 AND event_id BETWEEN asked.id AND asked.id ORDER BY event_id LIMIT 1"),
    ") AS found"
);
/// The column after those of an event: which of the questions it answers, counted from 1.
const NUMBER: usize = 12;

type Answer = Result<Vec<StoredEvent>, ReadError>;

#[derive(Clone, Copy)]
enum Wanted {
    Tail(StreamId, Range),
    Event(Uuid),
}

struct Asked {
    tenant: TenantId,
    wanted: Wanted,
    answer: oneshot::Sender<Answer>,
}

/// Where small questions wait for the next trip.
pub(super) struct Together {
    reader: Reader,
    waiting: mpsc::Sender<Asked>,
}

impl Together {
    /// Asks in the background of the current runtime until it is dropped.
    pub(super) fn over(reader: Reader) -> Self {
        let (waiting, queue) = mpsc::channel(MOST);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..TRIPS {
            tokio::spawn(travel(reader.clone(), Arc::clone(&queue)));
        }
        Self { reader, waiting }
    }

    /// Some events of a stream.
    pub(super) async fn read_stream(&self, tenant: TenantId, stream: StreamId, range: Range) -> Answer {
        if range.direction == Direction::Backward || range.limit > SMALL {
            return self.reader.read_stream(tenant, stream, range).await;
        }
        self.ask(tenant, Wanted::Tail(stream, range)).await
    }

    /// The event of this identity.
    pub(super) async fn find(&self, tenant: TenantId, event_id: Uuid) -> Result<Option<StoredEvent>, ReadError> {
        Ok(self.ask(tenant, Wanted::Event(event_id)).await?.pop())
    }

    async fn ask(&self, tenant: TenantId, wanted: Wanted) -> Answer {
        let (answer, answered) = oneshot::channel();
        let unavailable = || ReadError::Unavailable("nobody asks the server any more".to_owned());
        self.waiting.send(Asked { tenant, wanted, answer }).await.map_err(|_| unavailable())?;
        answered.await.map_err(|_| unavailable())?
    }
}

/// Takes what waits to the server, again and again, until the store is dropped.
async fn travel(reader: Reader, queue: Arc<Mutex<mpsc::Receiver<Asked>>>) {
    loop {
        let mut batch = Vec::new();
        if queue.lock().await.recv_many(&mut batch, MOST).await == 0 {
            return;
        }
        // A panic costs the questions of this trip, not those of the next.
        let _ = AssertUnwindSafe(settle(&reader, batch)).catch_unwind().await;
    }
}

async fn settle(reader: &Reader, batch: Vec<Asked>) {
    let all = batch.iter().map(|asked| (asked.tenant, asked.wanted)).collect::<Vec<_>>();
    match answers(reader, &all).await {
        Ok(answers) => {
            for (asked, answer) in batch.into_iter().zip(answers) {
                drop(asked.answer.send(Ok(answer)));
            }
        }
        // What is damaged is answered to whoever asked for it.
        Err(ReadError::Corrupt(_)) if batch.len() > 1 => {
            for asked in batch {
                let alone = answers(reader, &[(asked.tenant, asked.wanted)]).await;
                drop(asked.answer.send(alone.map(|mut answers| answers.pop().unwrap_or_default())));
            }
        }
        Err(error) => {
            for asked in batch {
                drop(asked.answer.send(Err(error.clone())));
            }
        }
    }
}

/// What is asked of the rows of one tenant, by column, with the place of each question in the batch.
#[derive(Default)]
struct OfTenant {
    streams: Vec<Uuid>,
    kinds: Vec<&'static str>,
    from: Vec<i64>,
    limits: Vec<i64>,
    tails: Vec<usize>,
    ids: Vec<Uuid>,
    events: Vec<usize>,
}

impl OfTenant {
    fn add(&mut self, place: usize, wanted: Wanted) {
        match wanted {
            Wanted::Tail(stream, range) => {
                self.streams.push(stream.id);
                self.kinds.push(stream.kind.as_str());
                self.from.push(bounded(range.from));
                self.limits.push(limit(range.limit));
                self.tails.push(place);
            }
            Wanted::Event(id) => {
                self.ids.push(id);
                self.events.push(place);
            }
        }
    }

    fn groups<'a>(&'a self, tenant: &'a TenantId) -> impl Iterator<Item = Group<'a>> {
        let tails: Vec<&(dyn ToSql + Sync)> = vec![&tenant.0, &self.streams, &self.kinds, &self.from, &self.limits];
        let events: Vec<&(dyn ToSql + Sync)> = vec![&tenant.0, &self.ids];
        let groups = [(TAILS, tails, &self.tails), (EVENTS, events, &self.events)];
        let groups = groups.into_iter().filter(|(.., places)| !places.is_empty());
        groups.map(|(query, parameters, places)| Group { tenant: *tenant, query, parameters, places })
    }
}

/// What one statement asks.
struct Group<'a> {
    tenant: TenantId,
    query: &'static str,
    parameters: Vec<&'a (dyn ToSql + Sync)>,
    /// Of its questions in the batch.
    places: &'a [usize],
}

impl Group<'_> {
    fn question(&self) -> Question<'_> {
        Question { scope: Scope::Tenant(self.tenant), query: self.query, parameters: &self.parameters }
    }
}

/// The answers to all in one trip, in the order of the questions.
async fn answers(reader: &Reader, batch: &[(TenantId, Wanted)]) -> Result<Vec<Vec<StoredEvent>>, ReadError> {
    let mut tenants: BTreeMap<TenantId, OfTenant> = BTreeMap::new();
    for (place, (tenant, wanted)) in batch.iter().enumerate() {
        tenants.entry(*tenant).or_default().add(place, *wanted);
    }
    let asked: Vec<Group<'_>> = tenants.iter().flat_map(|(tenant, of)| of.groups(tenant)).collect();
    let questions: Vec<Question<'_>> = asked.iter().map(Group::question).collect();
    let found = reader.ask_all(&questions).await?;
    let mut answers = vec![Vec::new(); batch.len()];
    for (rows, group) in found.iter().zip(&asked) {
        for row in rows {
            let number = usize::try_from(row.get::<_, i64>(NUMBER) - 1).unwrap_or_default();
            answers[group.places[number]].extend(reader.event(row)?);
        }
    }
    for (answer, (_, wanted)) in answers.iter().zip(batch) {
        if let Wanted::Tail(_, range) = wanted {
            reader.check_links(*range, answer)?;
        }
    }
    Ok(answers)
}
