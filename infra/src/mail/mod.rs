//! Mail: what it says, in which languages, where it waits, and how it goes out.

mod letter;
mod letters;
mod outbox;
mod sender;
mod smtp;
mod words;

pub use letter::{Letter, Mail, SignInChange};
pub use outbox::{KeptMail, Outbox};
pub use sender::{GIVEN_UP_AFTER_SECONDS, LEASE_SECONDS, Round, Sender};
pub use smtp::{SendFailure, SmtpMailer};
pub use words::{Line, Link, PublicUrl};
