//! What TLS needs before the client (crate `eventstore` 4.0.0) may begin: over what it can't use, it panics in the background and
//! answers nothing ever after. Each client also reads the certificates of the system, even where it needs none.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventstore::ClientSettings;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::connection::{PATIENCE, connect};
use super::refusal::EventStoreDbRefusal;
use crate::certificates;

/// The first client of a process sets up its TLS.
static SET_UP: OnceCell<()> = OnceCell::const_new();

/// Whether it began to.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Sees to it that clients of these settings can use TLS.
pub(super) async fn prepare(settings: &ClientSettings, server: &str) -> Result<(), EventStoreDbRefusal> {
    let refused = |reason: String| EventStoreDbRefusal::Tls { server: server.to_owned(), reason };
    config(settings).map_err(refused)?;
    SET_UP.get_or_try_init(|| set_up(settings)).await.map_err(refused).copied()
}

/// Another part of the process may have a provider of its own; only as that of the process the client wants to set it itself.
async fn set_up(settings: &ClientSettings) -> Result<(), String> {
    if !BEGUN.load(Ordering::Acquire) && CryptoProvider::get_default().is_some() {
        return Err("another part of this process set it up before the event store was opened".to_owned());
    }
    BEGUN.store(true, Ordering::Release);
    let client = connect(settings).map_err(|error| error.to_string())?;
    // It is set up before it answers, whatever it answers.
    drop(timeout(PATIENCE, client.server_info()).await);
    Ok(())
}

/// As the client has it, or would have it if it did not panic.
pub(super) fn config(settings: &ClientSettings) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match settings.tls_ca_file() {
        Some(file) => add(&mut roots, certificates::in_file(file.as_ref())?).map_err(|error| of_file(file, &error))?,
        None => add_of_the_system(&mut roots)
            .map_err(|error| format!("{error}; name a file of authorities in the address: tlsCAFile=…"))?,
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let Some((certificate, key)) = settings.user_certificate() else { return Ok(config.with_no_client_auth()) };
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| of_file(key, &error))?;
    config
        .with_client_auth_cert(certificates::in_file(certificate.as_ref())?, private)
        .map_err(|error| of_file(certificate, &error))
}

fn add_of_the_system(roots: &mut RootCertStore) -> Result<(), String> {
    let found = rustls_native_certs::load_native_certs();
    if let Some(error) = found.errors.first() {
        return Err(format!("certificates of the system: {error}"));
    }
    add(roots, found.certs).map_err(|error| format!("certificates of the system: {error}"))
}

fn add(roots: &mut RootCertStore, certificates: Vec<CertificateDer<'_>>) -> Result<(), rustls::Error> {
    certificates.into_iter().try_for_each(|certificate| roots.add(certificate))
}

fn of_file(file: &str, flaw: &dyn Display) -> String {
    format!("{file}: {flaw}; a file of certificates or of a key in PEM is needed")
}
