//! How much one caller may ask in a minute. Counted in windows that begin with the first request of each caller.
//!
//! Where nodes share a store they share the windows in it: a node takes some of a window's allowance at a time and spends it by itself,
//! so that nine of ten requests ask nobody. What a node has taken and not spent when the window ends is lost: with n nodes a caller may
//! be refused up to n − 1 such parts early, and never gets more than the limit. While the store is away, each node counts for itself.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use domain::kernel::{ActorId, SessionId, TenantId, Timestamp};
use infra::vault::windows::{SharedWindows, Taken};

use self::windows::{Charge, Windows};
use super::problem::{Code, Problem};
use crate::identity::Came;

mod windows;

/// How long a window is.
const WINDOW_MICROS: i64 = 60 * 1_000_000;
/// Into so many parts the allowance of a window is taken from the shared store: 10 of 150.
const PARTS: u32 = 15;
/// A network of IPv6 has 65,536 of those that are counted in it, for nothing. All of them together have so many times the allowance of one.
const NETWORKS_IN_ONE: u32 = 10;
/// How long a request waits for the shared store at most.
const PATIENCE: Duration = Duration::from_millis(250);
/// For how long it is not asked when it did not answer.
const AWAY_MICROS: i64 = 2_000_000;

/// What one caller may ask.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Fields of operations' roots that are executed, in a minute.
    pub fields_per_minute: u32,
    /// Requests to where people come in, in a minute from one network, or of one session; and checks of one member's password in it.
    pub entries_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { fields_per_minute: 150, entries_per_minute: 8 }
    }
}

/// The counts of this process.
pub struct Limits {
    rates: RateLimits,
    members: Windows<(TenantId, ActorId)>,
    sessions: Windows<SessionId>,
    checks: Windows<Checks>,
    networks: Windows<[u8; 9]>,
    feeds: Windows<Subscribers>,
    shared: Option<Arc<dyn SharedWindows>>,
    away_until: AtomicI64,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How much a window has.
    pub limit: u32,
    /// What is left of it.
    pub remaining: u32,
    /// When the next one may begin, in seconds from now.
    pub reset_seconds: u32,
}

impl Left {
    /// Says so in the header of an answer.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        headers.insert("ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(self.reset_seconds));
    }

    /// Says so where nothing is left.
    pub(super) fn tell_when_to_come_back(&self, headers: &mut HeaderMap) {
        self.tell(headers);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(self.reset_seconds));
    }

    fn or_less(self, other: Self) -> Self {
        if other.remaining < self.remaining { other } else { self }
    }
}

/// A member who shows a password or a code once more within a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Checks(TenantId, ActorId);

/// A network from which calendar feeds are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Subscribers([u8; 9]);

/// What is counted together, with its name in the shared store.
trait Counted: Hash + Eq + Copy {
    fn name(&self) -> Vec<u8>;
}

impl Counted for (TenantId, ActorId) {
    fn name(&self) -> Vec<u8> {
        [b"member:", self.0.0.as_bytes().as_slice(), self.1.0.as_bytes()].concat()
    }
}

impl Counted for Checks {
    fn name(&self) -> Vec<u8> {
        [b"checks:", self.0.0.as_bytes().as_slice(), self.1.0.as_bytes()].concat()
    }
}

impl Counted for SessionId {
    fn name(&self) -> Vec<u8> {
        [b"session:", self.0.as_bytes().as_slice()].concat()
    }
}

impl Counted for Subscribers {
    fn name(&self) -> Vec<u8> {
        [b"feeds:", self.0.as_slice()].concat()
    }
}

impl Counted for [u8; 9] {
    fn name(&self) -> Vec<u8> {
        [b"network:", self.as_slice()].concat()
    }
}

impl Limits {
    /// With these limits, shared with other nodes through this store.
    pub fn new(rates: RateLimits, shared: Option<Arc<dyn SharedWindows>>) -> Self {
        Self {
            rates,
            members: Windows::default(),
            sessions: Windows::default(),
            checks: Windows::default(),
            networks: Windows::default(),
            feeds: Windows::default(),
            shared,
            away_until: AtomicI64::new(i64::MIN),
        }
    }

    /// Counts one request to where people come in.
    pub(super) async fn charge_entry(&self, came: &Came, now: Timestamp) -> Result<Left, Problem> {
        let limit = self.rates.entries_per_minute;
        let Some(wide) = came.wide_network() else {
            return self.charge(&self.networks, came.network(), (1, limit), now).await;
        };
        // The wide one first: when it has used up its own, none of its networks takes room any more.
        let left = self.charge(&self.networks, wide, (1, limit.saturating_mul(NETWORKS_IN_ONE)), now).await?;
        match self.charge(&self.networks, came.network(), (1, limit), now).await {
            Ok(narrow) => Ok(left.or_less(narrow)),
            Err(refused) => {
                // One network must not use up what its neighbours have.
                self.networks.refund(&wide, 1);
                Err(refused)
            }
        }
    }

    /// Counts one request for a calendar feed, good or not.
    pub(super) async fn charge_feeds(&self, came: &Came, now: Timestamp) -> Result<Left, Problem> {
        let network = Subscribers(came.wide_network().unwrap_or_else(|| came.network()));
        self.charge(&self.feeds, network, (1, self.rates.fields_per_minute), now).await
    }

    /// Counts one request of who has shown whose session it is, wherever it comes from.
    pub(super) async fn charge_session(&self, session: SessionId, now: Timestamp) -> Result<Left, Problem> {
        self.charge(&self.sessions, session, (1, self.rates.entries_per_minute), now).await
    }

    /// Counts checks of a member's password or code, whichever of their sessions asks: each may take as long as a sign-in does.
    pub(super) async fn charge_checks(
        &self,
        (tenant, account): (TenantId, ActorId),
        checks: u32,
        now: Timestamp,
    ) -> Result<Left, Problem> {
        self.charge(&self.checks, Checks(tenant, account), (checks, self.rates.entries_per_minute), now).await
    }

    /// Counts fields that are executed for a caller.
    pub(super) async fn charge_fields(
        &self,
        of: (TenantId, ActorId),
        fields: u32,
        now: Timestamp,
    ) -> Result<Left, Problem> {
        self.charge(&self.members, of, (fields, self.rates.fields_per_minute), now).await
    }

    async fn charge<K: Counted>(
        &self,
        windows: &Windows<K>,
        key: K,
        (cost, limit): (u32, u32),
        now: Timestamp,
    ) -> Result<Left, Problem> {
        let is_shared = self.shared.is_some() && now.as_micros() >= self.away_until.load(Ordering::Relaxed);
        let charged = match (windows.charge(key, (cost, limit), now, is_shared), &self.shared) {
            (Charge::Needs, Some(shared)) => {
                match self.take(shared.as_ref(), key.name(), cost.max(limit / PARTS).max(1), now).await {
                    Some(taken) => windows.add(key, (cost, limit), &taken, now),
                    None => windows.charge(key, (cost, limit), now, false),
                }
            }
            (charged, _) => charged,
        };
        match charged {
            Charge::Fits(left) => Ok(left),
            Charge::TooMuch(left) => Err(too_many(left)),
            // None is shared any more: what it has is all that there is.
            Charge::Needs => Err(too_many(Left { limit, remaining: 0, reset_seconds: 1 })),
        }
    }

    /// Some of a window's allowance; none while the store is away.
    async fn take(&self, shared: &dyn SharedWindows, name: Vec<u8>, amount: u32, now: Timestamp) -> Option<Taken> {
        match tokio::time::timeout(PATIENCE, shared.take(name, amount)).await {
            Ok(Ok(taken)) => Some(taken),
            late_or_failed => {
                self.away_until.store(now.as_micros().saturating_add(AWAY_MICROS), Ordering::Relaxed);
                let error = late_or_failed.ok().and_then(Result::err).map(|error| error.to_string());
                tracing::warn!(error = error.as_deref().unwrap_or("no answer in time"), "limits.not_shared");
                None
            }
        }
    }
}

fn too_many(left: Left) -> Problem {
    let Left { limit, reset_seconds, .. } = left;
    Problem::new(Code::RateLimited, format!("at most {limit} a minute are allowed; come back in {reset_seconds} s"))
        .with("limit", limit.to_string())
        .with("remaining", left.remaining.to_string())
        .with("resetSeconds", reset_seconds.to_string())
        .with_left(Some(left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::ClientDescription;

    fn from(network: u16) -> Came {
        let address = std::net::Ipv6Addr::new(0x2001, 0xdb8, 1, network, 0, 0, 0, 1).into();
        Came { address, client: ClientDescription::default(), device: None }
    }

    #[tokio::test]
    async fn a_wide_network_that_has_used_up_its_own_takes_no_more_room() {
        let (limits, now) = (Limits::new(RateLimits::default(), None), Timestamp::from_micros(0).unwrap());
        for network in 0..80 {
            assert!(limits.charge_entry(&from(network), now).await.is_ok(), "{network}");
        }
        let room = limits.networks.len();
        for network in 80..1000 {
            assert!(limits.charge_entry(&from(network), now).await.is_err(), "{network}");
        }
        assert_eq!((room, limits.networks.len()), (81, 81));
    }

    #[tokio::test]
    async fn one_network_does_not_use_up_what_its_neighbours_have() {
        let (limits, now) = (Limits::new(RateLimits::default(), None), Timestamp::from_micros(0).unwrap());
        for asked in 0..200 {
            assert_eq!(limits.charge_entry(&from(0), now).await.is_ok(), asked < 8, "{asked}");
        }
        assert!(limits.charge_entry(&from(1), now).await.is_ok());
    }
}
