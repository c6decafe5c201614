//! The optimiser: a shop and its work in, a plan out. Pure and seeded; the caller brings threads, budget and cancelling.
//!
//! [`model`] is what is asked, [`Problem`] the same after every check, [`Plan`] the answer, [`objective`] what it is worth.
//! All times are whole seconds since an epoch that the caller chooses; all intervals are half-open.
//!
//! # The rules of a plan
//! What makes plans and what checks them share no code; they share these rules.
//!
//! 1. **Work.** An operation is its setup, then its run, without idling between: the setup works from `start`, the run from
//!    `run_start`, which is the first instant at or after the end of the setup's work at which the run can be worked at; it
//!    ends at `end`. A part is worked at when the machine is open and, if the part needs the operator, the operator is at
//!    work. `start` is such an instant itself. An operation without any work takes nothing and may be at any instant.
//! 2. **Length.** Setup is the alternative's setup plus the changeover from the family the machine is set up for. That
//!    family is the latest one in the machine's sequence before it (operations without a family leave it as it is), first
//!    [`model::Machine::family`]; nothing known means no changeover. Machines of capacity `Many` and `Unlimited` have
//!    no changeovers. The part that an operator attends takes [`problem::at_speed`] of its length, changeover included.
//! 3. **Interruption.** Where not interruptible, nothing in `[start, end)` is closed. Otherwise no single closed piece in it is
//!    longer than the longest pause.
//! 4. **Machine.** Taken in `[start, end)`, pauses included, by as many as its capacity says. A batch's members have the same
//!    family, `start`, `run_start`, `end` and operator; it takes the longest setup and the longest run of them.
//! 5. **Operator.** Busy while a part that needs him is worked at, not in pauses; with one operation, or one batch, at a time. He has the
//!    skill, and it expires no earlier than the last second that he works.
//! 6. **Tool.** Taken in `[start, end)`; at any instant no more than there are.
//! 7. **Links.** `run_start` is not before `end` of what comes first plus the least lag (counted on the lag's calendar; with a
//!    transfer batch, not before it has worked `ceil(run · first / of)` of its run, plus that lag), and not after `end` plus the longest lag. With a
//!    transfer batch `end` is also not before `ceil(run · first / of)` of its own run can be worked from `end` of what comes first plus lag.
//!    What is done or started counts with its `end` for both.
//! 8. **Release.** `start` is neither before the job's release nor before now.
//! 9. **Material.** Stock + receipts until then + made until then − used until then is never negative; used at `start`, made at `end`.
//! 10. **Fixed.** Pinned, started, and what the baseline starts from now until `frozen_until` ([`Problem::kept`]) stay where they
//!     are (operator too, where one is named); what should have started before now and has not is planned anew. A started operation ends when its remaining work is done from now on; `run_start` is its `start`. Where fixed ones offend against a
//!     rule they stay and are listed as clashes.
//! 11. **Nothing is lost.** Every operation that is not done has an assignment, or is listed as unplaced with a reason.

pub mod backward;
pub mod bound;
pub mod calendar;
mod construct;
mod decode;
pub mod explain;
mod improve;
pub mod kernel;
mod lower;
pub mod model;
pub mod objective;
pub mod plan;
pub mod problem;
pub mod repair;
#[cfg(test)]
mod sample;
pub mod solve;
#[cfg(test)]
mod tests;
pub mod validate;
pub mod what_if;

pub use self::backward::backward;
pub use self::bound::Bound;
pub use self::calendar::Calendar;
pub use self::model::Model;
pub use self::objective::{Preset, Score, Weights};
pub use self::plan::Plan;
pub use self::problem::{Problem, ProblemError};
pub use self::repair::repair;
pub use self::solve::{Alone, Budget, Crew, Improvement, Request, Solution, solve};

/// Whole seconds: an instant since the epoch of the plan, or a length.
pub type Seconds = i64;
