//! The outbox: mails that are to be sent, kept as secrets until a server has taken them, or until they are of no use any more.

use std::sync::Arc;

use domain::kernel::Timestamp;
use domain::kernel::person::EmailAddress;
use domain::kernel::time::later;
use domain::ports::{Scope, VaultError};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::letter::{Mail, SetLetter};
use super::sender::GIVEN_UP_AFTER_SECONDS;
use super::words::Line;
use crate::random::random_bytes;
use crate::vault::secrets::{Change, ChangeError, Secret, SecretKind, Secrets};

/// What is given up stays some hours more, so that it is the sender that tells of it, not the housekeeping that deletes it.
const KEPT_SECONDS: i64 = GIVEN_UP_AFTER_SECONDS + 6 * 60 * 60;

/// A mail as it waits: set, so that whoever sends it, and whenever, sends the same.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) to: EmailAddress,
    /// Which letter it is, for the log.
    pub(super) letter: String,
    pub(super) subject: Line,
    pub(super) text: String,
    pub(super) html: String,
    /// The left part of its Message-ID: the same at every attempt, so that who gets it twice can tell.
    pub(super) message: String,
    pub(super) queued_at: i64,
    pub(super) attempts: u32,
}

impl Waiting {
    /// When it was queued.
    pub(super) fn queued_at(&self) -> Timestamp {
        Timestamp::from_micros(self.queued_at).unwrap_or_default()
    }
}

/// A mail that is kept, for the page that shows the outbox to developers. No `Debug`: it would show tokens.
#[derive(Clone)]
pub struct KeptMail {
    /// Names it.
    pub message: String,
    /// To whom.
    pub to: EmailAddress,
    /// Which letter.
    pub letter: String,
    /// Its subject.
    pub subject: Line,
    /// As text, with its link.
    pub text: String,
    /// As HTML.
    pub html: String,
    /// Since when.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
}

/// Where mails wait.
#[derive(Clone)]
pub struct Outbox {
    pub(super) secrets: Arc<dyn Secrets>,
    pub(super) woken: Arc<Notify>,
}

impl Outbox {
    /// Over these secrets.
    pub fn new(secrets: Arc<dyn Secrets>) -> Self {
        Self { secrets, woken: Arc::default() }
    }

    /// What puts a mail there: a change to be made together with what the mail tells of. Then [`wake`](Self::wake) it.
    pub fn put(&self, mail: &Mail, now: Timestamp) -> Result<Change, VaultError> {
        let SetLetter { subject, text, html } = mail.letter.set(mail.language);
        let message: String = random_bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        let waiting = Waiting {
            to: mail.to.clone(),
            letter: mail.letter.name().to_owned(),
            subject,
            text,
            html,
            message,
            queued_at: now.as_micros(),
            attempts: 0,
        };
        let id = self.secrets.id(SecretKind::Mail, waiting.message.as_bytes());
        let secret = Secret::new(id, &waiting)?.due_at(now).expiring_at(later(now, KEPT_SECONDS));
        Ok(Change::add(match mail.owner {
            Some((tenant, owner)) => secret.of_owner(tenant, owner),
            None => secret,
        }))
    }

    /// Puts a mail there by itself, and wakes who sends.
    pub async fn post(&self, mail: &Mail, now: Timestamp) -> Result<(), ChangeError> {
        self.secrets.change(Scope::System, vec![self.put(mail, now)?], now).await?;
        self.wake();
        Ok(())
    }

    /// There is something to send.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// The mails that are kept, those that are tried next first.
    pub async fn list(&self, now: Timestamp, limit: usize) -> Result<Vec<KeptMail>, VaultError> {
        let kept = self.secrets.due(SecretKind::Mail, later(now, KEPT_SECONDS), limit).await?;
        Ok(kept.iter().filter_map(|secret| secret.value::<Waiting>().ok()).map(KeptMail::from).collect())
    }
}

impl From<Waiting> for KeptMail {
    fn from(waiting: Waiting) -> Self {
        let queued_at = waiting.queued_at();
        let Waiting { to, letter, subject, text, html, message, attempts, .. } = waiting;
        Self { message, to, letter, subject, text, html, queued_at, attempts }
    }
}
