//! The windows of one kind of caller, in this process. There are never more of them than there is room for, and what has ended costs
//! nothing to forget: those of the last minute are kept beside those of the one before, and go together.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, PoisonError};

use domain::kernel::Timestamp;
use infra::vault::windows::Taken;

use super::{Left, WINDOW_MICROS};

/// How many callers are counted each by themselves in a minute: some 10 MB. Those who come when there are more share one window, of so
/// many times the allowance of one: whoever floods us with callers can't use up our memory, and those that are known go on.
const MOST: usize = 50_000;
const OTHERS: u32 = 10;

/// What counting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charge {
    /// It is counted.
    Fits(Left),
    /// It is more than is left, and costs nothing.
    TooMuch(Left),
    /// This node has not taken enough of the shared window.
    Needs,
}

#[derive(Clone, Copy)]
struct Window {
    ends: Timestamp,
    used: u32,
    /// What this node may spend of it.
    allowance: u32,
    /// What nobody has taken yet.
    elsewhere: u32,
    /// Whether there is nothing more to take.
    is_whole: bool,
}

pub(super) struct Windows<K>(Mutex<Generations<K>>);

struct Generations<K> {
    begun: Timestamp,
    present: HashMap<K, Window>,
    former: HashMap<K, Window>,
    others: Option<Window>,
}

impl<K> Default for Windows<K> {
    fn default() -> Self {
        let (present, former) = (HashMap::new(), HashMap::new());
        Self(Mutex::new(Generations { begun: Timestamp::default(), present, former, others: None }))
    }
}

impl<K: Hash + Eq + Copy> Windows<K> {
    /// Counts `cost`. A window that begins is this node's alone unless it is to be shared.
    pub(super) fn charge(&self, key: K, (cost, limit): (u32, u32), now: Timestamp, is_shared: bool) -> Charge {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (window, limit) = generations.window(key, limit, now);
        if !is_shared && !window.is_whole {
            // What the other nodes have taken is not known: each counts for itself.
            (window.allowance, window.elsewhere, window.is_whole) = (limit, 0, true);
        }
        window.spend(cost, limit, now)
    }

    /// Counts `cost` after more of a shared window was taken.
    pub(super) fn add(&self, key: K, (cost, limit): (u32, u32), taken: &Taken, now: Timestamp) -> Charge {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (window, limit) = generations.window(key, limit, now);
        let before = taken.used.saturating_sub(u64::from(taken.amount));
        let free = u32::try_from(u64::from(limit).saturating_sub(before)).unwrap_or(0);
        let granted = taken.amount.min(free);
        if window.allowance == 0 {
            window.ends = after(now, taken.rest_micros);
        }
        window.allowance = window.allowance.saturating_add(granted);
        window.elsewhere = free - granted;
        window.is_whole = window.elsewhere == 0;
        match window.spend(cost, limit, now) {
            // It was given all that it asked for; others spent some of it meanwhile.
            Charge::Needs => Charge::TooMuch(window.left(limit, now)),
            charged => charged,
        }
    }

    /// Takes back what was counted in this window for nothing.
    pub(super) fn refund(&self, key: &K, cost: u32) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = generations.present.get_mut(key) {
            window.used = window.used.saturating_sub(cost);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).present.len()
    }
}

impl<K: Hash + Eq + Copy> Generations<K> {
    /// The window of a caller, and its limit.
    fn window(&mut self, key: K, limit: u32, now: Timestamp) -> (&mut Window, u32) {
        if !(0..WINDOW_MICROS).contains(&(now.as_micros() - self.begun.as_micros())) {
            self.former = mem::take(&mut self.present);
            (self.begun, self.others) = (now, None);
        }
        let is_known = self.present.contains_key(&key);
        if !is_known && self.present.len() >= MOST {
            let limit = limit.saturating_mul(OTHERS);
            let others = self.others.get_or_insert_with(|| Window::whole(limit, now));
            return (others, limit);
        }
        let former = if is_known { None } else { self.former.remove(&key) };
        let window = self.present.entry(key).or_insert_with(|| former.unwrap_or_else(|| Window::new(now)));
        if window.is_over(now) {
            *window = Window::new(now);
        }
        (window, limit)
    }
}

impl Window {
    fn new(now: Timestamp) -> Self {
        Self { ends: after(now, WINDOW_MICROS), used: 0, allowance: 0, elsewhere: 0, is_whole: false }
    }

    fn whole(limit: u32, now: Timestamp) -> Self {
        Self { allowance: limit, is_whole: true, ..Self::new(now) }
    }

    fn spend(&mut self, cost: u32, limit: u32, now: Timestamp) -> Charge {
        let fits = self.used.saturating_add(cost) <= self.allowance;
        if fits {
            self.used += cost;
        } else if !self.is_whole {
            return Charge::Needs;
        }
        let left = self.left(limit, now);
        if fits { Charge::Fits(left) } else { Charge::TooMuch(left) }
    }

    fn left(&self, limit: u32, now: Timestamp) -> Left {
        let rest = self.ends.as_micros() - now.as_micros();
        let reset_seconds = u32::try_from((rest + 999_999).div_euclid(1_000_000)).unwrap_or(0);
        let remaining = self.allowance.saturating_sub(self.used).saturating_add(self.elsewhere);
        Left { limit, remaining, reset_seconds }
    }

    /// Also when the clock went back: nobody waits for longer than a window.
    fn is_over(&self, now: Timestamp) -> bool {
        !(1..=WINDOW_MICROS).contains(&(self.ends.as_micros() - now.as_micros()))
    }
}

fn after(now: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(now.as_micros().saturating_add(micros)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn charge(windows: &Windows<usize>, key: usize, cost: u32, seconds: i64) -> Result<u32, u32> {
        match windows.charge(key, (cost, 3), at(seconds), false) {
            Charge::Fits(left) => Ok(left.remaining),
            Charge::TooMuch(left) => Err(left.reset_seconds),
            Charge::Needs => panic!("it is this node's alone"),
        }
    }

    #[test]
    fn a_caller_has_so_much_a_minute_and_others_have_their_own() {
        let windows = Windows::default();
        for remaining in [2, 1, 0] {
            assert_eq!(charge(&windows, 1, 1, 10), Ok(remaining));
        }
        assert_eq!(charge(&windows, 1, 1, 30), Err(40));
        assert!(charge(&windows, 2, 3, 30).is_ok());
        assert!(charge(&windows, 1, 1, 70).is_ok());
        assert_eq!(charge(&windows, 2, 1, 75), Err(15), "its window began later");
    }

    #[test]
    fn what_is_more_than_is_left_costs_nothing() {
        let windows = Windows::default();
        assert!(charge(&windows, 1, 4, 0).is_err());
        assert_eq!(charge(&windows, 1, 3, 0), Ok(0));
    }

    #[test]
    fn a_clock_that_goes_back_lets_nobody_wait_longer() {
        let windows = Windows::default();
        assert!(charge(&windows, 1, 3, 1000).is_ok());
        assert!(charge(&windows, 1, 3, 10).is_ok());
    }

    #[test]
    fn a_flood_of_callers_costs_no_more_room_and_shares_one_window() {
        let windows = Windows::default();
        for caller in 0..MOST {
            assert!(charge(&windows, caller, 1, 0).is_ok());
        }
        let let_through = (MOST..3 * MOST).filter(|caller| charge(&windows, *caller, 1, 1).is_ok()).count();
        assert_eq!(let_through, 3 * OTHERS as usize);
        assert_eq!(charge(&windows, 7, 2, 1), Ok(0), "who is known goes on");
        assert!(charge(&windows, 3 * MOST, 1, 61).is_ok());
        let generations = windows.0.lock().unwrap();
        assert_eq!((generations.present.len(), generations.former.len()), (1, MOST));
    }

    #[test]
    fn a_shared_window_is_spent_in_parts_and_never_beyond_its_limit() {
        let (nodes, mut used) = ([Windows::default(), Windows::default()], 0);
        let mut fits = 0;
        for round in 0..40 {
            let node: &Windows<u8> = &nodes[round % 2];
            let mut charged = node.charge(1, (1, 12), at(0), true);
            if charged == Charge::Needs {
                used += 5;
                let taken = Taken { amount: 5, used, rest_micros: 30_000_000 };
                charged = node.add(1, (1, 12), &taken, at(0));
            }
            match charged {
                Charge::Fits(left) => {
                    fits += 1;
                    assert_eq!(left.reset_seconds, 30);
                }
                Charge::TooMuch(left) => assert_eq!(left.remaining, 0),
                Charge::Needs => panic!("it was given some"),
            }
        }
        assert_eq!((fits, used), (12, 20), "the last one got nothing");
    }

    #[test]
    fn when_the_store_is_away_a_node_counts_for_itself() {
        let windows = Windows::<u8>::default();
        assert_eq!(windows.charge(1, (1, 3), at(0), true), Charge::Needs);
        for _ in 0..3 {
            assert!(matches!(windows.charge(1, (1, 3), at(0), false), Charge::Fits(_)));
        }
        assert!(matches!(windows.charge(1, (1, 3), at(0), true), Charge::TooMuch(_)), "until the window ends");
        assert_eq!(windows.charge(1, (1, 3), at(60), true), Charge::Needs);
    }
}
