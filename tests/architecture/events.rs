//! What was ever stored can be read: samples of every event in every version, the schema of every event, and what each text is.
//!
//! A sample is written by hand, once, and never changed: `tests/goldens/events/NAME.vVERSION.json`. When the stored form of an
//! event changes, its version is raised, an upcaster is added and a new sample stands beside the old one.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::catalog;
use domain::kernel::{ActorId, CommandId, Role, StreamId, StreamType, TenantId, Timestamp};
use domain::ports::{Codec, NewEvent, Position, StoredEvent};
use infra::codec::JsonCodec;
use infra::vault::SqliteVault;
use serde_json::Value;
use tests::golden::assert_golden;
use tests::sources::files;
use uuid::Uuid;

const SAMPLES: &str = "tests/goldens/events";
const SECONDS_AND_PLACES: &str = "^[0-9]+(\\.[0-9]{1,6})?$";
const TIME_OF_DAY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

/// A stored event of this name, version and body, as it comes from a store.
pub(crate) fn stored(name: &str, version: u16, body: &str) -> StoredEvent {
    let kind = StreamType::ALL.into_iter().find(|kind| name.starts_with(&format!("{}.", kind.as_str())));
    StoredEvent {
        tenant: TenantId(Uuid::nil()),
        stream: StreamId::new(kind.expect("an event is named after its stream"), Uuid::nil()),
        revision: 0,
        position: Position(1),
        previous_hash: [0; 32],
        hash: [0; 32],
        body_hash: [0; 32],
        event: NewEvent {
            event_id: Uuid::nil(),
            event_type: name.into(),
            schema_version: version,
            happened_at: Timestamp::default(),
            recorded_at: Timestamp::default(),
            actor: ActorId(Uuid::nil()),
            on_behalf_of: None,
            grant: None,
            role: Role::Admin,
            command_id: CommandId(Uuid::nil()),
            fingerprint: None,
            correlation: Uuid::nil(),
            causation: None,
            traceparent: None,
            subjects: Vec::new(),
            salt: [0; 16],
            data: body.as_bytes().to_vec(),
        },
    }
}

/// Name, version and body of every sample.
pub(crate) fn samples() -> Vec<(String, u16, String)> {
    files(SAMPLES, ".json")
        .into_iter()
        .map(|file| {
            let stem = file.path.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).unwrap_or_default();
            let (name, version) = stem.rsplit_once(".v").expect("a sample is called NAME.vVERSION.json");
            (name.to_owned(), version.parse().expect("a version is a number"), file.text)
        })
        .collect()
}

pub(crate) fn codec() -> JsonCodec {
    JsonCodec::new(Arc::new(SqliteVault::in_memory().expect("a vault in memory opens")))
}

#[test]
fn every_stored_form_of_every_event_is_still_read() {
    let codec = codec();
    for (name, version, body) in samples() {
        let read = codec.decode(&stored(&name, version, &body));
        assert!(read.is_ok(), "{name} version {version}: {}", read.expect_err("it is an error"));
    }
}

#[test]
fn an_event_in_its_newest_form_is_written_as_it_was_read() {
    let codec = codec();
    for (name, version, body) in samples() {
        let event = stored(&name, version, &body);
        if catalog::current_version(event.stream.kind, &name) != Some(version) {
            continue;
        }
        let (written_name, written) =
            codec.decode(&event).expect("it is read").event.encode().expect("a sealed event is written");
        assert_eq!(written_name, name);
        let (was, now): (Value, Value) =
            (serde_json::from_str(&body).expect("JSON"), serde_json::from_slice(&written).expect("JSON"));
        assert_eq!(now, was, "{name}: the stored form has changed; raise its version and add an upcaster");
    }
}

#[test]
fn every_event_in_every_version_has_a_sample() {
    let sampled: BTreeSet<(String, u16)> = samples().into_iter().map(|(name, version, _)| (name, version)).collect();
    let mut wanted = BTreeSet::new();
    for (name, current) in StreamType::ALL.into_iter().flat_map(catalog::names) {
        wanted.extend((1..=*current).map(|version| ((*name).to_owned(), version)));
    }
    let missing: Vec<_> = wanted.difference(&sampled).collect();
    assert!(missing.is_empty(), "write a sample in {SAMPLES} for {missing:?}");
    let unknown: Vec<_> = sampled.difference(&wanted).collect();
    assert!(unknown.is_empty(), "{SAMPLES} has samples of events that the catalog does not know: {unknown:?}");
}

#[test]
fn schemas_of_all_events_are_golden() {
    for kind in StreamType::ALL {
        let schema = serde_json::to_string_pretty(&catalog::schema(kind)).expect("a schema is JSON");
        assert_golden(&format!("schemas/{}.json", kind.as_str()), &(schema + "\n"));
    }
}

#[test]
fn the_catalog_and_the_schemas_name_the_same_events() {
    for kind in StreamType::ALL {
        let schema = catalog::schema(kind);
        let variants = schema.get("oneOf").and_then(Value::as_array).expect("one schema for each event");
        let described: BTreeSet<&str> = variants.iter().filter_map(|event| event["required"][0].as_str()).collect();
        let named: BTreeSet<&str> = catalog::names(kind).iter().map(|(name, _)| *name).collect();
        assert_eq!(described, named, "{}", kind.as_str());
        assert!(named.iter().all(|name| name.starts_with(&format!("{}.", kind.as_str()))));
    }
}

/// Paths of text in a schema that neither says which datum it is nor has a form that can't hold one.
fn undeclared(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    look_for_undeclared(schema, schema, "$", &mut (&mut found, &mut seen));
    found
}

fn look_for_undeclared(root: &Value, node: &Value, path: &str, state: &mut (&mut Vec<String>, &mut BTreeSet<String>)) {
    let declared = node.get("x-datum").is_some_and(|datum| datum.get("storage").is_some());
    let known_form = matches!(node["format"].as_str(), Some("uuid" | "date-time" | "date"))
        || node["pattern"] == SECONDS_AND_PLACES
        || node["pattern"] == TIME_OF_DAY
        || node.get("enum").is_some()
        || node.get("const").is_some();
    if declared {
        return;
    }
    let is_text =
        node["type"] == "string" || node["type"].as_array().is_some_and(|types| types.contains(&"string".into()));
    // A map has keys of any text: those would be undeclared too. `true` and `{}` allow anything.
    let is_open = node["additionalProperties"].is_object() || node == &Value::Bool(true);
    if (is_text && !known_form) || is_open {
        state.0.push(path.to_owned());
    }
    if let Some(target) = node["$ref"].as_str().and_then(|target| target.strip_prefix('#'))
        && state.1.insert(target.to_owned())
    {
        look_for_undeclared(root, root.pointer(target).unwrap_or(&Value::Bool(true)), target, state);
    }
    for key in ["oneOf", "anyOf", "allOf", "prefixItems"] {
        for (index, part) in node[key].as_array().into_iter().flatten().enumerate() {
            look_for_undeclared(root, part, &format!("{path}/{key}/{index}"), state);
        }
    }
    if let Some(items) = node.get("items") {
        look_for_undeclared(root, items, &format!("{path}/items"), state);
    }
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        look_for_undeclared(root, property, &format!("{path}/{name}"), state);
    }
}

#[test]
fn every_text_in_every_event_says_what_datum_it_is() {
    for kind in StreamType::ALL {
        let bare = undeclared(&catalog::schema(kind).to_value());
        assert!(bare.is_empty(), "{}: text that is no declared datum: {bare:?}", kind.as_str());
    }
}

#[test]
fn a_bare_text_in_an_event_would_be_noticed() {
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Careless {
        note: String,
        tags: Vec<Option<String>>,
        named: std::collections::BTreeMap<String, u8>,
        id: Uuid,
        role: Role,
    }
    let found = undeclared(&schemars::schema_for!(Careless).to_value());
    assert_eq!(found, ["$/named", "$/note", "$/tags/items"]);
}
