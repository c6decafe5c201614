//! A decider: what may happen (`decide`) and what it means (`evolve`). No framework, two functions and their types.

use std::error::Error;
use std::fmt::Debug;

use super::context::Context;
use super::ids::StreamType;
use super::personal::PersonalSlot;
use super::time::Timestamp;

/// The pure core of one aggregate.
pub trait Decider: 'static {
    /// The kind of stream that its events live in.
    const STREAM: StreamType;
    /// What may be asked of it.
    type Command: Send + Sync;
    /// What can have happened to it.
    type Event: DomainEvent;
    /// Why it refuses.
    type Error: Refusal;
    /// Its situation; `Default` is the situation before the first event.
    type State: Default + Clone + Send + Sync + 'static;

    /// Decides; already true ⇒ no events.
    fn decide(state: &Self::State, command: &Self::Command, context: &Context)
    -> Result<Vec<Self::Event>, Self::Error>;

    /// Folds one event that happened at `at`; has no opinion on whether it should have happened.
    fn evolve(state: Self::State, event: &Self::Event, at: Timestamp) -> Self::State;
}

/// An event enum of one aggregate. It derives serde's externally tagged form with the stored name as the tag of each variant
/// (`#[serde(rename = "job.created")]`).
pub trait DomainEvent: serde::Serialize + serde::de::DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// Every stored name with its current schema version.
    const NAMES: &'static [(&'static str, u16)];

    /// Shows each personal field by its name, for sealing and opening.
    fn personal_fields(&mut self, _visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {}
}

/// A refusal of the domain: a fact stated, with a code that clients may rely on.
pub trait Refusal: Error + Send + Sync + 'static {
    /// Stable code such as `JOB_NOT_FOUND`.
    fn code(&self) -> &str;

    /// The input field that it speaks of, in the API's camelCase, where there is one.
    fn field(&self) -> Option<&str> {
        None
    }
}

/// Ties each variant of an error to its stable code, once: gives the error `CODES` (all of them) and `stable_code`.
macro_rules! refusal_codes {
    ($error:ident { $($variant:ident => $code:literal),+ $(,)? }) => {
        impl $error {
            /// Every code that it can carry. Clients rely on them: never rename one.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            const fn stable_code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code),+ }
            }
        }
    };
}
pub(crate) use refusal_codes;
