//! `kilter rebuild`: the read models anew, while they serve.

use std::time::Duration;

use serde_json::{Value, json};

use super::args;
use super::failure::Failure;
use super::output::{self, Bar};
use super::session::Session;
use super::target;
use crate::graphql::errors;
use crate::import::executor::DoorError;

const START: &str = "mutation { rebuildProjections(input: {}) { userErrors { code message } } }";
const ASK: &str = "{ rebuild { position head done failure projections { name equal } } }";
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Starts a rebuild, shows how it comes on, and tells what came of it.
pub async fn run(asked: args::Rebuild) -> Result<(), Failure> {
    let session = Session::open(target::of(&asked.target)?, None).await?;
    let rebuilt = rebuild(&session).await;
    session.close().await;
    rebuilt
}

async fn rebuild(session: &Session) -> Result<(), Failure> {
    let started = session.execute(START, json!({})).await?;
    if let Some(refused) = started.pointer("/rebuildProjections/userErrors/0") {
        return Err(match refused["code"].as_str() {
            Some(errors::NOT_FOUND) => DoorError::Denied.into(),
            _ => Failure::Unavailable(refused["message"].as_str().unwrap_or_default().to_owned()),
        });
    }
    let bar = Bar::default();
    let done = loop {
        let answer = session.execute(ASK, json!({})).await?;
        let state = &answer["rebuild"];
        let number = |key: &str| state[key].as_str().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        bar.at(number("position"), number("head"), "rows");
        if state["done"] == true {
            break state.clone();
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    bar.clear();
    tell(&done)
}

fn tell(done: &Value) -> Result<(), Failure> {
    if let Some(failure) = done["failure"].as_str() {
        return Err(Failure::Fault(format!("the rebuild was given up, the old rows stay: {failure}")));
    }
    for projection in done["projections"].as_array().into_iter().flatten() {
        let name = projection["name"].as_str().unwrap_or_default();
        let equal =
            if projection["equal"] == true { "equal to the rows before" } else { "DIFFERENT from the rows before" };
        output::line(&format!("{name}: rebuilt, {equal}"))?;
    }
    Ok(())
}
