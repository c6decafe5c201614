//! What a change would bring, as text and as JSON: base, variant and what is between them.

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::solve::Solution;
use domain::scheduling::solver::what_if::{Comparison, JobDelta};
use serde::Serialize;
use serde_json::Number;

use super::instance::{Instance, Kind};
use super::table::{aligned, clean};
use super::units::{self, grouped, in_unit};

/// Jobs that are told one by one.
const JOBS: usize = 40;

/// What `--json` writes.
#[derive(Debug, Serialize)]
pub struct Answer {
    instance: String,
    /// Seconds of one unit of the jobs' times.
    unit_seconds: i64,
    base: Worth,
    variant: Worth,
    /// Variant less base.
    change: Change,
    jobs: Vec<Job>,
}

/// A plan's worth, by parts in seconds.
#[derive(Debug, Serialize)]
struct Worth {
    hard: i64,
    soft: i64,
    iterations: u64,
    #[serde(flatten)]
    parts: Parts,
}

#[derive(Debug, Serialize)]
struct Change {
    hard: i64,
    soft: i64,
    makespan: i64,
    weighted_tardiness: i64,
    late_jobs: i64,
    setup_seconds: i64,
}

/// A job that ends at another time.
#[derive(Debug, Serialize)]
struct Job {
    #[serde(rename = "job")]
    name: String,
    base: Option<Number>,
    variant: Option<Number>,
    weighted_tardiness: Number,
}

impl Answer {
    /// All that there is to say of a comparison; the times are in the unit of the instance.
    pub fn new(instance: &Instance, compared: &Comparison) -> Self {
        let (one, other) = (&compared.base.parts, &compared.variant.parts);
        let change = Change {
            hard: compared.hard(),
            soft: compared.soft(),
            makespan: other.makespan - one.makespan,
            weighted_tardiness: other.weighted_tardiness.saturating_sub(one.weighted_tardiness),
            late_jobs: other.late_jobs - one.late_jobs,
            setup_seconds: other.setup_seconds - one.setup_seconds,
        };
        Self {
            instance: instance.name.clone(),
            unit_seconds: instance.unit,
            base: worth(&compared.base),
            variant: worth(&compared.variant),
            change,
            jobs: compared.jobs.iter().map(|it| job(instance, it)).collect(),
        }
    }
}

const fn worth(solution: &Solution) -> Worth {
    let Solution { parts, score: Score { hard, soft }, iterations, .. } = solution;
    Worth { hard: *hard, soft: *soft, iterations: *iterations, parts: *parts }
}

fn job(instance: &Instance, it: &JobDelta) -> Job {
    let time = |at: Option<Seconds>| at.map(|at| in_unit(at, instance.unit));
    let weighted_tardiness = in_unit(it.weighted_tardiness, instance.unit);
    Job { name: it.name.clone(), base: time(it.base), variant: time(it.variant), weighted_tardiness }
}

/// Two tables: the parts that count, and the jobs that end at another time.
pub fn table(instance: &Instance, compared: &Comparison) -> String {
    let mut text = aligned(&parts(instance, compared));
    if compared.jobs.is_empty() {
        return text + "no job ends at another time";
    }
    let at = |at: Option<Seconds>| at.map_or_else(|| "–".to_owned(), |at| instant(instance, at));
    let mut rows = vec![["job", "ends", "would end", "by", "weighted tardiness"].map(str::to_owned).to_vec()];
    rows.extend(compared.jobs.iter().take(JOBS).map(|it| {
        let by = it.base.zip(it.variant).map_or_else(String::new, |(was, is)| change(instance, is - was));
        vec![clean(&it.name), at(it.base), at(it.variant), by, change(instance, it.weighted_tardiness)]
    }));
    text.push('\n');
    text.push_str(&aligned(&rows));
    if compared.jobs.len() > JOBS {
        text.push_str(&format!("… and {} more jobs: --json has all\n", compared.jobs.len() - JOBS));
    }
    text.truncate(text.trim_end().len());
    text
}

fn parts(instance: &Instance, compared: &Comparison) -> Vec<Vec<String>> {
    let (one, other) = (&compared.base, &compared.variant);
    let count = |was: i64, is: i64| [grouped(was), grouped(is), signed(is - was, grouped((is - was).abs()))];
    let time = |was, is| [length(instance, was), length(instance, is), change(instance, is - was)];
    let mut rows = vec![["", "now", "then", "change"].map(str::to_owned).to_vec()];
    let mut row = |name: &str, cells: [String; 3]| rows.push([vec![name.to_owned()], cells.to_vec()].concat());
    row("missed or without a place", count(one.score.hard, other.score.hard));
    row("makespan", time(one.parts.makespan, other.parts.makespan));
    if instance.kind != Kind::Makespan {
        row("weighted tardiness", time(one.parts.weighted_tardiness, other.parts.weighted_tardiness));
        row("late jobs", count(one.parts.late_jobs, other.parts.late_jobs));
    }
    if instance.kind == Kind::Shop {
        row("setup", time(one.parts.setup_seconds, other.parts.setup_seconds));
    }
    row("score", count(one.score.soft, other.score.soft));
    rows
}

fn signed(value: i64, shown: String) -> String {
    match value {
        0 => shown,
        1.. => format!("+{shown}"),
        _ => format!("-{shown}"),
    }
}

fn change(instance: &Instance, seconds: Seconds) -> String {
    signed(seconds, length(instance, seconds.abs()))
}

fn length(instance: &Instance, seconds: Seconds) -> String {
    if instance.unit == 1 { grouped(seconds) } else { units::length(seconds) }
}

fn instant(instance: &Instance, at: Seconds) -> String {
    if instance.kind == Kind::Shop { units::instant(at) } else { grouped(at) }
}
