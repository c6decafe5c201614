//! A plan while it is made: what is placed, what that takes, what it is worth so far. Every step can be taken back.

use std::collections::HashMap;

use super::busy::Busy;
use super::ground::{Ground, at_run, at_setup};
use super::lag;
use super::level::Level;
use super::line::{Entry, Line};
use super::open::Open;
use super::span::{Span, Work};
use super::store::{Peg, Store};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{
    Alternative, Capacity, Family, JobIndex, Link, Machine, MachineIndex, Operation, OperationIndex, State,
};
use crate::scheduling::solver::objective::{Parts, Score};
use crate::scheduling::solver::plan::{Assignment, Clash, Conflict, Reason, Unplaced};
use crate::scheduling::solver::problem::{Qualified, at_speed};
use crate::scheduling::solver::{Plan, Seconds};

/// Where and when an operation is placed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    /// Place in the operation's alternatives.
    pub(crate) alternative: usize,
    pub(crate) by: Option<Qualified>,
    pub(crate) span: Span,
    /// Work of the run.
    pub(crate) run: Seconds,
    /// The first member of the batch that it joins.
    pub(crate) joins: Option<OperationIndex>,
}

/// What a machine has taken.
#[derive(Debug, Clone)]
pub(super) enum Room {
    /// One thing after the other.
    Line(Line),
    /// Several at once.
    Several(Level, u32),
    /// Any number.
    Endless,
}

/// What is needed to take a step back.
#[derive(Debug, Clone, Copy)]
struct Step {
    operation: OperationIndex,
    parts: Parts,
    job_end: Seconds,
    pegs: usize,
    lots: usize,
    clashes: usize,
    unplaced: usize,
}

/// The state of a plan that is being made.
#[derive(Debug, Clone)]
pub(crate) struct Board<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) rooms: Vec<Room>,
    pub(super) busy: Vec<Busy>,
    pub(super) tools: Vec<Level>,
    pub(super) stores: Vec<Store>,
    pub(super) placed: Vec<Option<Fit>>,
    pub(super) clashes: Vec<Clash>,
    pub(super) unplaced: Vec<Unplaced>,
    /// By operation, whether its place is only kept for it until its turn comes.
    pub(super) reserved: Vec<bool>,
    /// What is pegged for them, of what nobody makes.
    pub(super) reserved_pegs: HashMap<OperationIndex, Vec<(usize, Peg)>>,
    /// By operation, whether it is listed as unplaced.
    lost: Vec<bool>,
    /// The least at which each job can end; `None` where that does not count any more.
    job_ends: Vec<Option<Seconds>>,
    /// By operation, what is thought to pass from its end to its job's; [`Ground::tail`] unless something is known better.
    tails: Vec<Seconds>,
    parts: Parts,
    steps: Vec<Step>,
    pegs: Vec<(usize, Peg)>,
    lots: Vec<(usize, usize)>,
}

impl<'a> Board<'a> {
    /// A board on which only what is fixed is placed.
    pub(crate) fn new(ground: &'a Ground<'a>) -> Self {
        let model = ground.problem.model();
        let room = |machine: &Machine| match machine.capacity {
            Capacity::One | Capacity::Batch(_) => Room::Line(Line::new(machine.family)),
            Capacity::Many(count) => Room::Several(Level::default(), count),
            Capacity::Unlimited => Room::Endless,
        };
        let mut board = Self {
            ground,
            rooms: model.machines.iter().map(room).collect(),
            busy: vec![Busy::default(); model.operators.len()],
            tools: vec![Level::default(); model.tools.len()],
            stores: model.materials.iter().map(Store::new).collect(),
            placed: vec![None; model.operations.len()],
            clashes: Vec::new(),
            unplaced: Vec::new(),
            reserved: vec![false; model.operations.len()],
            reserved_pegs: HashMap::new(),
            lost: vec![false; model.operations.len()],
            job_ends: vec![None; model.jobs.len()],
            tails: ground.tail.clone(),
            parts: Parts::default(),
            steps: Vec::new(),
            pegs: Vec::new(),
            lots: Vec::new(),
        };
        super::fixed::place(&mut board);
        board.begin();
        board
    }

    /// What is on the board from here on stays.
    fn begin(&mut self) {
        let problem = self.ground.problem;
        self.steps.clear();
        self.pegs.clear();
        self.lots.clear();
        let ends = super::heads::job_ends(self);
        for ((job, at), end) in problem.model().jobs.iter().zip(&mut self.job_ends).zip(ends) {
            *at = end;
            if let Some(end) = end {
                self.parts.count_job(job, end);
            }
        }
        self.parts.clashes = count(self.clashes.len());
    }

    pub(crate) const fn ground(&self) -> &'a Ground<'a> {
        self.ground
    }

    /// The parts of the worth of what is placed, and the least that the rest can add.
    pub(crate) const fn parts(&self) -> Parts {
        self.parts
    }

    /// The worth of what is placed, and the least that the rest can add.
    pub(crate) fn score(&self) -> Score {
        self.parts.score(&self.ground.weights)
    }

    pub(crate) fn fit(&self, operation: OperationIndex) -> Option<&Fit> {
        self.placed[operation.at()].as_ref()
    }

    /// The least at which a job can end, as things stand; `None` where that does not count.
    pub(crate) fn job_end(&self, job: JobIndex) -> Option<Seconds> {
        self.job_ends[job.at()]
    }

    /// From here on so much is thought to pass from the end of an operation to the end of its job.
    pub(crate) fn expect(&mut self, operation: OperationIndex, tail: Seconds) {
        self.tails[operation.at()] = tail;
    }

    /// What has no place.
    pub(crate) fn unplaced(&self) -> &[Unplaced] {
        &self.unplaced
    }

    /// When a machine's last operation ends; nothing is waited for where several go at once.
    pub(crate) fn tail(&self, machine: MachineIndex) -> Seconds {
        match &self.rooms[machine.at()] {
            Room::Line(line) => line.tail(),
            Room::Several(..) | Room::Endless => -FAR,
        }
    }

    /// What a machine is set up for at its end.
    pub(crate) fn family(&self, machine: MachineIndex) -> Option<Family> {
        match &self.rooms[machine.at()] {
            Room::Line(line) => line.family(line.entries().len()),
            Room::Several(..) | Room::Endless => None,
        }
    }

    /// The plan as it stands.
    pub(crate) fn plan(&self) -> Plan {
        let problem = self.ground.problem;
        let assignment = |(operation, fit): (OperationIndex, &Option<Fit>)| {
            let fit = fit.as_ref()?;
            Some(Assignment {
                machine: problem.operation(operation).alternatives[fit.alternative].machine,
                operator: fit.by.map(|by| by.operator),
                start: fit.span.start,
                run_start: fit.span.run_start,
                end: fit.span.end,
            })
        };
        let mut unplaced = self.unplaced.clone();
        unplaced.sort_unstable_by_key(|it| it.operation);
        Plan {
            assignments: problem.operations().zip(&self.placed).map(assignment).collect(),
            unplaced,
            clashes: self.clashes.clone(),
        }
    }

    /// The work of an operation on a machine by an operator, after a changeover.
    pub(super) fn work(
        ground: &'a Ground<'_>,
        operation: OperationIndex,
        (alternative, by): (usize, Option<Qualified>),
        changeover: Seconds,
    ) -> Work<'a> {
        let problem = ground.problem;
        let data = problem.operation(operation);
        let Alternative { machine, setup, run, .. } = data.alternatives[alternative];
        let open = |attends: bool| ground.open(machine, by.filter(|_| attends));
        let speed = |work: Seconds, attends: bool| match by {
            Some(by) if attends => at_speed(work, by.percent),
            _ => work,
        };
        let (setup_by, run_by) = (data.labour.is_some_and(at_setup), data.labour.is_some_and(at_run));
        Work {
            setup: speed(setup + changeover, setup_by),
            run: speed(run, run_by),
            setup_open: open(setup_by),
            run_open: open(run_by),
            longest_pause: longest_pause(data),
        }
    }

    /// What of an operation needs its operator.
    fn attended(data: &Operation, span: &Span) -> (Seconds, Seconds) {
        match data.labour {
            Some(labour) if at_setup(labour) && at_run(labour) => (span.start, span.end),
            Some(labour) if at_setup(labour) => (span.start, span.setup_end),
            Some(_) => (span.run_start, span.end),
            None => (span.start, span.start),
        }
    }

    /// Until when the operator is needed.
    pub(super) fn attended_until(ground: &Ground<'_>, operation: OperationIndex, span: &Span) -> Seconds {
        Self::attended(ground.problem.operation(operation), span).1
    }

    /// When the operator is needed, and the hours in which that is worked at.
    pub(super) fn attendance(&self, operation: OperationIndex, fit: &Fit) -> Option<((Seconds, Seconds), Open<'a>)> {
        let problem = self.ground.problem;
        let data = problem.operation(operation);
        let by = fit.by?;
        let machine = data.alternatives[fit.alternative].machine;
        let (mut from, to) = Self::attended(data, &fit.span);
        if matches!(data.state, State::Started { .. }) {
            from = from.max(problem.model().now);
        }
        let open = self.ground.open(machine, Some(by));
        // What is fixed outside of all hours is worked all the same, and whoever does it does nothing else.
        let fixed_outside = self.ground.kept[operation.at()].is_some() && open.pieces(from, to).next().is_none();
        Some(((from, to), if fixed_outside { self.ground.around_the_clock() } else { open }))
    }

    /// When an operation that waits by `link` may run, as far as what comes first goes; `None` if that has no place or its lag
    /// never passes.
    pub(crate) fn ready(&self, link: &Link) -> Option<Seconds> {
        let problem = self.ground.problem;
        let ready = match problem.operation(link.before).state {
            State::Done { end } => end,
            State::Started { .. } => self.fit(link.before)?.span.end,
            State::Planned | State::Pinned(_) => {
                let fit = self.fit(link.before)?;
                if link.transfer.is_some() {
                    let work = Self::work(self.ground, link.before, (fit.alternative, fit.by), 0);
                    lag::ready(link, &fit.span, fit.run, &work.run_open)
                } else {
                    fit.span.end
                }
            }
        };
        lag::after(problem, link, ready, link.min_lag)
    }

    /// When what comes first ends.
    pub(super) fn end_before(&self, link: &Link) -> Option<Seconds> {
        match self.ground.problem.operation(link.before).state {
            State::Done { end } => Some(end),
            _ => self.fit(link.before).map(|fit| fit.span.end),
        }
    }

    /// Places an operation where `fit` says, which has been found free.
    pub(crate) fn commit(&mut self, operation: OperationIndex, fit: Fit) {
        let ground = self.ground;
        let data = ground.problem.operation(operation);
        let job = data.job;
        self.steps.push(Step {
            operation,
            parts: self.parts,
            job_end: self.job_ends[job.at()].unwrap_or(-FAR),
            pegs: self.pegs.len(),
            lots: self.lots.len(),
            clashes: self.clashes.len(),
            unplaced: self.unplaced.len(),
        });
        self.occupy(operation, &fit);
        self.take_materials(operation, &fit);
        self.placed[operation.at()] = Some(fit);
        self.count(operation, &fit);
        self.told_too_early(operation);
    }

    /// Takes machine, operator and tools.
    pub(super) fn occupy(&mut self, operation: OperationIndex, fit: &Fit) {
        self.take_machine(operation, fit);
        if fit.joins.is_none()
            && let (Some(by), Some(((from, to), open))) = (fit.by, self.attendance(operation, fit))
        {
            open.pieces(from, to).for_each(|piece| self.busy[by.operator.at()].add(piece));
        }
        for tool in &self.ground.problem.operation(operation).tools {
            self.tools[tool.at()].add(fit.span.start, fit.span.end);
        }
    }

    fn take_machine(&mut self, operation: OperationIndex, fit: &Fit) {
        let data = self.ground.problem.operation(operation);
        let (machine, span) = (data.alternatives[fit.alternative].machine, &fit.span);
        let problem = self.ground.problem;
        match &mut self.rooms[machine.at()] {
            Room::Line(line) => {
                if let Some(at) = fit.joins.and_then(|first| line.find(span.start, first)) {
                    line.grow(at, i64::from(data.size));
                } else {
                    let (needs, size) = (data.family, data.size.into());
                    let (start, end) = (span.start, span.end);
                    let entry = Entry { start, end, operation, needs, changeover: 0, leaves: None, size };
                    line.insert(entry, |from| problem.changeover(problem.machine(machine), from, needs));
                }
            }
            Room::Several(level, _) => level.add(span.start, span.end),
            Room::Endless => {}
        }
    }

    /// Pegs what an operation uses and adds what it makes; false when something was not there in time.
    fn take_materials(&mut self, operation: OperationIndex, fit: &Fit) -> bool {
        let data = self.ground.problem.operation(operation);
        let mut in_time = true;
        if !matches!(data.state, State::Started { .. }) {
            let mut pegs = Vec::new();
            for &(material, amount) in &self.ground.uses[operation.at()] {
                in_time &= self.stores[material].take(amount, fit.span.start, &mut pegs);
                self.pegs.extend(pegs.drain(..).map(|peg| (material, peg)));
            }
        }
        for (material, amount) in &data.makes {
            let lot = self.stores[material.at()].make(*amount, fit.span.end);
            self.lots.push((material.at(), lot));
        }
        in_time
    }

    /// Adds an operation to what the plan is worth.
    fn count(&mut self, operation: OperationIndex, fit: &Fit) {
        let ground = self.ground;
        let data = ground.problem.operation(operation);
        let alternative = &data.alternatives[fit.alternative];
        let is = Assignment {
            machine: alternative.machine,
            operator: fit.by.map(|by| by.operator),
            start: fit.span.start,
            run_start: fit.span.run_start,
            end: fit.span.end,
        };
        self.parts.count_assignment(ground.problem, operation, (&is, ground.told(operation).as_ref()), &ground.weights);
        self.ends_no_earlier(data.job, fit.span.end + self.tails[operation.at()]);
    }

    fn ends_no_earlier(&mut self, job: JobIndex, end: Seconds) {
        let data = &self.ground.problem.model().jobs[job.at()];
        if let Some(was) = self.job_ends[job.at()].filter(|was| *was < end) {
            self.parts.move_job(data, was, end);
            self.job_ends[job.at()] = Some(end);
        }
    }

    /// Lists fixed operations that should have waited for this one, now that it is known when it ends.
    fn told_too_early(&mut self, operation: OperationIndex) {
        let ground = self.ground;
        for link in ground.problem.after(operation) {
            if let Some(after) = self.placed[link.after.at()].filter(|_| ground.kept[link.after.at()].is_some())
                && !self.keeps(link, &after)
            {
                let clash = Clash { operation: link.after, with: Some(operation), over: Conflict::Sequence };
                self.clashes.push(clash);
                self.parts.clashes += 1;
            }
        }
    }

    /// Whether a link is kept by a fixed operation that waits.
    pub(super) fn keeps(&self, link: &Link, after: &Fit) -> bool {
        let problem = self.ground.problem;
        let latest = |most| self.end_before(link).and_then(|end| lag::after(problem, link, end, most));
        let last = link.transfer.is_none_or(|transfer| {
            let work = Self::work(self.ground, link.after, (after.alternative, after.by), 0);
            let from = self.end_before(link).and_then(|end| lag::after(problem, link, end, link.min_lag));
            let end = from.and_then(|from| work.run_open.finish(from, lag::share(after.run, transfer)));
            end.is_some_and(|end| end <= after.span.end)
        });
        last && self.ready(link).is_some_and(|ready| ready <= after.span.run_start)
            && link.max_lag.and_then(latest).is_none_or(|latest| after.span.run_start <= latest)
    }

    /// Lists an operation as unplaced.
    pub(crate) fn give_up(&mut self, operation: OperationIndex, reason: Reason) {
        let ground = self.ground;
        let job = ground.problem.operation(operation).job;
        self.steps.push(Step {
            operation,
            parts: self.parts,
            job_end: self.job_ends[job.at()].unwrap_or(-FAR),
            pegs: self.pegs.len(),
            lots: self.lots.len(),
            clashes: self.clashes.len(),
            unplaced: self.unplaced.len(),
        });
        self.unplaced.push(Unplaced { operation, reason });
        self.lost[operation.at()] = true;
        self.parts.unplaced += 1;
        for link in ground.problem.after(operation).filter(|link| ground.kept[link.after.at()].is_some()) {
            self.clashes.push(Clash { operation: link.after, with: Some(operation), over: Conflict::Sequence });
            self.parts.clashes += 1;
        }
    }

    /// Whether an operation was listed as unplaced.
    pub(crate) fn is_given_up(&self, operation: OperationIndex) -> bool {
        self.lost[operation.at()]
    }

    /// How many steps were taken.
    pub(crate) const fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Takes steps back until only so many are left.
    pub(crate) fn rewind(&mut self, steps: usize) {
        while self.steps.len() > steps {
            let Some(step) = self.steps.pop() else { return };
            if let Some(fit) = self.placed[step.operation.at()].take() {
                self.remove(step.operation, &fit, &step);
            }
            self.lost[step.operation.at()] = false;
            self.parts = step.parts;
            let job = self.ground.problem.operation(step.operation).job;
            if let Some(end) = &mut self.job_ends[job.at()] {
                *end = step.job_end;
            }
            self.clashes.truncate(step.clashes);
            self.unplaced.truncate(step.unplaced);
        }
    }

    fn remove(&mut self, operation: OperationIndex, fit: &Fit, step: &Step) {
        for (material, lot) in self.lots.drain(step.lots..).rev() {
            self.stores[material].unmake(lot);
        }
        for (material, peg) in self.pegs.drain(step.pegs..).rev() {
            self.stores[material].give_back(peg);
        }
        self.vacate(operation, fit);
    }

    /// Gives machine, operator and tools back.
    pub(super) fn vacate(&mut self, operation: OperationIndex, fit: &Fit) {
        let data = self.ground.problem.operation(operation);
        for tool in &data.tools {
            self.tools[tool.at()].remove(fit.span.start, fit.span.end);
        }
        if fit.joins.is_none()
            && let (Some(by), Some(((from, to), open))) = (fit.by, self.attendance(operation, fit))
        {
            open.pieces(from, to).for_each(|piece| self.busy[by.operator.at()].remove(piece));
        }
        match &mut self.rooms[data.alternatives[fit.alternative].machine.at()] {
            Room::Line(line) => {
                if let Some(at) = line.find(fit.span.start, fit.joins.unwrap_or(operation)) {
                    if fit.joins.is_some() { line.grow(at, -i64::from(data.size)) } else { line.remove(at) }
                }
            }
            Room::Several(level, _) => level.remove(fit.span.start, fit.span.end),
            Room::Endless => {}
        }
    }
}

pub(super) fn longest_pause(data: &Operation) -> Seconds {
    if data.interruptible { data.longest_pause.unwrap_or(FAR) } else { 0 }
}

pub(super) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
