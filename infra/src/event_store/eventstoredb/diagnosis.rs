//! Why no connection to a server comes about: the client says `client error (Connect)`, whatever it is.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{ClientSettings, Endpoint};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::refusal::EventStoreDbRefusal;
use super::tls;

/// How long one node may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

const NO_TLS: &str = "if it runs without TLS, say tls=false in the address";
const OWN_AUTHORITY: &str = "use a certificate of a known authority, or name its file in the address: tlsCAFile=…";
const HANGS_UP: &str = "it hangs up; if it runs with TLS, leave tls=false out of the address";

/// Connects to each node as the client does. `said` is what the client said of it.
pub(super) async fn refusal(settings: &ClientSettings, server: &str, said: String) -> EventStoreDbRefusal {
    let server = server.to_owned();
    let mut reasons = Vec::new();
    for node in settings.hosts() {
        let problem = match timeout(PATIENCE, connect(settings, node)).await {
            Ok(Ok(())) if settings.is_secure_mode_enabled() => continue,
            Ok(Ok(())) => HANGS_UP.to_owned(),
            Ok(Err(error)) => match flaw(&error) {
                Some(reason) => return EventStoreDbRefusal::Tls { server, reason },
                None => error.to_string(),
            },
            Err(_) => "no answer".to_owned(),
        };
        reasons.push(if settings.hosts().len() == 1 { problem } else { format!("{}: {problem}", node.host) });
    }
    let reason = if reasons.is_empty() { said } else { reasons.join(", ") };
    EventStoreDbRefusal::Unreachable { server, reason }
}

async fn connect(settings: &ClientSettings, node: &Endpoint) -> io::Result<()> {
    let port = u16::try_from(node.port).map_err(io::Error::other)?;
    let socket = TcpStream::connect((node.host.as_str(), port)).await?;
    if settings.is_secure_mode_enabled() && settings.is_tls_certificate_verification_enabled() {
        let config = tls::config(settings).map_err(io::Error::other)?;
        let name = ServerName::try_from(node.host.clone()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
    }
    Ok(())
}

/// What is wrong with TLS between the two, which no patience heals.
fn flaw(error: &io::Error) -> Option<String> {
    let flaw = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let help = if matches!(flaw, rustls::Error::InvalidCertificate(_)) { OWN_AUTHORITY } else { NO_TLS };
    Some(format!("{flaw}; {help}"))
}
