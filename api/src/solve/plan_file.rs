//! A plan from anywhere, read back to be checked or to start from.

use std::collections::HashMap;

use domain::scheduling::solver::model::{Attendance, Family, MachineIndex, OperationIndex, OperatorIndex};
use domain::scheduling::solver::plan::{Assignment, Clash, Conflict, Plan, Reason, Unplaced};
use domain::scheduling::solver::problem::at_speed;
use domain::scheduling::solver::{Calendar, Problem, Seconds};
use serde::Deserialize;

use super::error::{InstanceError, Misfit};
use super::file::Text;
use super::instance::{Id, Instance};
use super::units;

#[derive(Deserialize)]
struct Shape {
    assignments: Vec<Row>,
    #[serde(default)]
    unplaced: Vec<Left>,
    #[serde(default)]
    clashes: Vec<Against>,
}

#[derive(Deserialize)]
struct Row {
    job: Id,
    op: u32,
    machine: Id,
    worker: Option<Id>,
    start: f64,
    run_start: Option<f64>,
    end: f64,
}

#[derive(Deserialize)]
struct Left {
    job: Id,
    op: u32,
    reason: Reason,
}

#[derive(Deserialize)]
struct Against {
    job: Id,
    op: u32,
    over: Conflict,
}

/// Reads a plan of this instance. Where it does not say when a run starts, that follows from its setup.
pub fn read(instance: &Instance, text: &Text) -> Result<Plan, InstanceError> {
    let shape: Shape = text.json()?;
    Names::of(instance).plan(instance, &shape).map_err(|misfit| misfit.of(&text.name))
}

/// The same, without what this instance does not know: what there is no more of in a changed one.
pub fn read_known(instance: &Instance, text: &Text) -> Result<Plan, InstanceError> {
    let (mut shape, names): (Shape, _) = (text.json()?, Names::of(instance));
    let known = |job: &Id, op| names.operations.contains_key(&(job.shown(), op));
    shape.assignments.retain(|row| {
        known(&row.job, row.op)
            && names.machines.contains_key(&row.machine.shown())
            && row.worker.as_ref().is_none_or(|who| names.operators.contains_key(&who.shown()))
    });
    shape.unplaced.retain(|it| known(&it.job, it.op));
    shape.clashes.retain(|it| known(&it.job, it.op));
    names.plan(instance, &shape).map_err(|misfit| misfit.of(&text.name))
}

/// Where the names of the file lead.
struct Names {
    operations: HashMap<(String, u32), OperationIndex>,
    machines: HashMap<String, MachineIndex>,
    operators: HashMap<String, OperatorIndex>,
}

impl Names {
    fn of(instance: &Instance) -> Self {
        let model = instance.problem.model();
        let operations = (0..).zip(&model.operations).map(|(index, _)| {
            let (job, op) = instance.called(OperationIndex(index));
            ((job.shown(), op), OperationIndex(index))
        });
        let machines = model.machines.iter().zip(0..).map(|(it, index)| (it.name.clone(), MachineIndex(index)));
        let operators = model.operators.iter().zip(0..).map(|(it, index)| (it.name.clone(), OperatorIndex(index)));
        Self { operations: operations.collect(), machines: machines.collect(), operators: operators.collect() }
    }

    fn operation(&self, place: &str, job: &Id, op: u32) -> Result<OperationIndex, Misfit> {
        let found = self.operations.get(&(job.shown(), op));
        found.copied().ok_or_else(|| Misfit::new(place, format!("there is no operation {op} of job {:?}", job.shown())))
    }

    fn plan(&self, instance: &Instance, shape: &Shape) -> Result<Plan, Misfit> {
        let mut plan = Plan { assignments: vec![None; instance.problem.len()], ..Plan::default() };
        let mut run_starts_open = Vec::new();
        for (index, row) in shape.assignments.iter().enumerate() {
            let place = |field: &str| format!("assignments[{index}].{field}");
            let operation = self.operation(&place("op"), &row.job, row.op)?;
            let machine = found(&self.machines, &row.machine, || place("machine"))?;
            let operator = row.worker.as_ref().map(|who| found(&self.operators, who, || place("worker")));
            let time = |field, value| {
                let far = || Misfit::new(place(field), format!("{value} is too far away"));
                units::in_seconds(value, instance.unit).ok_or_else(far)
            };
            let (start, end) = (time("start", row.start)?, time("end", row.end)?);
            let run_start = row.run_start.map(|at| time("run_start", at)).transpose()?;
            if run_start.is_none() {
                run_starts_open.push(operation);
            }
            let (operator, run_start) = (operator.transpose()?, run_start.unwrap_or(start));
            let assignment = Assignment { machine, operator, start, run_start, end };
            if plan.assignments[operation.at()].replace(assignment).is_some() {
                return Err(Misfit::new(place("op"), "is there twice"));
            }
        }
        for (index, it) in shape.unplaced.iter().enumerate() {
            let operation = self.operation(&format!("unplaced[{index}]"), &it.job, it.op)?;
            plan.unplaced.push(Unplaced { operation, reason: it.reason });
        }
        for (index, it) in shape.clashes.iter().enumerate() {
            let operation = self.operation(&format!("clashes[{index}]"), &it.job, it.op)?;
            plan.clashes.push(Clash { operation, with: None, over: it.over });
        }
        if !run_starts_open.is_empty() {
            run_starts(&instance.problem, &mut plan, &run_starts_open);
        }
        Ok(plan)
    }
}

fn found<T: Copy>(names: &HashMap<String, T>, id: &Id, place: impl Fn() -> String) -> Result<T, Misfit> {
    names.get(&id.shown()).copied().ok_or_else(|| Misfit::new(place(), format!("there is no {:?}", id.shown())))
}

/// Fills in when runs start: after own setup and changeover, as soon as they can be worked at.
fn run_starts(problem: &Problem, plan: &mut Plan, asked: &[OperationIndex]) {
    let mut sequences: Vec<Vec<OperationIndex>> = vec![Vec::new(); problem.model().machines.len()];
    for (index, it) in (0..).zip(&plan.assignments) {
        if let Some(it) = it {
            sequences[it.machine.at()].push(OperationIndex(index));
        }
    }
    let asked: std::collections::HashSet<OperationIndex> = asked.iter().copied().collect();
    for mut sequence in sequences {
        sequence.sort_by_key(|it| plan.assignments[it.at()].map(|it| (it.start, it.end)));
        let mut family: Option<Option<Family>> = None;
        for operation in sequence {
            let Some(it) = &mut plan.assignments[operation.at()] else { continue };
            let machine = problem.machine(it.machine);
            let before = family.unwrap_or(machine.family);
            if asked.contains(&operation) {
                let changeover = problem.changeover(machine, before, problem.operation(operation).family);
                it.run_start = run_start(problem, operation, it, changeover).unwrap_or(it.start);
            }
            family = Some(problem.operation(operation).family.or(before));
        }
    }
}

fn run_start(problem: &Problem, operation: OperationIndex, it: &Assignment, changeover: Seconds) -> Option<Seconds> {
    let data = problem.operation(operation);
    let alternative = data.alternatives.iter().find(|alternative| alternative.machine == it.machine)?;
    let (work, open) = (alternative.setup + changeover, problem.open(it.machine));
    let attended = data.labour.zip(it.operator).map(|(labour, operator)| {
        let by = problem.qualified(&labour).iter().find(|by| by.operator == operator);
        (labour.during, by.map_or(100, |by| by.percent), open.intersect(problem.present(operator)))
    });
    let (setup, setup_open, run_open): (Seconds, &Calendar, &Calendar) = match &attended {
        None => (work, open, open),
        Some((Attendance::Setup, percent, both)) => (at_speed(work, *percent), both, open),
        Some((Attendance::Run, _, both)) => (work, open, both),
        Some((Attendance::Full, percent, both)) => (at_speed(work, *percent), both, both),
    };
    run_open.next_open(setup_open.finish(it.start, setup)?)
}
