//! Sends what waits in the outbox: each mail once, as long as nobody is killed between the server's yes and our note of it.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::time::later;
use domain::ports::{Clock, Scope, VaultError};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::outbox::{Outbox, Waiting};
use super::smtp::{SendFailure, SmtpMailer};
use crate::vault::secrets::{Change, ChangeError, Secret, SecretKind};

/// After so long a mail that no server took is given up.
pub const GIVEN_UP_AFTER_SECONDS: i64 = 3 * 24 * 60 * 60;
/// For so long a mail is one node's to send: longer than an attempt takes. When the node is killed, another takes it over then.
pub const LEASE_SECONDS: i64 = 120;
/// The first pause after a failure; each one is twice as long as the one before, up to the longest.
const FIRST_PAUSE_SECONDS: i64 = 15;
const LONGEST_PAUSE_SECONDS: i64 = 60 * 60;

/// So many are under way at once.
const AT_ONCE: usize = 4;
/// How often the outbox is looked into when nobody wakes the sender: other nodes put mails there, too.
const PAUSE: Duration = Duration::from_secs(5);

/// What became of what was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// A server took them.
    pub sent: usize,
    /// They are tried again.
    pub put_off: usize,
    /// They are not.
    pub given_up: usize,
}

impl Round {
    const fn is_empty(self) -> bool {
        self.sent + self.put_off + self.given_up == 0
    }
}

/// Sends mails.
pub struct Sender {
    outbox: Outbox,
    mailer: SmtpMailer,
    clock: Arc<dyn Clock>,
}

impl Sender {
    /// What is in `outbox` goes out by `mailer`.
    pub fn new(outbox: Outbox, mailer: SmtpMailer, clock: Arc<dyn Clock>) -> Self {
        Self { outbox, mailer, clock }
    }

    /// Sends until it is told to stop. What is under way then is finished.
    pub async fn run(self, stop: CancellationToken) {
        let mut told = None;
        while !stop.is_cancelled() {
            let round = self.send_due().await;
            let reason = round.as_ref().err().map(ToString::to_string);
            if let Some(reason) = reason.as_ref().filter(|reason| told.as_ref() != Some(*reason)) {
                tracing::warn!(%reason, "the outbox can't be read; mails wait there: {reason}");
            }
            told = reason;
            if round.is_ok_and(|round| !round.is_empty()) {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox.woken.notified() => {}
                () = self.clock.pause(PAUSE) => {}
            }
        }
    }

    /// Sends some of what is due, the longest due first.
    pub async fn send_due(&self) -> Result<Round, VaultError> {
        let due = self.outbox.secrets.due(SecretKind::Mail, self.clock.now(), AT_ONCE).await?;
        let mut round = Round::default();
        for outcome in join_all(due.iter().map(|secret| self.send(secret))).await {
            match outcome? {
                Some(Outcome::Sent) => round.sent += 1,
                Some(Outcome::PutOff) => round.put_off += 1,
                Some(Outcome::GivenUp) => round.given_up += 1,
                None => {}
            }
        }
        Ok(round)
    }

    /// None where another node has it.
    async fn send(&self, found: &Secret) -> Result<Option<Outcome>, VaultError> {
        let now = self.clock.now();
        let Ok(waiting) = found.value::<Waiting>() else { return self.set_aside(found).await };
        if now.seconds_since(waiting.queued_at()) >= GIVEN_UP_AFTER_SECONDS {
            return self.give_up(found, &waiting, "it was tried for three days").await;
        }
        let leased = Waiting { attempts: waiting.attempts.saturating_add(1), ..waiting };
        let held = found.with_value(&leased)?.due_at(later(now, LEASE_SECONDS));
        if !self.change(Change::replace(found, held.clone())).await? {
            return Ok(None);
        }
        match self.mailer.send(&leased).await {
            Ok(()) => {
                tracing::info!(mail = leased.message, letter = leased.letter, "mail.sent");
                self.change(Change::take(&held)).await?;
                Ok(Some(Outcome::Sent))
            }
            Err(SendFailure::Never(reason)) => self.give_up(&held, &leased, &reason).await,
            Err(SendFailure::Later(reason)) => {
                let (mail, letter, attempts) = (&leased.message, &leased.letter, leased.attempts);
                tracing::warn!(mail, letter, attempts, %reason, "mail.put_off");
                let again = held.with_value(&leased)?.due_at(later(self.clock.now(), pause_seconds(attempts)));
                self.change(Change::replace(&held, again)).await?;
                Ok(Some(Outcome::PutOff))
            }
        }
    }

    /// What can't be read is no reason to keep all others waiting. A later Kilter may read it: it stays until it expires.
    async fn set_aside(&self, found: &Secret) -> Result<Option<Outcome>, VaultError> {
        tracing::error!(secret = ?found.id(), "mail.unreadable");
        let later = later(self.clock.now(), LONGEST_PAUSE_SECONDS);
        let aside = self.change(Change::replace(found, found.clone().due_at(later))).await?;
        Ok(aside.then_some(Outcome::PutOff))
    }

    async fn give_up(&self, found: &Secret, waiting: &Waiting, reason: &str) -> Result<Option<Outcome>, VaultError> {
        if !self.change(Change::take(found)).await? {
            return Ok(None);
        }
        let (mail, letter, attempts) = (&waiting.message, &waiting.letter, waiting.attempts);
        tracing::error!(mail, letter, attempts, reason, "mail.given_up");
        Ok(Some(Outcome::GivenUp))
    }

    /// False where it was changed meanwhile: another node has it, or its owner was forgotten.
    async fn change(&self, change: Change) -> Result<bool, VaultError> {
        match self.outbox.secrets.change(Scope::System, vec![change], self.clock.now()).await {
            Ok(()) => Ok(true),
            Err(ChangeError::Stale | ChangeError::Foreign | ChangeError::Vault(VaultError::Fenced(_))) => Ok(false),
            Err(ChangeError::Vault(error)) => Err(error),
        }
    }
}

enum Outcome {
    Sent,
    PutOff,
    GivenUp,
}

const fn pause_seconds(attempts: u32) -> i64 {
    let doubled = if attempts > 12 { 12 } else { attempts.saturating_sub(1) };
    let pause = FIRST_PAUSE_SECONDS << doubled;
    if pause > LONGEST_PAUSE_SECONDS { LONGEST_PAUSE_SECONDS } else { pause }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    use domain::kernel::Timestamp;
    use domain::kernel::person::EmailAddress;
    use domain::tenancy::company::Language;

    use super::super::{Letter, Line, Mail, PublicUrl};
    use super::*;
    use crate::clock::ManualClock;
    use crate::config::Config;
    use crate::vault::SqliteVault;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_log_tells_of_a_mail_but_not_to_whom_it_goes_or_what_it_says() {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let variables = [("KILTER_MAIL_SMTP", "smtp://127.0.0.1:1"), ("KILTER_MAIL_FROM", "kilter@example.com")];
        let config = Config::from_sources(None, variables.map(|(name, value)| (name.into(), value.into()))).unwrap();
        let (smtp, from) = config.mail.server().unwrap().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::default()));
        let outbox = Outbox::new(Arc::new(SqliteVault::in_memory().unwrap()));
        let sender = Sender::new(outbox.clone(), SmtpMailer::new(smtp, from).unwrap(), clock.clone());
        let link = PublicUrl::parse("https://kilter.example.com").unwrap().page("verify", Some("canary-token"));
        let letter = Letter::VerifyAddress { company: Line::of("canary-company"), link };
        let to = EmailAddress::try_new("canary@example.com").unwrap();
        outbox.post(&Mail { to, language: Language::English, letter, owner: None }, clock.now()).await.unwrap();
        assert_eq!(sender.send_due().await.unwrap().put_off, 1);
        clock.advance_seconds(GIVEN_UP_AFTER_SECONDS);
        assert_eq!(sender.send_due().await.unwrap().given_up, 1);
        let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        for event in ["mail.put_off", "mail.given_up", "verify_address"] {
            assert!(log.contains(event), "{log}");
        }
        assert!(!log.contains("canary"), "{log}");
    }

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let pauses: Vec<i64> = [1, 2, 3, 8, 9, 10, 99].into_iter().map(pause_seconds).collect();
        assert_eq!(pauses, [15, 30, 60, 1_920, 3_600, 3_600, 3_600]);
    }
}
