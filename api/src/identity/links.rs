//! One-time tokens: what a link in a mail, or the next step of a sign-in, carries. Used once, for one thing, before they end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::{ActorId, InvitationId, SubjectId, TenantId, Timestamp};
use domain::ports::Scope;
use infra::random::random_bytes;
use infra::vault::secrets::{Secret, SecretKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::passkeys::{Adding, Showing};
use super::providers::AtProvider;
use super::second_factor::Pending;
use super::{Identity, Refused, Whose, later};

/// How long the link of a sign-up is good: 2 hours.
pub(super) const VERIFY_SECONDS: i64 = 2 * 3600;
/// How long the link to set another password is good: 1 hour.
pub(super) const RESET_SECONDS: i64 = 3600;
/// How long an invitation is good: 24 hours.
pub(super) const INVITATION_SECONDS: i64 = 24 * 3600;

/// What a link is for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// To prove the address of this sign-up.
    Verify(Uuid),
    /// To set another password.
    Reset {
        /// Of the company.
        tenant: TenantId,
        /// Whose.
        account: ActorId,
    },
    /// To accept an invitation.
    Join {
        /// To the company.
        tenant: TenantId,
        /// Which.
        invitation: InvitationId,
    },
    /// To show the second factor of a sign-in.
    SecondFactor(Pending),
    /// To set a second factor up, without which they are not let in.
    Enrolment(Pending),
    /// To come back from a provider.
    AtProvider(Box<AtProvider>),
    /// To add a passkey.
    AddPasskey(Box<Adding>),
    /// To show a passkey.
    ShowPasskey(Box<Showing>),
}

/// A link as it was found, to be taken with what it is for.
pub(super) struct Found {
    pub(super) secret: Secret,
    pub(super) purpose: Purpose,
}

/// The text of a new link.
pub(super) fn new_text() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

impl Identity {
    /// A new link: its text, which rests nowhere, and the secret to put.
    pub(super) fn link(&self, purpose: &Purpose, seconds: i64, now: Timestamp) -> Result<(String, Secret), Refused> {
        let text = new_text();
        let secret = self.link_called(&text, purpose, seconds, now)?;
        Ok((text, secret))
    }

    /// The secret of a link whose text is known already.
    pub(super) fn link_called(
        &self,
        text: &str,
        purpose: &Purpose,
        seconds: i64,
        now: Timestamp,
    ) -> Result<Secret, Refused> {
        let secret = Secret::new(self.secrets.id(SecretKind::Link, text.as_bytes()), purpose)?;
        let secret = match purpose {
            Purpose::Verify(_) => secret,
            Purpose::Reset { tenant, account } => secret.of_owner(*tenant, SubjectId(account.0)),
            Purpose::Join { tenant, invitation } => secret.of_owner(*tenant, SubjectId(invitation.0)),
            Purpose::SecondFactor(pending) | Purpose::Enrolment(pending) => {
                secret.of_owner(pending.tenant, SubjectId(pending.account.0))
            }
            Purpose::AtProvider(step) => match step.whose() {
                Some(whose) => secret.of_owner(whose.tenant, whose.subject()),
                None => secret,
            },
            Purpose::AddPasskey(adding) => secret.of_owner(adding.tenant, SubjectId(adding.account.0)),
            Purpose::ShowPasskey(showing) => match showing.whose() {
                Some(whose) => secret.of_owner(whose.tenant, whose.subject()),
                None => secret,
            },
        };
        Ok(secret.expiring_at(later(now, seconds)))
    }

    /// The link with this text, if it is good.
    pub(super) async fn find_link(&self, text: &str, now: Timestamp) -> Result<Found, Refused> {
        let id = self.secrets.id(SecretKind::Link, text.as_bytes());
        let secret = self.secrets.find(Scope::System, id, now).await?.ok_or(Refused::Link)?;
        let purpose = secret.value()?;
        Ok(Found { secret, purpose })
    }
}

impl Found {
    /// Whose password it sets.
    pub(super) const fn reset(&self) -> Option<Whose> {
        match self.purpose {
            Purpose::Reset { tenant, account } => Some(Whose { tenant, account }),
            Purpose::Verify(_)
            | Purpose::Join { .. }
            | Purpose::SecondFactor(_)
            | Purpose::Enrolment(_)
            | Purpose::AtProvider(_)
            | Purpose::AddPasskey(_)
            | Purpose::ShowPasskey(_) => None,
        }
    }
}
