//! Every token here is refused (QUALITY F21). Unless the row is about the signature, it is signed with the right key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::{ActorId, Caller, Role, SessionId, TenantId, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::token::{BadToken, DEFAULT_TTL_SECONDS, MAX_TTL_SECONDS, MintError, SESSION_TTL_SECONDS, TokenKeys};

const KEY: [u8; 32] = [7; 32];
const NOW: i64 = 1_700_000_000;

fn keys() -> TokenKeys {
    TokenKeys::new("1", &KEY).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn caller() -> Caller {
    Caller::new(TenantId::from_name("acme"), ActorId(Uuid::from_u128(5)), Role::Manager)
}

fn header() -> Value {
    json!({"typ": "at+jwt", "alg": "HS256", "kid": "1"})
}

fn claims() -> Value {
    json!({
        "iss": "kilter", "aud": "kilter-api", "sub": Uuid::from_u128(5).to_string(),
        "sid": Uuid::from_u128(6).to_string(), "tid": caller().tenant.to_string(), "role": "manager",
        "iat": NOW, "nbf": NOW, "exp": NOW + 600,
    })
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signed with the right key, whatever stands in it.
fn signed(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(&KEY), Algorithm::HS256);
    format!("{message}.{}", signature.unwrap())
}

fn with_header(name: &str, value: Value) -> String {
    let mut header = header();
    header[name] = value;
    signed(&header.to_string(), &claims().to_string())
}

fn with_claim(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    signed(&header().to_string(), &claims.to_string())
}

fn without(mut object: Value, name: &str) -> String {
    object.as_object_mut().unwrap().remove(name);
    object.to_string()
}

fn signature_rows() -> Vec<(&'static str, String)> {
    let good = signed(&header().to_string(), &claims().to_string());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let other = |algorithm, key: &[u8]| {
        jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(key), algorithm).unwrap()
    };
    let admin = encode(&claims().to_string().replace("manager", "admin"));
    vec![
        ("empty", String::new()),
        ("two parts", message.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as JWE", format!("{head}.{payload}.{payload}.{payload}.{signature}")),
        ("no signature", format!("{message}.")),
        ("another's signature", format!("{message}.{}", other(Algorithm::HS256, &[8; 32]))),
        ("HS384 under the right key", format!("{message}.{}", other(Algorithm::HS384, &KEY))),
        ("the key's name as the key", format!("{message}.{}", other(Algorithm::HS256, b"1"))),
        ("claims of another token", format!("{head}.{admin}.{signature}")),
        ("padded base64", format!("{head}.{payload}.{signature}=")),
        ("a line break inside", format!("{head}.{payload}.\n{signature}")),
        ("JSON instead of base64", format!("{}.{}.{signature}", header(), claims())),
        ("too long", signed(&header().to_string(), &(claims().to_string() + &" ".repeat(4000)))),
    ]
}

fn header_rows() -> Vec<(&'static str, String)> {
    let claims = claims().to_string();
    vec![
        ("alg none", with_header("alg", json!("none"))),
        ("alg None", with_header("alg", json!("None"))),
        ("alg RS256", with_header("alg", json!("RS256"))),
        ("alg EdDSA", with_header("alg", json!("EdDSA"))),
        ("alg as a list", with_header("alg", json!(["HS256"]))),
        ("no alg", signed(&without(header(), "alg"), &claims)),
        ("typ JWT", with_header("typ", json!("JWT"))),
        ("no typ", signed(&without(header(), "typ"), &claims)),
        ("no kid", signed(&without(header(), "kid"), &claims)),
        ("unknown kid", with_header("kid", json!("2"))),
        ("kid as a path", with_header("kid", json!("../../../../dev/null"))),
        ("kid as SQL", with_header("kid", json!("1' OR '1'='1"))),
        ("kid as a number", with_header("kid", json!(1))),
        ("crit", with_header("crit", json!(["exp"]))),
        ("empty crit", with_header("crit", json!([]))),
        ("jku", with_header("jku", json!("https://evil.example/keys"))),
        ("jwk", with_header("jwk", json!({"kty": "oct", "k": encode("key")}))),
        ("x5u", with_header("x5u", json!("https://evil.example/cert"))),
        ("x5c", with_header("x5c", json!(["MIIB"]))),
        ("zip", with_header("zip", json!("DEF"))),
        ("alg twice", signed(r#"{"alg":"none","typ":"at+jwt","kid":"1","alg":"HS256"}"#, &claims)),
        ("header as a list", signed(r#"["HS256","at+jwt","1"]"#, &claims)),
        ("header as null", signed("null", &claims)),
    ]
}

/// Of a session, which gave it then.
fn of_session(given: Value) -> String {
    let mut claims = claims();
    claims["exp"] = json!(NOW + i64::from(SESSION_TTL_SECONDS));
    claims["given"] = given;
    signed(&header().to_string(), &claims.to_string())
}

fn claim_rows() -> Vec<(&'static str, String)> {
    let twice = claims().to_string().replacen('{', r#"{"role":"admin","#, 1);
    let mut rows: Vec<(&'static str, String)> = ["iss", "aud", "sub", "sid", "tid", "role", "iat", "nbf", "exp"]
        .into_iter()
        .map(|name| (name, signed(&header().to_string(), &without(claims(), name))))
        .collect();
    rows.extend([
        ("exp as text", with_claim("exp", json!((NOW + 600).to_string()))),
        ("exp as a fraction", with_claim("exp", json!(1_700_000_600.5))),
        ("exp null", with_claim("exp", Value::Null)),
        ("exp beyond all time", with_claim("exp", json!(i64::MAX))),
        ("iat before all time", with_claim("iat", json!(i64::MIN))),
        ("exp 6 s late", with_claim("exp", json!(NOW - 6))),
        ("exp before iat", with_claim("iat", json!(NOW + 601))),
        ("nbf 6 s early", with_claim("nbf", json!(NOW + 6))),
        ("iat 6 s early", with_claim("iat", json!(NOW + 6))),
        ("lives too long", with_claim("exp", json!(NOW + i64::from(MAX_TTL_SECONDS) + 1))),
        ("another issuer", with_claim("iss", json!("keycloak"))),
        ("issuers as a list", with_claim("iss", json!(["kilter"]))),
        ("another audience", with_claim("aud", json!("kilter-mail"))),
        ("audiences as a list", with_claim("aud", json!(["kilter-api"]))),
        ("role root", with_claim("role", json!("root"))),
        ("role Admin", with_claim("role", json!("Admin"))),
        ("roles as a list", with_claim("role", json!(["admin"]))),
        ("tid as a name", with_claim("tid", json!("acme"))),
        ("tid in capitals", with_claim("tid", json!(caller().tenant.to_string().to_uppercase()))),
        ("tid in braces", with_claim("tid", json!(format!("{{{}}}", caller().tenant)))),
        ("sub empty", with_claim("sub", json!(""))),
        ("an unknown claim", with_claim("admin", json!(true))),
        ("of a session, and lives too long", with_claim("given", json!(NOW * 1_000_000))),
        ("given by a session at another time", of_session(json!((NOW + 1) * 1_000_000))),
        ("given by a session as text", of_session(json!((NOW * 1_000_000).to_string()))),
        ("given by a session beyond all time", of_session(json!(i64::MAX))),
        ("role twice", signed(&header().to_string(), &twice)),
        ("claims as a list", signed(&header().to_string(), r#"["kilter","kilter-api"]"#)),
        ("claims not JSON", signed(&header().to_string(), "{")),
        ("something after the claims", signed(&header().to_string(), &format!("{}{{}}", claims()))),
    ]);
    rows
}

#[test]
fn every_bad_token_is_refused() {
    let rows = [signature_rows(), header_rows(), claim_rows()].concat();
    assert!(rows.len() >= 60, "{} rows", rows.len());
    for (name, token) in rows {
        assert!(keys().verify(&token, at(NOW)).is_err(), "taken: {name}");
    }
}

#[test]
fn the_good_token_that_the_bad_ones_are_made_from_is_taken() {
    let token = signed(&header().to_string(), &claims().to_string());
    assert_eq!(keys().verify(&token, at(NOW)).unwrap().caller, caller());
}

#[test]
fn a_minted_token_says_who_until_it_ends() {
    let token = keys().mint(caller(), Uuid::from_u128(6), at(NOW), DEFAULT_TTL_SECONDS).unwrap();
    let grant = keys().verify(&token, at(NOW + 60)).unwrap();
    assert_eq!((grant.caller, grant.session), (caller(), Uuid::from_u128(6)));
    let ends = NOW + i64::from(DEFAULT_TTL_SECONDS);
    assert_eq!(grant.expires_at, at(ends));
    assert!(keys().verify(&token, at(ends + 4)).is_ok());
    assert_eq!(keys().verify(&token, at(ends + 5)), Err(BadToken::Expired));
    assert!(keys().verify(&token, at(NOW - 5)).is_ok());
    assert_eq!(keys().verify(&token, at(NOW - 6)), Err(BadToken::Premature));
}

#[test]
fn a_token_of_a_session_says_when_it_was_given_and_ends_after_five_minutes() {
    let given = Timestamp::from_micros(NOW * 1_000_000 + 123_456).unwrap();
    let token = keys().mint_of_session(caller(), SessionId(Uuid::from_u128(6)), given).unwrap();
    let grant = keys().verify(&token, at(NOW + 299)).unwrap();
    assert_eq!((grant.session, grant.given_at, grant.expires_at), (Uuid::from_u128(6), Some(given), at(NOW + 300)));
    assert_eq!(keys().verify(&token, at(NOW + 305)), Err(BadToken::Expired));
    assert!(keys().verify(&of_session(json!(NOW * 1_000_000)), at(NOW)).is_ok());
}

#[test]
fn a_former_key_still_verifies_and_no_longer_signs() {
    let token = keys().mint(caller(), Uuid::nil(), at(NOW), 60).unwrap();
    let rotated = TokenKeys::new("2", &[9; 32]).unwrap();
    assert_eq!(rotated.verify(&token, at(NOW)), Err(BadToken::UnknownKey));
    let rotated = rotated.and_verify("1", &KEY).unwrap();
    assert!(rotated.verify(&token, at(NOW)).is_ok());
    let new = rotated.mint(caller(), Uuid::nil(), at(NOW), 60).unwrap();
    assert!(keys().verify(&new, at(NOW)).is_err());
}

#[test]
fn no_token_is_made_without_end_or_with_a_short_key() {
    for ttl in [0, MAX_TTL_SECONDS + 1] {
        assert_eq!(keys().mint(caller(), Uuid::nil(), at(NOW), ttl), Err(MintError::TimeToLive(ttl)));
    }
    assert_eq!(TokenKeys::new("1", &[1; 31]).err(), Some(MintError::WeakKey(31)));
}
