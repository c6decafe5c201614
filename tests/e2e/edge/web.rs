//! The web app as it is served from the binary. What is served here is made up: no test needs Node.

use api::http::settings::HttpSettings;
use api::http::web::WebApp;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    VARY,
};
use reqwest::{Client, Method, StatusCode};
use tests::edge::Edge;

const PAGE: &[u8] = b"<!doctype html><script type=module nonce=KILTER-NONCE src=/assets/app-1x.js></script>";
const FILES: [(&str, &[u8]); 8] = [
    ("/index.html", PAGE),
    ("/assets/app-1x.js", b"plain"),
    ("/assets/app-1x.js.br", b"by brotli"),
    ("/assets/app-1x.js.gz", b"by gzip"),
    ("/sw.js", b"worker"),
    ("/terminal-worker.js", b"terminal"),
    ("/assets/inter-2y.woff2", b"font"),
    ("/assets/reader-3z.wasm", b"reader"),
];

async fn app() -> Edge {
    Edge::serving(HttpSettings::default(), WebApp::of(&FILES)).await
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn says(&self, name: impl reqwest::header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn asked(edge: &Edge, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Client::new().request(method, format!("http://{}{path}", edge.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    Answer { status, headers, body: answer.text().await.unwrap() }
}

async fn got(edge: &Edge, path: &str, headers: &[(&str, &str)]) -> Answer {
    asked(edge, Method::GET, path, headers).await
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn files_with_hashed_names_are_kept_for_good_and_others_are_asked_for_again() {
    let edge = app().await;
    let hashed = got(&edge, "/assets/app-1x.js", &[]).await;
    assert_eq!((hashed.status, hashed.body.as_str()), (StatusCode::OK, "plain"));
    assert_eq!(hashed.says(CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(hashed.says(CONTENT_TYPE), "text/javascript; charset=utf-8");
    assert_eq!(hashed.says("x-content-type-options"), "nosniff");
    let font = got(&edge, "/assets/inter-2y.woff2", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!((font.says(CONTENT_TYPE), font.says(CONTENT_ENCODING), font.body.as_str()), ("font/woff2", "", "font"));
    // What is of another kind is not compiled while it is on its way.
    assert_eq!(got(&edge, "/assets/reader-3z.wasm", &[]).await.says(CONTENT_TYPE), "application/wasm");
    let worker = got(&edge, "/sw.js", &[]).await;
    assert_eq!((worker.says(CACHE_CONTROL), worker.body.as_str()), ("no-cache", "worker"));
    let tag = worker.says(ETAG).to_owned();
    let again = got(&edge, "/sw.js", &[("if-none-match", &format!("\"other\", {tag}"))]).await;
    assert_eq!((again.status, again.body.as_str(), again.says(ETAG)), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    let changed = got(&edge, "/sw.js", &[("if-none-match", "\"other\"")]).await;
    assert_eq!((changed.status, changed.body.as_str()), (StatusCode::OK, "worker"));
}

#[tokio::test]
async fn the_worker_of_the_terminal_may_fetch_from_here_and_no_other_file_may() {
    let edge = app().await;
    let worker = got(&edge, "/terminal-worker.js", &[]).await;
    assert_eq!((worker.says(CACHE_CONTROL), worker.body.as_str()), ("no-cache", "terminal"));
    let policy = "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(worker.says(CONTENT_SECURITY_POLICY), policy);
    for path in ["/sw.js", "/assets/app-1x.js"] {
        assert!(!got(&edge, path, &[]).await.says(CONTENT_SECURITY_POLICY).contains("connect-src"), "{path}");
    }
}

#[tokio::test]
async fn a_file_comes_in_the_best_coding_that_the_client_takes() {
    let edge = app().await;
    let cases = [
        ("br, gzip", "br", "by brotli"),
        ("gzip, br;q=0.1", "br", "by brotli"),
        ("GZIP", "gzip", "by gzip"),
        ("br;q=0, gzip", "gzip", "by gzip"),
        ("*", "br", "by brotli"),
        ("*, br;q=0", "gzip", "by gzip"),
        ("br;q=nonsense", "", "plain"),
        ("identity", "", "plain"),
        ("zstd", "", "plain"),
        ("", "", "plain"),
    ];
    for (takes, coding, body) in cases {
        let answer = got(&edge, "/assets/app-1x.js", &[(ACCEPT_ENCODING.as_str(), takes)]).await;
        assert_eq!((answer.says(CONTENT_ENCODING), answer.body.as_str()), (coding, body), "{takes}");
        assert!(answer.says(VARY).contains("accept-encoding"), "{takes}");
    }
}

#[tokio::test]
async fn the_page_has_a_number_of_its_own_in_every_answer() {
    let edge = app().await;
    let mut seen = Vec::new();
    for path in ["/", "/board", "/jobs/4149", "/jobs/4149.1", "/a/b?at=2026-11-23T10:42"] {
        let page = got(&edge, path, &[BROWSER]).await;
        assert_eq!((page.status, page.says(CONTENT_TYPE)), (StatusCode::OK, "text/html; charset=utf-8"), "{path}");
        assert_eq!(page.says(CACHE_CONTROL), "no-store", "{path}");
        let policy = page.says("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        assert!(nonce.len() >= 22 && page.body.contains(&format!("nonce={nonce} ")), "{path}: {}", page.body);
        assert!(!page.body.contains("KILTER-NONCE"), "{path}");
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        seen.push(nonce.to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn only_the_page_of_the_terminal_may_run_webassembly() {
    let edge = app().await;
    for path in ["/terminal", "/terminal?lang=de"] {
        let page = got(&edge, path, &[BROWSER]).await;
        let policy = page.says(CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{path}: {policy}");
        assert_eq!(policy.matches("unsafe").count(), 1, "{path}: {policy}");
        // The camera is its own page's: no header takes it away.
        assert_eq!(page.says("permissions-policy"), "", "{path}");
    }
    for path in ["/", "/board", "/terminal/x", "/terminals", "/Terminal", "/a/terminal", "/board?at=/terminal"] {
        let page = got(&edge, path, &[BROWSER]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.says(CONTENT_SECURITY_POLICY).contains("unsafe"), "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_neither_a_screen_nor_a_file_is_nothing() {
    let edge = app().await;
    let nothing = [
        "/auth/nothing",
        "/graphql/x",
        "/metrics/x",
        "/outbox/x",
        "/assets/gone-1x.js",
        "/assets",
        "/gone.js",
        "/index.html",
        "/assets/app-1x.js.br",
        "/../etc/passwd.txt",
        "/assets/../../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd.txt",
        "/assets/..%2f..%2fkilter.db",
        "/.git/config.x",
    ];
    for path in nothing {
        let answer = got(&edge, path, &[BROWSER]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.body);
        assert!(answer.body.contains("NOT_FOUND"), "{path}: {}", answer.body);
    }
    // Programs, and whoever wants to change something, get no page.
    let program = got(&edge, "/board", &[(ACCEPT.as_str(), "application/json")]).await;
    assert_eq!(program.status, StatusCode::NOT_FOUND);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = asked(&edge, method.clone(), "/board", &[BROWSER]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}");
    }
}

#[tokio::test]
async fn a_path_that_climbs_leads_to_no_file() {
    let edge = app().await;
    for path in [
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets%2fapp-1x",
        "/%00",
        "//etc/passwd",
        "/\\..\\etc",
    ] {
        let answer = got(&edge, path, &[BROWSER]).await;
        let is_page = answer.body.contains("<!doctype html>") && answer.body.len() < 200;
        assert!(is_page || answer.status == StatusCode::NOT_FOUND, "{path}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let edge = app().await;
    for path in ["/", "/board", "/assets/app-1x.js", "/sw.js", "/gone.js"] {
        let whole = got(&edge, path, &[BROWSER]).await;
        let head = asked(&edge, Method::HEAD, path, &[BROWSER]).await;
        assert_eq!((head.status, head.body.as_str()), (whole.status, ""), "{path}");
        for name in [CONTENT_TYPE, CACHE_CONTROL, ETAG] {
            assert_eq!(head.says(&name), whole.says(&name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn without_a_build_there_is_the_page_that_says_what_to_do_and_no_screen() {
    let edge = Edge::start().await;
    let home = got(&edge, "/", &[BROWSER]).await;
    assert!(home.body.contains("<h1>Kilter") && home.body.contains("Node"), "{}", home.body);
    for path in ["/board", "/index.html", "/assets/app-1x.js"] {
        assert_eq!(got(&edge, path, &[BROWSER]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
