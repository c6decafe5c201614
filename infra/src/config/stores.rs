//! Where events, read models and the vault are: in the data folder, or on servers.

use std::fmt;
use std::path::PathBuf;

/// Where one of the stores is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the data folder.
    Embedded,
    /// On a server.
    Server(Address),
}

/// The URL of a server. It may hold a password: neither `Debug` nor any message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The URL, with all that is in it.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Whether the server is a PostgreSQL one.
    pub fn is_postgres(&self) -> bool {
        POSTGRES.iter().any(|scheme| self.0.starts_with(scheme))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://…", self.0.split("://").next().unwrap_or_default())
    }
}

const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
const EVENTSTOREDB: [&str; 2] = ["esdb://", "esdb+discover://"];

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The data folder: of all, or of the keys only.
    pub data: PathBuf,
    /// The events.
    pub events: Place,
    /// The read models.
    pub views: Place,
    /// The vault; `None` means where the read models are.
    pub vault: Option<Place>,
}

/// All that fits together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement<'s> {
    /// All in the data folder.
    Embedded,
    /// All on servers, but the keys.
    Servers {
        /// Of the events.
        events: &'s Address,
        /// Of the read models.
        views: &'s Address,
        /// Of the vault.
        vault: &'s Address,
    },
}

/// Some stores are embedded and others are on servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "events, views and vault are either all embedded or all on servers: say both --events URL and --views URL, or neither"
)]
pub struct Mixed;

impl Stores {
    /// How they fit together.
    pub fn arrangement(&self) -> Result<Arrangement<'_>, Mixed> {
        match (&self.events, &self.views, self.vault.as_ref().unwrap_or(&self.views)) {
            (Place::Embedded, Place::Embedded, Place::Embedded) => Ok(Arrangement::Embedded),
            (Place::Server(events), Place::Server(views), Place::Server(vault)) => {
                Ok(Arrangement::Servers { events, views, vault })
            }
            _ => Err(Mixed),
        }
    }

    /// Says where the events are, as a setting says it.
    pub fn set_events(&mut self, text: &str) -> Result<(), String> {
        self.events = place(text, POSTGRES.iter().chain(&EVENTSTOREDB))?;
        Ok(())
    }

    /// Says where the read models are, as a setting says it.
    pub fn set_views(&mut self, text: &str) -> Result<(), String> {
        self.views = place(text, POSTGRES.iter())?;
        Ok(())
    }

    /// Says where the vault is, as a setting says it.
    pub fn set_vault(&mut self, text: &str) -> Result<(), String> {
        self.vault = if text.is_empty() { None } else { Some(place(text, POSTGRES.iter())?) };
        Ok(())
    }
}

/// What is wrong is told without the text: it may hold a password.
fn place<'s>(text: &str, schemes: impl Iterator<Item = &'s &'static str> + Clone) -> Result<Place, String> {
    if text == "embedded" {
        return Ok(Place::Embedded);
    }
    if schemes.clone().any(|scheme| text.starts_with(*scheme)) {
        return Ok(Place::Server(Address(text.to_owned())));
    }
    let listed: Vec<String> = schemes.map(|scheme| format!("{scheme}…")).collect();
    Err(format!("embedded or an address is needed: {}", listed.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "postgres://ann:secret@db/k";

    fn stores(events: &str, views: &str, vault: &str) -> Result<Stores, String> {
        let mut stores =
            Stores { data: PathBuf::from("data"), events: Place::Embedded, views: Place::Embedded, vault: None };
        stores.set_events(events)?;
        stores.set_views(views)?;
        stores.set_vault(vault)?;
        Ok(stores)
    }

    #[test]
    fn all_is_embedded_or_all_but_the_keys_is_on_servers() {
        for (events, vault) in [(SECRET, ""), ("esdb://db:2113", ""), (SECRET, "postgresql://k@other/k")] {
            let stores = stores(events, SECRET, vault).unwrap();
            assert!(matches!(stores.arrangement(), Ok(Arrangement::Servers { .. })), "{events} {vault}");
        }
        for vault in ["", "embedded"] {
            assert_eq!(stores("embedded", "embedded", vault).unwrap().arrangement(), Ok(Arrangement::Embedded));
        }
        for (events, views, vault) in [
            (SECRET, "embedded", ""),
            ("embedded", SECRET, ""),
            (SECRET, SECRET, "embedded"),
            ("embedded", "embedded", SECRET),
        ] {
            assert_eq!(stores(events, views, vault).unwrap().arrangement(), Err(Mixed));
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let stores = stores(SECRET, SECRET, SECRET).unwrap();
        assert!(!format!("{stores:?}").contains("secret"));
        for wrong in ["mysql://ann:secret@db/k", "ann:secret@db"] {
            let told = super::tests::stores(wrong, SECRET, "").unwrap_err();
            assert!(told.contains("postgres://") && !told.contains("secret"), "{told}");
        }
        assert!(stores_of_views("esdb://ann:secret@db").unwrap_err().contains("postgres://"), "views are rows");
    }

    fn stores_of_views(views: &str) -> Result<Stores, String> {
        stores("embedded", views, "")
    }
}
