//! Why an EventStoreDB server can't be used: one line each, with what would help.

use eventstore::{Error, GrpcConnectionError};

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
    #[error("{server}: {reason}; see that it runs, has a leader, and is where the address says")]
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
    /// Whether trying again later may work.
    pub const fn may_heal(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// It does not let this user in.
    pub(super) fn denied(server: &str) -> Self {
        let help =
            "check user and password in the address; the user must be allowed to read $all, as the group $admins is";
        Self::Denied { server: server.to_owned(), reason: "it does not let this user in".to_owned(), help }
    }

    pub(super) fn unreachable(server: &str, reason: &str) -> Self {
        Self::Unreachable { server: server.to_owned(), reason: reason.to_owned() }
    }
}

/// What the client says of an error, in one line and without what it adds for those who mend it.
pub(super) fn words(error: &Error) -> String {
    let said = match error {
        Error::GrpcConnectionError(GrpcConnectionError::MaxDiscoveryAttemptReached(_)) => {
            "no node answers and leads".to_owned()
        }
        Error::NotLeaderException(leader) => format!("another node leads, {}:{}", leader.host, leader.port),
        Error::ConnectionClosed => "no connection to a node that leads".to_owned(),
        error => error.to_string(),
    };
    let message = said.split_once("message: \"").and_then(|(_, rest)| rest.split_once("\", details:"));
    message.map_or(said.as_str(), |(message, _)| message).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_the_client_says_the_message_is_left() {
        let status =
            "status: Unknown, message: \"No leader\ninfo\", details: [], metadata: MetadataMap { headers: {} }";
        assert_eq!(words(&Error::ServerError(status.to_owned())), "No leader info");
        assert_eq!(words(&Error::DeadlineExceeded), "Deadline exceeded");
        let leader = eventstore::Endpoint { host: "two".to_owned(), port: 2113 };
        assert_eq!(words(&Error::NotLeaderException(leader)), "another node leads, two:2113");
    }
}
