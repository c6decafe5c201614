//! Planning for people: runs of the optimiser on threads of their own, in turns across tenants, watched while they get better.
//!
//! A run lives in the process that began it: whoever follows it, or takes its plan over, asks the same node.

mod by_hand;
mod fit;
mod follow;
mod kept;
mod limits;
mod listener;
mod office;
mod planner;
mod pool;
mod publish;
mod queue;
mod run;
#[cfg(test)]
mod sample;
mod scenarios;
mod sight;
#[cfg(test)]
mod tests;
mod undo;

pub use self::by_hand::{Followers, Move, Moved, Moves, TakeOut};
pub use self::follow::{Follower, Leads};
pub use self::limits::Limits;
pub use self::listener::Listener;
pub use self::office::{Accepted, Office, Refusal};
pub use self::planner::{Planner, Refused};
pub use self::publish::{Published, Publishing};
pub use self::run::{Asked, Best, Direction, Ending, PlanningRunId, Progress, Run, Stage, Wanted};
pub use self::scenarios::Beside;
pub use self::sight::{Seen, Sight, Unseen};
pub use self::undo::{Undo, Undone, WouldUndo};
