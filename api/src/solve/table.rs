//! A plan as text: a table that fits a screen, what it is worth by parts, and what is late.

use std::collections::HashMap;

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{JobIndex, OperationIndex};
use domain::scheduling::solver::objective::{Parts, Score, job_end};
use domain::scheduling::solver::plan::{Assignment, Plan, Reason, Unplaced};

use super::instance::{Instance, Kind};
use super::units::{self, grouped};

/// Rows of a table that still fits.
const ROWS: usize = 40;
/// Late jobs that are told one by one.
const LATE: usize = 20;

/// A job that is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Which.
    pub job: JobIndex,
    /// When it was wanted.
    pub due: Seconds,
    /// When it is done; `None` where something of it has no place.
    pub end: Option<Seconds>,
    /// What has no place.
    pub lost: Vec<Unplaced>,
}

/// Late jobs, those that count most first: before all others those that are never done.
pub fn late_jobs(instance: &Instance, plan: &Plan) -> Vec<Late> {
    let jobs = &instance.problem.model().jobs;
    let mut lost: HashMap<JobIndex, Vec<Unplaced>> = HashMap::new();
    for it in &plan.unplaced {
        lost.entry(instance.problem.operation(it.operation).job).or_default().push(*it);
    }
    let late = jobs.iter().zip(0..).filter_map(|(job, index)| {
        let (job, due) = (JobIndex(index), job.due?);
        match (lost.remove(&job), job_end(&instance.problem, plan, job)) {
            (Some(lost), _) => Some(Late { job, due, end: None, lost }),
            (None, end) => end.filter(|end| *end > due).map(|_| Late { job, due, end, lost: Vec::new() }),
        }
    });
    let mut late: Vec<Late> = late.collect();
    late.sort_by_key(|it| {
        let weight = jobs[it.job.at()].weight;
        std::cmp::Reverse((it.end.is_none(), it.end.map_or(weight, |end| (end - it.due).saturating_mul(weight))))
    });
    late
}

/// The plan by start; a long one is shortened.
pub fn plan(instance: &Instance, plan: &Plan) -> String {
    let placed = (0..).zip(&plan.assignments).filter_map(|(index, it)| Some((OperationIndex(index), (*it)?)));
    let mut placed: Vec<(OperationIndex, Assignment)> = placed.collect();
    placed.sort_by_key(|(operation, it)| (it.start, it.machine, *operation));
    let shown = if placed.len() <= ROWS { placed.len() } else { ROWS - 1 };
    let shop = instance.kind == Kind::Shop;
    let mut rows = vec![if shop {
        ["job", "operation", "machine", "operator", "start", "run", "end"].map(str::to_owned).to_vec()
    } else {
        ["job", "operation", "machine", "start", "end"].map(str::to_owned).to_vec()
    }];
    rows.extend(placed.iter().take(shown).map(|(operation, it)| row(instance, *operation, it, shop)));
    let mut text = aligned(&rows);
    if shown < placed.len() {
        text.push_str(&format!("… and {} more operations: --json and --gantt have all\n", placed.len() - shown));
    }
    text
}

fn row(instance: &Instance, operation: OperationIndex, it: &Assignment, shop: bool) -> Vec<String> {
    let model = instance.problem.model();
    let data = instance.problem.operation(operation);
    let time = |at: Seconds| if shop { units::instant(at) } else { grouped(at) };
    let (job, machine) = (model.jobs[data.job.at()].name.clone(), model.machines[it.machine.at()].name.clone());
    let mut row = vec![job, data.name.clone(), machine];
    if shop {
        row.push(it.operator.map_or_else(String::new, |who| model.operators[who.at()].name.clone()));
        row.extend([it.start, it.run_start, it.end].map(time));
    } else {
        row.extend([it.start, it.end].map(time));
    }
    row.into_iter().map(|cell| clean(&cell)).collect()
}

/// Columns under one another; what is a time or a number stands to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let numbers = |column: usize| rows.iter().skip(1).all(|row| row[column].starts_with(|c: char| c.is_ascii_digit()));
    let right: Vec<bool> =
        (0..columns).map(|column| numbers(column) && column + 3 > columns.saturating_sub(1)).collect();
    let mut text = String::new();
    for row in rows {
        let cells =
            row.iter().zip(&widths).zip(&right).map(|((cell, &width), &right)| {
                if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// What a plan is worth, by parts.
pub fn worth(instance: &Instance, parts: &Parts, score: Score) -> String {
    let time = |seconds: Seconds| if instance.unit == 1 { grouped(seconds) } else { units::length(seconds) };
    let mut lines = Vec::new();
    let mut part = |name: &str, value: String| lines.push(format!("  {name:<22}{value:>14}"));
    if score.hard > 0 {
        part("missed deadlines", parts.missed_deadlines.to_string());
        part("clashes", parts.clashes.to_string());
        part("without a place", parts.unplaced.to_string());
    }
    part("makespan", time(parts.makespan));
    if instance.kind != Kind::Makespan {
        part("weighted tardiness", time(parts.weighted_tardiness));
        part("late jobs", parts.late_jobs.to_string());
        part("flow time", time(parts.flow_seconds));
    }
    if instance.kind == Kind::Shop {
        part("setup", time(parts.setup_seconds));
        part("moved", parts.moved.to_string());
        part("shifted", time(parts.shift_seconds));
        part("score", grouped(score.soft));
    }
    lines.join("\n")
}

/// What has no place, and why.
pub fn unplaced(instance: &Instance, plan: &Plan) -> String {
    let told = plan.unplaced.iter().take(ROWS).map(|it| {
        let (job, _) = instance.called(it.operation);
        clean(&format!("job {}: {}", job.shown(), without(instance, *it))) + "\n"
    });
    let mut text: String = told.collect();
    if plan.unplaced.len() > ROWS {
        text.push_str(&format!("… and {} more\n", plan.unplaced.len() - ROWS));
    }
    text
}

/// In words.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::CalendarsNeverMeet => "no machine and operator are open together long enough",
        Reason::NoOpeningLongEnough => "it may not be interrupted, and no opening is long enough",
        Reason::SkillMissing => "nobody has the skill",
        Reason::SkillExpires => "whoever has the skill has it no longer by then",
        Reason::MaterialNeverArrives => "not enough of a material ever arrives",
        Reason::ToolMissing => "there is no such tool",
        Reason::LargerThanBatch => "it is larger than any batch may be",
        Reason::LagTooLong => "the longest lag after its predecessor can't be kept",
        Reason::PredecessorUnplaced => "something before it has no place",
        Reason::OutOfTime => "the search was ended before it came to it",
    }
}

/// Late jobs one by one, each with the lines that say why.
pub fn late(instance: &Instance, late: &[Late], why: impl Fn(JobIndex) -> Vec<String>) -> String {
    let jobs = &instance.problem.model().jobs;
    let mut text = String::new();
    for it in late.iter().take(LATE) {
        let (job, due) = (&jobs[it.job.at()], units::instant(it.due));
        let (name, weight) = (clean(&job.name), job.weight);
        let Some(end) = it.end else {
            text.push_str(&format!("{name} is never done: due {due}, weight {weight}\n"));
            let told = it.lost.iter().map(|lost| format!("    {}\n", clean(&without(instance, *lost))));
            text.extend(told);
            continue;
        };
        let (by, end) = (units::length(end - it.due), units::instant(end));
        text.push_str(&format!("{name} is late by {by}: due {due}, done {end}, weight {weight}\n"));
        for line in why(it.job) {
            text.push_str(&format!("    {}\n", clean(&line)));
        }
    }
    if late.len() > LATE {
        text.push_str(&format!("… and {} more late jobs\n", late.len() - LATE));
    }
    text
}

fn without(instance: &Instance, lost: Unplaced) -> String {
    let name = &instance.problem.operation(lost.operation).name;
    format!("operation {name} has no place: {}", reason(lost.reason))
}

/// Without what a terminal would obey.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
