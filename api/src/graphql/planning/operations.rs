//! Operations as planning speaks of them.

use std::collections::BTreeSet;
use std::fmt;

use async_graphql::{Enum, Error, InputObject, SimpleObject};
use domain::jobs::operation::OperationNumber;
use domain::kernel::TenantId;
use domain::scheduling::placement::{OperationRef, Placement};

use crate::graphql::GraphqlDeps;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::JobRef;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::scalars::DateTime;

/// An operation of a job.
#[derive(Debug, Clone, SimpleObject)]
pub struct OperationReference {
    /// Of which job.
    job: Reference,
    /// Its place in the job.
    number: u16,
}

impl fmt::Display for OperationReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of job {}", self.number, self.job.0.code)
    }
}

impl OperationReference {
    /// With its name.
    pub fn new(operation: OperationRef, labels: &Labels) -> Self {
        Self { job: labels.of(operation.job.0), number: operation.operation.0 }
    }

    /// All of these with their names.
    pub async fn all(deps: &GraphqlDeps, tenant: TenantId, operations: &[OperationRef]) -> Result<Vec<Self>, Error> {
        let jobs = operations.iter().map(|it| it.job).collect();
        let labels = Wanted { jobs, ..Wanted::default() }.look_up(deps, tenant).await?;
        Ok(operations.iter().map(|it| Self::new(*it, &labels)).collect())
    }
}

/// An operation of a job, by the job's identity or number.
#[derive(Debug, Clone, InputObject)]
pub struct OperationRefInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Its place in the job.
    operation: u16,
}

impl OperationRefInput {
    /// Which one.
    pub fn read(&self, tenant: TenantId) -> Result<OperationRef, UserError> {
        Ok(OperationRef { job: self.job.require(tenant)?, operation: OperationNumber(self.operation) })
    }
}

/// Where a plan puts an operation.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlannedBar {
    /// Of which job.
    job: Reference,
    /// Its place in the job.
    operation: u16,
    /// On which machine; null is outside the house.
    machine: Option<Reference>,
    /// By whom, where somebody is needed.
    operator: Option<Reference>,
    /// When its setup starts.
    start: DateTime,
    /// When its run starts.
    run_start: DateTime,
    /// When its run ends.
    end: DateTime,
}

impl PlannedBar {
    /// All of these with their names.
    pub async fn all(deps: &GraphqlDeps, tenant: TenantId, placements: &[Placement]) -> Result<Vec<Self>, Error> {
        let mut wanted = Wanted::default();
        for it in placements {
            Self::want(&mut wanted, it);
        }
        let labels = wanted.look_up(deps, tenant).await?;
        Ok(placements.iter().map(|it| Self::new(it, &labels)).collect())
    }

    /// Wants the names that it speaks of.
    pub fn want(wanted: &mut Wanted, it: &Placement) {
        wanted.jobs.insert(it.job);
        wanted.machines.extend(it.machine);
        wanted.operators.extend(it.operator);
    }

    /// With names.
    pub fn new(it: &Placement, labels: &Labels) -> Self {
        Self {
            job: labels.of(it.job.0),
            operation: it.operation.0,
            machine: it.machine.map(|machine| labels.of(machine.0)),
            operator: it.operator.map(|operator| labels.of(operator.0)),
            start: it.start.into(),
            run_start: it.run_start.into(),
            end: it.end.into(),
        }
    }
}

/// Why an operation has no place in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::planning::NotPlanned")]
pub enum NotPlannedReason {
    /// Nobody has planned it yet.
    NotYet,
    /// There is no machine in use in its work center, nor in an alternative.
    NoMachine,
    /// It would take longer than can be planned, five years.
    TooLong,
    /// Nobody who works here has the skill at that level.
    SkillMissing,
    /// None of those it is assigned to works here and has the skill.
    AssignedUnable,
    /// Whoever has the skill has it no longer when the work could be done.
    SkillExpires,
    /// No machine and operator are there together long enough before the calendars end.
    CalendarsNeverMeet,
    /// No opening is long enough.
    NoOpeningLongEnough,
    /// The longest lag after the operation before it can't be kept.
    LagTooLong,
    /// An operation before it has no place.
    PredecessorUnplanned,
    /// A tool is missing.
    ToolMissing,
    /// A material never arrives.
    MaterialNeverArrives,
    /// The search was ended before it came to it.
    OutOfTime,
}

/// An operation without a place.
#[derive(Debug, Clone, SimpleObject)]
pub struct UnplannedOperation {
    /// Which.
    operation: OperationReference,
    /// Why.
    reason: NotPlannedReason,
}

impl UnplannedOperation {
    /// Why it has no place.
    pub fn new(operation: OperationReference, reason: NotPlannedReason) -> Self {
        Self { operation, reason }
    }
}

/// The distinct operations that an input names.
pub fn read_all(operations: &[OperationRefInput], tenant: TenantId) -> Result<Vec<OperationRef>, UserError> {
    let distinct: Result<BTreeSet<_>, _> = operations.iter().map(|it| it.read(tenant)).collect();
    Ok(distinct?.into_iter().collect())
}
