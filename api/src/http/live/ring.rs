//! The last messages of a group, bounded by number and bytes. It forgets rather than waits.

use std::collections::VecDeque;

use domain::ports::Position;

use super::Item;

/// Recent items in order, each with its place in the sequence of all that there ever were.
pub(super) struct Ring {
    items: VecDeque<(Position, Item)>,
    /// Place of the first item that is still here.
    first: u64,
    /// Everything after this position is here.
    since: Position,
    bytes: usize,
    max_items: usize,
    max_bytes: usize,
}

/// What a reader finds at its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This.
    Item(Position, Item),
    /// Nothing yet.
    NotYet,
    /// It has been forgotten.
    Gone,
}

impl Ring {
    /// Empty; to be filled with everything after `since`.
    pub(super) fn new(since: Position, max_items: usize, max_bytes: usize) -> Self {
        Self { items: VecDeque::new(), first: 0, since, bytes: 0, max_items, max_bytes }
    }

    /// Adds what comes next, forgetting the oldest where there is no room; gives back its size in bytes.
    pub(super) fn push(&mut self, position: Position, item: Item) -> usize {
        let pushed = size(&item);
        self.bytes += pushed;
        self.items.push_back((position, item));
        while self.items.len() > self.max_items || (self.bytes > self.max_bytes && self.items.len() > 1) {
            let Some((forgotten, item)) = self.items.pop_front() else { break };
            self.bytes -= size(&item);
            self.first += 1;
            self.since = forgotten;
        }
        pushed
    }

    /// The place of the first item after `sent`, and where the one before it stands; `None` when it, or one before it, has
    /// been forgotten.
    pub(super) fn place_after(&self, sent: Position) -> Option<(u64, Position)> {
        if sent < self.since {
            return None;
        }
        let skipped = self.items.partition_point(|(position, _)| *position <= sent);
        let last = skipped.checked_sub(1).and_then(|last| self.items.get(last)).map(|(position, _)| *position);
        Some((self.first + skipped as u64, last.unwrap_or(self.since)))
    }

    pub(super) fn at(&self, place: u64) -> Found {
        let Some(index) = place.checked_sub(self.first) else { return Found::Gone };
        match usize::try_from(index).ok().and_then(|index| self.items.get(index)) {
            Some((position, item)) => Found::Item(*position, item.clone()),
            None => Found::NotYet,
        }
    }
}

fn size(item: &Item) -> usize {
    match item {
        Item::Next { body, .. } | Item::Refused(body) => body.len(),
        Item::Slow { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str, position: u64) -> Item {
        Item::Next { body: text.into(), position: Some(Position(position)) }
    }

    fn filled(max_items: usize, max_bytes: usize) -> Ring {
        let mut ring = Ring::new(Position(10), max_items, max_bytes);
        for position in [12, 15, 19] {
            ring.push(Position(position), item("12345", position));
        }
        ring
    }

    #[test]
    fn a_reader_joins_where_it_stopped() {
        let ring = filled(8, 1000);
        for (sent, place, before) in [(10, 0, 10), (11, 0, 10), (12, 1, 12), (18, 2, 15), (30, 3, 19)] {
            assert_eq!(ring.place_after(Position(sent)), Some((place, Position(before))), "sent {sent}");
        }
        assert_eq!(ring.place_after(Position(9)), None);
        assert_eq!(ring.at(1), Found::Item(Position(15), item("12345", 15)));
        assert_eq!(ring.at(3), Found::NotYet);
    }

    #[test]
    fn what_is_forgotten_is_known_to_be_gone() {
        for ring in [filled(2, 1000), filled(8, 10)] {
            assert_eq!(ring.at(0), Found::Gone);
            assert_eq!(ring.place_after(Position(11)), None);
            assert_eq!(ring.place_after(Position(12)), Some((1, Position(12))));
        }
    }

    #[test]
    fn an_item_larger_than_the_ring_is_still_sent() {
        let mut ring = Ring::new(Position(0), 8, 3);
        ring.push(Position(1), item("12345", 1));
        assert_eq!(ring.at(0), Found::Item(Position(1), item("12345", 1)));
    }
}
