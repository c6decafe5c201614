//! Kinds of streams that only a newer Kilter knows. A scan passes over their events: what is done with them is done by newer
//! nodes, and what folds them has another version there (`docs/CONTRIBUTING.md`).

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use domain::ports::Filter;

/// Those that one store met.
#[derive(Debug, Default)]
pub(super) struct NewerKinds(Mutex<BTreeSet<String>>);

impl NewerKinds {
    /// Tells of a kind the first time that it is met.
    pub(super) fn passed_over(&self, place: &dyn Display, kind: &str) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !met.contains(kind) {
            met.insert(kind.to_owned());
            tracing::warn!(event = "event_store.newer_kind", alert = true, %place, kind,
                "a newer Kilter writes streams of a kind that this one does not know; they are passed over until it is upgraded");
        }
    }
}

/// Whether a filter lets events of this kind through.
pub(super) fn passes(filter: &Filter, kind: &str) -> bool {
    filter.kinds.is_empty() || filter.kinds.iter().any(|known| known.as_str() == kind)
}
