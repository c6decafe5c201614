//! What a projection's table looks like, and what it is called.

use std::fmt;

use projections::projection::{IndexColumn, Projection};

/// What a projection's table looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The projection's name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Its index columns.
    pub indexes: &'static [IndexColumn],
}

impl Shape {
    /// The shape that `P` declares.
    pub const fn of<P: Projection>() -> Self {
        Self { name: P::NAME, version: P::VERSION, indexes: P::INDEXES }
    }
}

/// Name of a table: projection, version, and a generation that each rebuild raises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableId {
    /// Whose.
    pub projection: String,
    /// Of which version.
    pub version: u32,
    /// After how many rebuilds.
    pub generation: u32,
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_v{}_{}", self.projection, self.version, self.generation)
    }
}
