//! Mail over SMTP.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};

use super::outbox::Waiting;
use crate::config::{Encryption, MailFrom, SmtpAddress};

/// How long one attempt may take, from the first packet to the server's word that it took the mail.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Answers to the recipient or to the mail itself after which it is of no use to try again: there is no such mailbox, or it is not for
/// us. Said at any other moment they are about the server, or about us, and may change.
const FOR_GOOD: [u16; 4] = [550, 551, 553, 554];
const CANT: &str = "the server can't do what is needed: see its TLS and SMTPUTF8";

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
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    from: Mailbox,
    patience: Duration,
}

/// When a connection is encrypted.
enum Security {
    Never,
    /// Before anything but greetings is said, or the mail is not sent.
    Upgraded(TlsParameters),
    FromTheFirstByte(TlsParameters),
}

impl SmtpMailer {
    /// The server at this address; mails come from `from`.
    pub fn new(address: &SmtpAddress, from: &MailFrom) -> Result<Self, String> {
        let tls = || TlsParameters::new(address.host.clone()).map_err(|error| format!("TLS can't be used: {error}"));
        let security = match address.encryption {
            Encryption::None => Security::Never,
            Encryption::StartTls => Security::Upgraded(tls()?),
            Encryption::Tls => Security::FromTheFirstByte(tls()?),
        };
        let credentials = address.credentials.as_ref();
        Ok(Self {
            host: address.host.clone(),
            port: address.port,
            security,
            credentials: credentials.map(|(user, password)| Credentials::new(user.clone(), password.to_string())),
            from: mailbox(Some(from.name.as_str()), from.address.as_str())?,
            patience: PATIENCE,
        })
    }

    /// With less patience than people have; for tests.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(super) async fn send(&self, waiting: &Waiting) -> Result<(), SendFailure> {
        let message = self.message(waiting).map_err(SendFailure::Never)?;
        match tokio::time::timeout(self.patience, self.hand_over(&message)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendFailure::Later("no answer in time".to_owned())),
        }
    }

    /// Says all of it to the server, step by step: whose refusal counts for good depends on what it refuses.
    async fn hand_over(&self, message: &Message) -> Result<(), SendFailure> {
        let (envelope, bytes) = (message.envelope(), message.formatted());
        let mut server = self.connect().await.map_err(|error| for_now(&error))?;
        let mut parameters = Vec::new();
        let mut need = |needed: bool, extension, parameter| {
            let has = server.server_info().supports_feature(extension);
            parameters.extend(needed.then_some(parameter));
            if needed && !has { Err(SendFailure::Later(CANT.to_owned())) } else { Ok(()) }
        };
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        let beyond_ascii = !envelope.to().iter().chain(envelope.from()).all(is_ascii);
        need(beyond_ascii, Extension::SmtpUtfEight, MailParameter::SmtpUtfEight)?;
        let eight_bits = MailParameter::Body(MailBodyParameter::EightBitMime);
        need(!bytes.is_ascii(), Extension::EightBitMime, eight_bits)?;
        let begin = Mail::new(envelope.from().cloned(), parameters);
        server.command(begin).await.map_err(|error| for_now(&error))?;
        for to in envelope.to() {
            server.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|error| failure(&error))?;
        }
        server.command(Data).await.map_err(|error| failure(&error))?;
        server.message(&bytes).await.map_err(|error| failure(&error))?;
        server.abort().await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let (place, name) = ((self.host.as_str(), self.port), ClientId::default());
        let from_the_first_byte = match &self.security {
            Security::FromTheFirstByte(tls) => Some(tls.clone()),
            Security::Never | Security::Upgraded(_) => None,
        };
        let patience = Some(PATIENCE / 3);
        let mut server = AsyncSmtpConnection::connect_tokio1(place, patience, &name, from_the_first_byte, None).await?;
        if let Security::Upgraded(tls) = &self.security {
            server.starttls(tls.clone(), &name).await?;
        }
        if let Some(credentials) = &self.credentials {
            server.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(server)
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

/// What the server said of this very mail.
fn failure(error: &Error) -> SendFailure {
    match error.status().map(u16::from) {
        Some(code) if FOR_GOOD.contains(&code) => SendFailure::Never(format!("refused with {code}")),
        _ => for_now(error),
    }
}

fn for_now(error: &Error) -> SendFailure {
    SendFailure::Later(match error.status().map(u16::from) {
        Some(code) => format!("refused with {code}"),
        // Such as an address that the server's protocol has no form for.
        None if error.is_client() => CANT.to_owned(),
        None if error.is_tls() => "TLS failed: see the server's certificate".to_owned(),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => "no connection, or it was lost".to_owned(),
    })
}
