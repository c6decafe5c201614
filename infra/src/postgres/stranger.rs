//! Whether what answers at an address is a PostgreSQL server at all: others may stay silent when they are spoken to in its way.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::PostgresRefusal;

/// Asks for TLS. PostgreSQL answers with one letter, or with an error.
const ASK_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// To those who wait for the end of a line.
const END_OF_LINE: &[u8] = b"\r\n\r\n";

const WAIT: Duration = Duration::from_millis(500);

/// The refusal of a server that is of another kind; none where it is not known to be.
pub(super) async fn refusal(server: &str, config: &Config) -> Option<PostgresRefusal> {
    let Some(Host::Tcp(host)) = config.get_hosts().first() else { return None };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let said = timeout(WAIT * 3, first_words(host, port)).await.ok()??;
    let reason = match said.as_slice() {
        [] | [b'S' | b'N' | b'E'] | [b'E', 0, ..] => return None,
        [b'H', b'T', b'T', b'P', ..] => "an HTTP server answers there",
        _ => "what answers there is no PostgreSQL server",
    };
    let help = "check host and port in the address";
    Some(PostgresRefusal::Denied { server: server.to_owned(), reason: reason.to_owned(), help })
}

async fn first_words(host: &str, port: u16) -> Option<Vec<u8>> {
    let mut stream = timeout(WAIT, TcpStream::connect((host, port))).await.ok()?.ok()?;
    stream.write_all(&ASK_FOR_TLS).await.ok()?;
    let mut words = [0; 8];
    let read = if let Ok(read) = timeout(WAIT, stream.read(&mut words)).await {
        read
    } else {
        stream.write_all(END_OF_LINE).await.ok()?;
        timeout(WAIT, stream.read(&mut words)).await.ok()?
    };
    Some(words[..read.ok()?].to_vec())
}
