//! Read models: pure folds from events to rows, and the questions asked of them. Named after what people see.
//!
//! A fold sees one row and one event, nothing else. Every fold is total: an event for an absent row leaves it absent, and an
//! event at or before the row's position has been folded already and changes nothing.

pub mod activity_log;
pub mod andon_calls;
pub mod api_tokens;
pub mod at_work;
pub mod calendars;
pub mod changeovers;
pub mod company;
#[cfg(test)]
mod given;
pub mod invitations;
pub mod job_board;
pub mod job_detail;
pub mod labels;
pub mod local_days;
pub mod logins;
pub mod machine_board;
pub mod members;
pub mod open_time;
pub mod operator_day;
pub mod operators;
pub mod planning;
pub mod projection;
pub mod scenarios;
pub mod schedule_board;
pub mod shop_totals;
mod stored;
pub mod tally;
pub mod timesheet;
pub mod tools;
pub mod views;
pub mod work_center_board;

use projection::Projection;

/// Something that is done with every projection, whatever its row type.
pub trait Visitor {
    /// Does it with one.
    fn visit<P: Projection>(&mut self);
}

/// Visits every stored projection: the only list of them.
pub fn visit_all(visitor: &mut impl Visitor) {
    visitor.visit::<company::Company>();
    visitor.visit::<job_board::JobBoard>();
    visitor.visit::<job_detail::JobDetail>();
    visitor.visit::<work_center_board::WorkCenterBoard>();
    visitor.visit::<machine_board::MachineBoard>();
    visitor.visit::<operators::Operators>();
    visitor.visit::<timesheet::Timesheet>();
    visitor.visit::<activity_log::ActivityLog>();
    visitor.visit::<calendars::Calendars>();
    visitor.visit::<scenarios::Scenarios>();
    visitor.visit::<tools::Tools>();
    visitor.visit::<changeovers::ChangeoverTables>();
    visitor.visit::<andon_calls::AndonCalls>();
    visitor.visit::<schedule_board::ScheduleBoard>();
    visitor.visit::<members::Members>();
    visitor.visit::<invitations::Invitations>();
    visitor.visit::<logins::Logins>();
    visitor.visit::<api_tokens::ApiTokens>();
}
