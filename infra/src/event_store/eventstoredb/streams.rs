//! Reading and writing streams of the server, as it names and numbers them.

use std::sync::Arc;

use domain::ports::Direction;
use eventstore::{
    AppendToStreamOptions, Error, EventData, ExpectedRevision, ReadAllOptions, ReadStream, ReadStreamOptions,
    RecordedEvent, StreamPosition,
};

use super::connection::{Connection, Failure};

/// Revisions that the server can count to.
const LAST_REVISION: u64 = i64::MAX.unsigned_abs();

impl Connection {
    /// Events of a stream from a revision on; none where there is no such stream.
    pub(super) async fn read_stream(
        &self,
        name: &str,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, Failure> {
        let from = match direction {
            Direction::Forward if limit == 0 || from > LAST_REVISION => return Ok(Vec::new()),
            Direction::Backward if limit == 0 => return Ok(Vec::new()),
            Direction::Backward if from > LAST_REVISION => StreamPosition::End,
            Direction::Forward | Direction::Backward => StreamPosition::Position(from),
        };
        let options = ReadStreamOptions::default().position(from).max_count(limit).requires_leader(true);
        let options = match direction {
            Direction::Forward => options.forwards(),
            Direction::Backward => options.backwards(),
        };
        self.ask(true, |client| {
            let (name, options) = (name.to_owned(), options.clone());
            async move {
                match collect(client.read_stream(name, &options).await).await {
                    Err(Error::ResourceNotFound) => Ok(Vec::new()),
                    read => read,
                }
            }
        })
        .await
    }

    /// The last event of a stream.
    pub(super) async fn last(&self, name: &str) -> Result<Option<RecordedEvent>, Failure> {
        Ok(self.read_stream(name, u64::MAX, Direction::Backward, 1).await?.pop())
    }

    /// Events of all streams, from the one at this position on, its own included. The server reads from positions only that it
    /// gave out itself.
    pub(super) async fn read_log(
        &self,
        from: StreamPosition<u64>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, Failure> {
        let from = match from {
            StreamPosition::Start => StreamPosition::Start,
            StreamPosition::End => StreamPosition::End,
            // Of an event that came in one append both are the same.
            StreamPosition::Position(at) => StreamPosition::Position(eventstore::Position { commit: at, prepare: at }),
        };
        let options = ReadAllOptions::default().position(from).max_count(limit).requires_leader(true);
        let options = match direction {
            Direction::Forward => options.forwards(),
            Direction::Backward => options.backwards(),
        };
        self.ask(true, |client| {
            let options = options.clone();
            async move { collect(client.read_all(&options).await).await }
        })
        .await
    }

    /// Appends all events or none. Returns the position that the server names, 0 where it names none.
    pub(super) async fn append(&self, name: &str, last: Option<u64>, events: Vec<EventData>) -> Result<u64, Failure> {
        let expected = last.map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact);
        let options = AppendToStreamOptions::default().expected_revision(expected).requires_leader(true);
        let events = Arc::new(events);
        self.ask(false, |client| {
            let (name, options, events) = (name.to_owned(), options.clone(), Arc::clone(&events));
            async move { client.append_to_stream(name, &options, Vec::clone(&events)).await }
        })
        .await
        .map(|written| written.position.commit)
    }
}

async fn collect(reading: eventstore::Result<ReadStream>) -> eventstore::Result<Vec<RecordedEvent>> {
    let mut reading = reading?;
    let mut events = Vec::new();
    while let Some(resolved) = reading.next().await? {
        events.extend(resolved.event);
    }
    Ok(events)
}
