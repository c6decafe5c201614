//! Invitations: who is asked to join a company, and how they do.

use domain::kernel::person::EmailAddress;
use domain::kernel::{
    Action, ActorId, Caller, DataClass, InvitationId, Personal, Role, SubjectId, TenantId, Timestamp,
};
use domain::ports::Scope;
use domain::run::{Command, Done};
use domain::tenancy::company::CompanyState;
use domain::tenancy::roster::{RosterCommand, RosterError};
use infra::identity::passwords::Password;
use infra::mail::{Letter, Line, Mail};
use infra::vault::secrets::{Change, ChangeError};
use serde::Deserialize;

use super::links::{INVITATION_SECONDS, Purpose};
use super::sign_up::{Typed, step};
use super::{Identity, Refused, Whose, later, permit, typed};

/// What somebody types who accepts an invitation. The address is the one that it was sent to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The token of the link.
    token: String,
    /// Full name.
    name: String,
    /// Of the person.
    phone: Option<String>,
    /// Of the person.
    job_title: Option<String>,
    /// The password.
    password: String,
}

/// What who opens an invitation sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationSeen {
    /// Which company asks.
    pub company: String,
    /// What they will be.
    pub role: Role,
    /// Where it was sent.
    pub email: String,
    /// Until when it can be accepted.
    pub expires: Timestamp,
}

impl Identity {
    /// Asks somebody to join the caller's company.
    pub async fn invite(&self, caller: &Caller, email: &str, role: Role) -> Result<(InvitationId, Done), Refused> {
        permit(caller, Action::ManageMembers)?;
        let email = typed("email", EmailAddress::try_new, email)?;
        let (invitation, now) = (InvitationId(self.ids.next()), self.now());
        let sealed =
            Personal::Clear { subject: SubjectId(invitation.0), class: DataClass::Contact, value: email.clone() };
        let expires = later(now, INVITATION_SECONDS);
        let invite = RosterCommand::Invite { invitation, email: sealed, role, expires };
        let done = self.tell(caller, Command::Roster(invite)).await?;
        self.mail_invitation(caller, invitation, email, now).await?;
        Ok((invitation, done))
    }

    /// Sends an invitation again: it ends later, and the former link is of no use any more.
    pub async fn renew_invitation(&self, caller: &Caller, invitation: InvitationId) -> Result<Done, Refused> {
        let now = self.now();
        let expires = later(now, INVITATION_SECONDS);
        let renew = RosterCommand::RenewInvitation { invitation, expires };
        let done = self.tell(caller, Command::Roster(renew)).await?;
        let roster = self.commands.roster(caller.tenant).await?;
        let known = roster.invitations.get(&invitation).and_then(|known| known.email.clear().cloned());
        let email = known.ok_or_else(|| Refused::from(domain::run::RunError::from(RosterError::InvitationNotFound)))?;
        self.secrets.forget_owner(caller.tenant, SubjectId(invitation.0)).await?;
        self.mail_invitation(caller, invitation, email, now).await?;
        Ok(done)
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(&self, caller: &Caller, invitation: InvitationId) -> Result<Done, Refused> {
        let done = self.tell(caller, Command::Roster(RosterCommand::RevokeInvitation(invitation))).await?;
        self.secrets.forget_owner(caller.tenant, SubjectId(invitation.0)).await?;
        Ok(done)
    }

    /// What an invitation says, to who has its link.
    pub async fn see_invitation(&self, link: &str) -> Result<InvitationSeen, Refused> {
        let found = self.find_link(link, self.now()).await?;
        let Purpose::Join { tenant, invitation } = found.purpose else { return Err(Refused::Link) };
        let roster = self.commands.roster(tenant).await?;
        let known = roster.invitations.get(&invitation).ok_or(Refused::Link)?;
        let email = known.email.clear().ok_or(Refused::Link)?.to_string();
        Ok(InvitationSeen {
            company: self.company_name(tenant).await?,
            role: known.role,
            email,
            expires: known.expires,
        })
    }

    /// Accepts an invitation: from now on they are a member, and can sign in.
    pub async fn accept_invitation(&self, asked: AcceptInvitation) -> Result<(), Refused> {
        let now = self.now();
        let person = Typed::read(&asked.name, asked.phone.as_deref(), asked.job_title.as_deref())?;
        let found = self.find_link(&asked.token, now).await?;
        let Purpose::Join { tenant, invitation } = found.purpose else { return Err(Refused::Link) };
        // The same account however often it is tried.
        let whose = Whose { tenant, account: ActorId(step(invitation.0, 0)) };
        let (email, role) = self.invited(whose, invitation).await?;
        let company = self.company_name(tenant).await?;
        let known = [email.as_str(), person.name(), company.as_str()];
        let hash = self.passwords.hash(Password::new(asked.password), &known).await?;
        self.claim_email(&email, whose, now).await?;
        self.registry.label_actor(tenant, whose.account, person.name()).await?;
        let kept = self.keep_email(&email, whose)?;
        // The account first: who has joined must be found by it when this is tried again.
        self.register(step(invitation.0, 2), whose, (email, person), role).await?;
        let join = Command::Roster(RosterCommand::Join(invitation));
        self.run(&whose.caller(role), step(invitation.0, 1), join).await?;
        let done = vec![Change::take(&found.secret), Change::add(self.password_secret(whose, &hash)?), kept];
        match self.secrets.change(Scope::Tenant(tenant), done, now).await {
            Err(ChangeError::Stale) => Err(Refused::Link),
            outcome => Ok(outcome?),
        }
    }

    /// Address and role of an invitation that is open, or that this account has accepted by half.
    async fn invited(&self, whose: Whose, invitation: InvitationId) -> Result<(EmailAddress, Role), Refused> {
        let roster = self.commands.roster(whose.tenant).await?;
        if let Some(known) = roster.invitations.get(&invitation) {
            return Ok((known.email.clear().cloned().ok_or(Refused::Link)?, known.role));
        }
        let member = roster.active(whose.account).ok_or(Refused::Link)?;
        match self.known_by(whose).await? {
            (Some(email), _) => Ok((email, member.role)),
            (None, _) => Err(Refused::Link),
        }
    }

    async fn mail_invitation(
        &self,
        caller: &Caller,
        invitation: InvitationId,
        to: EmailAddress,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let tenant = caller.tenant;
        let (text, link) = self.link(&Purpose::Join { tenant, invitation }, INVITATION_SECONDS, now)?;
        let inviter = self.registry.actor_label(tenant, caller.actor).await?;
        let letter = Letter::Invitation {
            company: Line::of(&self.company_name(tenant).await?),
            inviter: Line::of(inviter.as_deref().unwrap_or("?")),
            link: self.public_url.page("invitation", Some(&text)),
        };
        let language = self.language_of(tenant).await?;
        let mail = Mail { to, language, letter, owner: Some((tenant, SubjectId(invitation.0))) };
        let changes = vec![Change::add(link), self.outbox.put(&mail, now)?];
        self.secrets.change(Scope::Tenant(tenant), changes, now).await?;
        self.outbox.wake();
        Ok(())
    }

    async fn company_name(&self, tenant: TenantId) -> Result<String, Refused> {
        match &*self.commands.company(tenant).await? {
            CompanyState::Open(company) => Ok(company.name.to_string()),
            CompanyState::NotOpen => {
                Ok(self.registry.tenant(tenant).await?.map_or_else(String::new, |known| known.name))
            }
        }
    }
}
