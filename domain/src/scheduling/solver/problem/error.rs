//! Why a model is refused.

use std::fmt;

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::NoInterval;

/// What an error is about, by the names in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A job.
    Job(String),
    /// An operation of a job.
    Operation {
        /// The job.
        job: String,
        /// The operation.
        operation: String,
    },
    /// A machine.
    Machine(String),
    /// An operator.
    Operator(String),
    /// A tool.
    Tool(String),
    /// A material.
    Material(String),
    /// A changeover matrix, by its index.
    Changeover(usize),
    /// A link, by its index.
    Link(usize),
    /// The model as a whole.
    Model,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(name) => write!(f, "job {name}"),
            Self::Operation { job, operation } => write!(f, "operation {operation} of job {job}"),
            Self::Machine(name) => write!(f, "machine {name}"),
            Self::Operator(name) => write!(f, "operator {name}"),
            Self::Tool(name) => write!(f, "tool {name}"),
            Self::Material(name) => write!(f, "material {name}"),
            Self::Changeover(index) => write!(f, "changeover matrix {index}"),
            Self::Link(index) => write!(f, "link {index}"),
            Self::Model => f.write_str("the model"),
        }
    }
}

/// Why a model is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// More than can be planned at once.
    #[error("there are {count} {what}; at most {most} can be planned at once")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are possible.
        most: usize,
    },
    /// An index that leads nowhere.
    #[error("{of} names {what} {index}, which does not exist")]
    Unknown {
        /// Who names it.
        of: Subject,
        /// What.
        what: &'static str,
        /// Which.
        index: u32,
    },
    /// A number outside its range.
    #[error("{of}: {what} is {value}; it must be {least} to {most}")]
    OutOfRange {
        /// Of what.
        of: Subject,
        /// Which number.
        what: &'static str,
        /// What it is.
        value: i64,
        /// What it may be at least.
        least: i64,
        /// What it may be at most.
        most: i64,
    },
    /// An operation that nothing can do.
    #[error("{of} has no machine that can do it")]
    NoAlternative {
        /// Which.
        of: Subject,
    },
    /// The same thing named twice.
    #[error("{of} names {what} {name} twice")]
    Twice {
        /// Who names it.
        of: Subject,
        /// What.
        what: &'static str,
        /// Which.
        name: String,
    },
    /// A matrix that is not square, or too small for a family.
    #[error(
        "{of} must be square with a row and a column for each family; it has {rows} rows, one of {columns} columns"
    )]
    Matrix {
        /// Which.
        of: Subject,
        /// Its rows.
        rows: usize,
        /// Columns of the row in question.
        columns: usize,
    },
    /// Fixed where it can't be done.
    #[error("{of} is fixed on machine {machine}, which can't do it")]
    FixedElsewhere {
        /// Which.
        of: Subject,
        /// Where it is fixed.
        machine: String,
    },
    /// An interval that is none.
    #[error("{of}: {source}")]
    Interval {
        /// Of what.
        of: Subject,
        /// Which, and why.
        source: NoInterval,
    },
    /// Operations that wait for one another.
    #[error("operations wait for one another: {}", .through.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → "))]
    Cycle {
        /// The round, ending where it begins; a long one is shortened.
        through: Vec<Subject>,
    },
    /// Work or lags that add up beyond what can be counted.
    #[error("all work and lags add up to more than {most} s")]
    TooLong {
        /// How much is possible.
        most: Seconds,
    },
}
