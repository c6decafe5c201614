//! S8, F14: one event to all who subscribed to the same, beside Node's graphql-ws; and ten thousand sockets on one server.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::process::{Server, kilter, token};
use tokio::runtime::Runtime;

use crate::figures::{Line, Pace, Wanted, by_turns, median, per_second, runtime};
use crate::http::{Connection, Target};
use crate::peers::node;
use crate::sockets::{Crowd, Subscription};

/// Events that nothing is measured by.
const FIRST: usize = 2;
/// Events told one by one, each when the one before it has arrived everywhere.
const SINGLE: usize = 20;
/// Events told one right after the other.
const BURST: usize = 20;
/// How many connect at the same time.
const CONNECTING: usize = 64;
/// F14.
const MANY: usize = 10_000;
/// How many of them come back at the same time.
const STORM: usize = 1_000;
/// The time for open connections, and a little to close the stores.
const DRAINED_SECONDS: f64 = 6.0;

pub(crate) fn run() {
    let runtime = runtime();
    for size in [1_000, 5_000] {
        compare(&runtime, size);
    }
    ten_thousand(&runtime);
}

fn compare(runtime: &Runtime, size: usize) {
    let (mut memory, mut memory_of_peer) = (Vec::new(), Vec::new());
    let has_peer = node("fanout.js").is_some();
    let [ours, theirs] =
        by_turns([&mut || measure(runtime, Venue::kilter(), size, &mut memory), &mut || match node("fanout.js") {
            Some(peer) => measure(runtime, Venue::peer(peer), size, &mut memory_of_peer),
            None => Pace::NONE,
        }]);
    let what = |what: &str| format!("one event to {size} sockets, {what}");
    let beside = |figure: f64| has_peer.then_some(("graphql-ws", figure));
    let line =
        |what: &str, wanted, measured, unit, beside| Line { id: "S8", what, wanted, measured, unit, beside }.tell();
    line(&what("p99"), Wanted::TimesAtMost(0.6), ours.p99_ms, " ms", beside(theirs.p99_ms));
    line("… p50", Wanted::Nothing, ours.p50_ms, " ms", beside(theirs.p50_ms));
    let wanted = Wanted::AtLeast(200_000.0);
    line(&what("deliveries in a burst"), wanted, ours.per_second, "/s", beside(theirs.per_second));
    let memory_of_peer = has_peer.then(|| ("graphql-ws", median(memory_of_peer)));
    line(&what("memory each"), Wanted::AtMost(24.0), median(memory), " KiB", memory_of_peer);
}

/// Somewhere to subscribe, and to make things happen.
struct Venue {
    server: Server,
    subscription: Subscription,
    door: Target,
    /// What makes the nth thing happen.
    event: fn(usize) -> String,
    _folder: Option<TempDir>,
}

impl Venue {
    fn kilter() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut serve = Command::new(kilter());
        serve.arg("serve").arg("--data").arg(folder.path()).args(["--listen", "127.0.0.1:0"]);
        // While a storm blows, those who left are not all gone yet.
        serve.env("KILTER_MAX_SOCKETS", "20000");
        let server = Server::spawn(serve);
        let token = token(folder.path(), "bench");
        let door = Target::new(&server.url, "/graphql", Some(&token));
        let subscription = Subscription { url: server.url.clone(), token, after: None };
        Self { server, subscription, door, event: set_up_work_center, _folder: Some(folder) }
    }

    fn peer(server: Server) -> Self {
        let subscription = Subscription { url: server.url.clone(), token: String::new(), after: None };
        let door = Target::new(&server.url, "/", None);
        Self { server, subscription, door, event: |_| String::new(), _folder: None }
    }

    /// Makes something happen; gives its position where there is one.
    async fn tell(&self, connection: &mut Connection, number: usize) -> Option<String> {
        let answer: Value = serde_json::from_slice(connection.post(&self.door, &(self.event)(number)).await).ok()?;
        assert_eq!(answer["errors"], json!(null), "{answer}");
        answer["data"]["createWorkCenter"]["position"].as_str().map(str::to_owned)
    }

    /// How much memory each of so many takes, in KiB, since there was so much, in MiB.
    fn memory_each(&self, before: f64, size: usize) -> f64 {
        let grown = self.server.memory_mib().unwrap_or(f64::NAN) - before;
        grown * 1024.0 / size as f64
    }
}

fn set_up_work_center(number: usize) -> String {
    let query = "mutation($code: String!) { createWorkCenter(input: {code: $code, name: \"Hall\"}) { position userErrors { code } } }";
    json!({ "query": query, "variables": { "code": format!("W{number}") } }).to_string()
}

fn measure(runtime: &Runtime, venue: Venue, size: usize, memory: &mut Vec<f64>) -> Pace {
    let (crowd, told) = runtime.block_on(async {
        let mut connection = venue.door.connect().await;
        let before = venue.server.memory_mib().unwrap_or(f64::NAN);
        let crowd = Crowd::gather(&venue.subscription, size, CONNECTING).await;
        memory.push(venue.memory_each(before, size));
        let told = tell_all(&venue, &mut connection, &crowd, size).await;
        (crowd, told)
    });
    // Its end tells everybody to hand in what they noted.
    drop(venue);
    Noted { told, received: runtime.block_on(crowd.dismissed()) }.pace()
}

/// When each event was told: one by one, then in a burst.
async fn tell_all(venue: &Venue, connection: &mut Connection, crowd: &Crowd, size: usize) -> Vec<Instant> {
    let mut told = Vec::new();
    for number in 0..FIRST + SINGLE + BURST {
        told.push(Instant::now());
        venue.tell(connection, number).await;
        if number < FIRST + SINGLE {
            crowd.received((number + 1) * size).await;
        }
    }
    crowd.received((FIRST + SINGLE + BURST) * size).await;
    told
}

/// When each event was told, and when each subscriber received it.
struct Noted {
    told: Vec<Instant>,
    received: Vec<Vec<Instant>>,
}

impl Noted {
    /// How long single events took to arrive, and how many deliveries there were in a second of the burst.
    fn pace(&self) -> Pace {
        let count = self.told.len();
        assert!(self.received.iter().all(|times| times.len() == count), "each event is delivered once to each");
        let singles =
            self.received.iter().flat_map(|times| times.iter().zip(&self.told).take(FIRST + SINGLE).skip(FIRST));
        let ages: Vec<Duration> = singles.map(|(received, told)| received.duration_since(*told)).collect();
        let last = self.received.iter().flatten().max().expect("somebody received something");
        let burst = per_second(BURST * self.received.len(), last.duration_since(self.told[count - BURST]));
        Pace { per_second: burst, ..Pace::of(ages, Duration::from_secs(1)) }
    }
}

fn ten_thousand(runtime: &Runtime) {
    let line = |what, wanted, measured, unit| Line { id: "F14", what, wanted, measured, unit, beside: None }.tell();
    let mut venue = Venue::kilter();
    let before = venue.server.memory_mib().unwrap_or(f64::NAN);
    let (crowd, told) = runtime.block_on(async {
        let mut connection = venue.door.connect().await;
        let began = Instant::now();
        let crowd = Crowd::gather(&venue.subscription, MANY, CONNECTING).await;
        line("10,000 sockets, until all are connected", Wanted::Nothing, began.elapsed().as_secs_f64(), " s");
        line("… memory each", Wanted::Nothing, venue.memory_each(before, MANY), " KiB");
        // All go away at once and come back to where they were; what happens meanwhile reaches them too.
        venue.subscription.after = venue.tell(&mut connection, FIRST + SINGLE + BURST).await;
        crowd.received(MANY).await;
        crowd.leave().await;
        let began = Instant::now();
        let crowd = Crowd::gather(&venue.subscription, MANY, STORM).await;
        line("… until all are back, 1,000 at a time", Wanted::Nothing, began.elapsed().as_secs_f64(), " s");
        let told = tell_all(&venue, &mut connection, &crowd, MANY).await;
        (crowd, told)
    });
    let began = Instant::now();
    let code = venue.server.stop();
    line("… SIGTERM, until it has ended", Wanted::AtMost(DRAINED_SECONDS), began.elapsed().as_secs_f64(), " s");
    assert_eq!(code, Some(0), "it ends as it should");
    let pace = Noted { told, received: runtime.block_on(crowd.dismissed()) }.pace();
    line("… one event to all, p50", Wanted::Nothing, pace.p50_ms, " ms");
    line("… one event to all, p99", Wanted::Nothing, pace.p99_ms, " ms");
    line("… deliveries in a burst", Wanted::Nothing, pace.per_second, "/s");
}
