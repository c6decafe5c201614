//! Server-sent events in the "distinct connections" mode of graphql-sse: one request, one stream.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::kernel::Timestamp;
use futures_util::{StreamExt, stream};

use super::HttpState;
use super::live::{Asked, Item};
use super::problem::{Code, Problem};
use super::respond;
use crate::auth::Authenticated;
use crate::auth::revocations::Watch;

/// The stream of an operation's answers. It ends with the token, or when the server stops; each event's `id` is the
/// cursor to resume from.
pub(super) fn stream(state: &HttpState, asked: Asked, authenticated: &Authenticated) -> Response {
    let ends = ending(state, authenticated);
    let items = state.open(asked).flat_map(|item| stream::iter(events(item)));
    let events = items.take_until(ends).chain(stream::once(async { complete() }));
    let heartbeat = KeepAlive::new().interval(state.settings.sockets.heartbeat).text("still here");
    Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(heartbeat).into_response()
}

fn ending(state: &HttpState, authenticated: &Authenticated) -> impl Future<Output = ()> + Send + use<> {
    let stopping = state.stopping.clone();
    let left = time_left(state, authenticated.expires_at);
    let watch = state.authenticator.watch(authenticated);
    async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = ended(watch.as_ref()) => {}
            () = tokio::time::sleep(left) => {}
        }
    }
}

/// Once the session is over; never where nothing but time ends it.
pub(super) async fn ended(watch: Option<&Watch>) {
    match watch {
        Some(watch) => watch.ended().await,
        None => std::future::pending().await,
    }
}

/// How long a token is still good.
pub(super) fn time_left(state: &HttpState, expires_at: Timestamp) -> Duration {
    let micros = expires_at.as_micros().saturating_sub(state.authenticator.now().as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn events(item: Item) -> Vec<Event> {
    match item {
        Item::Next { body, position } => {
            let event = next(&body);
            vec![position.map_or(event.clone(), |position| event.id(position.0.to_string()))]
        }
        Item::Refused(errors) => vec![next(&format!(r#"{{"errors":{errors}}}"#))],
        Item::Slow { resume } => {
            let problem = Problem::new(Code::SlowSubscriber, "you did not keep up; resume from `resumeCursor`")
                .with("resumeCursor", resume.0.to_string());
            vec![next(&respond::to_json(&problem.to_response()))]
        }
    }
}

fn next(body: &str) -> Event {
    Event::default().event("next").data(body)
}

fn complete() -> Event {
    // Browsers dispatch no event without data.
    Event::default().event("complete").data("{}")
}
