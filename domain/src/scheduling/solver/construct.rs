//! First plans: dispatch rules.

use super::decode::{Board, List, list};

/// The first complete plan.
pub(crate) fn first<'a>(base: &Board<'a>, _seed: u64) -> Board<'a> {
    let mut board = base.clone();
    let list = List::new(base.ground());
    list::run(&mut board, &list, &mut |_| true);
    board
}
