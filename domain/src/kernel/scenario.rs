//! Given–when–then for deciders. Failures point at the line of the test.

use std::fmt::Debug;

use uuid::Uuid;

use super::context::{Caller, Context, Facts};
use super::decider::{Decider, Refusal};
use super::{ActorId, CommandId, Role, TenantId, Timestamp};

/// 2012-01-02T05:00:00Z: minute 0 of every scenario.
const OPENING_MICROS: i64 = 1_325_480_400_000_000;

/// So many minutes after the scenario's beginning.
pub(crate) fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_micros(OPENING_MICROS + minutes * 60_000_000).unwrap()
}

/// An aggregate with a past, asked one thing.
pub(crate) struct Scenario<A: Decider> {
    pub(crate) state: A::State,
    pub(crate) context: Context,
    commands: u128,
}

impl<A: Decider> Clone for Scenario<A> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), context: self.context.clone(), commands: self.commands }
    }
}

impl<A: Decider<Event: PartialEq>> Scenario<A> {
    /// Nothing has happened; it is minute 0.
    pub(crate) fn new() -> Self {
        let caller = Caller::new(TenantId(Uuid::from_u128(1)), ActorId(Uuid::from_u128(2)), Role::Admin);
        let context = Context {
            caller,
            now: minute(0),
            happened_at: minute(0),
            command_id: CommandId(Uuid::nil()),
            fingerprint: None,
            correlation: Uuid::nil(),
            causation: None,
            traceparent: None,
            facts: Facts::default(),
        };
        Self { state: A::State::default(), context, commands: 0 }
    }

    /// These facts are known of others.
    pub(crate) fn knowing(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.context.facts);
        self
    }

    /// It is this minute, and whatever comes happens now.
    pub(crate) fn at(mut self, minutes: i64) -> Self {
        (self.context.now, self.context.happened_at) = (minute(minutes), minute(minutes));
        self
    }

    /// From now on this one asks.
    pub(crate) fn by(mut self, actor: ActorId) -> Self {
        self.context.caller.actor = actor;
        self
    }

    /// What comes is entered late: it happened at this minute.
    pub(crate) fn happened(mut self, minutes: i64) -> Self {
        self.context.happened_at = minute(minutes);
        self
    }

    /// This was asked and done.
    #[track_caller]
    pub(crate) fn given(mut self, command: &A::Command) -> Self {
        match self.decide(command) {
            Ok(events) => self.fold(&events),
            Err(refusal) => panic!("given: refused with {}: {refusal}", refusal.code()),
        }
        self
    }

    /// Asks.
    pub(crate) fn when(mut self, command: &A::Command) -> Outcome<A> {
        Outcome(self.decide(command))
    }

    /// Decides under a new command id.
    pub(crate) fn decide(&mut self, command: &A::Command) -> Result<Vec<A::Event>, A::Error> {
        self.commands += 1;
        self.context.command_id = CommandId(Uuid::from_u128(self.commands));
        A::decide(&self.state, command, &self.context)
    }

    /// Folds what has happened at the present happened-at.
    pub(crate) fn fold(&mut self, events: &[A::Event]) {
        let at = self.context.happened_at;
        self.state = events.iter().fold(std::mem::take(&mut self.state), |state, event| A::evolve(state, event, at));
    }
}

/// What came of it.
pub(crate) struct Outcome<A: Decider>(Result<Vec<A::Event>, A::Error>);

impl<A: Decider<Event: PartialEq>> Outcome<A> {
    /// Exactly these events.
    #[track_caller]
    pub(crate) fn then(self, expected: &[A::Event]) {
        assert_eq!(self.events(), expected);
    }

    /// It was true already.
    #[track_caller]
    pub(crate) fn then_nothing(self) {
        self.then(&[]);
    }

    /// A refusal with this code, about this field.
    #[track_caller]
    pub(crate) fn then_refused(self, code: &str, field: Option<&str>) {
        match self.0 {
            Ok(events) => panic!("expected {code}, got {events:?}"),
            Err(refusal) => assert_eq!((refusal.code(), refusal.field()), (code, field), "{refusal}"),
        }
    }

    /// It happens, in so many events.
    #[track_caller]
    pub(crate) fn then_events(self, count: usize)
    where
        A::Event: Debug,
    {
        let events = self.events();
        assert_eq!(events.len(), count, "{events:?}");
    }

    /// The refusal, to look at.
    #[track_caller]
    pub(crate) fn refusal(self) -> A::Error
    where
        A::Event: Debug,
    {
        match self.0 {
            Ok(events) => panic!("expected a refusal, got {events:?}"),
            Err(refusal) => refusal,
        }
    }

    /// The events, to look at.
    #[track_caller]
    pub(crate) fn events(self) -> Vec<A::Event>
    where
        A::Event: Debug,
    {
        match self.0 {
            Ok(events) => events,
            Err(refusal) => panic!("refused with {}: {refusal}", refusal.code()),
        }
    }
}
