//! What has ended before its time: sessions, memberships, API tokens. A map fed by the log, asked on every request and for every
//! open socket; a session that it has no word of is good. Of API tokens it only knows when they must be looked at again.
//!
//! A token of a session lives five minutes, so what happened longer ago need not be remembered. What happened before this process
//! began to listen, or while it could not hear, is asked from the log itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use domain::catalog::Event;
use domain::identity::account::AccountEvent;
use domain::identity::api_token::ApiTokenEvent;
use domain::identity::session::SessionEvent;
use domain::kernel::{ActorId, Caller, Role, SessionId, StreamType, TenantId, Timestamp};
use domain::ports::{Codec, EventStore, Filter, Position, Recorded, Scope};
use domain::tenancy::company::CompanyEvent;
use domain::tenancy::roster::RosterEvent;
use domain::workforce::operator::OperatorEvent;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::token::SESSION_TTL_SECONDS;

/// How long what has ended is remembered: as long as a token may still speak of it, with room for clocks that differ.
const REMEMBERED: Duration = Duration::from_secs(2 * SESSION_TTL_SECONDS as u64);
/// How long to wait for a wake-up before the log is asked anyway.
const BEAT: Duration = Duration::from_millis(250);
/// For how long after the last answer of the log the map counts as true.
const TRUSTED: Duration = Duration::from_secs(2);
/// How much earlier than the first word of the log a token may have been given and still be known of: clocks differ.
const SKEW_MICROS: i64 = 10_000_000;
/// Events taken from the log at once.
const PAGE: usize = 500;
/// What is listened to.
const KINDS: [StreamType; 6] = [
    StreamType::Company,
    StreamType::Roster,
    StreamType::Account,
    StreamType::Session,
    StreamType::ApiToken,
    StreamType::Operator,
];

/// What the map says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Nothing against it.
    Good,
    /// What it belongs to has ended.
    Ended,
    /// Its owner is something else by now: a new token says what.
    Changed,
    /// It was given before the map knows of anything, or the map is not true right now: the log must be asked.
    Unknown,
}

/// What has ended before its time.
pub struct Revocations {
    /// Tokens that were given before are not known of.
    since: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    heard: Option<Instant>,
    sessions: HashMap<SessionId, Instant>,
    members: HashMap<(TenantId, ActorId), (Standing, Instant)>,
    /// When something last happened in a company that its API tokens depend on.
    companies: HashMap<TenantId, Instant>,
    watched: HashMap<(TenantId, ActorId), Vec<Watched>>,
    swept: Option<Instant>,
    watches: u64,
}

/// What a member is, since it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Is(Role),
    Barred,
    /// Let back in: in which role, the log must be asked.
    Back,
}

/// Something open that ends with what it belongs to.
struct Watched {
    number: u64,
    session: SessionId,
    role: Role,
    ended: CancellationToken,
}

/// Told when what it watches has ended; forgotten when it is dropped.
pub struct Watch {
    revocations: Arc<Revocations>,
    of: (TenantId, ActorId),
    number: u64,
    ended: CancellationToken,
}

impl Watch {
    /// Comes back once what it watches has ended.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.revocations.state();
        if let Some(watched) = state.watched.get_mut(&self.of) {
            watched.retain(|watched| watched.number != self.number);
            if watched.is_empty() {
                state.watched.remove(&self.of);
            }
        }
    }
}

impl Revocations {
    /// Knows of what happens from now on, once it is [fed](feed).
    pub fn new(now: Timestamp) -> Self {
        let since = Timestamp::from_micros(now.as_micros() + SKEW_MICROS).unwrap_or(now);
        Self { since, state: Mutex::default() }
    }

    /// What there is to say of a session's token that was given at that time.
    pub fn word(&self, caller: &Caller, session: SessionId, given_at: Timestamp) -> Word {
        let state = self.state();
        match state.of_session(caller, session) {
            Word::Good if given_at < self.since || !state.is_true() => Word::Unknown,
            word => word,
        }
    }

    /// Whether an API token that was good then is still good: nothing has happened in its company since that it depends on.
    pub fn unchanged(&self, tenant: TenantId, since: Instant) -> bool {
        let state = self.state();
        state.is_true() && state.companies.get(&tenant).is_none_or(|at| *at < since)
    }

    /// Watches over something open that belongs to this session; or to an API token, where the session is that token's identity and the
    /// caller who made it.
    pub fn watch(self: &Arc<Self>, caller: &Caller, session: SessionId) -> Watch {
        let (of, ended) = ((caller.tenant, caller.actor), CancellationToken::new());
        let mut state = self.state();
        state.watches += 1;
        let number = state.watches;
        // What ended between the check and this would not be told again.
        if matches!(state.of_session(caller, session), Word::Ended | Word::Changed) {
            ended.cancel();
        }
        let watched = Watched { number, session, role: caller.role, ended: ended.clone() };
        state.watched.entry(of).or_default().push(watched);
        drop(state);
        Watch { revocations: Arc::clone(self), of, number, ended }
    }

    /// Takes in what happened.
    pub fn hear(&self, event: &Recorded) {
        let tenant = event.envelope.tenant;
        let mut state = self.state();
        if matches!(event.event, Event::Company(_) | Event::Roster(_) | Event::ApiToken(_)) {
            state.companies.insert(tenant, Instant::now());
        }
        match &event.event {
            Event::Session(SessionEvent::Ended { account, .. }) => {
                state.end_session((tenant, *account), SessionId(event.envelope.stream.id));
            }
            Event::Account(AccountEvent::SessionsEnded { sessions, .. }) => {
                let account = ActorId(event.envelope.stream.id);
                for session in sessions {
                    state.end_session((tenant, account), *session);
                }
            }
            Event::Roster(RosterEvent::RoleChanged { member, role, .. } | RosterEvent::Joined { member, role, .. }) => {
                state.change((tenant, *member), Standing::Is(*role));
            }
            Event::Roster(RosterEvent::Deactivated { member, .. }) => state.change((tenant, *member), Standing::Barred),
            Event::Roster(RosterEvent::Reactivated { member }) => {
                state.members.insert((tenant, *member), (Standing::Back, Instant::now()));
            }
            // Who is in at a terminal is nobody but themself.
            Event::Operator(OperatorEvent::Deactivated { .. }) => {
                state.change((tenant, ActorId(event.envelope.stream.id)), Standing::Barred);
            }
            Event::Operator(OperatorEvent::Reactivated { .. }) => {
                let operator = ActorId(event.envelope.stream.id);
                state.members.insert((tenant, operator), (Standing::Back, Instant::now()));
            }
            Event::ApiToken(ApiTokenEvent::Revoked {}) => {
                let token = SessionId(event.envelope.stream.id);
                state.sessions.insert(token, Instant::now());
                state.end_in(tenant, |watched| watched.session == token);
            }
            // An API token may be good for a year, and is only looked at again when it is shown again.
            Event::Company(CompanyEvent::SecurityChanged { was, security }) if was.networks != security.networks => {
                state.end_in(tenant, |_| true);
            }
            _ => {}
        }
    }

    /// The log has answered a question that was asked then: the map is as new as that.
    fn heard(&self, asked: Instant) {
        let mut state = self.state();
        state.heard = Some(asked);
        state.sweep(asked);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_true(&self) -> bool {
        self.heard.is_some_and(|heard| heard.elapsed() < TRUSTED)
    }

    fn of_session(&self, caller: &Caller, session: SessionId) -> Word {
        if self.sessions.contains_key(&session) {
            return Word::Ended;
        }
        match self.members.get(&(caller.tenant, caller.actor)) {
            Some((Standing::Barred, _)) => Word::Ended,
            Some((Standing::Back, _)) => Word::Unknown,
            Some((Standing::Is(role), _)) if *role != caller.role => Word::Changed,
            Some((Standing::Is(_), _)) | None => Word::Good,
        }
    }

    fn end_session(&mut self, of: (TenantId, ActorId), session: SessionId) {
        self.sessions.insert(session, Instant::now());
        self.end_watched(of, |watched| watched.session == session);
    }

    fn change(&mut self, of: (TenantId, ActorId), standing: Standing) {
        self.members.insert(of, (standing, Instant::now()));
        self.end_watched(of, |watched| standing != Standing::Is(watched.role));
    }

    fn end_watched(&self, of: (TenantId, ActorId), ends: impl Fn(&Watched) -> bool) {
        for watched in self.watched.get(&of).into_iter().flatten().filter(|watched| ends(watched)) {
            watched.ended.cancel();
        }
    }

    /// Ends what is watched in a whole company.
    fn end_in(&self, tenant: TenantId, ends: impl Fn(&Watched) -> bool) {
        let within = self.watched.iter().filter(|((of, _), _)| *of == tenant).flat_map(|(_, watched)| watched);
        within.filter(|watched| ends(watched)).for_each(|watched| watched.ended.cancel());
    }

    /// Forgets what no token can speak of any more.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.saturating_duration_since(swept) < REMEMBERED / 10) {
            return;
        }
        self.swept = Some(now);
        let lasts = |at: Instant| now.saturating_duration_since(at) < REMEMBERED;
        self.sessions.retain(|_, at| lasts(*at));
        self.companies.retain(|_, at| lasts(*at));
        // A change of role may be forgotten; who is barred gets no new token either.
        self.members.retain(|_, (_, at)| lasts(*at));
    }
}

/// Feeds the map from the log after `after`, until nobody holds it any more.
pub async fn feed(
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    revocations: Weak<Revocations>,
    mut after: Position,
) {
    let wake = Arc::new(Notify::new());
    let notified = Arc::clone(&wake);
    store.on_append(Arc::new(move |_| notified.notify_one()));
    let filter = Filter { kinds: KINDS.to_vec() };
    loop {
        let asked = Instant::now();
        let page = store.read_all(Scope::System, after, PAGE, filter.clone()).await;
        let Some(revocations) = revocations.upgrade() else { return };
        match page {
            Ok(page) => {
                for stored in &page.events {
                    // What this build can't read ends nothing that it knows of.
                    match codec.decode(stored) {
                        Ok(event) => revocations.hear(&event),
                        Err(error) => tracing::warn!(%error, "revocations.event_not_read"),
                    }
                }
                if page.scanned_to > after {
                    after = page.scanned_to;
                    continue;
                }
                revocations.heard(asked);
            }
            Err(error) => tracing::debug!(%error, "revocations.log_not_read"),
        }
        drop(revocations);
        let _ = tokio::time::timeout(BEAT, wake.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::session::EndReason;
    use domain::kernel::{CommandId, StreamId};
    use domain::ports::Envelope;
    use domain::tenancy::company::SecurityPolicy;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const ANNA: ActorId = ActorId(Uuid::from_u128(2));
    const ONE: SessionId = SessionId(Uuid::from_u128(11));
    const OTHER: SessionId = SessionId(Uuid::from_u128(12));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn happened(stream: StreamId, event: Event) -> Recorded {
        let envelope = Envelope {
            event_id: Uuid::nil(),
            tenant: TENANT,
            stream,
            revision: 0,
            position: Position(1),
            event_type: "".into(),
            happened_at: at(0),
            recorded_at: at(0),
            actor: ANNA,
            on_behalf_of: None,
            role: Role::Admin,
            command_id: CommandId(Uuid::nil()),
            correlation: Uuid::nil(),
            causation: None,
        };
        Recorded { envelope, event }
    }

    fn of_roster(event: RosterEvent) -> Recorded {
        happened(StreamId::new(StreamType::Roster, TENANT.0), Event::Roster(event))
    }

    fn signed_out(session: SessionId) -> Recorded {
        let event = SessionEvent::Ended { account: ANNA, reason: EndReason::SignedOut };
        happened(StreamId::new(StreamType::Session, session.0), Event::Session(event))
    }

    /// A map that has heard the log just now, from second 0 on.
    fn revocations() -> Arc<Revocations> {
        let revocations = Arc::new(Revocations::new(at(0)));
        revocations.heard(Instant::now());
        revocations
    }

    fn word(revocations: &Revocations, session: SessionId) -> Word {
        revocations.word(&Caller::new(TENANT, ANNA, Role::Manager), session, at(60))
    }

    #[test]
    fn a_session_that_ended_is_known_and_others_are_not_touched() {
        let revocations = revocations();
        revocations.hear(&signed_out(ONE));
        assert_eq!((word(&revocations, ONE), word(&revocations, OTHER)), (Word::Ended, Word::Good));
        let several = AccountEvent::SessionsEnded { reason: EndReason::Forced, sessions: vec![OTHER] };
        revocations.hear(&happened(StreamId::new(StreamType::Account, ANNA.0), Event::Account(several)));
        assert_eq!(word(&revocations, OTHER), Word::Ended);
    }

    #[test]
    fn whose_role_changed_needs_a_new_token_and_who_is_barred_gets_none() {
        let revocations = revocations();
        let change = |role| of_roster(RosterEvent::RoleChanged { member: ANNA, was: Role::Manager, role });
        revocations.hear(&change(Role::Operator));
        assert_eq!(word(&revocations, ONE), Word::Changed);
        revocations.hear(&change(Role::Manager));
        assert_eq!(word(&revocations, ONE), Word::Good);
        revocations.hear(&of_roster(RosterEvent::Deactivated { member: ANNA, reason: None }));
        assert_eq!(word(&revocations, ONE), Word::Ended);
        revocations.hear(&of_roster(RosterEvent::Reactivated { member: ANNA }));
        assert_eq!(word(&revocations, ONE), Word::Unknown, "her role may be another one than before");
    }

    #[test]
    fn what_was_given_before_it_listened_or_while_it_can_not_hear_is_not_known() {
        let revocations = Revocations::new(at(0));
        assert_eq!(word(&revocations, ONE), Word::Unknown, "it has heard nothing yet");
        revocations.heard(Instant::now());
        assert_eq!(word(&revocations, ONE), Word::Good);
        let caller = Caller::new(TENANT, ANNA, Role::Manager);
        assert_eq!(revocations.word(&caller, ONE, at(9)), Word::Unknown, "clocks may differ by so much");
        let long_ago = Instant::now().checked_sub(TRUSTED).unwrap();
        revocations.heard(long_ago);
        assert_eq!(word(&revocations, ONE), Word::Unknown, "nothing was heard since");
        revocations.hear(&signed_out(ONE));
        assert_eq!(word(&revocations, ONE), Word::Ended, "what it knows it knows");
    }

    #[tokio::test]
    async fn an_api_token_is_looked_at_again_after_whatever_it_depends_on_has_changed() {
        let (revocations, token) = (revocations(), SessionId(Uuid::from_u128(7)));
        let looked_at = Instant::now();
        assert!(revocations.unchanged(TENANT, looked_at));
        let maker = Caller::new(TENANT, ANNA, Role::Admin);
        let (watch, hers) = (revocations.watch(&maker, token), revocations.watch(&maker, ONE));
        let revoked = Event::ApiToken(ApiTokenEvent::Revoked {});
        revocations.hear(&happened(StreamId::new(StreamType::ApiToken, token.0), revoked));
        watch.ended().await;
        revocations.watch(&maker, token).ended().await;
        assert!(!hers.ended.is_cancelled());
        assert!(!revocations.unchanged(TENANT, looked_at));
        assert!(revocations.unchanged(TENANT, Instant::now()));
        assert!(revocations.unchanged(TenantId(Uuid::from_u128(9)), looked_at), "nothing happened there");
        let here = SecurityPolicy { networks: vec!["203.0.113.0/24".parse().unwrap()], ..SecurityPolicy::default() };
        let moved = CompanyEvent::SecurityChanged { was: SecurityPolicy::default(), security: here };
        revocations.hear(&happened(StreamId::new(StreamType::Company, TENANT.0), Event::Company(moved)));
        hers.ended().await;
    }

    #[tokio::test]
    async fn who_watches_is_told_and_whose_watch_is_over_is_forgotten() {
        let revocations = revocations();
        let caller = Caller::new(TENANT, ANNA, Role::Manager);
        let (one, other) = (revocations.watch(&caller, ONE), revocations.watch(&caller, OTHER));
        revocations.hear(&signed_out(ONE));
        one.ended().await;
        assert!(!other.ended.is_cancelled());
        revocations.watch(&caller, ONE).ended().await;
        revocations.hear(&of_roster(RosterEvent::Deactivated { member: ANNA, reason: None }));
        other.ended().await;
        drop((one, other));
        assert!(revocations.state().watched.is_empty());
    }

    #[test]
    fn what_no_token_can_speak_of_any_more_is_forgotten() {
        let revocations = revocations();
        revocations.hear(&signed_out(ONE));
        revocations.heard(Instant::now() + REMEMBERED);
        assert!(revocations.state().sessions.is_empty());
    }
}
