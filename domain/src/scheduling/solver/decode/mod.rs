//! From who goes first to when everything happens: the only place where plans are made, and where the rules of a plan are kept.

mod board;
mod busy;
mod fixed;
mod ground;
mod heads;
mod hopeless;
mod lag;
mod late;
mod level;
mod line;
pub(crate) mod list;
mod open;
mod openings;
mod seek;
mod span;
mod store;
#[cfg(test)]
mod tests;
pub(crate) mod tied;
mod told;

pub(crate) use self::board::{Board, Fit};
pub(crate) use self::ground::{Ground, at_setup, shortest_run};
pub(crate) use self::heads::heads;
pub(crate) use self::lag::{after as lag_after, holds, lag_of};
pub(crate) use self::list::List;
#[cfg(test)]
pub(crate) use self::seek::SOUGHT;
