//! From asking for a plan to its first message, and on the board of whoever has one open: from taking the plan over until it is all
//! there, from a move by hand, and from a report of the floor, until it shows what has moved: 500 jobs of 8
//! operations in 24 machines, two shifts, 12 people with skills, setups.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::kernel::Timestamp;
use domain::kernel::time::later;
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

/// Moves by hand that are measured.
const MOVES: usize = 30;
/// Operations that are pinned while the floor reports.
const PINS: usize = 20;
/// Bars of the board that is asked for, and how often it is.
const BARS: usize = 2_000;
const LOOKS: usize = 15;
/// A board that hears nothing for so long has heard all that happened.
const QUIET: Duration = Duration::from_millis(400);
/// A measure that takes so long is none.
const PATIENCE: Duration = Duration::from_secs(60);

const START: &str = "mutation { it: startPlanning(input: { seconds: 10 }) { run { id } userErrors { message } } }";
const FOLLOW: &str =
    "subscription($run: ID!) { it: planProgress(run: $run) { state objective { unplaced score gapPercent } } }";
const ACCEPT: &str =
    "mutation($run: ID!) { it: acceptPlanning(input: { runId: $run }) { appended userErrors { code message } } }";
const WATCH: &str = "subscription($from: DateTime!, $until: DateTime!) { it: boardChanged(from: $from, until: $until) {
    kind eventType bars { job { code } operation machine { code } operator { code } start end status pin { reason } } } }";
const LOOK: &str = "query($from: DateTime!, $until: DateTime!) { it: board(from: $from, until: $until) { bars {
    job { code } operation machine { code } operator { code } start runStart end status late } } }";
const BEGIN: &str = "mutation($job: String!, $machine: String!, $operator: String!) { it: startOperation(input: {
    jobNumber: $job, operation: 10, machineCode: $machine, operatorCode: $operator }) { userErrors { message } } }";
const MOVE: &str =
    "mutation($move: MoveInput!) { it: moveOperations(input: { moves: [$move] }) { userErrors { message } } }";
const PIN: &str = "mutation($operations: [OperationRefInput!]!) { it: pinOperations(input: {
    operations: $operations, reason: \"measured\" }) { userErrors { message } } }";

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let shop = Shop { token: token(folder.path(), "bench"), server, began: api::wiring::clock().now() };
    let figures = runtime().block_on(async {
        shop.set_up().await;
        let (run, first, placed) = shop.first_plan().await;
        let mut client = Client::watching(&shop).await;
        let (asked, published) = shop.take_over(&run, &mut client, placed).await;
        let looked = shop.looks(&client).await;
        let moved = shop.moves(&mut client).await;
        let (followed, pinned) = shop.reports(&mut client).await;
        Figures { first, asked, published, looked, moved, followed, pinned }
    });
    figures.tell();
    println!("peak memory of the server: {:.0} MiB", shop.server.peak_memory_mib().unwrap_or_default());
    shop.server.stop();
}

struct Figures {
    first: Duration,
    asked: Duration,
    published: Duration,
    looked: Pace,
    moved: Pace,
    followed: Pace,
    /// Pinned operations that are elsewhere after all reports.
    pinned: usize,
}

impl Figures {
    fn tell(&self) {
        let line = |id, what, wanted, measured, unit| Line { id, what, wanted, measured, unit, beside: None }.tell();
        let second = || Wanted::AtMost(1.0);
        line("P-2", "first plan of 4,000 operations on the wire", second(), self.first.as_secs_f64(), " s");
        line("A-4", "… published, until a board shows all of it", second(), self.published.as_secs_f64(), " s");
        line("A-4", "… the same from taking it over", Wanted::Nothing, self.asked.as_secs_f64(), " s");
        line("A-4", "board of 2,000 bars, p50", Wanted::AtMost(50.0), self.looked.p50_ms, " ms");
        line("A-4", "… p99", Wanted::Nothing, self.looked.p99_ms, " ms");
        line(
            "A-4",
            "move by hand until another board shows it, p99",
            Wanted::AtMost(1_000.0),
            self.moved.p99_ms,
            " ms",
        );
        line(
            "P-9",
            "report of the floor until a board shows moved bars, p99",
            Wanted::AtMost(3_000.0),
            self.followed.p99_ms,
            " ms",
        );
        line("P-9", "… p50", Wanted::Nothing, self.followed.p50_ms, " ms");
        #[expect(clippy::cast_precision_loss, reason = "a count of a few")]
        line("P-9", "… pinned operations that moved", Wanted::AtMost(0.0), self.pinned as f64, "");
    }
}

struct Shop {
    server: Server,
    began: Timestamp,
    token: String,
}

impl Shop {
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.server.ask(&self.token, query, variables).await;
        assert_eq!(answer["errors"], json!(null), "{answer}");
        for payload in answer["data"].as_object().into_iter().flat_map(|data| data.values()) {
            // Of a question there are none.
            let refused = payload["userErrors"].as_array().filter(|errors| !errors.is_empty());
            assert!(refused.is_none(), "{refused:?}");
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

    /// The run, how long it took from asking for it until its first plan was there, and how many operations have a place at the end.
    async fn first_plan(&self) -> (String, Duration, usize) {
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
        let unplaced = last["objective"]["unplaced"].as_u64().and_then(|it| usize::try_from(it).ok());
        (run, first.expect("a plan"), JOBS * OPERATIONS - unplaced.expect("a count"))
    }

    /// How long it takes until a board shows all of the plan: from asking to take it over, and from when that is answered.
    async fn take_over(&self, run: &str, client: &mut Client, placed: usize) -> (Duration, Duration) {
        let began = Instant::now();
        self.ask(ACCEPT, json!({ "run": run })).await;
        let published = Instant::now();
        while client.bars.len() < placed {
            client.change().await;
        }
        (began.elapsed(), published.elapsed())
    }

    /// How long a board of so many bars takes.
    async fn looks(&self, client: &Client) -> Pace {
        let mut starts: Vec<&str> = client.bars.values().map(|at| at.start.as_str()).collect();
        starts.sort_unstable();
        let mut window = self.window();
        if let Some(until) = starts.get(BARS) {
            window["until"] = json!(until);
        }
        let (began, mut took) = (Instant::now(), Vec::new());
        for _ in 0..LOOKS {
            let began = Instant::now();
            let seen = self.ask(LOOK, window.clone()).await;
            took.push(began.elapsed());
            let shown = seen["it"]["bars"].as_array().map_or(0, Vec::len);
            assert!(shown + 50 >= BARS.min(client.bars.len()), "{shown} bars");
        }
        Pace::of(took, began.elapsed())
    }

    /// How long it takes from asking for a move until somebody else's board shows it.
    async fn moves(&self, client: &mut Client) -> Pace {
        let (began, mut took) = (Instant::now(), Vec::new());
        // Those that are planned last have nothing after them.
        let mut last: Vec<(Key, Place)> = client.bars.iter().map(|(key, at)| (key.clone(), at.clone())).collect();
        last.sort_unstable_by(|one, other| other.1.start.cmp(&one.1.start));
        let end = client.bars.values().filter_map(|at| Timestamp::parse(&at.end).ok()).max().expect("an end");
        for (number, (key, at)) in (1..).zip(last.into_iter().take(MOVES)) {
            let start = later(end, number * 3_600).to_string();
            let asked = json!({ "jobNumber": key.0, "operation": key.1, "machineCode": at.machine, "operatorCode": at.operator, "start": start });
            let began = Instant::now();
            self.ask(MOVE, json!({ "move": asked })).await;
            while client.bars[&key].start == at.start {
                client.change().await;
            }
            took.push(began.elapsed());
        }
        Pace::of(took, began.elapsed())
    }

    /// How long it takes from a report of the floor until a board shows operations elsewhere, and how many that were pinned are so at
    /// the end.
    async fn reports(&self, client: &mut Client) -> (Pace, usize) {
        let pinned: Vec<(Key, Place)> = client.waiting().step_by(97).take(PINS).collect();
        let operations = pinned.iter().map(|(key, _)| json!({ "jobNumber": key.0, "operation": key.1 }));
        self.ask(PIN, json!({ "operations": operations.collect::<Vec<Value>>() })).await;
        let (began, mut took) = (Instant::now(), Vec::new());
        for number in 0..REPORTS {
            // The last jobs are planned latest: that one begins now moves it, and those who are in its way.
            let job = JOBS - 1 - number;
            let operator = (number % PEOPLE).to_string();
            let variables = json!({ "job": format!("J-{job}"), "machine": machine(job % OPERATIONS, number % MACHINES_EACH), "operator": operator });
            client.settle().await;
            let began = Instant::now();
            self.ask(BEGIN, variables).await;
            while client.change().await == 0 {}
            took.push(began.elapsed());
        }
        let moved = pinned.iter().filter(|(key, at)| client.bars.get(key).is_none_or(|is| is.start != at.start));
        (Pace::of(took, began.elapsed()), moved.count())
    }

    /// All that a board shows at once.
    fn window(&self) -> Value {
        json!({ "from": later(self.began, -86_400).to_string(), "until": later(self.began, 390 * 86_400).to_string() })
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
}

/// The job and the operation.
type Key = (String, u64);

/// Where a bar is.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    machine: String,
    operator: Option<String>,
    start: String,
    end: String,
    waits: bool,
}

/// Who has a board open.
struct Client {
    messages: Messages,
    bars: BTreeMap<Key, Place>,
}

impl Client {
    async fn watching(shop: &Shop) -> Self {
        let messages = shop.subscribe(WATCH, shop.window()).await;
        let mut client = Self { messages, bars: BTreeMap::new() };
        client.change().await;
        client
    }

    /// Takes what has come already, so that it is not held for what comes next.
    async fn settle(&mut self) {
        while tokio::time::timeout(QUIET, self.change()).await.is_ok() {}
    }

    /// Takes the next message; how many bars it has that were elsewhere before.
    async fn change(&mut self) -> usize {
        let message = tokio::time::timeout(PATIENCE, self.messages.next()).await;
        let message = message.expect("a message in time").expect("a message");
        let bars = message["bars"].as_array().into_iter().flatten();
        let mut moved = 0;
        for bar in bars {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let key = (text(&bar["job"]["code"]).expect("a job"), bar["operation"].as_u64().expect("an operation"));
            let place = Place {
                machine: text(&bar["machine"]["code"]).unwrap_or_default(),
                operator: text(&bar["operator"]["code"]),
                start: text(&bar["start"]).expect("a start"),
                end: text(&bar["end"]).expect("an end"),
                waits: bar["status"] == "WAITING",
            };
            let was = self.bars.insert(key, place.clone());
            moved += usize::from(
                was.is_some_and(|was| (was.machine, was.start, was.end) != (place.machine, place.start, place.end)),
            );
        }
        moved
    }

    /// What nobody has begun.
    fn waiting(&self) -> impl Iterator<Item = (Key, Place)> {
        self.bars.iter().filter(|(_, at)| at.waits).map(|(key, at)| (key.clone(), at.clone()))
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
