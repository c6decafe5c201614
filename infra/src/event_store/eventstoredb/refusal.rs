//! Why an EventStoreDB server can't be used: one line each, with what would help.

/// The oldest server that tells the positions of events in reads of streams, with long support.
pub(super) const OLDEST_SERVER: (usize, usize) = (22, 10);

/// Why an EventStoreDB server can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventStoreDbRefusal {
    /// The address makes no sense.
    #[error(
        "the EventStoreDB address can't be used: {reason}; it looks like esdb://user:password@host:2113, or \
         esdb://user:password@one:2113,two:2113,three:2113"
    )]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// Streams can't be named so.
    #[error(
        "names of streams can't begin with {prefix:?}; they may begin with small letters and digits before one dot"
    )]
    Prefix {
        /// What was asked for.
        prefix: String,
    },
    /// TLS can't be set up on this side.
    #[error("{server}: TLS can't be used: {reason}")]
    Tls {
        /// The server.
        server: String,
        /// Why.
        reason: String,
    },
    /// It can't be reached, or has no leader: trying again later may work.
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
    /// It is older than what the client speaks to.
    #[error("{server}: EventStoreDB is too old; at least {}.{} is needed", OLDEST_SERVER.0, OLDEST_SERVER.1)]
    TooOld {
        /// The server.
        server: String,
    },
}

impl EventStoreDbRefusal {
    /// What an answer of this server means, at the start.
    pub(super) fn of(server: &str, error: &eventstore::Error) -> Self {
        let server = server.to_owned();
        let reason = error.to_string().replace('\n', " ");
        match error {
            eventstore::Error::AccessDenied => {
                let help = "check user and password in the address; the user must be allowed to read $all, as the group $admins is";
                Self::Denied { server, reason: "it does not let this user in".to_owned(), help }
            }
            _ if reason.contains("certificate") => {
                let help = "use a certificate of a known authority, or name its file in the address: tlsCAFile=…";
                Self::Denied { server, reason, help }
            }
            _ => Self::Unreachable { server, reason },
        }
    }

    /// Whether trying again later may work.
    pub const fn may_heal(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
