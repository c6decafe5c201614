//! Passwords: what a new one must be, and how they are hashed and checked.
//!
//! A password is taken exactly as it was given: it is not cut, no letter of it changes its case, and it is not normalised (OWASP
//! ASVS 5.0, 6.2.8). bcrypt reads 72 bytes; a longer one is refused when it is set, and is never right when it is tried.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::hashing::Hashing;
pub use super::hashing::Lane;

/// Characters of a new password, at least.
pub const LEAST_CHARACTERS: usize = 10;
/// Bytes of a password, at most: bcrypt does not see more.
pub const MOST_BYTES: usize = 72;
/// What everybody tries here first.
const PRODUCT: &str = "kilter";
/// As many guesses a password must stand, by the order in which passwords are guessed.
const LEAST_GUESSES: u64 = 1_000_000;

/// A password in the clear; wiped from memory when it is dropped. No `Debug`: it would show it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// What somebody says is their password.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether bcrypt tells it from all others: what is longer it does not see, and a zero byte it takes for the end.
    fn is_seen_whole(&self) -> bool {
        self.0.len() <= MOST_BYTES && !self.0.contains('\0')
    }

    /// Whether it may be somebody's new one, who is known by these words.
    fn check(&self, known: &[String]) -> Result<(), Unfit> {
        if self.0.chars().count() < LEAST_CHARACTERS {
            return Err(Unfit::TooShort);
        }
        if self.0.len() > MOST_BYTES {
            return Err(Unfit::TooLong);
        }
        if !self.is_seen_whole() {
            return Err(Unfit::ZeroByte);
        }
        let lower = Zeroizing::new(self.0.to_lowercase());
        if known.iter().any(|word| word.to_lowercase() == *lower) {
            return Err(Unfit::Known);
        }
        let parts = known.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
        let words = known.iter().map(String::as_str).chain(parts).chain([PRODUCT]);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        if zxcvbn::zxcvbn(&self.0, &words).guesses() < LEAST_GUESSES { Err(Unfit::Common) } else { Ok(()) }
    }
}

/// Why a password can't be anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has too few characters.
    #[error("the password is too short: at least {LEAST_CHARACTERS} characters are needed")]
    TooShort,
    /// It has too many bytes.
    #[error(
        "the password is too long: at most {MOST_BYTES} bytes can be used; letters beyond a to z take more than one"
    )]
    TooLong,
    /// It has a zero byte.
    #[error("the password has a character that can't be typed: leave out U+0000")]
    ZeroByte,
    /// It is the e-mail address, the name or the company.
    #[error("the password is what everybody knows: it must not be the e-mail address, the name or the company")]
    Known,
    /// It is one of those that are tried first.
    #[error(
        "the password is too easy to guess: it is a common one, or close to one; take several words that have nothing to do with each other"
    )]
    Common,
}

/// Why there is no answer about a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It can't be anybody's.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Too many others are being hashed.
    #[error("too many passwords are being checked: try again in some seconds")]
    Busy,
    /// A stored hash is none.
    #[error("a stored hash of a password is damaged")]
    Damaged,
}

/// The hash of a password, as it rests sealed in the vault. `Debug` shows how it was made only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    fn cost(&self) -> Option<u32> {
        bcrypt::HashParts::from_str(&self.0).ok().map(|parts| parts.get_cost())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bcrypt of cost {:?}", self.cost())
    }
}

/// How much work a hash is: 2 to the power of so many rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost(u32);

impl Cost {
    /// The least that a password is hashed with.
    pub const LEAST: u32 = 12;
    /// More would keep people waiting for seconds.
    pub const MOST: u32 = 16;

    /// From [`LEAST`](Self::LEAST) to [`MOST`](Self::MOST).
    pub const fn new(cost: u32) -> Option<Self> {
        if cost >= Self::LEAST && cost <= Self::MOST { Some(Self(cost)) } else { None }
    }

    /// The least that bcrypt knows. For tests only, which hash by the hundred; `tests/architecture` holds that nothing else names it.
    pub const fn weak_for_tests() -> Self {
        Self(4)
    }

    /// As a number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// A hash that no password is known to have, and that takes as long to try as any other.
    fn dummy(self) -> PasswordHash {
        let (salt, hash) = ("KilterKilterKilterKile", "KilterKilterKilterKilterKiltere");
        PasswordHash(Zeroizing::new(format!("$2b${:02}${salt}{hash}", self.0)))
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

/// Hashes passwords and checks them, a few at once, so that many who sign in leave something of the machine to all others.
pub struct Passwords {
    cost: Cost,
    hashing: Hashing,
}

impl Passwords {
    /// New hashes are of this cost. Fails where the system gives no threads.
    pub fn new(cost: Cost) -> std::io::Result<Self> {
        Ok(Self { cost, hashing: Hashing::start()? })
    }

    /// The hash of a new password of somebody who is known by these words: e-mail address, name, company.
    pub async fn hash(&self, password: Password, known: &[&str]) -> Result<PasswordHash, PasswordError> {
        let (cost, mut known) = (self.cost.0, known.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let local_parts: Vec<String> =
            known.iter().filter_map(|word| word.split_once('@')).map(|(local, _)| local.to_owned()).collect();
        known.extend(local_parts);
        let hashed = self.hashing.run(Lane::Others, move || {
            password.check(&known)?;
            hashed(&password, cost)
        });
        hashed.await.ok_or(PasswordError::Busy)?
    }

    /// The hash of a PIN. It is short: what guards it is that guesses are counted, and that its hash rests sealed.
    pub async fn hash_pin(&self, pin: Password) -> Result<PasswordHash, PasswordError> {
        let cost = self.cost.0;
        self.hashing.run(Lane::Others, move || hashed(&pin, cost)).await.ok_or(PasswordError::Busy)?
    }

    /// Whether this is the password of who has this hash. Who has none is answered no, after the same work; and where the hash is of less
    /// work than new ones are, the rest of it is done all the same.
    pub async fn matches(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool, PasswordError> {
        self.matches_in(Lane::Others, password, hash).await
    }

    /// The same in another lane.
    pub async fn matches_in(
        &self,
        lane: Lane,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let (is_somebodys, hash) = (hash.is_some(), hash.unwrap_or_else(|| self.cost.dummy()));
        let full = self.cost.0;
        let checked = self.hashing.run(lane, move || {
            let verify = |hash: &PasswordHash| {
                bcrypt::verify(password.0.as_bytes(), &hash.0).map_err(|_| PasswordError::Damaged)
            };
            let is_same = verify(&hash)?;
            // Each step doubles the work: together with these it is as much as one at full cost.
            for missing in hash.cost().unwrap_or(full)..full {
                verify(&Cost(missing).dummy())?;
            }
            Ok(is_same & is_somebodys & password.is_seen_whole())
        });
        checked.await.ok_or(PasswordError::Busy)?
    }

    /// Whether a password should be hashed anew once it is at hand: the hash is of less work than new ones are.
    pub fn is_outdated(&self, hash: &PasswordHash) -> bool {
        hash.cost().is_none_or(|cost| cost < self.cost.0)
    }
}

fn hashed(password: &Password, cost: u32) -> Result<PasswordHash, PasswordError> {
    // It does cut beyond 72 bytes; the checks before refuse those. The variant that refuses by itself refuses 72, too.
    let hash = bcrypt::hash(password.0.as_bytes(), cost).map_err(|_| PasswordError::Damaged)?;
    Ok(PasswordHash(Zeroizing::new(hash)))
}

#[cfg(test)]
mod tests;
