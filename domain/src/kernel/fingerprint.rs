//! What a command said, shortened: tells whether a command id comes again with the same command.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::CommandId;

/// What a command said. Two commands of one id say the same if their fingerprints are the same.
///
/// It is no secret and no proof: who forges one only deceives themselves about their own command id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Uuid);

impl Fingerprint {
    /// Of what is said under this command id. It is kept for as long as events are: never change how anything is spelled.
    pub fn of(command: CommandId, said: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self(Uuid::new_v5(&command.0, &serde_json::to_vec(said)?)))
    }

    /// As it rests in the envelope of an event: it says nothing any more once the event's salt is gone, so that nobody can try
    /// out what a body said that was removed.
    pub fn salted(self, salt: &[u8; 16]) -> Uuid {
        Uuid::new_v5(&self.0, salt)
    }
}
