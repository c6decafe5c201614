//! The mails that Kilter writes, and how they are set: the same words as text and as HTML.

use domain::kernel::person::EmailAddress;
use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::tenancy::company::Language;

use super::letters;
use super::words::{Line, Link};

/// All words of a letter, from the file of a language.
macro_rules! words {
    ($($language:ident)::+, $letter:ident) => {
        Words {
            subject: Line::of(&$($language)::+::subject($letter)),
            greeting: $($language)::+::GREETING,
            paragraphs: $($language)::+::paragraphs($letter),
            action: $($language)::+::action($letter),
            closing: $($language)::+::CLOSING,
        }
    };
}

/// What is written to somebody. Each has its words in each language: `letters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// To who signs up: that the address is theirs.
    VerifyAddress {
        /// The company that they sign up.
        company: Line,
        /// Confirms it; 2 hours.
        link: Link,
    },
    /// To who signs up with an address that has an account.
    AccountExists {
        /// To sign in.
        link: Link,
    },
    /// To who is to join a company.
    Invitation {
        /// Which.
        company: Line,
        /// Who wants them to.
        inviter: Line,
        /// Accepts it; 24 hours.
        link: Link,
    },
    /// To who forgot their password.
    ResetPassword {
        /// Sets a new one; 1 hour.
        link: Link,
    },
    /// After a password was changed.
    PasswordChanged {
        /// When.
        at: Timestamp,
        /// To set another one, if it was not them.
        link: Link,
    },
    /// After another way in was added, or one was taken away.
    SignInChanged {
        /// What changed.
        what: SignInChange,
        /// When.
        at: Timestamp,
        /// To set another password, if it was not them.
        link: Link,
    },
    /// After a sign-in from a device that was not seen before.
    NewSignIn {
        /// Browser and system.
        device: Line,
        /// When.
        at: Timestamp,
        /// To see the sessions.
        link: Link,
    },
    /// After somebody else ended all sessions of theirs.
    SessionsEnded {
        /// When.
        at: Timestamp,
        /// To sign in again.
        link: Link,
    },
    /// After too many attempts to guess the password.
    LockedOut {
        /// Until when it has to wait, from elsewhere than devices that are known.
        until: Timestamp,
        /// To set a new password.
        link: Link,
    },
}

impl Letter {
    /// Which it is, for the log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VerifyAddress { .. } => "verify_address",
            Self::AccountExists { .. } => "account_exists",
            Self::Invitation { .. } => "invitation",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged { .. } => "password_changed",
            Self::SignInChanged { .. } => "sign_in_changed",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::SessionsEnded { .. } => "sessions_ended",
            Self::LockedOut { .. } => "locked_out",
        }
    }

    /// How it reads in a language.
    pub fn set(&self, language: Language) -> SetLetter {
        let Words { subject, greeting, paragraphs, action, closing } = match language {
            Language::English => words!(letters::english, self),
            Language::German => words!(letters::german, self),
            Language::Estonian => words!(letters::estonian, self),
            Language::Spanish => words!(letters::spanish, self),
        };
        let link = self.link();
        let text = [greeting.to_owned()]
            .into_iter()
            .chain(paragraphs.iter().cloned())
            .chain([format!("{action}:\n{}", link.as_str()), closing.to_owned()])
            .collect::<Vec<_>>()
            .join("\n\n");
        let html_paragraphs: String =
            paragraphs.iter().map(|paragraph| format!("<p>{}</p>\n", escaped(paragraph))).collect();
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n\
             <p>{greeting}</p>\n{html_paragraphs}<p><a href=\"{}\">{action}</a></p>\n<p>{closing}</p>\n</body>\n</html>\n",
            language.tag(),
            escaped(subject.as_str()),
            escaped(link.as_str()),
        );
        SetLetter { subject, text: text + "\n", html }
    }

    const fn link(&self) -> &Link {
        match self {
            Self::VerifyAddress { link, .. }
            | Self::AccountExists { link }
            | Self::Invitation { link, .. }
            | Self::ResetPassword { link }
            | Self::PasswordChanged { link, .. }
            | Self::SignInChanged { link, .. }
            | Self::NewSignIn { link, .. }
            | Self::SessionsEnded { link, .. }
            | Self::LockedOut { link, .. } => link,
        }
    }
}

/// What changed in how somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInChange {
    /// An authenticator app was set up.
    AppAdded,
    /// The authenticator app was removed.
    AppRemoved,
    /// There are other recovery codes.
    CodesRenewed,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
}

/// A letter to somebody.
#[derive(Clone)]
pub struct Mail {
    /// To whom.
    pub to: EmailAddress,
    /// In which language.
    pub language: Language,
    /// What.
    pub letter: Letter,
    /// With whom it is forgotten, if they are known.
    pub owner: Option<(TenantId, SubjectId)>,
}

/// A letter as it goes out.
pub struct SetLetter {
    /// Its subject.
    pub subject: Line,
    /// As text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// What a letter says in a language. Greeting, action and closing are ours alone; subject and paragraphs have in them what people
/// typed.
struct Words {
    subject: Line,
    greeting: &'static str,
    paragraphs: [String; 2],
    action: &'static str,
    closing: &'static str,
}

/// An instant as it is written in mails: nobody's time zone is known.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::words::PublicUrl;
    use super::*;

    fn letters(typed: &str) -> Vec<Letter> {
        let (line, at) = (Line::of(typed), Timestamp::default());
        let link = PublicUrl::parse("https://kilter.example.com").unwrap().page("page", Some("t0ken"));
        vec![
            Letter::VerifyAddress { company: line.clone(), link: link.clone() },
            Letter::AccountExists { link: link.clone() },
            Letter::Invitation { company: line.clone(), inviter: line.clone(), link: link.clone() },
            Letter::ResetPassword { link: link.clone() },
            Letter::PasswordChanged { at, link: link.clone() },
            Letter::SignInChanged { what: SignInChange::AppAdded, at, link: link.clone() },
            Letter::NewSignIn { device: line, at, link: link.clone() },
            Letter::SessionsEnded { at, link: link.clone() },
            Letter::LockedOut { until: at, link },
        ]
    }

    #[test]
    fn every_letter_reads_differently_in_every_language_and_has_its_link_twice() {
        for letter in letters("Gears") {
            let mut subjects = Vec::new();
            for language in Language::ALL {
                let SetLetter { subject, text, html } = letter.set(language);
                assert!(!subjects.contains(&subject), "{subject}");
                assert!(text.contains("\nhttps://kilter.example.com/page#t0ken\n"), "{text}");
                assert!(html.contains("href=\"https://kilter.example.com/page#t0ken\""), "{html}");
                assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())));
                subjects.push(subject);
            }
        }
    }

    #[test]
    fn what_people_typed_is_text_in_every_letter_and_never_markup_or_a_header() {
        for typed in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "Gears\r\nBcc: all@example.com\r\n\r\n<b>",
            "{company} %s ${x}",
        ] {
            for (letter, language) in
                letters(typed).iter().flat_map(|letter| Language::ALL.map(|language| (letter, language)))
            {
                let SetLetter { subject, html, .. } = letter.set(language);
                assert!(!subject.as_str().contains(['\r', '\n']), "{subject}");
                let tags: Vec<&str> =
                    html.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap()).collect();
                for tag in tags {
                    let known = tag.trim_start_matches('/');
                    assert!(["!DOCTYPE", "html", "head", "meta", "title", "body", "p", "a"].contains(&known), "{html}");
                }
            }
        }
    }
}
