//! One projection's rows in memory while batches go through them.
//!
//! The happy way moves each row through `evolve` without a copy. When something in a batch fails, the batch's rows are
//! forgotten and the batch is folded again with a copy of each row kept, so that the failing event leaves no trace.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
    /// The keys that the event touches.
    fn keys(&self, event: &Recorded) -> Result<Vec<String>, String>;

    /// Folds the event into the rows under these keys, which are loaded from `table` where they are not known.
    fn fold(&mut self, event: &Recorded, keys: &[String], from: &Rows<'_>, care: Care) -> Result<(), Failure>;

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
    rows: HashMap<RowKey, Slot<P::Row>>,
    /// Rows of earlier batches that go unless they are touched again.
    fading: HashMap<RowKey, Slot<P::Row>>,
    changed: Vec<RowKey>,
    /// Rows that the table may hold; `None` when it was not filled by this fold alone.
    seen: Option<Seen>,
    /// What the changed rows look like in the table, in the same order; `None` where there is no row any more.
    rendered: Vec<Option<(Vec<Value>, String)>>,
}

type RowKey = (TenantId, String);

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

impl<P: Projection> Folding<P> {
    /// Over a table that is empty (`anew`), or over one that may hold anything.
    pub(crate) fn new(anew: bool) -> Self {
        let seen = anew.then(Seen::new);
        Self { rows: HashMap::new(), fading: HashMap::new(), changed: Vec::new(), seen, rendered: Vec::new() }
    }

    /// The slot of a row, loaded where it is not known.
    fn slot(&mut self, key: RowKey, from: &Rows<'_>) -> Result<&mut Slot<P::Row>, Failure> {
        use std::collections::hash_map::Entry;
        match self.rows.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let slot = match self.fading.remove(entry.key()) {
                    Some(slot) => slot,
                    None if self.seen.as_ref().is_some_and(|seen| !seen.may_have(entry.key())) => Slot::absent(),
                    None => load::<P>(entry.key(), from)?,
                };
                Ok(entry.insert(slot))
            }
        }
    }
}

impl<P: Projection> Fold for Folding<P> {
    fn keys(&self, event: &Recorded) -> Result<Vec<String>, String> {
        guarded(|| P::keys(event))
    }

    fn fold(&mut self, event: &Recorded, keys: &[String], from: &Rows<'_>, care: Care) -> Result<(), Failure> {
        let tenant = event.envelope.tenant;
        let mut before = Vec::new();
        if care == Care::Careful {
            for key in keys {
                let slot = self.slot((tenant, key.clone()), from)?;
                before.push((slot.row.clone(), slot.position));
            }
        }
        for key in keys {
            let slot = self.slot((tenant, key.clone()), from)?;
            match evolve::<P>(slot.row.take(), key, event, care) {
                Ok(row) => slot.row = row,
                Err(reason) => {
                    for (key, (row, position)) in keys.iter().zip(before).rev() {
                        let slot = self.slot((tenant, key.clone()), from)?;
                        (slot.row, slot.position) = (row, position);
                    }
                    return Err(Failure::Poison(reason));
                }
            }
            slot.position = slot.position.max(event.envelope.position);
            if !slot.changed {
                slot.changed = true;
                self.changed.push((tenant, key.clone()));
            }
        }
        Ok(())
    }

    fn render(&mut self) -> Result<(), String> {
        // Neighbours in the tree are written one after the other.
        self.changed.sort_unstable();
        self.rendered.clear();
        for key in &self.changed {
            let row = self.rows.get(key).and_then(|slot| slot.row.as_ref());
            self.rendered.push(row.map(rendered::<P>).transpose()?);
        }
        Ok(())
    }

    fn write(&mut self, to: &Rows<'_>) -> rusqlite::Result<()> {
        let mut writing = to.table.writing(to.connection)?;
        for (row_key, rendered) in self.changed.iter().zip(&self.rendered) {
            let Some(slot) = self.rows.get(row_key) else { continue };
            let (tenant, key) = row_key;
            match rendered {
                Some((index, document)) => {
                    let put = Put { tenant: *tenant, key, position: slot.position, index, document };
                    writing.put(&put, slot.stored)?;
                }
                None if slot.stored => writing.delete(*tenant, key)?,
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
                    seen.add(&key);
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
