//! The sample company: a small shop with a month of history that ends now, made through ordinary commands.

mod ahead;
mod away;
mod axis;
mod floor;
mod flow;
mod history;
mod hours;
mod masters;
mod shop;
mod simulate;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::calendars::hours::NoTime;
use domain::calendars::open_time::OpenTimeError;
use domain::kernel::text::BadText;
use domain::kernel::{Caller, CommandId, TenantId, Timestamp};
use domain::ports::{Clock, ReadError};
use domain::run::{Command, RunError};
use infra::clock::ManualClock;
use jiff::tz::TimeZone;
use projections::planning::PlanningError;
use uuid::Uuid;

use self::axis::{Axis, MINUTE, NOW};
use self::flow::Trouble;
use crate::import::Report;
use crate::import::executor::{self, Door, DoorError};
use crate::import::in_process::InProcess;
use crate::import::plan::Step;
use crate::planning::{Sight, Unseen};
use crate::wiring::WriteSide;

/// The workspace of the sample company.
pub const TENANT: &str = "demo";
/// Who is said to have typed it all in.
pub const USER: &str = "demo admin";
/// The address and the name of who is let in by the link that is printed: nobody gets mail there.
pub const GUEST: (&str, &str) = ("guest@kestrel.example", "Guest of Kestrel");
/// Its name.
pub const COMPANY: &str = "Kestrel Precision";
/// What the invitation asks: also a test asks it.
pub const QUESTION: &str =
    "{ jobs(first: 5, filter: { late: true }) { totalCount edges { node { number product due status } } } }";
/// What is done within so many seconds is told together.
const ABOUT: i64 = 5 * MINUTE;
const ZONE: &str = "Europe/Tallinn";
/// The machine that is broken, and why.
const DOWN: (&str, &str) = ("MILL-3", "spindle bearing is noisy, spare part is ordered");

/// Why the sample company can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum BadSample {
    /// A text of the sample breaks a rule.
    #[error("the sample company has a text that is none: {0}")]
    Text(#[from] BadText),
    /// Hours of the sample are none.
    #[error(transparent)]
    Time(#[from] NoTime),
    /// Hours of the sample can't be told.
    #[error(transparent)]
    Hours(#[from] OpenTimeError),
    /// The shop can't be planned.
    #[error(transparent)]
    Planning(#[from] PlanningError),
    /// The shop can't be seen.
    #[error(transparent)]
    Unseen(#[from] Unseen),
    /// The plan can't be read.
    #[error(transparent)]
    Plan(#[from] RunError),
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// A command can't be run.
    #[error(transparent)]
    Run(#[from] DoorError),
    /// A command was refused.
    #[error("the sample company was refused: {0}")]
    Refused(String),
}

/// Loads the sample company, unless it was loaded before. What was begun and cut short goes on with the month that it began with.
pub async fn load(side: &WriteSide, sight: &Sight, caller: Caller) -> Result<(), BadSample> {
    let tenant = caller.tenant;
    let loaded = CommandId(Uuid::new_v5(&tenant.0, b"demo:loaded"));
    if side.store.find(tenant, loaded.event_id(0)).await?.is_some() {
        return Ok(());
    }
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let opened = side.store.find(tenant, masters::opening(tenant).event_id(0)).await?;
    let axis = match opened {
        Some(opened) => Axis::since(opened.event.happened_at, &zone),
        None => Axis::until(side.clock.now(), &zone),
    };
    tell(side, caller, stages(tenant, &axis)?).await?;
    let door: Arc<dyn Door> = Arc::new(InProcess::new(Arc::clone(&side.commands), caller));
    for part in [ahead::Part::Plan, ahead::Part::Pins, ahead::Part::Open, ahead::Part::WhatIf] {
        run(&door, vec![ahead::steps(sight, tenant, part).await?]).await?;
    }
    let fresh: Vec<flow::Order> = flow::fresh().collect();
    let end = vec![masters::last_touch(tenant, loaded, axis.at(NOW))?];
    run(&door, vec![history::taken(tenant, &axis, &fresh)?, end]).await
}

/// Tells what was done in the order in which it was done, and has it recorded by then: who looks back sees the shop as it was. What was
/// done at about the same time goes stage after stage.
async fn tell(side: &WriteSide, caller: Caller, stages: Vec<Vec<Step>>) -> Result<(), BadSample> {
    let clock = Arc::new(ManualClock::new(Timestamp::default()));
    let commands = side.commands.by_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let door: Arc<dyn Door> = Arc::new(InProcess::new(Arc::new(commands), caller));
    let mut about: BTreeMap<i64, BTreeMap<usize, Vec<Step>>> = BTreeMap::new();
    for (stage, steps) in stages.into_iter().enumerate() {
        for step in steps {
            let second = step.request.happened_at.map_or(0, Timestamp::as_seconds);
            about.entry(second.div_euclid(ABOUT)).or_default().entry(stage).or_default().push(step);
        }
    }
    for stages in about.into_values() {
        let last = stages.values().flatten().filter_map(|step| step.request.happened_at).max();
        clock.set(last.unwrap_or_default());
        run(&door, stages.into_values().collect()).await?;
    }
    Ok(())
}

async fn run(door: &Arc<dyn Door>, stages: Vec<Vec<Step>>) -> Result<(), BadSample> {
    for steps in stages {
        let report = executor::run_all(door, steps).await?;
        check(&report)?;
    }
    Ok(())
}

fn check(report: &Report) -> Result<(), BadSample> {
    report.problems.first().map_or(Ok(()), |problem| Err(BadSample::Refused(problem.clone())))
}

/// What was done until now, stage after stage: within one stage, streams do not wait for each other, and no stage waits for a later one.
fn stages(tenant: TenantId, axis: &Axis) -> Result<Vec<Vec<Step>>, BadSample> {
    let flow = flow::orders(tenant, axis)?;
    let [orders, plans, work] = history::stages(tenant, axis, &flow)?;
    let [calendars, hours] = masters::hours(tenant, axis)?;
    let broke = flow.iter().find_map(|order| match order.trouble {
        Some(Trouble::MachineBroke(at)) => Some(at),
        _ => None,
    });
    Ok(vec![
        masters::company(tenant, axis.at(0))?,
        calendars,
        hours,
        masters::machines(tenant, axis)?,
        masters::people(tenant, axis)?,
        orders,
        plans,
        work,
        vec![masters::breakdown(tenant, axis.at(broke.unwrap_or(flow::STOPPED)))?],
    ])
}

/// One command with the identity that it has in every load.
fn step(of: Uuid, intention: &str, command: Command, at: Timestamp) -> Step {
    Step::new(command, named(of, intention), at)
}

fn named(of: Uuid, intention: &str) -> CommandId {
    CommandId(Uuid::new_v5(&of, format!("demo:{intention}").as_bytes()))
}
