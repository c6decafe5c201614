//! Where a command goes: a data folder of this machine, or a running server.

use std::fs;
use std::path::Path;

use infra::config::{Config, Stores};

use super::args;
use super::failure::Failure;
use crate::client::Client;

/// A folder or a server.
pub enum Target {
    /// A data folder that no server uses, or one with the keys of stores that others may use too.
    Folder(Stores),
    /// A running server.
    Server(Client),
}

/// What the options say.
pub fn of(asked: &args::Target) -> Result<Target, Failure> {
    let Some(url) = &asked.server else {
        return Ok(Target::Folder(stores(asked.data.as_deref(), &asked.servers)?));
    };
    let token = match (&asked.token, &asked.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("the token can't be read from {}: {error}", file.display())))?,
        (None, None) => return Err(Failure::Usage("a server needs --token or --token-file".to_owned())),
    };
    Ok(Target::Server(Client::new(url, token.trim())?))
}

/// Where everything is kept, as the command line says, or as is usual.
pub fn stores(data: Option<&Path>, servers: &args::Servers) -> Result<Stores, Failure> {
    let mut stores = Config::default().stores;
    if let Some(data) = data {
        data.clone_into(&mut stores.data);
    }
    servers.set(&mut stores).map_err(Failure::Usage)?;
    Ok(stores)
}
