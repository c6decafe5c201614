//! The weeks that come: planned by the optimiser on the shop as it is by then, some of it pinned, with a what-if beside it.

use std::time::{Duration, Instant};

use domain::kernel::time::later;
use domain::kernel::{AssumptionId, MachineId, OperatorId, ScenarioId, TenantId, Timestamp};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::placement::Placement;
use domain::scheduling::scenario::{Assumption, Hand, ScenarioCommand, ScenarioName, ScenarioState};
use domain::scheduling::site_plan::{Changes, Origin, Pin, PlanCommand};
use domain::scheduling::solver::solve::Alone;
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Preset, Request, solve};
use uuid::Uuid;

use super::axis::DAY;
use super::{BadSample, step};
use crate::import::plan::Step;
use crate::planning::{Seen, Sight, Unseen};
use crate::solve::crew::Until;

/// As many as make a good plan; where they take longer, the time decides.
const ITERATIONS: u64 = 600;
const AT_MOST: Duration = Duration::from_secs(2);
const SEED: u64 = 1;
/// How long the read models may take to hold the month.
const PATIENCE: Duration = Duration::from_mins(10);
/// What is pinned starts so much later, so that it is pinned for a while.
const PINNED_FROM: i64 = 2 * DAY;
/// Where something is pinned, and why.
const PINNED: [(&str, &str); 2] =
    [("CMM-1", "the customer comes to see the first piece measured"), ("GRIND-1", "the wheel is dressed for it")];
/// Who would work besides, and on what.
const BESIDES: (&str, &str) = ("204", "MILL-1");

/// What is done, one after the other: each looks at what the one before has left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The plan of the weeks to come.
    Plan,
    /// What is pinned.
    Pins,
    /// A what-if is made.
    Open,
    /// And planned.
    WhatIf,
}

/// The commands of a part.
pub(super) async fn steps(sight: &Sight, tenant: TenantId, part: Part) -> Result<Vec<Step>, BadSample> {
    // A month of work takes the read models a while on a slow machine.
    let head = sight.store.head().await?;
    sight.live.wait_for(head, PATIENCE).await.map_err(Unseen::from)?;
    let seen = sight.shop(tenant).await?;
    let scenario = ScenarioId(Uuid::new_v5(&tenant.0, b"demo:what-if"));
    match part {
        Part::Plan => {
            let (now, based_on) = (seen.now, seen.shop.plan.version);
            let changes = planned(seen).await?;
            let origin = Origin::Optimiser { preset: Preset::default(), seed: SEED };
            let publish = Command::Plan(Box::new(PlanCommand::Publish { changes, origin, based_on }));
            Ok(vec![step(tenant.0, "plan:ahead", publish, now)])
        }
        Part::Pins => pins(&seen, tenant),
        Part::Open => what_if(&seen, tenant, scenario),
        Part::WhatIf => {
            let state = sight.commands.scenario(tenant, scenario).await?;
            let ScenarioState::Open(sketch) = &*state else { return Ok(Vec::new()) };
            let (now, based_on) = (seen.now, sketch.version);
            let changes = planned(Seen { shop: seen.shop.clone().assuming(sketch), ..seen }).await?;
            let by = Hand::Optimiser { preset: Preset::default(), seed: SEED };
            let change = ScenarioCommand::Change { changes, by, based_on };
            Ok(vec![step(scenario.0, "plan", Command::Scenario(scenario, Box::new(change)), now)])
        }
    }
}

/// What the optimiser changes, on a thread where that may take its time.
async fn planned(seen: Seen) -> Result<Changes, BadSample> {
    tokio::task::spawn_blocking(move || plan(&seen)).await.map_err(Unseen::from)?
}

fn plan(seen: &Seen) -> Result<Changes, BadSample> {
    let planning = seen.shop.problem(seen.now, &seen.options())?;
    let (problem, baseline) = (&planning.problem, Some(&planning.baseline));
    let weights = seen.policies.weights();
    let request = Request { problem, baseline, weights, seed: SEED, iterations: Some(ITERATIONS) };
    let budget = Until { time: Some(Instant::now() + AT_MOST), ..Until::default() };
    let solution = solve(&request, &Alone, &budget, &mut |_| {});
    match validate(problem, &solution.plan, None).first() {
        Some(broken) => Err(BadSample::Refused(format!("its plan breaks a rule: {}", broken.fault.words()))),
        None => Ok(planning.changes(&solution.plan, &seen.shop, seen.now)),
    }
}

/// On some machines something is fixed where it is planned.
fn pins(seen: &Seen, tenant: TenantId) -> Result<Vec<Step>, BadSample> {
    let mut steps = Vec::new();
    for (machine, reason) in PINNED {
        let on = Some(MachineId::from_key(tenant, machine));
        let from = later(seen.now, PINNED_FROM);
        let placed = seen.shop.plan.placements.values().filter(|at| at.machine == on && at.start >= from);
        if let Some(first) = placed.min_by_key(|at| at.start) {
            let pin = Pin { reason: Reason::try_new(reason)?, until: None };
            let pin = PlanCommand::Pin { operations: vec![first.of()], pin, seen: None };
            steps.push(step(tenant.0, &format!("pin:{machine}"), Command::Plan(Box::new(pin)), seen.now));
        }
    }
    Ok(steps)
}

/// What if somebody came on the next Saturday?
fn what_if(seen: &Seen, tenant: TenantId, scenario: ScenarioId) -> Result<Vec<Step>, BadSample> {
    let placements: Vec<Placement> = seen.shop.plan.placements.values().copied().collect();
    let name = ScenarioName::try_new("A Saturday more on MILL-1")?;
    let open = ScenarioCommand::Open { name, base: seen.shop.plan.version, placements };
    let (from, until) = saturday(seen);
    let (operator, machine) = (OperatorId::from_key(tenant, BESIDES.0), MachineId::from_key(tenant, BESIDES.1));
    let assumed = |number: u8, assumption| {
        ScenarioCommand::Assume(AssumptionId(Uuid::new_v5(&scenario.0, &[number])), assumption)
    };
    let commands = [
        ("open", open),
        ("machine", assumed(1, Assumption::MachineOpen { machine, from, until })),
        ("operator", assumed(2, Assumption::OperatorAtWork { operator, from, until })),
    ];
    let ask = |(intention, command): (&str, ScenarioCommand)| {
        step(scenario.0, intention, Command::Scenario(scenario, Box::new(command)), seen.now)
    };
    Ok(commands.map(ask).into())
}

fn saturday(seen: &Seen) -> (Timestamp, Timestamp) {
    let axis = super::axis::Axis::until(seen.now, &seen.shop.zone);
    let saturday = axis.weekday(jiff::civil::Weekday::Saturday, 1);
    (axis.on(saturday, 6), axis.on(saturday, 14))
}
