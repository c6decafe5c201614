//! An operation as it is answered: how far it has come, and what was planned.

use async_graphql::{Enum, ID, SimpleObject};
use domain::jobs::job::AndonCall;
use domain::jobs::operation::{OperationPlan, RunTime};
use projections::job_board::OperationLine;
use projections::job_detail::OperationDetail;
use projections::schedule_board::Planned;

use super::job::{BlockedBy, Figures, blocked_by};
use crate::graphql::references::{AtWork, Labels, Reference, Wanted};
use crate::graphql::row::{Row, Rows};
use crate::graphql::scalars::{DateTime, Decimal};

/// What an operator's time is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::jobs::operation::Phase")]
pub enum Phase {
    /// Making ready.
    Setup,
    /// Making.
    Run,
    /// A break or other time that is neither.
    Break,
}

/// Where an operation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::job_board::OperationStatus")]
pub enum OperationStatus {
    /// Nobody has begun.
    Waiting,
    /// Somebody is at work on it now.
    Running,
    /// Begun, and nobody is at work on it now.
    Paused,
    /// Somebody called for help, and nobody works on it until the call ends.
    Blocked,
    /// Ended.
    Finished,
}

/// How long the run is planned to take: for each unit, or for each started batch.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct RunTimePlan {
    /// Decimal seconds for each unit.
    per_unit_seconds: Option<Decimal>,
    /// Units in a batch.
    batch_size: Option<Decimal>,
    /// Decimal seconds for each started batch.
    per_batch_seconds: Option<Decimal>,
}

impl From<RunTime> for RunTimePlan {
    fn from(run: RunTime) -> Self {
        match run {
            RunTime::PerUnit { seconds } => Self { per_unit_seconds: Some(seconds.into()), ..Self::default() },
            RunTime::PerBatch { size, seconds } => {
                Self { batch_size: Some(size.into()), per_batch_seconds: Some(seconds.into()), ..Self::default() }
            }
        }
    }
}

/// Another place where an operation may be done.
#[derive(Debug, Clone, SimpleObject)]
pub struct AlternativePlan {
    /// Where.
    work_center: Reference,
    /// Setup there, seconds.
    setup_seconds: u32,
    /// Run there.
    run: Option<RunTimePlan>,
}

/// A skill that an operation needs.
#[derive(Debug, Clone, SimpleObject)]
pub struct SkillNeed {
    /// The skill.
    skill: String,
    /// At least this level, 1 to 5.
    level: u8,
}

/// Where and when the plan puts an operation.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlannedWindow {
    /// On which machine, where that is decided.
    machine: Option<Reference>,
    /// By whom, where that is decided.
    operator: Option<Reference>,
    /// Planned start.
    start: DateTime,
    /// Planned end.
    end: DateTime,
}

/// What is planned for an operation.
#[derive(Debug, Clone, SimpleObject)]
pub struct OperationPlanned {
    /// Planned setup, seconds.
    setup_seconds: u32,
    /// Planned run; null when nobody said.
    run: Option<RunTimePlan>,
    /// Where else it may be done.
    alternatives: Vec<AlternativePlan>,
    /// What the operator must be able to do.
    skill: Option<SkillNeed>,
    /// What the machine must be set up for.
    setup_family: Option<String>,
    /// What tools it needs.
    tools: Vec<String>,
    /// Least seconds after the end of the previous operation.
    min_lag_seconds: u32,
    /// Most seconds after the end of the previous operation.
    max_lag_seconds: Option<u32>,
    /// It may start when the previous one has made this many units.
    transfer_batch: Option<Decimal>,
    /// Done outside the house within this many seconds.
    outside_lead_seconds: Option<u32>,
    /// How to do it.
    instructions: Option<String>,
    /// Who is to do it.
    assigned: Vec<Reference>,
    /// When and where, once it is planned.
    window: Option<PlannedWindow>,
}

/// A call for help that is open.
#[derive(Debug, Clone, SimpleObject)]
pub struct OpenCall {
    /// Its identity; `andonCalls` tells more of it.
    id: ID,
    /// What is wrong.
    reason: String,
    /// What stands in the way.
    blocked_by: BlockedBy,
    /// When it was called.
    called_at: DateTime,
    /// Whether somebody takes care of it.
    answered: bool,
    /// Whether it has escalated, for nobody answered in time.
    escalated: bool,
}

impl OpenCall {
    fn new(call: &AndonCall, labels: &Labels) -> Self {
        let (reason, cause) = &call.why;
        Self {
            id: call.call.into(),
            reason: reason.to_string(),
            blocked_by: blocked_by(cause, labels),
            called_at: call.called_at.into(),
            answered: call.answered,
            escalated: call.escalated,
        }
    }
}

/// A step of a job.
#[derive(Debug, Clone, SimpleObject)]
pub struct Operation {
    /// Its place in the job.
    number: u16,
    /// Its name.
    name: String,
    /// Where it is done.
    work_center: Reference,
    /// Where it is in its life.
    status: OperationStatus,
    /// When work on it began.
    began_at: Option<DateTime>,
    /// When it was finished.
    finished_at: Option<DateTime>,
    /// Who finished it.
    finished_by: Option<Reference>,
    /// Who is at work on it now.
    at_work: Rows<AtWork>,
    /// The call for help that is open on it.
    andon: Option<Row<OpenCall>>,
    #[graphql(flatten)]
    figures: Figures,
    /// What is planned for it.
    plan: Option<OperationPlanned>,
}

impl Operation {
    /// Notes the names that its plan speaks of.
    pub fn want(wanted: &mut Wanted, detail: &OperationDetail) {
        wanted.work_centers.extend(detail.plan.alternatives.iter().map(|other| other.work_center));
        wanted.operators.extend(&detail.assigned);
    }

    /// Dresses a line of the job board.
    pub fn new(
        line: &OperationLine,
        (detail, window): (Option<&OperationDetail>, Option<&Planned>),
        labels: &Labels,
    ) -> Self {
        Self {
            number: line.number.0,
            name: line.name.to_string(),
            work_center: labels.of(line.work_center.0),
            status: line.status().into(),
            began_at: line.began_at.map(Into::into),
            finished_at: line.finished_at.map(Into::into),
            finished_by: line.finished_by().map(|operator| labels.of(operator.0)),
            at_work: line.at_work.iter().map(|work| labels.work(work)).collect(),
            andon: line.andon.as_ref().map(|call| Row(OpenCall::new(call, labels))),
            figures: (&line.totals).into(),
            plan: detail.map(|detail| planned((detail, window), labels)),
        }
    }
}

fn planned((detail, window): (&OperationDetail, Option<&Planned>), labels: &Labels) -> OperationPlanned {
    let OperationPlan { setup_seconds, run, alternatives, skill, tools, instructions, .. } = &detail.plan;
    let other = |other: &domain::jobs::operation::Alternative| AlternativePlan {
        work_center: labels.of(other.work_center.0),
        setup_seconds: other.setup_seconds,
        run: other.run.map(Into::into),
    };
    OperationPlanned {
        setup_seconds: *setup_seconds,
        run: run.map(Into::into),
        alternatives: alternatives.iter().map(other).collect(),
        skill: skill.as_ref().map(|need| SkillNeed { skill: need.skill.to_string(), level: need.level }),
        setup_family: detail.plan.setup_family.as_ref().map(ToString::to_string),
        tools: tools.iter().map(ToString::to_string).collect(),
        min_lag_seconds: detail.plan.min_lag_seconds,
        max_lag_seconds: detail.plan.max_lag_seconds,
        transfer_batch: detail.plan.transfer_batch.map(Into::into),
        outside_lead_seconds: detail.plan.outside_lead_seconds,
        instructions: instructions.as_ref().map(ToString::to_string),
        assigned: detail.assigned.iter().map(|operator| labels.of(operator.0)).collect(),
        window: window.map(|Planned { placement, .. }| PlannedWindow {
            machine: placement.machine.map(|machine| labels.of(machine.0)),
            operator: placement.operator.map(|operator| labels.of(operator.0)),
            start: placement.start.into(),
            end: placement.end.into(),
        }),
    }
}
