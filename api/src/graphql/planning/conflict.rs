//! What does not go together in a plan, as it is answered.

use async_graphql::{Enum, Error, SimpleObject};
use domain::kernel::TenantId;
use projections::planning::{Conflict, Resource};

use super::operations::OperationReference;
use crate::graphql::GraphqlDeps;
use crate::graphql::references::{Reference, Wanted};
use crate::graphql::scalars::DateTime;

/// What kind of thing does not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::planning::ConflictKind")]
pub enum PlanConflictKind {
    /// More operations on a machine than it takes.
    Overload,
    /// An operator at two things at once.
    DoubleBooked,
    /// A tool in two places at once.
    Tool,
    /// Outside the hours of the machine or the operator, or in maintenance, a stop or an absence.
    Closed,
    /// Not long enough.
    Length,
    /// The operator may not do it.
    Skill,
    /// Nobody is named to do it.
    Nobody,
    /// The machine can't do it.
    Machine,
    /// Not in its turn.
    Sequence,
    /// Before its release.
    Release,
    /// After its date.
    Late,
    /// It should have started, or ended, before now.
    Behind,
}

/// Something about the place of an operation that does not go together.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanConflict {
    /// What kind of thing.
    kind: PlanConflictKind,
    /// Which operation.
    operation: OperationReference,
    /// With which other operation, where there is one; of several one.
    with: Option<OperationReference>,
    /// On which machine, where it is about one.
    machine: Option<Reference>,
    /// Whose, where it is about somebody.
    operator: Option<Reference>,
    /// Of which tool, where it is about one.
    tool: Option<String>,
    /// When it begins.
    from: DateTime,
    /// When it is over.
    to: DateTime,
}

impl PlanConflict {
    /// All of these with their names.
    pub async fn all(deps: &GraphqlDeps, tenant: TenantId, conflicts: &[Conflict]) -> Result<Vec<Self>, Error> {
        let mut wanted = Wanted::default();
        for it in conflicts {
            wanted.jobs.extend([Some(it.operation), it.with].into_iter().flatten().map(|it| it.job));
            match it.on {
                Some(Resource::Machine(machine)) => drop(wanted.machines.insert(machine)),
                Some(Resource::Operator(operator)) => drop(wanted.operators.insert(operator)),
                Some(Resource::Tool(_)) | None => {}
            }
        }
        let labels = wanted.look_up(deps, tenant).await?;
        let told = |it: &Conflict| Self {
            kind: it.kind.into(),
            operation: OperationReference::new(it.operation, &labels),
            with: it.with.map(|with| OperationReference::new(with, &labels)),
            machine: match &it.on {
                Some(Resource::Machine(machine)) => Some(labels.of(machine.0)),
                _ => None,
            },
            operator: match &it.on {
                Some(Resource::Operator(operator)) => Some(labels.of(operator.0)),
                _ => None,
            },
            tool: match &it.on {
                Some(Resource::Tool(tool)) => Some(tool.to_string()),
                _ => None,
            },
            from: it.from.into(),
            to: it.to.into(),
        };
        Ok(conflicts.iter().map(told).collect())
    }
}
