//! What comes out: which machine does what, in which order, from when.

use super::elite::Elite;
use super::schedule::Schedule;
use super::shop::Shop;

/// A plan of a shop; operations are numbered through, job after job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is worth by the shop's objective; less is better.
    pub value: i64,
    /// The chosen alternative of each operation.
    pub choices: Vec<u16>,
    /// Operations of each machine, in order.
    pub sequences: Vec<Vec<u32>>,
    /// Earliest start of each operation.
    pub starts: Vec<i64>,
    /// One order of all operations in which none comes before another that it must wait for.
    pub order: Vec<u32>,
}

impl Plan {
    pub(super) fn of(shop: &Shop, elite: &Elite) -> Self {
        let mut schedule = Schedule::new(shop);
        schedule.rebuild(shop, &elite.order, &elite.choice);
        let mut sequences = vec![Vec::new(); shop.machines()];
        for &o in &elite.order {
            sequences[schedule.node(o).machine as usize].push(o);
        }
        Self {
            value: elite.value,
            choices: elite.choice.clone(),
            sequences,
            starts: (0..shop.operations()).map(|o| schedule.node(o as u32).head).collect(),
            order: elite.order.clone(),
        }
    }
}

/// Whether each operation comes once, after those before it in its job, by a choice that exists.
pub(super) fn is_order(shop: &Shop, order: &[u32], choices: &[u16]) -> bool {
    let count = shop.operations();
    if order.len() != count || choices.len() != count {
        return false;
    }
    let mut next: Vec<u32> = shop.jobs.iter().map(|job| job.operations.start).collect();
    let in_turn = order.iter().all(|&o| {
        let Some(&job) = shop.job_of.get(o as usize) else { return false };
        let due = std::mem::replace(&mut next[job as usize], o + 1);
        due == o
    });
    in_turn && choices.iter().enumerate().all(|(o, &choice)| (choice as usize) < shop.choices(o).len())
}
