//! The codec: what goes in comes out, personal fields sealed on the way, and nothing stored makes it panic.

use std::sync::Arc;

use domain::catalog::Event;
use domain::kernel::person::FullName;
use domain::kernel::{
    ActorId, Caller, CommandId, Context, DataClass, Facts, Personal, Role, StreamId, StreamType, SubjectId, TenantId,
    Timestamp,
};
use domain::machines::machine::MachineEvent;
use domain::ports::{Codec, CodecError, NewEvent, Position, StoredEvent, Vault};
use domain::workforce::operator::OperatorEvent;
use infra::codec::JsonCodec;
use infra::codec::upcast::Upcasters;
use infra::vault::SqliteVault;
use tests::sources::files;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const ANNA: SubjectId = SubjectId(Uuid::from_u128(0xa));
const NAME: &str = "Anna Canary Kask";

fn context() -> Context {
    Context {
        caller: Caller::new(TENANT, ActorId(Uuid::from_u128(5)), Role::Manager),
        now: Timestamp::parse("2012-03-01T12:00:00Z").expect("an instant"),
        happened_at: Timestamp::parse("2012-03-01T06:00:00Z").expect("an instant"),
        command_id: CommandId(Uuid::from_u128(9)),
        fingerprint: None,
        correlation: Uuid::from_u128(10),
        causation: Some(Uuid::from_u128(11)),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        facts: Facts::default(),
    }
}

fn stream() -> StreamId {
    StreamId::new(StreamType::Operator, ANNA.0)
}

fn renamed() -> Event {
    let value = FullName::try_new(NAME).expect("a name");
    Event::Operator(OperatorEvent::Renamed {
        name: Personal::Clear { subject: ANNA, class: DataClass::Identity, value },
    })
}

fn stored(stream: StreamId, event: NewEvent) -> StoredEvent {
    StoredEvent {
        tenant: TENANT,
        stream,
        revision: 0,
        position: Position(1),
        previous_hash: [0; 32],
        hash: [0; 32],
        body_hash: [0; 32],
        event,
    }
}

/// A codec with its vault.
fn codec() -> (JsonCodec, SqliteVault) {
    let vault = SqliteVault::in_memory().expect("a vault");
    (JsonCodec::new(Arc::new(vault.clone())), vault)
}

async fn encode(codec: &JsonCodec, event: Event) -> NewEvent {
    let encoded = codec.encode(stream(), vec![event], &context()).await.expect("it is encoded");
    encoded.into_iter().next().expect("one event")
}

async fn open_name(codec: &JsonCodec, event: NewEvent) -> Personal<FullName> {
    let opened = codec.decode_open(&[stored(stream(), event)]).await.expect("it is decoded").remove(0);
    match opened.event {
        Event::Operator(OperatorEvent::Renamed { name }) => name,
        other => panic!("{other:?} came out"),
    }
}

#[tokio::test]
async fn an_event_carries_what_the_context_says() {
    let (codec, _) = codec();
    let events = vec![renamed(), Event::Operator(OperatorEvent::Reactivated {})];
    let encoded = codec.encode(stream(), events, &context()).await.expect("it is encoded");
    for (index, event) in encoded.iter().enumerate() {
        assert_eq!(event.event_id, context().command_id.event_id(index));
        assert_eq!((event.happened_at, event.recorded_at), (context().happened_at, context().now));
        assert_eq!((event.actor, event.role), (context().caller.actor, Role::Manager));
        assert_eq!((event.correlation, event.causation), (context().correlation, context().causation));
        assert_eq!((&event.traceparent, event.schema_version), (&context().traceparent, 1));
    }
    assert_eq!(encoded[0].subjects, [ANNA]);
    assert_eq!((&*encoded[1].event_type, encoded[1].data.as_slice()), ("operator.reactivated", b"{}".as_slice()));
    assert!(encoded[1].subjects.is_empty());
    assert_ne!(encoded[0].salt, encoded[1].salt);
}

#[tokio::test]
async fn a_personal_field_is_sealed_at_rest_and_clear_to_a_decision() {
    let (codec, _) = codec();
    let event = encode(&codec, renamed()).await;
    assert!(!String::from_utf8_lossy(&event.data).contains("Canary"));
    let read = codec.decode(&stored(stream(), event.clone())).expect("it is decoded");
    assert!(!format!("{read:?}").contains("Canary"));
    assert!(matches!(
        read.event,
        Event::Operator(OperatorEvent::Renamed { name: Personal::Sealed(sealed) })
            if sealed.event == event.event_id && sealed.field == "name" && sealed.stream == stream()
    ));
    assert_eq!(open_name(&codec, event).await.clear().map(FullName::as_str), Some(NAME));
}

#[tokio::test]
async fn a_value_that_is_sealed_already_keeps_its_seal() {
    let (codec, _) = codec();
    let first = codec.decode(&stored(stream(), encode(&codec, renamed()).await)).expect("it is decoded");
    let again = Context { command_id: CommandId(Uuid::from_u128(99)), ..context() };
    let second = codec.encode(stream(), vec![first.event], &again).await.expect("it is encoded").remove(0);
    assert_eq!(second.subjects, [ANNA]);
    assert_eq!(open_name(&codec, second).await.clear().map(FullName::as_str), Some(NAME));
}

#[tokio::test]
async fn an_erased_persons_name_is_gone_and_no_new_one_is_taken() {
    let (codec, vault) = codec();
    let event = encode(&codec, renamed()).await;
    vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
    assert_eq!(open_name(&codec, event).await, Personal::Erased);
    let refused = codec.encode(stream(), vec![renamed()], &context()).await;
    assert!(matches!(refused, Err(CodecError::Vault(_))), "{refused:?}");
}

#[test]
fn a_clear_personal_value_can_not_be_written_past_the_codec() {
    assert!(renamed().encode().is_err());
}

#[tokio::test]
async fn what_this_build_does_not_know_is_told_with_name_and_version() {
    let (codec, _) = codec();
    let known = encode(&codec, renamed()).await;
    let newer = NewEvent { schema_version: 2, ..known.clone() };
    let strange = NewEvent { event_type: "operator.knighted".into(), ..known.clone() };
    let elsewhere = NewEvent { event_type: "job.created".into(), ..known };
    for (event, name, version) in
        [(newer, "operator.renamed", 2), (strange, "operator.knighted", 1), (elsewhere, "job.created", 1)]
    {
        let expected = CodecError::Unknown { event: event.event_id, name: name.to_owned(), version };
        assert_eq!(codec.decode(&stored(stream(), event)).expect_err("it is unknown"), expected);
    }
}

#[tokio::test]
async fn an_event_does_not_go_into_a_stream_of_another_kind() {
    let (codec, _) = codec();
    let refused = codec.encode(StreamId::new(StreamType::Job, ANNA.0), vec![renamed()], &context()).await;
    assert!(matches!(refused, Err(CodecError::Malformed { .. })), "{refused:?}");
}

#[tokio::test]
async fn an_old_version_is_read_as_the_newest() {
    let vault = Arc::new(SqliteVault::in_memory().expect("a vault"));
    // Before version 1 there was none; it stands for the old version of some event of the future.
    let upcasters = Upcasters::default().with("machine.renamed", 0, |mut body| {
        let object = body.as_object_mut().ok_or("not an object")?;
        let old = object.remove("old_name").ok_or("no old_name")?;
        object.insert("was".to_owned(), old);
        Ok(body)
    });
    let codec = JsonCodec::with_upcasters(vault, upcasters);
    let old = |body: &str| NewEvent {
        event_type: "machine.renamed".into(),
        schema_version: 0,
        data: body.as_bytes().to_vec(),
        ..tests::events::event(CommandId(Uuid::nil()), 0, "")
    };
    let machine = StreamId::new(StreamType::Machine, Uuid::nil());
    let read = codec.decode(&stored(machine, old(r#"{"old_name":"Lathe","name":"Big lathe"}"#)));
    assert!(matches!(
        read.expect("it is raised").event,
        Event::Machine(MachineEvent::Renamed { was, name }) if was.as_str() == "Lathe" && name.as_str() == "Big lathe"
    ));
    let unfit = codec.decode(&stored(machine, old(r#"{"name":"Big lathe"}"#)));
    assert!(matches!(unfit, Err(CodecError::Malformed { reason, .. }) if reason == "no old_name"));
}

#[test]
fn no_cut_or_changed_byte_makes_it_panic() {
    let (codec, _) = codec();
    for sample in files("tests/goldens/events", ".json") {
        let name = sample.path.rsplit('/').next().and_then(|file| file.split(".v").next()).unwrap_or_default();
        let kind = StreamType::ALL.into_iter().find(|kind| name.starts_with(&format!("{}.", kind.as_str())));
        let stream = StreamId::new(kind.expect("a known kind"), Uuid::nil());
        let whole = sample.text.as_bytes();
        let changed = (0..whole.len()).flat_map(|at| {
            let with = move |byte: u8| [&whole[..at], &[byte], &whole[at + 1..]].concat();
            [whole[..at].to_vec(), with(0), with(b'"'), with(b'9'), with(b'}'), with(0xff)]
        });
        for data in changed {
            let event =
                NewEvent { event_type: name.into(), data, ..tests::events::event(CommandId(Uuid::nil()), 0, "") };
            // Whether it still reads as an event depends on the byte; it must answer.
            let _ = codec.decode(&stored(stream, event));
        }
    }
}
