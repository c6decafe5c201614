//! `kilter solve`: plans what a file asks, or checks a plan of it.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::scheduling::solver::bound::Bound;
use domain::scheduling::solver::explain::Explainer;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::solve::{Improvement, Request, Solution, solve};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Plan, Weights};

use super::args;
use super::failure::Failure;
use super::output;
use crate::solve::answer::{Answer, Course, status};
use crate::solve::crew::{Threads, Until};
use crate::solve::file::Text;
use crate::solve::goal::Goal;
use crate::solve::{Instance, gantt, plan_file, table, units, why};

/// How often the line of progress is written anew on a terminal, and elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(1);
/// Violations that are told one by one.
const TOLD: usize = 50;

/// Plans or checks.
pub async fn run(asked: args::Solve) -> Result<(), Failure> {
    let instance = Instance::open(&asked.file)?;
    let baseline = asked.baseline.as_deref().map(|path| plan_file::read(&instance, &Text::read(path)?)).transpose()?;
    if let Some(plan) = &asked.check {
        let plan = plan_file::read(&instance, &Text::read(plan)?)?;
        return check(&instance, &plan, baseline.as_ref());
    }
    let course = Watched::default();
    let (instance, solution, course) = search(instance, baseline, &asked, course).await?;
    if let Some(path) = &asked.json {
        let answer = Answer::new(&instance, &solution, &course);
        let json = serde_json::to_vec(&answer).map_err(|error| Failure::Fault(error.to_string()))?;
        write(path, &json)?;
    }
    if let Some(path) = &asked.gantt {
        write(path, gantt::svg(&instance, &solution.plan).as_bytes())?;
    }
    tell(&instance, &solution, &course)
}

/// Lists what a plan breaks.
fn check(instance: &Instance, plan: &Plan, baseline: Option<&Plan>) -> Result<(), Failure> {
    let violations = validate(&instance.problem, plan, baseline);
    for violation in violations.iter().take(TOLD) {
        output::line(&table::clean(&violation.told(&instance.problem).to_string()))?;
    }
    if violations.len() > TOLD {
        output::line(&format!("… and {} more", violations.len() - TOLD))?;
    }
    let weights = instance.weights();
    let parts = Parts::of(&instance.problem, plan, baseline, &weights);
    output::line(&table::worth(instance, &parts, parts.score(&weights)))?;
    match violations.len() {
        0 => output::line("the plan keeps every rule"),
        count => Err(Failure::PlanInvalid(count)),
    }
}

/// What is known of a search while it runs.
#[derive(Debug, Clone, Copy)]
struct Best {
    parts: Parts,
    score: Score,
    bound: Bound,
    iterations: u64,
    at: Duration,
}

/// The best so far, and when the first was there.
#[derive(Debug, Clone, Default)]
struct Watched(Arc<Mutex<(Option<Best>, Option<Duration>)>>);

impl Watched {
    fn better(&self, improvement: &Improvement<'_>, at: Duration) {
        let Improvement { parts, score, bound, iterations, .. } = *improvement;
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = watched.1.unwrap_or(at);
        *watched = (Some(Best { parts, score, bound, iterations, at }), Some(first));
    }

    fn now(&self) -> (Option<Best>, Option<Duration>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn search(
    instance: Instance,
    baseline: Option<Plan>,
    asked: &args::Solve,
    watched: Watched,
) -> Result<(Instance, Solution, Course), Failure> {
    let preset = asked.preset.map(Into::into);
    let goal = Goal::of(&instance, preset);
    let weights: Weights = preset.map_or_else(|| instance.weights(), domain::scheduling::solver::Preset::weights);
    let began = Instant::now();
    let time = asked.iterations.is_none().then(|| began + asked.seconds);
    let until = Arc::new(Until { time, ..Until::default() });
    let (budget, heard) = (Arc::clone(&until), watched.clone());
    let (threads, seed, iterations) = (usize::from(asked.threads), asked.seed, asked.iterations);
    let unit = instance.unit;
    let mut search = tokio::task::spawn_blocking(move || {
        let request = Request { problem: &instance.problem, baseline: baseline.as_ref(), weights, seed, iterations };
        let mut hear = |improvement: &Improvement<'_>| heard.better(improvement, began.elapsed());
        let solution = solve(&request, &Threads(threads), &*budget, &mut hear);
        (instance, solution)
    });
    let mut line = Line::new(goal, unit);
    let mut ticks = tokio::time::interval(line.every());
    let (instance, solution) = loop {
        tokio::select! {
            done = &mut search => break done.map_err(|error| Failure::Fault(error.to_string()))?,
            _ = tokio::signal::ctrl_c() => until.cancelled.store(true, Ordering::Relaxed),
            _ = ticks.tick() => line.show(began.elapsed(), watched.now().0),
        }
    };
    let elapsed = began.elapsed();
    let Solution { parts, score, bound, iterations, .. } = solution;
    line.last(elapsed, Best { parts, score, bound, iterations, at: elapsed });
    let first = watched.now().1.unwrap_or(elapsed);
    let [first_plan_ms, elapsed_ms] = [first, elapsed].map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
    Ok((instance, solution, Course { goal, first_plan_ms, elapsed_ms, seed, threads }))
}

/// The line of progress on standard error: written over itself on a terminal, only when something is better elsewhere.
struct Line {
    goal: Goal,
    unit: i64,
    terminal: bool,
    shown: Option<i64>,
}

impl Line {
    fn new(goal: Goal, unit: i64) -> Self {
        Self { goal, unit, terminal: std::io::stderr().is_terminal(), shown: None }
    }

    const fn every(&self) -> Duration {
        if self.terminal { ON_TERMINAL } else { ELSEWHERE }
    }

    fn show(&mut self, elapsed: Duration, best: Option<Best>) {
        let Some(best) = best else { return };
        let value = self.goal.value(&best.parts, best.score);
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{}", self.text(elapsed, &best));
        } else if self.shown != Some(value) {
            output::note(&self.text(elapsed, &best));
        }
        self.shown = Some(value);
    }

    fn last(&self, elapsed: Duration, best: Best) {
        let over = if self.terminal { "\r\x1b[2K" } else { "" };
        output::note(&format!("{over}{}", self.text(elapsed, &best)));
    }

    fn text(&self, elapsed: Duration, best: &Best) -> String {
        let (value, bound) = (self.goal.value(&best.parts, best.score), self.goal.bound(&best.bound));
        let [shown, least] = [value, bound].map(|it| self.goal.shown(it, self.unit));
        let gap = units::gap(value, bound).map_or_else(|| "unknown".to_owned(), |gap| format!("{gap:.1} %"));
        let moves = u128::from(best.iterations) * 1_000 / best.at.as_millis().max(1);
        let moves = units::grouped(i64::try_from(moves).unwrap_or(i64::MAX));
        let name = self.goal.name();
        let seconds = elapsed.as_secs_f64();
        format!("{seconds:6.1} s  {name} {shown}  bound {least}  gap {gap}  {moves} moves/s")
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::Output(format!("{}: {error}", path.display())))
}

fn tell(instance: &Instance, solution: &Solution, course: &Course) -> Result<(), Failure> {
    let Solution { plan, parts, score, bound, proved, .. } = solution;
    output::line(&table::plan(instance, plan))?;
    if !plan.unplaced.is_empty() {
        output::line(&table::unplaced(instance, plan))?;
    }
    let late = table::late_jobs(instance, plan);
    if !late.is_empty() && instance.kind == crate::solve::Kind::Shop {
        let explainer = Explainer::new(&instance.problem, plan);
        let why = |job| explainer.explain(job).map_or_else(Vec::new, |it| why::lines(instance, &it));
        output::line(&table::late(instance, &late, why))?;
    }
    output::line(&table::worth(instance, parts, *score))?;
    let (value, least) = (course.goal.value(parts, *score), course.goal.bound(bound));
    let best = match units::gap(value, least) {
        Some(gap) if gap > 0.0 => {
            format!("at most {gap:.1} % from the best possible ({})", course.goal.shown(least, instance.unit))
        }
        Some(_) => "no plan is better".to_owned(),
        None => "how far from the best possible is not known".to_owned(),
    };
    let (name, shown) = (course.goal.name(), course.goal.shown(value, instance.unit));
    output::line(&format!("{}: {name} {shown}, {best}", status(*score, *proved)))
}
