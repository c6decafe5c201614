//! A command id is good for one command: the same again gets the first answer, another one is refused.
//!
//! What left events is recognised by them, for as long as they are there: they carry the fingerprint of what was said, written
//! with them or not at all. What left none (it was so already, or was refused) is remembered for a while.

use super::cache::Key;
use super::execute::Ask;
use super::needs::Runnable;
use super::{Commands, Done, RunError};
use crate::kernel::decider::Refusal;
use crate::kernel::{CommandId, Fingerprint, StreamId, TenantId, Timestamp};
use crate::ports::{Answer, Direction, Refused, StoredEvent, Unchanged, VaultError};

/// Events of one command read at once.
const PAGE: usize = 64;

/// A request as its client named and said it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The client's name for it.
    pub id: CommandId,
    /// What the client said, spelled out.
    pub said: &'a str,
    /// When it happened, where the client said so.
    pub happened_at: Option<Timestamp>,
}

impl Commands {
    /// The answer that the command id got before.
    pub(super) async fn first_answer<A: Runnable>(
        &self,
        command: &A::Command,
        ask: &Ask,
    ) -> Result<Option<Done>, RunError> {
        let Some(fingerprint) = ask.context.fingerprint else { return Ok(None) };
        if let Some(done) = self.done_before::<A>(command, ask).await? {
            return Ok(Some(done));
        }
        let (tenant, id) = (ask.context.caller.tenant, ask.context.command_id);
        match self.answers.recall(tenant, id).await? {
            Some(answer) if answer.fingerprint == fingerprint => told(ask.stream, answer).map(Some),
            Some(_) => Err(RunError::CommandIdReused(id)),
            None => Ok(None),
        }
    }

    /// What was done under the command id, by the events that tell of it.
    pub(super) async fn done_before<A: Runnable>(
        &self,
        command: &A::Command,
        ask: &Ask,
    ) -> Result<Option<Done>, RunError> {
        if ask.context.fingerprint.is_none() {
            return Ok(None);
        }
        let (tenant, id) = (ask.context.caller.tenant, ask.context.command_id);
        let Some(first) = self.store.find(tenant, id.event_id(0)).await? else { return Ok(None) };
        if !self.said::<A>(command, ask, &first).await? {
            return Err(RunError::CommandIdReused(id));
        }
        self.done_then(ask.key(), id, &first).await.map(Some)
    }

    /// The answer that a request got before under the name that the client gave it, told by what the client said: where the command is
    /// worked out from that and from how things stand, it would be another one by now. Whoever asks has been let in.
    pub async fn recall(
        &self,
        tenant: TenantId,
        stream: StreamId,
        named: &Named<'_>,
    ) -> Result<Option<Done>, RunError> {
        let Named { id, said, happened_at } = *named;
        let fingerprint = Fingerprint::of(id, &(stream, said, happened_at));
        let fingerprint =
            fingerprint.map_err(|error| RunError::Fault(format!("a request can't be spelled: {error}")))?;
        if let Some(first) = self.store.find(tenant, id.event_id(0)).await? {
            let known = first.event.fingerprint == Some(fingerprint.salted(&first.event.salt));
            if first.stream != stream || !(known || first.is_truncated()) {
                return Err(RunError::CommandIdReused(id));
            }
            return self.done_then((tenant, stream), id, &first).await.map(Some);
        }
        match self.answers.recall(tenant, id).await? {
            Some(answer) if answer.fingerprint == fingerprint => told(stream, answer).map(Some),
            Some(_) => Err(RunError::CommandIdReused(id)),
            None => Ok(None),
        }
    }

    /// Where a command that left events under this name told them first.
    pub async fn told_in(&self, tenant: TenantId, id: CommandId) -> Result<Option<StreamId>, RunError> {
        Ok(self.store.find(tenant, id.event_id(0)).await?.map(|first| first.stream))
    }

    /// Remembers the answer to a command that left no event, and gives it.
    pub(super) async fn answer(&self, ask: &Ask, outcome: Result<Done, Box<dyn Refusal>>) -> Result<Done, RunError> {
        let Some(fingerprint) = ask.context.fingerprint else { return outcome.map_err(RunError::Rejected) };
        let (tenant, id) = (ask.context.caller.tenant, ask.context.command_id);
        let kept = match &outcome {
            Ok(Done { revision, position, .. }) => Ok(Unchanged { revision: *revision, position: *position }),
            Err(refusal) => Err(Refused {
                code: refusal.code().to_owned(),
                field: refusal.field().map(ToOwned::to_owned),
                message: refusal.to_string(),
            }),
        };
        let answer = Answer { fingerprint, outcome: kept };
        let stands = self.answers.remember(tenant, id, answer, ask.context.now).await?;
        if stands.fingerprint == fingerprint { told(ask.stream, stands) } else { Err(RunError::CommandIdReused(id)) }
    }

    /// Whether the command is the one that appended this event.
    async fn said<A: Runnable>(&self, command: &A::Command, ask: &Ask, first: &StoredEvent) -> Result<bool, RunError> {
        let salted = ask.context.fingerprint.map(|fingerprint| fingerprint.salted(&first.event.salt));
        if first.is_truncated() {
            return Ok(first.stream == ask.stream);
        }
        if first.stream != ask.stream || first.event.fingerprint != salted {
            return Ok(false);
        }
        let names = A::personal(command);
        if names.is_empty() && first.event.subjects.is_empty() {
            return Ok(true);
        }
        let mut then = Vec::new();
        for mut recorded in self.codec.decode_open(std::slice::from_ref(first)).await? {
            recorded.event.personal_fields(&mut |_, slot| then.push(slot.clear_bytes().map(|(.., bytes)| bytes)));
        }
        // What was erased since can't be compared, and what was said of it is of no use any more.
        let same = |(then, now): (&Option<Vec<u8>>, &Vec<u8>)| then.as_ref().is_none_or(|then| then == now);
        Ok(then.len() == names.len() && then.iter().zip(&names).all(same))
    }

    /// Where the last of the command's events stands.
    async fn done_then(
        &self,
        (tenant, stream): Key,
        command: CommandId,
        first: &StoredEvent,
    ) -> Result<Done, RunError> {
        let mut last = (first.revision, first.position);
        loop {
            let page = self.store.read_stream(tenant, stream, last.0 + 1, Direction::Forward, PAGE).await?;
            let same = page.iter().take_while(|stored| stored.event.command_id == command);
            let ends = same.map(|stored| (stored.revision, stored.position)).collect::<Vec<_>>();
            last = ends.last().copied().unwrap_or(last);
            if ends.len() < PAGE {
                return Ok(Done { stream, revision: last.0, position: last.1, appended: 0 });
            }
        }
    }
}

fn told(stream: StreamId, answer: Answer) -> Result<Done, RunError> {
    let Unchanged { revision, position } = answer.outcome?;
    Ok(Done { stream, revision, position, appended: 0 })
}

impl From<VaultError> for RunError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Damaged(_) => Self::Fault(error.to_string()),
            VaultError::Unavailable(_) | VaultError::Fenced(_) => Self::Unavailable(error.to_string()),
        }
    }
}
