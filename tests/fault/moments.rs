//! People who come in at the very moment in which something else happens to them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use api::identity::{Came, ClientDescription, Entrance, Identity, Refused};
use domain::identity::session::EndReason;
use domain::kernel::{Action, Caller, Role, SubjectId};
use domain::ports::Clock;
use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use tokio::sync::{Mutex, Notify};

const ANNA: &str = "anna@example.com";
const MIA: &str = "mia@example.com";
const PASSWORD: &str = "gears turn at dawn";
const ANOTHER: &str = "belts run at dusk";

/// The failpoint between the proof of who somebody is and their session.
const OPENING: &str = "identity::open_session";
/// Failpoints are of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

struct People {
    app: TestApp,
    identity: Arc<Identity>,
}

fn came(network: u8) -> Came {
    let address = IpAddr::from([203, 0, network, 7]);
    Came { address, client: ClientDescription::default(), device: None }
}

fn typed<T: serde::de::DeserializeOwned>(value: Json) -> T {
    serde_json::from_value(value).unwrap()
}

impl People {
    /// Anna's company, where Mia is a manager.
    async fn start() -> (Self, Caller, Caller) {
        let app = TestApp::start().await;
        let identity = Arc::clone(app.deps.people.as_ref().unwrap());
        let people = Self { app, identity };
        people.sign_up(ANNA).await;
        let token = people.mailed(ANNA, "verify_address").await;
        people.identity.verify(&token, PASSWORD.to_owned()).await.unwrap();
        let anna = people.caller(ANNA).await;
        people.identity.invite(&anna, MIA, Role::Manager).await.unwrap();
        let token = people.mailed(MIA, "invitation").await;
        let accept = json!({ "token": token, "name": "Mia Mets", "password": PASSWORD });
        people.identity.accept_invitation(typed(accept)).await.unwrap();
        let mia = people.caller(MIA).await;
        (people, anna, mia)
    }

    async fn sign_up(&self, email: &str) {
        let company = json!({
            "company": "Kask", "timeZone": "Europe/Tallinn", "name": "Anna Kask", "email": email, "password": PASSWORD,
        });
        self.identity.sign_up(typed(company)).await.unwrap();
    }

    async fn sign_in(&self, email: &str, password: &str, network: u8) -> Result<Entrance, Refused> {
        let asked = typed(json!({ "email": email, "password": password }));
        self.identity.sign_in(asked, &came(network)).await
    }

    /// Who they are, by a session of their own.
    async fn caller(&self, email: &str) -> Caller {
        match self.sign_in(email, PASSWORD, 1).await.unwrap() {
            Entrance::In(signed_in) => signed_in.tokens.caller,
            _ => panic!("{email} has nothing more to show"),
        }
    }

    async fn letters(&self, to: &str, letter: &str) -> Vec<String> {
        let (outbox, now) = (&self.identity.outbox, &self.app.clock);
        let mails = outbox.list(now.now(), 100).await.unwrap();
        let theirs = mails.into_iter().filter(|mail| mail.to.as_str() == to && mail.letter == letter);
        theirs.map(|mail| mail.text).collect()
    }

    async fn mailed(&self, to: &str, letter: &str) -> String {
        loop {
            if let Some(text) = self.letters(to, letter).await.pop() {
                let link = text.lines().find_map(|line| line.split_once('#')).unwrap();
                return link.1.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn open_sessions(&self, of: &Caller) -> usize {
        self.identity.sessions(of.tenant, of.actor).await.unwrap().len()
    }
}

/// Holds who opens a session next, until it is let go.
struct Held {
    came: Arc<Notify>,
    go: std::sync::mpsc::Sender<()>,
}

impl Held {
    fn set() -> Self {
        let came = Arc::new(Notify::new());
        let (go, gate) = std::sync::mpsc::channel();
        let (told, gate) = (Arc::clone(&came), std::sync::Mutex::new(gate));
        fail::cfg_callback(OPENING, move || {
            told.notify_one();
            gate.lock().unwrap().recv().unwrap_or_default();
        })
        .unwrap();
        Self { came, go }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        fail::remove(OPENING);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Reset,
    Deactivated,
    SignedOutByForce,
}

async fn happens(people: &People, what: Meanwhile, anna: &Caller, mia: &Caller) {
    let identity = &people.identity;
    match what {
        Meanwhile::Reset => {
            identity.forgot(MIA).unwrap();
            let token = people.mailed(MIA, "reset_password").await;
            identity.reset(&token, ANOTHER.to_owned()).await.unwrap();
        }
        Meanwhile::Deactivated => drop(identity.deactivate(anna, mia.actor, None).await.unwrap()),
        Meanwhile::SignedOutByForce => drop(identity.force_sign_out(anna, mia.actor).await.unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_is_opened_in_the_moment_of_a_reset_a_barring_or_a_forced_sign_out_does_not_outlive_it() {
    let _alone = ONE_AT_A_TIME.lock().await;
    for what in [Meanwhile::Reset, Meanwhile::Deactivated, Meanwhile::SignedOutByForce] {
        let (people, anna, mia) = People::start().await;
        let people = Arc::new(people);
        let held = Held::set();
        let signs_in = tokio::spawn({
            let people = Arc::clone(&people);
            async move { people.sign_in(MIA, PASSWORD, 2).await.map(drop) }
        });
        held.came.notified().await;
        happens(&people, what, &anna, &mia).await;
        held.go.send(()).unwrap();
        let outcome = signs_in.await.unwrap();
        assert!(matches!(outcome, Err(Refused::Credentials)), "{what:?}: {outcome:?}");
        assert_eq!(people.open_sessions(&mia).await, 0, "{what:?}");
        drop(held);
        assert_eq!(people.open_sessions(&anna).await, 1, "{what:?}: hers is none of theirs");
        let password = if what == Meanwhile::Reset { ANOTHER } else { PASSWORD };
        let again = people.sign_in(MIA, password, 3).await.is_ok();
        assert_eq!(again, what != Meanwhile::Deactivated, "{what:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_ends_their_sessions_elsewhere_keeps_the_one_at_hand() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (people, anna, _) = People::start().await;
    assert!(anna.may(Action::OwnAccount));
    people.sign_in(ANNA, PASSWORD, 2).await.unwrap();
    let open = people.identity.sessions(anna.tenant, anna.actor).await.unwrap();
    let kept = open[0].id;
    let ended = people.identity.end_all(&anna, anna.actor, Some(kept), EndReason::EndedElsewhere).await.unwrap();
    assert_eq!((ended.appended, people.open_sessions(&anna).await), (1, 1));
    people.sign_in(ANNA, PASSWORD, 3).await.unwrap();
    assert_eq!(people.open_sessions(&anna).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_at_once_no_more_are_looked_at_than_are_free() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (people, ..) = People::start().await;
    for email in [ANNA, "nobody@example.com"] {
        let guesses = (0..24).map(|_| people.sign_in(email, "not her password", 9));
        let outcomes = join_all(guesses).await;
        let looked_at = outcomes.iter().filter(|outcome| matches!(outcome, Err(Refused::Credentials))).count();
        let waits = outcomes.iter().filter(|outcome| matches!(outcome, Err(Refused::Wait { .. }))).count();
        assert_eq!((looked_at, waits), (5, 19), "{email}");
    }
    assert!(people.sign_in(ANNA, PASSWORD, 10).await.is_ok(), "from elsewhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_gets_three_mails_an_hour_and_no_answer_tells() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (people, ..) = People::start().await;
    for _ in 0..5 {
        people.identity.forgot(ANNA).unwrap();
    }
    people.identity.resend_verification(ANNA).unwrap();
    people.sign_up("ben@example.com").await;
    people.mailed("ben@example.com", "verify_address").await;
    assert_eq!(people.letters(ANNA, "reset_password").await.len(), 2, "and the one that verified her address");
    people.app.clock.advance_seconds(3601);
    people.identity.forgot(ANNA).unwrap();
    people.identity.resend_verification("ben@example.com").unwrap();
    while people.letters("ben@example.com", "verify_address").await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(people.letters(ANNA, "reset_password").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_erased_is_answered_as_who_never_was() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (people, _, mia) = People::start().await;
    let subject = SubjectId(mia.actor.0);
    people.app.deps.vault.fence(mia.tenant, subject, people.app.clock.now()).await.unwrap();
    for email in [MIA, "nobody@example.com"] {
        let outcome = people.sign_in(email, PASSWORD, 4).await.map(drop);
        assert!(matches!(outcome, Err(Refused::Credentials)), "{email}: {outcome:?}");
    }
}
