//! The sample company: a small shop with a month of history that ends now, made through ordinary commands.

mod calendar;
mod flow;
mod history;
mod masters;
mod shop;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::kernel::text::BadText;
use domain::kernel::{Caller, CommandId, TenantId, Timestamp};
use domain::ports::ReadError;
use domain::run::Command;
use jiff::tz::TimeZone;
use uuid::Uuid;

use self::calendar::Calendar;
use crate::import::Report;
use crate::import::executor::{self, Door, DoorError};
use crate::import::in_process::InProcess;
use crate::import::plan::Step;
use crate::wiring::WriteSide;

/// The workspace of the sample company.
pub const TENANT: &str = "demo";
/// Who is said to have typed it all in.
pub const USER: &str = "demo admin";
/// Its name.
pub const COMPANY: &str = "Kestrel Precision";
/// What the invitation asks: also a test asks it.
pub const QUESTION: &str =
    "{ jobs(first: 5, filter: { late: true }) { totalCount edges { node { number product due status } } } }";
const ZONE: &str = "Europe/Tallinn";
/// The machine that is broken, and why.
const DOWN: (&str, &str) = ("MILL-3", "spindle bearing is noisy, spare part is ordered");

/// Why the sample company can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum BadSample {
    /// A text of the sample breaks a rule.
    #[error("the sample company has a text that is none: {0}")]
    Text(#[from] BadText),
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

/// Loads the sample company, unless it was loaded before.
pub async fn load(side: &WriteSide, caller: Caller) -> Result<(), BadSample> {
    let loaded = CommandId(Uuid::new_v5(&caller.tenant.0, b"demo:loaded"));
    let known = side.store.find(caller.tenant, loaded.event_id(0)).await?;
    if known.is_some() {
        return Ok(());
    }
    let door: Arc<dyn Door> = Arc::new(InProcess::new(Arc::clone(&side.commands), caller));
    for steps in stages(caller.tenant, side.clock.now(), loaded)? {
        let report = executor::run_all(&door, steps).await?;
        check(&report)?;
    }
    Ok(())
}

fn check(report: &Report) -> Result<(), BadSample> {
    report.problems.first().map_or(Ok(()), |problem| Err(BadSample::Refused(problem.clone())))
}

/// What is to be done, stage after stage: within one stage, streams do not wait for each other.
fn stages(tenant: TenantId, now: Timestamp, loaded: CommandId) -> Result<Vec<Vec<Step>>, BadSample> {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let calendar = Calendar::until(now, &zone);
    let [orders, plans, work] = history::stages(tenant, &calendar)?;
    Ok(vec![
        masters::company(tenant, calendar.at(0))?,
        masters::machines_and_people(tenant, &calendar)?,
        orders,
        plans,
        work,
        vec![masters::breakdown(tenant, calendar.at(flow::BROKE))?],
        vec![masters::last_touch(tenant, loaded, calendar.at(calendar::NOW))?],
    ])
}

/// One command with the identity that it has in every load.
fn step(of: Uuid, intention: &str, command: Command, at: Timestamp) -> Step {
    let id = CommandId(Uuid::new_v5(&of, format!("demo:{intention}").as_bytes()));
    Step::new(command, id, at)
}
