//! One socket from its handshake to its end. A single task reads, executes and writes: while the network takes nothing,
//! nothing is asked of the operations either, so nothing piles up.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::operations::Operations;
use super::protocol::{self, Close, FromClient};
use crate::auth::revocations::Watch;
use crate::auth::{self, AuthError, Authenticated};
use crate::http::live::Item;
use crate::http::problem::{Code, Problem};
use crate::http::request::{Parameters, RequestContext};
use crate::http::{HttpState, respond, sse};

/// Messages written before the socket is flushed and the client is listened to again.
const BATCH: usize = 64;
/// What a socket is given to take its last messages; a slow one gets the time of a write.
const LAST_WORDS: Duration = Duration::from_millis(500);

pub(super) struct Session {
    state: HttpState,
    context: RequestContext,
    socket: WebSocket,
    /// By the header of the handshake; counts once the client has initialised.
    from_handshake: Option<Authenticated>,
    caller: Option<Authenticated>,
    /// Over the session that the caller came by.
    watch: Option<Watch>,
    operations: Operations,
    /// Init must be done, or the token ends, by then.
    deadline: Instant,
    heard: Instant,
    allowance: Allowance,
}

/// How a session ends.
enum End {
    /// The client has gone, or the connection is broken: there is nobody to tell.
    Gone,
    /// We close.
    Close(Close),
    /// A write was not taken in time.
    Stuck,
}

/// What happens next on a socket.
enum Turn {
    Stopping,
    SessionEnded,
    Deadline,
    Heartbeat,
    Heard(Option<Result<Message, axum::Error>>),
    Told(Arc<str>, Option<Item>),
}

impl Session {
    pub(super) fn new(
        state: HttpState,
        context: RequestContext,
        socket: WebSocket,
        from_handshake: Option<Authenticated>,
    ) -> Self {
        let now = Instant::now();
        let limits = &state.settings.sockets;
        let (deadline, allowance) = (now + limits.init_time, Allowance::new(limits.messages_per_second, now));
        let operations = Operations::default();
        Self {
            state,
            context,
            socket,
            from_handshake,
            caller: None,
            watch: None,
            operations,
            deadline,
            heard: now,
            allowance,
        }
    }

    pub(super) async fn run(mut self) {
        let mut heartbeat = tokio::time::interval(self.state.settings.sockets.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let end = loop {
            let turn = self.turn(&mut heartbeat).await;
            if let Err(end) = self.take(turn).await {
                break end;
            }
        };
        self.end(end).await;
    }

    async fn turn(&mut self, heartbeat: &mut Interval) -> Turn {
        tokio::select! {
            () = self.state.stopping.cancelled() => Turn::Stopping,
            () = sse::ended(self.watch.as_ref()) => Turn::SessionEnded,
            () = tokio::time::sleep_until(self.deadline) => Turn::Deadline,
            _ = heartbeat.tick() => Turn::Heartbeat,
            heard = self.socket.recv() => Turn::Heard(heard),
            (id, item) = self.operations.next() => Turn::Told(id, item),
        }
    }

    async fn take(&mut self, turn: Turn) -> Result<(), End> {
        match turn {
            Turn::Stopping => {
                let cursors = self.operations.cursors().map(|(id, position)| (id, position.0));
                let farewell = protocol::farewell(cursors);
                self.send(farewell).await?;
                Err(End::Close(Close::STOPPING))
            }
            Turn::SessionEnded => Err(End::Close(Close::ENDED)),
            Turn::Deadline if self.caller.is_some() => Err(End::Close(Close::EXPIRED)),
            Turn::Deadline => Err(End::Close(Close::INIT_TIMEOUT)),
            Turn::Heartbeat => {
                if self.heard.elapsed() > self.state.settings.sockets.heartbeat * 2 {
                    return Err(End::Close(Close::SILENT));
                }
                match self.caller {
                    Some(_) => self.send(protocol::ping((self.state.position)().0)).await,
                    None => Ok(()),
                }
            }
            Turn::Heard(Some(Ok(message))) => self.hear(message).await,
            Turn::Heard(Some(Err(_)) | None) => Err(End::Gone),
            Turn::Told(id, item) => self.tell(id, item).await,
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        if !self.allowance.take(self.heard) {
            return Err(End::Close(Close::TOO_MANY_MESSAGES));
        }
        match message {
            Message::Text(text) => match FromClient::parse(&text).map_err(End::Close)? {
                FromClient::ConnectionInit { payload } => self.init(payload).await,
                FromClient::Ping { payload } => self.send(protocol::pong(payload)).await,
                FromClient::Pong { .. } => Ok(()),
                FromClient::Subscribe { id, payload } => self.subscribe(&id, payload).await,
                FromClient::Complete { id } => {
                    self.operations.remove(&id);
                    Ok(())
                }
            },
            Message::Binary(_) => Err(End::Close(Close::BAD_REQUEST)),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    async fn init(&mut self, payload: Option<serde_json::Map<String, serde_json::Value>>) -> Result<(), End> {
        if self.caller.is_some() {
            return Err(End::Close(Close::TOO_MANY_INITS));
        }
        let authenticated = match token_of(payload.as_ref()) {
            Some(token) => {
                let authenticated = self.state.authenticator.authenticate(token, self.context.address).await;
                authenticated.map_err(|error| match error {
                    AuthError::Unavailable(_) => End::Close(Close::UNAVAILABLE),
                    AuthError::Expired => End::Close(Close::EXPIRED),
                    _ => End::Close(Close::FORBIDDEN),
                })?
            }
            None => self.from_handshake.ok_or(End::Close(Close::FORBIDDEN))?,
        };
        self.caller = Some(authenticated);
        self.watch = self.state.authenticator.watch(&authenticated);
        self.deadline = Instant::now() + sse::time_left(&self.state, authenticated.expires_at);
        self.send(protocol::ack()).await
    }

    async fn subscribe(&mut self, id: &str, parameters: Parameters) -> Result<(), End> {
        let caller = self.caller.ok_or(End::Close(Close::UNAUTHORIZED))?;
        if self.operations.contains(id) {
            return Err(End::Close(Close::DUPLICATE));
        }
        let prepared = if self.operations.len() >= self.state.settings.sockets.operations {
            let most = self.state.settings.sockets.operations;
            Err(Problem::new(Code::TooManySubscriptions, format!("at most {most} operations run on one socket")))
        } else {
            self.state.prepare(parameters, &caller, self.context.clone()).await
        };
        match prepared {
            Ok(asked) => {
                self.operations.insert(id, self.state.open(asked));
                Ok(())
            }
            Err(problem) => self.send(refused(id, &problem)).await,
        }
    }

    /// Writes what operations have ready, a batch at a time, then flushes once.
    async fn tell(&mut self, id: Arc<str>, item: Option<Item>) -> Result<(), End> {
        let limit = self.state.settings.sockets.write_time;
        let written = tokio::time::timeout(limit, async {
            let mut told = Some((id, item));
            let mut left = BATCH;
            while let Some((id, item)) = told {
                self.feed(&id, item).await?;
                left -= 1;
                told = if left > 0 { self.operations.ready() } else { None };
            }
            self.socket.flush().await.map_err(|_| End::Gone)
        });
        written.await.unwrap_or(Err(End::Stuck))
    }

    async fn feed(&mut self, id: &str, item: Option<Item>) -> Result<(), End> {
        // An operation that the client has completed meanwhile has nothing more to say.
        if !self.operations.contains(id) {
            return Ok(());
        }
        let (message, position) = match item {
            Some(Item::Next { body, position }) => (protocol::next(id, &body), position),
            Some(Item::Refused(errors)) => {
                self.operations.remove(id);
                (protocol::error(id, &errors), None)
            }
            Some(Item::Slow { resume }) => {
                self.operations.sent(id, Some(resume));
                return Err(End::Close(Close::SLOW));
            }
            None => {
                self.operations.remove(id);
                (protocol::complete(id), None)
            }
        };
        self.socket.feed(message).await.map_err(|_| End::Gone)?;
        self.operations.sent(id, position);
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let limit = self.state.settings.sockets.write_time;
        match tokio::time::timeout(limit, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Stuck),
        }
    }

    /// Says why, as far as the network still takes it, and lets go of everything.
    async fn end(mut self, end: End) {
        let close = match end {
            End::Gone => {
                // Answers the client's close, if it was one.
                let _ = tokio::time::timeout(LAST_WORDS, self.socket.close()).await;
                return;
            }
            End::Close(close) => close,
            End::Stuck => Close::SLOW,
        };
        let slow = close == Close::SLOW;
        let patience = if slow { self.state.settings.sockets.write_time } else { LAST_WORDS };
        let last_words = async {
            if slow {
                self.tell_slow().await;
            }
            let _ = self.socket.send(close.to_message()).await;
            // Until the client has closed too, so that it gets to read what was said.
            while let Some(Ok(_)) = self.socket.recv().await {}
        };
        let _ = tokio::time::timeout(patience, last_words).await;
    }

    async fn tell_slow(&mut self) {
        let cursors: Vec<_> = self.operations.cursors().map(|(id, position)| (id.to_owned(), position)).collect();
        for (id, position) in cursors {
            let problem = Problem::new(Code::SlowSubscriber, "you did not keep up; resume from `resumeCursor`")
                .with("resumeCursor", position.0.to_string());
            let _ = self.socket.feed(refused(&id, &problem)).await;
        }
    }
}

fn refused(id: &str, problem: &Problem) -> Message {
    protocol::error(id, &respond::errors_to_json(&[problem.to_error()]))
}

/// `{"Authorization": "Bearer …"}` in any case of the name, or `{"token": "…"}`.
fn token_of(payload: Option<&serde_json::Map<String, serde_json::Value>>) -> Option<&str> {
    let payload = payload?;
    let header = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match header {
        Some((_, value)) => Some(value.as_str().and_then(auth::bearer).unwrap_or_default()),
        None => payload.get("token")?.as_str(),
    }
}

/// How many messages a client may still send: so many per second, and a few seconds' worth at once.
struct Allowance {
    per_second: f64,
    left: f64,
    at: Instant,
}

impl Allowance {
    const BURST_SECONDS: f64 = 4.0;

    fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, left: per_second * Self::BURST_SECONDS, at: now }
    }

    fn take(&mut self, now: Instant) -> bool {
        let gained = (now - self.at).as_secs_f64() * self.per_second;
        self.left = (self.left + gained).min(self.per_second * Self::BURST_SECONDS);
        self.at = now;
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_send_a_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10, start);
        assert_eq!((0..100).filter(|_| allowance.take(start)).count(), 40);
        let later = start + Duration::from_millis(1500);
        assert_eq!((0..100).filter(|_| allowance.take(later)).count(), 15);
    }

    #[test]
    fn a_token_is_found_in_both_places() {
        let payload = |json: serde_json::Value| json.as_object().cloned();
        let header = payload(serde_json::json!({"authorization": "Bearer abc"}));
        let plain = payload(serde_json::json!({"token": "abc"}));
        let wrong = payload(serde_json::json!({"Authorization": "Basic abc", "token": "abc"}));
        assert_eq!(token_of(header.as_ref()), Some("abc"));
        assert_eq!(token_of(plain.as_ref()), Some("abc"));
        assert_eq!(token_of(wrong.as_ref()), Some(""));
        assert_eq!(token_of(None), None);
    }
}
