//! One reader of a shareable subscription: its own beginning, the shared continuation, and the way back when it lags.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use domain::ports::Position;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::watch;
use tokio::time::Instant;

use super::group::{Group, Groups};
use super::ring::Found;
use super::{Asked, Item, item};
use crate::http::engine::Engine;
use crate::live_handoff::Handoff;

pub(super) struct Reader {
    engine: Arc<dyn Engine>,
    groups: Groups,
    asked: Asked,
    sent: Position,
    stage: Stage,
    behind_time: Duration,
    /// Since when it needs what the ring has forgotten.
    behind_since: Option<Instant>,
}

enum Stage {
    /// By an execution of its own: the beginning, until it has caught up.
    Beginning(BoxStream<'static, Response>, Handoff),
    /// By an execution of its own, until the group's ring holds what comes next.
    CatchingUp(BoxStream<'static, Response>, Handoff, Arc<Group>),
    /// From the ring.
    Sharing(Share),
    Over,
}

struct Share {
    group: Arc<Group>,
    /// What comes next, in the ring.
    place: u64,
    /// What was sent before it joined: the group may come to it only later.
    joined_after: Position,
    /// Where the item before that place stands.
    seen: Position,
    changes: watch::Receiver<bool>,
}

impl Share {
    /// Whether an item at this position is news to a reader that was sent everything up to `sent`. Of two items at one
    /// position the second tells of no event: it is a sign of life, or an error.
    fn takes(&mut self, position: Position, sent: Position) -> bool {
        let again = position == std::mem::replace(&mut self.seen, position);
        self.place += 1;
        position > self.joined_after || (again && position >= sent)
    }
}

impl Reader {
    pub(super) fn new(engine: Arc<dyn Engine>, groups: Groups, behind_time: Duration, asked: Asked) -> Self {
        let handoff = Handoff::individual();
        let stage = Stage::Beginning(engine.subscribe(asked.to_request(Some(handoff.clone()))), handoff);
        Self { engine, groups, asked, sent: Position(0), stage, behind_time, behind_since: None }
    }

    pub(super) fn into_stream(self) -> BoxStream<'static, Item> {
        stream::unfold(self, |mut reader| async move { reader.next().await.map(|item| (item, reader)) }).boxed()
    }

    async fn next(&mut self) -> Option<Item> {
        loop {
            match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Beginning(mut responses, handoff) => {
                    if let Some(response) = responses.next().await {
                        self.stage = Stage::Beginning(responses, handoff.clone());
                        return Some(self.own(response, &handoff));
                    }
                    // An execution that ended without having caught up is over: it failed, or had nothing to watch.
                    if !handoff.is_caught_up() {
                        return None;
                    }
                    self.sent = handoff.sent();
                    let group = self.groups.join(&self.engine, &self.asked, self.sent);
                    self.share(group);
                }
                Stage::CatchingUp(mut responses, handoff, group) => {
                    if group.place_after(self.sent).is_some() {
                        self.share(group);
                        continue;
                    }
                    if self.is_too_slow() {
                        return Some(Item::Slow { resume: self.sent });
                    }
                    let response = responses.next().await?;
                    self.stage = Stage::CatchingUp(responses, handoff.clone(), group);
                    return Some(self.own(response, &handoff));
                }
                Stage::Sharing(mut share) => match share.group.look(share.place) {
                    (Found::Item(position, item), _) => {
                        let new = share.takes(position, self.sent);
                        self.stage = Stage::Sharing(share);
                        if new {
                            self.sent = position;
                            return Some(item);
                        }
                    }
                    (Found::NotYet, true) => return None,
                    (Found::NotYet, false) => {
                        self.behind_since = None;
                        // The sender lives in the group that is held here.
                        let _ = share.changes.changed().await;
                        self.stage = Stage::Sharing(share);
                    }
                    (Found::Gone, _) => self.catch_up(share.group),
                },
                Stage::Over => return None,
            }
        }
    }

    /// An item of an execution of its own.
    fn own(&mut self, response: Response, handoff: &Handoff) -> Item {
        self.sent = handoff.sent();
        item(response, Some(self.sent), self.asked.context.request_id)
    }

    fn share(&mut self, group: Arc<Group>) {
        // Watched before it is looked at: no change between the two is lost.
        let changes = group.watch();
        match group.place_after(self.sent) {
            Some((place, seen)) => {
                self.stage = Stage::Sharing(Share { group, place, joined_after: self.sent, seen, changes });
            }
            None => self.catch_up(group),
        }
    }

    fn catch_up(&mut self, group: Arc<Group>) {
        self.behind_since.get_or_insert_with(Instant::now);
        let handoff = Handoff::group(self.sent);
        let responses = self.engine.subscribe(self.asked.to_request(Some(handoff.clone())));
        self.stage = Stage::CatchingUp(responses, handoff, group);
    }

    fn is_too_slow(&self) -> bool {
        self.behind_since.is_some_and(|since| since.elapsed() > self.behind_time)
    }
}
