//! S4, S7: GraphQL over HTTP against the program as it is shipped: mutations with token and roles, a list, the least question.

use std::cell::Cell;
use std::process::Command;

use serde_json::{Value, json};
use tests::process::{Server, token};
use tests::stores::has_postgres;
use tokio::runtime::Runtime;

use crate::append::bare_alone;
use crate::command::{JOBS, REPORTS, WRITERS, faster};
use crate::figures::{Line, Pace, Wanted, by_turns, runtime};
use crate::http::{Target, load};
use crate::peers::{PostgresEs, node};

const READERS: usize = 32;
/// Reports of one client alone.
const ALONE: usize = 500;

const CREATE: &str = "mutation($input: CreateJobInput!) { createJob(input: $input) { userErrors { code message } } }";
const REPORT: &str = "mutation($input: ReportWorkInput!) { reportWork(input: $input) { revision position userErrors { code message } } }";
/// About 110 kB of 100 jobs with 5 operations each.
const LIST: &str = "{ jobs(first: 100) { edges { cursor node { id number product customer unit priority due late status \
                    createdAt operations { number name status workCenter { id code name } good scrap runSeconds } } } \
                    pageInfo { hasNextPage endCursor } } }";

pub(crate) fn run() {
    mutations();
    lists();
    hello();
}

/// The program over a new folder with a work center and an operator, and a token for it.
struct Served {
    runtime: Runtime,
    server: Server,
    token: String,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(folder.path());
        let token = token(folder.path(), "bench");
        let served = Self { runtime: runtime(), server, token, _folder: folder };
        let set_up = "mutation { createWorkCenter(input: {code: \"WC1\", name: \"Turning and milling\"}) { appended }
                      registerOperator(input: {code: \"ID1\"}) { appended } }";
        let answer = served.runtime.block_on(served.server.ask(&served.token, set_up, json!({})));
        assert_eq!(answer["errors"], json!(null), "{answer}");
        served
    }

    /// So many connections post so many bodies each, one after the other.
    fn load(&self, numbers: [usize; 2], body: impl Fn(usize, usize) -> String, is_good: fn(&[u8]) -> bool) -> Pace {
        let target = Target::new(&self.server.url, "/graphql", Some(&self.token));
        self.runtime.block_on(load(&target, numbers, body, is_good))
    }
}

fn mutations() {
    let served = Served::start();
    let round = Cell::new(0);
    let at_once = || {
        round.set(round.get() + 1);
        report_work(&served, round.get(), [WRITERS, JOBS, REPORTS])
    };
    let alone = || {
        round.set(round.get() + 1);
        report_work(&served, round.get(), [1, 1, ALONE])
    };
    let bare = || bare_alone(&served.runtime);
    let peer = has_postgres().then(PostgresEs::built).flatten();
    let [at_once, alone, bare, events, aggregates] = by_turns([
        &mut { at_once },
        &mut { alone },
        &mut { bare },
        &mut || peer.as_ref().map_or(Pace::NONE, |peer| peer.run("events", [WRITERS, JOBS, REPORTS])),
        &mut || peer.as_ref().map_or(Pace::NONE, |peer| peer.run("aggregates", [WRITERS, JOBS, REPORTS])),
    ]);
    let peer = peer.map(|_| faster(events, aggregates));
    let line = |what, wanted, measured, unit, beside| Line { id: "S4", what, wanted, measured, unit, beside }.tell();
    let beside = |figure: fn(Pace) -> f64| peer.map(|peer| ("postgres-es", figure(peer)));
    let what = "mutations over HTTP, 64 connections";
    line(what, Wanted::TimesAtLeast(2.5), at_once.per_second, "/s", beside(|peer| peer.per_second));
    line("… p99", Wanted::TimesAtMost(1.0), at_once.p99_ms, " ms", beside(|peer| peer.p99_ms));
    line("… p50", Wanted::Nothing, at_once.p50_ms, " ms", beside(|peer| peer.p50_ms));
    line("… one connection, p50", Wanted::TimesAtMost(2.5), alone.p50_ms, " ms", Some(("bare commit", bare.p50_ms)));
}

/// Each connection reports work on jobs of its own, after they were taken on.
fn report_work(served: &Served, round: usize, [writers, jobs, reports]: [usize; 3]) -> Pace {
    let number = move |writer, job| format!("R{round}-{writer}-{job}");
    served.load([writers, jobs], |writer, job| create(&number(writer, job), 2), done);
    let report = |writer, turn| {
        let (job, minute) = (number(writer, turn / reports), turn % reports);
        let time = |minute| format!("2012-01-02T{:02}:{:02}:00Z", minute / 60, minute % 60);
        let command = format!("{round:08x}-{writer:04x}-4000-8000-{turn:012x}");
        let report = format!("00000000-0000-4000-8000-{turn:012x}");
        let input = json!({
            "jobNumber": job, "operation": 10, "reportId": report, "operatorCode": "ID1", "start": time(minute),
            "end": time(minute + 1), "commandId": command,
        });
        body(REPORT, &input)
    };
    served.load([writers, jobs * reports], report, done)
}

fn lists() {
    let served = Served::start();
    served.load([1, 100], |_, job| create(&format!("L{job}"), 5), done);
    let Some(peer) = node("lists.js") else { return };
    let request = json!({ "query": LIST }).to_string();
    let is_list =
        |answer: &[u8]| answer.len() > 100_000 && answer.starts_with(br#"{"data":{"jobs":{"edges":[{"cursor":"#);
    let of_peer = Target::new(&peer.url, "/graphql", None);
    let [ours, theirs] = by_turns([&mut || served.load([READERS, 60], |_, _| request.clone(), is_list), &mut || {
        served.runtime.block_on(load(&of_peer, [READERS, 60], |_, _| request.clone(), is_list))
    }]);
    let line = |what, wanted, measured, unit, beside| Line { id: "S7", what, wanted, measured, unit, beside }.tell();
    let beside = Some(("mercurius + jit", theirs.per_second));
    line("list of 100 jobs × 5 operations, 32 connections", Wanted::TimesAtLeast(1.5), ours.per_second, "/s", beside);
    line("… p99", Wanted::AtMost(40.0), ours.p99_ms, " ms", Some(("mercurius + jit", theirs.p99_ms)));
}

fn hello() {
    let served = Served::start();
    let mut bench = Command::new(std::env::current_exe().expect("the bench knows where it is"));
    bench.arg("ping");
    let peer = Server::spawn(bench);
    let ping = Target::new(&peer.url, "/ping", None);
    let request = r#"{"query":"{ __typename }"}"#;
    let [ours, theirs] = by_turns([
        &mut || served.load([READERS, 1_000], |_, _| request.to_owned(), |answer| answer.starts_with(b"{\"data\":")),
        &mut || {
            let is_pong = |answer: &[u8]| answer == b"pong";
            served.runtime.block_on(load(&ping, [READERS, 1_000], |_, _| request.to_owned(), is_pong))
        },
    ]);
    let (what, beside) = ("the least question, 32 connections", Some(("axum ping", theirs.per_second)));
    let wanted = Wanted::TimesAtLeast(0.35);
    Line { id: "S7", what, wanted, measured: ours.per_second, unit: "/s", beside }.tell();
}

fn create(number: &str, operations: usize) -> String {
    let operation =
        |number| json!({"number": number * 10, "name": format!("operation {number}"), "workCenterCode": "WC1"});
    let operations: Vec<Value> = (1..=operations).map(operation).collect();
    let input = json!({
        "number": number, "product": "Spindle housing", "customer": "Hargreaves", "due": "2012-03-01T05:00:00Z",
        "operations": operations,
    });
    body(CREATE, &input)
}

fn body(query: &str, input: &Value) -> String {
    json!({ "query": query, "variables": { "input": input } }).to_string()
}

/// Whether a mutation was refused by nobody.
fn done(answer: &[u8]) -> bool {
    answer.windows(15).any(|bytes| bytes == br#""userErrors":[]"#)
}
