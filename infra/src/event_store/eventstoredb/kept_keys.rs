//! The keys of streams, in the metadata where the server keeps the newest only. Writing them anew is how bodies are removed.

use eventstore::EventData;

use super::body_keys::BodyKeys;
use super::claims::Flaw;
use super::connection::{Connection, Failure};
use crate::event_store::transfer::StreamKey;

/// How often keys are looked at anew because another node was faster.
const ROUNDS: usize = 20;

/// The newest keys of a stream.
pub(super) struct Keys {
    pub(super) keys: Result<BodyKeys, String>,
    /// Revision of the metadata that they stand in.
    number: u64,
}

/// The keys of a stream, if it has any.
pub(super) async fn keys(server: &Connection, stream: &StreamKey) -> Result<Option<Keys>, Failure> {
    let recorded = server.last(&server.names().metadata(stream)).await?;
    Ok(recorded.map(|recorded| {
        let keys = BodyKeys::from_json(&recorded.data).map_err(|flaw| format!("keys of {stream}: {flaw}"));
        Keys { keys, number: recorded.revision }
    }))
}

/// Writes the first keys of a stream; a conflict where it has some.
pub(super) async fn keep_first(server: &Connection, stream: &StreamKey, keys: &BodyKeys) -> Result<(), Failure> {
    keep(server, stream, keys, None).await
}

/// Puts what `change` makes of the keys of a stream in their place, unless it makes nothing of them. Returns what then holds.
pub(super) async fn change_keys(
    server: &Connection,
    stream: &StreamKey,
    change: impl Fn(Option<&BodyKeys>) -> Option<BodyKeys>,
) -> Result<Option<BodyKeys>, Flaw> {
    for _ in 0..ROUNDS {
        let found = keys(server, stream).await?;
        let number = found.as_ref().map(|keys| keys.number);
        let current = found.map(|keys| keys.keys).transpose().map_err(Flaw::Damaged)?;
        let Some(changed) = change(current.as_ref()) else { return Ok(current) };
        match keep(server, stream, &changed, number).await {
            Ok(()) => return Ok(Some(changed)),
            Err(Failure::Conflict) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(Failure::Refused("other nodes change the stream all the time".to_owned()).into())
}

/// Writes keys in the place of those with this number.
async fn keep(server: &Connection, stream: &StreamKey, keys: &BodyKeys, number: Option<u64>) -> Result<(), Failure> {
    let metadata =
        EventData::json("$metadata", &keys.to_json()).map_err(|error| Failure::Refused(error.to_string()))?;
    server.append(&server.names().metadata(stream), number, vec![metadata]).await.map(drop)
}
