//! What is planned for an operation, as it comes in.

use async_graphql::{InputObject, OneofObject};
use domain::jobs::operation::{
    Alternative, Instructions, OperationName, OperationNumber, OperationPlan, RunTime, SkillNeed,
};
use domain::kernel::TenantId;
use domain::machines::changeover::SetupFamily;
use domain::machines::tool::ToolCode;
use domain::workforce::operator::Skill;

use crate::graphql::errors::UserError;
use crate::graphql::mutation::{WorkCenterRef, optional_text, text};
use crate::graphql::scalars::Decimal;

/// Seconds for each started batch of units.
#[derive(InputObject)]
pub struct BatchTimeInput {
    /// Units in a batch, more than zero.
    size: Decimal,
    /// Decimal seconds for each batch.
    seconds: Decimal,
}

/// How long the run takes: one of the two.
#[derive(OneofObject)]
pub enum RunTimeInput {
    /// Decimal seconds for each unit.
    PerUnitSeconds(Decimal),
    /// Seconds for each started batch.
    PerBatch(BatchTimeInput),
}

impl From<RunTimeInput> for RunTime {
    fn from(input: RunTimeInput) -> Self {
        match input {
            RunTimeInput::PerUnitSeconds(seconds) => Self::PerUnit { seconds: seconds.0 },
            RunTimeInput::PerBatch(batch) => Self::PerBatch { size: batch.size.0, seconds: batch.seconds.0 },
        }
    }
}

/// Another place where an operation may be done, with its own times.
#[derive(InputObject)]
pub struct AlternativeInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// Setup there, seconds.
    #[graphql(default)]
    setup_seconds: u32,
    /// Run there.
    run: Option<RunTimeInput>,
}

impl AlternativeInput {
    fn read(self, tenant: TenantId) -> Result<Alternative, UserError> {
        Ok(Alternative {
            work_center: self.work_center.require(tenant)?,
            setup_seconds: self.setup_seconds,
            run: self.run.map(Into::into),
        })
    }
}

/// A skill that an operation needs.
#[derive(InputObject)]
pub struct SkillNeedInput {
    /// The skill.
    skill: String,
    /// At least this level, 1 to 5.
    #[graphql(default = 1)]
    level: u8,
}

/// What is planned for an operation.
#[derive(InputObject)]
pub struct OperationPlanInput {
    /// Its place in the job, 1 to 65535; by habit 10, 20, 30 …
    number: u16,
    /// Its name.
    name: String,
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// Planned setup, seconds.
    #[graphql(default)]
    setup_seconds: u32,
    /// Planned run; absent when nobody said.
    run: Option<RunTimeInput>,
    /// Where else it may be done.
    #[graphql(default)]
    alternatives: Vec<AlternativeInput>,
    /// What the operator must be able to do.
    skill: Option<SkillNeedInput>,
    /// What the machine must be set up for; between families the changeovers of the work center come on top of `setupSeconds`.
    setup_family: Option<String>,
    /// What tools it needs.
    #[graphql(default)]
    tools: Vec<String>,
    /// Least seconds after the end of the previous operation.
    #[graphql(default)]
    min_lag_seconds: u32,
    /// Most seconds after the end of the previous operation.
    max_lag_seconds: Option<u32>,
    /// It may start when the previous one has made this many units.
    transfer_batch: Option<Decimal>,
    /// Done outside the house within this many seconds.
    outside_lead_seconds: Option<u32>,
    /// How to do it.
    instructions: Option<String>,
}

impl OperationPlanInput {
    /// Checks texts and references.
    pub fn read(self, tenant: TenantId) -> Result<OperationPlan, UserError> {
        let alternatives: Result<_, _> = self.alternatives.into_iter().map(|other| other.read(tenant)).collect();
        let tools: Result<_, _> = self.tools.iter().map(|tool| text("tools", ToolCode::try_new, tool)).collect();
        let need = |need: SkillNeedInput| {
            text("skill", Skill::try_new, &need.skill).map(|skill| SkillNeed { skill, level: need.level })
        };
        Ok(OperationPlan {
            number: OperationNumber(self.number),
            name: text("name", OperationName::try_new, &self.name)?,
            work_center: self.work_center.require(tenant)?,
            setup_seconds: self.setup_seconds,
            run: self.run.map(Into::into),
            alternatives: alternatives?,
            skill: self.skill.map(need).transpose()?,
            setup_family: optional_text("setupFamily", SetupFamily::try_new, self.setup_family.as_deref())?,
            tools: tools?,
            min_lag_seconds: self.min_lag_seconds,
            max_lag_seconds: self.max_lag_seconds,
            transfer_batch: self.transfer_batch.map(|amount| amount.0),
            outside_lead_seconds: self.outside_lead_seconds,
            instructions: optional_text("instructions", Instructions::try_new, self.instructions.as_deref())?,
        })
    }
}
