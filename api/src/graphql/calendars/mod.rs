//! Shift calendars: what they say, when they are open, and what may be changed.

pub mod inputs;
pub mod mutations;
mod open_time;

use async_graphql::{ComplexObject, Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::calendars::calendar;
use domain::calendars::hours::{self, LocalDate};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use projections::calendars::{CalendarRow, Calendars};
use projections::company;
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};

pub use mutations::CalendarsMutation;
pub use open_time::{Span, told, touches, window};

use super::connection::{Connection, Paging, page};
use super::references::rows;
use super::scalars::{Date, DateTime, LocalTime, Position, Revision};
use super::{GraphqlDeps, deps, errors, find_id, permitted, settle};
use crate::auth::caller;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::calendars::hours::Day")]
pub enum DayOfWeek {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// Hours from one time on the clock to another.
#[derive(SimpleObject)]
pub struct Hours {
    /// When they begin.
    from: LocalTime,
    /// When they end; at or before `from` it is on the next day.
    to: LocalTime,
}

impl From<hours::Hours> for Hours {
    fn from(hours: hours::Hours) -> Self {
        Self { from: LocalTime(hours.from), to: LocalTime(hours.to) }
    }
}

/// A shift: hours that begin on a day of each week, less its breaks.
#[derive(SimpleObject)]
pub struct Shift {
    /// Which day it begins.
    day: DayOfWeek,
    #[graphql(flatten)]
    hours: Hours,
    /// When nobody works, in the order of the clock.
    breaks: Vec<Hours>,
    /// What it is called.
    name: Option<String>,
}

impl From<&hours::Shift> for Shift {
    fn from(shift: &hours::Shift) -> Self {
        Self {
            day: shift.day.into(),
            hours: shift.hours.into(),
            breaks: shift.breaks.iter().copied().map(Into::into).collect(),
            name: shift.name.as_ref().map(ToString::to_string),
        }
    }
}

/// A day that is not like others: what stands here takes the place of the shifts that begin on it.
#[derive(SimpleObject)]
pub struct SpecialDay {
    /// Which day.
    date: Date,
    /// When it is open; never on a holiday.
    open: Vec<Hours>,
    /// What it is called.
    name: Option<String>,
}

impl From<&calendar::SpecialDay> for SpecialDay {
    fn from(day: &calendar::SpecialDay) -> Self {
        Self {
            date: Date(day.date.0),
            open: day.open.iter().copied().map(Into::into).collect(),
            name: day.name.as_ref().map(ToString::to_string),
        }
    }
}

/// A shift calendar: when machines and people that keep to it work.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Calendar {
    /// Its identity.
    id: ID,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The IANA time zone of its clocks, where that is not the company's.
    zone: Option<String>,
    /// Its shifts, from Monday on.
    shifts: Vec<Shift>,
    /// Why it is out of use, once it is. Who kept to it then goes on doing so.
    retired: Option<String>,
    /// Its revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched it.
    position: Position,
    #[graphql(skip)]
    row: CalendarRow,
}

#[ComplexObject]
impl Calendar {
    /// Days that are not like others, such as holidays, by date.
    async fn days(
        &self,
        #[graphql(desc = "The first that is wanted.")] from: Option<Date>,
        #[graphql(desc = "The first that is not wanted any more.")] until: Option<Date>,
    ) -> Vec<SpecialDay> {
        let days = self.row.rules.days.values();
        let wanted =
            |date: LocalDate| from.is_none_or(|from| date.0 >= from.0) && until.is_none_or(|until| date.0 < until.0);
        days.filter(|day| wanted(day.date)).map(Into::into).collect()
    }

    /// When it is open within `[from, until)`: 92 days at most. What the clocks skip is not open, what they show twice is open twice.
    async fn open_time(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant that counts.")] from: DateTime,
        #[graphql(desc = "The first instant that does not count any more.")] until: DateTime,
    ) -> Result<Vec<Span>, Error> {
        let (tenant, deps) = (caller(ctx)?.tenant, deps(ctx)?);
        let window = window(from, until)?;
        let zone = company::time_zone(&*deps.views, tenant).await.map_err(errors::view_failure(deps))?;
        told(window, self.row.rules.open_within(&self.row.time_zone(&zone), window.seconds()))
    }
}

impl From<CalendarRow> for Calendar {
    fn from(row: CalendarRow) -> Self {
        Self {
            id: row.id.into(),
            code: row.rules.code.to_string(),
            name: row.rules.name.to_string(),
            zone: row.rules.zone.as_ref().map(ToString::to_string),
            shifts: row.rules.shifts.shifts().iter().map(Into::into).collect(),
            retired: row.retired.as_ref().map(ToString::to_string),
            revision: Revision(row.revision),
            position: row.position.into(),
            row,
        }
    }
}

/// Which calendars are wanted.
#[derive(Debug, Default, InputObject)]
pub struct CalendarFilter {
    /// Those whose code contains this.
    code_contains: Option<String>,
    /// Those that are out of use as well.
    #[graphql(default)]
    include_retired: bool,
}

impl CalendarFilter {
    fn conditions(self) -> Vec<Condition> {
        let code = self.code_contains.map(|text| Condition { column: "code", test: Test::Contains(text) });
        let in_use = Condition { column: "retired", test: Test::Is(Value::Integer(0)) };
        code.into_iter().chain((!self.include_retired).then_some(in_use)).collect()
    }
}

/// Questions about calendars.
#[derive(Default)]
pub struct CalendarsQuery;

#[Object]
impl CalendarsQuery {
    /// Shift calendars by code. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn calendars(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: CalendarFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Calendar>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let (paging, sort) =
            (Paging::new(first, after, last, before), Sort { column: Some("code"), descending: false });
        let mut page = page::<Calendars>(deps, caller.tenant, &paging, filter.conditions(), sort).await?;
        let nodes = page.take_rows().into_iter().map(Into::into).collect();
        Ok(page.connect(nodes))
    }

    /// One shift calendar; null when there is none.
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Calendar>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        calendar(deps(ctx)?, caller.tenant, find_id(&id)).await
    }
}

async fn calendar(deps: &GraphqlDeps, tenant: TenantId, id: Option<uuid::Uuid>) -> Result<Option<Calendar>, Error> {
    Ok(rows::<Calendars>(deps, tenant, id.into_iter()).await?.pop().map(Into::into))
}
