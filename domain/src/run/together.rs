//! Futures that don't depend on each other, waited for together: a store that answers over a network gets their questions in one
//! trip. Without a runtime: whoever waits for the whole drives its parts.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What both come to. The first is asked first. They are pinned where they are made: to be moved here would double their size.
pub(super) async fn both<A, B>(mut one: A, mut other: B) -> (A::Output, B::Output)
where
    A: Future + Unpin,
    B: Future + Unpin,
{
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        go_on(&mut first, |context| Pin::new(&mut one).poll(context), context);
        go_on(&mut second, |context| Pin::new(&mut other).poll(context), context);
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            missing => {
                (first, second) = missing;
                Poll::Pending
            }
        }
    })
    .await
}

/// What all of them come to, in their order.
pub(super) async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut parts: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        for (future, output) in &mut parts {
            go_on(output, |context| future.as_mut().poll(context), context);
        }
        let ready = parts.iter().all(|(_, output)| output.is_some());
        if ready {
            Poll::Ready(parts.iter_mut().filter_map(|(_, output)| output.take()).collect())
        } else {
            Poll::Pending
        }
    })
    .await
}

/// What has come to an end must not be polled again.
fn go_on<T>(output: &mut Option<T>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>, context: &mut Context<'_>) {
    if output.is_none()
        && let Poll::Ready(ready) = poll(context)
    {
        *output = Some(ready);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::Waker;

    use super::*;

    /// Ready when it is polled for the `turn`th time, and never polled after that.
    async fn ready_at(turn: usize, polls: &Cell<usize>) -> usize {
        poll_fn(|_| {
            assert!(polls.get() < turn, "it is polled after its end");
            polls.set(polls.get() + 1);
            if polls.get() == turn { Poll::Ready(turn) } else { Poll::Pending }
        })
        .await
    }

    fn turns_of<F: Future>(future: F) -> (usize, F::Output) {
        let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
        let mut turns = 0;
        loop {
            turns += 1;
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return (turns, output);
            }
        }
    }

    #[test]
    fn both_take_as_long_as_the_slower_one() {
        let polls = [const { Cell::new(0) }; 2];
        assert_eq!(turns_of(both(pin!(ready_at(3, &polls[0])), pin!(ready_at(1, &polls[1])))), (3, (3, 1)));
    }

    #[test]
    fn all_take_as_long_as_the_slowest_and_keep_their_order() {
        let polls = [const { Cell::new(0) }; 3];
        let futures = [2, 4, 1].iter().zip(&polls).map(|(turn, polls)| ready_at(*turn, polls)).collect();
        assert_eq!(turns_of(all(futures)), (4, vec![2, 4, 1]));
        assert_eq!(turns_of(all(Vec::<std::future::Ready<()>>::new())), (1, Vec::new()));
    }
}
