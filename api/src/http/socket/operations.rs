//! The operations that run on one socket, polled only when the socket takes what they send.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ports::Position;
use futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll};
use futures_util::{FutureExt, StreamExt};

use crate::http::live::Item;

/// All of them, by their ids.
#[derive(Default)]
pub(super) struct Operations {
    streams: SelectAll<BoxStream<'static, (Arc<str>, Option<Item>)>>,
    open: HashMap<Arc<str>, Open>,
}

struct Open {
    abort: AbortHandle,
    cursor: Option<Position>,
}

impl Operations {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.open.contains_key(id)
    }

    /// Begins one; its end is told as `None`.
    pub(super) fn insert(&mut self, id: &str, items: BoxStream<'static, Item>) {
        let id: Arc<str> = id.into();
        let (abort, registration) = AbortHandle::new_pair();
        self.open.insert(Arc::clone(&id), Open { abort, cursor: None });
        let told = items.map(Some).chain(stream::once(async { None }));
        let named = told.map(move |item| (Arc::clone(&id), item));
        self.streams.push(Abortable::new(named, registration).boxed());
    }

    /// Ends one without a further word.
    pub(super) fn remove(&mut self, id: &str) {
        if let Some(open) = self.open.remove(id) {
            open.abort.abort();
        }
    }

    /// Notes how far one has been sent.
    pub(super) fn sent(&mut self, id: &str, position: Option<Position>) {
        if let Some(open) = self.open.get_mut(id) {
            open.cursor = position.or(open.cursor);
        }
    }

    /// Where each resumes, as far as it can.
    pub(super) fn cursors(&self) -> impl Iterator<Item = (&str, Position)> {
        self.open.iter().filter_map(|(id, open)| Some((&**id, open.cursor?)))
    }

    /// What one of them sends next; waits for ever when there is none.
    pub(super) async fn next(&mut self) -> (Arc<str>, Option<Item>) {
        if let Some(told) = self.streams.next().await {
            return told;
        }
        std::future::pending().await
    }

    /// What one of them has ready now.
    pub(super) fn ready(&mut self) -> Option<(Arc<str>, Option<Item>)> {
        self.streams.next().now_or_never().flatten()
    }
}
