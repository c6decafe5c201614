//! Sign-in with a password.

use domain::identity::session::Proof;
use domain::kernel::Timestamp;
use domain::kernel::person::EmailAddress;
use domain::ports::Scope;
use infra::identity::passwords::{Lane, Password, PasswordHash};
use infra::mail::{Letter, Line, Mail};
use infra::vault::secrets::{Change, Secret};
use serde::Deserialize;

use super::sessions::Proved;
use super::{Came, Entrance, Identity, Refused, Renewed, Whose, typed};

/// What somebody types who signs in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// Their address.
    email: String,
    /// Their password.
    password: String,
    /// Whether the device is to be remembered.
    #[serde(default)]
    remember: bool,
}

/// Somebody who is in.
pub struct SignedIn {
    /// What the browser gets.
    pub tokens: Renewed,
    /// The cookie that tells the device from now on.
    pub device: String,
}

impl Identity {
    /// Lets in who has the right password, as far as that is enough. Who does not have it learns nothing: neither answer nor time
    /// tells whether there is an account, whether it was verified, or whether it was deactivated.
    pub async fn sign_in(&self, asked: SignIn, came: &Came) -> Result<Entrance, Refused> {
        let email = typed("email", EmailAddress::try_new, &asked.email)?;
        let now = self.now();
        let owner = self.owner_of(&email, now).await?;
        let counts = self.counts(&email, came);
        let lane = if counts.is_of_known_device() { Lane::Known } else { Lane::Others };
        let charged = self.charge(counts, owner, now).await?;
        let whose = owner.unwrap_or(Whose::NOBODY);
        let epoch = self.epoch(whose, now).await?;
        let hash = self.hash_of(whose, now).await?;
        let role = self.role_of(whose).await?;
        let password = Password::new(asked.password.clone());
        let compared = self.passwords.matches_in(lane, password, hash.clone()).await;
        let (Some(whose), Some(hash), Some(role), Ok(true)) = (owner, hash, role, &compared) else {
            if compared.is_err() {
                self.refund(charged, now).await?;
            }
            return Err(compared.err().map_or(Refused::Credentials, Refused::from));
        };
        self.refund(charged, now).await?;
        self.renew_hash(whose, &hash, asked.password).await;
        let (proof, second_factor) = (Proof::Password, None);
        self.enter(Proved { whose, proof, second_factor, remembered: asked.remember, epoch }, role, came).await
    }

    /// Opens a session for who has shown all that is asked for. Nothing is held against them any more.
    pub(super) async fn let_in(&self, proved: Proved, came: &Came) -> Result<SignedIn, Refused> {
        let (whose, now) = (proved.whose, self.now());
        let email = self.known_by(whose).await?.0.ok_or(Refused::Session)?;
        let counts = self.counts(&email, came);
        let tokens = self.open_session(proved, came).await?;
        self.forget_failures(&counts, now).await?;
        if !counts.is_of_known_device() {
            self.tell_of_new_device(whose, &email, came, now).await?;
        }
        Ok(SignedIn { tokens, device: self.device_key.make(&email) })
    }

    pub(super) async fn hash_of(&self, whose: Whose, now: Timestamp) -> Result<Option<PasswordHash>, Refused> {
        let found = self.secrets.find(Scope::System, self.password_id(whose), now).await?;
        Ok(found.map(|secret| secret.value()).transpose()?)
    }

    /// Hashes the password anew where it was hashed with less work than new ones are. To fail does no harm.
    async fn renew_hash(&self, whose: Whose, hash: &PasswordHash, password: String) {
        if !self.passwords.is_outdated(hash) {
            return;
        }
        let renewed = async {
            let found = self.secrets.find(Scope::System, self.password_id(whose), self.now()).await?;
            // Another password may have been set meanwhile.
            let same = |found: &Secret| found.value::<PasswordHash>().is_ok_and(|stands| stands == *hash);
            let Some(found) = found.filter(same) else { return Ok(()) };
            let hash = self.passwords.hash(Password::new(password), &[]).await?;
            let change = Change::replace(&found, found.with_value(&hash)?);
            Ok::<_, Refused>(self.secrets.change(Scope::Tenant(whose.tenant), vec![change], self.now()).await?)
        };
        if let Err(error) = renewed.await {
            tracing::debug!(%error, "identity.hash_not_renewed");
        }
    }

    async fn tell_of_new_device(
        &self,
        whose: Whose,
        email: &EmailAddress,
        came: &Came,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let letter = Letter::NewSignIn {
            device: Line::of(&came.client.line()),
            at: now,
            link: self.public_url.page("sign-in", None),
        };
        self.mail(whose, email.clone(), letter).await
    }

    /// Mails something to a member, in their company's language.
    pub(super) async fn mail(&self, whose: Whose, to: EmailAddress, letter: Letter) -> Result<(), Refused> {
        let language = self.language_of(whose.tenant).await?;
        let mail = Mail { to, language, letter, owner: Some((whose.tenant, whose.subject())) };
        Ok(self.outbox.post(&mail, self.now()).await?)
    }
}
