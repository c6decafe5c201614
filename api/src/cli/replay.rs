//! `kilter replay`: the history of a workspace, told again.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::args::{self, ReplayFormat};
use super::failure::Failure;
use super::output;
use super::session::Session;
use super::target;

const DOCUMENT: &str = "subscription Replay($from: DateTime, $to: DateTime, $speed: Float) {
  activityReplay(from: $from, to: $to, speed: $speed) {
    cursor
    entry {
      position eventId eventType sentence kind thing { id code name } revision happenedAt recordedAt
      actor { id name } role onBehalfOf commandId correlationId causationId
      changes { field operation before after }
    }
  }
}";

/// Writes one line for each event, at the speed asked for.
pub async fn run(asked: args::Replay) -> Result<(), Failure> {
    if asked.speed.is_some_and(|speed| !speed.is_finite() || speed <= 0.0) {
        return Err(Failure::Usage("--speed must be more than 0".to_owned()));
    }
    let session = Session::open(target::of(&asked.target)?, asked.tenant.as_deref()).await?;
    let told = tell(&session, &asked).await;
    session.close().await;
    match told {
        // Whoever reads has seen enough: `kilter replay … | head`.
        Err(Failure::NobodyReads) => Ok(()),
        told => told,
    }
}

async fn tell(session: &Session, asked: &args::Replay) -> Result<(), Failure> {
    let variables = json!({ "from": asked.from, "to": asked.to, "speed": asked.speed });
    let mut messages = session.subscribe(DOCUMENT, variables).await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let entry = &message["activityReplay"]["entry"];
        match asked.format {
            ReplayFormat::Ndjson => output::line(&entry.to_string())?,
            ReplayFormat::Text => output::line(&in_words(entry))?,
        }
    }
    Ok(())
}

fn in_words(entry: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let actor = entry["actor"]["name"].as_str().map_or_else(|| text(&entry["actor"]["id"]), ToOwned::to_owned);
    format!("{}  {}  ({actor})", text(&entry["happenedAt"]), text(&entry["sentence"]))
}
