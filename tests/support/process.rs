//! The real program in processes of its own: served, asked, killed.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value as Json;

/// The program, as it was built beside what runs: suites have it built with them, `bench` takes what `./test bench` built.
///
/// # Panics
/// When it was not built.
pub fn kilter() -> PathBuf {
    let tests = std::env::current_exe().expect("the tests know where they are");
    let names = ["kilter-under-test", "kilter"];
    let mut built = tests.ancestors().flat_map(|folder| names.map(|name| folder.join(name)));
    built.find(|path| path.is_file()).expect("run `cargo build -p api` first (`./test` does)")
}

/// Runs a command to its end.
///
/// # Panics
/// When it can't be started.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(kilter()).args(arguments).output().expect("kilter starts")
}

/// What a command that must work wrote.
///
/// # Panics
/// When it did not work.
pub fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// Exit code and standard error of a command that must not work.
///
/// # Panics
/// When it ended without a code.
pub fn refused(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A token for an admin of this workspace.
pub fn token(data: &Path, tenant: &str) -> String {
    done(&["token", "--data", &data.to_string_lossy(), "--tenant", tenant, "--user", "tester", "--role", "admin"])
}

/// The most memory that a process has had so far, where the system tells.
pub fn peak_memory_mib(process: u32) -> Option<f64> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, kind: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind))?;
    let kib: u32 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(f64::from(kib) / 1024.0)
}

/// A server in a process of its own; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Kept open: a program whose output nobody takes may stop.
    output: Lines<BufReader<ChildStdout>>,
    /// Its address, such as `http://127.0.0.1:12345`.
    pub url: String,
}

impl Server {
    /// Serves this folder on a free port, and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start(data: &Path) -> Self {
        let mut command = Command::new(kilter());
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command)
    }

    /// Starts what this command runs and waits for the line that says that it is ready.
    ///
    /// # Panics
    /// When that line does not come.
    pub fn spawn(mut command: Command) -> Self {
        Self::watch(command.stderr(Stdio::null()))
    }

    /// The same, with its log in this file.
    ///
    /// # Panics
    /// When that line does not come, or the file can't be made.
    pub fn spawn_logging(mut command: Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a log file");
        Self::watch(command.env("KILTER_LOG_FILTER", "trace").env("KILTER_LOG_FORMAT", "json").stderr(log))
    }

    fn watch(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = lines.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned));
        Self { url: ready.expect("the server says that it is ready"), child, output: lines }
    }

    /// The next line of its output that begins so.
    ///
    /// # Panics
    /// When it ends without one.
    pub fn told(&mut self, begins: &str) -> String {
        let line = self.output.find_map(|line| line.ok().filter(|line| line.starts_with(begins)));
        line.expect("a line that begins so")
    }

    /// Asks GraphQL; gives back the whole answer.
    ///
    /// # Panics
    /// When there is no answer in JSON.
    pub async fn ask(&self, token: &str, query: &str, variables: Json) -> Json {
        let body = serde_json::json!({ "query": query, "variables": variables });
        let request = reqwest::Client::new().post(format!("{}/graphql", self.url)).bearer_auth(token).json(&body);
        let answer = request.send().await.expect("an answer").bytes().await.expect("its body");
        serde_json::from_slice(&answer).expect("JSON")
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has had so far, where the system tells.
    pub fn peak_memory_mib(&self) -> Option<f64> {
        peak_memory_mib(self.child.id())
    }

    /// The memory that it has now, where the system tells.
    pub fn memory_mib(&self) -> Option<f64> {
        memory(self.child.id(), "VmRSS:")
    }

    /// Kills it without a word, as a power cut would.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn kill(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop and gives back its exit code.
    ///
    /// # Panics
    /// When it can't be asked.
    pub fn stop(mut self) -> Option<i32> {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(told.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already: that is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
