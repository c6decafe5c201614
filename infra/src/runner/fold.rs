//! One projection's rows in memory while batches go through them.
//!
//! The happy way moves each row through `evolve` without a copy. When something in a batch fails, the batch's rows are
//! forgotten and the batch is folded again with a copy of each row kept, so that the failing event leaves no trace.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::kernel::TenantId;
use domain::ports::{Position, Recorded};
use projections::projection::{ColumnKind, IndexColumn, Projection, Value};
use rusqlite::Connection;

use super::seen::Seen;
use crate::views::{Put, Table};

/// Rows of one projection that are kept decoded from batch to batch; twice as many at most.
const KEPT: usize = 4_000;

/// Why an event was not folded.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The event and the projection do not go together: its stream is parked.
    Poison(String),
    /// The view store fails: nothing is known of the event.
    Views(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Views(error)
    }
}

/// How to fold an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Fast; after a failure the batch must be abandoned.
    Swift,
    /// Slow; after a failure the rows are as before the event.
    Careful,
}

/// A projection without its row type.
pub(crate) trait Fold: Send {
    /// Folds the event into the rows that it touches, which are loaded from `table` where they are not known.
    fn fold(&mut self, event: &Recorded, from: &Rows<'_>, care: Care) -> Result<(), Failure>;

    /// Makes ready to be written what changed since the last [`Fold::settle`].
    fn render(&mut self) -> Result<(), String>;

    /// Writes what was made ready.
    fn write(&mut self, to: &Rows<'_>) -> rusqlite::Result<()>;

    /// What was written is committed.
    fn settle(&mut self);

    /// What was folded since the last [`Fold::settle`] never happened.
    fn abandon(&mut self);
}

/// Where rows rest.
pub(crate) struct Rows<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) table: &'a Table,
}

/// The fold of `P`.
pub(crate) struct Folding<P: Projection> {
    rows: RowMap<P::Row>,
    /// Rows of earlier batches that go unless they are touched again.
    fading: RowMap<P::Row>,
    changed: Vec<Arc<RowKey>>,
    /// Rows that the table may hold; `None` when it was not filled by this fold alone.
    seen: Option<Seen>,
    /// What the changed rows look like in the table, in the same order.
    rendered: Vec<Rendered>,
}

type RowKey = (TenantId, String);
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

/// A row as it is written.
struct Rendered {
    position: Position,
    /// Whether the table holds a row under this key.
    stored: bool,
    /// Index columns and document; `None` where there is no row any more.
    row: Option<(Vec<Value>, String)>,
}

impl<P: Projection> Folding<P> {
    /// Over a table that is empty (`anew`), or over one that may hold anything.
    pub(crate) fn new(anew: bool) -> Self {
        let seen = anew.then(Seen::new);
        let (rows, fading) = (RowMap::default(), RowMap::default());
        Self { rows, fading, changed: Vec::new(), seen, rendered: Vec::new() }
    }

    /// Brings a row in, from the table where it is not known.
    fn know(&mut self, key: &RowKey, from: &Rows<'_>) -> Result<(), Failure> {
        if self.rows.contains_key(key) {
            return Ok(());
        }
        let (key, slot) = match self.fading.remove_entry(key) {
            Some(known) => known,
            None if self.seen.as_ref().is_some_and(|seen| !seen.may_have(key)) => {
                (Arc::new(key.clone()), Slot::absent())
            }
            None => (Arc::new(key.clone()), load::<P>(key, from)?),
        };
        self.rows.insert(key, slot);
        Ok(())
    }

    /// Folds the event into one row, which is known.
    fn touch(&mut self, key: &RowKey, event: &Recorded, care: Care) -> Result<(), Failure> {
        let Some((shared, _)) = self.rows.get_key_value(key) else { return Ok(()) };
        let shared = Arc::clone(shared);
        let Some(slot) = self.rows.get_mut(key) else { return Ok(()) };
        slot.row = evolve::<P>(slot.row.take(), &key.1, event, care).map_err(Failure::Poison)?;
        slot.position = slot.position.max(event.envelope.position);
        if !slot.changed {
            slot.changed = true;
            self.changed.push(shared);
        }
        Ok(())
    }

    /// The same, leaving all rows as they were after a failure.
    fn touch_all_or_none(&mut self, keys: &[RowKey], event: &Recorded) -> Result<(), Failure> {
        let copy = |key| self.rows.get(key).map(|slot| (slot.row.clone(), slot.position));
        let before: Vec<_> = keys.iter().map(copy).collect();
        let touched = keys.iter().try_for_each(|key| self.touch(key, event, Care::Careful));
        if touched.is_err() {
            for (key, before) in keys.iter().zip(before).rev() {
                if let (Some(slot), Some((row, position))) = (self.rows.get_mut(key), before) {
                    (slot.row, slot.position) = (row, position);
                }
            }
        }
        touched
    }
}

impl<P: Projection> Fold for Folding<P> {
    fn fold(&mut self, event: &Recorded, from: &Rows<'_>, care: Care) -> Result<(), Failure> {
        let tenant = event.envelope.tenant;
        let keys = guarded(|| P::keys(event)).map_err(Failure::Poison)?;
        let keys: Vec<RowKey> = keys.into_iter().map(|key| (tenant, key)).collect();
        keys.iter().try_for_each(|key| self.know(key, from))?;
        match care {
            Care::Swift => keys.iter().try_for_each(|key| self.touch(key, event, care)),
            Care::Careful => self.touch_all_or_none(&keys, event),
        }
    }

    fn render(&mut self) -> Result<(), String> {
        // Neighbours in the tree are written one after the other.
        self.changed.sort_unstable();
        self.rendered.clear();
        for key in &self.changed {
            let Some(Slot { row, position, stored, .. }) = self.rows.get(key) else { continue };
            let row = row.as_ref().map(rendered::<P>).transpose()?;
            self.rendered.push(Rendered { position: *position, stored: *stored, row });
        }
        Ok(())
    }

    fn write(&mut self, to: &Rows<'_>) -> rusqlite::Result<()> {
        let mut writing = to.table.writing(to.connection)?;
        for (row_key, rendered) in self.changed.iter().zip(&self.rendered) {
            let (tenant, key) = &**row_key;
            match &rendered.row {
                Some((index, document)) => {
                    let put = Put { tenant: *tenant, key, position: rendered.position, index, document };
                    writing.put(&put, rendered.stored)?;
                }
                None if rendered.stored => writing.delete(*tenant, key)?,
                None => {}
            }
        }
        Ok(())
    }

    fn settle(&mut self) {
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
        for key in self.changed.drain(..) {
            self.rows.remove(&key);
        }
        // A row that was taken out of its slot by a failed fold.
        self.rows.retain(|_, slot| slot.row.is_some() || !slot.stored);
    }
}

fn load<P: Projection>((tenant, key): &RowKey, from: &Rows<'_>) -> Result<Slot<P::Row>, Failure> {
    let loaded = from.table.load(from.connection, *tenant, key, |position, document| {
        serde_json::from_slice::<P::Row>(document).map(|row| (row, position))
    })?;
    match loaded {
        None => Ok(Slot::absent()),
        Some(Ok((row, position))) => Ok(Slot { row: Some(row), position, stored: true, changed: false }),
        Some(Err(error)) => Err(Failure::Poison(format!("the stored row {key} can't be read: {error}"))),
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
