//! How long the suites run, and the dice that they throw.

/// So many rounds in continuous integration, so many where `KILTER_FAULTS=long` is set.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is no setting of Kilter's")]
pub fn rounds(short: usize, long: usize) -> usize {
    if std::env::var("KILTER_FAULTS").is_ok_and(|value| value == "long") { long } else { short }
}

/// `SplitMix64`: the same seed gives the same numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, not including, `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.number() % (high - low)
    }
}
