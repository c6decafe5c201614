//! Providers that people may sign in with, each in a file of its own: it holds a secret, and the environment is for everybody to see.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use domain::identity::account::Issuer;
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

/// A provider, as its file says. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// What stands in addresses: the name of the file.
    pub id: String,
    /// What stands on the button.
    pub name: String,
    /// Who vouches for people.
    pub issuer: Issuer,
    /// What Kilter is called there.
    pub client_id: String,
    /// How Kilter proves there that it is Kilter; none where the provider gave none.
    pub client_secret: Option<Zeroizing<String>>,
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.issuer.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    issuer: String,
    client_id: String,
    client_secret: Option<Zeroizing<String>>,
}

/// The providers of these files; they are told apart by the files' names.
pub(super) fn providers(text: &str) -> Result<Vec<ProviderSettings>, String> {
    let mut found: Vec<ProviderSettings> = Vec::new();
    for path in text.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        let provider = read(Path::new(path)).map_err(|reason| format!("{path}: {reason}"))?;
        if found.iter().any(|other| other.id == provider.id) {
            return Err(format!("{path}: another file is called {}, too: give it another name", provider.id));
        }
        if found.iter().any(|other| other.issuer == provider.issuer) {
            return Err(format!("{path}: another file has the same issuer: leave one of them out"));
        }
        found.push(provider);
    }
    Ok(found)
}

fn read(path: &Path) -> Result<ProviderSettings, String> {
    let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > 32 || !id.chars().all(is_plain) {
        return Err("the file must be called by up to 32 of a–z, 0–9 and -, such as google.toml".to_owned());
    }
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| format!("can't be read: {error}"))?;
    // What the parser says would show the line, which may be that of the secret.
    let File { name, issuer, client_id, client_secret } = toml::from_str(&text).map_err(|_| {
        "name, issuer, client_id and client_secret are needed, each a text, and nothing else".to_owned()
    })?;
    for (key, value) in [("name", &name), ("client_id", &client_id)] {
        if value.trim().is_empty() || value.len() > 200 || value.chars().any(char::is_control) {
            return Err(format!("{key}: a text of 1 to 200 bytes is needed"));
        }
    }
    let issuer = checked_issuer(&issuer).map_err(|reason| format!("issuer: {reason}"))?;
    Ok(ProviderSettings { id: id.to_owned(), name, issuer, client_id, client_secret })
}

fn checked_issuer(text: &str) -> Result<Issuer, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_bare = url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without user, ? and # is needed".to_owned());
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err("it must begin with https://; only on this machine http:// will do".to_owned());
    }
    Issuer::try_new(text).map_err(|bad| bad.to_string())
}

/// Whether it leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOGLE: &str = "name = \"Google\"\nissuer = \"https://accounts.google.com\"\nclient_id = \"kilter\"\nclient_secret = \"hush hush\"\n";

    fn told(name: &str, text: &str) -> Result<Vec<ProviderSettings>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        providers(path.to_str().unwrap())
    }

    #[test]
    fn a_provider_is_read_from_its_file_and_its_secret_is_not_shown() {
        let found = told("google.toml", GOOGLE).unwrap();
        assert_eq!((found[0].id.as_str(), found[0].name.as_str()), ("google", "Google"));
        assert_eq!(found[0].client_secret.as_ref().map(|secret| secret.as_str()), Some("hush hush"));
        assert!(!format!("{found:?}").contains("hush"));
        assert_eq!(providers(" "), Ok(vec![]));
        let public = GOOGLE.replace("client_secret = \"hush hush\"\n", "");
        assert_eq!(told("google.toml", &public).unwrap()[0].client_secret, None);
    }

    #[test]
    fn a_file_that_does_not_fit_is_told_without_its_secret() {
        for (name, text) in [
            ("Google.toml", GOOGLE.to_owned()),
            ("my google.toml", GOOGLE.to_owned()),
            ("google.toml", GOOGLE.replace("https://", "http://")),
            ("google.toml", GOOGLE.replace("https://accounts.google.com", "http://127.0.0.1:1@evil.example")),
            ("google.toml", GOOGLE.replace("google.com", "google.com?x=y")),
            ("google.toml", GOOGLE.replace("\"Google\"", "\"\"")),
            ("google.toml", GOOGLE.replace("\"hush hush\"", "\"hush hush")),
            ("google.toml", format!("{GOOGLE}scope = \"hush hush\"")),
            ("google.toml", String::new()),
        ] {
            let told = told(name, &text).unwrap_err();
            assert!(!told.contains("hush") && !told.contains('\n'), "{told}");
        }
        assert!(providers("/nowhere/google.toml").unwrap_err().contains("can't be read"));
    }

    #[test]
    fn two_providers_differ_in_name_and_issuer() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.toml", "b.toml"] {
            std::fs::write(folder.path().join(name), GOOGLE).unwrap();
        }
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        assert!(providers(&format!("{},{}", path("a.toml"), path("a.toml"))).unwrap_err().contains("is called a"));
        assert!(providers(&format!("{},{}", path("a.toml"), path("b.toml"))).unwrap_err().contains("same issuer"));
    }
}
