//! The shop minute by minute: who is there takes up what waits on the machines that are open. Work goes on with whoever has the next
//! shift, so it knows no pause on machines that never close.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::calendars::open_time::OpenTimeError;
use domain::kernel::{CalendarId, MachineId, OperatorId};
use projections::planning::Shop;

use super::axis::{Axis, DAY, MINUTE, NOW};
use super::floor::LEAST_LEVEL;
use super::flow::{Draft, STOPPED, Slot, Stretch};
use super::shop::{MACHINES, OPERATORS, SKILLS};
use super::{BadSample, DOWN};

/// So far is looked ahead, for the dates that customers are told.
const UNTIL: i64 = NOW + 12 * DAY;
/// Spans of time in order, in seconds of the axis.
type Spans = Vec<(i64, i64)>;

/// A machine, and what is on it.
struct Machine {
    id: MachineId,
    center: &'static str,
    speed: i64,
    open: Spans,
    on: Option<Busy>,
}

/// Work on a machine.
struct Busy {
    draft: usize,
    slot: Slot,
    setup: i64,
    run: i64,
    by: Option<usize>,
}

struct Person {
    id: OperatorId,
    skills: &'static [(&'static str, u8)],
    open: Spans,
    busy: bool,
}

/// What of all orders was done, and will be if all goes on so: by order, operation after operation.
pub(super) fn flow(shop: &Shop, axis: &Axis, drafts: &[Draft]) -> Result<Vec<Vec<Slot>>, BadSample> {
    let mut floor = Floor::new(shop, axis, drafts)?;
    for minute in 0..UNTIL / MINUTE {
        floor.pass(minute * MINUTE);
    }
    Ok(floor.ended())
}

struct Floor<'a> {
    drafts: &'a [Draft],
    machines: Vec<Machine>,
    people: Vec<Person>,
    /// By work center the orders that wait there, with since when they can be taken up, in the order in which they came in.
    waiting: HashMap<&'static str, Vec<(usize, i64)>>,
    done: Vec<Vec<Slot>>,
}

impl<'a> Floor<'a> {
    fn new(shop: &Shop, axis: &Axis, drafts: &'a [Draft]) -> Result<Self, BadSample> {
        // What never closes is taken up first, so that there is something on it when the others close; of the rest what is fast.
        let mut order: Vec<_> = MACHINES.iter().collect();
        order.sort_by_key(|(.., speed, _, calendar)| (calendar.is_none(), Reverse(*speed)));
        let machine = |(code, _, center, speed, ..): &(&str, &str, &'static str, u16, u64, Option<&str>)| {
            let id = shop.machines.keys().copied().find(|id| shop.machines[id].code.as_str() == *code);
            let id = id.ok_or_else(|| BadSample::Refused(format!("there is no machine {code}")))?;
            let machine = &shop.machines[&id];
            let of_center = shop.work_centers.get(&machine.work_center).and_then(|center| center.calendar);
            let mut open = open(shop, axis, machine.calendar.or(of_center))?;
            for closed in &machine.maintenance {
                open = less(&open, (axis.second(closed.from), axis.second(closed.until)));
            }
            if *code == DOWN.0 {
                open = less(&open, (STOPPED, i64::MAX));
            }
            Ok(Machine { id, center, speed: i64::from(*speed), open, on: None })
        };
        let person = |(code, _, skills, _): &(&str, &str, &'static [(&'static str, u8)], &str)| {
            let known = shop.operators.values().find(|known| known.code.as_str() == *code);
            let known = known.ok_or_else(|| BadSample::Refused(format!("there is no operator {code}")))?;
            let mut open = open(shop, axis, known.calendar)?;
            for away in &known.absences {
                open = less(&open, (axis.second(away.from), axis.second(away.until)));
            }
            Ok(Person { id: known.id, skills, open, busy: false })
        };
        let machines = order.into_iter().map(machine).collect::<Result<_, BadSample>>()?;
        let people = OPERATORS.iter().map(person).collect::<Result<_, BadSample>>()?;
        let mut waiting: HashMap<&'static str, Vec<(usize, i64)>> = HashMap::new();
        for (place, draft) in drafts.iter().enumerate() {
            waiting.entry(draft.product.1[0].0).or_default().push((place, draft.released));
        }
        Ok(Self { drafts, machines, people, waiting, done: vec![Vec::new(); drafts.len()] })
    }

    /// One minute.
    fn pass(&mut self, now: i64) {
        for person in &mut self.people {
            person.busy = !is_open(&person.open, now);
        }
        // Whoever is at something stays at it.
        for machine in &mut self.machines {
            let is_open = is_open(&machine.open, now);
            if let Some(busy) = &mut machine.on {
                busy.by = busy.by.filter(|by| is_open && !self.people[*by].busy);
                if let Some(by) = busy.by {
                    self.people[by].busy = true;
                }
            }
        }
        for at in 0..self.machines.len() {
            if is_open(&self.machines[at].open, now) {
                self.man(at, now);
            }
        }
    }

    /// Somebody works on this machine in this minute, if there is somebody, and something to do.
    fn man(&mut self, at: usize, now: i64) {
        let center = self.machines[at].center;
        if self.machines[at].on.as_ref().is_none_or(|busy| busy.by.is_none()) {
            let Some(able) = self.able(center) else { return };
            if self.machines[at].on.is_none() {
                self.machines[at].on = self.take(center, self.machines[at].id, now);
            }
            let Some(busy) = &mut self.machines[at].on else { return };
            busy.by = Some(able);
            self.people[able].busy = true;
        }
        let machine = &mut self.machines[at];
        let Some(mut busy) = machine.on.take() else { return };
        busy.work(&self.people, now);
        if busy.run > 0 {
            machine.on = Some(busy);
        } else {
            self.pass_on(busy, now + MINUTE);
        }
    }

    /// Who is free and best at what is done there.
    fn able(&self, center: &str) -> Option<usize> {
        let skill = SKILLS.iter().find(|(code, _)| *code == center).map(|(_, skill)| *skill)?;
        let level =
            |person: &Person| person.skills.iter().find(|(known, _)| *known == skill).map_or(0, |(_, level)| *level);
        let free = self.people.iter().enumerate().filter(|(_, person)| !person.busy && level(person) >= LEAST_LEVEL);
        free.max_by_key(|(place, person)| (level(person), Reverse(*place))).map(|(place, _)| place)
    }

    /// What has waited there longest.
    fn take(&mut self, center: &'static str, machine: MachineId, now: i64) -> Option<Busy> {
        let waiting = self.waiting.get_mut(center)?;
        let ready = waiting.iter().position(|(_, since)| *since <= now)?;
        let (draft, _) = waiting.remove(ready);
        let place = self.done[draft].len();
        let of = &self.drafts[draft];
        let (center, setup, seconds) = *of.product.1.get(place)?;
        let speed = self.machines.iter().find(|known| known.id == machine).map_or(100, |known| known.speed);
        let run = i64::from(seconds) * i64::try_from(of.pieces).unwrap_or(0) * 100 / speed;
        let slot = Slot { place, center, machine, start: now, run: now, end: now, stretches: Vec::new() };
        // Whole minutes: nobody looks at a clock more often.
        let run = (run + MINUTE - 1) / MINUTE * MINUTE;
        Some(Busy { draft, slot, setup: i64::from(setup) * MINUTE, run, by: None })
    }

    /// An operation is done: the next one of its order waits where it is done.
    fn pass_on(&mut self, busy: Busy, now: i64) {
        let done = &mut self.done[busy.draft];
        done.push(busy.slot);
        if let Some((center, ..)) = self.drafts[busy.draft].product.1.get(done.len()) {
            let waiting = self.waiting.entry(center).or_default();
            let place = waiting.partition_point(|(other, _)| *other < busy.draft);
            waiting.insert(place, (busy.draft, now));
        }
    }

    /// All that was done, and what is still under way, as long as it would take without a pause.
    fn ended(mut self) -> Vec<Vec<Slot>> {
        for machine in &mut self.machines {
            if let Some(mut busy) = machine.on.take() {
                busy.slot.run = if busy.setup > 0 { busy.slot.end + busy.setup } else { busy.slot.run };
                busy.slot.end += busy.setup + busy.run;
                self.done[busy.draft].push(busy.slot);
            }
        }
        self.done
    }
}

impl Busy {
    fn work(&mut self, people: &[Person], now: i64) {
        let Some(by) = self.by else { return };
        let (operator, setup, end) = (people[by].id, self.setup > 0, now + MINUTE);
        let slot = &mut self.slot;
        match slot.stretches.last_mut() {
            Some(last) if last.to == now && (last.operator, last.setup) == (operator, setup) => last.to = end,
            _ => slot.stretches.push(Stretch { operator, setup, from: now, to: end }),
        }
        if setup {
            self.setup -= MINUTE;
            slot.run = end;
        } else {
            self.run -= MINUTE;
        }
        slot.end = end;
    }
}

/// When a calendar is open, in seconds of the axis.
fn open(shop: &Shop, axis: &Axis, own: Option<CalendarId>) -> Result<Spans, OpenTimeError> {
    let within = (axis.at(0).as_seconds(), axis.at(UNTIL).as_seconds());
    let rules = own.or(shop.calendar).and_then(|calendar| shop.calendars.get(&calendar));
    let open = rules.map_or_else(|| Ok(vec![within]), |rules| rules.open_within(&shop.zone, within))?;
    Ok(open.into_iter().map(|(from, to)| (from - within.0, to - within.0)).collect())
}

fn less(open: &[(i64, i64)], (from, until): (i64, i64)) -> Spans {
    let pieces = open.iter().flat_map(|(opens, closes)| [(*opens, from.min(*closes)), (until.max(*opens), *closes)]);
    pieces.filter(|(opens, closes)| opens < closes).collect()
}

fn is_open(open: &[(i64, i64)], now: i64) -> bool {
    let at = open.partition_point(|(_, closes)| *closes <= now);
    open.get(at).is_some_and(|(opens, _)| *opens <= now)
}
