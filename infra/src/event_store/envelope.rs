//! The canonical envelope: one binary spelling of everything about an event but its body and its position.
//!
//! It is hashed, so it is the same in every store and in every export, for ever. It has two parts:
//!
//! - the *address*: tenant, stream kind, stream id, revision, event id;
//! - the *details*: version of this form, event type, schema version, happened-at, recorded-at, actor, on-behalf-of?, grant?,
//!   role, command id, fingerprint (form 2 only), correlation, causation?, traceparent?, subjects*.
//!
//! Form 1 is that of an event without a fingerprint of its command, form 2 that of one with it.
//!
//! Each field is its length as LEB128 followed by its bytes: texts in UTF-8, identities as 16 bytes, numbers
//! big-endian in their full width, instants as microseconds (`i64`). A field marked `?` is preceded by one byte, 0 (absent,
//! nothing follows) or 1; the field marked `*` by its count as LEB128.

use std::sync::Arc;

use domain::kernel::{ActorId, CommandId, Role, SubjectId, TenantId, Timestamp};
use domain::ports::NewEvent;
use uuid::Uuid;

const FORM_WITHOUT_FINGERPRINT: u8 = 1;
const FORM_WITH_FINGERPRINT: u8 = 2;

/// Where an event stands, and which one it is. The kind of its stream need not be one that this build knows.
pub(super) struct Address<'a> {
    pub(super) tenant: TenantId,
    pub(super) kind: &'a str,
    pub(super) stream: Uuid,
    pub(super) revision: u64,
    pub(super) event_id: Uuid,
}

impl Address<'_> {
    /// As the hash has it.
    pub(super) fn spelled(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        field(&mut out, self.tenant.0.as_bytes());
        field(&mut out, self.kind.as_bytes());
        field(&mut out, self.stream.as_bytes());
        field(&mut out, &self.revision.to_be_bytes());
        field(&mut out, self.event_id.as_bytes());
        out
    }
}

/// The details of an event.
pub(super) fn details(event: &NewEvent) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    out.push(if event.fingerprint.is_some() { FORM_WITH_FINGERPRINT } else { FORM_WITHOUT_FINGERPRINT });
    field(&mut out, event.event_type.as_bytes());
    field(&mut out, &event.schema_version.to_be_bytes());
    field(&mut out, &event.happened_at.as_micros().to_be_bytes());
    field(&mut out, &event.recorded_at.as_micros().to_be_bytes());
    field(&mut out, event.actor.0.as_bytes());
    optional(&mut out, event.on_behalf_of.as_ref().map(|actor| actor.0.as_bytes().as_slice()));
    optional(&mut out, event.grant.as_ref().map(|grant| grant.as_bytes().as_slice()));
    field(&mut out, event.role.as_str().as_bytes());
    field(&mut out, event.command_id.0.as_bytes());
    if let Some(fingerprint) = &event.fingerprint {
        field(&mut out, fingerprint.as_bytes());
    }
    field(&mut out, event.correlation.as_bytes());
    optional(&mut out, event.causation.as_ref().map(|cause| cause.as_bytes().as_slice()));
    optional(&mut out, event.traceparent.as_deref().map(str::as_bytes));
    length(&mut out, event.subjects.len());
    for subject in &event.subjects {
        field(&mut out, subject.0.as_bytes());
    }
    out
}

/// Bytes that are not the canonical details of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the envelope is not in its canonical form")]
pub(super) struct NotCanonical;

/// The event of these details, with its identity from the address and without salt and body.
pub(super) fn read_details(bytes: &[u8], event_id: Uuid) -> Result<NewEvent, NotCanonical> {
    let mut reader = Reader(bytes);
    let has_fingerprint = match reader.take(1)? {
        [FORM_WITHOUT_FINGERPRINT] => false,
        [FORM_WITH_FINGERPRINT] => true,
        _ => return Err(NotCanonical),
    };
    let event = NewEvent {
        event_id,
        event_type: Arc::from(reader.text()?),
        schema_version: u16::from_be_bytes(reader.array()?),
        happened_at: reader.instant()?,
        recorded_at: reader.instant()?,
        actor: ActorId(reader.uuid()?),
        on_behalf_of: reader.optional(Reader::uuid)?.map(ActorId),
        grant: reader.optional(Reader::uuid)?,
        role: Role::from_stored(reader.text()?).ok_or(NotCanonical)?,
        command_id: CommandId(reader.uuid()?),
        fingerprint: if has_fingerprint { Some(reader.uuid()?) } else { None },
        correlation: reader.uuid()?,
        causation: reader.optional(Reader::uuid)?,
        traceparent: reader.optional(|reader| reader.text().map(str::to_owned))?,
        subjects: reader.subjects()?,
        salt: [0; 16],
        data: Vec::new(),
    };
    if reader.0.is_empty() { Ok(event) } else { Err(NotCanonical) }
}

/// The stored name of an event with these details, in every form that there is.
pub(super) fn event_type(details: &[u8]) -> Option<&str> {
    let mut reader = Reader(details);
    reader.take(1).and_then(|_| reader.text()).ok()
}

fn length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    while rest > 0x7f {
        out.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    if let Some(bytes) = bytes {
        field(out, bytes);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], NotCanonical> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(NotCanonical)?;
        self.0 = rest;
        Ok(taken)
    }

    fn length(&mut self) -> Result<usize, NotCanonical> {
        let mut value = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(NotCanonical)
    }

    fn field(&mut self) -> Result<&'a [u8], NotCanonical> {
        let length = self.length()?;
        self.take(length)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotCanonical> {
        self.field()?.try_into().map_err(|_| NotCanonical)
    }

    fn text(&mut self) -> Result<&'a str, NotCanonical> {
        std::str::from_utf8(self.field()?).map_err(|_| NotCanonical)
    }

    fn uuid(&mut self) -> Result<Uuid, NotCanonical> {
        self.array().map(Uuid::from_bytes)
    }

    fn instant(&mut self) -> Result<Timestamp, NotCanonical> {
        Timestamp::from_micros(i64::from_be_bytes(self.array()?)).map_err(|_| NotCanonical)
    }

    fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, NotCanonical>,
    ) -> Result<Option<T>, NotCanonical> {
        match self.take(1)? {
            [0] => Ok(None),
            [1] => read(self).map(Some),
            _ => Err(NotCanonical),
        }
    }

    fn subjects(&mut self) -> Result<Vec<SubjectId>, NotCanonical> {
        let count = self.length()?;
        (0..count).map(|_| self.uuid().map(SubjectId)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> NewEvent {
        NewEvent {
            event_id: Uuid::from_u128(1),
            event_type: Arc::from("job.created"),
            schema_version: 3,
            happened_at: Timestamp::from_micros(-5).unwrap(),
            recorded_at: Timestamp::from_micros(1_325_480_400_000_001).unwrap(),
            actor: ActorId(Uuid::from_u128(2)),
            on_behalf_of: Some(ActorId(Uuid::from_u128(3))),
            grant: Some(Uuid::from_u128(4)),
            role: Role::Manager,
            command_id: CommandId(Uuid::from_u128(5)),
            fingerprint: Some(Uuid::from_u128(10)),
            correlation: Uuid::from_u128(6),
            causation: Some(Uuid::from_u128(7)),
            traceparent: Some("00-ß".repeat(100)),
            subjects: (0..200).map(|n| SubjectId(Uuid::from_u128(n))).collect(),
            salt: [0; 16],
            data: Vec::new(),
        }
    }

    fn spare() -> NewEvent {
        NewEvent {
            fingerprint: None,
            on_behalf_of: None,
            grant: None,
            causation: None,
            traceparent: None,
            subjects: Vec::new(),
            ..full()
        }
    }

    #[test]
    fn details_read_back_as_they_were_written() {
        for event in [full(), spare()] {
            assert_eq!(event_type(&details(&event)), Some(&*event.event_type));
            assert_eq!(read_details(&details(&event), event.event_id), Ok(event));
        }
    }

    #[test]
    fn details_cut_short_or_followed_by_anything_are_refused() {
        let bytes = details(&full());
        for cut in 0..bytes.len() {
            assert_eq!(read_details(&bytes[..cut], Uuid::nil()), Err(NotCanonical), "cut at {cut}");
        }
        assert_eq!(read_details(&[bytes.as_slice(), &[0]].concat(), Uuid::nil()), Err(NotCanonical));
    }

    #[test]
    fn an_absent_text_is_not_an_empty_one() {
        let empty = NewEvent { traceparent: Some(String::new()), ..spare() };
        assert_ne!(details(&empty), details(&spare()));
    }

    #[test]
    fn a_fingerprint_stands_after_the_command_id_and_makes_it_form_2() {
        let with = details(&NewEvent { fingerprint: Some(Uuid::from_u128(10)), ..spare() });
        let (mut expected, id) = (details(&spare()), Uuid::from_u128(5).into_bytes());
        let end = expected.windows(16).position(|window| window == id).unwrap() + 16;
        expected.splice(end..end, [[16].as_slice(), Uuid::from_u128(10).as_bytes()].concat());
        expected[0] = 2;
        assert_eq!(with, expected);
    }

    #[test]
    fn the_form_is_fixed_for_ever() {
        let (tenant, stream, event_id) = (TenantId(Uuid::from_u128(8)), Uuid::from_u128(9), Uuid::from_u128(1));
        let address = Address { tenant, kind: "job", stream, revision: 258, event_id }.spelled();
        let uuid = |n: u8| [&[16], Uuid::from_u128(n.into()).as_bytes().as_slice()].concat();
        let expected = [
            uuid(8),
            b"\x03job".to_vec(),
            uuid(9),
            b"\x08\0\0\0\0\0\0\x01\x02".to_vec(),
            uuid(1),
            b"\x01\x0bjob.created\x02\0\x03\x08\xff\xff\xff\xff\xff\xff\xff\xfb".to_vec(),
            b"\x08\0\x04\xb5\x84\x74\x66\x14\x01".to_vec(),
            uuid(2),
            b"\0\0\x07manager".to_vec(),
            uuid(5),
            uuid(6),
            b"\0\0\0".to_vec(),
        ];
        assert_eq!([address, details(&spare())].concat(), expected.concat());
    }
}
