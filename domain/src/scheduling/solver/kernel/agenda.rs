//! Places of the topological order that wait to be looked at, as a set of bits: taken in ascending or descending order,
//! while looking at one place puts later ones on the list.

#[derive(Debug, Clone, Default)]
pub(super) struct Agenda {
    words: Vec<u64>,
    waiting: usize,
}

impl Agenda {
    pub(super) fn new(places: usize) -> Self {
        Self { words: vec![0; places / 64 + 1], waiting: 0 }
    }

    #[inline]
    pub(super) fn add(&mut self, place: u32) {
        let word = &mut self.words[place as usize >> 6];
        let bit = 1_u64 << (place & 63);
        self.waiting += usize::from(*word & bit == 0);
        *word |= bit;
    }

    /// Takes the lowest place; `word` is where the search stands, no lower place waits.
    #[inline]
    pub(super) fn take_lowest(&mut self, word: &mut usize) -> Option<usize> {
        if self.waiting == 0 {
            return None;
        }
        while self.words[*word] == 0 {
            *word += 1;
        }
        self.waiting -= 1;
        let bits = self.words[*word];
        self.words[*word] = bits & (bits - 1);
        Some((*word << 6) + bits.trailing_zeros() as usize)
    }

    /// Takes the highest place; `word` is where the search stands, no higher place waits.
    #[inline]
    pub(super) fn take_highest(&mut self, word: &mut usize) -> Option<usize> {
        if self.waiting == 0 {
            return None;
        }
        while self.words[*word] == 0 {
            *word -= 1;
        }
        self.waiting -= 1;
        let bit = self.words[*word].ilog2();
        self.words[*word] ^= 1 << bit;
        Some((*word << 6) + bit as usize)
    }
}
