//! How work flows through the shop: orders come in at a steady pace and go from work center to work center, each time to
//! the machine that is free first. All of it is minutes of the [calendar](super::calendar), so it is the same in every load.

use std::collections::HashMap;

use super::DOWN;
use super::calendar::{DAY, NOW};
use super::shop::{LOT_SIZES, MACHINES, PRODUCTS, Product};

const ORDERS: usize = 68;
/// Orders that have not been planned yet.
const UNPLANNED: usize = 5;
/// Minutes from one order to the next.
const PACE: i64 = 12 * 60 + 20;
/// Orders are known so long before work on them may begin.
const KNOWN_BEFORE: i64 = 7 * DAY;
/// When the broken machine broke.
pub(super) const BROKE: i64 = NOW - 17 * 60 - 40;

/// One order.
pub(super) struct Order {
    pub(super) place: usize,
    pub(super) product: Product,
    pub(super) pieces: u64,
    /// When it came in.
    pub(super) known: i64,
    /// When it was planned.
    pub(super) planned: i64,
    /// The date that the customer asked for.
    pub(super) due: i64,
    /// Where its operations are done, as far as that is known.
    pub(super) slots: Vec<Slot>,
    pub(super) trouble: Option<Trouble>,
}

/// Where and when one operation is done: setup from `start`, making from `run`.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    /// Its place in the routing.
    pub(super) place: usize,
    pub(super) center: &'static str,
    pub(super) machine: Option<&'static str>,
    pub(super) start: i64,
    pub(super) run: i64,
    pub(super) end: i64,
}

/// What does not go by plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The machine broke under it.
    MachineBroke,
    /// Somebody stopped it.
    Paused,
    /// Something to make it of has not arrived.
    NoMaterial,
    /// The customer does not want it any more.
    Withdrawn,
}

/// All orders, in the order in which they came in.
pub(super) fn orders() -> Vec<Order> {
    let mut free = HashMap::new();
    let mut orders: Vec<Order> = (0..ORDERS).map(|place| order(place, &mut free)).collect();
    let mut waiting = orders.iter_mut().filter(|order| order.waits());
    for (order, trouble) in [(waiting.next(), Trouble::NoMaterial), (waiting.next(), Trouble::Paused)] {
        order.map(|order| order.trouble.replace(trouble));
    }
    let ahead = orders.iter_mut().rfind(|order| order.slots.first().is_some_and(|slot| slot.start > NOW));
    ahead.map(|order| order.trouble.replace(Trouble::Withdrawn));
    orders
}

fn order(place: usize, free: &mut HashMap<&'static str, i64>) -> Order {
    let released = PACE * i64::try_from(place).unwrap_or(0);
    let product = PRODUCTS[place * 5 % PRODUCTS.len()];
    let pieces = LOT_SIZES[place % LOT_SIZES.len()];
    let mut slots = if place + UNPLANNED < ORDERS { slots((product, pieces), released, free) } else { Vec::new() };
    let broken = slots.iter().position(|slot| slot.machine == Some(DOWN.0) && slot.end > BROKE);
    // What comes after a broken machine is anybody's guess.
    slots.truncate(broken.map_or(slots.len(), |place| place + 1));
    let known = (released - KNOWN_BEFORE).max(0);
    let end = slots.last().map_or(released + 4 * DAY, |slot| slot.end);
    // Two of five dates were too bold.
    let slack = match place % 5 {
        1 => -2 * DAY,
        3 => -5 * DAY,
        _ => 2 * DAY,
    };
    Order {
        place,
        product,
        pieces,
        known,
        planned: (released - 2 * DAY).clamp(known, NOW - 45),
        due: (end + slack).max(known + 2 * DAY),
        slots,
        trouble: broken.map(|_| Trouble::MachineBroke),
    }
}

/// Puts each operation on the machine that is free first.
fn slots(((_, routing), pieces): (Product, u64), released: i64, free: &mut HashMap<&'static str, i64>) -> Vec<Slot> {
    let mut ready = released;
    let mut slots = Vec::new();
    for (place, (center, setup, seconds)) in routing.iter().enumerate() {
        let start_on = |code: &str| free.get(code).map_or(ready, |free| ready.max(*free));
        let machines = MACHINES.iter().filter(|(_, _, at, ..)| at == center).map(|(code, ..)| *code);
        let usable = machines.filter(|code| *code != DOWN.0 || start_on(code) < BROKE);
        let machine = usable.min_by_key(|code| start_on(code));
        let start = machine.map_or(ready, start_on);
        let run = start + i64::from(*setup);
        let end = run + i64::from(*seconds) * i64::try_from(pieces).unwrap_or(0) / 60 + 1;
        machine.map(|machine| free.insert(machine, end));
        slots.push(Slot { place, center, machine, start, run, end });
        ready = end;
    }
    slots
}

impl Order {
    /// Whether work on it has begun, and nobody is at it now.
    fn waits(&self) -> bool {
        let begun = self.slots.first().is_some_and(|slot| slot.end < NOW);
        let next = self.slots.iter().find(|slot| slot.end >= NOW);
        self.trouble.is_none() && begun && next.is_some_and(|slot| slot.start > NOW)
    }
}
