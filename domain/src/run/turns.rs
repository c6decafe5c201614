//! Turns: commands of this process on the same stream, or under the same command id, go one after another, in the order of their
//! arrival, instead of conflicting at the store; so does what is worked out on the plan of one company. Between processes the store
//! decides: by the expected revision, and by the identities of events.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Who waits for what; what is here is somebody's turn.
pub struct Turns<K>(Mutex<HashMap<K, VecDeque<Arc<Ticket>>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

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
pub struct Turn<'a, K: Copy + Eq + Hash + Unpin> {
    turns: &'a Turns<K>,
    key: K,
}

impl<K: Copy + Eq + Hash + Unpin> Turns<K> {
    /// Resolves when it is the caller's turn.
    pub async fn take(&self, key: K) -> Turn<'_, K> {
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

    fn call_next(&self, key: &K) {
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

impl<K: Copy + Eq + Hash + Unpin> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        self.turns.call_next(&self.key);
    }
}

struct Wait<'a, K: Copy + Eq + Hash + Unpin> {
    turns: &'a Turns<K>,
    key: K,
    ticket: Option<Arc<Ticket>>,
}

impl<K: Copy + Eq + Hash + Unpin> Future for Wait<'_, K> {
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

impl<K: Copy + Eq + Hash + Unpin> Drop for Wait<'_, K> {
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

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[test]
    fn turns_come_in_the_order_of_arrival() {
        let turns = Turns::default();
        let first = poll(pin!(turns.take(1))).unwrap();
        let (mut second, mut third) = (pin!(turns.take(1)), pin!(turns.take(1)));
        assert!(poll(second.as_mut()).is_none());
        assert!(poll(third.as_mut()).is_none());
        drop(first);
        assert!(poll(third.as_mut()).is_none());
        let second = poll(second.as_mut()).unwrap();
        assert!(poll(third.as_mut()).is_none());
        drop(second);
        assert!(poll(third.as_mut()).is_some());
    }

    #[test]
    fn turns_at_something_else_do_not_wait() {
        let turns = Turns::default();
        let _held = poll(pin!(turns.take(1))).unwrap();
        assert!(poll(pin!(turns.take(2))).is_some());
    }

    #[test]
    fn whoever_gives_up_is_passed_over_even_when_called_already() {
        let turns = Turns::default();
        let held = poll(pin!(turns.take(1))).unwrap();
        let mut waiting = pin!(turns.take(1));
        {
            let (mut gives_up, mut called) = (Box::pin(turns.take(1)), Box::pin(turns.take(1)));
            assert!(poll(gives_up.as_mut()).is_none());
            assert!(poll(called.as_mut()).is_none());
            assert!(poll(waiting.as_mut()).is_none());
            drop(gives_up);
            drop(held);
        }
        assert!(poll(waiting.as_mut()).is_some());
    }

    #[test]
    fn nothing_is_kept_of_what_nobody_is_at() {
        let turns = Turns::default();
        drop(poll(pin!(turns.take(1))).unwrap());
        assert!(lock(&turns.0).is_empty());
    }
}
