//! Questions of planning, asked of a shop as it stands: what the optimiser is to plan, what does not go together, what is left out
//! and why. Pure: a [`Shop`] is read at one moment, `now` comes from who asks, and answers name things by their identities.

mod adherence;
mod ask;
mod assumed;
mod changes;
mod compared;
mod conflicts;
mod hours;
mod index;
mod length;
mod load;
mod open;
mod people;
mod place;
mod problem;
mod promise;
mod ready;
mod setups;
mod shop;
mod told;
mod unplanned;
mod why;
mod work;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use self::adherence::Adherence;
pub use self::compared::{Comparison, JobDelta, Worth};
pub use self::conflicts::{Conflict, ConflictKind, Resource, conflicts};
pub use self::index::Index;
pub use self::load::{DayLoad, Lane};
pub use self::problem::{Assumption, NotPlanned, Options, Planning, PlanningError};
pub use self::promise::Promise;
pub use self::ready::{Ready, WaitsFor, WorkOf};
pub use self::shop::{CurrentPlan, Job, Machine, Operation, Operator, Shop, Tool, WorkCenter};
pub use self::why::{Cause, Limit, Slack, Stretch, Why};
