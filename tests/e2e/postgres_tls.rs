//! TLS to PostgreSQL, as the address says it, and what is told of a server that is not to be believed.

use std::path::PathBuf;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tests::postgres_server::PostgresServer;
use tests::process::{Server, kilter};

use crate::nodes::told;

const ALL_ENCRYPTED: &str =
    "DO $$ BEGIN ASSERT (SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE application_name LIKE 'kilter %'); END $$";

/// Who vouches for servers, with its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &TempDir, name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let file = folder.path().join(format!("{name}.pem"));
        std::fs::write(&file, issuer.pem()).expect("a file");
        Self { issuer, file }
    }

    /// Vouches for a server of this name until the end of this year. Gives its certificate and key.
    fn certify(&self, host: &str, year: i32) -> (String, String) {
        let mut params = CertificateParams::new([host.to_owned()]).expect("parameters");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }
}

struct Scene {
    folder: TempDir,
    server: PostgresServer,
    ours: Authority,
    another: Authority,
}

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, another) = (Authority::new(&folder, "ours"), Authority::new(&folder, "another"));
        Self { server: PostgresServer::start_on_localhost(), ours, another, folder }
    }

    /// Starts a node that asks for TLS in this way.
    fn node(&self, asked: &str) -> Command {
        let url = format!("{}?{asked}", self.server.url_on_localhost());
        let mut command = Command::new(kilter());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(self.folder.path().join("node"));
        command.env("KILTER_EVENTS", &url).env("KILTER_VIEWS", &url).env_remove("KILTER_VAULT");
        command
    }

    fn is_refused(&self, mut node: Command, exit: i32, because: &str, help: &str) {
        let (status, line) = told(&node.output().expect("kilter starts"));
        assert_eq!(status, Some(exit), "{line}");
        assert!(line.contains(because) && line.contains(help), "{line}");
    }
}

#[test]
fn a_server_with_a_certificate_of_an_authority_that_is_named_is_served_from() {
    let scene = Scene::set();
    let (certificate, key) = scene.ours.certify("localhost", 2999);
    scene.server.present(&certificate, &key);
    let named = format!("sslmode=verify-full&sslrootcert={}", scene.ours.file.display());
    let mut by_environment = scene.node("sslmode=require");
    by_environment.env("SSL_CERT_FILE", &scene.ours.file);
    for node in [by_environment, scene.node(&named)] {
        let node = Server::spawn(node);
        scene.server.sql(ALL_ENCRYPTED);
        assert_eq!(node.stop(), Some(0));
    }
}

#[test]
fn a_server_that_is_not_to_be_believed_is_refused_with_what_would_help() {
    let scene = Scene::set();
    let file = |authority: &Authority| authority.file.display().to_string();
    let trusting = || scene.node(&format!("sslmode=verify-full&sslrootcert={}", file(&scene.ours)));
    scene.is_refused(trusting(), 14, "server does not support TLS", "set TLS up there");

    let (certificate, key) = scene.ours.certify("localhost", 2999);
    scene.server.present(&certificate, &key);
    let stranger = scene.node(&format!("sslrootcert={}", file(&scene.another)));
    scene.is_refused(stranger, 14, "UnknownIssuer", "sslrootcert=FILE");
    let mut stranger = scene.node("sslmode=require");
    stranger.env("SSL_CERT_FILE", &scene.another.file);
    scene.is_refused(stranger, 14, "UnknownIssuer", "SSL_CERT_FILE");
    scene.is_refused(scene.node("sslrootcert=/nowhere.pem"), 14, "/nowhere.pem: ", "TLS can't be used");
    scene.is_refused(scene.node("sslmode=allow"), 2, "of sslmode there are", "verify-full");
    scene.is_refused(scene.node("sslcert=own.pem"), 2, "certificates of clients", "password");

    for (host, year, because, help) in [
        ("db.example.com", 2999, "not valid for name \"localhost\"", "give the server one for this name"),
        ("localhost", 2021, "certificate expired", "renew the certificate"),
    ] {
        let (certificate, key) = scene.ours.certify(host, year);
        scene.server.present(&certificate, &key);
        scene.is_refused(trusting(), 14, because, help);
    }
    // One that vouches for itself, as `openssl req -x509` makes it.
    scene.server.present(&scene.ours.issuer.pem(), &scene.ours.issuer.key().serialize_pem());
    scene.is_refused(trusting(), 14, "CaUsedAsEndEntity", "says how it is made");
    assert!(!scene.folder.path().join("node").exists(), "nothing was made");
}
