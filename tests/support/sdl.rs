//! The schema as it tells of itself: root fields, their arguments, and documents that select everything.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;

const INTROSPECTION: &str = "{ __schema { types { kind name isOneOf description
    fields { name description args { ...input } type { ...ref } }
    inputFields { ...input } enumValues { name description } } } }
fragment input on __InputValue { name description defaultValue type { ...ref } }
fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Cursors are opaque: they hold keys in a form that can't be compared.
const OPAQUE: [&str; 3] = ["cursor", "startCursor", "endCursor"];

/// How deep selections go.
const DEPTH: usize = 4;

/// The kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Asks.
    Query,
    /// Changes.
    Mutation,
    /// Follows.
    Subscription,
}

impl Operation {
    /// The keyword of documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }

    const fn root(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::Subscription => "Subscription",
        }
    }
}

/// An argument of a field, or a field of an input.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type without list and null.
    pub named_type: String,
    /// Its type as documents spell it.
    pub spelled: String,
    /// Whether it is a list.
    pub is_list: bool,
    /// Whether it must be given.
    pub is_required: bool,
}

/// A field of a root.
#[derive(Debug, Clone)]
pub struct RootField {
    /// Of which root.
    pub operation: Operation,
    /// Its name.
    pub name: String,
    /// What it takes.
    pub arguments: Vec<Argument>,
    /// The whole schema.
    pub sdl: Sdl,
    answer: String,
}

/// The whole schema.
#[derive(Debug, Clone)]
pub struct Sdl(Arc<HashMap<String, Json>>);

fn named(reference: &Json) -> &str {
    if reference["ofType"].is_null() {
        reference["name"].as_str().unwrap_or_default()
    } else {
        named(&reference["ofType"])
    }
}

fn spelled(reference: &Json) -> String {
    match reference["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", spelled(&reference["ofType"])),
        Some("LIST") => format!("[{}]", spelled(&reference["ofType"])),
        _ => reference["name"].as_str().unwrap_or_default().to_owned(),
    }
}

fn argument(input: &Json) -> Argument {
    let spelled = spelled(&input["type"]);
    Argument {
        name: input["name"].as_str().unwrap_or_default().to_owned(),
        named_type: named(&input["type"]).to_owned(),
        is_list: spelled.contains('['),
        is_required: spelled.ends_with('!') && input["defaultValue"].is_null(),
        spelled,
    }
}

/// What a field below a root is given: a page, and whatever it requires.
fn passed(argument: &Argument) -> Option<String> {
    let value = match (argument.name.as_str(), argument.is_required) {
        ("first", _) => "5",
        ("from", true) => "\"2012-03-05T00:00:00Z\"",
        ("until", true) => "\"2012-03-07T00:00:00Z\"",
        _ => return None,
    };
    Some(format!("{}: {value}", argument.name))
}

impl Sdl {
    /// Asks the schema for itself.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn load() -> Self {
        let app = crate::app::TestApp::start().await;
        let answer = app.schema.execute(INTROSPECTION).await.into_result().expect("an introspection");
        let answer = answer.data.into_json().expect("JSON");
        let types = answer["__schema"]["types"].as_array().cloned().unwrap_or_default();
        let by_name = |one: Json| (one["name"].as_str().unwrap_or_default().to_owned(), one);
        Self(Arc::new(types.into_iter().map(by_name).collect()))
    }

    fn list(&self, name: &str, what: &str) -> Vec<Json> {
        self.0.get(name).and_then(|one| one[what].as_array()).cloned().unwrap_or_default()
    }

    /// Every field of every root.
    pub fn roots(&self) -> Vec<RootField> {
        let operations = [Operation::Query, Operation::Mutation, Operation::Subscription];
        let fields = operations.iter().flat_map(|operation| {
            self.list(operation.root(), "fields").into_iter().map(|field| RootField {
                operation: *operation,
                name: field["name"].as_str().unwrap_or_default().to_owned(),
                arguments: field["args"].as_array().into_iter().flatten().map(argument).collect(),
                sdl: self.clone(),
                answer: named(&field["type"]).to_owned(),
            })
        });
        fields.collect()
    }

    /// The fields of an input object that can be given together: of one that takes one of many, the first. None for any other type.
    pub fn input_fields(&self, name: &str) -> Vec<Argument> {
        let one_of_many = self.0.get(name).is_some_and(|one| one["isOneOf"] == true);
        let most = if one_of_many { 1 } else { usize::MAX };
        self.list(name, "inputFields").iter().take(most).map(argument).collect()
    }

    /// The fields of an input object of which one is given; none for any other type.
    pub fn branches(&self, name: &str) -> Vec<Argument> {
        let one_of_many = self.0.get(name).is_some_and(|one| one["isOneOf"] == true);
        if one_of_many { self.list(name, "inputFields").iter().map(argument).collect() } else { Vec::new() }
    }

    /// The values of an enum; none for any other type.
    pub fn enum_values(&self, name: &str) -> Vec<String> {
        let values = self.list(name, "enumValues");
        values.iter().map(|value| value["name"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Whatever has no description, but for what the engine brings and the argument `input`, whose type has one.
    pub fn undocumented(&self) -> Vec<String> {
        let built_in = ["ID", "String", "Int", "Float", "Boolean", "Query", "Mutation", "Subscription"];
        let mut bare = Vec::new();
        for (name, one) in self.0.iter().filter(|(name, _)| !name.starts_with("__")) {
            let lists = ["fields", "inputFields", "enumValues"].iter().flat_map(|list| self.list(name, list));
            for part in lists {
                let part_name = format!("{name}.{}", part["name"].as_str().unwrap_or_default());
                let arguments = part["args"].as_array().cloned().unwrap_or_default();
                let arguments = arguments.into_iter().filter(|argument| argument["name"] != "input");
                let silent = |part: &Json| part["description"].as_str().is_none_or(str::is_empty);
                let without = arguments.filter(|argument| silent(argument));
                bare.extend(without.map(|argument| format!("{part_name}({})", argument["name"])));
                if silent(&part) {
                    bare.push(part_name);
                }
            }
            if one["description"].is_null() && !built_in.contains(&name.as_str()) {
                bare.push(name.clone());
            }
        }
        bare.sort();
        bare
    }

    /// A selection of everything there is below a type; empty for leaves.
    fn selection(&self, name: &str, depth: usize) -> String {
        let mut selected = String::new();
        for field in self.list(name, "fields") {
            let answer = named(&field["type"]);
            let is_leaf = self.list(answer, "fields").is_empty();
            let name = field["name"].as_str().unwrap_or_default();
            if (!is_leaf && depth == 0) || OPAQUE.contains(&name) {
                continue;
            }
            let arguments = field["args"].as_array().into_iter().flatten().filter_map(|taken| passed(&argument(taken)));
            let arguments = arguments.collect::<Vec<_>>().join(" ");
            let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
            let inner = self.selection(answer, depth.saturating_sub(1));
            if is_leaf || !inner.is_empty() {
                selected.push_str(&format!("{name}{arguments} {inner} "));
            }
        }
        if selected.is_empty() { selected } else { format!("{{ {selected}}}") }
    }
}

impl RootField {
    /// A document that selects everything, with each argument that is given as a variable of the same name.
    pub fn document(&self, given: &Json) -> String {
        let given = |argument: &&Argument| !given[&argument.name].is_null();
        let arguments = || self.arguments.iter().filter(given);
        let declared: String =
            arguments().map(|argument| format!("${}: {} ", argument.name, argument.spelled)).collect();
        let passed: String = arguments().map(|argument| format!("{0}: ${0} ", argument.name)).collect();
        let within = |list: String| if list.is_empty() { list } else { format!("({list})") };
        let (declared, passed) = (within(declared), within(passed));
        let (operation, name) = (self.operation.name(), &self.name);
        format!("{operation}{declared} {{ {name}{passed} {} }}", self.sdl.selection(&self.answer, DEPTH))
    }
}
