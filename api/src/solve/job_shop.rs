//! `jobshop-instance-1`: job shops of the literature in abstract units of time, one of which is a second here.
//!
//! - `jobs[j][k]` lists the alternatives `[machine, duration]` of the k-th operation of job j; operations follow in order.
//! - `ops[o]` and `prec` instead: operations by themselves and what comes before what; a job is what hangs together.
//! - `due`, `weight`, `release` by job, where tardiness counts.
//!
//! What else the collections say of an instance is passed over: `kind`, `family`, `n_jobs`, `n_ops`, `lower_bound`, `upper_bound`,
//! `status`, `source`. Any other field is refused: it may be a rule that somebody counts on.

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{
    Alternative, Job, JobIndex, Link, Machine, MachineIndex, Model, Operation, OperationIndex,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::{InstanceError, Misfit};
use super::file::Text;
use super::instance::{Kind, Read};

/// Most machines; each operation names one at least.
const MOST_MACHINES: u32 = 100_000;

/// The alternatives of an operation.
type Step = Vec<(u32, Seconds)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(rename = "format")]
    _format: String,
    name: String,
    n_machines: u32,
    jobs: Option<Vec<Vec<Step>>>,
    ops: Option<Vec<Step>>,
    prec: Option<Vec<(u32, u32)>>,
    due: Option<Vec<Seconds>>,
    weight: Option<Vec<i64>>,
    release: Option<Vec<Seconds>>,
    #[serde(default, rename = "kind")]
    _kind: IgnoredAny,
    #[serde(default, rename = "family")]
    _family: IgnoredAny,
    #[serde(default, rename = "n_jobs")]
    _n_jobs: IgnoredAny,
    #[serde(default, rename = "n_ops")]
    _n_ops: IgnoredAny,
    #[serde(default, rename = "lower_bound")]
    _lower_bound: IgnoredAny,
    #[serde(default, rename = "upper_bound")]
    _upper_bound: IgnoredAny,
    #[serde(default, rename = "status")]
    _status: IgnoredAny,
    #[serde(default, rename = "source")]
    _source: IgnoredAny,
}

/// Reads one.
pub(super) fn read(text: &Text) -> Result<Read, InstanceError> {
    let shape: Shape = text.json()?;
    build(shape).map_err(|misfit| misfit.of(&text.name))
}

fn build(shape: Shape) -> Result<Read, Misfit> {
    if shape.n_machines > MOST_MACHINES {
        return Err(Misfit::new("n_machines", format!("is {}; at most {MOST_MACHINES}", shape.n_machines)));
    }
    let machine = |index: u32| Machine::new(index.to_string());
    let machines = (0..shape.n_machines).map(machine).collect();
    let mut made = Read {
        name: shape.name,
        kind: if shape.due.is_some() { Kind::Tardiness } else { Kind::Makespan },
        unit: 1,
        model: Model { machines, ..Model::default() },
        places: Vec::new(),
    };
    match (shape.jobs, shape.ops) {
        (Some(_), None) if shape.prec.is_some() => {
            return Err(Misfit::new("prec", "goes with `ops`; operations of `jobs` follow in order"));
        }
        (Some(jobs), None) => chains(&mut made, jobs)?,
        (None, Some(ops)) => graph(&mut made, ops, &shape.prec.unwrap_or_default())?,
        _ => return Err(Misfit::new("jobs", "either `jobs` or `ops` must be there, and not both")),
    }
    let jobs = &mut made.model.jobs;
    by_job(jobs, "due", shape.due, |job, due| job.due = Some(due))?;
    by_job(jobs, "weight", shape.weight, |job, weight| job.weight = weight)?;
    by_job(jobs, "release", shape.release, |job, release| job.release = release)?;
    Ok(made)
}

fn chains(made: &mut Read, jobs: Vec<Vec<Step>>) -> Result<(), Misfit> {
    for (steps, job) in jobs.into_iter().zip(0..) {
        made.model.jobs.push(Job::new(job.to_string()));
        for (step, place) in steps.into_iter().zip(0..) {
            let at = || format!("jobs[{job}][{place}]");
            let index = add(made, (job, place), &step, at)?;
            if place > 0 {
                made.model.links.push(follows(index - 1, index));
            }
        }
    }
    Ok(())
}

fn graph(made: &mut Read, ops: Vec<Step>, prec: &[(u32, u32)]) -> Result<(), Misfit> {
    let count = u32::try_from(ops.len()).map_err(|_| Misfit::new("ops", "are too many"))?;
    let mut together: Vec<u32> = (0..count).collect();
    for (index, &(before, after)) in prec.iter().enumerate() {
        let at = || format!("prec[{index}]");
        for operation in [before, after] {
            if operation >= count {
                return Err(Misfit::new(at(), format!("names operation {operation}; there are {count}")));
            }
        }
        made.model.links.push(follows(before, after));
        let (one, other) = (first(&mut together, before), first(&mut together, after));
        together[one.max(other) as usize] = one.min(other);
    }
    let mut job_of = vec![0_u32; ops.len()];
    for (step, place) in ops.into_iter().zip(0..) {
        let head = first(&mut together, place);
        if head == place {
            let job = made.model.jobs.len();
            let job = u32::try_from(job).map_err(|_| Misfit::new("ops", "are too many"))?;
            made.model.jobs.push(Job::new(job.to_string()));
            job_of[place as usize] = job;
        }
        add(made, (job_of[head as usize], place), &step, || format!("ops[{place}]"))?;
    }
    Ok(())
}

/// The first of all that hang together with it; shortens the way there.
fn first(together: &mut [u32], mut operation: u32) -> u32 {
    while together[operation as usize] != operation {
        let next = together[operation as usize];
        together[operation as usize] = together[next as usize];
        operation = next;
    }
    operation
}

fn follows(before: u32, after: u32) -> Link {
    let [before, after] = [before, after].map(OperationIndex);
    Link::new(before, after)
}

/// Adds an operation and gives back its index.
fn add(
    made: &mut Read,
    (job, place): (u32, u32),
    step: &[(u32, Seconds)],
    at: impl Fn() -> String,
) -> Result<u32, Misfit> {
    let machines = made.model.machines.len();
    if step.is_empty() {
        return Err(Misfit::new(at(), "has no machine that can do it"));
    }
    for &(machine, duration) in step {
        if machine as usize >= machines {
            return Err(Misfit::new(at(), format!("names machine {machine}; there are {machines}")));
        }
        if duration < 0 {
            return Err(Misfit::new(at(), format!("takes {duration}; it must be 0 or more")));
        }
    }
    let alternative =
        |&(machine, run): &(u32, Seconds)| Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 };
    let index = u32::try_from(made.model.operations.len()).map_err(|_| Misfit::new(at(), "is one too many"))?;
    made.model.operations.push(Operation::new(
        JobIndex(job),
        place.to_string(),
        step.iter().map(alternative).collect::<Vec<_>>(),
    ));
    made.places.push(place);
    Ok(index)
}

fn by_job(jobs: &mut [Job], field: &str, values: Option<Vec<i64>>, set: impl Fn(&mut Job, i64)) -> Result<(), Misfit> {
    let Some(values) = values else { return Ok(()) };
    if values.len() != jobs.len() {
        return Err(Misfit::new(field, format!("has {} entries for {} jobs", values.len(), jobs.len())));
    }
    jobs.iter_mut().zip(values).for_each(|(job, value)| set(job, value));
    Ok(())
}
