//! When operators work, and their absences.

use async_graphql::{ComplexObject, Context, Enum, Error, InputObject, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{Interval, TenantId};
use domain::run::Command;
use domain::workforce::absence::{Absence, AbsenceCommand};
use domain::workforce::operator::OperatorCommand;
use projections::open_time::Hours;

use super::Operator;
use crate::auth::caller;
use crate::graphql::calendars::{Span, told, touches, window};
use crate::graphql::deps;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CalendarRef, CommandFields, CommandInput, OperatorRef};
use crate::graphql::scalars::DateTime;

/// Of which kind an absence is. None says anything of anybody's health: who is ill is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::workforce::absence::AbsenceKind")]
pub enum AbsenceKind {
    /// On holiday.
    Holiday,
    /// In training.
    Training,
    /// At work, and not on the floor.
    OtherDuty,
    /// Away.
    Away,
}

/// When somebody is not here.
#[derive(SimpleObject)]
#[graphql(name = "Absence")]
pub struct PlannedAbsence {
    /// Its number with this operator.
    number: u32,
    /// From when.
    from: DateTime,
    /// The first instant at which they are here again.
    until: DateTime,
    /// Of which kind; only for who sees the activity log.
    kind: Option<AbsenceKind>,
}

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[ComplexObject]
impl Operator {
    /// Absences by number, what is over left out.
    async fn absences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is not over by then; now when absent.")] from: Option<DateTime>,
        #[graphql(desc = "What begins before then.")] until: Option<DateTime>,
    ) -> Result<Vec<PlannedAbsence>, Error> {
        let from = from.map_or(deps(ctx)?.clock.now(), |from| from.0);
        let shows_kind = caller(ctx)?.may(Action::ViewActivity);
        let known = self.row.absences.iter().filter(|(_, absence)| touches(absence.when, from, until));
        let told = known.map(|(number, Absence { when, kind })| PlannedAbsence {
            number,
            from: when.from.into(),
            until: when.until.into(),
            kind: shows_kind.then(|| (*kind).into()),
        });
        Ok(told.collect())
    }

    /// When they work within `[from, until)`, absences left out: 92 days at most. By their own calendar, else the company's, else always;
    /// never while they do not work here.
    async fn open_time(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant that counts.")] from: DateTime,
        #[graphql(desc = "The first instant that does not count any more.")] until: DateTime,
    ) -> Result<Vec<Span>, Error> {
        let (tenant, deps) = (caller(ctx)?.tenant, deps(ctx)?);
        let window = window(from, until)?;
        let hours = Hours::with(&*deps.views, tenant, self.row.calendar).await.map_err(errors::view_failure(deps))?;
        told(window, hours.of_operator(&self.row, window.seconds()))
    }
}

/// Says when an operator works.
#[derive(InputObject)]
pub struct SetOperatorCalendarInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    calendar: CalendarRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetOperatorCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::SetCalendar(self.calendar.find(tenant)?);
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}

/// When somebody is not here.
#[derive(InputObject)]
pub struct AbsenceInput {
    /// From when.
    from: DateTime,
    /// The first instant at which they are here again.
    until: DateTime,
    /// Of which kind.
    kind: AbsenceKind,
}

impl From<AbsenceInput> for Absence {
    fn from(input: AbsenceInput) -> Self {
        Self { when: Interval { from: input.from.0, until: input.until.0 }, kind: input.kind.into() }
    }
}

/// Says that an operator will not be here for a while.
#[derive(InputObject)]
pub struct AddAbsenceInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    planned: AbsenceInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for AddAbsenceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::Absence(AbsenceCommand::Add(self.planned.into()));
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}

/// Makes an absence another one.
#[derive(InputObject)]
pub struct ChangeAbsenceInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// Its number with this operator.
    absence: u32,
    #[graphql(flatten)]
    planned: AbsenceInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ChangeAbsenceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::Absence(AbsenceCommand::Change(self.absence, self.planned.into()));
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}

/// Says that an operator will be here after all.
#[derive(InputObject)]
pub struct RemoveAbsenceInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// Its number with this operator.
    absence: u32,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RemoveAbsenceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = OperatorCommand::Absence(AbsenceCommand::Remove(self.absence));
        Ok((Command::Operator(self.operator.require(tenant)?, command), self.fields))
    }
}
