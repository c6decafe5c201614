//! `kilter solve`: plans what a file asks, checks a plan of it, or tells what a change would bring.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::scheduling::solver::explain::Explainer;
use domain::scheduling::solver::objective::Parts;
use domain::scheduling::solver::solve::{Improvement, Request, Solution, solve};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::what_if::{Variant, what_if};
use domain::scheduling::solver::{Plan, Weights, backward};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::args;
use super::failure::Failure;
use super::output;
use super::progress::{self, Watched};
use crate::solve::answer::{Answer, Course, status};
use crate::solve::crew::{Threads, Until};
use crate::solve::file::Text;
use crate::solve::goal::Goal;
use crate::solve::{Instance, comparison, gantt, plan_file, table, why};

/// Violations that are told one by one.
const TOLD: usize = 50;

/// Does what is asked, on a thread of its own, and listens for Ctrl-C all the while: the first ends a search, which then comes
/// back with the best plan so far; where there is no search to end, or at the second, it is over at once.
pub async fn run(asked: args::Solve) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Fault(format!("signals can't be heard: {error}"));
    let mut pressed = signal(SignalKind::interrupt()).map_err(failed)?;
    let watched = Arc::new(Watched::default());
    let (tell, mut told) = oneshot::channel();
    let working = Arc::clone(&watched);
    // Not one of the runtime's own: those are waited for at the end, and this one may be left behind.
    let work = std::thread::Builder::new().name("solve".to_owned()).spawn(move || tell.send(work(&asked, &working)));
    drop(work.map_err(|error| Failure::Fault(format!("no thread: {error}")))?);
    let mut ticks = tokio::time::interval(progress::every());
    loop {
        tokio::select! {
            done = &mut told => return done.unwrap_or_else(|_| Err(Failure::Fault("it broke off".to_owned()))),
            _ = pressed.recv() => if !watched.interrupt() {
                watched.clear();
                return Err(Failure::Interrupted);
            },
            _ = ticks.tick() => watched.show(),
        }
    }
}

fn work(asked: &args::Solve, watched: &Watched) -> Result<(), Failure> {
    let instance = Instance::open(&asked.file)?;
    let plan_of = |path: &Option<_>| path.as_deref().map(|path| read(&instance, path)).transpose();
    let baseline = plan_of(&asked.baseline)?;
    if let Some(plan) = plan_of(&asked.check)? {
        return check(&instance, &plan, baseline.as_ref());
    }
    if let Some(changed) = &asked.what_if {
        return compare((&instance, baseline.as_ref()), &Instance::open(changed)?, asked);
    }
    let (solution, course) = search(&instance, baseline.as_ref(), asked, watched);
    if let Some(path) = &asked.json {
        write_json(path, &Answer::new(&instance, &solution, &course))?;
    }
    if let Some(path) = &asked.gantt {
        write(path, gantt::svg(&instance, &solution.plan).as_bytes())?;
    }
    tell(&instance, &solution, &course)
}

fn read(instance: &Instance, path: &Path) -> Result<Plan, Failure> {
    Ok(plan_file::read(instance, &Text::read(path)?)?)
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

/// What is asked of the optimiser.
fn request<'a>(instance: &'a Instance, baseline: Option<&'a Plan>, asked: &args::Solve) -> Request<'a> {
    let weights: Weights = asked.preset.map_or_else(|| instance.weights(), |it| goal_of(it).weights());
    Request { problem: &instance.problem, baseline, weights, seed: asked.seed, iterations: asked.iterations }
}

fn goal_of(preset: args::PresetName) -> domain::scheduling::solver::Preset {
    preset.into()
}

fn search(instance: &Instance, baseline: Option<&Plan>, asked: &args::Solve, watched: &Watched) -> (Solution, Course) {
    let (goal, threads) = (Goal::of(instance, asked.preset.map(goal_of)), usize::from(asked.threads));
    let began = watched.begin(goal, instance);
    let time = asked.iterations.is_none().then(|| began + asked.seconds);
    let until = Until { time, cancelled: Arc::clone(&watched.cancelled) };
    let request = request(instance, baseline, asked);
    let mut hear = |improvement: &Improvement<'_>| watched.better(improvement);
    let solution = if asked.backward {
        backward(&request, &Threads(threads), &until, &mut hear)
    } else {
        solve(&request, &Threads(threads), &until, &mut hear)
    };
    let took = watched.end(&solution);
    let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
    let (first_plan_ms, elapsed_ms) = (millis(took.first), millis(took.whole));
    (solution, Course { goal, first_plan_ms, elapsed_ms, seed: asked.seed, threads })
}

/// Tells what a changed file would bring.
fn compare(
    (instance, baseline): (&Instance, Option<&Plan>),
    changed: &Instance,
    asked: &args::Solve,
) -> Result<(), Failure> {
    let known = asked.baseline.as_deref().map(Text::read).transpose()?;
    let known = known.map(|text| plan_file::read_known(changed, &text)).transpose()?;
    let variant = Variant { problem: &changed.problem, baseline: known.as_ref() };
    let crew = Threads(usize::from(asked.threads));
    let compared = what_if(&request(instance, baseline, asked), variant, (&crew, &Until::default()));
    if let Some(path) = &asked.json {
        write_json(path, &comparison::Answer::new(instance, &compared))?;
    }
    output::line(&comparison::table(instance, &compared))
}

fn write_json(path: &Path, answer: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_vec(answer).map_err(|error| Failure::Fault(error.to_string()))?;
    write(path, &json)
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
    let best = match course.goal.gap(parts, *score, bound) {
        Some(gap) if gap > 0.0 => {
            format!("at most {gap:.1} % from the best possible ({})", course.goal.shown(least, instance.unit))
        }
        Some(_) => "no plan is better".to_owned(),
        None => "how far from the best possible is not known".to_owned(),
    };
    let (name, shown) = (course.goal.name(), course.goal.shown(value, instance.unit));
    output::line(&format!("{}: {name} {shown}, {best}", status(*score, *proved)))
}
