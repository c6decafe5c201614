//! A shop as the optimiser sees it.
//!
//! | in the shop | in the problem |
//! |---|---|
//! | machine | takes as many operations at once as its capacity says; its speed scales runs, not setups; hours of its own, else of its work center, else of the company, else always; closed in its maintenance windows |
//! | machine down, or in maintenance outside every window | closed from now on for [`Options::stop`] |
//! | machine out of use | closed, and offered to nothing |
//! | operator | hours of their own, else of the company, else always; away in their absences; a skill for each (skill, level) that work asks for |
//! | operators assigned | only they may do it, and the optimiser names one of them |
//! | operation with neither skill nor operators | needs nobody |
//! | operation | on any machine of its work center, or of an alternative with the times given there; waits for the one before it |
//! | outside operation | takes its lead time, around the clock, as many at once as there are |
//! | operation that is running | stays; what is left of it ([`length`](super::length)) is worked from now on, by who began at it; who helps is away meanwhile |
//! | operation begun and left | what is left of it is planned anew, on the machine where the plan has it, if it has it anywhere |
//! | pin that holds | fixed there, with the operator named there; one that begins before now as well |
//! | paused or blocked job | planned like others, from now on: it keeps its turn until somebody takes it out of the plan |
//! | job without quantity | one piece, or one batch; operation without run time: [`Options::unknown_run`] |
//! | priority 1 to 100 | weight 1 to 10 |
//! | setup family | counts where a table of changeovers names it and work is still to be done of it |
//! | changeovers of a work center | of its machines that take one operation at a time, besides the setup of the operation; what a machine is set up for before its first operation is not known |
//! | tool | as many as there are of it; none while it is out of use, one where nobody set it up |
//!
//! Nobody waits for what has been overtaken: an operation that has begun waits for nothing, whatever was to come before it.

use std::collections::{HashMap, HashSet};

use domain::calendars::open_time::OpenTimeError;
use domain::kernel::time::later;
use domain::kernel::{JobId, MachineId, OperatorId, Timestamp, WorkCenterId};
use domain::machines::machine::MachineStatus;
use domain::machines::tool::ToolCode;
use domain::scheduling::placement::OperationRef;
use domain::scheduling::solver::calendar::{FAR, NoInterval};
use domain::scheduling::solver::model::{Capacity, JobIndex, Machine, MachineIndex, Model, OperationIndex};
use domain::scheduling::solver::plan::Reason;
use domain::scheduling::solver::{Plan, Problem, ProblemError, Seconds, model};

use super::hours::{Hours, seconds_of};
use super::index::Index;
use super::people::{People, tended};
use super::setups::Setups;
use super::shop::{self, Shop};
use crate::local_days::Window;

const DAY: Seconds = 86_400;

/// What is taken for granted where nobody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How far back hours are told: days that can be looked at.
    pub back: Seconds,
    /// How far ahead hours are told: nothing is planned to be done later.
    pub ahead: Seconds,
    /// What is planned to start so soon stays where it is.
    pub freeze: Seconds,
    /// How long a machine that is stopped now is taken to stay so.
    pub stop: Seconds,
    /// What a run takes of which nobody said how long it takes.
    pub unknown_run: Seconds,
}

impl Default for Options {
    /// Five weeks back, four hundred days ahead, nothing frozen; four hours of stop, one hour of run.
    fn default() -> Self {
        Self { back: 35 * DAY, ahead: 400 * DAY, freeze: 0, stop: 4 * 3_600, unknown_run: 3_600 }
    }
}

/// Something that was taken for granted, because nobody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// A machine is stopped, and is taken to be so until then.
    Stopped(MachineId, Timestamp),
    /// Nobody said how many a job makes: one.
    NoQuantity(JobId),
    /// Nobody said how long an operation runs.
    NoRunTime(OperationRef),
    /// An operation is running, and nobody said where: there, or nowhere in particular.
    NoMachine(OperationRef, Option<MachineId>),
}

/// Why an operation has no place in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotPlanned {
    /// Nobody has planned it yet.
    NotYet,
    /// There is no machine in use in its work center, nor in an alternative.
    NoMachine,
    /// It would take longer than can be planned, five years.
    TooLong,
    /// Nobody who works here has the skill at that level.
    SkillMissing,
    /// None of those it is assigned to works here and has the skill.
    AssignedUnable,
    /// Whoever has the skill has it no longer when the work could be done.
    SkillExpires,
    /// No machine and operator are there together long enough before the calendars end.
    CalendarsNeverMeet,
    /// No opening is long enough.
    NoOpeningLongEnough,
    /// The longest lag after the operation before it can't be kept.
    LagTooLong,
    /// An operation before it has no place.
    PredecessorUnplanned,
    /// A tool that it takes is out of use.
    ToolMissing,
    /// A material never arrives.
    MaterialNeverArrives,
    /// The search was ended before it came to it.
    OutOfTime,
}

impl From<Reason> for NotPlanned {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::CalendarsNeverMeet => Self::CalendarsNeverMeet,
            // No operation of a shop goes into batches.
            Reason::NoOpeningLongEnough | Reason::LargerThanBatch => Self::NoOpeningLongEnough,
            Reason::SkillMissing => Self::SkillMissing,
            Reason::SkillExpires => Self::SkillExpires,
            Reason::MaterialNeverArrives => Self::MaterialNeverArrives,
            Reason::ToolMissing => Self::ToolMissing,
            Reason::LagTooLong => Self::LagTooLong,
            Reason::PredecessorUnplaced => Self::PredecessorUnplanned,
            Reason::OutOfTime => Self::OutOfTime,
        }
    }
}

/// Why a shop can't be planned at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanningError {
    /// More, or longer, than the optimiser takes.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// Days outside the calendar of the world.
    #[error(transparent)]
    OpenTime(#[from] OpenTimeError),
    /// More setup families than tables can be made for.
    #[error("{families} setup families in {tables} tables of changeovers are more than can be planned")]
    TooManyFamilies {
        /// So many families.
        families: usize,
        /// So many tables.
        tables: usize,
    },
    /// Hours outside what the optimiser counts.
    #[error(transparent)]
    Interval(#[from] NoInterval),
}

/// A problem, and what connects it with its shop.
#[derive(Debug, Clone)]
pub struct Planning {
    /// What the optimiser is asked.
    pub problem: Problem,
    /// Which thing of the shop is where in it.
    pub index: Index,
    /// The current plan, as far as it is possible at all.
    pub baseline: Plan,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Operations that have no machine at all, and why.
    pub(super) hopeless: HashMap<OperationIndex, NotPlanned>,
    /// Operations that are fixed on a machine that is none of theirs.
    pub elsewhere: HashSet<OperationIndex>,
    /// Operations that have begun and are not over.
    pub(super) begun: HashSet<OperationIndex>,
}

impl Shop {
    /// What the optimiser is asked to plan at `now`.
    pub fn problem(&self, now: Timestamp, options: &Options) -> Result<Planning, PlanningError> {
        let mut builder = Builder::new(self, now, options)?;
        builder.machines()?;
        builder.operators()?;
        let mut jobs: Vec<&shop::Job> = self.jobs.values().collect();
        jobs.sort_unstable_by(|one, other| one.number.cmp(&other.number));
        for job in jobs {
            builder.job(job);
        }
        builder.planning()
    }
}

/// A machine that work of a work center can be planned on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'s> {
    pub(super) place: MachineIndex,
    pub(super) machine: &'s shop::Machine,
}

/// The problem, as far as it is made.
pub(super) struct Builder<'s> {
    pub(super) shop: &'s Shop,
    pub(super) now: Timestamp,
    pub(super) options: Options,
    hours: Hours<'s>,
    pub(super) people: People<'s>,
    pub(super) setups: Setups,
    pub(super) index: Index,
    pub(super) model: Model,
    members: HashMap<WorkCenterId, Vec<Member<'s>>>,
    /// A machine that is never open.
    pub(super) nowhere: MachineIndex,
    /// By operator at work, on which operation they count.
    pub(super) tended: HashMap<OperatorId, OperationRef>,
    /// Machines that running work is on.
    pub(super) taken: HashSet<MachineId>,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) hopeless: HashMap<OperationIndex, NotPlanned>,
    pub(super) elsewhere: HashSet<OperationIndex>,
    begun: HashSet<OperationIndex>,
}

impl<'s> Builder<'s> {
    fn new(shop: &'s Shop, now: Timestamp, options: &Options) -> Result<Self, PlanningError> {
        let epoch = Timestamp::from_micros(now.as_seconds() * 1_000_000).unwrap_or(now);
        let mut index = Index::new(epoch);
        let window = Window { from: later(epoch, -options.back), to: later(epoch, options.ahead) };
        let people = People::new(shop, &mut index);
        let at_work = shop.jobs.values().flat_map(|job| &job.operations).flat_map(|operation| &operation.at_work);
        Ok(Self {
            shop,
            now: epoch,
            options: *options,
            hours: Hours::new(shop, window),
            people,
            setups: Setups::new(shop)?,
            index,
            model: Model { frozen_until: options.freeze, ..Model::default() },
            members: HashMap::new(),
            nowhere: MachineIndex(u32::MAX),
            tended: tended(shop),
            taken: at_work.filter_map(|work| work.machine).collect(),
            assumptions: Vec::new(),
            hopeless: HashMap::new(),
            elsewhere: HashSet::new(),
            begun: HashSet::new(),
        })
    }

    /// All machines by code, and the two that stand for none.
    fn machines(&mut self) -> Result<(), PlanningError> {
        let mut machines: Vec<&shop::Machine> = self.shop.machines.values().collect();
        machines.sort_unstable_by(|one, other| one.code.cmp(&other.code));
        for machine in machines {
            let place = MachineIndex(self.index.machines.add(&machine.id));
            let center = self.shop.work_centers.get(&machine.work_center);
            let own = [machine.calendar, center.and_then(|center| center.calendar)];
            let usual = self.hours.of(&own, &self.index)?;
            let calendar = self.hours.with(usual, &machine.overtime, &self.index)?;
            let downtime = self.downtime(machine);
            let capacity = if machine.rating.capacity > 1 {
                Capacity::Many(machine.rating.capacity.into())
            } else {
                Capacity::One
            };
            let name = machine.code.to_string();
            let changeover = self.setups.of(machine.work_center).filter(|_| capacity == Capacity::One);
            self.model.machines.push(Machine { calendar, downtime, capacity, changeover, ..Machine::new(name) });
            if machine.is_in_use() && center.is_some_and(|center| !center.retired) {
                self.members.entry(machine.work_center).or_default().push(Member { place, machine });
            }
        }
        let [outside, nowhere] =
            [0, 1].map(|more| MachineIndex(u32::try_from(self.model.machines.len() + more).unwrap_or(u32::MAX)));
        (self.index.outside, self.nowhere) = (outside, nowhere);
        self.model.machines.push(Machine { capacity: Capacity::Unlimited, ..Machine::new("outside") });
        self.model.machines.push(Machine { downtime: vec![(-FAR, FAR)], ..Machine::new("nowhere") });
        Ok(())
    }

    fn downtime(&mut self, machine: &shop::Machine) -> Vec<(Seconds, Seconds)> {
        let mut closed = seconds_of(&machine.maintenance, &self.index);
        let planned = closed.iter().any(|(from, to)| *from <= 0 && 0 < *to);
        match machine.status {
            MachineStatus::Retired => closed.push((-FAR, FAR)),
            MachineStatus::Maintenance if planned => {}
            MachineStatus::Down | MachineStatus::Maintenance => {
                closed.push((0, self.options.stop));
                self.assumptions.push(Assumption::Stopped(machine.id, self.index.instant(self.options.stop)));
            }
            MachineStatus::Available | MachineStatus::Running | MachineStatus::Setup => {}
        }
        closed
    }

    fn operators(&mut self) -> Result<(), PlanningError> {
        for at in 0..self.people.operators().len() {
            let operator = self.people.operators()[at];
            let usual = self.hours.of(&[operator.calendar], &self.index)?;
            let calendar = self.hours.with(usual, &operator.overtime, &self.index)?;
            let mut absences = seconds_of(&operator.absences, &self.index);
            // Whoever is at work though they left is there.
            if !operator.active && !self.tended.contains_key(&operator.id) {
                absences.push((0, FAR));
            }
            let name = operator.code.to_string();
            self.people.model.push(model::Operator { name, calendar, absences, skills: Vec::new() });
        }
        Ok(())
    }

    fn job(&mut self, job: &shop::Job) {
        let index = &self.index;
        self.model.jobs.push(model::Job {
            name: job.number.to_string(),
            release: index.second_after(job.released_at(self.now)),
            due: job.due.map(|due| index.second(due)),
            weight: weight(job.priority),
            deadline: None,
        });
        let place = JobIndex(self.index.jobs.add(&job.id));
        for operation in &job.operations {
            let of = OperationIndex(self.index.operations.add(&job.of(operation)));
            if operation.is_begun() {
                self.begun.insert(of);
            }
            let operation = self.operation((job, place), operation, of);
            self.model.operations.push(operation);
        }
        self.links(job);
    }

    pub(super) fn members(&self, work_center: WorkCenterId) -> &[Member<'s>] {
        self.members.get(&work_center).map_or(&[], Vec::as_slice)
    }

    /// Seconds since an instant, as far as a machine was open.
    pub(super) fn worked_since(&self, machine: MachineIndex, since: Timestamp) -> Seconds {
        let since = self.index.second(since).min(0);
        match self.model.machines[machine.at()].calendar {
            Some(calendar) => self.hours.calendars[calendar.at()].work_between(since, 0),
            None => -since,
        }
    }

    /// When so much is worked from now on, as far as a machine is open.
    pub(super) fn worked_after(&self, machine: MachineIndex, work: Seconds) -> Seconds {
        let calendar = self.model.machines[machine.at()].calendar.map(|at| &self.hours.calendars[at.at()]);
        calendar.and_then(|calendar| calendar.finish(0, work)).unwrap_or(work)
    }

    fn planning(self) -> Result<Planning, PlanningError> {
        let Self { shop, mut model, index, hours, people, setups, hopeless, elsewhere, begun, mut assumptions, .. } =
            self;
        (model.calendars, model.changeovers) = (hours.calendars, setups.tables);
        (model.operators, model.skills) = (people.model, people.names);
        let tool = |code: &ToolCode| model::Tool { name: code.to_string(), count: shop.tools_of(code).into() };
        model.tools = index.tools.all().iter().map(tool).collect();
        let problem = Problem::new(model)?;
        let mut baseline = index.plan(shop.plan.placements.values());
        for (operation, assignment) in problem.operations().zip(&mut baseline.assignments) {
            let possible =
                |at: MachineIndex| problem.operation(operation).alternatives.iter().any(|it| it.machine == at);
            assignment.take_if(|at| !possible(at.machine));
        }
        assumptions.sort_unstable();
        assumptions.dedup();
        Ok(Planning { problem, index, baseline, assumptions, hopeless, elsewhere, begun })
    }
}

/// How much the lateness of a job of that priority counts.
fn weight(priority: u8) -> i64 {
    (i64::from(priority) + 9) / 10
}
