//! Finds where an operation can go: the earliest end over its machines and operators, around all that is placed.

use super::board::{Board, Fit, Room, longest_pause};
use super::lag;
use super::level::Level;
use super::line::Line;
use super::span::{Span, Work};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Attendance, Capacity, Family, Link, OperationIndex, State, Transfer};
use crate::scheduling::solver::plan::Reason;
use crate::scheduling::solver::problem::{Qualified, at_speed};

/// Why an operation can't be placed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not as things stand, and nothing will change that.
    Never(Reason),
    /// Something that makes its material is not placed yet.
    Material,
    /// It would run so much too late after what comes first.
    Lag {
        /// What comes first.
        before: OperationIndex,
        /// The earliest that this would have to end.
        ends: Seconds,
    },
}

/// What an operation asks wherever it goes.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) operation: OperationIndex,
    pub(super) start_from: Seconds,
    pub(super) run_from: Seconds,
    /// The earliest that it may end.
    pub(super) ends_from: Seconds,
    /// When the run must have started, and what asks for that.
    pub(super) run_until: (Seconds, Option<&'a Link>),
    /// Transfer batches that come last: from when on their share of the run has to be worked.
    pub(super) last: Vec<(Seconds, Transfer)>,
}

/// One way to do an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) alternative: usize,
    pub(super) by: Option<Qualified>,
}

/// Less is better: whether it runs too late, the end, what the machine costs, what the operator could do elsewhere.
type Key = (bool, Seconds, i64, u64);

#[cfg(test)]
thread_local! {
    /// How often a place was asked for on this thread.
    pub(crate) static SOUGHT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Machines that are looked at closely where there are many.
const CLOSELY: usize = 4;
/// Machines, or people, that are looked at at all.
const AT_ALL: usize = 32;

/// Some of many: as good as any, and others for each operation.
fn some_of(many: usize, operation: OperationIndex) -> impl Iterator<Item = usize> {
    let first = if many <= AT_ALL { 0 } else { (operation.at().wrapping_mul(AT_ALL + 5)) % many };
    (0..many.min(AT_ALL)).map(move |at| (first + at) % many)
}

impl<'a> Board<'a> {
    /// Where it would end earliest, though not before `ends_from`, on that alternative if one is given.
    pub(crate) fn seek(
        &self,
        operation: OperationIndex,
        on: Option<usize>,
        ends_from: Seconds,
    ) -> Result<Fit, Refusal> {
        self.best(&Ask { ends_from, ..self.ask(operation)? }, on)
    }

    /// As before on that alternative by that operator if it then ends no later than it did, or else where it would end earliest.
    pub(super) fn again(
        &self,
        operation: OperationIndex,
        (on, by): (Option<usize>, Option<(Qualified, Seconds)>),
        ends_from: Seconds,
    ) -> Result<Fit, Refusal> {
        let ask = Ask { ends_from, ..self.ask(operation)? };
        let before =
            on.zip(by).and_then(|(alternative, (by, end))| self.probe(&ask, Way { alternative, by: Some(by) }, end));
        match before.filter(|fit| fit.span.run_start <= ask.run_until.0) {
            Some(fit) => Ok(fit),
            None => self.best(&ask, on),
        }
    }

    pub(super) fn best(&self, ask: &Ask<'_>, on: Option<usize>) -> Result<Fit, Refusal> {
        let mut best: Option<(Fit, Key)> = None;
        let data = self.ground.problem.operation(ask.operation);
        let everybody = data.labour.map_or(&[][..], |labour| self.ground.problem.qualified(&labour));
        let soonest = self.soonest(ask, everybody);
        let some = soonest.as_deref().unwrap_or(everybody);
        if let Some(on) = on {
            self.on_machine(ask, on, some, &mut best);
        } else {
            self.promising(ask).into_iter().for_each(|on| self.on_machine(ask, on, some, &mut best));
        }
        if best.is_none() && (on.is_none() || soonest.is_some()) {
            let all = 0..data.alternatives.len();
            for alternative in all.filter(|alternative| on.is_none_or(|on| on == *alternative)) {
                self.on_machine(ask, alternative, everybody, &mut best);
                if alternative >= AT_ALL && best.is_some() {
                    break;
                }
            }
        }
        let Some((fit, _)) = best else { return Err(Refusal::Never(Reason::CalendarsNeverMeet)) };
        self.in_time(ask, fit)
    }

    /// Refuses what would run later than it may.
    pub(super) fn in_time(&self, ask: &Ask<'_>, fit: Fit) -> Result<Fit, Refusal> {
        match ask.run_until {
            (until, Some(link)) if fit.span.run_start > until => {
                let most = link.max_lag.unwrap_or(0);
                let ends = lag::ends_from(self.ground.problem, link, fit.span.run_start, most);
                Err(Refusal::Lag { before: link.before, ends })
            }
            _ => Ok(fit),
        }
    }

    pub(super) fn ask(&self, operation: OperationIndex) -> Result<Ask<'a>, Refusal> {
        #[cfg(test)]
        SOUGHT.set(SOUGHT.get() + 1);
        let mut ask = self.links(operation, |_, _| true)?;
        for &(material, amount) in &self.ground.uses[operation.at()] {
            match self.stores[material].earliest(amount) {
                Some(at) => ask.start_from = ask.start_from.max(at),
                None if self.ground.made[material] => return Err(Refusal::Material),
                None => return Err(Refusal::Never(Reason::MaterialNeverArrives)),
            }
        }
        Ok(ask)
    }

    /// What release and those links ask that count.
    pub(super) fn links(
        &self,
        operation: OperationIndex,
        counts: impl Fn(&Self, &Link) -> bool,
    ) -> Result<Ask<'a>, Refusal> {
        let (ground, problem) = (self.ground, self.ground.problem);
        let mut ask = Ask {
            operation,
            start_from: ground.release(problem.operation(operation).job),
            run_from: -FAR,
            ends_from: -FAR,
            run_until: (FAR, None),
            last: Vec::new(),
        };
        for link in problem.before(operation).filter(|link| counts(self, link)) {
            let (Some(ready), Some(end)) = (self.ready(link), self.end_before(link)) else {
                let lost = self.end_before(link).is_none();
                let reason = if lost { Reason::PredecessorUnplaced } else { Reason::CalendarsNeverMeet };
                return Err(Refusal::Never(reason));
            };
            ask.run_from = ask.run_from.max(ready);
            if let Some(until) = link.max_lag.and_then(|most| lag::after(problem, link, end, most))
                && until < ask.run_until.0
            {
                ask.run_until = (until, Some(link));
            }
            if let Some(transfer) = link.transfer {
                let Some(from) = lag::after(problem, link, end, link.min_lag) else {
                    return Err(Refusal::Never(Reason::CalendarsNeverMeet));
                };
                ask.last.push((from, transfer));
            }
        }
        Ok(ask)
    }

    /// Alternatives by how early they may end, at most a few.
    fn promising(&self, ask: &Ask<'_>) -> Vec<usize> {
        let problem = self.ground.problem;
        let alternatives = &problem.operation(ask.operation).alternatives;
        if alternatives.len() <= CLOSELY {
            return (0..alternatives.len()).collect();
        }
        let estimate = |at: usize| {
            let alternative = &alternatives[at];
            let from = ask.start_from.max(ask.run_from).max(self.tail(alternative.machine));
            problem.open(alternative.machine).finish(from, alternative.setup + alternative.run).unwrap_or(FAR)
        };
        let some = some_of(alternatives.len(), ask.operation);
        let mut order: Vec<(Seconds, usize)> = some.map(|at| (estimate(at), at)).collect();
        order.select_nth_unstable(CLOSELY - 1);
        order.truncate(CLOSELY);
        order.sort_unstable();
        order.into_iter().map(|(_, at)| at).collect()
    }

    /// Where many could do it, those who are free soonest; the rest is hardly ever sooner.
    fn soonest(&self, ask: &Ask<'_>, everybody: &[Qualified]) -> Option<Vec<Qualified>> {
        if everybody.len() <= 2 * CLOSELY {
            return None;
        }
        let problem = self.ground.problem;
        let run = problem.operation(ask.operation).alternatives.first().map_or(0, |alternative| alternative.run);
        let estimate = |by: &Qualified| {
            let from = ask.start_from.max(ask.run_from).max(self.busy[by.operator.at()].tail());
            let end = problem.present(by.operator).finish(from, at_speed(run, by.percent)).unwrap_or(FAR);
            (end, self.ground.scarcity[by.operator.at()], by.operator)
        };
        let some = some_of(everybody.len(), ask.operation).map(|at| &everybody[at]);
        let mut order: Vec<_> = some.map(|by| (estimate(by), *by)).collect();
        order.select_nth_unstable_by_key(2 * CLOSELY - 1, |it| it.0);
        order.truncate(2 * CLOSELY);
        order.sort_unstable_by_key(|it| it.0);
        Some(order.into_iter().map(|it| it.1).collect())
    }

    fn on_machine(&self, ask: &Ask<'_>, alternative: usize, some: &[Qualified], best: &mut Option<(Fit, Key)>) {
        if self.ground.problem.operation(ask.operation).labour.is_none() {
            return self.consider(ask, Way { alternative, by: None }, best);
        }
        for by in some {
            self.consider(ask, Way { alternative, by: Some(*by) }, best);
        }
    }

    fn consider(&self, ask: &Ask<'_>, way: Way, best: &mut Option<(Fit, Key)>) {
        let in_time = best.as_ref().filter(|(_, key)| !key.0);
        let by_end = in_time.map_or(FAR, |(fit, _)| fit.span.end);
        if let Some(fit) = self.probe(ask, way, by_end) {
            let cost = self.ground.problem.operation(ask.operation).alternatives[way.alternative].cost;
            let scarce = way.by.map_or(0, |by| self.ground.scarcity[by.operator.at()]);
            let late = fit.span.run_start > ask.run_until.0;
            let key = (late, fit.span.end, cost, scarce);
            if best.as_ref().is_none_or(|(_, best)| key < *best) {
                *best = Some((fit, key));
            }
        }
    }

    /// The earliest in one way, if it ends at `by_end` at the latest.
    pub(super) fn probe(&self, ask: &Ask<'_>, way: Way, by_end: Seconds) -> Option<Fit> {
        let (ground, problem) = (self.ground, self.ground.problem);
        let machine = problem.operation(ask.operation).alternatives[way.alternative].machine;
        let fit = |span: Span, run: Seconds| Fit { alternative: way.alternative, by: way.by, span, run, joins: None };
        match &self.rooms[machine.at()] {
            Room::Line(line) => {
                let batch = match problem.machine(machine).capacity {
                    Capacity::Batch(most) if problem.operation(ask.operation).size > most => return None,
                    Capacity::Batch(most) => self.join(ask, way, (line, most)),
                    _ => None,
                };
                let by_end = batch.map_or(by_end, |batch| by_end.min(batch.span.end - 1));
                self.in_line(ask, way, line, by_end).map(|(span, run)| fit(span, run)).or(batch)
            }
            room @ (Room::Several(..) | Room::Endless) => {
                let work = Self::work(ground, ask.operation, (way.alternative, way.by), 0);
                let several = match room {
                    Room::Several(level, count) => Some((level, *count)),
                    _ => None,
                };
                self.settle(ask, (&work, way), ask.start_from, (by_end, several)).map(|span| fit(span, work.run))
            }
        }
    }

    /// The first gap of a line that holds it.
    fn in_line(&self, ask: &Ask<'_>, way: Way, line: &Line, by_end: Seconds) -> Option<(Span, Seconds)> {
        let (ground, problem) = (self.ground, self.ground.problem);
        let data = problem.operation(ask.operation);
        let machine = problem.machine(data.alternatives[way.alternative].machine);
        let plain = Self::work(ground, ask.operation, (way.alternative, way.by), 0);
        let soonest = (ask.start_from + plain.length()).max(ask.run_from + plain.run);
        let mut at = line.first_gap(soonest);
        loop {
            let (from, to) = (line.gap_start(at).max(ask.start_from), line.gap_end(at).min(by_end));
            if from.max(ask.run_from - plain.setup) + plain.length() > by_end {
                return None;
            }
            let fits = from + plain.length() <= to && ask.run_from + plain.run <= to;
            if fits && self.leaves_next_alone(line, at, (machine, data.family)) {
                let changeover = problem.changeover(machine, line.family(at), data.family);
                let work = Self::work(ground, ask.operation, (way.alternative, way.by), changeover);
                let span = self.settle(ask, (&work, way), from, (to, None));
                let tie = span.filter(|it| it.start == it.end && line.ties(at, it.start, data.family));
                let span = tie.map_or(span, |tie| self.settle(ask, (&work, way), tie.start + 1, (to, None)));
                if let Some(span) = span {
                    return Some((span, work.run));
                }
            }
            if at == line.entries().len() {
                return None;
            }
            at += 1;
        }
    }

    /// Whether what comes next on the line has the same changeover with something of that family before it.
    fn leaves_next_alone(
        &self,
        line: &Line,
        at: usize,
        (machine, family): (&crate::scheduling::solver::model::Machine, Option<Family>),
    ) -> bool {
        if at == line.entries().len() || family.is_none() || machine.changeover.is_none() {
            return true;
        }
        line.next_with_family(at).is_none_or(|next| {
            let next = &line.entries()[next];
            let runs = matches!(self.ground.problem.operation(next.operation).state, State::Started { .. });
            runs || self.ground.problem.changeover(machine, family, next.needs) == next.changeover
        })
    }

    /// The earliest from `start_from` on that the operator and tools are free for, ending at `by_end` at the latest.
    fn settle(
        &self,
        ask: &Ask<'_>,
        (work, way): (&Work<'a>, Way),
        start_from: Seconds,
        (by_end, several): (Seconds, Option<(&Level, u32)>),
    ) -> Option<Span> {
        let data = self.ground.problem.operation(ask.operation);
        if !self.ground.has_opening(data, (way.alternative, way.by), work) {
            return None;
        }
        let (mut start_from, mut run_from) = (start_from, ask.run_from);
        for (from, transfer) in &ask.last {
            let end = work.run_open.finish(*from, lag::share(work.run, *transfer))?;
            run_from = run_from.max(work.run_open.begin(end, work.run).unwrap_or(-FAR));
        }
        if ask.ends_from > -FAR {
            let from = work.run_open.begin(ask.ends_from, work.run).unwrap_or(-FAR);
            let reaches = work.run_open.finish(from, work.run).is_none_or(|end| end >= ask.ends_from);
            run_from = run_from.max(if reaches { from } else { from + 1 });
        }
        let attended_work = match data.labour.map(|labour| labour.during) {
            Some(Attendance::Setup) => work.setup,
            Some(Attendance::Run) => work.run,
            Some(Attendance::Full) => work.length(),
            None => 0,
        };
        loop {
            let span = work.earliest((start_from, run_from), by_end)?;
            if let Some(by) = way.by {
                let fit = Fit { alternative: way.alternative, by: way.by, span, run: work.run, joins: None };
                let (attended, open) = self.attendance(ask.operation, &fit)?;
                if attended.1 > by.expires && attended.0 < attended.1 {
                    return None;
                }
                if let Some(free) = self.busy[by.operator.at()].clash(attended, attended_work, &open) {
                    if data.labour.is_some_and(|labour| labour.during == Attendance::Run) {
                        run_from = free;
                    } else {
                        start_from = free;
                    }
                    continue;
                }
            }
            let machine = several.and_then(|(level, count)| level.taken_until((span.start, span.end), count));
            match machine.or_else(|| self.tools_taken_until(ask.operation, &span)) {
                Some(free) => start_from = free,
                None => return Some(span),
            }
        }
    }

    pub(super) fn tools_taken_until(&self, operation: OperationIndex, span: &Span) -> Option<Seconds> {
        let tools = &self.ground.problem.operation(operation).tools;
        tools.iter().find_map(|tool| {
            let other = tools.iter().filter(|it| *it == tool).count() - 1;
            let count = self.ground.problem.model().tools[tool.at()].count;
            let left = count.saturating_sub(u32::try_from(other).unwrap_or(u32::MAX));
            self.tools[tool.at()].taken_until((span.start, span.end), left)
        })
    }

    /// The earliest batch that it can join as the batch is.
    fn join(&self, ask: &Ask<'_>, way: Way, (line, most): (&Line, u32)) -> Option<Fit> {
        let problem = self.ground.problem;
        let data = problem.operation(ask.operation);
        let mine = &data.alternatives[way.alternative];
        let entries = &line.entries()[line.first_gap(ask.start_from)..];
        entries.iter().find_map(|entry| {
            let first = problem.operation(entry.operation);
            let batch = self.fit(entry.operation)?;
            let theirs = &first.alternatives[batch.alternative];
            let same = (entry.needs, first.labour) == (data.family, data.labour)
                && batch.by.map(|by| by.operator) == way.by.map(|by| by.operator)
                && !matches!(first.state, State::Started { .. })
                && !self.reserved[entry.operation.at()]
                && !self.clashes.iter().any(|clash| clash.operation == entry.operation);
            let room = entry.size + u64::from(data.size) <= u64::from(most);
            let shorter = mine.setup <= theirs.setup && mine.run <= theirs.run;
            let in_time = batch.span.run_start >= ask.run_from
                && batch.span.end >= ask.ends_from
                && longest_pause(data) >= longest_pause(first);
            if !(same && room && shorter && in_time) || self.tools_taken_until(ask.operation, &batch.span).is_some() {
                return None;
            }
            let work = Self::work(self.ground, ask.operation, (way.alternative, way.by), 0);
            let last = ask.last.iter().all(|(from, transfer)| {
                let end = work.run_open.finish(*from, lag::share(batch.run, *transfer));
                end.is_some_and(|end| end <= batch.span.end)
            });
            last.then_some(Fit { alternative: way.alternative, joins: Some(entry.operation), ..*batch })
        })
    }
}
