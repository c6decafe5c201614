//! Certificates that are made for a test.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// A certificate that nobody but itself vouches for.
pub struct Certificate {
    folder: TempDir,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Certificate {
    /// One for a server of this name.
    ///
    /// # Panics
    /// Where no key or no file can be made.
    pub fn of(server: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([server.to_owned()]).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder for the test");
        std::fs::write(folder.path().join("certificate.pem"), made.cert.pem()).expect("a file");
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).expect("a file");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        Self { folder, certificate: made.cert.der().clone(), key }
    }

    /// Where `certificate.pem` and `key.pem` lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], PrivateKeyDer::Pkcs8(self.key.clone_key()))
            .expect("a key of the certificate");
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}
