//! A PostgreSQL server that belongs to one test, which may stop, crash and freeze it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Of servers that are asked by socket only: any number does.
const PORT: u16 = 5432;

/// A running server; it ends with the test.
pub struct PostgresServer {
    folder: TempDir,
    port: u16,
    /// Where it listens, beside its socket.
    addresses: &'static str,
}

/// How a server is told to stop.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// Sessions are ended, everything is written.
    Fast,
    /// At once, as in a crash.
    Immediate,
}

impl PostgresServer {
    /// Makes one and starts it. Its binaries are where `./test` puts them: on the path.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Self {
        Self::start_at("", PORT)
    }

    /// The same for one that listens on `localhost` too.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_on_localhost() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        Self::start_at("127.0.0.1", free.expect("a port").port())
    }

    fn start_at(addresses: &'static str, port: u16) -> Self {
        let server = Self { folder: tempfile::tempdir().expect("a folder"), port, addresses };
        if is_root() {
            done(Command::new("chown").arg("nobody").arg(server.folder.path()));
        }
        done(server.command("initdb").args([
            "--username",
            "admin",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-sync",
        ]));
        server.resume();
        let statements = ["--command", "CREATE USER kilter", "--command", "CREATE DATABASE kilter OWNER kilter"];
        done(server.psql("admin", "postgres").args(statements));
        server
    }

    /// Its address, for an ordinary user who owns the database.
    pub fn url(&self) -> String {
        format!("postgres://kilter@{}:{}/kilter", self.socket().replace('/', "%2F"), self.port)
    }

    /// The same over the network of this machine.
    pub fn url_on_localhost(&self) -> String {
        format!("postgres://kilter@localhost:{}/kilter", self.port)
    }

    /// From now on it can do TLS, with this certificate and its key, in PEM.
    ///
    /// # Panics
    /// When it does not start again with them.
    pub fn present(&self, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.data().join(name);
            std::fs::write(&file, text).expect("a file");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
            if is_root() {
                done(Command::new("chown").arg("nobody").arg(&file));
            }
        }
        self.stop(Stop::Fast);
        self.resume();
    }

    /// Does this, as the user who owns the database.
    ///
    /// # Panics
    /// When it can't be done.
    pub fn sql(&self, statement: &str) {
        done(self.psql("kilter", "kilter").args(["--command", statement]));
    }

    fn psql(&self, user: &str, database: &str) -> Command {
        let (socket, port) = (self.socket(), self.port.to_string());
        let mut command = Command::new("psql");
        command.args(["--quiet", "--host", &socket, "--port", &port, "--username", user, "--dbname", database]);
        command
    }

    /// Stops it; gives up on nobody's behalf.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        done(self.command("pg_ctl").args(["--silent", "--wait", "--mode", mode, "stop"]));
    }

    /// Starts it again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&self) {
        let (socket, port, addresses) = (self.socket(), self.port, self.addresses);
        let ssl = self.data().join("server.crt").exists();
        // The test ends processes, not the machine: what the system has, it writes.
        let options = format!(
            "-c listen_addresses={addresses} -c port={port} -c unix_socket_directories={socket} -c fsync=off -c ssl={ssl}"
        );
        done(self.command("pg_ctl").args(["--silent", "--wait", "--log", "/dev/null", "--options", &options, "start"]));
    }

    /// Lets none of its processes run until [`Self::thaw`].
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets them run again.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid_file = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(pid_file).expect("the server runs");
        let postmaster = text.lines().next().expect("its number").to_owned();
        let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &postmaster]).output().expect("ps runs");
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        // The first one first: who is stopped makes no more children.
        let all = std::iter::once(postmaster.as_str()).chain(listed.split_whitespace());
        // One that has just ended can't be told any more.
        let _ = Command::new("kill").arg(signal).args(all).stderr(Stdio::null()).status();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn socket(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    /// A program of PostgreSQL's, which refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
            command
        } else {
            Command::new(program)
        };
        command.arg("--pgdata").arg(self.data()).current_dir(self.folder.path());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.thaw();
        // It may have been stopped by the test.
        let _ = self.command("pg_ctl").args(["--silent", "--mode", "immediate", "stop"]).stderr(Stdio::null()).status();
    }
}

fn done(command: &mut Command) {
    let output =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
    let output = output.expect("the program is there: ./test puts it on the path");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}
