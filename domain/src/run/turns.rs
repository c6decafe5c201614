//! Turns at one stream: commands of this process on the same stream go one after another, in the order of their arrival, instead of
//! conflicting at the store. Between processes the store's expected revision decides.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::cache::Key;

/// Who waits for which stream; a stream that is here is somebody's turn.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Key, VecDeque<Arc<Ticket>>>>);

/// A place in the queue.
#[derive(Default)]
struct Ticket(Mutex<Place>);

#[derive(Default)]
enum Place {
    #[default]
    New,
    Waiting(Waker),
    Called,
    Left,
}

/// The turn; the next one is called when it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    key: Key,
}

impl Turns {
    /// Resolves when it is the caller's turn at this stream.
    pub(super) async fn take(&self, key: Key) -> Turn<'_> {
        let ticket = {
            let mut queues = lock(&self.0);
            if let Some(queue) = queues.get_mut(&key) {
                let ticket = Arc::new(Ticket::default());
                queue.push_back(Arc::clone(&ticket));
                Some(ticket)
            } else {
                queues.insert(key, VecDeque::new());
                None
            }
        };
        if let Some(ticket) = ticket {
            Wait { turns: self, key, ticket: Some(ticket) }.await;
        }
        Turn { turns: self, key }
    }

    fn call_next(&self, key: &Key) {
        let mut queues = lock(&self.0);
        let Some(queue) = queues.get_mut(key) else { return };
        while let Some(ticket) = queue.pop_front() {
            let mut place = lock(&ticket.0);
            match std::mem::replace(&mut *place, Place::Called) {
                Place::Left => {}
                Place::Waiting(waker) => return waker.wake(),
                Place::New | Place::Called => return,
            }
        }
        queues.remove(key);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.call_next(&self.key);
    }
}

struct Wait<'a> {
    turns: &'a Turns,
    key: Key,
    ticket: Option<Arc<Ticket>>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(ticket) = &self.ticket {
            let mut place = lock(&ticket.0);
            if !matches!(*place, Place::Called) {
                *place = Place::Waiting(context.waker().clone());
                return Poll::Pending;
            }
        }
        self.ticket = None;
        Poll::Ready(())
    }
}

impl Drop for Wait<'_> {
    /// Whoever gives up while waiting must not be called; whoever was called already passes the turn on.
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else { return };
        let was = std::mem::replace(&mut *lock(&ticket.0), Place::Left);
        if matches!(was, Place::Called) {
            self.turns.call_next(&self.key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
