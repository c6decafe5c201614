//! Tokens of integrations, as members make and revoke them.

use domain::identity::api_token::{ApiTokenCommand, TokenGrant};
use domain::kernel::{Action, ApiTokenId, Caller};
use domain::run::{Command, Done};
use domain::tenancy::roster::RosterError;

use super::{Identity, Refused, permit};

/// A token that was made.
pub struct NewApiToken {
    /// Which.
    pub id: ApiTokenId,
    /// The token itself; it is shown once.
    pub text: String,
    /// What the log says.
    pub done: Done,
}

impl Identity {
    /// Makes a token good for this. Only members do: it is good no longer than who made it is let in.
    pub async fn make_api_token(&self, caller: &Caller, grant: TokenGrant) -> Result<NewApiToken, Refused> {
        permit(caller, Action::ManageApiTokens)?;
        if self.commands.roster(caller.tenant).await?.active(caller.actor).is_none() {
            return Err(Refused::Rejected(Box::new(RosterError::MemberNotFound)));
        }
        let (id, expires) = (ApiTokenId(self.ids.next()), grant.expires);
        let name = grant.name.clone();
        // The log first: a way in that nobody is told of must not be there.
        let done = self.tell(caller, Command::ApiToken(id, ApiTokenCommand::Make(grant))).await?;
        self.registry.label_actor(caller.tenant, id.into(), name.as_str()).await?;
        let text = self.api_tokens.make(caller, id, expires, self.now()).await?;
        Ok(NewApiToken { id, text, done })
    }

    /// Ends a token for good. The vault first: what the log calls revoked must not go on. Asked again, it does what is left to do.
    pub async fn revoke_api_token(&self, caller: &Caller, id: ApiTokenId) -> Result<Done, Refused> {
        permit(caller, Action::ManageApiTokens)?;
        self.api_tokens.forget(caller.tenant, id, self.now()).await?;
        Ok(self.tell(caller, Command::ApiToken(id, ApiTokenCommand::Revoke)).await?)
    }
}
