//! The cookies of a session. The prefix `__Host-` binds them to this host, over TLS (or this machine), for all paths.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::kernel::Timestamp;

use crate::auth::LONGEST_SECONDS;
use crate::cookies::{ACCESS, DEVICE, DEVICE_SECONDS, FLOOR, PROVIDER, REFRESH, TERMINAL};
use crate::identity::{Departure, Renewed, SignedIn};

/// The token of the session that a request comes from.
pub(in crate::http) fn access_token(headers: &HeaderMap) -> Option<&str> {
    // Who is at a terminal may less: of two, that one counts.
    floor_token(headers).or_else(|| find(headers, ACCESS))
}

/// The token of an operator's session at a terminal.
pub(super) fn floor_token(headers: &HeaderMap) -> Option<&str> {
    find(headers, FLOOR)
}

/// What gives the next one.
pub(super) fn refresh_token(headers: &HeaderMap) -> Option<&str> {
    find(headers, REFRESH)
}

/// What tells the device.
pub(super) fn device(headers: &HeaderMap) -> Option<&str> {
    find(headers, DEVICE)
}

/// What a browser was sent to a provider with.
pub(super) fn provider(headers: &HeaderMap) -> Option<&str> {
    find(headers, PROVIDER)
}

/// What tells a terminal.
pub(super) fn terminal(headers: &HeaderMap) -> Option<&str> {
    find(headers, TERMINAL)
}

/// Makes a tablet a terminal, or keeps it one.
pub(super) fn pair(headers: &mut HeaderMap, cookie: &str) {
    set(headers, TERMINAL, cookie, DEVICE_SECONDS);
}

/// Hands out the session of an operator at a terminal. Whoever was signed in in this browser is not any more.
pub(super) fn at_work(headers: &mut HeaderMap, token: &str) {
    set(headers, FLOOR, token, LONGEST_SECONDS);
    set(headers, ACCESS, "", 0);
    set(headers, REFRESH, "", 0);
}

/// Takes it away; the tablet stays a terminal.
pub(super) fn leave(headers: &mut HeaderMap) {
    set(headers, FLOOR, "", 0);
}

/// Remembers what a browser is sent to a provider with.
pub(super) fn depart(headers: &mut HeaderMap, departure: &Departure, now: Timestamp) {
    set(headers, PROVIDER, &departure.state, departure.expires.seconds_since(now));
}

/// Forgets it.
pub(super) fn arrive(headers: &mut HeaderMap) {
    set(headers, PROVIDER, "", 0);
}

/// Hands out the tokens of a session.
pub(super) fn give(headers: &mut HeaderMap, tokens: &Renewed, now: Timestamp) {
    set(headers, ACCESS, &tokens.access, tokens.access_ends.seconds_since(now));
    set(headers, REFRESH, &tokens.refresh, tokens.refresh_ends.seconds_since(now));
}

/// Hands out the tokens of a session that begins on a device.
pub(super) fn begin(headers: &mut HeaderMap, signed_in: &SignedIn, now: Timestamp) {
    give(headers, &signed_in.tokens, now);
    set(headers, DEVICE, &signed_in.device, DEVICE_SECONDS);
    leave(headers);
}

/// Takes the tokens of a session away. The device stays known.
pub(super) fn take(headers: &mut HeaderMap) {
    set(headers, ACCESS, "", 0);
    set(headers, REFRESH, "", 0);
}

fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: i64) {
    // Strict would keep who follows a link in a mail from being known on the page that it leads to.
    let site = if name == ACCESS { "Lax" } else { "Strict" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={site}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// The only cookie of this name: of two, one was set by somebody else.
fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut named = all
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let first = named.next().filter(|value| !value.is_empty())?;
    named.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cookies: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        access_token(&headers).map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_never_when_there_are_two() {
        assert_eq!(found(&["a=b; __Host-kilter=token; c=d"]).as_deref(), Some("token"));
        assert_eq!(found(&["a=b", "__Host-kilter=token"]).as_deref(), Some("token"));
        assert_eq!(found(&["__Host-kilter-refresh=token"]), None);
        assert_eq!(found(&["kilter=token"]), None);
        assert_eq!(found(&["__Host-kilter="]), None);
        assert_eq!(found(&["__Host-kilter=one; __Host-kilter=two"]), None);
    }

    #[test]
    fn no_script_and_no_plain_connection_gets_a_cookie() {
        let mut headers = HeaderMap::new();
        take(&mut headers);
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(set.len(), 2);
        for cookie in set {
            assert!(cookie.starts_with("__Host-") && !cookie.contains("Domain"), "{cookie}");
            for part in ["Path=/", "Secure", "HttpOnly", "SameSite=", "Max-Age=0"] {
                assert!(cookie.contains(part), "{cookie}");
            }
        }
    }
}
