//! What mails are put together of: lines that can't break out of a header, and links to our own pages.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// Characters of a line, at most.
const LONGEST: usize = 150;

/// One line of text that people have typed: a name, a company, a browser. Whatever ends a line is not in it, so that it ends no
/// header either; and no address of a page, so that a mail of ours leads nowhere but to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Line(String);

impl Line {
    /// The text with a space in the place of each run of white space and control characters, cut where it is long.
    pub fn of(text: &str) -> Self {
        let is_gap = |c: char| c.is_whitespace() || c.is_control();
        let words: Vec<&str> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
        let line = words.join(" ").replace("://", ": ");
        Self(line.chars().take(LONGEST).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where people reach Kilter: what links in mails begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// An http or https URL, without user, question or fragment.
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.has_host();
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        is_plain.then_some(Self(url))
    }

    /// Where Kilter itself listens. This machine has a name there: browsers bind passkeys to names only.
    ///
    /// # Panics
    /// Never: an address and a port make a URL.
    #[expect(clippy::expect_used, reason = "an address and a port make a URL")]
    pub fn of(address: std::net::SocketAddr) -> Self {
        let host =
            if address.ip().is_loopback() { format!("localhost:{}", address.port()) } else { address.to_string() };
        Self::parse(&format!("http://{host}")).expect("a URL")
    }

    /// The same without its path.
    pub fn origin(&self) -> Url {
        let mut url = self.0.clone();
        url.set_path("/");
        url
    }

    /// A page of ours, with the token that it is to confirm. The token stands behind the `#`: no server on the way logs it, and no
    /// other page hears of it.
    pub fn page(&self, path: &str, token: Option<&str>) -> Link {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/').filter(|segment| !segment.is_empty()));
        }
        url.set_fragment(token);
        Link(url.into())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A link to a page of ours. `Debug` does not show its token.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// The address, with the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.split('#').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_early_or_leads_anywhere() {
        for (text, line) in [
            ("Gears\r\nBcc: all@example.com", "Gears Bcc: all@example.com"),
            ("a\0b\u{85}c\u{2028}d\u{b}e\tf", "a b c d e f"),
            ("  ", ""),
            ("see https://evil.example/now", "see https: evil.example/now"),
            ("Kask & Söhne ⚙", "Kask & Söhne ⚙"),
        ] {
            assert_eq!(Line::of(text).as_str(), line);
            let stored: Line = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(stored.as_str(), line, "also when it comes out of the store");
        }
        assert_eq!(Line::of(&"x".repeat(999)).as_str().len(), LONGEST);
    }

    #[test]
    fn a_link_leads_to_a_page_below_the_public_url_and_to_nothing_else() {
        let url = PublicUrl::parse("https://shop.example.com/kilter").unwrap();
        let link = url.page("verify", Some("a b\r\n<x>"));
        assert_eq!(link.as_str(), "https://shop.example.com/kilter/verify#a%20b%3Cx%3E");
        assert_eq!(format!("{link:?}"), "https://shop.example.com/kilter/verify");
        assert_eq!(url.page("/a//b", None).as_str(), "https://shop.example.com/kilter/a/b");
        assert_eq!(url.page("//evil.example", None).as_str(), "https://shop.example.com/kilter/evil.example");
        for bad in [
            "",
            "shop.example.com",
            "ftp://shop.example.com",
            "https://u:p@shop.example.com",
            "https://a/?q",
            "https://a/#f",
        ] {
            assert!(PublicUrl::parse(bad).is_none(), "{bad}");
        }
    }
}
