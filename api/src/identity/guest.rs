//! The guest of the sample company: a member with an account and without a password, let in by a link that the process prints as it
//! starts. Nothing of the link rests anywhere: it is good in this process, once. Who runs Kilter without a sample prints none, so none
//! is good there.

use std::sync::{Mutex, PoisonError};

use domain::identity::account::AccountCommand;
use domain::identity::session::Proof;
use domain::kernel::person::EmailAddress;
use domain::kernel::{Caller, DataClass};
use domain::ports::Scope;
use domain::run::Command;
use domain::tenancy::roster::RosterCommand;
use infra::vault::secrets::{SecretId, SecretKind};
use uuid::Uuid;

use super::links::new_text;
use super::sessions::Proved;
use super::sign_up::{Typed, step};
use super::{Came, Entrance, Identity, Refused, Whose, typed};

/// The link that is good, and whom it lets in.
#[derive(Default)]
pub struct Guest(Mutex<Option<(SecretId, Whose)>>);

impl Guest {
    fn put(&self, id: SecretId, whose: Whose) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, whose));
    }

    /// Whom this link lets in: once.
    fn take(&self, id: SecretId) -> Option<Whose> {
        let mut good = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        good.take_if(|(known, _)| *known == id).map(|(_, whose)| whose)
    }
}

impl Identity {
    /// The address of a page that lets one browser in as the caller; their account is made where there is none. A former link is good no more.
    pub async fn guest_link(&self, caller: &Caller, (email, name): (&str, &str)) -> Result<String, Refused> {
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        if self.known_by(whose).await?.0.is_none() {
            let (email, now) = (typed("email", EmailAddress::try_new, email)?, self.now());
            self.claim_email(&email, whose, now).await?;
            let kept = self.keep_email(&email, whose)?;
            let intention = Uuid::new_v5(&whose.account.0, b"guest");
            self.run(caller, step(intention, 0), Command::Roster(RosterCommand::Begin)).await?;
            let person = Typed::read(name, None, None)?.of(whose);
            let register = AccountCommand::Register { email: whose.personal(DataClass::Contact, email), person };
            self.run(caller, step(intention, 1), Command::Account(whose.account, Box::new(register))).await?;
            self.secrets.change(Scope::System, vec![kept], now).await?;
        }
        // Who opens the folder works under a name of their own, which they leave behind.
        self.registry.label_actor(whose.tenant, whose.account, name).await?;
        let text = new_text();
        self.guest.put(self.secrets.id(SecretKind::Link, text.as_bytes()), whose);
        Ok(self.public_url.page("guest", Some(&text)).as_str().to_owned())
    }

    /// Lets the guest in who has the link, as far as that is enough.
    pub async fn let_guest_in(&self, link: &str, came: &Came) -> Result<Entrance, Refused> {
        let id = self.secrets.id(SecretKind::Link, link.as_bytes());
        let whose = self.guest.take(id).ok_or(Refused::Link)?;
        let epoch = self.epoch(whose, self.now()).await?;
        let role = self.role_of(whose).await?.ok_or(Refused::Link)?;
        let proved = Proved { whose, proof: Proof::Link, second_factor: None, remembered: false, epoch };
        self.enter(proved, role, came).await
    }
}
