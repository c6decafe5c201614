//! Where a command goes: a data folder of this machine, or a running server.

use std::fs;
use std::path::PathBuf;

use super::args;
use super::failure::Failure;
use crate::client::Client;

/// The folder of a command that names neither.
const DEFAULT_FOLDER: &str = "data";

/// A folder or a server.
pub enum Target {
    /// A data folder that no server uses.
    Folder(PathBuf),
    /// A running server.
    Server(Client),
}

/// What the options say.
pub fn of(asked: &args::Target) -> Result<Target, Failure> {
    let Some(url) = &asked.server else {
        return Ok(Target::Folder(asked.data.clone().unwrap_or_else(|| DEFAULT_FOLDER.into())));
    };
    let token = match (&asked.token, &asked.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("the token can't be read from {}: {error}", file.display())))?,
        (None, None) => return Err(Failure::Usage("a server needs --token or --token-file".to_owned())),
    };
    Ok(Target::Server(Client::new(url, token.trim())?))
}
