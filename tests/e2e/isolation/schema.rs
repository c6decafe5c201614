//! Arguments for every field of the schema, and the places in them that name a thing.

use serde_json::{Map, Value as Json, json};
use tests::sdl::{Argument, RootField};

use super::world::{CALLED, Things};

/// Which field is given, by the type of an input that takes one of many.
type Choices = Vec<(String, String)>;

/// One place in the arguments of a field that names a thing.
pub(super) struct Probe {
    steps: Vec<String>,
    /// Of inputs on the way of which one field is given, by their type: which one.
    choices: Choices,
    kind: &'static str,
    by_key: bool,
    in_list: bool,
}

/// The kinds of things, by the words that fields use for them; the longer word first.
const KINDS: [(&str, &str); 19] = [
    ("feed", "feed"),
    ("apitoken", "apiToken"),
    ("assumption", "assumption"),
    ("scenario", "scenario"),
    ("invitation", "invitation"),
    ("terminal", "terminal"),
    ("session", "session"),
    ("member", "actor"),
    ("workcenter", "workCenter"),
    ("machine", "machine"),
    ("calendar", "calendar"),
    ("tool", "tool"),
    ("operator", "operator"),
    ("report", "report"),
    ("actor", "actor"),
    ("user", "actor"),
    ("run", "run"),
    ("job", "job"),
    ("call", "call"),
];

/// What kind of thing this argument names: by its own name, else by the field's.
fn kind(field: &RootField, name: &str) -> &'static str {
    let find = |text: &str| {
        let text = text.to_lowercase();
        KINDS.iter().find(|(word, _)| text.contains(word)).map(|(_, kind)| *kind)
    };
    find(name).or_else(|| find(&field.name)).unwrap_or("job")
}

/// Whether the argument is a natural key.
fn is_key(argument: &Argument) -> bool {
    let name = argument.name.as_str();
    let named = ["code", "number", "numbers"].contains(&name) || name.ends_with("Code") || name.ends_with("Number");
    named && argument.named_type == "String"
}

fn is_identity(argument: &Argument) -> bool {
    (argument.named_type == "ID" || argument.named_type == "UUID") && argument.name != "commandId"
}

/// Every place in the arguments of a field that names a thing.
pub(super) fn probes(field: &RootField) -> Vec<Probe> {
    let mut found = Vec::new();
    for argument in &field.arguments {
        collect(field, argument, (&[], &Choices::new()), &mut found);
    }
    found
}

fn collect(field: &RootField, argument: &Argument, (before, choices): (&[String], &Choices), found: &mut Vec<Probe>) {
    let steps: Vec<String> = before.iter().cloned().chain([argument.name.clone()]).collect();
    if is_key(argument) || is_identity(argument) {
        let (kind, by_key) = (kind(field, &argument.name), is_key(argument));
        found.push(Probe { steps, choices: choices.clone(), kind, by_key, in_list: argument.is_list });
    } else if !argument.is_list {
        let branches = field.sdl.branches(&argument.named_type);
        for inner in &branches {
            let choice = (argument.named_type.clone(), inner.name.clone());
            let choices: Choices = choices.iter().cloned().chain([choice]).collect();
            collect(field, inner, (&steps, &choices), found);
        }
        for inner in field.sdl.input_fields(&argument.named_type).iter().filter(|_| branches.is_empty()) {
            collect(field, inner, (&steps, choices), found);
        }
    }
}

impl Probe {
    /// Where it stands.
    pub(super) fn path(&self) -> String {
        self.steps.join(".")
    }

    /// The name that these things have there.
    pub(super) fn pick(&self, things: &Things) -> String {
        if self.by_key { things.key(self.kind) } else { things.identity(self.kind) }
    }

    /// A name that nothing has.
    pub(super) fn nothing(&self) -> String {
        if self.by_key { "never-was".to_owned() } else { "9d8a0f0e-5a51-4c5d-9a4e-0c6f2f9d7b11".to_owned() }
    }

    /// Arguments with which the field does something to these things, and which have this place.
    pub(super) fn arguments(&self, field: &RootField, things: &Things) -> Json {
        let mut arguments = given(field, things, &self.choices);
        if let [outer, last] = self.steps.as_slice()
            && last.starts_with("operator")
            && has_cause(field, outer)
        {
            arguments[outer]["cause"] = json!("PERSON");
        }
        if let [outer, last] = self.steps.as_slice()
            && last == "callId"
        {
            arguments[outer]["operation"] = json!(CALLED);
        }
        arguments
    }

    /// The arguments with this place set; the other way to name the same thing is taken out.
    pub(super) fn set(&self, mut arguments: Json, value: &str) -> Json {
        let (last, before) = self.steps.split_last().expect("a path has a step");
        let mut place = &mut arguments;
        for step in before {
            place = place.as_object_mut().expect("an object").entry(step).or_insert_with(|| json!({}));
        }
        let place = place.as_object_mut().expect("an object");
        let base =
            last.strip_suffix("Id").or_else(|| last.strip_suffix("Code")).or_else(|| last.strip_suffix("Number"));
        match base {
            Some(base) => {
                ["Id", "Code", "Number"].iter().for_each(|suffix| drop(place.remove(&format!("{base}{suffix}"))))
            }
            None if before.is_empty() => ["id", "code", "number"].iter().for_each(|name| drop(place.remove(*name))),
            None => {}
        }
        if last == "code" {
            place.remove("operatorId");
        }
        if last == "operatorId" {
            place.remove("code");
        }
        if ["workCenterId", "machineId"].contains(&last.as_str()) && before.is_empty() {
            place.remove("operatorId");
        }
        place.insert(last.clone(), if self.in_list { json!([value]) } else { json!(value) });
        arguments
    }
}

/// Whether an input says what stands in the way: somebody is named there only where that is somebody.
fn has_cause(field: &RootField, input: &str) -> bool {
    let input = field.arguments.iter().find(|argument| argument.name == input);
    input.is_some_and(|input| field.sdl.input_fields(&input.named_type).iter().any(|inner| inner.name == "cause"))
}

/// Arguments with which the field does something to these things: all that is required, and every reference.
pub(crate) fn arguments(field: &RootField, things: &Things) -> Json {
    given(field, things, &[])
}

fn given(field: &RootField, things: &Things, choices: &[(String, String)]) -> Json {
    let given = field.arguments.iter().filter_map(|argument| {
        let named = ["id", "operatorId"].contains(&argument.name.as_str()) && is_identity(argument);
        let wanted = argument.is_required || named || argument.name == "first";
        wanted.then(|| (argument.name.clone(), value(field, argument, (things, choices))))
    });
    Json::Object(given.collect())
}

fn value(field: &RootField, argument: &Argument, (things, choices): (&Things, &[(String, String)])) -> Json {
    if field.name == "reportWork" && argument.name == "reportId" {
        return json!("5f0c7f3e-58a5-4b8e-8d3f-3d2f0f3a2c11");
    }
    if is_identity(argument) {
        return json!(things.identity(kind(field, &argument.name)));
    }
    let single = match argument.named_type.as_str() {
        "Int" if argument.name == "operation" => json!(10),
        "Int" if argument.name == "number" => json!(30),
        "Int" | "Float" => json!(3),
        "Boolean" => json!(true),
        "Decimal" => json!("1"),
        "Date" if argument.name == "until" => json!("2012-03-06"),
        "Date" => json!("2012-03-05"),
        "LocalTime" if argument.name == "from" => json!("06:00"),
        "LocalTime" => json!("14:00"),
        // What is planned ends at 05:30, and a window is half-open.
        "DateTime" if field.name == "adherence" && argument.name == "until" => json!("2012-03-05T07:00:00Z"),
        "DateTime" if ["end", "until"].contains(&argument.name.as_str()) => json!("2012-03-05T05:30:00Z"),
        "DateTime" => json!("2012-03-05T05:00:00Z"),
        "Position" | "Revision" => json!("0"),
        "String" if argument.name == "email" => json!("new@example.com"),
        "String" if argument.name == "networks" => json!("203.0.113.0/24"),
        "String" if argument.name == "zone" => json!("Europe/Berlin"),
        "String" => json!("something new"),
        name if !field.sdl.enum_values(name).is_empty() => json!(field.sdl.enum_values(name)[0]),
        name => input(field, name, (things, choices)),
    };
    if argument.is_list { json!([single]) } else { single }
}

/// An input with all that is required, and every reference by identity.
fn input(field: &RootField, name: &str, (things, choices): (&Things, &[(String, String)])) -> Json {
    let chosen = choices.iter().find(|(kind, _)| kind == name).map(|(_, branch)| branch);
    let mut inner = field.sdl.branches(name);
    inner.retain(|branch| chosen == Some(&branch.name));
    if inner.is_empty() {
        inner = field.sdl.input_fields(name);
    }
    let reference = |argument: &Argument| {
        let base = argument.name.strip_suffix("Id")?;
        let other = |suffix| inner.iter().any(|other| other.name == format!("{base}{suffix}"));
        (other("Code") || other("Number")).then_some(())
    };
    let given: Map<String, Json> = inner
        .iter()
        .filter(|argument| argument.is_required || reference(argument).is_some() || inner.len() == 1)
        .map(|argument| (argument.name.clone(), value(field, argument, (things, choices))))
        .collect();
    Json::Object(given)
}
