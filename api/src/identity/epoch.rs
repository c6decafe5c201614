//! When all sessions of a person are ended, so is what was begun before and has not become a session yet.
//!
//! Whoever begins to prove who they are does so in the epoch that stands then, and the session is added only where it still stands, in
//! one change. Who ends all sessions begins another epoch first, and then looks which sessions there are.

use domain::kernel::Timestamp;
use domain::ports::Scope;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Standing};

use super::second_factor::{TRIES, busy};
use super::{Identity, Refused, Whose};
use crate::auth::family::Epoch;

/// An epoch that begins.
pub(super) struct Renewal {
    /// The new one.
    pub(super) epoch: Epoch,
    /// What begins it, unless somebody else began one meanwhile.
    pub(super) change: Change,
}

impl Identity {
    /// The one that stands. To be asked before anything that is shown is looked at.
    pub(super) async fn epoch(&self, whose: Whose, now: Timestamp) -> Result<Epoch, Refused> {
        Ok(self.standing_epoch(whose, now).await?.1)
    }

    /// Makes these changes if this epoch still stands; whether it does.
    pub(super) async fn change_within(
        &self,
        whose: Whose,
        epoch: Epoch,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        for _ in 0..TRIES {
            let (found, stands) = self.standing_epoch(whose, now).await?;
            if stands != epoch {
                return Ok(false);
            }
            let hold = match &found {
                Some(found) => Change::hold(found),
                None => Change::add(self.epoch_secret(whose, stands)?),
            };
            let changes = changes.iter().cloned().chain([hold]).collect();
            match self.secrets.change(Scope::Tenant(whose.tenant), changes, now).await {
                Err(ChangeError::Stale) => {}
                outcome => return Ok(outcome.map(|()| true)?),
            }
        }
        Err(busy())
    }

    /// What begins another one in the place of this one, or of any; none where this one does not stand any more.
    pub(super) async fn renew_epoch(
        &self,
        whose: Whose,
        epoch: Option<Epoch>,
        now: Timestamp,
    ) -> Result<Option<Renewal>, Refused> {
        let (found, stands) = self.standing_epoch(whose, now).await?;
        if epoch.is_some_and(|epoch| epoch != stands) {
            return Ok(None);
        }
        let epoch = Epoch(self.ids.next());
        let change = match &found {
            Some(found) => Change::replace(found, found.with_value(&epoch)?),
            None => Change::add(self.epoch_secret(whose, epoch)?),
        };
        Ok(Some(Renewal { epoch, change }))
    }

    /// Begins another one.
    pub(super) fn end_epoch(&self, whose: Whose) -> Result<Change, Refused> {
        let secret = self.epoch_secret(whose, Epoch(self.ids.next()))?;
        Ok(Change::Put { secret, expected: Standing::Any })
    }

    async fn standing_epoch(&self, whose: Whose, now: Timestamp) -> Result<(Option<Secret>, Epoch), Refused> {
        let found = self.secrets.find(Scope::System, self.epoch_id(whose), now).await?;
        let epoch = found.as_ref().map(Secret::value).transpose()?.unwrap_or_default();
        Ok((found, epoch))
    }

    fn epoch_secret(&self, whose: Whose, epoch: Epoch) -> Result<Secret, Refused> {
        Ok(Secret::new(self.epoch_id(whose), &epoch)?.of_owner(whose.tenant, whose.subject()))
    }

    fn epoch_id(&self, whose: Whose) -> SecretId {
        self.secrets.id(SecretKind::Epoch, whose.account.0.as_bytes())
    }
}
