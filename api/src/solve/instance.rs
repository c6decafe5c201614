//! An instance: what a file asks, ready to be planned, with the file's own names and unit of time.

use std::path::Path;

use domain::scheduling::solver::model::{Model, Operation, OperationIndex};
use domain::scheduling::solver::{Preset, Problem, Seconds, Weights};
use serde::{Deserialize, Serialize};

use super::error::{InstanceError, Misfit};
use super::file::Text;
use super::{job_shop, shop};

/// What sort of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Machines and times in the abstract; the end of the last operation counts.
    Makespan,
    /// The same with due dates and weights; Σ weight · time late counts.
    Tardiness,
    /// A whole shop with calendars, people and materials.
    Shop,
}

/// What a file asks.
#[derive(Debug)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// What sort it is.
    pub kind: Kind,
    /// Seconds of one unit of the file's time.
    pub unit: Seconds,
    /// What is to be planned.
    pub problem: Problem,
    /// Per operation: its place in the file's list of its job.
    pub places: Vec<u32>,
}

/// A job, machine or worker as the file calls it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a name, or a whole number that is not negative")]
pub enum Id {
    /// By number.
    Number(u32),
    /// By name.
    Name(String),
}

impl Id {
    /// As it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object with its `format`")]
struct Header {
    format: String,
}

/// A model with what else the file says.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) unit: Seconds,
    pub(super) model: Model,
    pub(super) places: Vec<u32>,
}

impl Instance {
    /// Reads a file of any format that is known.
    pub fn open(path: &Path) -> Result<Self, InstanceError> {
        Self::read(&Text::read(path)?)
    }

    /// The same of text at hand.
    pub fn read(text: &Text) -> Result<Self, InstanceError> {
        let header: Header = text.json()?;
        let read = match header.format.as_str() {
            "jobshop-instance-1" => job_shop::read(text)?,
            "shop-instance-1" => shop::read(text)?,
            _ => {
                let reason = "is none of jobshop-instance-1 and shop-instance-1";
                return Err(Misfit::new("format", reason).of(&text.name));
            }
        };
        let Read { name, kind, unit, model, places } = read;
        let problem =
            Problem::new(model).map_err(|source| InstanceError::Problem { file: text.name.clone(), source })?;
        Ok(Self { name, kind, unit, problem, places })
    }

    /// What counts when nobody says otherwise.
    pub fn weights(&self) -> Weights {
        match self.kind {
            Kind::Makespan => Preset::Makespan.weights(),
            Kind::Tardiness => Weights { tardiness: 1, makespan: 0, ..Preset::Makespan.weights() },
            Kind::Shop => Preset::OnTimeFirst.weights(),
        }
    }

    /// A number or a name as the file has it.
    pub fn id(&self, index: u32, name: &str) -> Id {
        match self.kind {
            Kind::Makespan | Kind::Tardiness => Id::Number(index),
            Kind::Shop => Id::Name(name.to_owned()),
        }
    }

    /// The job of an operation, and its place there, as in the file.
    pub fn called(&self, operation: OperationIndex) -> (Id, u32) {
        let data: &Operation = self.problem.operation(operation);
        let job = &self.problem.model().jobs[data.job.at()];
        (self.id(data.job.0, &job.name), self.places[operation.at()])
    }
}
