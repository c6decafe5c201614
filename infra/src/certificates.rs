//! Certificates in files of their own, as the addresses of servers name them.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// All of a file, of which there is at least one.
pub(crate) fn in_file(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let of_file = |flaw: &dyn std::fmt::Display| format!("{}: {flaw}", file.display());
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => Err(of_file(&"no certificate is in it")),
        read => read.map_err(|error| of_file(&error)),
    }
}
