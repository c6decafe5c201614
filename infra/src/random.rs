//! Chance, from the operating system.

/// Bytes that nobody can guess.
///
/// # Panics
/// When the operating system has no randomness to give.
#[expect(clippy::expect_used, reason = "without randomness nothing may be named, signed or sealed: stop at once")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
