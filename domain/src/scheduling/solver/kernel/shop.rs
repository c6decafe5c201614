//! The pure shop the fast searchers work on: jobs as chains of operations, alternatives, machines of capacity one; no
//! calendars, no operators. Checked once here, so that the searchers need not fear cycles, gaps or overflow.

use std::ops::Range;

/// A machine that can do an operation, and how long it takes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Index of the machine.
    pub machine: u32,
    /// Time it takes on this machine.
    pub time: i64,
}

/// One step of a job, as the caller states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationData {
    /// The machines that can do it; at least one.
    pub choices: Vec<Choice>,
    /// It does not start before this.
    pub release: i64,
    /// Time that passes after its end before it counts as finished (it takes no machine).
    pub delivery: i64,
}

/// A job, as the caller states it: its operations follow one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobData {
    /// No operation starts before this.
    pub release: i64,
    /// When it should be finished; only tardiness asks.
    pub due: i64,
    /// What a unit of tardiness costs.
    pub weight: i64,
    /// Its steps, in order.
    pub operations: Vec<OperationData>,
}

/// What makes a plan good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// The end of the last operation (with its delivery).
    Makespan,
    /// Σ weight · max(0, end − due).
    WeightedTardiness,
}

/// Why a shop is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// Job without operations.
    #[error("job {job} has no operations")]
    EmptyJob {
        /// Index of the job.
        job: usize,
    },
    /// Operation that no machine can do.
    #[error("operation {operation} of job {job} has no machine")]
    NoMachine {
        /// Index of the job.
        job: usize,
        /// Place within the job.
        operation: usize,
    },
    /// Machine index out of range.
    #[error("operation {operation} of job {job} names machine {machine}, which does not exist")]
    UnknownMachine {
        /// Index of the job.
        job: usize,
        /// Place within the job.
        operation: usize,
        /// The machine named.
        machine: u32,
    },
    /// A time, release, delivery or weight below zero.
    #[error("job {job} has a negative time or weight")]
    Negative {
        /// Index of the job.
        job: usize,
    },
    /// More than can be counted or added up without overflow.
    #[error("the shop is too large: {what}")]
    TooLarge {
        /// What does not fit.
        what: &'static str,
    },
}

/// A job of a checked shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) due: i64,
    pub(super) weight: i64,
    pub(super) operations: Range<u32>,
    /// Whether an operation before the last has a delivery, which may outlast the rest.
    pub(super) delivers_early: bool,
}

/// A checked shop. Operations are numbered through, job after job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub(super) objective: Objective,
    pub(super) machines: usize,
    pub(super) jobs: Vec<Job>,
    pub(super) job_of: Vec<u32>,
    /// Choices of operation `o` are `choices[starts[o]..starts[o + 1]]`.
    starts: Vec<u32>,
    choices: Vec<Choice>,
    pub(super) release: Vec<i64>,
    pub(super) delivery: Vec<i64>,
    flexible: bool,
}

/// Times add up to less than this, so that sums of a few of them stay far from the end of `i64`.
const MOST: i128 = (i64::MAX / 8) as i128;

impl Shop {
    /// Checks and packs a shop.
    pub fn new(objective: Objective, machines: usize, jobs: &[JobData]) -> Result<Self, ShopError> {
        check_size(machines, jobs)?;
        let mut shop = Self {
            objective,
            machines,
            jobs: Vec::with_capacity(jobs.len()),
            job_of: Vec::new(),
            starts: vec![0],
            choices: Vec::new(),
            release: Vec::new(),
            delivery: Vec::new(),
            flexible: false,
        };
        for (index, job) in jobs.iter().enumerate() {
            check_job(machines, index, job)?;
            shop.add(index, job);
        }
        shop.check_sums()?;
        Ok(shop)
    }

    fn add(&mut self, index: usize, job: &JobData) {
        let first = self.job_of.len() as u32;
        for (place, operation) in job.operations.iter().enumerate() {
            self.job_of.push(index as u32);
            self.choices.extend_from_slice(&operation.choices);
            self.starts.push(self.choices.len() as u32);
            let release = if place == 0 { operation.release.max(job.release) } else { operation.release };
            self.release.push(release);
            self.delivery.push(operation.delivery);
            self.flexible |= operation.choices.len() > 1;
        }
        let operations = first..self.job_of.len() as u32;
        let delivers_early = job.operations.iter().rev().skip(1).any(|operation| operation.delivery > 0);
        self.jobs.push(Job { due: job.due, weight: job.weight, operations, delivers_early });
    }

    /// One after the other is the longest any plan of ours gets; that and its cost must be countable.
    fn check_sums(&self) -> Result<(), ShopError> {
        let longest = |o: usize| self.choices(o).iter().map(|choice| i128::from(choice.time)).max().unwrap_or(0);
        let work: i128 = (0..self.operations()).map(longest).sum();
        let release = self.release.iter().copied().max().unwrap_or(0);
        let delivery = self.delivery.iter().copied().max().unwrap_or(0);
        let due = self.jobs.iter().map(|job| i128::from(job.due).abs()).max().unwrap_or(0);
        let horizon = work + i128::from(release) + i128::from(delivery) + due;
        let weights: i128 = self.jobs.iter().map(|job| i128::from(job.weight)).sum();
        if horizon >= MOST {
            return Err(ShopError::TooLarge { what: "its times add up beyond the range of numbers" });
        }
        if horizon.saturating_mul(weights) >= MOST {
            return Err(ShopError::TooLarge { what: "its weights and times multiply beyond the range of numbers" });
        }
        Ok(())
    }

    /// How many operations there are.
    pub fn operations(&self) -> usize {
        self.job_of.len()
    }

    /// How many machines there are.
    pub fn machines(&self) -> usize {
        self.machines
    }

    /// The operations of a job.
    pub fn operations_of(&self, job: usize) -> Range<usize> {
        let range = &self.jobs[job].operations;
        range.start as usize..range.end as usize
    }

    /// Whether some operation can be done by more than one machine.
    pub fn is_flexible(&self) -> bool {
        self.flexible
    }

    /// What its plans are judged by.
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// The machines that can do an operation.
    #[inline]
    pub fn choices(&self, operation: usize) -> &[Choice] {
        &self.choices[self.starts[operation] as usize..self.starts[operation + 1] as usize]
    }
}

fn check_size(machines: usize, jobs: &[JobData]) -> Result<(), ShopError> {
    let too_large = |what| Err(ShopError::TooLarge { what });
    let most = (u32::MAX / 4) as usize;
    if jobs.iter().map(|job| job.operations.len()).sum::<usize>() >= most || machines >= most {
        return too_large("it has more operations or machines than can be numbered");
    }
    let choices: usize = jobs.iter().flat_map(|job| &job.operations).map(|operation| operation.choices.len()).sum();
    if choices >= most || jobs.iter().flat_map(|job| &job.operations).any(|o| o.choices.len() > u16::MAX as usize) {
        return too_large("it has more alternatives than can be numbered");
    }
    Ok(())
}

fn check_job(machines: usize, index: usize, job: &JobData) -> Result<(), ShopError> {
    if job.operations.is_empty() {
        return Err(ShopError::EmptyJob { job: index });
    }
    let mut negative = job.release < 0 || job.weight < 0;
    for (place, operation) in job.operations.iter().enumerate() {
        if operation.choices.is_empty() {
            return Err(ShopError::NoMachine { job: index, operation: place });
        }
        negative |= operation.release < 0 || operation.delivery < 0;
        for choice in &operation.choices {
            negative |= choice.time < 0;
            if choice.machine as usize >= machines {
                return Err(ShopError::UnknownMachine { job: index, operation: place, machine: choice.machine });
            }
        }
    }
    if negative { Err(ShopError::Negative { job: index }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(choices: Vec<Choice>) -> JobData {
        JobData {
            weight: 1,
            operations: vec![OperationData { choices, ..OperationData::default() }],
            ..JobData::default()
        }
    }

    fn refusal(jobs: &[JobData]) -> ShopError {
        Shop::new(Objective::Makespan, 2, jobs).unwrap_err()
    }

    #[test]
    fn every_refusal_names_what_is_wrong() {
        let fine = Choice { machine: 0, time: 1 };
        assert_eq!(refusal(&[job(vec![fine]), JobData::default()]), ShopError::EmptyJob { job: 1 });
        assert_eq!(refusal(&[job(vec![])]), ShopError::NoMachine { job: 0, operation: 0 });
        let beyond = Choice { machine: 2, time: 1 };
        assert_eq!(refusal(&[job(vec![beyond])]), ShopError::UnknownMachine { job: 0, operation: 0, machine: 2 });
        assert_eq!(refusal(&[job(vec![Choice { machine: 0, time: -1 }])]), ShopError::Negative { job: 0 });
    }

    #[test]
    fn times_and_weights_that_overflow_are_refused() {
        let long = Choice { machine: 0, time: i64::MAX / 2 };
        assert!(matches!(refusal(&[job(vec![long])]), ShopError::TooLarge { .. }));
        let heavy = JobData { weight: i64::MAX, ..job(vec![Choice { machine: 0, time: 1_000 }]) };
        assert!(matches!(refusal(&[heavy]), ShopError::TooLarge { .. }));
        let due = JobData { due: i64::MIN, ..job(vec![Choice { machine: 0, time: 1 }]) };
        assert!(matches!(refusal(&[due]), ShopError::TooLarge { .. }));
    }
}
