//! An authenticator app as this side knows it: the key that both have, and which codes were used.

use domain::kernel::Timestamp;
use infra::random::random_bytes;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, TotpError};

/// Who the app says that its codes are for.
const ISSUER: &str = "Kilter";

/// What makes the codes (RFC 6238: SHA-1, 6 digits, 30 seconds), as it rests in the vault. A code is good a step early or late.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Authenticator {
    key: [u8; 20],
    /// The step of the code that was used last: it and those before it are of no use any more.
    used: Option<u64>,
}

impl Authenticator {
    /// With a key that nobody else has.
    pub(super) fn new() -> Self {
        Self { key: random_bytes(), used: None }
    }

    /// After this code was used; `None` where it is not right, or was used before.
    pub(super) fn after(&self, code: &str, now: Timestamp) -> Option<Self> {
        let seconds = u64::try_from(now.as_seconds()).ok()?;
        let digits: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
        let step = self.codes().build_noncompliant().check(&digits, seconds)?;
        (self.used.is_none_or(|used| step > used)).then_some(Self { used: Some(step), ..self.clone() })
    }

    /// What an app reads, most often as a picture, to make the codes of this account.
    pub(super) fn address(&self, account: &str) -> Result<String, TotpError> {
        // The app splits at colons; an address has one only between quotation marks.
        let account = account.replace(':', "_");
        self.codes().with_account_name(account).with_issuer(Some(ISSUER)).build()?.to_url()
    }

    /// The key, for who types it.
    pub(super) fn key_text(&self) -> String {
        Secret::new_stack(self.key).to_base32()
    }

    fn codes(&self) -> Builder {
        Builder::new().with_secret(Secret::new_stack(self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238, appendix B.
    fn app() -> Authenticator {
        Authenticator { key: *b"12345678901234567890", used: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn code(seconds: u64) -> String {
        app().codes().build_noncompliant().generate(seconds).to_string()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert!(app().after(code, at(seconds)).is_some(), "{code} at {seconds}");
            assert!(app().after(&format!("{} {}", &code[..3], &code[3..]), at(seconds)).is_some());
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_or_late_and_no_more() {
        let code = code(900);
        for (seconds, is_good) in [(839, false), (870, true), (899, true), (900, true), (959, true), (960, false)] {
            assert_eq!(app().after(&code, at(seconds)).is_some(), is_good, "at {seconds}");
        }
    }

    #[test]
    fn a_code_is_used_once_and_those_before_it_not_at_all_any_more() {
        let used = app().after(&code(900), at(900)).unwrap();
        assert!(used.after(&code(900), at(900)).is_none(), "the same");
        assert!(used.after(&code(870), at(900)).is_none(), "the one before");
        let next = used.after(&code(930), at(930)).unwrap();
        assert!(next.after(&code(900), at(930)).is_none());
    }

    #[test]
    fn what_is_no_code_is_not_right() {
        for text in ["", "0", "28708", "2870822", "28708a", "２８７０８２", "-87082", "+87082", &"2".repeat(10_000)]
        {
            assert!(app().after(text, at(59)).is_none(), "{text}");
        }
    }

    #[test]
    fn an_app_reads_key_account_and_issuer() {
        let address = app().address("anna@example.com").unwrap();
        assert_eq!(
            address,
            "otpauth://totp/Kilter:anna%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kilter"
        );
        assert!(app().address("\"a:b\"@example.com").is_ok());
        assert!(address.contains(&app().key_text()));
    }
}
