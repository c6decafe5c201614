//! The only load–decide–append loop.

use std::sync::Arc;
use std::time::Duration;

use super::cache::{Folded, Key};
use super::needs::{Needs, Runnable};
use super::{Commands, Done, RequestError, RunError};
use crate::catalog::Catalogued;
use crate::kernel::context::{Context, Facts};
use crate::kernel::{StreamId, TenantId};
use crate::machines::machine::{Machine, MachineStatus};
use crate::machines::work_center::{WorkCenter, WorkCenterState};
use crate::ports::{
    Append, AppendError, Appended, CodecError, Direction, Expected, NewEvent, ReadError, Recorded, StoredEvent,
};
use crate::tenancy::company::Company;
use crate::workforce::operator::Operator;

/// How often a decision is made anew after a conflict, and an append repeated after an unknown outcome.
const ATTEMPTS: u32 = 5;
/// Events of one stream read at once: few enough that the store reads them on the spot, also when many streams are read.
const PAGE: usize = 64;

/// What is asked besides the command itself.
pub(super) struct Ask {
    pub(super) stream: StreamId,
    pub(super) context: Context,
    pub(super) expected_revision: Option<u64>,
}

impl Ask {
    const fn key(&self) -> Key {
        (self.context.caller.tenant, self.stream)
    }
}

impl Commands {
    pub(super) async fn ask<A: Runnable>(&self, command: &A::Command, mut ask: Ask) -> Result<Done, RunError> {
        // The name before the stream: whoever has their turn at a stream waits for nobody.
        let _name = match ask.context.fingerprint {
            Some(_) => Some(self.command_ids.take((ask.context.caller.tenant, ask.context.command_id)).await),
            None => None,
        };
        let _turn = self.streams.take(ask.key()).await;
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt::<A>(command, &mut ask).await {
                Err(RunError::Conflict { .. }) if ask.expected_revision.is_none() && attempt < ATTEMPTS => {
                    self.back_off(attempt).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<A: Runnable>(&self, command: &A::Command, ask: &mut Ask) -> Result<Done, RunError> {
        let folded = self.load::<A>(ask.key()).await?;
        if let Some(done) = self.first_answer::<A>(command, ask).await? {
            return Ok(done);
        }
        if ask.expected_revision.is_some_and(|expected| folded.revision != Some(expected)) {
            return Err(RunError::Conflict { actual: folded.revision });
        }
        ask.context.facts = self.facts(ask.context.caller.tenant, A::needs(&folded.state, command)).await?;
        let events = match A::decide(&folded.state, command, &ask.context) {
            Ok(events) => events,
            Err(refusal) => return self.answer(ask, Err(Box::new(refusal))).await,
        };
        if events.is_empty() {
            let revision = folded.revision.unwrap_or_default();
            let unchanged = Done { stream: ask.stream, revision, position: folded.position, appended: 0 };
            // Names are in no fingerprint: whether another one comes under this id could not be told.
            return if A::personal(command).is_empty() { self.answer(ask, Ok(unchanged)).await } else { Ok(unchanged) };
        }
        let appended = events.len();
        let events = events.into_iter().map(Catalogued::into_event).collect();
        let events = self.codec.encode(ask.stream, events, &ask.context).await?;
        let expected = folded.revision.map_or(Expected::NoStream, Expected::Exact);
        match self.append(ask, expected, events).await {
            Ok(Appended { revision, position }) => Ok(Done { stream: ask.stream, revision, position, appended }),
            // Another node ran a command of this id in the meantime.
            Err(AppendError::IdTaken(_)) => {
                let first = self.first_answer::<A>(command, ask).await?;
                first.ok_or(RunError::CommandIdReused(ask.context.command_id))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Appends; as long as the outcome is unknown, appends the very same again, which tells.
    async fn append(&self, ask: &Ask, expected: Expected, events: Vec<NewEvent>) -> Result<Appended, AppendError> {
        let append = Append { stream: ask.stream, expected, events };
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.store.append(ask.context.caller.tenant, append.clone()).await {
                Err(AppendError::OutcomeUnknown(_)) if attempt < ATTEMPTS => self.back_off(attempt).await,
                outcome => return outcome,
            }
        }
    }

    /// Waits 1 to 2 ms after the first attempt, twice as long after each further one.
    async fn back_off(&self, attempt: u32) {
        let [.., low, lower] = *self.ids.next().as_bytes();
        let jitter_us = u64::from(u16::from_be_bytes([low, lower])) * 1_000 / u64::from(u16::MAX);
        self.clock.pause(Duration::from_micros((1_000 + jitter_us) << (attempt - 1))).await;
    }

    /// The state of a stream as it is now. What this process appended is read back like what others did: the store alone knows
    /// what stands in a stream.
    async fn load<A: Runnable>(&self, key: Key) -> Result<Folded<A>, RunError> {
        let cache = A::shelf(&self.shelves);
        let mut folded = cache.get(&key);
        let mut read = 0;
        loop {
            let from = folded.revision.map_or(0, |revision| revision + 1);
            let mut page = self.store.read_stream(key.0, key.1, from, Direction::Forward, PAGE).await?;
            if from == 0
                && page.len() == PAGE
                && let Some((after, rest)) = self.jump::<A>(key).await?
            {
                (folded, page) = (after, rest);
                cache.put(key, folded.clone());
            }
            let Some(last) = page.last().map(|stored| stored.event.event_id) else { return Ok(folded) };
            let events = self.codec.decode_open(&page).await?;
            // It lets go of the state first, so that it is changed in place.
            cache.forget(&key);
            folded = fold(folded, &events)?;
            cache.put(key, folded.clone());
            read += page.len();
            if page.len() < PAGE {
                self.keep_snapshot(key, &folded, (read, last)).await;
                return Ok(folded);
            }
        }
    }

    /// A long stream's snapshot with the events after it, where there is one that fits.
    async fn jump<A: Runnable>(&self, key: Key) -> Result<Option<(Folded<A>, Vec<StoredEvent>)>, RunError> {
        let Some((folded, event)) = self.snapshot::<A>(key, PAGE as u64).await else { return Ok(None) };
        let from = folded.revision.unwrap_or_default();
        let mut page = self.store.read_stream(key.0, key.1, from, Direction::Forward, PAGE + 1).await?;
        // Of another log, or of a stream whose bodies were removed, it is of no use.
        let fits = page.first().is_some_and(|first| first.event.event_id == event && !first.is_truncated());
        Ok(fits.then(|| (folded, page.split_off(1))))
    }

    async fn facts(&self, tenant: TenantId, needs: Needs) -> Result<Facts, RunError> {
        let mut facts = Facts::default();
        if needs.policies {
            facts.policies = self.state_of::<Company>(tenant, tenant.0).await?.policies();
        }
        if let Some(operator) = needs.operator {
            facts.operator = self.state_of::<Operator>(tenant, operator.0).await?.facts(operator);
        }
        if let Some(machine) = needs.machine {
            facts.machine = self.state_of::<Machine>(tenant, machine.0).await?.facts(machine);
        }
        for work_center in needs.work_centers {
            let state = self.state_of::<WorkCenter>(tenant, work_center.0).await?;
            if !matches!(*state, WorkCenterState::InUse { .. }) {
                facts.missing_work_centers.push(work_center);
            }
        }
        for machine in needs.machines {
            let known = self.state_of::<Machine>(tenant, machine.0).await?.facts(machine);
            if known.is_none_or(|known| known.status == MachineStatus::Retired) {
                facts.missing_machines.push(machine);
            }
        }
        Ok(facts)
    }

    pub(super) async fn state_of<A: Runnable>(
        &self,
        tenant: TenantId,
        id: uuid::Uuid,
    ) -> Result<Arc<A::State>, RunError> {
        Ok(self.load::<A>((tenant, StreamId::new(A::STREAM, id))).await?.state)
    }
}

fn fold<A: Runnable>(folded: Folded<A>, events: &[Recorded]) -> Result<Folded<A>, RunError> {
    let Folded { mut revision, mut position, state } = folded;
    let mut state = Arc::unwrap_or_clone(state);
    for Recorded { envelope, event } in events {
        let event = <A::Event as Catalogued>::of(event)
            .ok_or_else(|| RunError::Fault(format!("{} holds an event of another kind", envelope.stream)))?;
        state = A::evolve(state, event, envelope.happened_at);
        (revision, position) = (Some(envelope.revision), envelope.position);
    }
    Ok(Folded { revision, position, state: Arc::new(state) })
}

impl From<ReadError> for RunError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(reason) => Self::Unavailable(reason),
            ReadError::Corrupt(_) => Self::Fault(error.to_string()),
        }
    }
}

impl From<CodecError> for RunError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Vault(_) => Self::Unavailable(error.to_string()),
            // A newer node wrote it, while this one is still to be upgraded: the same command is done there, or here after that.
            CodecError::Unknown { .. } => Self::Unavailable(format!("{error}: a newer Kilter wrote it")),
            CodecError::Malformed { .. } => Self::Fault(error.to_string()),
        }
    }
}

impl From<AppendError> for RunError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { actual } => Self::Conflict { actual },
            AppendError::Deleted => RequestError::Deleted.into(),
            AppendError::TooLarge { bytes, limit } => RequestError::TooLarge { bytes, limit }.into(),
            AppendError::Unavailable(reason) => Self::Unavailable(reason),
            AppendError::OutcomeUnknown(reason) => Self::OutcomeUnknown(reason),
            AppendError::IdTaken(_) | AppendError::Empty => Self::Fault(error.to_string()),
        }
    }
}
