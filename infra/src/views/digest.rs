//! What the rows of a table come to: the same in every store for the same rows.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// Rows and SHA-256 over all of them with their keys, positions and index columns, sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// How many rows there are.
    pub rows: u64,
    /// What they come to.
    pub hash: [u8; 32],
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Makes a digest. Rows go in by tenant, then key, both in the order of their bytes; of each row the tenant's 16 bytes, the key,
/// the position, the index columns in the order of the shape, the document.
#[derive(Default)]
pub struct Digester {
    rows: u64,
    hasher: Sha256,
}

impl Digester {
    /// Another row begins.
    pub fn row(&mut self) {
        self.rows += 1;
    }

    /// Adds a tenant, a key, a document, or text of an index column.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.hasher.update((bytes.len() as u64).to_be_bytes());
        self.hasher.update(bytes);
    }

    /// Adds a position or an integer of an index column; [`NOTHING`] for `Null`.
    pub fn integer(&mut self, integer: i64) {
        self.hasher.update(integer.to_be_bytes());
    }

    /// What they come to.
    pub fn finish(self) -> Digest {
        Digest { rows: self.rows, hash: self.hasher.finalize().into() }
    }
}

/// Stands for `Null` in index columns, where a store must order it before all else, and in digests. A true `i64::MIN` would be
/// taken for it.
pub const NOTHING: i64 = i64::MIN;
