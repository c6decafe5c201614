//! Calendar feeds: what is planned on a machine or for a person, for the calendar app of whoever has the secret address. The address is
//! not known here.
//!
//! It protects:
//! - a feed is of a machine in use or of a person who works here, and there are not more of them than anybody looks through;
//! - who does not plan has feeds of their own work only;
//! - what was revoked stays so.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::company::{CompanyError, CompanyEvent};
use crate::kernel::context::Context;
use crate::kernel::{ActorId, FeedId, MachineId, OperatorId, SubjectId, Timestamp};
use crate::machines::machine::MachineStatus;

/// How many a company has at once.
pub const MOST_FEEDS: usize = 1_000;

/// Whose plan a feed tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedOf {
    /// Of a machine.
    Machine(MachineId),
    /// Of a person.
    Operator(OperatorId),
}

impl FeedOf {
    /// With what the address is forgotten.
    pub const fn subject(self) -> SubjectId {
        match self {
            Self::Machine(machine) => SubjectId(machine.0),
            Self::Operator(operator) => SubjectId(operator.0),
        }
    }
}

/// What may be asked about feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedCommand {
    /// Makes one.
    Make {
        /// Which.
        feed: FeedId,
        /// Whose plan it tells.
        of: FeedOf,
        /// Whether it says for which customers jobs are.
        with_customers: bool,
    },
    /// Makes one of who asks, without customers.
    MakeOwn {
        /// Which.
        feed: FeedId,
        /// Who they are on the floor.
        operator: OperatorId,
    },
    /// Ends it for good.
    Revoke(FeedId),
    /// Ends one of who asks for good.
    RevokeOwn(FeedId),
}

/// A calendar feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// Whose plan it tells.
    pub of: FeedOf,
    /// Whether it says for which customers jobs are.
    pub with_customers: bool,
    /// Who made it.
    pub by: ActorId,
    /// Since when.
    pub made: Timestamp,
}

/// The feeds that a company ever had; revoked ones are marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feeds(BTreeMap<FeedId, (Feed, bool)>);

impl Feeds {
    /// This one, if it was not revoked.
    pub fn get(&self, id: FeedId) -> Option<Feed> {
        self.0.get(&id).filter(|(_, revoked)| !revoked).map(|(feed, _)| *feed)
    }

    /// Those that were not revoked, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (FeedId, Feed)> {
        self.0.iter().filter(|(_, (_, revoked))| !revoked).map(|(id, (feed, _))| (*id, *feed))
    }

    /// Of what this one was made, revoked or not.
    pub fn of(&self, id: FeedId) -> Option<FeedOf> {
        self.0.get(&id).map(|(feed, _)| feed.of)
    }

    /// Of whom this one was made, revoked or not.
    pub(crate) fn operator_of(&self, id: FeedId) -> Option<OperatorId> {
        match self.of(id)? {
            FeedOf::Operator(operator) => Some(operator),
            FeedOf::Machine(_) => None,
        }
    }

    pub(super) fn change(&self, command: FeedCommand, context: &Context) -> Result<Option<CompanyEvent>, CompanyError> {
        match command {
            FeedCommand::Make { feed, of, with_customers } => {
                check_there(of, context)?;
                self.make(feed, (of, with_customers), context.caller.actor)
            }
            FeedCommand::MakeOwn { feed, operator } => {
                let of = FeedOf::Operator(operator);
                check_there(of, context)?;
                if !is_asking(context) {
                    return Err(CompanyError::OperatorNotFound(operator));
                }
                self.make(feed, (of, false), context.caller.actor)
            }
            FeedCommand::Revoke(feed) => self.revoke(feed),
            FeedCommand::RevokeOwn(feed) => {
                let is_own = self.operator_of(feed).is_some() && is_asking(context);
                if is_own { self.revoke(feed) } else { Err(CompanyError::FeedNotFound(feed)) }
            }
        }
    }

    fn make(
        &self,
        feed: FeedId,
        (of, with_customers): (FeedOf, bool),
        by: ActorId,
    ) -> Result<Option<CompanyEvent>, CompanyError> {
        if self.0.contains_key(&feed) {
            return Ok(None);
        }
        if self.iter().count() >= MOST_FEEDS {
            return Err(CompanyError::TooManyFeeds);
        }
        Ok(Some(CompanyEvent::FeedMade { feed, of, with_customers, by }))
    }

    fn revoke(&self, feed: FeedId) -> Result<Option<CompanyEvent>, CompanyError> {
        let (known, revoked) = self.0.get(&feed).ok_or(CompanyError::FeedNotFound(feed))?;
        Ok((!revoked).then_some(CompanyEvent::FeedRevoked { feed, of: known.of }))
    }

    pub(super) fn made(&mut self, id: FeedId, feed: Feed) {
        self.0.insert(id, (feed, false));
    }

    pub(super) fn revoked(&mut self, id: FeedId) {
        if let Some((_, revoked)) = self.0.get_mut(&id) {
            *revoked = true;
        }
    }
}

/// Fails unless the machine is in use, or the person works here.
fn check_there(of: FeedOf, context: &Context) -> Result<(), CompanyError> {
    let (machine, operator) = (&context.facts.machine, &context.facts.operator);
    match of {
        FeedOf::Machine(_) if machine.as_ref().is_some_and(|known| known.status != MachineStatus::Retired) => Ok(()),
        FeedOf::Operator(_) if operator.as_ref().is_some_and(|known| known.active) => Ok(()),
        FeedOf::Machine(machine) => Err(CompanyError::MachineNotFound(machine)),
        FeedOf::Operator(operator) => Err(CompanyError::OperatorNotFound(operator)),
    }
}

/// Whether the operator that was looked up is who asks.
fn is_asking(context: &Context) -> bool {
    context.facts.operator.as_ref().and_then(|known| known.user) == Some(context.caller.actor)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::company::{Company, CompanyCommand, CompanyName, ZoneName};
    use super::*;
    use crate::kernel::WorkCenterId;
    use crate::kernel::scenario::Scenario;
    use crate::machines::machine::MachineFacts;
    use crate::workforce::operator::OperatorFacts;

    const LATHE: MachineId = MachineId(Uuid::from_u128(1));
    const ANN: OperatorId = OperatorId(Uuid::from_u128(2));

    fn feed(number: u128) -> FeedId {
        FeedId(Uuid::from_u128(number))
    }

    fn of_lathe(number: u128) -> CompanyCommand {
        let of = FeedOf::Machine(LATHE);
        CompanyCommand::Feed(FeedCommand::Make { feed: feed(number), of, with_customers: true })
    }

    fn own(number: u128) -> CompanyCommand {
        CompanyCommand::Feed(FeedCommand::MakeOwn { feed: feed(number), operator: ANN })
    }

    fn revoke(number: u128) -> CompanyCommand {
        CompanyCommand::Feed(FeedCommand::Revoke(feed(number)))
    }

    fn revoke_own(number: u128) -> CompanyCommand {
        CompanyCommand::Feed(FeedCommand::RevokeOwn(feed(number)))
    }

    fn lathe_is(status: MachineStatus) -> MachineFacts {
        MachineFacts { id: LATHE, work_center: WorkCenterId(Uuid::from_u128(3)), status }
    }

    fn opened() -> Scenario<Company> {
        let (name, zone) = (CompanyName::try_new("A").unwrap(), ZoneName::try_new("UTC").unwrap());
        let open = CompanyCommand::Open { name, zone };
        let lathe = lathe_is(MachineStatus::Available);
        Scenario::new().given(&open).knowing(|facts| facts.machine = Some(lathe))
    }

    fn ann(user: Option<ActorId>, active: bool) -> OperatorFacts {
        OperatorFacts { id: ANN, active, user, skills: vec![], absences: vec![] }
    }

    #[test]
    fn a_feed_is_made_and_revoked_once_and_for_good() {
        let by = opened().context.caller.actor;
        let of = FeedOf::Machine(LATHE);
        let told = CompanyEvent::FeedMade { feed: feed(1), of, with_customers: true, by };
        opened().when(&of_lathe(1)).then(&[told]);
        let made = opened().given(&of_lathe(1));
        made.clone().when(&of_lathe(1)).then_nothing();
        made.clone().when(&revoke(1)).then(&[CompanyEvent::FeedRevoked { feed: feed(1), of }]);
        let revoked = made.given(&revoke(1));
        revoked.clone().when(&revoke(1)).then_nothing();
        revoked.when(&of_lathe(1)).then_nothing();
        opened().when(&revoke(2)).then_refused("CALENDAR_FEED_NOT_FOUND", Some("feedId"));
    }

    #[test]
    fn what_is_out_of_use_has_no_feed() {
        let retired = lathe_is(MachineStatus::Retired);
        for machine in [None, Some(retired)] {
            let without = opened().knowing(|facts| facts.machine = machine);
            without.when(&of_lathe(1)).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
        }
        let of_ann = FeedCommand::Make { feed: feed(1), of: FeedOf::Operator(ANN), with_customers: false };
        for operator in [None, Some(ann(None, false))] {
            let without = opened().knowing(|facts| facts.operator = operator.clone());
            without.when(&CompanyCommand::Feed(of_ann)).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
        }
    }

    #[test]
    fn who_does_not_plan_has_feeds_of_their_own_work_only() {
        let me = opened().context.caller.actor;
        let mine = opened().knowing(|facts| facts.operator = Some(ann(Some(me), true)));
        let told = CompanyEvent::FeedMade { feed: feed(1), of: FeedOf::Operator(ANN), with_customers: false, by: me };
        mine.clone().when(&own(1)).then(&[told]);
        let somebody = Some(ActorId(Uuid::from_u128(99)));
        for other in [None, Some(ann(None, true)), Some(ann(somebody, true)), Some(ann(Some(me), false))] {
            let theirs = opened().knowing(|facts| facts.operator = other.clone());
            theirs.when(&own(1)).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
        }
        let made = mine.given(&own(1)).given(&of_lathe(2));
        made.clone().when(&revoke_own(2)).then_refused("CALENDAR_FEED_NOT_FOUND", Some("feedId"));
        made.clone().when(&revoke_own(3)).then_refused("CALENDAR_FEED_NOT_FOUND", Some("feedId"));
        made.clone()
            .knowing(|facts| facts.operator = Some(ann(somebody, true)))
            .when(&revoke_own(1))
            .then_refused("CALENDAR_FEED_NOT_FOUND", Some("feedId"));
        made.when(&revoke_own(1)).then(&[CompanyEvent::FeedRevoked { feed: feed(1), of: FeedOf::Operator(ANN) }]);
    }

    #[test]
    fn there_are_not_more_feeds_than_anybody_looks_through() {
        let full = (0..MOST_FEEDS as u128).fold(opened(), |full, number| full.given(&of_lathe(number)));
        full.clone().when(&of_lathe(5_000)).then_refused("CALENDAR_FEEDS_TOO_MANY", None);
        assert_eq!(full.given(&revoke(7)).when(&of_lathe(5_000)).events().len(), 1);
    }
}
