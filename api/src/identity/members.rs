//! What is done with members: barred, signed out by force, described.

use domain::identity::account::AccountCommand;
use domain::identity::session::EndReason;
use domain::kernel::{Action, ActorId, Caller};
use domain::machines::work_center::Reason;
use domain::run::{Command, Done};
use domain::tenancy::roster::RosterCommand;
use infra::mail::Letter;

use super::sign_up::Typed;
use super::{Identity, Refused, Whose, permit, typed_option};

/// What a person says of themselves, as they typed it.
pub struct Description {
    /// Full name.
    pub name: String,
    /// Where they can be called.
    pub phone: Option<String>,
    /// What they do.
    pub job_title: Option<String>,
}

impl Identity {
    /// Bars a member from the company: their sessions end, and they are told.
    pub async fn deactivate(&self, caller: &Caller, member: ActorId, reason: Option<&str>) -> Result<Done, Refused> {
        permit(caller, Action::ManageMembers)?;
        let reason = typed_option("reason", Reason::try_new, reason)?;
        let done = self.tell(caller, Command::Roster(RosterCommand::Deactivate { member, reason })).await?;
        let whose = Whose { tenant: caller.tenant, account: member };
        // Who has only half accepted an invitation has neither an account nor a session.
        if self.known_by(whose).await?.0.is_some() {
            self.end_all(caller, member, None, EndReason::Deactivated).await?;
            if done.appended > 0 {
                self.tell_of_end(whose).await?;
            }
        }
        Ok(done)
    }

    /// Ends all sessions of a colleague, and tells them.
    pub async fn force_sign_out(&self, caller: &Caller, member: ActorId) -> Result<Done, Refused> {
        permit(caller, Action::ManageMembers)?;
        let done = self.end_all(caller, member, None, EndReason::Forced).await?;
        if done.appended > 0 {
            self.tell_of_end(Whose { tenant: caller.tenant, account: member }).await?;
        }
        Ok(done)
    }

    /// Corrects what the caller says of themselves.
    pub async fn describe(&self, caller: &Caller, said: &Description) -> Result<Done, Refused> {
        permit(caller, Action::OwnAccount)?;
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        let person = Typed::read(&said.name, said.phone.as_deref(), said.job_title.as_deref())?;
        let name = person.name().to_owned();
        let describe = AccountCommand::Describe(person.of(whose));
        let done = self.tell(caller, Command::Account(caller.actor, Box::new(describe))).await?;
        self.registry.label_actor(caller.tenant, caller.actor, &name).await?;
        Ok(done)
    }

    /// Mails a member that somebody else ended their sessions.
    pub(super) async fn tell_of_end(&self, whose: Whose) -> Result<(), Refused> {
        let (Some(email), _) = self.known_by(whose).await? else { return Ok(()) };
        let link = self.public_url.page("sign-in", None);
        self.mail(whose, email, Letter::SessionsEnded { at: self.now(), link }).await
    }
}
