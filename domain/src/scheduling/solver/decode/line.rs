//! What a machine that does one thing at a time (an operation, or a batch) does in which order.

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Family, OperationIndex};

/// Taken time on a machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) start: Seconds,
    pub(super) end: Seconds,
    /// Whose it is; of a batch its first member.
    pub(super) operation: OperationIndex,
    /// The family that it needs.
    pub(super) needs: Option<Family>,
    /// Seconds of changeover that its setup has in it.
    pub(super) changeover: Seconds,
    /// What the machine is set up for after it.
    pub(super) leaves: Option<Family>,
    /// Room that is taken in a batch.
    pub(super) size: u64,
}

/// Entries by start. Only fixed ones overlap.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    entries: Vec<Entry>,
    initial: Option<Family>,
}

impl Line {
    pub(super) fn new(initial: Option<Family>) -> Self {
        Self { entries: Vec::new(), initial }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first gap (before the entry of that index) that could hold something which ends no earlier than `end`.
    pub(super) fn first_gap(&self, end: Seconds) -> usize {
        self.entries.partition_point(|entry| entry.start < end)
    }

    /// Where the gap before entry `at` begins.
    pub(super) fn gap_start(&self, at: usize) -> Seconds {
        at.checked_sub(1).map_or(-FAR, |before| self.entries[before].end)
    }

    /// Where the gap before entry `at` ends.
    pub(super) fn gap_end(&self, at: usize) -> Seconds {
        self.entries.get(at).map_or(FAR, |entry| entry.start)
    }

    /// What the machine is set up for in the gap before entry `at`.
    pub(super) fn family(&self, at: usize) -> Option<Family> {
        at.checked_sub(1).map_or(self.initial, |before| self.entries[before].leaves)
    }

    /// The first entry from `at` on that needs a family, whose changeover depends on what comes before it.
    pub(super) fn next_with_family(&self, at: usize) -> Option<usize> {
        (at..self.entries.len()).find(|at| self.entries[*at].needs.is_some())
    }

    /// Whether something of that family, which takes no time at that instant, would stand beside something of another family
    /// that takes none either: which of them comes first can't be told then.
    pub(super) fn ties(&self, at: usize, instant: Seconds, family: Option<Family>) -> bool {
        let beside = at.checked_sub(1).into_iter().chain([at]).filter_map(|at| self.entries.get(at));
        { beside }.any(|it| it.start == instant && it.end == instant && it.needs.is_some() && it.needs != family)
            && family.is_some()
    }

    /// The index of an entry.
    pub(super) fn find(&self, start: Seconds, operation: OperationIndex) -> Option<usize> {
        let from = self.entries.partition_point(|entry| entry.start < start);
        (from..self.entries.len()).find(|at| self.entries[*at].operation == operation)
    }

    /// When the last entry ends.
    pub(super) fn tail(&self) -> Seconds {
        self.gap_start(self.entries.len())
    }

    /// The index that an entry with those times would have.
    pub(super) fn place(&self, start: Seconds, end: Seconds) -> usize {
        self.entries.partition_point(|it| (it.start, it.end) <= (start, end))
    }

    /// Puts an entry in its place; `changeover` tells how long one from a family to what the entry needs is.
    pub(super) fn insert(&mut self, mut entry: Entry, changeover: impl Fn(Option<Family>) -> Seconds) {
        let at = self.place(entry.start, entry.end);
        entry.changeover = changeover(self.family(at));
        entry.leaves = entry.needs.or(self.family(at));
        // Fixed ones may overlap; what comes after waits for the last of them.
        entry.end = entry.end.max(self.gap_start(at));
        self.entries.insert(at, entry);
        self.pass_on(at + 1);
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.entries.remove(at);
        self.pass_on(at);
    }

    /// Tells entries without a family, from `at` on, what they leave.
    fn pass_on(&mut self, at: usize) {
        for at in at..self.entries.len() {
            if self.entries[at].needs.is_some() {
                break;
            }
            self.entries[at].leaves = self.family(at);
        }
    }

    pub(super) fn grow(&mut self, at: usize, size: i64) {
        let entry = &mut self.entries[at];
        entry.size = entry.size.saturating_add_signed(size);
    }
}
