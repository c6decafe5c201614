//! The fast searchers for shops without calendars, operators or setups: tabu search on block moves for the makespan,
//! insertion where there are alternatives, annealing for weighted tardiness, and path relinking over all of them.
//!
//! A caller makes a [`Shop`], steps the searchers of a [`Team`] on its own threads for a round, lets them exchange what
//! they found, and goes on as long as it likes:
//!
//! - `shop`: what is to be planned, checked · `plan`: what comes out · `team`, `searcher`: the search as a whole
//! - `schedule`, `agenda`, `critical`: a schedule that follows moves, and its longest way
//! - `search` chooses between `tabu` (with `blocks`), `insertion` (with `loads`) and `tardiness`
//! - `dispatch`, `tight`: first plans · `elite`, `brood`: good ones, what lies between them, and how they breed · `bound`: what no plan can beat
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a checked shop has fewer than 2^30 operations, and its times and costs are far from the end of i64"
)]

mod agenda;
mod blocks;
mod bound;
mod brood;
mod critical;
mod dispatch;
mod elite;
mod insertion;
mod loads;
mod plan;
pub(super) mod random;
#[cfg(test)]
mod sample;
mod schedule;
mod search;
mod searcher;
mod shop;
mod tabu;
mod tardiness;
mod team;
mod tight;

pub use plan::Plan;
pub use searcher::Searcher;
pub use shop::{Choice, JobData, Objective, OperationData, Shop, ShopError};
pub use team::Team;
