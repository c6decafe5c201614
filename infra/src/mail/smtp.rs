//! Mail over SMTP.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::outbox::Waiting;
use crate::config::{Encryption, MailFrom, SmtpAddress};

/// How long one attempt may take, from the first packet to the server's word that it took the mail.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Answers after which it is of no use to try again: there is no such mailbox, or it is not for us.
const FOR_GOOD: [u16; 4] = [550, 551, 553, 554];

/// Why a mail was not taken. It never has in it what the server said: that tells the address, as a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// A later attempt may do.
    #[error("{0}")]
    Later(String),
    /// No attempt will.
    #[error("{0}")]
    Never(String),
}

/// A mail server that takes our mails.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl SmtpMailer {
    /// The server at this address; mails come from `from`.
    pub fn new(address: &SmtpAddress, from: &MailFrom) -> Result<Self, String> {
        let tls = || TlsParameters::new(address.host.clone()).map_err(|error| format!("TLS can't be used: {error}"));
        let tls = match address.encryption {
            Encryption::None => Tls::None,
            Encryption::StartTls => Tls::Required(tls()?),
            Encryption::Tls => Tls::Wrapper(tls()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.host.clone())
            .port(address.port)
            .timeout(Some(PATIENCE / 3))
            .tls(tls);
        if let Some((user, password)) = &address.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        let from = mailbox(Some(from.name.as_str()), from.address.as_str())?;
        Ok(Self { transport: builder.build(), from, patience: PATIENCE })
    }

    /// With less patience than people have; for tests.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(super) async fn send(&self, waiting: &Waiting) -> Result<(), SendFailure> {
        let message = self.message(waiting).map_err(SendFailure::Never)?;
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(SendFailure::Later("no answer in time".to_owned())),
        }
    }

    fn message(&self, waiting: &Waiting) -> Result<Message, String> {
        let to = mailbox(None, waiting.to.as_str())?;
        let queued = Duration::from_micros(waiting.queued_at.unsigned_abs());
        // Absence notes and other automata do not answer it (RFC 3834).
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(waiting.subject.as_str())
            .date(UNIX_EPOCH + queued)
            .message_id(Some(format!("<{}@{}>", waiting.message, self.from.email.domain())))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(waiting.text.clone(), waiting.html.clone()))
            .map_err(|_| "the mail can't be put together".to_owned())
    }
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, String> {
    let address: Address = address.parse().map_err(|_| "the address is none that mail can go to".to_owned())?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

fn failure(error: &lettre::transport::smtp::Error) -> SendFailure {
    match error.status().map(u16::from) {
        Some(code) if FOR_GOOD.contains(&code) => SendFailure::Never(format!("refused with {code}")),
        Some(code) => SendFailure::Later(format!("refused with {code}")),
        // Such as an address that the server's protocol has no form for.
        None if error.is_client() => {
            SendFailure::Later("the server can't do what is needed: see its TLS and SMTPUTF8".to_owned())
        }
        None if error.is_tls() => SendFailure::Later("TLS failed: see the server's certificate".to_owned()),
        None if error.is_timeout() => SendFailure::Later("no answer in time".to_owned()),
        None => SendFailure::Later("no connection, or it was lost".to_owned()),
    }
}
