//! GraphQL over HTTP beside what the outside audits ask.

use std::time::Duration;

use api::http::settings::HttpSettings;
use domain::kernel::{Role, TenantId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::edge::{Edge, ended_token, tenant, token, token_of};

async fn code_of(answer: reqwest::Response) -> (StatusCode, String) {
    let status = answer.status();
    let json: Value = answer.json().await.expect("a JSON answer");
    (status, json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_query_is_answered_for_the_tenant_of_the_token() {
    let edge = Edge::start().await;
    let (status, json) = edge.ask("{ me }").await;
    assert_eq!((status, json), (200, json!({"data": {"me": format!("{}:manager", tenant())}})));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let edge = Edge::start().await;
    let stranger = token_of(TenantId::from_name("nobody knows"), Role::Admin, 60);
    let bad = [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer nonsense".to_owned()),
        Some(format!("Basic {}", token())),
        Some(token()),
        Some(format!("Bearer {}x", token())),
        Some(format!("Bearer {}", ended_token())),
        Some(format!("Bearer {stranger}")),
    ];
    for authorization in bad {
        let mut request = reqwest::Client::new().post(edge.url()).json(&json!({"query": "{ hello }"}));
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        assert_eq!(
            code_of(answer).await,
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".to_owned()),
            "{authorization:?}"
        );
    }
}

#[tokio::test]
async fn a_mutation_is_never_run_by_get() {
    let edge = Edge::start().await;
    for document in ["mutation{append(text:\"x\")}", "query+A{hello}mutation+B{append(text:\"x\")}&operationName=B"] {
        let url = format!("{}?query={document}", edge.url());
        let answer = reqwest::Client::new().get(url).bearer_auth(token()).send().await.unwrap();
        assert_eq!(answer.headers()["allow"], "POST");
        assert_eq!(code_of(answer).await.0, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(edge.log.head().0, 0);
}

#[tokio::test]
async fn what_browsers_send_across_origins_without_asking_is_never_run() {
    let edge = Edge::start().await;
    let body = r#"{"query":"mutation { append(text: \"x\") }"}"#;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = edge.post().header("content-type", content_type).body(body).send().await.unwrap();
        assert_eq!(code_of(answer).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    let foreign = edge.post().header("origin", "https://evil.example").json(&json!({"query": "{ hello }"}));
    assert_eq!(code_of(foreign.send().await.unwrap()).await.1, "FORBIDDEN_ORIGIN");
    assert_eq!(edge.log.head().0, 0);
}

#[tokio::test]
async fn a_listed_origin_may_ask_and_read() {
    let board = "https://board.example.com";
    let settings = HttpSettings { allowed_origins: vec![board.to_owned()], ..HttpSettings::default() };
    let edge = Edge::with(settings).await;
    let client = reqwest::Client::new();
    let preflight = client.request(reqwest::Method::OPTIONS, edge.url()).header("origin", board).send().await.unwrap();
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers()["access-control-allow-origin"], board);
    let answer = edge.post().header("origin", board).json(&json!({"query": "{ hello }"})).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], board);
    let foreign =
        client.request(reqwest::Method::OPTIONS, edge.url()).header("origin", "https://evil.example").send().await;
    let foreign = foreign.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(!foreign.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn bodies_that_are_large_compressed_batched_or_broken_are_refused() {
    let edge = Edge::start().await;
    let json_body = |body: Vec<u8>| edge.post().header("content-type", "application/json").body(body);
    let large = format!(r#"{{"query":"{{ hello }}","variables":{{"x":"{}"}}}}"#, "x".repeat(2 << 20));
    let rows = [
        (json_body(large.into_bytes()), "PAYLOAD_TOO_LARGE"),
        (json_body(vec![0x1f, 0x8b, 8, 0]).header("content-encoding", "gzip"), "UNSUPPORTED_MEDIA_TYPE"),
        (json_body(br#"[{"query":"{ hello }"},{"query":"{ hello }"}]"#.to_vec()), "BATCH_REFUSED"),
        (json_body(b"{\"query\":\"{ hello \xff }\"}".to_vec()), "BAD_REQUEST"),
        (json_body(b"{\"query\":\"{ hello \\ud800 }\"}".to_vec()), "BAD_REQUEST"),
        (json_body(b"{\"query\":".to_vec()), "BAD_REQUEST"),
        (json_body(Vec::new()), "BAD_REQUEST"),
        (json_body(br#"{"query":"{ hello }","variables":"x"}"#.to_vec()), "BAD_REQUEST"),
    ];
    for (request, code) in rows {
        let (status, is) = code_of(request.send().await.unwrap()).await;
        assert!(status.is_client_error() && is == code, "{status} {is}, not {code}");
    }
}

#[tokio::test]
async fn unusual_text_comes_back_as_it_was_sent() {
    let edge = Edge::start().await;
    for text in ["\u{0}", "\u{202e}abc", "õ🏃\u{1F3CA}", "\u{feff}x", "a\r\nb\u{2028}", "</script>"] {
        let body = json!({"query": "query Q($t: String!) { echo(text: $t) }", "variables": {"t": text}});
        let answer: Value = edge.post().json(&body).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["echo"], text);
    }
}

#[tokio::test]
async fn faults_are_told_by_an_id_and_never_by_their_text() {
    let edge = Edge::start().await;
    for query in ["{ broken }", "{ panicking }"] {
        let answer = edge.post().json(&json!({"query": query})).send().await.unwrap();
        assert!(answer.headers().contains_key("x-request-id"));
        let text = answer.text().await.unwrap();
        assert!(text.contains("INTERNAL") && !text.contains("secret"), "{text}");
    }
    assert_eq!(edge.ask("{ hello }").await.0, 200);
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_given_up() {
    let mut settings = HttpSettings::default();
    settings.requests.operation_time = Duration::from_millis(50);
    let edge = Edge::with(settings).await;
    let (_, json) = edge.ask("{ stuck }").await;
    assert_eq!(json["errors"][0]["extensions"]["code"], "TIMEOUT");
}

#[tokio::test]
async fn a_subscription_needs_a_stream() {
    let edge = Edge::start().await;
    let (status, json) = edge.ask("subscription { counted(to: 3) }").await;
    assert_eq!((status, &json["errors"][0]["extensions"]["code"]), (400, &json!("SUBSCRIPTION_NEEDS_STREAM")));
}

#[tokio::test]
async fn what_is_wrong_with_the_document_has_a_code() {
    let edge = Edge::start().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo(text: 7) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: counted(to: 1) b: counted(to: 1) }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let (_, json) = edge.ask(query).await;
        assert_eq!(json["errors"][0]["extensions"]["code"], code, "{query}: {json}");
        assert!(json.get("data").is_none(), "{query}: {json}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let edge = Edge::start().await;
    for path in ["/", "/graphql", "/healthz", "/readyz", "/metrics", "/nothing"] {
        let answer = reqwest::get(format!("http://{}{path}", edge.address)).await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"), "{path}");
        assert!(headers.contains_key("x-request-id"), "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
    let behind_tls = Edge::with(HttpSettings { tls: true, ..HttpSettings::default() }).await;
    let answer = reqwest::get(format!("http://{}/healthz", behind_tls.address)).await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn health_readiness_figures_and_the_page_are_served_without_a_token() {
    let edge = Edge::start().await;
    for (path, part) in [("/healthz", "ok"), ("/readyz", "ready"), ("/metrics", "# EOF"), ("/", "<h1>Kilter")] {
        let answer = reqwest::get(format!("http://{}{path}", edge.address)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.text().await.unwrap().contains(part), "{path}");
    }
}
