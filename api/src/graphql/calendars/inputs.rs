//! What may be asked of calendars.

use async_graphql::InputObject;
use domain::calendars::calendar::{CalendarCode, CalendarCommand, CalendarName, DayName, SpecialDay};
use domain::calendars::hours::{Hours, LocalDate, Shift, ShiftName};
use domain::kernel::{CalendarId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::tenancy::company::ZoneName;

use super::DayOfWeek;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CalendarRef, CommandFields, CommandInput, optional_text, text};
use crate::graphql::scalars::{Date, LocalTime};

/// Hours from one time on the clock to another.
#[derive(InputObject)]
pub struct HoursInput {
    /// When they begin.
    from: LocalTime,
    /// When they end; at or before `from` it is on the next day.
    to: LocalTime,
}

impl From<&HoursInput> for Hours {
    fn from(input: &HoursInput) -> Self {
        Self { from: input.from.0, to: input.to.0 }
    }
}

/// A shift on some days of each week.
#[derive(InputObject)]
pub struct ShiftInput {
    /// The days on which it begins.
    days: Vec<DayOfWeek>,
    /// When it begins.
    from: LocalTime,
    /// When it ends; at or before `from` it is on the next day.
    to: LocalTime,
    /// When nobody works in it, in the order of the clock.
    #[graphql(default)]
    breaks: Vec<HoursInput>,
    /// What it is called.
    name: Option<String>,
}

impl ShiftInput {
    fn each_day(&self) -> Result<Vec<Shift>, UserError> {
        let name = optional_text("shifts", ShiftName::try_new, self.name.as_deref())?;
        let breaks: Vec<Hours> = self.breaks.iter().map(Into::into).collect();
        let hours = Hours { from: self.from.0, to: self.to.0 };
        let on = |day: &DayOfWeek| Shift { day: (*day).into(), hours, breaks: breaks.clone(), name: name.clone() };
        Ok(self.days.iter().map(on).collect())
    }
}

fn shifts(given: &[ShiftInput]) -> Result<Vec<Shift>, UserError> {
    Ok(given.iter().map(ShiftInput::each_day).collect::<Result<Vec<_>, _>>()?.concat())
}

/// A day that is not like others.
#[derive(InputObject)]
pub struct SpecialDayInput {
    /// Which day.
    date: Date,
    /// When it is open; never when absent.
    #[graphql(default)]
    open: Vec<HoursInput>,
    /// What it is called.
    name: Option<String>,
}

impl SpecialDayInput {
    fn day(&self) -> Result<SpecialDay, UserError> {
        let name = optional_text("days", DayName::try_new, self.name.as_deref())?;
        Ok(SpecialDay { date: LocalDate(self.date.0), open: self.open.iter().map(Into::into).collect(), name })
    }
}

/// Sets up a calendar.
#[derive(InputObject)]
pub struct CreateCalendarInput {
    /// Its code: unique, never changed.
    code: String,
    /// What people call it.
    name: String,
    /// The IANA time zone of its clocks; the company's when absent.
    zone: Option<String>,
    /// Its shifts. They don't overlap, and there is some time to work.
    shifts: Vec<ShiftInput>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CreateCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let code = text("code", CalendarCode::try_new, &self.code)?;
        let name = text("name", CalendarName::try_new, &self.name)?;
        let zone = optional_text("zone", ZoneName::try_new, self.zone.as_deref())?;
        let id = CalendarId::from_key(tenant, code.as_str());
        let command = CalendarCommand::Create { code, name, zone, shifts: shifts(&self.shifts)? };
        Ok((Command::Calendar(id, Box::new(command)), self.fields))
    }
}

/// Gives a calendar another name.
#[derive(InputObject)]
pub struct RenameCalendarInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// The new name.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::Rename(text("name", CalendarName::try_new, &self.name)?);
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}

/// Moves a calendar to the clocks of another zone: the same hours on another wall.
#[derive(InputObject)]
pub struct SetCalendarZoneInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// The IANA time zone; the company's when absent.
    zone: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCalendarZoneInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::SetZone(optional_text("zone", ZoneName::try_new, self.zone.as_deref())?);
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}

/// Replaces all shifts of a calendar.
#[derive(InputObject)]
pub struct SetCalendarShiftsInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// Its shifts. They don't overlap, and there is some time to work.
    shifts: Vec<ShiftInput>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCalendarShiftsInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::SetShifts(shifts(&self.shifts)?);
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}

/// Says of days that they are not like others; days that are not named stay as they are.
#[derive(InputObject)]
pub struct SetCalendarDaysInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// The days, each once; what was said of one before is replaced. A calendar has at most 2,000.
    days: Vec<SpecialDayInput>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetCalendarDaysInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::SetDays(self.days.iter().map(SpecialDayInput::day).collect::<Result<_, _>>()?);
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}

/// Makes days like others again: the usual shifts begin on them.
#[derive(InputObject)]
pub struct ClearCalendarDaysInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// Which days; those that are like others already are passed over.
    dates: Vec<Date>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ClearCalendarDaysInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::ClearDays(self.dates.iter().map(|date| LocalDate(date.0)).collect());
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}

/// Takes a calendar out of use: nothing is given it any more, and it doesn't change. What keeps to it goes on doing so until it is
/// given another one.
#[derive(InputObject)]
pub struct RetireCalendarInput {
    #[graphql(flatten)]
    calendar: CalendarRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RetireCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = CalendarCommand::Retire(text("reason", Reason::try_new, &self.reason)?);
        Ok((Command::Calendar(self.calendar.require(tenant)?, Box::new(command)), self.fields))
    }
}
