//! `kilter solve`: plans what a file asks, checks a plan of it, or tells what a change would bring.

use std::io;
use std::path::{Path, PathBuf};
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
use crate::solve::checked::Report;
use crate::solve::crew::{Threads, Until};
use crate::solve::file::Text;
use crate::solve::goal::Goal;
use crate::solve::target::Target;
use crate::solve::{Instance, comparison, gantt, plan_file, table, why};

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
    let targets = Targets::of(asked)?;
    let instance = Instance::open(&asked.file)?;
    let plan_of = |path: &Option<_>| path.as_deref().map(|path| read(&instance, path)).transpose();
    let baseline = plan_of(&asked.baseline)?;
    if let Some(plan) = plan_of(&asked.check)? {
        return check((&instance, baseline.as_ref()), &plan, (asked, &targets));
    }
    if let Some(changed) = &asked.what_if {
        return compare((&instance, baseline.as_ref()), &Instance::open(changed)?, (asked, &targets));
    }
    let (solution, course) = search(&instance, baseline.as_ref(), asked, watched);
    // What can't be written must not take the rest with it.
    let written = targets.json(|| Answer::new(&instance, &solution, &course));
    let drawn = targets.gantt(|| gantt::svg(&instance, &solution.plan, &made(asked)));
    let told = tell(&instance, &solution, &course);
    written.and(drawn).and(told)
}

fn made(asked: &args::Solve) -> gantt::Made {
    let at = crate::wiring::clock().now().to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string();
    gantt::Made { preset: asked.preset.map(goal_of), backward: asked.backward, at }
}

/// Where results go.
#[derive(Default)]
struct Targets {
    json: Option<Target>,
    gantt: Option<Target>,
}

impl Targets {
    /// Those that can be written, and destroy nothing that was read or written besides. Only a plan may take its baseline's place.
    fn of(asked: &args::Solve) -> Result<Self, Failure> {
        let at =
            |path: &Option<PathBuf>| path.as_deref().map(|path| Target::at(path).map_err(failed(path))).transpose();
        let [json, gantt] = [at(&asked.json)?, at(&asked.gantt)?];
        let read = [Some(&asked.file), asked.what_if.as_ref()];
        let keeps = |option: &str, target: &Option<Target>, others: &[Option<&PathBuf>]| {
            let hit = |target: &Target| others.iter().flatten().find(|other| target.is(other)).copied();
            target.as_ref().and_then(hit).map_or(Ok(()), |other| {
                Err(Failure::Usage(format!("{option} would overwrite {}; name another file", other.display())))
            })
        };
        keeps("--json", &json, &read)?;
        let compared = asked.what_if.is_some() || asked.check.is_some();
        keeps("--json", &json, &[asked.baseline.as_ref().filter(|_| compared), asked.check.as_ref()])?;
        keeps("--gantt", &gantt, &read)?;
        keeps("--gantt", &gantt, &[asked.baseline.as_ref(), asked.json.as_ref()])?;
        Ok(Self { json, gantt })
    }

    fn json<T: serde::Serialize>(&self, answer: impl FnOnce() -> T) -> Result<(), Failure> {
        let Some(target) = &self.json else { return Ok(()) };
        let json = serde_json::to_vec(&answer()).map_err(|error| Failure::Fault(error.to_string()))?;
        target.write(&json).map_err(failed(target.path()))
    }

    fn gantt(&self, svg: impl FnOnce() -> String) -> Result<(), Failure> {
        let Some(target) = &self.gantt else { return Ok(()) };
        target.write(svg().as_bytes()).map_err(failed(target.path()))
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::Output(format!("{}: {error}", path.display()))
}

fn read(instance: &Instance, path: &Path) -> Result<Plan, Failure> {
    Ok(plan_file::read(instance, &Text::read(path)?)?)
}

/// Lists what a plan breaks, and says what of it has no place.
fn check(
    (instance, baseline): (&Instance, Option<&Plan>),
    plan: &Plan,
    (asked, targets): (&args::Solve, &Targets),
) -> Result<(), Failure> {
    let violations = validate(&instance.problem, plan, baseline);
    let weights = weights(instance, asked);
    let parts = Parts::of(&instance.problem, plan, baseline, &weights);
    let score = parts.score(&weights);
    let report = Report::new(instance, plan, &violations, (parts, score));
    // What can't be written must not take what was found with it.
    let written = targets.json(|| &report);
    output::line(&format!("{}{}", report.told(), table::worth(instance, &parts, score)))?;
    written.and(verdict(&report))
}

/// What a check comes to.
fn verdict(report: &Report) -> Result<(), Failure> {
    let incomplete = report.incomplete().map(|(without, of)| Failure::PlanIncomplete { without, of });
    match (report.violations(), incomplete) {
        (0, None) => output::line("the plan keeps every rule, and everything has a place"),
        (0, Some(incomplete)) => {
            output::line("what has a place keeps every rule")?;
            Err(incomplete)
        }
        (violations, incomplete) => {
            incomplete.map_or(Ok(()), |it| output::line(&it.to_string()))?;
            Err(Failure::PlanInvalid { violations, rules: report.broken().len() })
        }
    }
}

/// What is asked of the optimiser.
fn request<'a>(instance: &'a Instance, baseline: Option<&'a Plan>, asked: &args::Solve) -> Request<'a> {
    let weights = weights(instance, asked);
    Request { problem: &instance.problem, baseline, weights, seed: asked.seed, iterations: asked.iterations }
}

fn weights(instance: &Instance, asked: &args::Solve) -> Weights {
    asked.preset.map_or_else(|| instance.weights(), |it| goal_of(it).weights())
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
    (asked, targets): (&args::Solve, &Targets),
) -> Result<(), Failure> {
    let known = asked.baseline.as_deref().map(Text::read).transpose()?;
    let known = known.map(|text| plan_file::read_known(changed, &text)).transpose()?;
    let variant = Variant { problem: &changed.problem, baseline: known.as_ref() };
    let crew = Threads(usize::from(asked.threads));
    let compared = what_if(&request(instance, baseline, asked), variant, (&crew, &Until::default()));
    let written = targets.json(|| comparison::Answer::new(instance, &compared));
    written.and(output::line(&comparison::table(instance, &compared)))
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
        _ if !plan.unplaced.is_empty() => format!("{} without a place", plan.unplaced.len()),
        _ if score.hard > 0 => "what is fixed clashes".to_owned(),
        Some(gap) if gap > 0.0 => {
            format!("at most {gap:.1} % from the best possible ({})", course.goal.shown(least, instance.unit))
        }
        Some(_) => "no plan is better".to_owned(),
        None => "how far from the best possible is not known".to_owned(),
    };
    let (name, shown) = (course.goal.name(), course.goal.shown(value, instance.unit));
    output::line(&format!("{}: {name} {shown}, {best}", status(*score, *proved)))
}
