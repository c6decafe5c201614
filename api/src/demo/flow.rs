//! How work flowed through the shop: orders came in at a steady pace, and whoever was there [took them up](super::simulate). What lies
//! before now was done so; what lies ahead is planned by the optimiser when the sample is loaded.

use domain::kernel::{MachineId, OperatorId, TenantId};

use super::axis::{Axis, DAY, HOUR, MINUTE, NOW};
use super::shop::{LOT_SIZES, PRODUCTS, Product};
use super::{BadSample, DOWN, floor, simulate};

/// Orders that flow.
const ORDERS: usize = 176;
/// Orders that have only just come in: nobody has planned them yet.
const FRESH: usize = 5;
const FIRST_NUMBER: usize = 4101;
/// From one order to the next.
const PACE: i64 = 6 * HOUR;
/// Orders are known so long before work on them may begin.
const KNOWN_BEFORE: i64 = 14 * DAY;
/// Nothing was begun on the broken machine from then on.
pub(super) const STOPPED: i64 = NOW - 3 * HOUR;
/// Whoever has the shift has taken over by now: a shift that has only just begun found the former one at work.
pub(super) const TAKEN_OVER: i64 = NOW - 5 * MINUTE;

/// What is ordered.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) place: usize,
    pub(super) product: Product,
    pub(super) pieces: u64,
    /// When it came in.
    pub(super) known: i64,
    /// When work may begin.
    pub(super) released: i64,
}

/// One order.
pub(super) struct Order {
    pub(super) draft: Draft,
    /// The date that the customer asked for.
    pub(super) due: i64,
    /// Where its operations are done, as far as that is known.
    pub(super) slots: Vec<Slot>,
    pub(super) trouble: Option<Trouble>,
}

/// Where and when one operation is done: setup from `start`, making from `run`.
#[derive(Clone)]
pub(super) struct Slot {
    /// Its place in the routing.
    pub(super) place: usize,
    pub(super) center: &'static str,
    pub(super) machine: MachineId,
    pub(super) start: i64,
    pub(super) run: i64,
    pub(super) end: i64,
    /// When work is done on it, and by whom.
    pub(super) stretches: Vec<Stretch>,
}

/// Somebody works on an operation without a break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) operator: OperatorId,
    pub(super) setup: bool,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What does not go by plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The machine broke under it, then.
    MachineBroke(i64),
    /// Somebody stopped it.
    Paused,
    /// Something to make it of has not arrived.
    NoMaterial,
    /// The customer does not want it any more.
    Withdrawn,
}

impl Draft {
    fn flowing(place: usize) -> Self {
        let released = PACE * i64::try_from(place).unwrap_or(0);
        Self::of(place, ((released - KNOWN_BEFORE).max(0), released))
    }

    fn fresh(place: usize) -> Self {
        let known = NOW - 50 * MINUTE + i64::try_from(place % FRESH).unwrap_or(0) * 9 * MINUTE;
        Self::of(place, (known, known))
    }

    fn of(place: usize, (known, released): (i64, i64)) -> Self {
        let (product, pieces) = (PRODUCTS[place * 5 % PRODUCTS.len()], LOT_SIZES[place % LOT_SIZES.len()]);
        Self { place, product, pieces, known, released }
    }

    pub(super) fn number(&self) -> String {
        (FIRST_NUMBER + self.place).to_string()
    }

    /// Some are more urgent than others.
    pub(super) const fn priority(&self) -> u8 {
        if self.place % 7 == 2 { 80 } else { 50 }
    }
}

/// The orders that nobody has planned yet.
pub(super) fn fresh() -> impl Iterator<Item = Order> {
    let order = |draft: Draft| Order { draft, due: NOW + 9 * DAY, slots: Vec::new(), trouble: None };
    (ORDERS..ORDERS + FRESH).map(Draft::fresh).map(order)
}

/// All others, in the order in which they came in.
pub(super) fn orders(tenant: TenantId, axis: &Axis) -> Result<Vec<Order>, BadSample> {
    let drafts: Vec<Draft> = (0..ORDERS).map(Draft::flowing).filter(|draft| draft.known < NOW).collect();
    let flow = simulate::flow(&floor::shop(tenant, axis)?, axis, &drafts)?;
    let order = |(draft, slots): (&Draft, Vec<Slot>)| {
        let end = slots.last().map_or(draft.released + 4 * DAY, |slot| slot.end);
        // Two of five dates were too bold.
        let slack = match draft.place % 5 {
            1 => -2 * DAY,
            3 => -5 * DAY,
            _ => 2 * DAY,
        };
        Order { draft: *draft, due: (end + slack).max(draft.known + 2 * DAY), slots, trouble: None }
    };
    let mut orders: Vec<Order> = drafts.iter().zip(flow).map(order).collect();
    go_wrong(&mut orders, MachineId::from_key(tenant, DOWN.0));
    Ok(orders)
}

/// A machine breaks, two orders wait for something, one is withdrawn.
fn go_wrong(orders: &mut [Order], broken: MachineId) {
    let last = |order: &Order| order.slots.iter().rposition(|slot| slot.machine == broken && slot.start < STOPPED);
    let under = orders.iter_mut().filter_map(|order| last(order).map(|place| (order, place)));
    if let Some((order, place)) = under.max_by_key(|(order, place)| order.slots[*place].start) {
        // What comes after a broken machine is anybody's guess.
        order.slots.truncate(place + 1);
        let worked = order.slots[place].stretches.last();
        order.trouble = worked.map(|last| Trouble::MachineBroke(last.from.midpoint(last.to)));
    }
    let mut waiting = orders.iter_mut().filter(|order| order.waits());
    for (order, trouble) in [(waiting.next(), Trouble::NoMaterial), (waiting.next(), Trouble::Paused)] {
        order.map(|order| order.trouble.replace(trouble));
    }
    let ahead = orders.iter_mut().rfind(|order| order.slots.first().is_some_and(|slot| slot.start > NOW));
    ahead.map(|order| order.trouble.replace(Trouble::Withdrawn));
}

impl Order {
    /// Whether work on it has begun, and nobody is at it now.
    fn waits(&self) -> bool {
        let begun = self.slots.first().is_some_and(|slot| slot.end < NOW - HOUR);
        let next = self.slots.iter().find(|slot| slot.end >= NOW - HOUR);
        self.trouble.is_none() && begun && next.is_some_and(|slot| slot.start > NOW)
    }
}

impl Slot {
    /// How long is worked on its pieces from one second up to another.
    pub(super) fn run_between(&self, from: i64, to: i64) -> i64 {
        let run = self.stretches.iter().filter(|stretch| !stretch.setup);
        run.map(|stretch| (stretch.to.min(to) - stretch.from.max(from)).max(0)).sum()
    }

    /// Who is at work at this second, and since when, breaks aside; `None` where the shift is over and nobody took over.
    pub(super) fn at_work(&self, second: i64) -> Option<(OperatorId, i64)> {
        let begun = self.stretches.partition_point(|stretch| stretch.from <= second);
        let last = self.stretches[..begun].last()?;
        let mut since = last.from;
        for before in self.stretches[..begun].iter().rev() {
            if before.operator != last.operator || since - before.to > HOUR {
                break;
            }
            since = before.from;
        }
        // In a break they come back.
        let comes_back = |next: &Stretch| next.operator == last.operator && next.from - last.to <= HOUR;
        (second < last.to || self.stretches.get(begun).is_some_and(comes_back)).then_some((last.operator, since))
    }
}
