//! TLS to a server: what its address says of it, whom it is believed, and what may be wrong with its certificate.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::certificates;

/// The address as the driver knows it, and the file of authorities that `sslrootcert` names. What libpq calls `verify-full` is
/// what `require` is here: certificates are always verified, with the host.
pub(super) fn split(url: &str) -> Result<(String, Option<PathBuf>), String> {
    // Before it, a question mark is one of the password.
    let begin = url.rfind('@').unwrap_or_default();
    let Some(question) = url[begin..].find('?') else { return Ok((url.to_owned(), None)) };
    let (address, parameters) = url.split_at(begin + question);
    let (mut kept, mut trusted, mut is_said) = (Vec::new(), None, false);
    for parameter in parameters[1..].split('&') {
        match parameter.split_once('=') {
            Some(("sslrootcert", "system")) => {}
            Some(("sslrootcert", file)) => {
                let file = percent_decode_str(file).decode_utf8().map_err(|error| format!("sslrootcert: {error}"))?;
                trusted = Some(PathBuf::from(file.as_ref()));
            }
            Some(("sslmode", said)) => {
                is_said = true;
                kept.push(match said {
                    "verify-full" | "verify-ca" => "sslmode=require",
                    "disable" | "prefer" | "require" => parameter,
                    _ => return Err("of sslmode there are require, verify-full and disable".to_owned()),
                });
            }
            Some(("sslcert" | "sslkey" | "sslpassword", _)) => {
                return Err(
                    "certificates of clients (sslcert, sslkey) can't be used: give the user a password".to_owned()
                );
            }
            _ => kept.push(parameter),
        }
    }
    if trusted.is_some() && !is_said {
        kept.push("sslmode=require");
    }
    Ok((format!("{address}?{}", kept.join("&")), trusted))
}

/// What the URL says of TLS; where it leaves that open, TLS beyond this machine.
pub(super) fn mode(config: &Config) -> SslMode {
    match config.get_ssl_mode() {
        SslMode::Prefer if is_near(config) => SslMode::Disable,
        SslMode::Prefer => SslMode::Require,
        said => said,
    }
}

/// Whether all its hosts are this machine.
fn is_near(config: &Config) -> bool {
    let near = |host: &Host| match host {
        Host::Tcp(host) => host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    };
    config.get_hosts().iter().all(near) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// Believes those whom the file names, or else the system.
pub(super) fn connector(mode: SslMode, trusted: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots(mode, trusted)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots(mode: SslMode, trusted: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if mode == SslMode::Disable {
        return Ok(roots);
    }
    if let Some(file) = trusted {
        let added = certificates::in_file(file)?.into_iter().try_for_each(|certificate| roots.add(certificate));
        added.map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    // Some systems have a few that nobody can read; the others do.
    roots.add_parsable_certificates(found.certs);
    match found.errors.first() {
        Some(error) if roots.is_empty() => Err(format!("no authority is known: {error}")),
        None if roots.is_empty() => {
            Err("no authority is known: install ca-certificates, or name a file with sslrootcert=FILE in the address"
                .to_owned())
        }
        _ => Ok(roots),
    }
}

/// What would help where it is the server's certificate that is refused.
pub(super) fn help_with_certificate(error: &tokio_postgres::Error) -> Option<&'static str> {
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    Some(match flaw(error)? {
        UnknownIssuer | BadSignature => {
            "name the file of the authority that signed it: sslrootcert=FILE in the address, or SSL_CERT_FILE"
        }
        NotValidForName | NotValidForNameContext { .. } => {
            "write the host into the address as the certificate has it, or give the server one for this name"
        }
        Expired | ExpiredContext { .. } => "renew the certificate on the server",
        NotValidYet | NotValidYetContext { .. } => "see that the clocks of both machines are right",
        _ => "give the server another one: docs/operations/postgresql.md says how it is made",
    })
}

fn flaw(error: &tokio_postgres::Error) -> Option<&CertificateError> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let told = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(rustls::Error::InvalidCertificate(flaw)) = told.and_then(|told| told.downcast_ref()) {
            return Some(flaw);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(url: &str) -> SslMode {
        mode(&split(url).unwrap().0.parse().unwrap())
    }

    #[test]
    fn beyond_this_machine_only_sslmode_disable_itself_leaves_tls_out() {
        for near in ["postgres://k@localhost/k", "postgres://k@127.0.0.1,[::1]/k", "postgres://k@%2Frun%2Fpg/k"] {
            assert_eq!(mode_of(near), SslMode::Disable, "{near}");
        }
        for far in [
            "postgres://k@db.example.com/k",
            "postgres://k@db.example.com/k?sslmode=prefer",
            "postgres://k:sslmode=disable@db.example.com/k",
            "postgres://k@localhost/k?hostaddr=203.0.113.5",
            "postgres://k@localhost,db.example.com/k",
        ] {
            assert_eq!(mode_of(far), SslMode::Require, "{far}");
        }
        assert_eq!(mode_of("postgres://k@db.example.com/k?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode_of("postgres://k@localhost/k?sslmode=require"), SslMode::Require);
    }

    #[test]
    fn addresses_may_say_of_tls_what_libpq_says() {
        let trusted = |url: &str| split(url).unwrap().1;
        for strict in ["sslmode=verify-full", "sslmode=verify-ca&sslrootcert=system", "sslrootcert=/ca.pem"] {
            assert_eq!(mode_of(&format!("postgres://k@localhost/k?{strict}")), SslMode::Require, "{strict}");
        }
        let file = "postgres://k@h/k?application_name=x&sslrootcert=%2Fa%20b.pem&sslmode=verify-full";
        assert_eq!(trusted(file), Some(PathBuf::from("/a b.pem")));
        assert_eq!(trusted("postgres://k@h/k?sslrootcert=system"), None);
        assert_eq!(split("postgres://k:a?sslmode=x@h/k").unwrap(), ("postgres://k:a?sslmode=x@h/k".to_owned(), None));
        assert!(split("postgres://k@h/k?sslmode=allow").unwrap_err().contains("verify-full"));
        assert!(split("postgres://k@h/k?sslcert=c.pem&sslkey=k.pem").unwrap_err().contains("password"));
    }
}
