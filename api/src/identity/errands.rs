//! What is done after the answer: mails to who has an account or a sign-up, if anybody has.
//!
//! An answer, and the time that it takes, would tell who has one. So requests only say whom to mail; who it is, and whether there is
//! anything to mail, is looked up here, at a time of our own. What is not done when this process ends is asked for again by who misses it.

use std::time::Duration;

use domain::kernel::Timestamp;
use domain::kernel::person::EmailAddress;
use domain::kernel::time::later;
use domain::ports::Scope;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretKind, Standing};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::second_factor::{TRIES, busy};
use super::{Identity, Refused};

/// So many wait at most.
const WAITING: usize = 1_000;
/// How often it is looked for more: what follows a request at once would slow the next one, and so tell of it after all.
const PAUSE: Duration = Duration::from_millis(200);
/// Mails that strangers can have sent to one address, in an hour and in a day.
const MAILS: [(i64, u32); 2] = [(3600, 3), (24 * 3600, 10)];

/// Somebody to mail.
#[derive(Debug)]
pub(super) enum Errand {
    /// A link to set another password.
    Forgot(EmailAddress),
    /// The link of their sign-up.
    Verify(EmailAddress),
}

/// Where requests leave errands.
pub struct Errands(mpsc::Sender<Errand>);

/// The errands that are still to be run.
pub struct ErrandsToRun(mpsc::Receiver<Errand>);

impl Errands {
    /// None yet.
    pub fn new() -> (Self, ErrandsToRun) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), ErrandsToRun(receiver))
    }

    pub(super) fn add(&self, errand: Errand) -> Result<(), Refused> {
        let added = self.0.try_send(errand);
        added.map_err(|_| Refused::Unavailable("too many mails are to be written".to_owned()))
    }
}

/// How many mails an address got since when, for each of the limits.
#[derive(Default, Serialize, Deserialize)]
struct Mailed([(Timestamp, u32); MAILS.len()]);

impl Mailed {
    /// After one more; `None` where that is too many.
    fn one_more(&self, now: Timestamp) -> Option<Self> {
        let mut next = Self::default();
        for ((next, (since, count)), (seconds, most)) in next.0.iter_mut().zip(self.0).zip(MAILS) {
            let is_over = !(0..seconds).contains(&now.seconds_since(since));
            *next = if is_over { (now, 1) } else { (since, count + 1) };
            if next.1 > most {
                return None;
            }
        }
        Some(next)
    }
}

impl Identity {
    /// Runs errands until it is told to stop, and then those that are left.
    pub async fn run_errands(&self, mut errands: ErrandsToRun, stop: CancellationToken) {
        let mut is_stopped = false;
        while !is_stopped {
            is_stopped = stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none();
            while let Ok(errand) = errands.0.try_recv() {
                let run = match errand {
                    Errand::Forgot(email) => self.mail_reset(email).await,
                    Errand::Verify(email) => self.mail_verification(email).await,
                };
                if let Err(error) = run {
                    tracing::error!(%error, "identity.mail_not_written");
                }
            }
        }
    }

    /// Counts a mail that a stranger asked for, unless the address got too many already.
    pub(super) async fn may_mail(&self, email: &EmailAddress, now: Timestamp) -> Result<bool, Refused> {
        let name = [b"mails:", email.normalised().as_bytes()].concat();
        let id = self.secrets.id(SecretKind::Attempts, &name);
        for _ in 0..TRIES {
            let found = self.secrets.find(Scope::System, id, now).await?;
            let mailed: Mailed = found.as_ref().map(Secret::value).transpose()?.unwrap_or_default();
            let Some(next) = mailed.one_more(now) else { return Ok(false) };
            let next = Secret::new(id, &next)?.expiring_at(later(now, MAILS[1].0));
            let expected = found.as_ref().map_or(Standing::Absent, |found| Standing::Version(found.version()));
            match self.secrets.change(Scope::System, vec![Change::Put { secret: next, expected }], now).await {
                Err(ChangeError::Stale) => {}
                outcome => return Ok(outcome.map(|()| true)?),
            }
        }
        Err(busy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn an_address_gets_three_mails_an_hour_and_ten_a_day() {
        let (mut mailed, mut sent) = (Mailed::default(), Vec::new());
        for minute in 0..24 * 60 {
            if let Some(next) = mailed.one_more(at(1_000_000 + minute * 60)) {
                mailed = next;
                sent.push(minute);
            }
        }
        assert_eq!(sent, [0, 1, 2, 60, 61, 62, 120, 121, 122, 180]);
        assert!(mailed.one_more(at(1_000_000 + 24 * 3600)).is_some());
    }
}
