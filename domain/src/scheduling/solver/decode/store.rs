//! A material: lots that come, and what is pegged to them. What is pegged stays pegged, so stock never runs short.

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::Material;

#[derive(Debug, Clone, Copy)]
struct Lot {
    at: Seconds,
    left: i64,
}

/// What was taken from a lot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peg {
    lot: usize,
    amount: i64,
}

/// Lots by time.
#[derive(Debug, Clone)]
pub(super) struct Store {
    lots: Vec<Lot>,
}

impl Store {
    pub(super) fn new(material: &Material) -> Self {
        let mut lots = vec![Lot { at: -FAR, left: material.stock }];
        lots.extend(material.receipts.iter().map(|&(at, left)| Lot { at, left }));
        lots.sort_by_key(|lot| lot.at);
        Self { lots }
    }

    /// When so much has come that is not pegged to something else.
    pub(super) fn earliest(&self, amount: i64) -> Option<Seconds> {
        let mut sum = 0_i64;
        let enough = self.lots.iter().find(|lot| {
            sum = sum.saturating_add(lot.left.max(0));
            sum >= amount
        });
        enough.map(|lot| lot.at)
    }

    /// Pegs an amount to the lots that came last before `at`, so that others can start early; what is missing then to those
    /// that come next, and to nothing when nothing comes any more.
    pub(super) fn take(&mut self, amount: i64, at: Seconds, pegs: &mut Vec<Peg>) -> bool {
        let mut missing = amount;
        let come = self.lots.partition_point(|lot| lot.at <= at);
        let order = (0..come).rev().chain(come..self.lots.len());
        let mut in_time = true;
        for lot in order {
            if missing <= 0 {
                break;
            }
            let amount = self.lots[lot].left.clamp(0, missing);
            if amount > 0 {
                in_time &= lot < come;
                self.lots[lot].left -= amount;
                missing -= amount;
                pegs.push(Peg { lot, amount });
            }
        }
        in_time && missing <= 0
    }

    pub(super) fn give_back(&mut self, peg: Peg) {
        self.lots[peg.lot].left += peg.amount;
    }

    /// What an operation made. Returns its lot.
    pub(super) fn make(&mut self, amount: i64, at: Seconds) -> usize {
        let lot = self.lots.partition_point(|lot| lot.at <= at);
        self.lots.insert(lot, Lot { at, left: amount });
        lot
    }

    pub(super) fn unmake(&mut self, lot: usize) {
        self.lots.remove(lot);
    }
}
