//! A provider of `OpenID` Connect that does as a test tells it: well, or evil in one way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// What Kilter is called there.
pub const CLIENT: &str = "kilter";
/// What Kilter shows there.
pub const SECRET: &str = "a secret of the client that is long enough for a key";
/// Larger than any answer may be.
const HUGE: usize = 2 * 1024 * 1024;

/// In which way the provider is evil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evil {
    /// In none.
    No,
    /// The token answers another question.
    Nonce,
    /// It answers none.
    NoNonce,
    /// It is for another client.
    Audience,
    /// It is for another client, too.
    TwoAudiences,
    /// It was made for another client.
    AuthorizedParty,
    /// It is of another issuer.
    Issuer,
    /// It has expired.
    Expired,
    /// It is not signed.
    Unsigned,
    /// It is signed with the secret of the client.
    SignedWithSecret,
    /// It is signed with the public key as a secret.
    SignedWithPublicKey,
    /// It is signed with a key of somebody else's by the name of the provider's.
    SignedWithForeignKey,
    /// It is of nobody.
    NoSubject,
    /// It is of nobody with an empty name.
    EmptySubject,
    /// The address is not verified.
    Unverified,
    /// There is no token.
    NoToken,
    /// There is no end of it.
    HugeToken,
    /// It never comes.
    SlowToken,
    /// It is elsewhere.
    MovedToken,
    /// The provider says that it is another one.
    OtherProvider,
    /// It has no end of things to say of itself.
    HugeDiscovery,
    /// It is described elsewhere.
    MovedDiscovery,
    /// Its description never comes.
    SlowDiscovery,
    /// It has no end of keys.
    HugeKeys,
    /// Its keys are elsewhere.
    MovedKeys,
    /// Its page for signing in is a script.
    ScriptForPage,
}

/// Somebody who has signed in at the provider, and is on the way back.
struct Granted {
    nonce: String,
    challenge: String,
    redirect: String,
    subject: String,
}

struct Says {
    evil: Evil,
    /// Whether it puts its name to what a browser brings back.
    names_itself: bool,
    key: rcgen::KeyPair,
    /// How many keys it has had.
    keys: u32,
    granted: BTreeMap<String, Granted>,
    /// Which of its pages were asked for, in their order.
    asked: Vec<String>,
}

/// A provider; it ends when it is dropped.
pub struct Provider {
    /// Its issuer.
    pub url: String,
    says: Arc<Mutex<Says>>,
    serves: AbortHandle,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serves.abort();
    }
}

#[derive(Clone)]
struct Shared {
    url: String,
    says: Arc<Mutex<Says>>,
}

impl Provider {
    /// One that is evil in this way.
    ///
    /// # Panics
    /// When it can't listen.
    pub async fn start(evil: Evil) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let key = rcgen::KeyPair::generate().expect("a key");
        let (granted, asked) = (BTreeMap::new(), Vec::new());
        let says = Arc::new(Mutex::new(Says { evil, names_itself: false, key, keys: 1, granted, asked }));
        let shared = Shared { url: url.clone(), says: Arc::clone(&says) };
        let app = Router::new().fallback(answer).with_state(shared);
        let serves = tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, says, serves: serves.abort_handle() }
    }

    fn says(&self) -> std::sync::MutexGuard<'_, Says> {
        self.says.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on.
    pub fn is_now(&self, evil: Evil) {
        self.says().evil = evil;
    }

    /// From now on it puts its name to what a browser brings back.
    pub fn names_itself(&self) {
        self.says().names_itself = true;
    }

    /// Takes another key in the place of the one that it has.
    ///
    /// # Panics
    /// When none can be made.
    pub fn changes_its_key(&self) {
        let mut says = self.says();
        says.key = rcgen::KeyPair::generate().expect("a key");
        says.keys += 1;
    }

    /// How often one of its pages was asked for.
    pub fn was_asked(&self, path: &str) -> usize {
        self.says().asked.iter().filter(|asked| *asked == path).count()
    }

    /// The file that tells Kilter of it.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn file(&self, folder: &Path, id: &str) -> PathBuf {
        file(folder, id, &self.url)
    }

    /// What a person does there who is called so: they sign in on the page that Kilter sent them to. Gives what their browser brings
    /// back.
    ///
    /// # Panics
    /// When the address lacks what it must have.
    pub fn signs_in(&self, page: &str, subject: &str) -> Value {
        let asked = query(page);
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(asked["code_challenge_method"], "S256");
        let code = format!("code of {}", asked["state"]);
        let of = |name: &str| asked[name].clone();
        let granted = Granted {
            nonce: of("nonce"),
            challenge: of("code_challenge"),
            redirect: of("redirect_uri"),
            subject: subject.to_owned(),
        };
        self.says().granted.insert(code.clone(), granted);
        json!({ "code": code, "state": asked["state"] })
    }
}

/// A file that tells Kilter of a provider.
///
/// # Panics
/// When it can't be written.
pub fn file(folder: &Path, id: &str, issuer: &str) -> PathBuf {
    let path = folder.join(format!("{id}.toml"));
    let text =
        format!("name = \"{id}\"\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\n");
    std::fs::write(&path, text).expect("a file");
    path
}

/// What stands behind the `?`.
///
/// # Panics
/// When it is no URL.
pub fn query(url: &str) -> BTreeMap<String, String> {
    Url::parse(url).expect("a URL").query_pairs().into_owned().collect()
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let evil = {
        let mut says = shared.says.lock().unwrap_or_else(PoisonError::into_inner);
        says.asked.push(path.clone());
        says.evil
    };
    let moved = || Redirect::temporary(&format!("{}/elsewhere{path}", shared.url)).into_response();
    match (path.trim_start_matches("/elsewhere"), evil) {
        ("/.well-known/openid-configuration", Evil::SlowDiscovery) | ("/token", Evil::SlowToken) => {
            std::future::pending().await
        }
        ("/.well-known/openid-configuration", Evil::MovedDiscovery)
        | ("/keys", Evil::MovedKeys)
        | ("/token", Evil::MovedToken)
            if !path.starts_with("/elsewhere") =>
        {
            moved()
        }
        ("/.well-known/openid-configuration", _) => Json(description(&shared, evil)).into_response(),
        ("/keys", _) => Json(keys(&shared, evil)).into_response(),
        ("/token", _) => token(&shared, request).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn padding(is: bool) -> String {
    if is { "x".repeat(HUGE) } else { String::new() }
}

fn description(Shared { url, says }: &Shared, evil: Evil) -> Value {
    let issuer = if evil == Evil::OtherProvider { "https://accounts.example.com" } else { url };
    let page = if evil == Evil::ScriptForPage { "javascript:alert(1)//".to_owned() } else { format!("{url}/page") };
    let names_itself = says.lock().unwrap_or_else(PoisonError::into_inner).names_itself;
    json!({
        "issuer": issuer, "authorization_endpoint": page, "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // All of them: what a provider announces must not make us take one that proves nothing.
        "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
        "authorization_response_iss_parameter_supported": names_itself,
        "padding": padding(evil == Evil::HugeDiscovery),
    })
}

fn keys(Shared { says, .. }: &Shared, evil: Evil) -> Value {
    let says = says.lock().unwrap_or_else(PoisonError::into_inner);
    let point = says.key.public_key_raw();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
    let key = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": says.keys.to_string(), "x": x, "y": y });
    json!({ "keys": [key], "padding": padding(evil == Evil::HugeKeys) })
}

async fn token(shared: &Shared, request: Request) -> Response {
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+"))));
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = axum::body::to_bytes(request.into_body(), 64 * 1024).await.expect("a body");
    let said = query(&format!("http://127.0.0.1/?{}", String::from_utf8_lossy(&body)));
    let of = |name: &str| said.get(name).map_or("", String::as_str);
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    let mut says = shared.says.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(granted) = says.granted.remove(of("code")) else { return refused() };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
    let is_kilter = shown.as_deref() == Some(&basic) && of("redirect_uri") == granted.redirect;
    if challenge != granted.challenge || !is_kilter {
        return refused();
    }
    if says.evil == Evil::HugeToken {
        return Body::from(padding(true)).into_response();
    }
    let mut answer = json!({ "access_token": "access", "token_type": "Bearer" });
    if says.evil != Evil::NoToken {
        answer["id_token"] = json!(id_token(&shared.url, &says, &granted));
    }
    Json(answer).into_response()
}

fn id_token(url: &str, says: &Says, granted: &Granted) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let mut claims = json!({
        "iss": url, "sub": granted.subject, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": granted.nonce,
        "email": "anna@example.com", "email_verified": true,
    });
    let mut set = |name: &str, value: Value| claims[name] = value;
    match says.evil {
        Evil::Nonce => set("nonce", json!("another")),
        Evil::NoNonce => set("nonce", Value::Null),
        Evil::Audience => set("aud", json!("another")),
        Evil::TwoAudiences => set("aud", json!([CLIENT, "another"])),
        Evil::AuthorizedParty => set("azp", json!("another")),
        Evil::Issuer => set("iss", json!("https://accounts.example.com")),
        Evil::Expired => set("exp", json!(now - 60)),
        Evil::NoSubject => set("sub", Value::Null),
        Evil::EmptySubject => set("sub", json!("")),
        Evil::Unverified => set("email_verified", json!(false)),
        _ => {}
    }
    signed(&claims, says)
}

fn signed(claims: &Value, says: &Says) -> String {
    let foreign = rcgen::KeyPair::generate().expect("a key");
    let (algorithm, key) = match says.evil {
        Evil::Unsigned => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            return format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims));
        }
        Evil::SignedWithSecret => (Algorithm::HS256, EncodingKey::from_secret(SECRET.as_bytes())),
        Evil::SignedWithPublicKey => (Algorithm::HS256, EncodingKey::from_secret(says.key.public_key_raw())),
        Evil::SignedWithForeignKey => (Algorithm::ES256, EncodingKey::from_ec_der(&foreign.serialize_der())),
        _ => (Algorithm::ES256, EncodingKey::from_ec_der(&says.key.serialize_der())),
    };
    let header = Header { kid: Some(says.keys.to_string()), ..Header::new(algorithm) };
    encode(&header, claims, &key).expect("a token")
}
