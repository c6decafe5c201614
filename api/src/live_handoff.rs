//! How a subscription passes from an execution of its own to one that it shares with others who asked the same.
//!
//! The contract between the HTTP edge and the subscription resolvers. The edge puts a [`Handoff`] into the request data
//! of a subscription whose root is [`SHAREABLE`]. The resolver then
//! - calls [`Handoff::sending`] with the position of each item, immediately before it yields the item;
//! - in phase [`Phase::Individual`]: answers for the arguments of the query (snapshot, or backlog after `after`), calls
//!   [`Handoff::caught_up`] once it has come up to the live position, also when there was nothing to send, and ENDS its
//!   stream; a stream that ends without that call is over (it failed, or what it watched is gone);
//! - in phase [`Phase::Group`]: ignores the argument `after`, sends no snapshot, starts with the first event after the
//!   given position and goes on for as long as it is polled.
//!
//! Without a `Handoff` in the request data the resolver just goes on live by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::ports::Position;

/// The subscription roots whose executions are shared. `activityReplay` never is: its pace belongs to one reader.
pub const SHAREABLE: [&str; 3] = ["jobChanged", "machineBoardChanged", "activityAppended"];

/// What part of a subscription's life an execution serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// One reader's own beginning: snapshot or backlog, then the end.
    Individual,
    /// The common continuation: everything after this position, without end.
    Group {
        /// The last position that is not sent.
        after: Position,
    },
}

/// The thread between an execution and the edge; clones share it.
#[derive(Debug, Clone)]
pub struct Handoff {
    phase: Phase,
    sent: Arc<AtomicU64>,
    caught_up: Arc<AtomicBool>,
}

impl Handoff {
    /// For one reader's own beginning.
    pub fn individual() -> Self {
        Self::new(Phase::Individual, Position(0))
    }

    /// For the common continuation after this position.
    pub fn group(after: Position) -> Self {
        Self::new(Phase::Group { after }, after)
    }

    fn new(phase: Phase, sent: Position) -> Self {
        Self { phase, sent: Arc::new(AtomicU64::new(sent.0)), caught_up: Arc::new(AtomicBool::new(false)) }
    }

    /// What this execution serves.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The next item to be yielded tells of the event at this position.
    pub fn sending(&self, position: Position) {
        self.sent.store(position.0, Ordering::Release);
    }

    /// Everything up to this position is sent, and the stream ends now: the rest comes from the shared execution.
    pub fn caught_up(&self, position: Position) {
        self.sending(position);
        self.caught_up.store(true, Ordering::Release);
    }

    /// The position of the item yielded last.
    pub fn sent(&self) -> Position {
        Position(self.sent.load(Ordering::Acquire))
    }

    /// Whether the stream ended because it had caught up.
    pub fn is_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_was_sent() {
        let handoff = Handoff::individual();
        let resolver = handoff.clone();
        resolver.sending(Position(7));
        assert_eq!((handoff.sent(), handoff.is_caught_up()), (Position(7), false));
        resolver.caught_up(Position(9));
        assert_eq!((handoff.sent(), handoff.is_caught_up()), (Position(9), true));
    }

    #[test]
    fn a_group_starts_where_it_is_told() {
        let handoff = Handoff::group(Position(4));
        assert_eq!(handoff.phase(), Phase::Group { after: Position(4) });
        assert_eq!(handoff.sent(), Position(4));
    }
}
