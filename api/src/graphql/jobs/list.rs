//! Which jobs, in which order.

use async_graphql::{Enum, InputObject};
use domain::kernel::Timestamp;
use projections::job_board::{late, status_name};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};

use super::JobStatus;
use crate::graphql::scalars::DateTime;

/// Which jobs are wanted: those for which everything given here holds.
#[derive(Debug, Default, InputObject)]
pub struct JobFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<JobStatus>>,
    /// With a number that contains this.
    number_contains: Option<String>,
    /// With a product that contains this.
    product_contains: Option<String>,
    /// For a customer whose name contains this.
    customer_contains: Option<String>,
    /// With a number, product or customer that contains this.
    text: Option<String>,
    /// Still to be done although their date is past.
    #[graphql(default)]
    late: bool,
    /// Due at this instant or later.
    due_from: Option<DateTime>,
    /// Due before this instant.
    due_before: Option<DateTime>,
    /// Touched at this instant or later.
    active_from: Option<DateTime>,
}

impl JobFilter {
    /// What must hold of a row, `now` deciding what is late.
    pub fn conditions(self, now: Timestamp) -> Vec<Condition> {
        let contains = |column, text: Option<String>| text.map(|text| Condition { column, test: Test::Contains(text) });
        let micros = |instant: Timestamp| Value::Integer(instant.as_micros());
        let status = self.status.map(|wanted| {
            let name = |status: JobStatus| Value::Text(status_name(status.into()).to_owned());
            Condition { column: "status", test: Test::In(wanted.into_iter().map(name).collect()) }
        });
        let at_least =
            |column, from: Option<DateTime>| from.map(|from| Condition { column, test: Test::AtLeast(micros(from.0)) });
        let due_before = self.due_before.map(|end| Condition { column: "due", test: Test::Below(micros(end.0)) });
        status
            .into_iter()
            .chain(contains("number", self.number_contains))
            .chain(contains("product", self.product_contains))
            .chain(contains("customer", self.customer_contains))
            .chain(contains("words", self.text))
            .chain(late(now).into_iter().filter(|_| self.late))
            .chain(at_least("due", self.due_from))
            .chain(due_before)
            .chain(at_least("last_activity", self.active_from))
            .collect()
    }
}

/// What jobs can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum JobSortKey {
    /// Number, character by character.
    #[default]
    Number,
    /// The date that counts; jobs without one come first.
    Due,
    /// Priority.
    Priority,
    /// Product.
    Product,
    /// Customer.
    Customer,
    /// When it was taken on.
    CreatedAt,
    /// When work on it began.
    StartedAt,
    /// When it was completed or cancelled.
    ClosedAt,
    /// When it was touched last.
    LastActivityAt,
}

/// An order of jobs. Those that are equal are ordered by identity.
#[derive(Debug, Default, InputObject)]
pub struct JobSort {
    /// By what.
    by: JobSortKey,
    /// Largest first.
    #[graphql(default)]
    descending: bool,
}

impl From<JobSort> for Sort {
    fn from(sort: JobSort) -> Self {
        let column = match sort.by {
            JobSortKey::Number => "number",
            JobSortKey::Due => "due",
            JobSortKey::Priority => "priority",
            JobSortKey::Product => "product",
            JobSortKey::Customer => "customer",
            JobSortKey::CreatedAt => "created",
            JobSortKey::StartedAt => "started",
            JobSortKey::ClosedAt => "closed",
            JobSortKey::LastActivityAt => "last_activity",
        };
        Self { column: Some(column), descending: sort.descending }
    }
}
