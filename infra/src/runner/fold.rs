//! One projection's rows in memory while batches go through them.
//!
//! The happy way moves each row through `evolve` without a copy. When something in a batch fails, the batch's rows are
//! forgotten and the batch is folded again with a copy of each row kept, so that the failing event leaves no trace.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::ports::{Position, Recorded};
use projections::projection::{ColumnKind, IndexColumn, Projection, Value};

use super::seen::Seen;
use crate::views::{Change, Resting, RowKey, RowStoreError, Shelf, TableId};

/// Rows of one projection that are kept decoded from batch to batch; twice as many at most.
const KEPT: usize = 4_000;

/// Why an event was not folded.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The event and the projection do not go together: its stream is parked.
    Poison(String),
    /// The view store fails: nothing is known of the event.
    Views(RowStoreError),
}

/// How to fold events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Fast; after a failure the batch must be abandoned.
    Swift,
    /// Slow; after a failure the rows are as before the event that failed.
    Careful,
}

/// A projection without its row type.
pub(crate) trait Fold: Send {
    /// Folds the events into the rows that they touch. Those that are not known are loaded first, all in one question.
    fn fold(&mut self, events: &[&Recorded], from: &Rows<'_>, care: Care) -> Result<(), Failure>;

    /// Makes ready to be written what changed since the last [`Fold::settle`].
    fn render(&mut self) -> Result<(), String>;

    /// What was made ready.
    fn changes(&self) -> &[Change];

    /// What was made ready is committed.
    fn settle(&mut self);

    /// What was folded since the last [`Fold::settle`] never happened.
    fn abandon(&mut self);
}

/// Where rows rest.
pub(crate) struct Rows<'a> {
    pub(crate) store: &'a dyn Shelf,
    pub(crate) table: &'a TableId,
}

/// The fold of `P`.
pub(crate) struct Folding<P: Projection> {
    rows: RowMap<P::Row>,
    /// Rows of earlier batches that go unless they are touched again.
    fading: RowMap<P::Row>,
    changed: Vec<Arc<RowKey>>,
    /// Rows that the table may hold; `None` when it was not filled by this fold alone.
    seen: Option<Seen>,
    /// What becomes of the changed rows, in the same order.
    changes: Vec<Change>,
}

/// Keys are shared with the list of what changed: a text for every touch of a row is what a fold spends most on.
type RowMap<R> = HashMap<Arc<RowKey>, Slot<R>, foldhash::fast::RandomState>;

struct Slot<R> {
    row: Option<R>,
    position: Position,
    stored: bool,
    changed: bool,
}

impl<R> Slot<R> {
    const fn absent() -> Self {
        Self { row: None, position: Position(0), stored: false, changed: false }
    }
}

/// That an event touches a row: the event's place among those in hand, and the key.
type Touch = (usize, Arc<RowKey>);

impl<P: Projection> Folding<P> {
    /// Over a table that is empty (`anew`), or over one that may hold anything.
    pub(crate) fn new(anew: bool) -> Self {
        let seen = anew.then(Seen::new);
        let (rows, fading) = (RowMap::default(), RowMap::default());
        Self { rows, fading, changed: Vec::new(), seen, changes: Vec::new() }
    }

    /// Brings in every row that the events touch, from the table where it is not known; none, when something fails.
    fn know(&mut self, events: &[&Recorded], from: &Rows<'_>) -> Result<Vec<Touch>, Failure> {
        let mut missing = Vec::new();
        let known = self.touches(events, &mut missing).and_then(|touches| {
            self.load(&missing, from)?;
            Ok(touches)
        });
        if known.is_err() {
            for key in missing {
                self.rows.remove(&key);
            }
        }
        known
    }

    /// Which event touches which rows. Rows that only the table knows are `missing`, and taken for absent so far.
    fn touches(&mut self, events: &[&Recorded], missing: &mut Vec<Arc<RowKey>>) -> Result<Vec<Touch>, Failure> {
        let mut touches = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let keys = guarded(|| P::keys(event)).map_err(Failure::Poison)?;
            touches.extend(keys.into_iter().map(|key| (at, self.meet((event.envelope.tenant, key), missing))));
        }
        Ok(touches)
    }

    fn meet(&mut self, key: RowKey, missing: &mut Vec<Arc<RowKey>>) -> Arc<RowKey> {
        if let Some((known, _)) = self.rows.get_key_value(&key) {
            return Arc::clone(known);
        }
        if let Some((known, slot)) = self.fading.remove_entry(&key) {
            self.rows.insert(Arc::clone(&known), slot);
            return known;
        }
        let key = Arc::new(key);
        if self.seen.as_ref().is_none_or(|seen| seen.may_have(&*key)) {
            missing.push(Arc::clone(&key));
        }
        self.rows.insert(Arc::clone(&key), Slot::absent());
        key
    }

    fn load(&mut self, missing: &[Arc<RowKey>], from: &Rows<'_>) -> Result<(), Failure> {
        if missing.is_empty() {
            return Ok(());
        }
        for Resting { key, position, document } in from.store.load(from.table, missing).map_err(Failure::Views)? {
            let Some(slot) = self.rows.get_mut(&key) else { continue };
            let row = serde_json::from_slice::<P::Row>(&document);
            let row =
                row.map_err(|error| Failure::Poison(format!("the stored row {} can't be read: {error}", key.1)))?;
            *slot = Slot { row: Some(row), position, stored: true, changed: false };
        }
        Ok(())
    }

    /// Folds the event into one row, which is known.
    fn touch(&mut self, key: &Arc<RowKey>, event: &Recorded, care: Care) -> Result<(), Failure> {
        let Some(slot) = self.rows.get_mut(key) else { return Ok(()) };
        slot.row = evolve::<P>(slot.row.take(), &key.1, event, care).map_err(Failure::Poison)?;
        slot.position = slot.position.max(event.envelope.position);
        if !slot.changed {
            slot.changed = true;
            self.changed.push(Arc::clone(key));
        }
        Ok(())
    }

    /// The touches of one event; after a failure all rows are as they were.
    fn touch_all_or_none(&mut self, touches: &[Touch], event: &Recorded) -> Result<(), Failure> {
        let copy = |(_, key): &Touch| self.rows.get(key).map(|slot| (slot.row.clone(), slot.position));
        let before: Vec<_> = touches.iter().map(copy).collect();
        let touched = touches.iter().try_for_each(|(_, key)| self.touch(key, event, Care::Careful));
        if touched.is_err() {
            for ((_, key), before) in touches.iter().zip(before).rev() {
                if let (Some(slot), Some((row, position))) = (self.rows.get_mut(key), before) {
                    (slot.row, slot.position) = (row, position);
                }
            }
        }
        touched
    }
}

impl<P: Projection> Fold for Folding<P> {
    fn fold(&mut self, events: &[&Recorded], from: &Rows<'_>, care: Care) -> Result<(), Failure> {
        let touches = self.know(events, from)?;
        match care {
            Care::Swift => touches.iter().try_for_each(|(at, key)| self.touch(key, events[*at], care)),
            Care::Careful => touches
                .chunk_by(|(one, _), (other, _)| one == other)
                .try_for_each(|touches| self.touch_all_or_none(touches, events[touches[0].0])),
        }
    }

    fn render(&mut self) -> Result<(), String> {
        // Neighbours in the tree are written one after the other.
        self.changed.sort_unstable();
        self.changes.clear();
        for key in &self.changed {
            let Some(Slot { row, position, stored, .. }) = self.rows.get(key) else { continue };
            let row = row.as_ref().map(rendered::<P>).transpose()?;
            self.changes.push(Change { key: Arc::clone(key), position: *position, stored: *stored, row });
        }
        Ok(())
    }

    fn changes(&self) -> &[Change] {
        &self.changes
    }

    fn settle(&mut self) {
        self.changes.clear();
        for key in self.changed.drain(..) {
            if let Some(slot) = self.rows.get_mut(&key) {
                slot.changed = false;
                slot.stored = slot.row.is_some();
                if slot.stored
                    && let Some(seen) = &mut self.seen
                {
                    seen.add(&*key);
                }
            }
        }
        if self.rows.len() > KEPT {
            self.fading = std::mem::take(&mut self.rows);
        }
    }

    fn abandon(&mut self) {
        self.changes.clear();
        for key in self.changed.drain(..) {
            self.rows.remove(&key);
        }
        // A row that was taken out of its slot by a failed fold.
        self.rows.retain(|_, slot| slot.row.is_some() || !slot.stored);
    }
}

fn evolve<P: Projection>(
    row: Option<P::Row>,
    key: &str,
    event: &Recorded,
    care: Care,
) -> Result<Option<P::Row>, String> {
    if let Some(why) = guarded(|| P::impossible(row.as_ref(), key, event))? {
        return Err(why.to_owned());
    }
    let row = guarded(|| P::evolve(row, key, event))?;
    if care == Care::Careful
        && let Some(row) = &row
    {
        rendered::<P>(row)?;
    }
    Ok(row)
}

/// The most bytes that a text of an index column may have: PostgreSQL takes few more, and refuses the whole batch.
const LONGEST_INDEXED: usize = 2_500;

/// Index columns and document of a row.
fn rendered<P: Projection>(row: &P::Row) -> Result<(Vec<Value>, String), String> {
    let index = guarded(|| P::index(row))?;
    let fits = |(column, value): (&IndexColumn, &Value)| {
        matches!(
            (column.kind, value),
            (_, Value::Null) | (ColumnKind::Integer, Value::Integer(_)) | (ColumnKind::Text, Value::Text(_))
        )
    };
    if index.len() != P::INDEXES.len() || !P::INDEXES.iter().zip(&index).all(fits) {
        return Err(format!("the index columns of {} are not as declared", P::NAME));
    }
    let long = |value: &Value| matches!(value, Value::Text(text) if text.len() > LONGEST_INDEXED);
    if index.iter().any(long) {
        return Err(format!("a text of more than {LONGEST_INDEXED} bytes is in an index column of {}", P::NAME));
    }
    let document = serde_json::to_string(row).map_err(|error| format!("a row can't be written: {error}"))?;
    Ok((index, document))
}

/// Runs code of a projection; a panic in it is an answer, not the end.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        format!("panicked: {}", words.unwrap_or_default())
    })
}
