//! Where mails go out, from whom, and where their links lead.

use std::fmt;
use std::net::IpAddr;

use domain::kernel::person::EmailAddress;
use url::Url;
use zeroize::Zeroizing;

use crate::mail::{Line, PublicUrl};

/// What is set of mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailSettings {
    /// The server that takes mails; `None` keeps them in the outbox.
    pub smtp: Option<SmtpAddress>,
    /// From whom they are.
    pub from: Option<MailFrom>,
    /// Where links lead; `None` means where the API listens.
    pub public_url: Option<PublicUrl>,
}

/// A mail server without a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "mail_smtp is set and mail_from is not: say from which address mails come, such as mail_from = \"Kilter <kilter@example.com>\""
)]
pub struct NoSender;

impl MailSettings {
    /// The server and the sender, where mails go out.
    pub fn server(&self) -> Result<Option<(&SmtpAddress, &MailFrom)>, NoSender> {
        match (&self.smtp, &self.from) {
            (None, _) => Ok(None),
            (Some(smtp), Some(from)) => Ok(Some((smtp, from))),
            (Some(_), None) => Err(NoSender),
        }
    }

    /// Says what the server is, as a setting says it.
    pub(super) fn set_smtp(&mut self, text: &str) -> Result<(), String> {
        self.smtp = if text.is_empty() { None } else { Some(SmtpAddress::parse(text)?) };
        Ok(())
    }

    /// Says who the sender is, as a setting says it.
    pub(super) fn set_from(&mut self, text: &str) -> Result<(), String> {
        self.from = if text.is_empty() { None } else { Some(MailFrom::parse(text)?) };
        Ok(())
    }

    /// Says where links lead, as a setting says it.
    pub(super) fn set_public_url(&mut self, text: &str) -> Result<(), String> {
        let url = (!text.is_empty()).then(|| PublicUrl::parse(text));
        if url == Some(None) {
            return Err("an http or https URL without ? and # is needed".to_owned());
        }
        self.public_url = url.flatten();
        Ok(())
    }
}

/// How the way to a mail server is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    None,
    /// From the first command on; a server that can't is sent nothing.
    StartTls,
    /// From the first byte on.
    Tls,
}

/// A mail server. `Debug` shows neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpAddress {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub encryption: Encryption,
    /// User and password.
    pub credentials: Option<(String, Zeroizing<String>)>,
}

impl fmt::Debug for SmtpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {:?}", self.host, self.port, self.encryption)
    }
}

const FORM: &str =
    "smtp://user:password@host:port or smtps://… is needed; @ and : in user or password are written %40 and %3A";

impl SmtpAddress {
    /// What is wrong is told without the text: it may hold a password.
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok().filter(|_| text.matches('@').count() <= 1).ok_or(FORM)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_near = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(FORM.to_owned());
        }
        let encryption = match (url.scheme(), url.query()) {
            ("smtps", None) => Encryption::Tls,
            ("smtp", None) if is_near => Encryption::None,
            ("smtp", None | Some("tls=required")) => Encryption::StartTls,
            ("smtp", Some("tls=none")) => Encryption::None,
            ("smtp" | "smtps", Some(_)) => {
                return Err("after the ? only tls=required or tls=none may stand, with smtp://".to_owned());
            }
            _ => return Err(FORM.to_owned()),
        };
        let port = match encryption {
            Encryption::None => 25,
            Encryption::StartTls => 587,
            Encryption::Tls => 465,
        };
        let credentials = credentials(&url)?;
        if credentials.is_some() && encryption == Encryption::None && !is_near {
            return Err(
                "a password may not go over the network in the clear: leave tls=none out, or use smtps://".to_owned()
            );
        }
        Ok(Self { host, port: url.port().unwrap_or(port), encryption, credentials })
    }
}

fn credentials(url: &Url) -> Result<Option<(String, Zeroizing<String>)>, String> {
    let decoded = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
        decoded.map(std::borrow::Cow::into_owned).map_err(|_| FORM.to_owned())
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some((decoded(user)?, Zeroizing::new(decoded(password)?)))),
        _ => Err("user and password are needed, or neither".to_owned()),
    }
}

/// From whom mails are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom {
    /// What they are called.
    pub name: Line,
    /// Their address.
    pub address: EmailAddress,
}

impl MailFrom {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, address)) => (name.trim(), address),
            None => ("Kilter", text),
        };
        let address = EmailAddress::try_new(address).map_err(|error| error.to_string())?;
        Ok(Self { name: Line::of(name), address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(text: &str) -> Result<SmtpAddress, String> {
        SmtpAddress::parse(text)
    }

    #[test]
    fn beyond_this_machine_mail_goes_encrypted_unless_said_otherwise() {
        for (text, port, encryption) in [
            ("smtp://localhost", 25, Encryption::None),
            ("smtp://127.0.0.1:2525", 2525, Encryption::None),
            ("smtp://[::1]", 25, Encryption::None),
            ("smtp://localhost?tls=required", 587, Encryption::StartTls),
            ("smtp://mail.example.com", 587, Encryption::StartTls),
            ("smtp://mail.example.com:25?tls=none", 25, Encryption::None),
            ("smtps://mail.example.com", 465, Encryption::Tls),
            ("smtps://localhost/", 465, Encryption::Tls),
        ] {
            let address = smtp(text).unwrap();
            assert_eq!((address.port, address.encryption), (port, encryption), "{text}");
        }
    }

    #[test]
    fn a_password_of_the_mail_server_is_never_shown_and_never_sent_in_the_clear() {
        let address = smtp("smtps://kilter%40example.com:s%3Acret@mail.example.com").unwrap();
        let (user, password) = address.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("kilter@example.com", "s:cret"));
        assert!(!format!("{address:?}").contains("cret") && !format!("{address:?}").contains("kilter"));
        for bad in [
            "",
            "mail.example.com",
            "http://kilter:secret@mail.example.com",
            "smtp://kilter:secret@mail.example.com?tls=none",
            "smtp://kilter:sec@ret@mail.example.com",
            "smtp://kilter@mail.example.com",
            "smtp://:secret@mail.example.com",
            "smtp://kilter:secret@mail.example.com?tls=maybe",
            "smtps://kilter:secret@mail.example.com?tls=none",
            "smtp://kilter:secret@mail.example.com/path",
            "smtp://kilter:secret@mail.example.com:port",
            "smtp://kilter:%ff@mail.example.com",
        ] {
            let told = smtp(bad).unwrap_err();
            assert!(!told.contains("secret") && !told.contains("ret@") && !told.contains('\n'), "{bad}: {told}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let from = |text: &str| MailFrom::parse(text).map(|from| (from.name.to_string(), from.address.to_string()));
        assert_eq!(from("Kask Gears <k@example.com>"), Ok(("Kask Gears".to_owned(), "k@example.com".to_owned())));
        assert_eq!(from("k@example.com"), Ok(("Kilter".to_owned(), "k@example.com".to_owned())));
        for bad in ["Kask", "a <b>", "k@example.com\r\nBcc: x@example.com", "k@example.com, x@example.com"] {
            assert!(from(bad).is_err(), "{bad}");
        }
        let mut settings = MailSettings::default();
        assert_eq!(settings.server(), Ok(None));
        settings.set_smtp("smtp://localhost").unwrap();
        assert_eq!(settings.server(), Err(NoSender));
        settings.set_from("k@example.com").unwrap();
        assert!(settings.server().unwrap().is_some());
    }
}
