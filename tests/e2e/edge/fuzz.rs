//! Whatever is sent, the edge neither panics nor blames itself.

use proptest::prelude::*;
use serde_json::Value;
use tests::edge::{Edge, token};

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z_]{1,12}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Text that looks like a document, mostly.
fn document() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{"),
        Just("}"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just(":"),
        Just("$"),
        Just("@"),
        Just("..."),
        Just("!"),
        Just("="),
        Just("|"),
        Just("\""),
        Just("\"\"\""),
        Just("#"),
        Just("\n"),
        Just("\\"),
        Just("query"),
        Just("mutation"),
        Just("subscription"),
        Just("fragment"),
        Just("on"),
        Just("hello"),
        Just("echo"),
        Just("text"),
        Just("things"),
        Just("first"),
        Just("__schema"),
        Just("__typename"),
        Just("types"),
        Just("name"),
        Just("Query"),
        Just("F"),
        Just("a"),
        Just("7"),
        Just("-1.5e3"),
        Just("\"x\""),
        Just("skip"),
        Just("include"),
        Just("if"),
        Just("true"),
        Just("null"),
        Just("\u{feff}"),
        Just("õ"),
    ];
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.join(" "))
}

/// Sends bodies one after the other; none may end in 5xx or without an answer.
fn never_our_fault(bodies: Vec<Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let edge = Edge::start().await;
        let client = reqwest::Client::new();
        for body in bodies {
            let request = client.post(edge.url()).bearer_auth(token()).header("content-type", "application/json");
            let answer = request.body(body.clone()).send().await.expect("an answer");
            let status = answer.status();
            assert!(status.as_u16() < 500, "{status} for {:?}", String::from_utf8_lossy(&body));
            let text = answer.text().await.expect("a whole answer");
            assert!(!text.contains("INTERNAL"), "{text} for {:?}", String::from_utf8_lossy(&body));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused_politely(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 20)) {
        never_our_fault(bodies);
    }

    #[test]
    fn random_json_is_refused_politely(bodies in prop::collection::vec(json_value(), 20)) {
        never_our_fault(bodies.iter().map(|value| value.to_string().into_bytes()).collect());
    }

    #[test]
    fn random_documents_and_variables_are_refused_politely(
        bodies in prop::collection::vec((document(), json_value()), 30)
    ) {
        let body = |(query, variables): &(String, Value)| {
            let variables = if variables.is_object() { variables.clone() } else { Value::Null };
            serde_json::json!({"query": query, "variables": variables}).to_string().into_bytes()
        };
        never_our_fault(bodies.iter().map(body).collect());
    }
}
