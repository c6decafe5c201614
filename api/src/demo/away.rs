//! Who is away, and which machine stands still on purpose.

use domain::kernel::Interval;
use domain::machines::machine::MachineCommand;
use domain::machines::maintenance::{Maintenance, MaintenanceCommand};
use domain::machines::work_center::Reason;
use domain::workforce::absence::{Absence, AbsenceCommand, AbsenceKind};
use domain::workforce::operator::OperatorCommand;
use jiff::civil::Weekday;

use super::BadSample;
use super::axis::Axis;

/// Absences: who, when, of which kind.
pub(super) fn absences(axis: &Axis) -> impl Iterator<Item = (&'static str, Interval, AbsenceKind)> {
    let days = |from, until| Interval { from: axis.on(axis.date(from), 0), until: axis.on(axis.date(until), 0) };
    let monday = axis.weekday(Weekday::Monday, 2);
    let week = Interval { from: axis.on(monday, 0), until: axis.on(axis.weekday(Weekday::Monday, 9), 0) };
    let course = axis.weekday(Weekday::Wednesday, 1);
    let course = Interval { from: axis.on(course, 10), until: axis.on(course, 14) };
    [
        ("209", days(-1, 2), AbsenceKind::Away),
        ("214", week, AbsenceKind::Holiday),
        ("206", course, AbsenceKind::Training),
        ("211", days(-16, -11), AbsenceKind::Holiday),
    ]
    .into_iter()
}

/// Planned maintenance: which machine, when, what for.
pub(super) fn maintenance(axis: &Axis) -> impl Iterator<Item = (&'static str, Interval, &'static str)> {
    let day = axis.weekday(Weekday::Thursday, 1);
    let when = Interval { from: axis.on(day, 8), until: axis.on(day, 15) };
    std::iter::once(("LATHE-2", when, "yearly service, way oil and filters"))
}

/// What is said of an absence.
pub(super) const fn told((when, kind): (Interval, AbsenceKind)) -> OperatorCommand {
    OperatorCommand::Absence(AbsenceCommand::Add(Absence { when, kind }))
}

/// What is said of maintenance.
pub(super) fn planned((when, reason): (Interval, &str)) -> Result<MachineCommand, BadSample> {
    let maintenance = Maintenance { when, reason: Reason::try_new(reason)? };
    Ok(MachineCommand::Maintain(MaintenanceCommand::Plan(maintenance)))
}
