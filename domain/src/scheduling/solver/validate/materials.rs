//! Rule 9: no material is used that is not there.

use super::placed::Placed;
use super::{Fault, Report, Resource};
use crate::scheduling::solver::model::{MaterialIndex, OperationIndex};
use crate::scheduling::solver::{Problem, Seconds};

/// More or less of a material at an instant, and whose it is where it is less.
struct Movement {
    at: Seconds,
    amount: i64,
    user: Option<OperationIndex>,
}

/// Follows every material through time.
pub(super) fn check(problem: &Problem, placed: &[Option<Placed<'_>>], report: &mut Report<'_>) {
    let materials = &problem.model().materials;
    let receipts = |amounts: &[(Seconds, i64)]| {
        amounts.iter().map(|&(at, amount)| Movement { at, amount, user: None }).collect::<Vec<_>>()
    };
    let mut movements: Vec<Vec<Movement>> = materials.iter().map(|material| receipts(&material.receipts)).collect();
    for it in placed.iter().flatten() {
        // What is at work has taken its material already: it is no longer in the stock. What a fixed operation takes that is
        // not there, as the plan admits, is not missing elsewhere.
        let taken = it.remaining().is_some() || report.admits(it.operation, Fault::MaterialShort);
        let uses = it.data.uses.iter().filter(|_| !taken);
        for &(material, amount) in uses {
            movements[material.at()].push(Movement { at: it.at.start, amount: -amount, user: Some(it.operation) });
        }
        for &(material, amount) in &it.data.makes {
            movements[material.at()].push(Movement { at: it.at.end, amount, user: None });
        }
    }
    for ((material, mut movements), index) in materials.iter().zip(movements).zip(0..) {
        movements.sort_by_key(|movement| movement.at);
        let mut stock = i128::from(material.stock);
        for instant in movements.chunk_by(|one, other| one.at == other.at) {
            stock += instant.iter().map(|movement| i128::from(movement.amount)).sum::<i128>();
            let user = instant.iter().find_map(|it| it.user);
            if let Some(user) = user.filter(|_| stock < 0) {
                let at = instant[0].at;
                report.on(Fault::MaterialShort, user, Resource::Material(MaterialIndex(index)), (at, at));
                // What was told once is not told again at every later use.
                stock = 0;
            }
        }
    }
}
