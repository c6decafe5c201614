//! The refresh tokens of a session: a chain of which one is good at a time.
//!
//! Each use gives the next one. A used token that comes again means that two hold the chain, and ends it; only a client whose answer
//! was lost may show the last used one once more, as long as nobody has used what it was answered with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::session::SecondFactor;
use domain::kernel::time::later;
use domain::kernel::{ActorId, SessionId, TenantId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use infra::random::random_bytes;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// How long a refresh token lives: 7 days.
pub const LIFE_SECONDS: i64 = 7 * 24 * 3600;
/// How long it lives on a device that is to be remembered: 30 days.
pub const REMEMBERED_LIFE_SECONDS: i64 = 30 * 24 * 3600;
/// How long a chain may grow, whatever it is used: then the person signs in again. 90 days.
pub const MAX_LIFE_SECONDS: i64 = 90 * 24 * 3600;
/// For how long a repeated token gets the very answer that was lost, which tabs of one browser that refresh at the same time need.
const SAME_ANSWER_SECONDS: i64 = 30;

/// Which stretch of a person's sessions: it ends when all of them are ended, and what was begun in it is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub Uuid);

/// A session's chain, as it rests in the vault.
#[derive(Clone, Serialize, Deserialize)]
pub struct Family {
    /// Whose it is.
    pub tenant: TenantId,
    /// Whose it is.
    pub account: ActorId,
    /// Which session's.
    pub session: SessionId,
    /// Whether the device is remembered.
    pub remembered: bool,
    /// What was shown beside the first proof, if anything was.
    pub second_factor: Option<SecondFactor>,
    /// When it began.
    pub opened: Timestamp,
    /// When it was used last.
    pub used: Timestamp,
    /// Tokens are made with it; without it none can be made up.
    key: [u8; 32],
    /// The good one.
    current: u32,
    /// The used one that may come once more.
    repeatable: Option<u32>,
}

/// What to do with a token that was shown.
pub enum Shown {
    /// It was the good one; the family has a new one now.
    Next(Box<Family>),
    /// The answer to it was lost; this is it again.
    Again,
    /// It was used before: two hold the chain.
    Reused,
    /// It is no token of this family.
    Foreign,
}

/// A refresh token as it travels: which session, which of its chain, and the proof of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    session: SessionId,
    number: u32,
    proof: [u8; 32],
}

impl RefreshToken {
    /// Reads it; `None` for what never was one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 52] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (number, proof) = rest.split_first_chunk::<4>()?;
        Some(Self {
            session: SessionId(Uuid::from_bytes(*session)),
            number: u32::from_be_bytes(*number),
            proof: proof.try_into().ok()?,
        })
    }

    /// Which session's it claims to be.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// As it travels.
    pub fn to_text(self) -> String {
        let bytes = [self.session.0.as_bytes().as_slice(), &self.number.to_be_bytes(), &self.proof].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl Family {
    /// The first of a session.
    pub fn new(tenant: TenantId, account: ActorId, session: SessionId, remembered: bool, now: Timestamp) -> Self {
        Self {
            tenant,
            account,
            session,
            remembered,
            second_factor: None,
            opened: now,
            used: now,
            key: random_bytes(),
            current: 0,
            repeatable: None,
        }
    }

    /// Of somebody who has shown this as well.
    #[must_use]
    pub fn with_second_factor(self, second_factor: Option<SecondFactor>) -> Self {
        Self { second_factor, ..self }
    }

    /// The good token.
    pub fn token(&self) -> RefreshToken {
        RefreshToken {
            session: self.session,
            number: self.current,
            proof: self.mac(self.current).finalize().into_bytes().into(),
        }
    }

    /// When the good token ends.
    pub fn ends(&self) -> Timestamp {
        let life = if self.remembered { REMEMBERED_LIFE_SECONDS } else { LIFE_SECONDS };
        later(self.used, life).min(later(self.opened, MAX_LIFE_SECONDS))
    }

    /// What this token means.
    pub fn show(&self, token: RefreshToken, now: Timestamp) -> Shown {
        let is_ours = token.session == self.session
            && token.number <= self.current
            && self.mac(token.number).verify_slice(&token.proof).is_ok();
        if !is_ours {
            return Shown::Foreign;
        }
        if token.number == self.current {
            return Shown::Next(Box::new(self.next(Some(token.number), now)));
        }
        if self.repeatable != Some(token.number) {
            return Shown::Reused;
        }
        // Later, whoever shows it gets a token of their own: if there are two after all, the other one is found out.
        if now.seconds_since(self.used) <= SAME_ANSWER_SECONDS {
            Shown::Again
        } else {
            Shown::Next(Box::new(self.next(self.repeatable, now)))
        }
    }

    fn next(&self, repeatable: Option<u32>, now: Timestamp) -> Self {
        Self { current: self.current.saturating_add(1), repeatable, used: now, ..self.clone() }
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, number: u32) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(self.session.0.as_bytes());
        mac.update(&number.to_be_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn family(remembered: bool) -> Family {
        let id = Uuid::from_u128;
        Family::new(TenantId(id(1)), ActorId(id(2)), SessionId(id(3)), remembered, at(0))
    }

    #[track_caller]
    fn next(family: &Family, token: RefreshToken, seconds: i64) -> Family {
        match family.show(token, at(seconds)) {
            Shown::Next(next) => *next,
            _ => panic!("no next one"),
        }
    }

    #[test]
    fn a_token_travels_as_text() {
        let token = family(false).token();
        assert!(RefreshToken::parse(&token.to_text()) == Some(token));
        for text in ["", "x", "AAAA", &format!("{}A", token.to_text())] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn each_use_gives_the_next_one_and_a_used_one_is_found_out() {
        let first = family(false);
        let second = next(&first, first.token(), 1);
        let third = next(&second, second.token(), 2);
        assert!(matches!(third.show(first.token(), at(3)), Shown::Reused));
        assert!(matches!(third.show(third.token(), at(3)), Shown::Next(_)));
    }

    #[test]
    fn a_lost_answer_is_given_again_until_somebody_has_used_it() {
        let first = family(false);
        let second = next(&first, first.token(), 1);
        assert!(matches!(second.show(first.token(), at(31)), Shown::Again));
        let after_long = next(&second, first.token(), 3600);
        assert!(matches!(after_long.show(second.token(), at(3600)), Shown::Reused), "the lost one came after all");
        let third = next(&second, second.token(), 2);
        assert!(matches!(third.show(first.token(), at(3)), Shown::Reused));
    }

    #[test]
    fn what_was_made_up_says_nothing_about_the_family() {
        let family = family(false);
        let good = family.token();
        for bit in 0..32 * 8 {
            let mut forged = good;
            forged.proof[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(family.show(forged, at(1)), Shown::Foreign));
        }
        assert!(matches!(family.show(RefreshToken { number: 1, ..good }, at(1)), Shown::Foreign));
        assert!(matches!(family.show(RefreshToken { session: SessionId(Uuid::nil()), ..good }, at(1)), Shown::Foreign));
    }

    #[test]
    fn a_chain_lives_as_long_as_it_is_used_and_ends_at_last() {
        assert_eq!(family(false).ends(), at(LIFE_SECONDS));
        let remembered = family(true);
        assert_eq!(remembered.ends(), at(REMEMBERED_LIFE_SECONDS));
        let used = next(&remembered, remembered.token(), MAX_LIFE_SECONDS - 10);
        assert_eq!(used.ends(), at(MAX_LIFE_SECONDS));
    }

    proptest! {
        /// Two holders show what they have in any order (QUALITY F22): at no time is more than one token good, and once a used one
        /// came again, none is.
        #[test]
        fn at_most_one_token_is_good_and_none_after_a_reuse(shows in prop::collection::vec((0..4usize, 0..60i64), 1..40)) {
            let mut family = Some(family(false));
            let mut seen = vec![family.as_ref().unwrap().token()];
            let mut now = 0;
            for (back, pause) in shows {
                now += pause;
                let shown = seen[seen.len().saturating_sub(back + 1)];
                let Some(standing) = &family else {
                    break;
                };
                match standing.show(shown, at(now)) {
                    Shown::Next(next) => {
                        seen.push(next.token());
                        family = Some(*next);
                    }
                    Shown::Again => {}
                    Shown::Reused => family = None,
                    Shown::Foreign => prop_assert!(false, "all of them are its own"),
                }
                if let Some(standing) = &family {
                    let good = seen.iter().filter(|token| token.number == standing.current).count();
                    prop_assert_eq!(good, 1);
                }
            }
        }
    }
}
