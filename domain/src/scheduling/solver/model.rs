//! What is asked: a shop and its work as plain data. Nothing here is checked; [`super::Problem::new`] does that.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Calendar, Seconds};

/// An index into one of the lists of a [`Model`].
macro_rules! index {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => { $(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// As the index of a slice.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    )+ };
}
index!(
    /// Place in [`Model::calendars`].
    CalendarIndex,
    /// Place in [`Model::machines`].
    MachineIndex,
    /// Place in [`Model::operators`].
    OperatorIndex,
    /// Place in [`Model::tools`].
    ToolIndex,
    /// Place in [`Model::materials`].
    MaterialIndex,
    /// Place in [`Model::changeovers`].
    ChangeoverIndex,
    /// Place in [`Model::jobs`].
    JobIndex,
    /// Place in [`Model::operations`].
    OperationIndex,
    /// A setup family: row and column of a changeover matrix.
    Family,
    /// Place in [`Model::skills`].
    SkillIndex,
);

/// A shop and its work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// Nothing that is still to be planned starts before this.
    pub now: Seconds,
    /// What the baseline starts before this stays as it is.
    pub frozen_until: Seconds,
    /// Open times; a calendar is closed after its last interval.
    pub calendars: Vec<Calendar>,
    /// Machines, and whatever else takes operations: ovens, benches, subcontractors.
    pub machines: Vec<Machine>,
    /// Names of skills.
    pub skills: Vec<String>,
    /// People.
    pub operators: Vec<Operator>,
    /// Tools and fixtures.
    pub tools: Vec<Tool>,
    /// Materials.
    pub materials: Vec<Material>,
    /// Seconds of changeover by family before (row) and after (column); square, for one machine or several.
    pub changeovers: Vec<Vec<Vec<Seconds>>>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Operations of all jobs.
    pub operations: Vec<Operation>,
    /// What must come before what.
    pub links: Vec<Link>,
}

/// How much a machine takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capacity {
    /// One operation at a time, with changeovers between them.
    One,
    /// So many operations at a time, each by itself; no changeovers.
    Many(u32),
    /// A batch that starts and ends together: one family, sizes that add up to at most this. It takes as long as its longest member.
    Batch(u32),
    /// As many as there are, as a subcontractor does.
    Unlimited,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its name, for messages and results.
    pub name: String,
    /// When it is open; `None` is always.
    pub calendar: Option<CalendarIndex>,
    /// When it is closed all the same: maintenance, breakdowns. May overlap one another.
    pub downtime: Vec<(Seconds, Seconds)>,
    /// How much it takes at once.
    pub capacity: Capacity,
    /// Its changeovers; `None` is none.
    pub changeover: Option<ChangeoverIndex>,
    /// What it is set up for now; the first operation needs no changeover when that is not known.
    pub family: Option<Family>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Name, for messages and results.
    pub name: String,
    /// When at work; `None` is always.
    pub calendar: Option<CalendarIndex>,
    /// Absences. May overlap one another.
    pub absences: Vec<(Seconds, Seconds)>,
    /// What the operator can do.
    pub skills: Vec<SkillGrant>,
}

/// A skill of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillGrant {
    /// Which.
    pub skill: SkillIndex,
    /// Speed at it in percent, more than zero: work that takes 100 s takes `ceil(100 · 100 / percent)` s.
    pub percent: u32,
    /// The operator may not be at such work at this instant or later.
    pub expires: Option<Seconds>,
}

/// A tool or fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// How many there are.
    pub count: u32,
}

/// A material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// Its name.
    pub name: String,
    /// On hand at [`Model::now`].
    pub stock: i64,
    /// What comes, when.
    pub receipts: Vec<(Seconds, i64)>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// None of its operations starts before this (setup included).
    pub release: Seconds,
    /// When it is wanted; `None` is never late.
    pub due: Option<Seconds>,
    /// How much its tardiness counts, zero or more.
    pub weight: i64,
    /// When it must be done; a plan that misses it is worse than any that does not.
    pub deadline: Option<Seconds>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its job.
    pub job: JobIndex,
    /// What people call it within the job.
    pub name: String,
    /// Where it can be done. Shared by those that can go the same ways: in a large shop these are hundreds of machines each.
    pub alternatives: Arc<[Alternative]>,
    /// What a machine must be set up for.
    pub family: Option<Family>,
    /// Who is needed.
    pub labour: Option<Labour>,
    /// What tools it takes, setup and run, one of each.
    pub tools: Vec<ToolIndex>,
    /// Whether closed times may interrupt it.
    pub interruptible: bool,
    /// Longest single interruption; `None` is any.
    pub longest_pause: Option<Seconds>,
    /// Room that it takes in a batch.
    pub size: u32,
    /// Materials used, all at its start (that of the setup), with amounts.
    pub uses: Vec<(MaterialIndex, i64)>,
    /// Materials made, all at its end.
    pub makes: Vec<(MaterialIndex, i64)>,
    /// How far it is.
    pub state: State,
}

/// A machine that can do an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative {
    /// Which.
    pub machine: MachineIndex,
    /// Setup there besides any changeover.
    pub setup: Seconds,
    /// Run there, at an operator's speed of 100 %.
    pub run: Seconds,
    /// What it costs to do it there rather than elsewhere.
    pub cost: i64,
}

/// Who is needed for an operation: one operator with a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labour {
    /// What the operator must be able to do.
    pub skill: SkillIndex,
    /// During which part. The operator's speed bears on that part alone; one operator does it all.
    pub during: Attendance,
}

/// Which part of an operation needs its operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    /// The setup, changeover included.
    Setup,
    /// The run.
    Run,
    /// Both.
    Full,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Free to be planned.
    Planned,
    /// Somebody has fixed where and when it starts.
    Pinned(Place),
    /// At work since `place.start`; so much work is left from [`Model::now`] on, on that machine and at that operator's speed.
    Started {
        /// Where and since when.
        place: Place,
        /// Work left, counted as run.
        remaining: Seconds,
    },
    /// Finished then; it takes nothing any more.
    Done {
        /// When.
        end: Seconds,
    },
}

/// A fixed start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where; one of the operation's alternatives.
    pub machine: MachineIndex,
    /// By whom; `None` leaves it open.
    pub operator: Option<OperatorIndex>,
    /// Start, of the setup.
    pub start: Seconds,
}

/// `after` waits for `before`. The run waits; the setup may be made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// What comes first.
    pub before: OperationIndex,
    /// What waits.
    pub after: OperationIndex,
    /// Least time from the end of `before` to the start of the run of `after`.
    pub min_lag: Seconds,
    /// Most time from the end of `before` to the start of the run of `after`.
    pub max_lag: Option<Seconds>,
    /// On which calendar lags are counted; `None` is around the clock.
    pub lag_calendar: Option<CalendarIndex>,
    /// How much of `before` has to be there; `None` is all of it.
    pub transfer: Option<Transfer>,
}

/// A transfer batch: `after` may start its run when `before` has made `first` of `of` pieces (plus the least lag), and ends no
/// earlier than the least lag after `before` ended plus its own work for the last `first` pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Pieces of a transfer batch, 1 ..= `of`.
    pub first: u32,
    /// Pieces of the whole.
    pub of: u32,
}

impl Machine {
    /// Always open, one operation at a time, without changeovers.
    pub fn new(name: impl Into<String>) -> Self {
        let (calendar, downtime, capacity) = (None, Vec::new(), Capacity::One);
        Self { name: name.into(), calendar, downtime, capacity, changeover: None, family: None }
    }
}

impl Job {
    /// Of weight 1, released at 0, never late.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), release: 0, due: None, weight: 1, deadline: None }
    }
}

impl Operation {
    /// Still to be planned, may be interrupted, and needs nothing but one of these machines.
    pub fn new(job: JobIndex, name: impl Into<String>, alternatives: impl Into<Arc<[Alternative]>>) -> Self {
        Self {
            job,
            name: name.into(),
            alternatives: alternatives.into(),
            family: None,
            labour: None,
            tools: Vec::new(),
            interruptible: true,
            longest_pause: None,
            size: 1,
            uses: Vec::new(),
            makes: Vec::new(),
            state: State::Planned,
        }
    }
}

impl Link {
    /// `after` waits for the end of `before`, and no longer.
    pub const fn new(before: OperationIndex, after: OperationIndex) -> Self {
        Self { before, after, min_lag: 0, max_lag: None, lag_calendar: None, transfer: None }
    }
}
