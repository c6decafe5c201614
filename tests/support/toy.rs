//! A made-up schema and feed, for what concerns the HTTP edge alone: nothing of the domain is behind it.
#![expect(clippy::unused_async, reason = "the engine asks for asynchronous resolvers")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::live_handoff::{Handoff, Phase};
use async_graphql::{Context, Object, Schema, SimpleObject, Subscription};
use domain::ports::Position;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::watch;

/// The schema.
pub type ToySchema = Schema<Query, Mutation, Feed>;

/// The schema over this log.
pub fn schema(log: ToyLog) -> ToySchema {
    Schema::build(Query, Mutation, Feed).data(log).finish()
}

/// What happened, in order: the text at position n is the n-th, counted from 1. Clones share it.
#[derive(Clone)]
pub struct ToyLog {
    texts: Arc<Mutex<Vec<String>>>,
    head: watch::Sender<u64>,
    /// How many signs of life were asked for.
    signs: watch::Sender<u64>,
}

impl Default for ToyLog {
    fn default() -> Self {
        Self { texts: Arc::default(), head: watch::Sender::new(0), signs: watch::Sender::new(0) }
    }
}

impl ToyLog {
    /// Adds a text and wakes whoever follows.
    pub fn append(&self, text: impl Into<String>) {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(text.into());
        self.head.send_replace(texts.len() as u64);
    }

    /// Lets whoever follows tell that the connection lives, at the last position.
    pub fn sign_of_life(&self) {
        self.signs.send_modify(|signs| *signs += 1);
    }

    /// The last position.
    pub fn head(&self) -> Position {
        Position(*self.head.borrow())
    }

    fn after(&self, position: u64) -> Option<String> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        usize::try_from(position).ok().and_then(|index| texts.get(index)).cloned()
    }
}

/// Something that happened.
#[derive(SimpleObject)]
pub struct Happened {
    /// Resume after it.
    cursor: String,
    text: String,
}

/// A thing with things inside.
pub struct Thing;

#[Object]
impl Thing {
    async fn name(&self) -> &'static str {
        "thing"
    }

    async fn things(&self, first: usize) -> Vec<Self> {
        (0..first).map(|_| Self).collect()
    }

    async fn thing(&self) -> Self {
        Self
    }
}

/// The queries.
pub struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &'static str {
        "hello"
    }

    async fn echo(&self, text: String) -> String {
        text
    }

    async fn sum(&self, numbers: Vec<i32>) -> i64 {
        numbers.into_iter().map(i64::from).sum()
    }

    async fn thing(&self) -> Thing {
        Thing
    }

    async fn things(&self, first: usize) -> Vec<Thing> {
        (0..first).map(|_| Thing).collect()
    }

    /// Never answers.
    async fn stuck(&self) -> bool {
        std::future::pending().await
    }

    /// Fails with words that nobody outside may read.
    async fn broken(&self) -> async_graphql::Result<Option<bool>> {
        Err("secret table is locked".into())
    }

    /// Panics with words that nobody outside may read.
    async fn panicking(&self) -> Option<bool> {
        Some([true].get(5).copied().expect("secret invariant holds"))
    }

    /// Who asks.
    async fn me(&self, context: &Context<'_>) -> async_graphql::Result<String> {
        let caller = api::auth::caller(context)?;
        Ok(format!("{}:{}", caller.tenant, caller.role.as_str()))
    }
}

/// The mutations.
pub struct Mutation;

#[Object]
impl Mutation {
    async fn append(&self, context: &Context<'_>, text: String) -> async_graphql::Result<String> {
        let log = context.data::<ToyLog>()?;
        log.append(text);
        Ok(log.head().0.to_string())
    }
}

/// The subscriptions.
pub struct Feed;

#[Subscription]
impl Feed {
    /// Everything appended, by the contract of shared executions.
    async fn activity_appended(
        &self,
        context: &Context<'_>,
        after: Option<String>,
    ) -> async_graphql::Result<impl Stream<Item = Happened> + use<>> {
        let log = context.data::<ToyLog>()?.clone();
        let handoff = context.data_opt::<Handoff>().cloned();
        let from = match handoff.as_ref().map(Handoff::phase) {
            Some(Phase::Group { after }) => after.0,
            _ => match after {
                Some(cursor) => cursor.parse()?,
                None => log.head().0,
            },
        };
        let changes = (log.head.subscribe(), log.signs.subscribe());
        Ok(stream::unfold((log, handoff, changes, from), |(log, handoff, mut changes, sent)| async move {
            loop {
                if let Some(text) = log.after(sent) {
                    let position = sent + 1;
                    if let Some(handoff) = &handoff {
                        handoff.sending(Position(position));
                    }
                    let happened = Happened { cursor: position.to_string(), text };
                    return Some((happened, (log, handoff, changes, position)));
                }
                if let Some(handoff) = handoff.as_ref().filter(|handoff| handoff.phase() == Phase::Individual) {
                    handoff.caught_up(Position(sent));
                    return None;
                }
                tokio::select! {
                    appended = changes.0.changed() => appended.ok()?,
                    sign = changes.1.changed() => {
                        sign.ok()?;
                        let alive = Happened { cursor: sent.to_string(), text: "alive".to_owned() };
                        return Some((alive, (log, handoff, changes, sent)));
                    }
                }
            }
        }))
    }

    /// Counts up to `to`, one by one, and ends. Not shared.
    async fn counted(&self, to: i32) -> impl Stream<Item = i32> + use<> {
        stream::iter(1..=to)
    }

    /// Counts without end and without pause. Not shared.
    async fn flooding(&self) -> impl Stream<Item = String> + use<> {
        stream::repeat("x".repeat(1000))
    }

    /// One number, later.
    async fn later(&self, millis: u64) -> impl Stream<Item = u64> + use<> {
        stream::once(async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            millis
        })
    }
}
