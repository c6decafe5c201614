//! Time and identity, passed in.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use uuid::Uuid;

use super::Future;
use crate::kernel::Timestamp;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Resolves after about this long. A clock that is driven by hand lets others have a turn, and goes on.
    fn pause(&self, _about: Duration) -> Future<'_, ()> {
        Box::pin(YieldOnce(false))
    }
}

/// New identities.
pub trait IdSource: Send + Sync {
    /// A new time-ordered identity (UUIDv7).
    fn next(&self) -> Uuid;
}

struct YieldOnce(bool);

impl std::future::Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
