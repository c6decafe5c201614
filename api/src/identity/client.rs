//! Where somebody comes from and what with, as far as network and browser say so.

use std::net::IpAddr;

use domain::identity::session::Client;
use domain::kernel::person::{ClientAddress, ClientPart};

/// Where somebody comes from and what with.
#[derive(Debug, Clone)]
pub struct Came {
    /// From where.
    pub address: IpAddr,
    /// What the browser says of itself.
    pub client: ClientDescription,
    /// The cookie that tells a device which signed in before.
    pub device: Option<String>,
}

/// What a browser says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientDescription {
    /// Such as `Firefox 140`.
    pub browser: Option<String>,
    /// `desktop`, `phone` or `tablet`.
    pub device: Option<String>,
    /// Such as `Android`.
    pub system: Option<String>,
}

/// Browsers by what tells them, the more special before those that they imitate.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Debian", "Linux"),
    ("Linux", "Linux"),
];

impl ClientDescription {
    /// From a `User-Agent` header, which may say anything: only words of our own come out of it, and a number.
    pub fn of(agent: &str) -> Self {
        let agent: String = agent.chars().take(512).collect();
        Self { browser: browser(&agent), device: device(&agent), system: first(&SYSTEMS, &agent).map(str::to_owned) }
    }

    pub(super) fn to_client(&self) -> Client {
        let part = |text: &Option<String>| text.as_deref().and_then(|text| ClientPart::try_new(text).ok());
        Client { browser: part(&self.browser), device: part(&self.device), system: part(&self.system) }
    }

    /// In one line, for mails.
    pub(super) fn line(&self) -> String {
        let parts = [self.browser.as_deref(), self.system.as_deref()];
        let known: Vec<&str> = parts.into_iter().flatten().collect();
        if known.is_empty() { "?".to_owned() } else { known.join(", ") }
    }
}

impl Came {
    pub(super) fn typed_address(&self) -> Option<ClientAddress> {
        ClientAddress::try_new(&self.address.to_canonical().to_string()).ok()
    }

    /// The network that attempts are counted by: nobody has more than one of them for nothing. /24 of IPv4, /64 of IPv6.
    pub fn network(&self) -> [u8; 9] {
        let mut bytes = [0; 9];
        match self.address.to_canonical() {
            IpAddr::V4(v4) => {
                bytes[0] = 4;
                bytes[1..4].copy_from_slice(&v4.octets()[..3]);
            }
            IpAddr::V6(v6) => {
                bytes[0] = 6;
                bytes[1..9].copy_from_slice(&v6.octets()[..8]);
            }
        }
        bytes
    }

    /// The network of IPv6 around it, /48, which is what one customer gets: whoever has one has all of what is in it.
    pub fn wide_network(&self) -> Option<[u8; 9]> {
        let IpAddr::V6(v6) = self.address.to_canonical() else { return None };
        let mut bytes = [0; 9];
        bytes[0] = 48;
        bytes[1..7].copy_from_slice(&v6.octets()[..6]);
        Some(bytes)
    }
}

fn first<'a>(known: &[(&str, &'a str)], agent: &str) -> Option<&'a str> {
    known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
}

fn browser(agent: &str) -> Option<String> {
    let known = BROWSERS.iter().find_map(|(mark, name)| agent.split_once(mark).map(|(_, rest)| (*name, rest)));
    let safari =
        || agent.split_once("Version/").filter(|_| agent.contains("Safari/")).map(|(_, rest)| ("Safari", rest));
    let (name, rest) = known.or_else(safari)?;
    let version: String = rest.chars().take_while(char::is_ascii_digit).take(4).collect();
    Some(if version.is_empty() { name.to_owned() } else { format!("{name} {version}") })
}

fn device(agent: &str) -> Option<String> {
    let device = if agent.contains("iPad") || agent.contains("Tablet") {
        "tablet"
    } else if agent.contains("Mobi") {
        "phone"
    } else if agent.contains("Mozilla/") {
        "desktop"
    } else {
        return None;
    };
    Some(device.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_from_those_that_they_imitate() {
        let of = |agent: &str| {
            let found = ClientDescription::of(agent);
            [found.browser, found.device, found.system].map(Option::unwrap_or_default).join("|")
        };
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        assert_eq!(of(chrome), "Chrome 141|desktop|Linux");
        assert_eq!(of(&format!("{chrome} Edg/141.0.0.0")), "Edge 141|desktop|Linux");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(of(iphone), "Safari 18|phone|iOS");
        assert_eq!(
            of("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"),
            "Firefox 140|phone|Android"
        );
        assert_eq!(of("curl/8.5.0"), "curl 8||");
        assert_eq!(of("<script>alert(1)</script>"), "||");
        assert_eq!(of(""), "||");
    }

    #[test]
    fn attempts_are_counted_by_network() {
        let came = |text: &str| {
            let address = text.parse().unwrap();
            Came { address, client: ClientDescription::default(), device: None }
        };
        let of = |text| came(text).network();
        let wide = |text| came(text).wide_network();
        assert_eq!(of("203.0.113.7"), of("203.0.113.250"));
        assert_ne!(of("203.0.113.7"), of("203.0.114.7"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2:3::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(wide("2001:db8:1:2::1"), wide("2001:db8:1:3::1"));
        assert_ne!(wide("2001:db8:1:2::1"), wide("2001:db8:2:2::1"));
        assert_eq!(wide("203.0.113.7"), None);
    }
}
