//! Why a job refuses.

use crate::jobs::job::{JobNumber, JobStatus};
use crate::jobs::operation::OperationNumber;
use crate::kernel::decider::{Refusal, refusal_codes};
use crate::kernel::{Interval, MachineId, OperatorId, Timestamp, WorkCenterId};
use crate::machines::machine::MachineStatus;
use crate::machines::work_center::Reason;
use crate::workforce::operator::Skill;

/// Why a job refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// There is none.
    #[error("there is no such job")]
    NotFound,
    /// The number is taken.
    #[error("there is a job {0} already")]
    Exists(JobNumber),
    /// It is done.
    #[error("the job is completed")]
    Completed,
    /// It was given up.
    #[error("the job is cancelled")]
    Cancelled,
    /// Stopped on purpose: resume it first.
    #[error("the job is paused")]
    Paused,
    /// Stopped by something: resume it first.
    #[error("the job is blocked")]
    Blocked,
    /// Not to be started before.
    #[error("the job is not released before {0}")]
    NotReleased(Timestamp),
    /// A number outside its range.
    #[error("{field} must be {range}")]
    OutOfRange {
        /// The input field.
        field: &'static str,
        /// What it may be, in words.
        range: &'static str,
    },
    /// No such operation in this job.
    #[error("there is no operation {}", .0.0)]
    OperationNotFound(OperationNumber),
    /// The number is taken in this job.
    #[error("there is an operation {} already", .0.0)]
    OperationExists(OperationNumber),
    /// Work on it was reported, or somebody started it.
    #[error("operation {} has begun", .0.0)]
    OperationBegun(OperationNumber),
    /// It is done.
    #[error("operation {} was finished at {at}", .operation.0)]
    OperationFinished {
        /// Which.
        operation: OperationNumber,
        /// When.
        at: Timestamp,
    },
    /// Somebody needs help with it: the call ends first.
    #[error("somebody called for help on operation {}, and nobody works on it until the call ends: {reason}", .operation.0)]
    OperationBlocked {
        /// Which.
        operation: OperationNumber,
        /// What is wrong.
        reason: Reason,
    },
    /// Nobody has called for help on it.
    #[error("there is no open andon call on operation {}", .0.0)]
    AndonCallNotFound(OperationNumber),
    /// The job has operations that are not finished.
    #[error("operation {} is not finished", .0.0)]
    OperationOpen(OperationNumber),
    /// It ends before it starts.
    #[error("an interval must not end before it starts")]
    IntervalReversed,
    /// Nobody works that long without a report.
    #[error("the work took {hours} hours; one report has at most {} hours (31 days)", Self::MOST_REPORT_HOURS)]
    IntervalTooLong {
        /// How long it took.
        hours: i64,
    },
    /// Somebody started, and nothing was heard since: only people know when they stopped.
    #[error(
        "operator {operator} has been at work on operation {} since {since}, longer than the 31 days of one report: \
         first pause the operation for them, with the happenedAt at which they stopped",
        .operation.0
    )]
    WorkOpenTooLong {
        /// On which operation.
        operation: OperationNumber,
        /// Who.
        operator: OperatorId,
        /// Since when, as far as not reported.
        since: Timestamp,
    },
    /// Work that nobody can have done yet.
    #[error("the work ends in the future")]
    IntervalInFuture,
    /// No such work center, or out of use.
    #[error("work center {0} does not exist or is out of use")]
    WorkCenterNotFound(WorkCenterId),
    /// No such machine.
    #[error("machine {0} does not exist or is out of use")]
    MachineNotFound(MachineId),
    /// It takes no work now.
    #[error("the machine takes no work now: {0:?}")]
    MachineUnavailable(MachineStatus),
    /// No such operator.
    #[error("operator {0} does not exist")]
    OperatorNotFound(OperatorId),
    /// They do not work here now.
    #[error("the operator does not work here now")]
    OperatorInactive,
    /// Not able to do it.
    #[error("the operator lacks the skill {skill} at level {level}")]
    SkillMissing {
        /// The skill needed.
        skill: Skill,
        /// The level needed.
        level: u8,
    },
    /// Not able to do it any more by then.
    #[error("the operator's skill {skill} lapses at {at}")]
    SkillLapsed {
        /// The skill needed.
        skill: Skill,
        /// When it lapses.
        at: Timestamp,
    },
    /// Not here when it is planned.
    #[error("the operator is absent from {} to {}, when the operation is planned", .0.from, .0.until)]
    OperatorAbsent(Interval),
    /// They are not at work on this operation.
    #[error("the operator is not at work on this operation")]
    OperatorNotAtWork,
    /// At a terminal people end their own work, not that of others.
    #[error("operator {0} is at work on it as well: they pause or finish first")]
    OthersAtWork(OperatorId),
    /// No tablet was away for so long.
    #[error("what happened before {0} can't be told at a terminal any more")]
    HappenedTooLongAgo(Timestamp),
    /// Quantities need somebody who made them.
    #[error("quantities need an operator who made them")]
    OperatorRequired,
    /// Nobody starts a break: pause, or report it afterwards.
    #[error("a break is not started: pause the operation instead")]
    BreakNotStarted,
    /// Work that is already on record goes on after this.
    #[error("work on this operation is on record until {0}")]
    HappenedBeforeWork(Timestamp),
    /// The same report was made with other figures.
    #[error("this report was made before, with another {field}")]
    ReportChanged {
        /// The first field that differs.
        field: &'static str,
    },
    /// No such report on this job.
    #[error("there is no such report")]
    ReportNotFound,
    /// The tenant does not want overlapping work of one operator on one operation.
    #[error("overlaps work of the same operator on this operation that began at {0}")]
    WorkOverlaps(Timestamp),
    /// The tenant wants to know why.
    #[error("overlaps work of the same operator on this operation that began at {0}: say why")]
    OverlapReasonRequired(Timestamp),
}

refusal_codes!(JobError {
    NotFound => "JOB_NOT_FOUND",
    Exists => "JOB_EXISTS",
    Completed => "JOB_COMPLETED",
    Cancelled => "JOB_CANCELLED",
    Paused => "JOB_PAUSED",
    Blocked => "JOB_BLOCKED",
    NotReleased => "JOB_NOT_RELEASED",
    OutOfRange => "OUT_OF_RANGE",
    OperationNotFound => "OPERATION_NOT_FOUND",
    OperationExists => "OPERATION_EXISTS",
    OperationBegun => "OPERATION_BEGUN",
    OperationFinished => "OPERATION_FINISHED",
    OperationBlocked => "OPERATION_BLOCKED",
    AndonCallNotFound => "ANDON_CALL_NOT_FOUND",
    OperationOpen => "OPERATION_OPEN",
    IntervalReversed => "INTERVAL_REVERSED",
    IntervalTooLong => "INTERVAL_TOO_LONG",
    WorkOpenTooLong => "WORK_OPEN_TOO_LONG",
    IntervalInFuture => "INTERVAL_IN_FUTURE",
    WorkCenterNotFound => "WORK_CENTER_NOT_FOUND",
    MachineNotFound => "MACHINE_NOT_FOUND",
    MachineUnavailable => "MACHINE_UNAVAILABLE",
    OperatorNotFound => "OPERATOR_NOT_FOUND",
    OperatorInactive => "OPERATOR_INACTIVE",
    SkillMissing => "SKILL_MISSING",
    SkillLapsed => "SKILL_LAPSED",
    OperatorAbsent => "OPERATOR_ABSENT",
    OperatorNotAtWork => "OPERATOR_NOT_AT_WORK",
    OthersAtWork => "OTHERS_AT_WORK",
    HappenedTooLongAgo => "HAPPENED_TOO_LONG_AGO",
    OperatorRequired => "OPERATOR_REQUIRED",
    BreakNotStarted => "BREAK_NOT_STARTED",
    HappenedBeforeWork => "HAPPENED_BEFORE_WORK",
    ReportChanged => "REPORT_CHANGED",
    ReportNotFound => "REPORT_NOT_FOUND",
    WorkOverlaps => "WORK_OVERLAPS",
    OverlapReasonRequired => "OVERLAP_REASON_REQUIRED",
});

impl JobError {
    /// How long one report of work may be: a month, for work that nobody watched.
    const MOST_REPORT_HOURS: i64 = 31 * 24;

    /// The hours from `start` to `end`, begun ones counted whole, when they are more than one report may have.
    pub(super) fn too_many_hours(start: Timestamp, end: Timestamp) -> Option<i64> {
        const HOUR_MICROS: i64 = 3_600_000_000;
        let hours = (end.as_micros() - start.as_micros() + HOUR_MICROS - 1).div_euclid(HOUR_MICROS);
        (hours > Self::MOST_REPORT_HOURS).then_some(hours)
    }
}

impl Refusal for JobError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::OutOfRange { field, .. } | Self::ReportChanged { field } => field,
            Self::Exists(_) => "number",
            Self::OperationNotFound(_) | Self::OperationExists(_) | Self::AndonCallNotFound(_) => "operation",
            Self::IntervalReversed | Self::IntervalTooLong { .. } | Self::IntervalInFuture => "end",
            Self::WorkCenterNotFound(_) => "workCenterId",
            Self::MachineNotFound(_) | Self::MachineUnavailable(_) => "machineId",
            Self::OperatorNotFound(_)
            | Self::OperatorInactive
            | Self::OperatorRequired
            | Self::OperatorNotAtWork
            | Self::SkillMissing { .. }
            | Self::SkillLapsed { .. }
            | Self::OperatorAbsent(_) => "operatorId",
            Self::BreakNotStarted => "phase",
            Self::HappenedBeforeWork(_) | Self::HappenedTooLongAgo(_) | Self::WorkOpenTooLong { .. } => "happenedAt",
            Self::ReportNotFound => "reportId",
            Self::WorkOverlaps(_) => "start",
            Self::OverlapReasonRequired(_) => "overlapReason",
            Self::NotFound
            | Self::Completed
            | Self::Cancelled
            | Self::Paused
            | Self::Blocked
            | Self::NotReleased(_)
            | Self::OperationBegun(_)
            | Self::OperationFinished { .. }
            | Self::OperationBlocked { .. }
            | Self::OthersAtWork(_)
            | Self::OperationOpen(_) => return None,
        })
    }
}

impl JobStatus {
    /// Fails when the job is completed or cancelled.
    pub(super) const fn check_open(self) -> Result<(), JobError> {
        match self {
            Self::Completed => Err(JobError::Completed),
            Self::Cancelled => Err(JobError::Cancelled),
            Self::Pending | Self::Scheduled | Self::Running | Self::Paused | Self::Blocked => Ok(()),
        }
    }

    /// Fails when nobody may work on the job now.
    pub(super) const fn check_workable(self) -> Result<(), JobError> {
        match self {
            Self::Paused => Err(JobError::Paused),
            Self::Blocked => Err(JobError::Blocked),
            _ => self.check_open(),
        }
    }
}
