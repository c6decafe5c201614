//! What does not go together in a plan as it stands, whoever made it: the optimiser, people by hand, or time that has gone by.
//!
//! Nothing is made again here: operations are where, as long and by whom the plan says. Seconds before now count for nothing.
//!
//! | kind | is said of an operation that |
//! |---|---|
//! | overload | is on a machine while more are there than its capacity |
//! | double-booked | is worked at while its operator works at another; in a pause of the one there may be the other |
//! | tool | takes a tool while more of it are taken than there are |
//! | closed | starts or ends while its machine is closed or its operator away, or has too little open time because of them |
//! | length | has too little time though all of it is open, the changeover from what is before it included |
//! | skill | is done by somebody who is not among those it is assigned to, or lacks the skill, or loses it before the end |
//! | nobody | needs somebody, and nobody is named |
//! | machine | is on a machine that is none of its own |
//! | sequence | runs before what comes first (a lag after it, or a transfer batch of it) is there, or after the longest lag, or comes after something without a place |
//! | release | starts before its job's release |
//! | late | ends after its job's date |
//! | behind | should have started, or ended, before now |
//!
//! Material has no data yet. What is at work is where it is: nobody asks for its skill, its turn or its opening.

mod hours;
mod links;
mod overlap;

use domain::kernel::{MachineId, OperatorId, Timestamp};
use domain::machines::tool::ToolCode;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{Operation, OperationIndex, State};
use domain::scheduling::solver::plan::Assignment;

use super::problem::{Options, Planning, PlanningError};
use super::shop::Shop;

/// What kind of thing does not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    /// More operations on a machine than it takes.
    Overload,
    /// An operator at two things at once.
    DoubleBooked,
    /// More of a tool taken at once than there are.
    Tool,
    /// Outside the hours of the machine or the operator, or in maintenance, a stop or an absence.
    Closed,
    /// Not long enough.
    Length,
    /// The operator may not do it.
    Skill,
    /// Nobody is named to do it.
    Nobody,
    /// The machine can't do it.
    Machine,
    /// Not in its turn.
    Sequence,
    /// Before its release.
    Release,
    /// After its date.
    Late,
    /// It should have started, or ended, before now.
    Behind,
}

/// What it happens on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A machine.
    Machine(MachineId),
    /// An operator.
    Operator(OperatorId),
    /// A tool.
    Tool(ToolCode),
}

/// Something about the place of an operation that does not go together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// Which operation.
    pub operation: OperationRef,
    /// What kind of thing.
    pub kind: ConflictKind,
    /// When it begins.
    pub from: Timestamp,
    /// When it is over; not before `from`.
    pub to: Timestamp,
    /// On what, where it is about one.
    pub on: Option<Resource>,
    /// With which other operation, where there is one; of several one.
    pub with: Option<OperationRef>,
}

/// What does not go together in a shop's plan at `now`, by operation.
pub fn conflicts(shop: &Shop, now: Timestamp, options: &Options) -> Result<Vec<Conflict>, PlanningError> {
    Ok(shop.problem(now, options)?.conflicts(shop.plan.placements.values()))
}

impl Planning {
    /// What does not go together where these are the places of operations, by operation.
    pub fn conflicts<'p>(&self, placements: impl IntoIterator<Item = &'p Placement>) -> Vec<Conflict> {
        let mut placed = vec![None; self.problem.len()];
        let mut found = Found { planning: self, conflicts: Vec::new() };
        for placement in placements {
            let Some(operation) = self.index.operation_index(placement.of()) else { continue };
            match self.index.assignment_at(placement) {
                Some(at) => placed[operation.at()] = self.placed(operation, at),
                None => found.unknown_machine(placement),
            }
        }
        let all = placed.iter().flatten().map(|it| (it.operation, it.at.machine, it.at.start, it.at.end));
        let longer = self.changeovers(all);
        for it in placed.iter_mut().flatten().filter(|it| !it.runs()) {
            it.changeover = longer[it.operation.at()];
        }
        for it in placed.iter().flatten() {
            found.dates(it);
            found.machine(it);
            found.people(it);
            found.hours(it);
        }
        found.overlaps(&placed);
        found.links(&placed);
        let mut conflicts = found.conflicts;
        conflicts.sort_unstable();
        conflicts.dedup();
        conflicts
    }

    /// `None` of what is over.
    fn placed(&self, operation: OperationIndex, at: Assignment) -> Option<Placed<'_>> {
        let data = self.problem.operation(operation);
        let over = matches!(data.state, State::Done { .. });
        let begun = self.begun.contains(&operation);
        (!over).then_some(Placed { operation, data, at, begun, changeover: 0 })
    }
}

/// An operation where the plan has it.
#[derive(Debug, Clone, Copy)]
struct Placed<'p> {
    operation: OperationIndex,
    data: &'p Operation,
    at: Assignment,
    begun: bool,
    /// How much longer its setup is because of what is on the machine before it.
    changeover: Seconds,
}

impl Placed<'_> {
    /// Whether somebody is at work on it.
    const fn runs(&self) -> bool {
        matches!(self.data.state, State::Started { .. })
    }

    /// What of it is still to come.
    fn ahead(&self) -> (Seconds, Seconds) {
        (self.at.start.max(0), self.at.end)
    }
}

/// What was found so far.
struct Found<'p> {
    planning: &'p Planning,
    conflicts: Vec<Conflict>,
}

impl Found<'_> {
    fn add(
        &mut self,
        kind: ConflictKind,
        operation: OperationIndex,
        (from, to): (Seconds, Seconds),
        (on, with): (Option<Resource>, Option<OperationIndex>),
    ) {
        let index = &self.planning.index;
        let Some(operation) = index.operation(operation) else { return };
        let with = with.and_then(|with| index.operation(with));
        let (from, to) = (index.instant(from), index.instant(to.max(from)));
        self.conflicts.push(Conflict { operation, kind, from, to, on, with });
    }

    fn unknown_machine(&mut self, placement: &Placement) {
        self.conflicts.push(Conflict {
            operation: placement.of(),
            kind: ConflictKind::Machine,
            from: placement.start,
            to: placement.end,
            on: placement.machine.map(Resource::Machine),
            with: None,
        });
    }

    fn dates(&mut self, it: &Placed<'_>) {
        let job = &self.planning.problem.model().jobs[it.data.job.at()];
        let (start, end) = (it.at.start, it.at.end);
        if let Some(due) = job.due.filter(|due| end > *due) {
            self.add(ConflictKind::Late, it.operation, (due, end), (None, None));
        }
        if !it.begun && start < job.release {
            self.add(ConflictKind::Release, it.operation, (start, job.release), (None, None));
        }
        let should_be = if it.begun { end } else { start };
        if should_be < 0 {
            self.add(ConflictKind::Behind, it.operation, (should_be, 0), (None, None));
        }
    }

    fn machine(&mut self, it: &Placed<'_>) {
        let own = it.data.alternatives.iter().any(|alternative| alternative.machine == it.at.machine);
        if !it.runs() && (!own || self.planning.elsewhere.contains(&it.operation)) {
            let on = self.planning.index.machine(it.at.machine).map(Resource::Machine);
            self.add(ConflictKind::Machine, it.operation, (it.at.start, it.at.end), (on, None));
        }
    }

    fn people(&mut self, it: &Placed<'_>) {
        let (Some(labour), false) = (it.data.labour, it.runs()) else { return };
        let when = (it.at.start, it.at.end);
        let Some(by) = it.at.operator else {
            return self.add(ConflictKind::Nobody, it.operation, when, (None, None));
        };
        let on = self.planning.index.operator(by).map(Resource::Operator);
        let skills = &self.planning.problem.model().operators[by.at()].skills;
        match skills.iter().find(|held| held.skill == labour.skill) {
            None => self.add(ConflictKind::Skill, it.operation, when, (on, None)),
            Some(held) => {
                let last = self.planning.open(&it.at).last(when).unwrap_or(it.at.end);
                if let Some(expires) = held.expires.filter(|expires| last > *expires) {
                    self.add(ConflictKind::Skill, it.operation, (expires.max(it.at.start), it.at.end), (on, None));
                }
            }
        }
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
