//! Why a PostgreSQL server can't be used: one line each, with what would help.

use tokio_postgres::error::SqlState;

use super::tls::help_with_certificate;
use super::{OLDEST_SERVER, whole};

/// Why a PostgreSQL server can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostgresRefusal {
    /// The address makes no sense.
    #[error(
        "the PostgreSQL address can't be used: {reason}; it looks like postgres://user:password@host:5432/database"
    )]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// TLS can't be set up on this side.
    #[error("{server}: TLS can't be used: {reason}")]
    Tls {
        /// The server.
        server: String,
        /// Why.
        reason: String,
    },
    /// It can't be reached, or is starting, stopping or recovering: trying again later may work.
    #[error("{server}: {reason}")]
    Unreachable {
        /// The server.
        server: String,
        /// Why.
        reason: String,
    },
    /// It does not let us in, or not do what we have to.
    #[error("{server}: {reason}; {help}")]
    Denied {
        /// The server.
        server: String,
        /// What it said.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// It is older than what Kilter is tested with.
    #[error("{server}: PostgreSQL {found} is too old; at least {OLDEST_SERVER} is needed")]
    TooOld {
        /// The server.
        server: String,
        /// Its major version.
        found: u32,
    },
    /// A newer Kilter made the tables.
    #[error("{server}: schema {schema} is of a newer Kilter (format {found}; this one knows {known})")]
    Newer {
        /// The server.
        server: String,
        /// Whose tables.
        schema: String,
        /// Their format.
        found: i32,
        /// The newest known one.
        known: i32,
    },
    /// What is there was sealed and signed with other keys than those at hand.
    #[error(
        "the vault at {server} belongs to other keys: copy root.key and token.key from the folder of the node that made it"
    )]
    OtherKeys {
        /// The server.
        server: String,
    },
    /// Another store is being carried over to it, or was until that was cut short.
    #[error(
        "{server}: what is carried over to it is not all there: run the same kilter migrate or kilter restore again, or drop the log and the schema kilter_vault"
    )]
    Unfinished {
        /// The server.
        server: String,
    },
    /// An older Kilter made the tables, and they may only be looked at.
    #[error(
        "{server}: schema {schema} is of an older Kilter (format {found}; this one knows {known}): start a node of this one once"
    )]
    Older {
        /// The server.
        server: String,
        /// Whose tables.
        schema: String,
        /// Their format.
        found: i32,
        /// The newest known one.
        known: i32,
    },
    /// There are no tables.
    #[error("{server}: there is no schema {schema} of Kilter; check the address")]
    Missing {
        /// The server.
        server: String,
        /// The schema.
        schema: String,
    },
    /// What is there is not what Kilter made.
    #[error("{server}: schema {schema} is damaged: {reason}")]
    Damaged {
        /// The server.
        server: String,
        /// Whose tables.
        schema: String,
        /// What is wrong.
        reason: String,
    },
}

impl PostgresRefusal {
    pub(super) fn url(reason: &dyn std::error::Error) -> Self {
        Self::Url { reason: whole(reason) }
    }

    pub(crate) fn unreachable(server: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::Unreachable { server: server.to_owned(), reason: reason.to_string() }
    }

    /// What an error of this server means.
    pub(crate) fn of(server: &str, error: &tokio_postgres::Error) -> Self {
        let denied = |help| Self::Denied { server: server.to_owned(), reason: whole(error), help };
        match error.code() {
            Some(code)
                if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
            {
                denied("check user and password in the address, and pg_hba.conf on the server")
            }
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => denied("make it: createdb --owner USER DATABASE"),
            Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
                denied("the user must own the database: ALTER DATABASE … OWNER TO …")
            }
            Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
                Self::unreachable(server, &"it takes no changes: it became a replica, or was set to read-only")
            }
            None if whole(error).contains("password missing") => {
                denied("write it into the address, or into KILTER_EVENTS and KILTER_VIEWS")
            }
            None if whole(error).contains("does not support TLS") => {
                denied("set TLS up there, or say ?sslmode=disable in the address")
            }
            _ => match help_with_certificate(error) {
                Some(help) => denied(help),
                None => Self::unreachable(server, &whole(error)),
            },
        }
    }
}
