//! T-13, F24: who guesses passwords learns nothing, gets nowhere, keeps no owner out, and slows nobody.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use api::auth::revocations::{Revocations, feed};
use api::auth::{Authenticator, Sessions, TokenKeys};
use domain::kernel::{Role, SessionId};
use domain::ports::Clock;
use infra::identity::passwords::{Cost, Password, Passwords};
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use tests::people::{Browser, mailed};
use tests::process::{Server, token};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::figures::{Line, Pace, Wanted, at_once, runtime};
use crate::http::{Target, load};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Unoptimised, only that it works is of interest.
const IS_SHORT: bool = cfg!(debug_assertions);
const PAIRS: usize = if IS_SHORT { 20 } else { 500 };
/// A name can be guessed at 60 times an hour from unknown devices, all together: so many share the pairs.
const NAMES: usize = if IS_SHORT { 2 } else { 12 };
/// What Welch's t may be at most.
const T: f64 = 4.5;

const GUESSERS: usize = 50;
const TRIES: usize = if IS_SHORT { 20 } else { 1_000 };
const ATTACK: Duration = Duration::from_secs(if IS_SHORT { 10 } else { 120 });
/// How often the owner comes meanwhile.
const OWNER_PAUSE: Duration = Duration::from_secs(4);

const AT_ONCE: usize = 4;
const SIGN_INS: usize = if IS_SHORT { 3 } else { 25 };
const CHECKS: usize = 20_000;
const FLOOD: usize = 32;
const REQUESTS: usize = if IS_SHORT { 200 } else { 2_000 };

const PASSWORD: &str = "gears turn at dawn";
const WRONG: &str = "belts turn at dusk";

pub(crate) fn run() {
    let bench = Bench::start();
    bench.pairs("sign-in", |name, password| json!({ "email": name, "password": password }));
    bench.pairs("forgot", |name, _| json!({ "email": name }));
    bench.attack();
    bench.sign_ins();
    bench.others_meanwhile();
    checks(&bench.runtime);
}

/// The program with companies whose admins have proved their addresses.
struct Bench {
    runtime: Runtime,
    server: Server,
    folder: tempfile::TempDir,
    strangers: Strangers,
}

/// Each from a network of its own, over connections that they share.
#[derive(Clone)]
struct Strangers {
    first: Arc<Browser>,
    came: Arc<AtomicUsize>,
}

impl Strangers {
    fn next(&self) -> Browser {
        let number = u32::try_from(self.came.fetch_add(1, Ordering::Relaxed)).expect("few");
        self.first.another_at(&Ipv4Addr::from((100 << 24) + (number << 8) + 7).to_string())
    }
}

fn known(number: usize) -> String {
    format!("anna{number}@example.com")
}

impl Bench {
    fn start() -> Self {
        let (runtime, folder) = (runtime(), tempfile::tempdir().expect("a folder"));
        let mut command = Command::new(tests::process::kilter());
        command.arg("serve").arg("--data").arg(folder.path()).args(["--listen", "127.0.0.1:0"]);
        command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
        let server = Server::spawn(command);
        let strangers = Strangers { first: Arc::new(Browser::at(&server, "100.0.0.1")), came: Arc::default() };
        let bench = Self { runtime, server, folder, strangers };
        // One more is the victim, and the last ones only sign in.
        (0..=NAMES + AT_ONCE).for_each(|number| bench.runtime.block_on(bench.sign_up(&known(number))));
        bench
    }

    async fn sign_up(&self, email: &str) {
        let company = json!({
            "company": "Kask", "timeZone": "Europe/Tallinn", "name": "Anna Kask", "email": email, "password": PASSWORD,
        });
        assert_eq!(self.strangers.next().post("/auth/sign-up", &company).await.status, 202);
        let token = mailed(&self.server, email, "verify_address").await;
        let verify = json!({ "token": token, "password": PASSWORD });
        assert_eq!(self.strangers.next().post("/auth/verify", &verify).await.status, 200);
    }

    async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.strangers.next();
        let right = json!({ "email": email, "password": PASSWORD });
        assert_eq!(browser.post("/auth/sign-in", &right).await.status, 200);
        browser
    }

    /// Names that somebody has and names that nobody has, by turns: neither bytes nor time may tell them apart.
    fn pairs(&self, what: &str, body: fn(&str, &str) -> Json) {
        let mut took = [Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS)];
        let mut same = 0;
        for pair in 0..PAIRS {
            let names = [known(pair % NAMES), format!("nils{}@example.com", pair % NAMES)];
            let mut answers = [None, None];
            for turn in [pair % 2, 1 - pair % 2] {
                let mut stranger = self.strangers.next();
                let began = Instant::now();
                let answer = self.runtime.block_on(stranger.post(&format!("/auth/{what}"), &body(&names[turn], WRONG)));
                took[turn].push(began.elapsed().as_secs_f64() * 1000.0);
                answers[turn] = Some((answer.status, answer.body.to_string(), answer.left));
            }
            same += usize::from(answers[0] == answers[1]);
        }
        let [known, unknown] = took.each_ref().map(|took| Sample::of(took));
        let t = known.welch(&unknown);
        let line =
            |what: &str, wanted, measured, unit| Line { id: "F24", what, wanted, measured, unit, beside: None }.tell();
        line(&format!("{what}: |t| of known against unknown"), Wanted::AtMost(T), t.abs(), "");
        line(&format!("{what}: known, mean"), Wanted::Nothing, known.mean, " ms");
        line(&format!("{what}: unknown, mean"), Wanted::Nothing, unknown.mean, " ms");
        let share = 100.0 * count(same) / count(PAIRS);
        line(&format!("{what}: pairs answered with the same bytes"), Wanted::AtLeast(100.0), share, " %");
    }

    /// Many networks guess at one name, while its owner comes again and again on a device that is known.
    fn attack(&self) {
        let victim = known(NAMES);
        let mut owner = self.runtime.block_on(self.signed_in(&victim));
        owner.cookies.retain(|name, _| name == "__Host-kilter-device");
        let (compared, tried) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (mut came, mut let_in) = (0, 0);
        self.runtime.block_on(async {
            let mut guessers = JoinSet::new();
            let began = Instant::now();
            for _ in 0..GUESSERS {
                let (victim, compared, tried) = (victim.clone(), Arc::clone(&compared), Arc::clone(&tried));
                let strangers = self.strangers.clone();
                guessers.spawn(async move {
                    let mut stranger = strangers.next();
                    for turn in 0..TRIES {
                        if began.elapsed() > ATTACK {
                            return;
                        }
                        if turn % 8 == 7 {
                            stranger = strangers.next();
                        }
                        let guess = json!({ "email": victim, "password": format!("guess {turn} of many") });
                        let status = stranger.post("/auth/sign-in", &guess).await.status;
                        tried.fetch_add(1, Ordering::Relaxed);
                        compared.fetch_add(usize::from(status == 401), Ordering::Relaxed);
                    }
                });
            }
            while !guessers.is_empty() {
                came += 1;
                let mut there = self.strangers.next();
                there.cookies.clone_from(&owner.cookies);
                let right = json!({ "email": victim, "password": PASSWORD });
                let_in += usize::from(there.post("/auth/sign-in", &right).await.status == 200);
                tokio::time::timeout(OWNER_PAUSE, async { while guessers.join_next().await.is_some() {} }).await.ok();
            }
        });
        let line = |what, wanted, measured, unit| Line { id: "F24", what, wanted, measured, unit, beside: None }.tell();
        line(
            "attack: guesses tried, by 50 from address to address",
            Wanted::Nothing,
            count(tried.load(Ordering::Relaxed)),
            "",
        );
        let compared = count(compared.load(Ordering::Relaxed));
        line("attack: guesses compared, of one account in an hour", Wanted::AtMost(100.0), compared, "");
        line(
            "attack: the owner's known device let in",
            Wanted::AtLeast(100.0),
            100.0 * count(let_in) / count(came),
            " %",
        );
    }

    /// Four who sign in at once against one hash alone.
    fn sign_ins(&self) {
        let passwords = Passwords::new(Cost::default()).expect("threads");
        let alone = self.runtime.block_on(async {
            let mut took = Vec::new();
            for _ in 0..SIGN_INS {
                let began = Instant::now();
                assert_eq!(passwords.matches(Password::new(WRONG.to_owned()), None).await, Ok(false));
                took.push(began.elapsed());
            }
            Pace::of(took, Duration::from_secs(1))
        });
        let at_once = self.runtime.block_on(async {
            let mut browsers = Vec::new();
            for number in 0..AT_ONCE {
                let email = known(NAMES + 1 + number);
                let mut all = Vec::new();
                let device = self.signed_in(&email).await.cookies;
                for _ in 0..SIGN_INS {
                    let mut browser = self.strangers.next();
                    browser.cookies.clone_from(&device);
                    all.push(browser);
                }
                browsers.push((email, all));
            }
            at_once(browsers, |(email, all)| async move {
                let mut took = Vec::new();
                for mut browser in all {
                    let began = Instant::now();
                    let right = json!({ "email": email, "password": PASSWORD });
                    let answer = browser.post("/auth/sign-in", &right).await;
                    took.push(began.elapsed());
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
                took
            })
            .await
        });
        let beside = Some(("one hash", alone.p50_ms));
        let what = "sign-in, 4 at once, p99";
        Line { id: "T-13", what, wanted: Wanted::TimesAtMost(2.0), measured: at_once.p99_ms, unit: " ms", beside }
            .tell();
    }

    /// Other requests while many sign in.
    fn others_meanwhile(&self) {
        let token = token(self.folder.path(), "bench");
        let target = Target::new(&self.server.url, "/graphql", Some(&token));
        let list = |_, _| json!({ "query": "{ jobs(first: 20) { edges { node { id } } } }" }).to_string();
        let quiet = || load(&target, [4, REQUESTS], list, |answer| answer.starts_with(b"{\"data\""));
        let alone = self.runtime.block_on(quiet());
        let flooded = self.runtime.block_on(async {
            let mut flood = JoinSet::new();
            for guesser in 0..FLOOD {
                let strangers = self.strangers.clone();
                flood.spawn(async move {
                    for turn in 0.. {
                        let name = format!("nobody{guesser}-{turn}@example.com");
                        let guess = json!({ "email": name, "password": WRONG });
                        strangers.next().post("/auth/sign-in", &guess).await;
                    }
                });
            }
            let flooded = quiet().await;
            flood.shutdown().await;
            flooded
        });
        let (beside, what) = (Some(("without", alone.p99_ms)), "a list during a flood of sign-ins, p99");
        Line { id: "T-13", what, wanted: Wanted::TimesAtMost(2.0), measured: flooded.p99_ms, unit: " ms", beside }
            .tell();
    }
}

/// What a session costs each request beyond the signature of its token.
fn checks(runtime: &Runtime) {
    let (signature, whole) = runtime.block_on(async {
        let app = TestApp::start().await;
        let caller = app.caller("bench", Role::Manager).await;
        let (deps, clock) = (&app.deps, Arc::clone(&app.clock) as Arc<dyn Clock>);
        let revocations = Arc::new(Revocations::new(clock.now()));
        let head = deps.store.head().await.expect("a head");
        tokio::spawn(feed(Arc::clone(&deps.store), Arc::clone(&deps.codec), Arc::downgrade(&revocations), head));
        app.clock.advance_seconds(60);
        let keys = || TokenKeys::new("1", &[1; 32]).expect("keys");
        let session = SessionId(Uuid::from_u128(7));
        let token = keys().mint_of_session(caller, session, clock.now()).expect("a token");
        let people = deps.people.as_ref().expect("a way in");
        let (api_tokens, at_terminals) = (Arc::clone(&people.api_tokens), Arc::clone(&people.at_terminals));
        let sessions = Sessions { revocations, commands: Arc::clone(&deps.commands), api_tokens, at_terminals };
        let whole = Authenticator::new(keys(), Arc::clone(&clock), Arc::clone(&deps.registry)).with_sessions(sessions);
        while whole.authenticate(&token, HERE).await.is_err() {
            tokio::task::yield_now().await;
        }
        let (alone, mut took) = (keys(), [Vec::with_capacity(CHECKS), Vec::with_capacity(CHECKS)]);
        for _ in 0..CHECKS {
            let began = Instant::now();
            assert!(alone.verify(&token, clock.now()).is_ok());
            took[0].push(began.elapsed());
            let began = Instant::now();
            assert!(whole.authenticate(&token, HERE).await.is_ok());
            took[1].push(began.elapsed());
        }
        let [alone, whole] = took.map(|took| Pace::of(took, Duration::from_secs(1)));
        (alone, whole)
    });
    let what = "session check beyond the signature, p99";
    let measured = (whole.p99_ms - signature.p99_ms) * 1000.0;
    let beside = Some(("signature alone, p99", signature.p99_ms * 1000.0));
    Line { id: "T-13", what, wanted: Wanted::AtMost(20.0), measured, unit: " µs", beside }.tell();
}

struct Sample {
    mean: f64,
    /// The variance of the mean.
    variance: f64,
}

impl Sample {
    fn of(figures: &[f64]) -> Self {
        let n = count(figures.len());
        let mean = figures.iter().sum::<f64>() / n;
        let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
        Self { mean, variance: squares / (n - 1.0) / n }
    }

    fn welch(&self, other: &Self) -> f64 {
        (self.mean - other.mean) / (self.variance + other.variance).sqrt()
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
