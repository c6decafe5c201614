//! From the things of a shop to their places in a problem, and back.

use std::collections::HashMap;
use std::hash::Hash;

use domain::kernel::time::later;
use domain::kernel::{JobId, MachineId, OperatorId, Timestamp};
use domain::machines::tool::ToolCode;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::model::{JobIndex, MachineIndex, OperationIndex, OperatorIndex, ToolIndex};
use domain::scheduling::solver::plan::Assignment;
use domain::scheduling::solver::{Plan, Seconds};

/// Which thing is where in a problem. Its instants count from [`epoch`](Self::epoch).
#[derive(Debug, Clone)]
pub struct Index {
    epoch: Timestamp,
    pub(super) machines: Places<MachineId>,
    pub(super) operators: Places<OperatorId>,
    pub(super) tools: Places<ToolCode>,
    pub(super) jobs: Places<JobId>,
    pub(super) operations: Places<OperationRef>,
    /// The machine of the problem that stands for everything outside the house.
    pub(super) outside: MachineIndex,
}

/// Things in their order, and where each is.
#[derive(Debug, Clone)]
pub(super) struct Places<T> {
    all: Vec<T>,
    at: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Places<T> {
    pub(super) fn new() -> Self {
        Self { all: Vec::new(), at: HashMap::new() }
    }

    /// Its place; the next free one where it has none.
    pub(super) fn add(&mut self, thing: &T) -> u32 {
        if let Some(known) = self.at.get(thing) {
            return *known;
        }
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.at.insert(thing.clone(), next);
        self.all.push(thing.clone());
        next
    }

    pub(super) fn get(&self, thing: &T) -> Option<u32> {
        self.at.get(thing).copied()
    }

    fn thing(&self, place: u32) -> Option<&T> {
        self.all.get(place as usize)
    }

    pub(super) fn all(&self) -> &[T] {
        &self.all
    }
}

impl Index {
    pub(super) fn new(epoch: Timestamp) -> Self {
        Self {
            epoch,
            machines: Places::new(),
            operators: Places::new(),
            tools: Places::new(),
            jobs: Places::new(),
            operations: Places::new(),
            outside: MachineIndex(u32::MAX),
        }
    }

    /// Second 0 of the problem: its now, on a whole second.
    pub const fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// An instant of the problem.
    pub fn instant(&self, seconds: Seconds) -> Timestamp {
        later(self.epoch, seconds)
    }

    /// The second that an instant lies in.
    pub const fn second(&self, instant: Timestamp) -> Seconds {
        instant.seconds_since(self.epoch)
    }

    /// The first second that begins at an instant or after it.
    pub const fn second_after(&self, instant: Timestamp) -> Seconds {
        self.second(instant) + if instant.as_micros().rem_euclid(1_000_000) == 0 { 0 } else { 1 }
    }

    /// The machine there; `None` where it stands for no machine of the shop.
    pub fn machine(&self, place: MachineIndex) -> Option<MachineId> {
        self.machines.thing(place.0).copied()
    }

    /// The operator there.
    pub fn operator(&self, place: OperatorIndex) -> Option<OperatorId> {
        self.operators.thing(place.0).copied()
    }

    /// The tool there.
    pub fn tool(&self, place: ToolIndex) -> Option<&ToolCode> {
        self.tools.thing(place.0)
    }

    /// The job there.
    pub fn job(&self, place: JobIndex) -> Option<JobId> {
        self.jobs.thing(place.0).copied()
    }

    /// The operation there.
    pub fn operation(&self, place: OperationIndex) -> Option<OperationRef> {
        self.operations.thing(place.0).copied()
    }

    /// The place of a machine; outside the house, where there is none.
    pub fn machine_index(&self, machine: Option<MachineId>) -> Option<MachineIndex> {
        machine.map_or(Some(self.outside), |machine| self.machines.get(&machine).map(MachineIndex))
    }

    /// The place of an operator.
    pub fn operator_index(&self, operator: OperatorId) -> Option<OperatorIndex> {
        self.operators.get(&operator).map(OperatorIndex)
    }

    /// The place of a job.
    pub fn job_index(&self, job: JobId) -> Option<JobIndex> {
        self.jobs.get(&job).map(JobIndex)
    }

    /// The place of an operation.
    pub fn operation_index(&self, operation: OperationRef) -> Option<OperationIndex> {
        self.operations.get(&operation).map(OperationIndex)
    }

    /// Where an assignment puts an operation.
    pub fn placement(&self, operation: OperationIndex, at: &Assignment) -> Option<Placement> {
        let OperationRef { job, operation } = self.operation(operation)?;
        Some(Placement {
            job,
            operation,
            machine: self.machine(at.machine),
            operator: at.operator.and_then(|operator| self.operator(operator)),
            start: self.instant(at.start),
            run_start: self.instant(at.run_start),
            end: self.instant(at.end),
        })
    }

    /// What a placement is in the problem; `None` where its operation or its machine is not in it.
    pub fn assignment(&self, placement: &Placement) -> Option<(OperationIndex, Assignment)> {
        Some((self.operation_index(placement.of())?, self.assignment_at(placement)?))
    }

    /// The same, whatever the operation.
    pub(super) fn assignment_at(&self, placement: &Placement) -> Option<Assignment> {
        Some(Assignment {
            machine: self.machine_index(placement.machine)?,
            operator: placement.operator.and_then(|operator| self.operator_index(operator)),
            start: self.second(placement.start),
            run_start: self.second(placement.run_start),
            end: self.second(placement.end),
        })
    }

    /// Where a plan puts operations, in the problem's order.
    pub fn placements(&self, plan: &Plan) -> Vec<Placement> {
        let placed = (0..).zip(&plan.assignments).filter_map(|(place, at)| Some((OperationIndex(place), at.as_ref()?)));
        placed.filter_map(|(operation, at)| self.placement(operation, at)).collect()
    }

    /// A plan that puts operations there, and says of no other why not.
    pub fn plan<'p>(&self, placements: impl IntoIterator<Item = &'p Placement>) -> Plan {
        let mut assignments = vec![None; self.operations.all().len()];
        for (operation, at) in placements.into_iter().filter_map(|placement| self.assignment(placement)) {
            assignments[operation.at()] = Some(at);
        }
        Plan { assignments, ..Plan::default() }
    }
}
