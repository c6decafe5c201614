//! Events as JSON: versions, upcasters, personal fields sealed on the way in and opened on the way out.

pub mod upcast;

use std::sync::Arc;

use domain::catalog::{self, Event};
use domain::kernel::{Context, DataClass, Sealed, StreamId, SubjectId, TenantId};
use domain::ports::{
    Codec, CodecError, Envelope, Future, NewEvent, Recorded, StoredEvent, Unsealed, Vault, VaultError,
};
use uuid::Uuid;

use crate::random::random_bytes;
use upcast::Upcasters;

/// The codec over a vault.
pub struct JsonCodec {
    vault: Arc<dyn Vault>,
    upcasters: Upcasters,
}

impl JsonCodec {
    /// Seals and opens through this vault.
    pub fn new(vault: Arc<dyn Vault>) -> Self {
        Self::with_upcasters(vault, Upcasters::current())
    }

    /// With these upcasters instead of the build's own.
    pub fn with_upcasters(vault: Arc<dyn Vault>, upcasters: Upcasters) -> Self {
        Self { vault, upcasters }
    }

    async fn encode_one(
        &self,
        stream: StreamId,
        mut event: Event,
        event_id: Uuid,
        context: &Context,
    ) -> Result<NewEvent, CodecError> {
        let subjects = self.seal_fields(context.caller.tenant, stream, event_id, &mut event).await?;
        let malformed =
            |name: &str, reason: String| CodecError::Malformed { event: event_id, name: name.to_owned(), reason };
        let (name, data) = event.encode().map_err(|error| malformed("", error.to_string()))?;
        let schema_version = catalog::current_version(stream.kind, &name)
            .ok_or_else(|| malformed(&name, format!("streams of kind {} have no such event", stream.kind.as_str())))?;
        let salt = random_bytes();
        Ok(NewEvent {
            event_id,
            event_type: name.into(),
            schema_version,
            happened_at: context.happened_at,
            recorded_at: context.now,
            actor: context.caller.actor,
            on_behalf_of: None,
            grant: None,
            role: context.caller.role,
            command_id: context.command_id,
            fingerprint: context.fingerprint.map(|fingerprint| fingerprint.salted(&salt)),
            correlation: context.correlation,
            causation: context.causation,
            traceparent: context.traceparent.clone(),
            subjects,
            salt,
            data,
        })
    }

    /// Seals what is clear; gives the subjects of all personal fields.
    async fn seal_fields(
        &self,
        tenant: TenantId,
        stream: StreamId,
        event_id: Uuid,
        event: &mut Event,
    ) -> Result<Vec<SubjectId>, CodecError> {
        let mut subjects = Vec::new();
        let mut clear: Vec<(&'static str, SubjectId, DataClass, Vec<u8>)> = Vec::new();
        event.personal_fields(&mut |field, slot| {
            if let Some((subject, class, bytes)) = slot.clear_bytes() {
                clear.push((field, subject, class, bytes));
                subjects.push(subject);
            } else if let Some(sealed) = slot.sealed() {
                subjects.push(sealed.subject);
            }
        });
        let mut sealed = Vec::with_capacity(clear.len());
        for (field, subject, class, bytes) in clear {
            let value = Unsealed { subject, class, stream, event: event_id, field, bytes };
            sealed.push(self.vault.seal(tenant, value).await.map_err(refused)?);
        }
        let mut sealed = sealed.into_iter();
        event.personal_fields(&mut |_, slot| {
            if slot.clear_bytes().is_some()
                && let Some(value) = sealed.next()
            {
                slot.set_sealed(value);
            }
        });
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    /// Opens what is sealed; what has no key any more is erased.
    async fn open_fields(&self, recorded: &mut Recorded) -> Result<(), CodecError> {
        let mut sealed: Vec<Sealed> = Vec::new();
        recorded.event.personal_fields(&mut |_, slot| sealed.extend(slot.sealed().cloned()));
        if sealed.is_empty() {
            return Ok(());
        }
        let mut opened = Vec::with_capacity(sealed.len());
        for value in &sealed {
            opened.push(self.vault.open(recorded.envelope.tenant, value).await.map_err(refused)?);
        }
        let mut values = sealed.iter().zip(opened);
        let mut unreadable = None;
        recorded.event.personal_fields(&mut |field, slot| {
            if slot.sealed().is_none() {
                return;
            }
            match values.next() {
                Some((value, Some(bytes))) if slot.set_clear(value.subject, value.class, &bytes) => {}
                Some((_, Some(_))) => unreadable = Some(field),
                Some((_, None)) | None => slot.set_erased(),
            }
        });
        unreadable.map_or(Ok(()), |field| {
            Err(CodecError::Malformed {
                event: recorded.envelope.event_id,
                name: recorded.envelope.event_type.to_string(),
                reason: format!("personal field {field} does not spell its value"),
            })
        })
    }

    fn read_body(&self, stored: &StoredEvent) -> Result<Event, CodecError> {
        let NewEvent { event_id, event_type, schema_version, data, .. } = &stored.event;
        let malformed = |reason| CodecError::Malformed { event: *event_id, name: event_type.to_string(), reason };
        let kind = stored.stream.kind;
        let current = catalog::current_version(kind, event_type).filter(|current| schema_version <= current);
        let Some(current) = current else {
            return Err(CodecError::Unknown {
                event: *event_id,
                name: event_type.to_string(),
                version: *schema_version,
            });
        };
        if *schema_version == current {
            return Event::decode(kind, event_type, data).map_err(|error| malformed(error.to_string()));
        }
        let raised = self.upcasters.raise(event_type, *schema_version..current, data).map_err(malformed)?;
        Event::decode(kind, event_type, &raised).map_err(|error| malformed(error.to_string()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn refused(error: VaultError) -> CodecError {
    CodecError::Vault(error.to_string())
}

impl Codec for JsonCodec {
    fn encode<'a>(
        &'a self,
        stream: StreamId,
        events: Vec<Event>,
        context: &'a Context,
    ) -> Future<'a, Result<Vec<NewEvent>, CodecError>> {
        Box::pin(async move {
            let mut encoded = Vec::with_capacity(events.len());
            for (index, event) in events.into_iter().enumerate() {
                encoded.push(self.encode_one(stream, event, context.command_id.event_id(index), context).await?);
            }
            Ok(encoded)
        })
    }

    fn decode(&self, stored: &StoredEvent) -> Result<Recorded, CodecError> {
        let event = self.read_body(stored)?;
        let about = &stored.event;
        let envelope = Envelope {
            event_id: about.event_id,
            tenant: stored.tenant,
            stream: stored.stream,
            revision: stored.revision,
            position: stored.position,
            event_type: Arc::clone(&about.event_type),
            happened_at: about.happened_at,
            recorded_at: about.recorded_at,
            actor: about.actor,
            on_behalf_of: about.on_behalf_of,
            role: about.role,
            command_id: about.command_id,
            correlation: about.correlation,
            causation: about.causation,
        };
        Ok(Recorded { envelope, event })
    }

    fn decode_open<'a>(&'a self, stored: &'a [StoredEvent]) -> Future<'a, Result<Vec<Recorded>, CodecError>> {
        Box::pin(async move {
            let mut opened = Vec::with_capacity(stored.len());
            for event in stored {
                let mut recorded = self.decode(event)?;
                self.open_fields(&mut recorded).await?;
                opened.push(recorded);
            }
            Ok(opened)
        })
    }
}
