//! Recovery codes: for who has lost their authenticator app. Each is good once.

use infra::random::random_bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many there are in a set.
pub(super) const RECOVERY_CODES: u8 = 10;
/// How many signs a code has; with 32 to choose from it has 50 bits, which nobody guesses in the few tries that there are.
const SIGNS: usize = 10;
/// None looks like another: no 0 or O, no 1 or I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Those that are left, as they rest in the vault: what they are is nowhere.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RecoveryCodes {
    digests: Vec<[u8; 32]>,
}

impl RecoveryCodes {
    /// A new set, and its codes, which are shown once.
    pub(super) fn make() -> (Self, Vec<String>) {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
        let digests = codes.iter().map(|code| digest(code)).collect();
        (Self { digests }, codes)
    }

    /// After this code was used; `None` where it is none of them.
    pub(super) fn after(&self, code: &str) -> Option<Self> {
        let used = digest(code);
        let digests: Vec<[u8; 32]> = self.digests.iter().copied().filter(|digest| *digest != used).collect();
        (digests.len() < self.digests.len()).then_some(Self { digests })
    }

    /// How many are left.
    pub(super) fn left(&self) -> u8 {
        u8::try_from(self.digests.len()).unwrap_or(u8::MAX)
    }
}

fn code() -> String {
    // 32 divides 256: each sign is as likely.
    let signs = random_bytes::<SIGNS>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let (first, second) = signs.split_at(SIGNS / 2);
    format!("{}-{}", first.iter().collect::<String>(), second.iter().collect::<String>())
}

/// Of the signs alone, however they were typed.
fn digest(code: &str) -> [u8; 32] {
    let signs: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(signs.to_ascii_uppercase()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_however_it_is_typed() {
        let (set, codes) = RecoveryCodes::make();
        assert_eq!(set.left(), 10);
        let used = set.after(&codes[3].to_lowercase().replace('-', " ")).unwrap();
        assert_eq!(used.left(), 9);
        assert!(used.after(&codes[3]).is_none());
        assert!(used.after(&codes[4]).is_some());
    }

    #[test]
    fn codes_differ_and_none_of_their_signs_looks_like_another() {
        let (_, codes) = RecoveryCodes::make();
        let distinct: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(distinct.len(), 10);
        for code in &codes {
            let (first, second) = code.split_once('-').unwrap();
            assert_eq!((first.len(), second.len()), (5, 5), "{code}");
            assert!(code.bytes().all(|sign| sign == b'-' || ALPHABET.contains(&sign)), "{code}");
        }
    }

    #[test]
    fn a_new_set_knows_none_of_the_old_codes_and_nothing_is_no_code() {
        let (_, old) = RecoveryCodes::make();
        let (set, _) = RecoveryCodes::make();
        for code in old.iter().map(String::as_str).chain(["", "-", "AAAAA-AAAAA"]) {
            assert!(set.after(code).is_none(), "{code}");
        }
    }
}
