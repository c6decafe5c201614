//! From asking for a plan to its first message, from taking it over to whoever listens, from a report of the floor to the plan that has
//! moved: 500 jobs of 8 operations in 24 machines, two shifts, 12 people with skills, setups.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::process::{Server, token};

use crate::figures::{Line, Pace, Wanted, runtime};

const JOBS: usize = 500;
const OPERATIONS: usize = 8;
const MACHINES_EACH: usize = 3;
const PEOPLE: usize = 12;
/// Jobs in one document.
const AT_ONCE: usize = 4;
/// Reports of the floor that are measured.
const REPORTS: usize = 30;

const START: &str = "mutation { it: startPlanning(input: { seconds: 10 }) { run { id } userErrors { message } } }";
const FOLLOW: &str =
    "subscription($run: ID!) { it: planProgress(run: $run) { state objective { unplaced score gapPercent } } }";
const ACCEPT: &str =
    "mutation($run: ID!) { it: acceptPlanning(input: { runId: $run }) { appended userErrors { code message } } }";
const LISTEN: &str =
    "subscription($types: [String!]) { it: activityAppended(filter: { eventTypes: $types }) { kind eventType } }";
const BEGIN: &str = "mutation($job: String!, $machine: String!, $operator: String!) { it: startOperation(input: {
    jobNumber: $job, operation: 10, machineCode: $machine, operatorCode: $operator }) { userErrors { message } } }";

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let shop = Shop { token: token(folder.path(), "bench"), server };
    let (first, published, followed) = runtime().block_on(async {
        shop.set_up().await;
        let (run, first) = shop.first_plan().await;
        let published = shop.take_over(&run).await;
        (first, published, shop.reports().await)
    });
    let line = |what, wanted, measured, unit| Line { id: "P-2", what, wanted, measured, unit, beside: None }.tell();
    line("first plan of 4,000 operations on the wire", Wanted::AtMost(1.0), first.as_secs_f64(), " s");
    line("… taken over, until listeners are told", Wanted::AtMost(1.0), published.as_secs_f64(), " s");
    let line = |what, wanted, measured| Line { id: "P-9", what, wanted, measured, unit: " ms", beside: None }.tell();
    line("report of the floor until the moved plan is told, p99", Wanted::AtMost(3_000.0), followed.p99_ms);
    line("… p50", Wanted::Nothing, followed.p50_ms);
    println!("peak memory of the server: {:.0} MiB", shop.server.peak_memory_mib().unwrap_or_default());
    shop.server.stop();
}

struct Shop {
    server: Server,
    token: String,
}

impl Shop {
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.server.ask(&self.token, query, variables).await;
        assert_eq!(answer["errors"], json!(null), "{answer}");
        for payload in answer["data"].as_object().into_iter().flat_map(|data| data.values()) {
            assert_eq!(payload["userErrors"], json!([]), "{payload}");
        }
        answer["data"].clone()
    }

    async fn set_up(&self) {
        let week = "days: [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY]";
        let mut document = format!(
            r#"mutation {{ o: openCompany(input: {{ name: "Bench", zone: "Europe/Tallinn" }}) {{ userErrors {{ message }} }}
            c: createCalendar(input: {{ code: "TWO", name: "Two shifts", shifts: [
                {{ {week}, from: "06:00", to: "14:00" }}, {{ {week}, from: "14:00", to: "22:00" }}] }}) {{ userErrors {{ message }} }}
            d: setCompanyCalendar(input: {{ calendarCode: "TWO" }}) {{ userErrors {{ message }} }}"#
        );
        for center in 0..OPERATIONS {
            document.push_str(&format!(
                r#" w{center}: createWorkCenter(input: {{ code: "W{center}", name: "W" }}) {{ userErrors {{ message }} }}"#
            ));
        }
        self.ask(&format!("{document} }}"), json!({})).await;
        let machine = |number: usize| {
            let (code, center) = (machine(number % OPERATIONS, number / OPERATIONS), number % OPERATIONS);
            format!(
                r#"m{number}: registerMachine(input: {{ code: "{code}", name: "M", workCenterCode: "W{center}" }}) {{ userErrors {{ message }} }}"#
            )
        };
        self.ask_all(OPERATIONS * MACHINES_EACH, machine).await;
        let operator = |number: usize| {
            format!(
                r#"o{number}: registerOperator(input: {{ code: "{number}", name: "P" }}) {{ userErrors {{ message }} }}
                g{number}: grantSkill(input: {{ operatorCode: "{number}", skill: "S{}", level: 3 }}) {{ userErrors {{ message }} }}"#,
                number % 2
            )
        };
        self.ask_all(PEOPLE, operator).await;
        self.ask_all(JOBS, job).await;
    }

    /// So many mutations, some of them in each document.
    async fn ask_all(&self, count: usize, one: impl Fn(usize) -> String) {
        for from in (0..count).step_by(AT_ONCE) {
            let all: Vec<String> = (from..count.min(from + AT_ONCE)).map(&one).collect();
            self.ask(&format!("mutation {{ {} }}", all.join(" ")), json!({})).await;
        }
    }

    /// The run, and how long it took from asking for it until its first plan was there.
    async fn first_plan(&self) -> (String, Duration) {
        let began = Instant::now();
        let started = self.ask(START, json!({})).await;
        let run = started["it"]["run"]["id"].as_str().expect("a run").to_owned();
        let mut messages = self.subscribe(FOLLOW, json!({ "run": run })).await;
        let (mut first, mut last) = (None, Value::Null);
        while let Some(message) = messages.next().await {
            // What says that it is over has no data.
            if message["objective"].is_object() {
                first.get_or_insert_with(|| began.elapsed());
                last = message;
            }
        }
        println!("after 10 s: {last}");
        (run, first.expect("a plan"))
    }

    async fn take_over(&self, run: &str) -> Duration {
        let mut told = self.subscribe(LISTEN, json!({ "types": ["plan.published"] })).await;
        told.next().await.expect("a snapshot");
        let began = Instant::now();
        self.ask(ACCEPT, json!({ "run": run })).await;
        told.of("plan.published").await;
        began.elapsed()
    }

    async fn reports(&self) -> Pace {
        let mut told = self.subscribe(LISTEN, json!({ "types": ["plan.followed"] })).await;
        told.next().await.expect("a snapshot");
        let (began, mut took) = (Instant::now(), Vec::new());
        for number in 0..REPORTS {
            // The last jobs are planned latest: that one begins now moves it, and those who are in its way.
            let job = JOBS - 1 - number;
            let operator = (number % PEOPLE).to_string();
            let variables = json!({ "job": format!("J-{job}"), "machine": machine(job % OPERATIONS, number % MACHINES_EACH), "operator": operator });
            let began = Instant::now();
            self.ask(BEGIN, variables).await;
            told.of("plan.followed").await;
            took.push(began.elapsed());
        }
        Pace::of(took, began.elapsed())
    }

    /// Messages as server-sent events.
    async fn subscribe(&self, query: &str, variables: Value) -> Messages {
        let request = reqwest::Client::new().post(format!("{}/graphql", self.server.url)).bearer_auth(&self.token);
        let request =
            request.header("accept", "text/event-stream").json(&json!({ "query": query, "variables": variables }));
        Messages { response: request.send().await.expect("an answer"), text: String::new() }
    }
}

struct Messages {
    response: reqwest::Response,
    text: String,
}

impl Messages {
    /// What `it` is in the next message; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((line, rest)) = self.text.split_once('\n') {
                let data = line.strip_prefix("data:").and_then(|data| serde_json::from_str::<Value>(data.trim()).ok());
                self.text = rest.to_owned();
                if let Some(message) = data {
                    return Some(message["data"]["it"].clone());
                }
            }
            let bytes = self.response.chunk().await.ok()??;
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    async fn of(&mut self, event: &str) {
        while self.next().await.expect("a message")["eventType"] != event {}
    }
}

fn machine(center: usize, number: usize) -> String {
    format!("M{center}-{number}")
}

/// Its operations go through all work centers, beginning with another one each.
fn job(number: usize) -> String {
    let operation = |at: usize| {
        let center = (number + at) % OPERATIONS;
        let skill =
            if at.is_multiple_of(2) { format!(r#", skill: {{ skill: "S{}" }}"#, center % 2) } else { String::new() };
        let seconds = 300 + (number * 7 + at * 13) % 40 * 30;
        format!(
            r#"{{ number: {}, name: "Step", workCenterCode: "W{center}", setupSeconds: {}, run: {{ perUnitSeconds: "{seconds}" }}{skill} }}"#,
            at * 10 + 10,
            at % 3 * 300
        )
    };
    let operations: Vec<String> = (0..OPERATIONS).map(operation).collect();
    format!(
        r#"j{number}: createJob(input: {{ number: "J-{number}", quantity: "3", operations: [{}] }}) {{ userErrors {{ message }} }}"#,
        operations.join(" ")
    )
}
