//! Failed sign-ins: counted by name and network, so that who guesses waits longer and longer, and who owns the name does not.
//!
//! A device that has signed in before carries a cookie and is counted by itself (OWASP "device cookies"): however many others guess
//! from wherever, its owner gets in. All others together have so many guesses an hour for one name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::account::AccountCommand;
use domain::kernel::person::EmailAddress;
use domain::kernel::{Action, ActorId, Caller, SubjectId, TenantId, Timestamp};
use domain::machines::work_center::Reason;
use domain::ports::{Scope, VaultError};
use domain::run::{Command, Done};
use hmac::{Hmac, KeyInit, Mac};
use infra::random::random_bytes;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Standing};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Came, Identity, Refused, Whose, later, permit, typed};

/// The first wait; each further failure doubles it.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait: 15 minutes.
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// How many guesses all unknown devices together have for one name in an hour.
const GUESSES_PER_HOUR: u32 = 60;
/// After how long attempts are forgotten: 24 hours.
const KEPT_SECONDS: i64 = 24 * 3600;
const HOUR_MICROS: i64 = 3600 * 1_000_000;
/// How often a count is read again because somebody else counted meanwhile.
const TRIES: usize = 16;

/// What is counted of one name from one network or device.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Attempts {
    /// As it was typed.
    pub(super) name: String,
    /// Where from; none in the count of all unknown devices.
    pub(super) address: Option<String>,
    /// How many failed.
    pub(super) failures: u32,
    /// When the last one did.
    pub(super) last: Timestamp,
    /// When the hour of `in_hour` began.
    hour: Timestamp,
    /// How many failed in it.
    in_hour: u32,
}

/// An attempt that was counted as if it had failed.
pub(super) struct Charged {
    counts: Counts,
    at: Timestamp,
    /// When the last one before it was counted.
    before: Timestamp,
}

/// What an attempt is counted by.
pub(super) struct Counts {
    own: SecretId,
    /// The count of all unknown devices; none for a known one.
    all: Option<SecretId>,
    name: String,
    address: String,
}

impl Counts {
    /// By this count, and by the one of all together where there is one.
    pub(super) fn of(own: SecretId, all: Option<SecretId>, name: &str, came: &Came) -> Self {
        Self { own, all, name: name.to_owned(), address: came.address.to_canonical().to_string() }
    }

    /// All of them, each with the address that is noted with it.
    fn all(&self) -> impl Iterator<Item = (SecretId, Option<&str>)> {
        [(self.own, Some(self.address.as_str()))].into_iter().chain(self.all.map(|all| (all, None)))
    }

    /// Whether it comes from a device that has signed in before.
    pub(super) const fn is_of_known_device(&self) -> bool {
        self.all.is_none()
    }
}

/// A cookie that tells a device which has signed in before.
pub struct DeviceKey([u8; 32]);

impl DeviceKey {
    /// From a key that nobody else has.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A new cookie for who owns this address.
    pub(super) fn make(&self, email: &EmailAddress) -> String {
        let id: [u8; 16] = random_bytes();
        let proof = self.mac(&id, email).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([id.as_slice(), &proof].concat())
    }

    /// The device of this cookie, if it has signed in with this address.
    fn device(&self, cookie: &str, email: &EmailAddress) -> Option<[u8; 16]> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let (id, proof) = bytes.split_first_chunk::<16>()?;
        self.mac(id, email).verify_slice(proof).is_ok().then_some(*id)
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, id: &[u8; 16], email: &EmailAddress) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(id);
        mac.update(email.normalised().as_bytes());
        mac
    }
}

impl Attempts {
    fn none(name: &str, address: Option<&str>, now: Timestamp) -> Self {
        let (name, address) = (name.to_owned(), address.map(str::to_owned));
        Self { name, address, failures: 0, last: now, hour: now, in_hour: 0 }
    }

    /// After one more failure.
    fn failed(mut self, now: Timestamp) -> Self {
        if now.as_micros() - self.hour.as_micros() >= HOUR_MICROS {
            (self.hour, self.in_hour) = (now, 0);
        }
        self.failures = self.failures.saturating_add(1);
        self.in_hour = self.in_hour.saturating_add(1);
        self.last = now;
        self
    }

    /// After one that was counted turned out to be none; nothing where none is left.
    fn refunded(mut self, at: Timestamp, before: Timestamp) -> Option<Self> {
        self.failures = self.failures.checked_sub(1).filter(|left| *left > 0)?;
        self.in_hour = self.in_hour.saturating_sub(1);
        if self.last == at {
            self.last = before;
        }
        Some(self)
    }

    /// How long the next attempt has to wait, in seconds, when so many were free.
    fn wait(&self, free: u32, now: Timestamp) -> i64 {
        let Some(over) = self.failures.checked_sub(free) else { return 0 };
        let wait =
            FIRST_WAIT_SECONDS.checked_shl(over.min(16)).unwrap_or(LONGEST_WAIT_SECONDS).min(LONGEST_WAIT_SECONDS);
        (later(self.last, wait).as_micros() - now.as_micros() + 999_999).div_euclid(1_000_000).max(0)
    }

    /// How long unknown devices have to wait, when all of them together have guessed too often.
    fn wait_of_all(&self, now: Timestamp) -> i64 {
        let ends = self.hour.as_micros() + HOUR_MICROS;
        if self.in_hour < GUESSES_PER_HOUR {
            0
        } else {
            (ends - now.as_micros() + 999_999).div_euclid(1_000_000).max(0)
        }
    }
}

impl Identity {
    /// What an attempt at this name is counted by.
    pub(super) fn counts(&self, email: &EmailAddress, came: &Came) -> Counts {
        let name = email.normalised();
        let device = came.device.as_deref().and_then(|cookie| self.device_key.device(cookie, email));
        let of = |parts: &[&[u8]]| self.secrets.id(SecretKind::Attempts, &parts.concat());
        let (own, all) = match device {
            Some(device) => (of(&[b"device:", &device, name.as_bytes()]), None),
            None => (of(&[b"network:", &came.network(), name.as_bytes()]), Some(of(&[b"name:", name.as_bytes()]))),
        };
        Counts { own, all, name: email.as_str().to_owned(), address: came.address.to_canonical().to_string() }
    }

    /// Counts an attempt as failed, of who owns the name where somebody does, before it is looked at: of many that come at the same time
    /// no more are looked at than may be. Refuses who has to wait. As much is done for a name that nobody has.
    pub(super) async fn charge(
        &self,
        counts: Counts,
        whose: Option<Whose>,
        now: Timestamp,
    ) -> Result<Charged, Refused> {
        let nobody = || Whose { account: ActorId(self.ids.next()), ..Whose::NOBODY };
        let mut whose = whose.unwrap_or_else(nobody);
        for _ in 0..TRIES {
            let mut before = now;
            let (mut seconds, mut changes) = (0, Vec::with_capacity(2));
            for (id, address) in counts.all() {
                let (found, attempts) = self.attempts(id, (&counts.name, address), now).await?;
                if id == counts.own {
                    before = attempts.last;
                    seconds = seconds.max(attempts.wait(self.free_failures, now));
                } else {
                    seconds = seconds.max(attempts.wait_of_all(now));
                }
                changes.push(put(found.as_ref(), id, &attempts.failed(now), whose, now)?);
            }
            if seconds > 0 {
                return Err(Refused::Wait { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) });
            }
            match self.secrets.change(Scope::System, changes, now).await {
                Err(ChangeError::Stale) => {}
                // Who was erased at this moment owns nothing any more: it is counted as for a name that nobody has.
                Err(ChangeError::Vault(VaultError::Fenced(_))) => whose = nobody(),
                outcome => return Ok(outcome.map(|()| Charged { counts, at: now, before })?),
            }
        }
        // So many at once are no one's who only mistypes.
        Err(Refused::Wait { seconds: 1 })
    }

    /// It was no failure after all.
    pub(super) async fn refund(&self, charged: Charged, now: Timestamp) -> Result<(), Refused> {
        let Charged { counts, at, before } = charged;
        for (id, _) in counts.all() {
            for _ in 0..TRIES {
                let Some(found) = self.secrets.find(Scope::System, id, now).await? else { break };
                let change = match found.value::<Attempts>()?.refunded(at, before) {
                    Some(left) => Change::replace(&found, found.with_value(&left)?),
                    None => Change::take(&found),
                };
                match self.secrets.change(Scope::System, vec![change], now).await {
                    Err(ChangeError::Stale) => {}
                    outcome => {
                        outcome?;
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    async fn attempts(
        &self,
        id: SecretId,
        (name, address): (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<(Option<Secret>, Attempts), Refused> {
        let found = self.secrets.find(Scope::System, id, now).await?;
        let attempts = match &found {
            Some(found) => found.value()?,
            None => Attempts::none(name, address, now),
        };
        Ok((found, attempts))
    }

    /// The way in worked: nothing is held against this device or network any more.
    pub(super) async fn forget_failures(&self, counts: &Counts, now: Timestamp) -> Result<(), Refused> {
        let forget = Change::Remove { id: counts.own, version: None };
        Ok(self.secrets.change(Scope::System, vec![forget], now).await?)
    }

    /// Forgets all failures of a member: an admin has made sure who it is, and says how.
    pub async fn lift_wait(&self, caller: &Caller, account: ActorId, check: &str) -> Result<Done, Refused> {
        permit(caller, Action::ManageMembers)?;
        let check = typed("identityCheck", Reason::try_new, check)?;
        let lift = Command::Account(account, Box::new(AccountCommand::LiftWait(check)));
        let done = self.tell(caller, lift).await?;
        let (tenant, now) = (caller.tenant, self.now());
        let counted = self.secrets.of_owner(SecretKind::Attempts, tenant, SubjectId(account.0), now).await?;
        let forget = counted.iter().map(|secret| Change::Remove { id: secret.id(), version: None }).collect();
        self.secrets.change(Scope::Tenant(tenant), forget, now).await?;
        Ok(done)
    }

    /// What failed at a member's name in the last 24 hours, newest first.
    pub async fn failures(&self, tenant: TenantId, account: ActorId) -> Result<Vec<FailedSignIns>, Refused> {
        let counted = self.secrets.of_owner(SecretKind::Attempts, tenant, SubjectId(account.0), self.now()).await?;
        let mut failed = Vec::with_capacity(counted.len());
        for secret in counted {
            let Attempts { name, address, failures, last, .. } = secret.value()?;
            failed.extend(address.map(|address| FailedSignIns { name: masked(&name), address, failures, last }));
        }
        failed.sort_by_key(|failed| std::cmp::Reverse(failed.last));
        Ok(failed)
    }
}

fn put(
    found: Option<&Secret>,
    id: SecretId,
    attempts: &Attempts,
    whose: Whose,
    now: Timestamp,
) -> Result<Change, Refused> {
    let secret = Secret::new(id, attempts)?.expiring_at(later(now, KEPT_SECONDS));
    // Also what is nobody's has an owner: as much is done to put it.
    let secret = secret.of_owner(whose.tenant, whose.subject());
    let expected = found.map_or(Standing::Absent, |found| Standing::Version(found.version()));
    Ok(Change::Put { secret, expected })
}

/// Sign-ins that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSignIns {
    /// The name as it was typed, masked: `a***@example.com`.
    pub name: String,
    /// Where from.
    pub address: String,
    /// How many.
    pub failures: u32,
    /// When the last one was.
    pub last: Timestamp,
}

fn masked(name: &str) -> String {
    let (local, host) = name.rsplit_once('@').unwrap_or((name, ""));
    let first: String = local.chars().take(1).collect();
    if host.is_empty() { format!("{first}***") } else { format!("{first}***@{host}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn failing(times: u32) -> Attempts {
        (0..times).fold(Attempts::none("anna", None, at(0)), |attempts, _| attempts.failed(at(0)))
    }

    #[test]
    fn the_first_five_are_free_and_then_each_waits_twice_as_long_up_to_15_minutes() {
        let waits: Vec<i64> = (0..13).map(|times| failing(times).wait(5, at(0))).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(failing(200).wait(5, at(0)), 900);
        assert_eq!((failing(5).wait(5, at(29)), failing(5).wait(5, at(30))), (1, 0));
    }

    #[test]
    fn how_many_are_free_is_a_setting() {
        let waits: Vec<i64> = (0..5).map(|times| failing(times).wait(2, at(0))).collect();
        assert_eq!(waits, [0, 0, 30, 60, 120]);
    }

    #[test]
    fn what_was_no_failure_leaves_no_trace() {
        let before = failing(6);
        let waits = before.wait(5, at(7));
        let after = before.failed(at(100)).refunded(at(100), at(0)).unwrap();
        assert_eq!((after.failures, after.in_hour, after.wait(5, at(7))), (6, 6, waits));
        assert!(failing(1).refunded(at(0), at(0)).is_none());
    }

    #[test]
    fn all_unknown_devices_together_have_so_many_guesses_an_hour() {
        assert_eq!(failing(59).wait_of_all(at(10)), 0);
        assert_eq!(failing(60).wait_of_all(at(10)), 3590);
        assert_eq!(failing(60).wait_of_all(at(3600)), 0);
        assert_eq!(failing(60).failed(at(3600)).wait_of_all(at(3600)), 0);
    }

    #[test]
    fn a_device_is_known_to_who_signed_in_on_it_and_to_nobody_else() {
        let (key, email) = (DeviceKey::new([7; 32]), EmailAddress::try_new("anna@example.com").unwrap());
        let cookie = key.make(&email);
        assert!(key.device(&cookie, &email).is_some());
        assert!(key.device(&cookie, &EmailAddress::try_new("ANNA@example.com").unwrap()).is_some());
        assert!(key.device(&cookie, &EmailAddress::try_new("ben@example.com").unwrap()).is_none());
        assert!(DeviceKey::new([8; 32]).device(&cookie, &email).is_none());
        for text in ["", "x", &cookie[1..]] {
            assert!(key.device(text, &email).is_none(), "{text}");
        }
    }

    #[test]
    fn names_are_shown_masked() {
        assert_eq!(masked("anna@example.com"), "a***@example.com");
        assert_eq!(masked("anna"), "a***");
        assert_eq!(masked(""), "***");
    }
}
