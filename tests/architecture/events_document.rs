//! `docs/EVENTS.md`, written from the schemas: every event, its fields and what they mean.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::catalog;
use domain::kernel::StreamType;
use serde_json::Value;
use tests::golden::assert_generated;

/// What a field holds, in one word or two.
fn type_of(node: &Value) -> String {
    if let Some(target) = node["$ref"].as_str() {
        return target.rsplit('/').next().unwrap_or_default().replace("Personal_", "sealed ");
    }
    if let Some(options) = node["anyOf"].as_array() {
        let kinds: Vec<String> = options.iter().filter(|option| option["type"] != "null").map(type_of).collect();
        return format!("{}, optional", kinds.join(" or "));
    }
    match &node["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(&node["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
            format!("{}, optional", kinds.join(" or "))
        }
        _ => "any".to_owned(),
    }
}

fn described(node: &Value) -> String {
    node["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

/// Rows of a table: one for each property of an object.
fn fields(page: &mut String, object: &Value) {
    let Some(properties) = object["properties"].as_object().filter(|properties| !properties.is_empty()) else {
        return;
    };
    page.push_str("\n| field | type | meaning |\n|---|---|---|\n");
    for (name, field) in properties {
        let _ = writeln!(page, "| `{name}` | {} | {} |", type_of(field), described(field));
    }
}

fn events_of(page: &mut String, kind: StreamType, schema: &Value) {
    let _ = writeln!(page, "\n## `{}`\n\n{}", kind.as_str(), described(schema));
    for (name, version) in catalog::names(kind) {
        let variants = schema["oneOf"].as_array().into_iter().flatten();
        let Some(event) = variants.into_iter().find(|event| event["properties"].get(*name).is_some()) else { continue };
        let _ = writeln!(page, "\n### `{name}` (version {version})\n\n{}", described(event));
        let body = &event["properties"][*name];
        let target = body["$ref"].as_str().and_then(|target| schema.pointer(target.trim_start_matches('#')));
        fields(page, target.unwrap_or(body));
    }
}

/// Shapes that are objects or choices.
fn shapes(page: &mut String, types: &BTreeMap<String, Value>) {
    page.push_str("\n## Shapes\n");
    for (name, shape) in types {
        let choices = shape["oneOf"].as_array();
        if shape.get("x-datum").is_some() || (choices.is_none() && !shape["properties"].is_object()) {
            continue;
        }
        let _ = writeln!(page, "\n### {name}\n\n{}", described(shape));
        fields(page, shape);
        page.push_str(if choices.is_some() { "\n" } else { "" });
        for choice in choices.into_iter().flatten() {
            let _ = writeln!(page, "- {}: {}", choice_name(choice), described(choice));
        }
    }
}

fn choice_name(choice: &Value) -> String {
    if let Some(name) = choice["const"].as_str() {
        return format!("`\"{name}\"`");
    }
    let (name, inner) = choice["properties"].as_object().and_then(|object| object.iter().next()).unzip();
    let inner = inner.unwrap_or(&Value::Null);
    let held: Vec<String> = inner["properties"].as_object().map_or_else(
        || vec![type_of(inner)],
        |properties| properties.iter().map(|(name, field)| format!("`{name}` {}", type_of(field))).collect(),
    );
    format!("`{}` with {}", name.map_or("", String::as_str), held.join(", "))
}

fn texts(page: &mut String, types: &BTreeMap<String, Value>) {
    page.push_str("\n## Texts\n\n| type | longest | what it is | used for | stored |\n|---|---|---|---|---|\n");
    for (name, text) in types {
        let datum = &text["x-datum"];
        let said = |key: &str| datum[key].as_str().unwrap_or_default().to_owned();
        if datum.is_object() {
            let longest = text["maxLength"].as_u64().map_or_else(|| "as its text".to_owned(), |max| max.to_string());
            let name = name.replace("Personal_", "sealed ");
            let _ =
                writeln!(page, "| {name} | {longest} | {} | {} | {} |", said("name"), said("uses"), said("storage"));
        }
    }
}

#[test]
fn the_document_of_events_is_golden() {
    let mut page = String::from(
        "# Events\n\n\
         Everything that can have happened, as it is stored. This page is written by `./bless` from the types.\n\n\
         Every event also has an envelope: identity, tenant, stream and revision, global position, stored name and version,\n\
         when it happened and when it was recorded, actor, role, command, correlation and causation, the previous hash and\n\
         its own. Personal values lie sealed in the body; the envelope holds none. `id` types are UUIDs, a `Timestamp` is\n\
         RFC 3339 in UTC, a `Quantity` a decimal string.\n",
    );
    let mut types = BTreeMap::new();
    for kind in StreamType::ALL {
        let schema = catalog::schema(kind).to_value();
        events_of(&mut page, kind, &schema);
        types.extend(schema["$defs"].as_object().into_iter().flatten().map(|(name, one)| (name.clone(), one.clone())));
    }
    shapes(&mut page, &types);
    texts(&mut page, &types);
    assert_generated("docs/EVENTS.md", &page);
}
