//! Which projections are run.

use projections::Visitor;
use projections::projection::Projection;

use super::fold::{Fold, Folding};
use crate::views::Shape;

/// Projections of any row type, in one set.
#[derive(Default)]
pub struct ProjectionSet {
    members: Vec<Member>,
}

/// A projection without its type: what its table looks like and how to make its fold.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) shape: Shape,
    /// Its fold, over a table that is empty (`true`) or may hold anything.
    pub(crate) fold: fn(bool) -> Box<dyn Fold>,
}

impl ProjectionSet {
    /// Without projections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every projection there is.
    pub fn all() -> Self {
        let mut set = Self::new();
        projections::visit_all(&mut set);
        set
    }

    /// With `P` as well.
    #[must_use]
    pub fn with<P: Projection>(mut self) -> Self {
        self.visit::<P>();
        self
    }

    /// The names, in the order in which they were added.
    pub fn names(&self) -> Vec<&'static str> {
        self.members.iter().map(|member| member.shape.name).collect()
    }

    /// What their tables look like, in the same order.
    pub fn shapes(&self) -> Vec<Shape> {
        self.members.iter().map(|member| member.shape).collect()
    }

    /// What was added.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }
}

impl Visitor for ProjectionSet {
    fn visit<P: Projection>(&mut self) {
        self.members.push(Member { shape: Shape::of::<P>(), fold: |anew| Box::new(Folding::<P>::new(anew)) });
    }
}
