//! What the domain needs of the outside world. Adapters live in `infra`; each port has one contract suite in `tests`.

mod answers;
mod codec;
mod event_store;
mod snapshots;
mod sources;
mod vault;

pub use answers::{Answer, Answers, Refused, Unchanged};
pub use codec::{Codec, CodecError};
pub use event_store::{
    Append, AppendError, Appended, Direction, Envelope, EventStore, Expected, Filter, Hash, NewEvent, Page, Position,
    ReadError, Recorded, Scope, StoredEvent,
};
pub use snapshots::{NoSnapshots, Snapshot, Snapshots};
pub use sources::{Clock, IdSource};
pub use vault::{Unsealed, Vault, VaultError};

/// A boxed future: what an object-safe asynchronous port gives back.
pub type Future<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;
