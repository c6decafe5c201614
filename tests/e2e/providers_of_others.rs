//! Sign-in with a provider that others wrote: `oidc-provider`, on Node.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use reqwest::Url;
use reqwest::redirect::Policy;
use serde_json::{Value as Json, json};
use tests::people::Browser;
use tests::process::{Server, kilter};
use tests::provider::{SECRET, file, query};

use super::identity::{PASSWORD, sign_in, signed_up};

const PUBLIC_URL: &str = "https://kilter.example.com";
const BACK: &str = "https://kilter.example.com/auth/oidc/theirs/return";

/// It ends when it is dropped, or with us.
struct Theirs {
    issuer: String,
    child: Child,
    /// Kept open: it stops where it can't write.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `None` where there is no Node.
fn start() -> Option<Theirs> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers");
    let install = ["ci", "--silent", "--no-audit", "--no-fund"];
    let installed = Command::new("npm").args(install).current_dir(&folder).status();
    if !installed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: sign-in with oidc-provider: npm is not here, or can't install it");
        return None;
    }
    let mut command = Command::new("node");
    command.arg("provider.js").current_dir(&folder).env("CLIENT_SECRET", SECRET).env("REDIRECT_URI", BACK);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let issuer = lines.find_map(|line| line.ok()?.strip_prefix("issuer ").map(str::to_owned));
    Some(Theirs { issuer: issuer.expect("it says what its issuer is"), child, _output: lines })
}

/// Goes through the provider's pages as a browser does: what it brings back.
async fn sign_in_there(page: &str) -> Json {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut url = Url::parse(page).expect("a page");
    for _ in 0..8 {
        let sent: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = client.get(url.clone()).header("cookie", sent.join("; ")).send().await.expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let onward = answer.headers()["location"].to_str().expect("text");
        url = url.join(onward).expect("a URL");
        if url.as_str().starts_with(BACK) {
            let brought = query(url.as_str());
            return json!({ "code": brought["code"], "state": brought["state"], "iss": brought["iss"] });
        }
    }
    panic!("no way back from {url}");
}

#[tokio::test]
async fn people_link_an_account_at_a_provider_that_others_wrote_and_sign_in_with_it() {
    let Some(theirs) = start() else { return };
    let data = tempfile::tempdir().expect("a folder");
    let file = file(data.path(), "theirs", &theirs.issuer);
    let mut command = Command::new(kilter());
    command.arg("serve").arg("--data").arg(data.path().join("kilter")).args(["--listen", "127.0.0.1:0"]);
    command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
    command.env("KILTER_PROVIDERS", &file).env("KILTER_PUBLIC_URL", PUBLIC_URL);
    let server = Server::spawn(command);
    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let begun = anna.post("/auth/oidc/theirs/link", &json!({ "password": PASSWORD })).await;
    let brought = sign_in_there(begun.body["url"].as_str().expect("a page")).await;
    let linked = anna.post("/auth/oidc/theirs/finish", &brought).await;
    assert_eq!((linked.status, &linked.body["linked"]), (200, &json!("theirs")), "{linked:?}");
    let mut again = Browser::at(&server, "203.0.114.7");
    let begun = again.post("/auth/oidc/theirs/begin", &json!({})).await;
    let brought = sign_in_there(begun.body["url"].as_str().expect("a page")).await;
    let entered = again.post("/auth/oidc/theirs/finish", &brought).await;
    assert_eq!((entered.status, &entered.body["role"]), (200, &json!("admin")), "{entered:?}");
}
