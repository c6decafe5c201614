//! What a node keeps at hand of a vault that others change too: it is true only as long as they can tell it of their changes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use domain::kernel::{ActorId, SubjectId, TenantId};
use uuid::Uuid;

use crate::postgres::{Postgres, whole};
use crate::vault::sealing::AtHand;

/// How long to wait before another attempt to connect.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the connection is looked after, when nothing is told.
const BEAT: Duration = Duration::from_secs(1);
/// For how long after a sign of life what is at hand counts as true.
const TRUSTED: Duration = Duration::from_secs(3);

/// A change that the nodes tell each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The keys of this subject are gone.
    Fenced(TenantId, SubjectId),
    /// This actor is called otherwise.
    Labelled(TenantId, ActorId),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced(tenant, subject) => write!(f, "fenced {} {}", tenant.0, subject.0),
            Self::Labelled(tenant, actor) => write!(f, "labelled {} {}", tenant.0, actor.0),
        }
    }
}

impl Told {
    /// `None` for what only another version says.
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (what, tenant, id) = (words.next()?, words.next()?, words.next()?);
        let (tenant, id) = (TenantId(Uuid::parse_str(tenant).ok()?), Uuid::parse_str(id).ok()?);
        match what {
            "fenced" => Some(Self::Fenced(tenant, SubjectId(id))),
            "labelled" => Some(Self::Labelled(tenant, ActorId(id))),
            _ => None,
        }
    }
}

/// What is at hand, with whether it is true.
pub(super) struct Heard {
    at_hand: AtHand,
    trust: Mutex<Trust>,
}

#[derive(Default)]
struct Trust {
    until: Option<Instant>,
    /// Grows whenever something at hand ceases to be true: what was asked before must not be put there after.
    age: u64,
}

/// When a question was asked.
#[derive(Clone, Copy)]
pub(super) struct Asked(u64);

impl Heard {
    pub(super) fn new() -> Self {
        Self { at_hand: AtHand::new(), trust: Mutex::default() }
    }

    /// Something at hand, if it is true.
    pub(super) fn get<T>(&self, find: impl FnOnce(&AtHand) -> Option<T>) -> Option<T> {
        let is_true = self.trust().until.is_some_and(|until| Instant::now() < until);
        if is_true { find(&self.at_hand) } else { None }
    }

    /// To be taken before the vault is asked for what is then put at hand.
    pub(super) fn asking(&self) -> Asked {
        Asked(self.trust().age)
    }

    /// Puts at hand what was asked, unless it may have changed since.
    pub(super) fn put(&self, asked: Asked, put: impl FnOnce(&AtHand)) {
        let trust = self.trust();
        if trust.until.is_some() && trust.age == asked.0 {
            put(&self.at_hand);
        }
    }

    /// Something has changed.
    pub(super) fn hear(&self, told: Told) {
        let mut trust = self.trust();
        trust.age += 1;
        match told {
            Told::Fenced(tenant, subject) => self.at_hand.forget_subject(tenant, subject),
            Told::Labelled(tenant, actor) => self.at_hand.labels.remove_where(|key| *key == (tenant, actor)),
        }
    }

    fn hear_all(&self, texts: &[String]) {
        for text in texts {
            match Told::parse(text) {
                Some(told) => self.hear(told),
                None => self.lose(),
            }
        }
    }

    /// Others could tell of their changes at this time.
    fn alive(&self, at: Instant) {
        self.trust().until = Some(at + TRUSTED);
    }

    /// Others can't tell of their changes any more, or told what can't be understood.
    fn lose(&self) {
        let mut trust = self.trust();
        *trust = Trust { until: None, age: trust.age + 1 };
        self.at_hand.forget_all();
    }

    fn trust(&self) -> MutexGuard<'_, Trust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens until the vault is dropped, over one connection after the other.
pub(super) async fn listen(server: Arc<Postgres>, heard: Weak<Heard>) {
    while heard.strong_count() > 0 {
        if let Err(reason) = listen_once(&server, &heard).await {
            tracing::debug!(server = server.name(), %reason, "vault.listener_lost");
        }
        let Some(heard) = heard.upgrade() else { return };
        heard.lose();
        drop(heard);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(server: &Postgres, heard: &Weak<Heard>) -> Result<(), String> {
    let mut listening = server.listen().await.map_err(|refusal| refusal.to_string())?;
    loop {
        let asked = Instant::now();
        match tokio::time::timeout(TRUSTED, listening.client.simple_query("SELECT 1")).await {
            Ok(answer) => drop(answer.map_err(|error| whole(&error))?),
            Err(_) => return Err("no answer".to_owned()),
        }
        let Some(heard) = heard.upgrade() else { return Ok(()) };
        // What was told before the answer counts before it.
        heard.hear_all(&listening.hear(Duration::ZERO).await);
        heard.alive(asked);
        heard.hear_all(&listening.hear(BEAT).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const ACTOR: ActorId = ActorId(Uuid::from_u128(2));

    fn put(heard: &Heard, asked: Asked) {
        heard.put(asked, |at_hand| at_hand.labels.put((TENANT, ACTOR), "anna".into()));
    }

    fn is_at_hand(heard: &Heard) -> bool {
        heard.get(|at_hand| at_hand.labels.get(&(TENANT, ACTOR))).is_some()
    }

    #[test]
    fn nothing_is_at_hand_while_nobody_listens_or_long_after_the_last_sign_of_life() {
        let heard = Heard::new();
        put(&heard, heard.asking());
        assert!(!is_at_hand(&heard), "before");
        heard.alive(Instant::now());
        assert!(!is_at_hand(&heard), "and it was not kept");
        put(&heard, heard.asking());
        assert!(is_at_hand(&heard));
        heard.alive(Instant::now().checked_sub(TRUSTED).unwrap());
        assert!(!is_at_hand(&heard), "after a silence");
        heard.alive(Instant::now());
        heard.lose();
        heard.alive(Instant::now());
        assert!(!is_at_hand(&heard), "after a loss");
    }

    #[test]
    fn an_answer_is_not_put_at_hand_when_something_changed_since_it_was_asked() {
        let heard = Heard::new();
        heard.alive(Instant::now());
        for change in [
            |heard: &Heard| heard.hear(Told::Labelled(TENANT, ACTOR)),
            |heard: &Heard| {
                heard.lose();
                heard.alive(Instant::now());
            },
        ] {
            let asked = heard.asking();
            change(&heard);
            put(&heard, asked);
            assert!(!is_at_hand(&heard));
        }
    }

    #[test]
    fn a_change_takes_away_what_it_is_about_and_nothing_else() {
        let heard = Heard::new();
        heard.alive(Instant::now());
        put(&heard, heard.asking());
        heard.hear(Told::Fenced(TENANT, SubjectId(ACTOR.0)));
        heard.hear(Told::Labelled(TENANT, ActorId(Uuid::from_u128(3))));
        assert!(is_at_hand(&heard));
        heard.hear(Told::Labelled(TENANT, ACTOR));
        assert!(!is_at_hand(&heard));
    }

    #[test]
    fn what_is_told_is_understood() {
        for told in [Told::Fenced(TENANT, SubjectId(ACTOR.0)), Told::Labelled(TENANT, ACTOR)] {
            assert_eq!(Told::parse(&told.to_string()), Some(told));
        }
        assert_eq!(Told::parse("burned 1 2"), None);
    }
}
