//! What a board shows, checked against what was entered: no code of Kilter's own decides here.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::hours::{Clock, passed, sum};
use super::shop::{Instant, Operation, Run, Shop, Stretch, number};

/// How long a run is taken to last where nobody said.
const UNKNOWN_RUN: i64 = 3_600;

/// A bar of the board.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    job: usize,
    step: usize,
    machine: Option<usize>,
    operator: Option<usize>,
    start: Instant,
    run_start: Instant,
    end: Instant,
    late: bool,
    running: bool,
}

impl Bar {
    /// As the API tells it.
    pub(super) fn read(told: &Json) -> Self {
        let place = |at: &Json| at["code"].as_str().map(|code| code[1..].parse::<usize>().expect("a place"));
        let instant = |name: &str| {
            let text = told[name].as_str().unwrap_or_else(|| panic!("{name}: {told}"));
            text.parse::<jiff::Timestamp>().expect("an instant").as_second()
        };
        Self {
            job: place(&told["job"]).expect("a job"),
            step: usize::try_from(told["operation"].as_u64().expect("a number")).expect("small") / 10 - 1,
            machine: place(&told["machine"]),
            operator: place(&told["operator"]),
            start: instant("start"),
            run_start: instant("runStart"),
            end: instant("end"),
            late: told["late"].as_bool().expect("late or not"),
            running: told["status"] == "RUNNING",
        }
    }

    pub(super) const fn of(&self) -> (usize, usize) {
        (self.job, self.step)
    }
}

/// Everything that is wrong with a board, in words.
pub(super) fn faults(shop: &Shop, bars: &[Bar]) -> Vec<String> {
    let clock = Clock::new(shop);
    let mut found = Vec::new();
    for bar in bars {
        let it = &shop.jobs[bar.job].operations[bar.step];
        let mut fault = |what: &str| found.push(format!("J{} {}: {what}: {bar:?}", bar.job, number(bar.step)));
        if bar.late != shop.jobs[bar.job].due.is_some_and(|due| bar.end > due) {
            fault("is late where it is not, or the other way round");
        }
        if bar.running {
            if shop.running != Some((bar.job, bar.machine.unwrap_or(99), bar.operator.unwrap_or(99), bar.start)) {
                fault("is not where somebody is at work on it");
            }
            continue;
        }
        if bar.start < shop.now || shop.jobs[bar.job].release.is_some_and(|release| bar.start < release) {
            fault("starts too early");
        }
        if let Some(lead) = it.outside {
            if (bar.machine, bar.operator, bar.end - bar.run_start) != (None, None, lead) {
                fault("is not outside for as long as it takes");
            }
            continue;
        }
        work(shop, &clock, (bar, it), &mut fault);
        people(shop, &clock, (bar, it), &mut fault);
    }
    order(shop, &clock, bars, &mut found);
    taken(shop, &clock, bars, &mut found);
    found
}

/// What an operation takes on a machine: setup and run.
fn length(shop: &Shop, job: usize, it: &Operation, machine: usize) -> Option<(i64, i64)> {
    let (center, speed) = (shop.machines[machine].center, shop.machines[machine].speed);
    let elsewhere = it.alternative.filter(|(other, _)| *other == center && it.center != center).map(|(_, setup)| setup);
    let setup = if it.center == center { Some(it.setup) } else { elsewhere }?;
    let ceil = |amount: i64, by: i64| (amount + by - 1) / by;
    let quantity = shop.jobs[job].quantity;
    let run = match it.run {
        None => return Some((setup, UNKNOWN_RUN)),
        Some(Run::PerUnit(seconds)) => seconds * quantity,
        Some(Run::PerBatch(size, seconds)) => seconds * ceil(quantity, size),
    };
    Some((setup, ceil(run * 100, speed)))
}

/// On a machine that can do it, for as long as that takes, in open time and without waiting in between.
fn work(shop: &Shop, clock: &Clock<'_>, (bar, it): (&Bar, &Operation), fault: &mut impl FnMut(&str)) {
    let Some(machine) = bar.machine else { return fault("is on no machine") };
    let Some((setup, run)) = length(shop, bar.job, it, machine) else {
        return fault("is on a machine that can't do it");
    };
    let pieces = |stretch: Stretch| clock.pieces((bar.machine, bar.operator), stretch);
    if sum(&pieces((bar.start, bar.run_start))) != setup || sum(&pieces((bar.run_start, bar.end))) != run {
        fault("is not as long as it takes");
    }
    let open = |at: Instant| pieces((at, at + 1)).len() == 1;
    if !open(bar.start) || !open(bar.end - 1) || !open(bar.run_start) {
        fault("starts, runs or ends while it is closed");
    }
}

/// By somebody who may and can until it is over, and by nobody where nobody is needed.
fn people(shop: &Shop, clock: &Clock<'_>, (bar, it): (&Bar, &Operation), fault: &mut impl FnMut(&str)) {
    if it.needs_somebody() != bar.operator.is_some() {
        return fault("has nobody, or somebody for nothing");
    }
    let Some(by) = bar.operator else { return };
    if it.assigned.is_some_and(|assigned| assigned != by) {
        fault("is done by somebody else than it is assigned to");
    }
    if let Some((which, level)) = it.skill {
        let last =
            clock.pieces((bar.machine, bar.operator), (bar.start, bar.end)).last().map_or(bar.end, |piece| piece.1);
        let held = shop.operators[by].skills[which].filter(|held| held.0 >= level);
        if held.is_none_or(|(_, expires)| expires.is_some_and(|expires| last > expires)) {
            fault("is done by somebody without the skill");
        }
    }
}

/// Each waits for the one before it: for its end or its first transfer batch, with the lags that were asked for.
fn order(shop: &Shop, clock: &Clock<'_>, bars: &[Bar], found: &mut Vec<String>) {
    let by_step: BTreeMap<(usize, usize), &Bar> = bars.iter().map(|bar| (bar.of(), bar)).collect();
    for after in bars.iter().filter(|bar| bar.step > 0 && !bar.running) {
        let it = &shop.jobs[after.job].operations[after.step];
        let Some(before) = by_step.get(&(after.job, after.step - 1)) else {
            found.push(format!("J{} {}: what comes before it has no place", after.job, number(after.step)));
            continue;
        };
        let share = |work: i64| {
            it.transfer.map_or(work, |batch| {
                (work * batch + shop.jobs[after.job].quantity - 1) / shop.jobs[after.job].quantity
            })
        };
        let pieces = |bar: &Bar, stretch| {
            if bar.machine.is_none() { vec![stretch] } else { clock.pieces((bar.machine, bar.operator), stretch) }
        };
        let mut made = before.end;
        if it.transfer.is_some() && !before.running {
            let run = pieces(before, (before.run_start, before.end));
            made = passed(&run, share(sum(&run))).unwrap_or(before.end);
        }
        let early = after.run_start < made + it.min_lag;
        let too_late = it.max_lag.is_some_and(|most| after.run_start > before.end + most.max(it.min_lag));
        let last = it.transfer.is_some() && {
            let work = share(sum(&pieces(after, (after.run_start, after.end))));
            let comes = before.end + it.min_lag;
            comes > after.end || sum(&pieces(after, (comes, after.end))) < work
        };
        if early || too_late || last {
            found.push(format!("J{} {}: is out of turn: {before:?} {after:?}", after.job, number(after.step)));
        }
    }
}

/// No machine has more than it takes, no operator works at two things, and there is one of the tool.
fn taken(shop: &Shop, clock: &Clock<'_>, bars: &[Bar], found: &mut Vec<String>) {
    let ahead = |bar: &Bar| (bar.start.max(shop.now), bar.end);
    let mut there: BTreeMap<(char, usize), Vec<Stretch>> = BTreeMap::new();
    for bar in bars {
        if let Some(machine) = bar.machine {
            there.entry(('M', machine)).or_default().push(ahead(bar));
        }
        if let Some(operator) = bar.operator {
            let pieces = clock.pieces((bar.machine, bar.operator), ahead(bar));
            let outside = pieces.is_empty().then(|| ahead(bar));
            there.entry(('P', operator)).or_default().extend(pieces.into_iter().chain(outside));
        }
        let it = &shop.jobs[bar.job].operations[bar.step];
        if it.tool && it.outside.is_none() {
            there.entry(('T', 1)).or_default().push(ahead(bar));
        }
    }
    for ((kind, place), stretches) in there {
        let most = if kind == 'M' { shop.machines[place].capacity as usize } else { 1 };
        let at_once = |at: Instant| stretches.iter().filter(|(from, to)| (*from..*to).contains(&at)).count();
        if let Some((from, _)) = stretches.iter().find(|(from, to)| from < to && at_once(*from) > most) {
            found.push(format!("{kind}{place} has {} at once at {from}: {stretches:?}", at_once(*from)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shop::shop;
    use super::*;

    #[test]
    fn the_checker_of_boards_finds_what_is_put_wrong() {
        let shop = shop(1);
        let job = shop.jobs.iter().position(|job| job.operations[0].outside.is_none()).expect("work inside");
        let machine =
            shop.machines.iter().position(|it| it.center == shop.jobs[job].operations[0].center).expect("a machine");
        let start = shop.now - 10;
        let bar = Bar {
            job,
            step: 0,
            machine: Some(machine),
            operator: None,
            start,
            run_start: start,
            end: start + 1,
            late: false,
            running: false,
        };
        let told = |bar: Bar, what: &str| faults(&shop, &[bar]).iter().any(|fault| fault.contains(what));
        assert!(told(bar, "too early") && told(bar, "as long as it takes"));
        assert!(told(Bar { machine: None, ..bar }, "on no machine"));
        let twice = vec![bar; shop.machines[machine].capacity as usize + 1];
        let later = |bar: Bar| Bar { start: shop.now, run_start: shop.now, end: shop.now + 9, ..bar };
        let twice: Vec<Bar> = twice.into_iter().map(later).collect();
        assert!(faults(&shop, &twice).iter().any(|fault| fault.contains("at once")));
    }
}
