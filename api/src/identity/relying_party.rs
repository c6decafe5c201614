//! Where passkeys are good. Browsers bind a passkey to a name, never to an IP address, and show it to pages of one origin alone.

use infra::mail::PublicUrl;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// What passkeys are made for.
pub(super) struct RelyingParty {
    pub(super) webauthn: Webauthn,
    /// Of the pages that may ask for one.
    pub(super) origin: String,
}

impl RelyingParty {
    /// Where people reach Kilter; on a machine's own address it is `localhost`. None where they reach it by another IP address.
    pub(super) fn of(public_url: &PublicUrl) -> Option<Self> {
        let origin = named(public_url.origin())?;
        let name = origin.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&name, &origin).ok()?.rp_name("Kilter").build().ok()?;
        Some(Self { webauthn, origin: origin.origin().ascii_serialization() })
    }
}

/// The same origin under a name.
fn named(mut url: Url) -> Option<Url> {
    if url.domain().is_some() {
        return Some(url);
    }
    let host = url.host_str()?.trim_matches(['[', ']']);
    let is_own_machine = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    (is_own_machine && url.set_host(Some("localhost")).is_ok()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Option<String> {
        RelyingParty::of(&PublicUrl::parse(url).unwrap()).map(|party| party.origin)
    }

    #[test]
    fn passkeys_are_bound_to_the_name_that_people_type() {
        for (url, expected) in [
            ("https://kilter.example.com/shop", Some("https://kilter.example.com")),
            ("https://kilter.example.com:8443", Some("https://kilter.example.com:8443")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://127.0.0.1:8080", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://localhost:8080")),
            ("http://192.168.1.5:8080", None),
            ("https://203.0.113.7", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }
}
