//! The secret addresses of calendar feeds. A feed is good as long as the vault holds its address, the log calls it good, who made it
//! could make it now, and it is asked for from where the company lets people in.

use std::net::IpAddr;

use domain::kernel::{Action, ActorId, Caller, FeedId, TenantId};
use domain::ports::Scope;
use domain::run::{Command, Done};
use domain::tenancy::company::{CompanyCommand, CompanyError};
use domain::tenancy::feeds::{Feed, FeedCommand, FeedOf, Feeds};
use domain::workforce::operator::OperatorState;
use infra::vault::secrets::{Change, Secret, SecretKind};
use serde::{Deserialize, Serialize};

use super::links::new_text;
use super::{Identity, Refused, permit};

/// Of what the address of a feed is made: 32 random bytes in base64url.
const TEXT_LENGTH: usize = 43;

/// A feed that was made.
pub struct NewFeed {
    /// Which.
    pub id: FeedId,
    /// Its address; it is shown once.
    pub address: String,
    /// What the log says.
    pub done: Done,
}

/// A feed that is good.
pub struct GoodFeed {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub id: FeedId,
    /// What it tells.
    pub feed: Feed,
}

/// An address as it rests.
#[derive(Serialize, Deserialize)]
struct Rests {
    tenant: TenantId,
    feed: FeedId,
}

impl Identity {
    /// Makes a feed: who plans of anything, anybody else of their own work. Not for tokens: who has one would go on reading after it was
    /// revoked. The address rests nowhere.
    pub async fn make_feed(&self, caller: &Caller, of: FeedOf, with_customers: bool) -> Result<NewFeed, Refused> {
        permit(caller, Action::OwnAccount)?;
        let feed = FeedId(self.ids.next());
        let command = match of {
            _ if caller.may(Action::PlanWork) => FeedCommand::Make { feed, of, with_customers },
            FeedOf::Operator(operator) if !with_customers => FeedCommand::MakeOwn { feed, operator },
            FeedOf::Operator(_) => return Err(Refused::Denied),
            FeedOf::Machine(machine) => {
                return Err(Refused::Rejected(Box::new(CompanyError::MachineNotFound(machine))));
            }
        };
        // The log first: an address that nobody is told of must not be there.
        let done = self.tell(caller, about(command)).await?;
        let text = new_text();
        let rests = Rests { tenant: caller.tenant, feed };
        let secret = Secret::new(self.secrets.id(SecretKind::Feed, text.as_bytes()), &rests)?;
        let secret = secret.of_owner(caller.tenant, of.subject());
        self.secrets.change(Scope::Tenant(caller.tenant), vec![Change::add(secret)], self.now()).await?;
        let address = self.public_url.page(&format!("calendar/{text}.ics"), None).as_str().to_owned();
        Ok(NewFeed { id: feed, address, done })
    }

    /// Ends a feed for good. The log first, which says whose it is; from then on the address is of no use, and what is left of it in
    /// the vault goes. Asked again, it does what is left to do.
    pub async fn revoke_feed(&self, caller: &Caller, feed: FeedId) -> Result<Done, Refused> {
        permit(caller, Action::OwnAccount)?;
        let plans = caller.may(Action::PlanWork);
        let command = if plans { FeedCommand::Revoke(feed) } else { FeedCommand::RevokeOwn(feed) };
        let done = self.tell(caller, about(command)).await?;
        let of = self.commands.company(caller.tenant).await?.feeds().and_then(|feeds| feeds.of(feed));
        if let Some(of) = of {
            let found = self.secrets.of_owner(SecretKind::Feed, caller.tenant, of.subject(), self.now()).await?;
            let is_its = |secret: &&Secret| secret.value::<Rests>().is_ok_and(|rests| rests.feed == feed);
            let gone = found.iter().filter(is_its).map(|secret| Change::Remove { id: secret.id(), version: None });
            self.secrets.change(Scope::Tenant(caller.tenant), gone.collect(), self.now()).await?;
        }
        Ok(done)
    }

    /// Those of the caller's company, the oldest first: all for who plans, those of their own work for anybody else.
    pub async fn feeds(&self, caller: &Caller) -> Result<Vec<(FeedId, Feed)>, Refused> {
        let company = self.commands.company(caller.tenant).await?;
        let feeds: Vec<(FeedId, Feed)> = company.feeds().into_iter().flat_map(Feeds::iter).collect();
        if caller.may(Action::PlanWork) {
            return Ok(feeds);
        }
        permit(caller, Action::OwnAccount)?;
        let mut own = Vec::new();
        for (id, feed) in feeds {
            if self.is_own(caller.tenant, feed.of, caller.actor).await? {
                own.push((id, feed));
            }
        }
        Ok(own)
    }

    /// The feed at this address, if it is good from there.
    pub async fn find_feed(&self, text: &str, from: IpAddr) -> Result<Option<GoodFeed>, Refused> {
        if text.len() != TEXT_LENGTH {
            return Ok(None);
        }
        let id = self.secrets.id(SecretKind::Feed, text.as_bytes());
        let Some(secret) = self.secrets.find(Scope::System, id, self.now()).await? else { return Ok(None) };
        let Rests { tenant, feed: id } = secret.value()?;
        let lets_in = self.commands.company(tenant).await?.security().lets_in(from);
        let Some(feed) = self.known_feed(tenant, id).await?.filter(|_| lets_in) else { return Ok(None) };
        let good = self.could_be_made_now(tenant, &feed).await?;
        Ok(good.then_some(GoodFeed { tenant, id, feed }))
    }

    /// Whether who made it is let in, and plans or tells of their own work. Who is on no roster has the data folder.
    async fn could_be_made_now(&self, tenant: TenantId, feed: &Feed) -> Result<bool, Refused> {
        let roster = self.commands.roster(tenant).await?;
        let Some(maker) = roster.members.get(&feed.by) else { return Ok(true) };
        if !maker.active {
            return Ok(false);
        }
        Ok(maker.role.may(Action::PlanWork) || self.is_own(tenant, feed.of, feed.by).await?)
    }

    async fn is_own(&self, tenant: TenantId, of: FeedOf, member: ActorId) -> Result<bool, Refused> {
        let FeedOf::Operator(operator) = of else { return Ok(false) };
        Ok(match &*self.commands.operator(tenant, operator).await? {
            OperatorState::Active(person) => person.user == Some(member),
            OperatorState::Unknown | OperatorState::Inactive(_) => false,
        })
    }

    async fn known_feed(&self, tenant: TenantId, id: FeedId) -> Result<Option<Feed>, Refused> {
        Ok(self.commands.company(tenant).await?.feeds().and_then(|feeds| feeds.get(id)))
    }
}

const fn about(command: FeedCommand) -> Command {
    Command::Company(CompanyCommand::Feed(command))
}
