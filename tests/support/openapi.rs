//! The document of `/auth/…` as the law: every answer of every test is held against it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value as Json, json};

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| serde_json::to_value(api::http::openapi()).expect("a document"));
/// By where they stand in the document: they are compiled once.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// A route that takes a JSON object by POST.
pub struct Route {
    /// Where it is.
    pub path: String,
    /// What it takes: a schema without references.
    pub takes: Json,
}

/// All routes that take a JSON object.
pub fn routes() -> Vec<Route> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let takes = |path: &str| {
        let schema = &DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        schema.is_object().then(|| Route { path: path.to_owned(), takes: resolved(schema).clone() })
    };
    paths.keys().filter_map(|path| takes(path)).collect()
}

/// Holds an answer against the document, and what was asked for it.
///
/// # Panics
/// When the document knows no such answer, or something was done for a body that it forbids.
pub fn check(path: &str, asked: &Json, status: u16, answered: &Json) {
    let path = documented(path);
    let Some(post) = DOCUMENT["paths"].get(&path).and_then(|item| item.get("post")) else {
        assert_eq!(status, 404, "{path} is answered and not in openapi.json");
        return;
    };
    let known = post["responses"].get(status.to_string()).is_some();
    assert!(known || status >= 400, "{path} answers {status}, of which openapi.json does not tell");
    let status_key = if known { status.to_string() } else { "default".to_owned() };
    let answers = format!("/paths/{}/post/responses/{status_key}/content/application~1json/schema", escaped(&path));
    let broken: Vec<_> = validator(&answers).iter_errors(answered).map(|error| error.to_string()).collect();
    assert!(broken.is_empty(), "{path} answered {status} {answered}: {broken:?}");
    if status < 300 {
        let takes = format!("/paths/{}/post/requestBody/content/application~1json/schema", escaped(&path));
        let broken: Vec<_> = validator(&takes).iter_errors(asked).map(|error| error.to_string()).collect();
        assert!(broken.is_empty(), "{path} took what openapi.json forbids: {broken:?}");
    }
}

/// The path as the document writes it, with its parameters.
fn documented(path: &str) -> String {
    let fits = |template: &&String| {
        let (template, path) = (template.trim_end_matches('/'), path.trim_end_matches('/'));
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let exact = paths.keys().find(|template| *template == path);
    exact.or_else(|| paths.keys().find(fits)).map_or_else(|| path.to_owned(), Clone::clone)
}

fn resolved(schema: &Json) -> &Json {
    match schema["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect("what is referred to"),
        None => schema,
    }
}

fn escaped(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

fn validator(pointer: &str) -> &'static Validator {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    validators.entry(pointer.to_owned()).or_insert_with(|| {
        let schema = DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in openapi.json"));
        let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        Box::leak(Box::new(jsonschema::validator_for(&whole).expect("a schema")))
    })
}
