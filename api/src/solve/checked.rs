//! What the checker finds in a plan, as text and as JSON: by rule, with the file's own names and unit of time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::scheduling::solver::Plan;
use domain::scheduling::solver::model::State;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::validate::{Fault, Resource, Rule, Violation};
use serde::Serialize;
use serde_json::Number;

use super::answer::Objective;
use super::instance::{Id, Instance, Kind};
use super::table::clean;
use super::units::{grouped, in_unit, real};

/// Violations of one rule that are told one by one.
const TOLD: usize = 20;

/// What `--check` with `--json` writes.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Seconds of one unit of all times.
    unit_seconds: i64,
    /// How many operations are to be planned, and how many of them have no place.
    operations: usize,
    without_a_place: usize,
    objective: Objective,
    by_fault: BTreeMap<Fault, usize>,
    violations: Vec<Entry>,
}

/// A violation.
#[derive(Debug, Serialize)]
struct Entry {
    #[serde(skip)]
    rule: Rule,
    #[serde(rename = "rule")]
    number: u8,
    fault: Fault,
    job: Id,
    op: u32,
    /// Job and operation that it is with.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<(Id, u32)>,
    /// The machine, operator, tool or material that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Id>,
    from: Number,
    to: Number,
    /// The same as people read it.
    #[serde(skip)]
    when: String,
}

impl Report {
    /// Of a plan in which these were found.
    pub fn new(instance: &Instance, plan: &Plan, found: &[Violation], (parts, score): (Parts, Score)) -> Self {
        let mut by_fault = BTreeMap::new();
        for it in found {
            *by_fault.entry(it.fault).or_insert(0) += 1;
        }
        let open = |it: &&_| !matches!(it, State::Done { .. });
        let operations = instance.problem.model().operations.iter().map(|it| &it.state).filter(open).count();
        Self {
            unit_seconds: instance.unit,
            operations,
            without_a_place: operations.saturating_sub(plan.assignments.iter().flatten().count()),
            objective: Objective::new(parts, score),
            by_fault,
            violations: found.iter().map(|it| entry(instance, it)).collect(),
        }
    }

    /// How many violations there are.
    pub fn violations(&self) -> usize {
        self.violations.len()
    }

    /// The rules that are broken, each with its number of violations, the most important first.
    pub fn broken(&self) -> Vec<(Rule, usize)> {
        let mut counts = BTreeMap::new();
        for it in &self.violations {
            *counts.entry((place(it.rule), it.rule)).or_insert(0) += 1;
        }
        counts.into_iter().map(|((_, rule), count)| (rule, count)).collect()
    }

    /// Operations without a place, where there are some, of how many.
    pub fn incomplete(&self) -> Option<(usize, usize)> {
        (self.without_a_place > 0).then_some((self.without_a_place, self.operations))
    }

    /// By rule, a part of each one by one; nothing where nothing is wrong.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for (rule, count) in self.broken() {
            let all = grouped(i64::try_from(count).unwrap_or(i64::MAX));
            let _ = writeln!(text, "rule {}, {}: {all} violation{}", rule as u8, rule.name(), plural(count));
            for it in self.violations.iter().filter(|it| it.rule == rule).take(TOLD) {
                let _ = writeln!(text, "  {}", clean(&it.told()));
            }
            if count > TOLD {
                let _ = writeln!(text, "  … and {} more", count - TOLD);
            }
        }
        text
    }
}

/// Where a rule is told: first what is not planned at all, then what people rely on, what can't be twice at once, what comes too
/// early, and how it is worked at.
const fn place(rule: Rule) -> u8 {
    match rule {
        Rule::Complete => 0,
        Rule::Fixed => 1,
        Rule::Machine => 2,
        Rule::Operator => 3,
        Rule::Tool => 4,
        Rule::Material => 5,
        Rule::Link => 6,
        Rule::Release => 7,
        Rule::Work => 8,
        Rule::Length => 9,
        Rule::Interruption => 10,
    }
}

/// What is put behind a word for other than one.
pub const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn entry(instance: &Instance, it: &Violation) -> Entry {
    let model = instance.problem.model();
    let on = it.on.map(|on| match on {
        Resource::Machine(it) => instance.id(it.0, &model.machines[it.at()].name),
        Resource::Operator(it) => instance.id(it.0, &model.operators[it.at()].name),
        Resource::Tool(it) => instance.id(it.0, &model.tools[it.at()].name),
        Resource::Material(it) => instance.id(it.0, &model.materials[it.at()].name),
    });
    let (job, op) = instance.called(it.operation);
    let [from, to] = [it.from, it.to].map(|at| in_unit(at, instance.unit));
    let other = it.other.map(|other| instance.called(other));
    let (rule, when) = (it.rule(), when(instance, it));
    Entry { rule, number: rule as u8, fault: it.fault, job, op, other, on, from, to, when }
}

/// In the file's unit, to the hundredth of it.
fn when(instance: &Instance, it: &Violation) -> String {
    let unit = match (instance.kind, instance.unit) {
        (Kind::Shop, 60) => " min",
        (Kind::Shop, _) => " s",
        _ => "",
    };
    let at = |seconds| {
        let shown = format!("{:.2}", real(seconds) / real(instance.unit));
        shown.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match (it.from, it.to) {
        // What is lost or listed wrongly is so at no time.
        _ if it.rule() == Rule::Complete => String::new(),
        (from, to) if from < to => format!(", {} to {}{unit}", at(from), at(to)),
        (from, _) => format!(", at {}{unit}", at(from)),
    }
}

impl Entry {
    fn told(&self) -> String {
        let mut text = format!("job {} op {} {}", self.job.shown(), self.op, self.fault.words());
        if let Some(on) = &self.on {
            let _ = write!(text, " ({})", on.shown());
        }
        if let Some((job, op)) = &self.other {
            let _ = write!(text, ": job {} op {op}", job.shown());
        }
        text + &self.when
    }
}
