//! The roster: who is a member of the company in which role, and who was invited.
//!
//! It protects:
//! - a company always has an active admin;
//! - nobody locks themselves out by their own hand;
//! - an invitation is accepted once, before it ends, and one address has one at a time.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::person::EmailAddress;
use crate::kernel::{ActorId, InvitationId, Personal, PersonalSlot, Role, StreamType, Timestamp, personal};
use crate::machines::work_center::Reason;

/// How many people and open invitations a roster holds at most: it is one stream, and read whole.
pub const MAX_PEOPLE: usize = 10_000;

/// What may be asked of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RosterCommand {
    /// Begins it with its first admin, who asks for it.
    Begin,
    /// Asks somebody to join.
    Invite {
        /// The invitation.
        invitation: InvitationId,
        /// Where it is sent; its subject is the invitation's own id.
        #[serde(serialize_with = "personal::left_out")]
        email: Personal<EmailAddress>,
        /// What they will be.
        role: Role,
        /// Until when it can be accepted.
        expires: Timestamp,
    },
    /// Sends it again, with a new end.
    RenewInvitation {
        /// Which one.
        invitation: InvitationId,
        /// Until when it can be accepted.
        expires: Timestamp,
    },
    /// Takes it back.
    RevokeInvitation(InvitationId),
    /// Accepts it; who asks becomes a member.
    Join(InvitationId),
    /// Gives a member another role.
    ChangeRole {
        /// Who.
        member: ActorId,
        /// What they will be.
        role: Role,
    },
    /// Bars a member from the company.
    Deactivate {
        /// Who.
        member: ActorId,
        /// Why.
        reason: Option<Reason>,
    },
    /// Lets a member back in.
    Reactivate(ActorId),
}

/// What can have happened to the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RosterEvent {
    /// Somebody was asked to join.
    #[serde(rename = "roster.invited")]
    Invited {
        /// The invitation.
        invitation: InvitationId,
        /// Where it was sent.
        email: Personal<EmailAddress>,
        /// What they will be.
        role: Role,
        /// Until when it can be accepted.
        expires: Timestamp,
    },
    /// The invitation was sent again.
    #[serde(rename = "roster.invitation_renewed")]
    InvitationRenewed {
        /// Which one.
        invitation: InvitationId,
        /// Until when it can be accepted.
        expires: Timestamp,
    },
    /// The invitation was taken back.
    #[serde(rename = "roster.invitation_revoked")]
    InvitationRevoked {
        /// Which one.
        invitation: InvitationId,
    },
    /// Somebody became a member.
    #[serde(rename = "roster.joined")]
    Joined {
        /// Who.
        member: ActorId,
        /// What they are.
        role: Role,
        /// By which invitation; none for who began the roster.
        invitation: Option<InvitationId>,
    },
    /// A member got another role.
    #[serde(rename = "roster.role_changed")]
    RoleChanged {
        /// Who.
        member: ActorId,
        /// Before.
        was: Role,
        /// After.
        role: Role,
    },
    /// A member was barred from the company.
    #[serde(rename = "roster.deactivated")]
    Deactivated {
        /// Who.
        member: ActorId,
        /// Why.
        reason: Option<Reason>,
    },
    /// A member was let back in.
    #[serde(rename = "roster.reactivated")]
    Reactivated {
        /// Who.
        member: ActorId,
    },
}

/// Why the roster refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// It has members already.
    #[error("the company has members already; one of its admins can invite you")]
    Begun,
    /// No such member.
    #[error("there is no such member")]
    MemberNotFound,
    /// No such invitation, or it was accepted or taken back.
    #[error("there is no such invitation any more")]
    InvitationNotFound,
    /// Its time is over.
    #[error("the invitation ended at {0}; ask for a new one")]
    InvitationEnded(Timestamp),
    /// It would end before it is sent.
    #[error("an invitation can't end at {0}: that is past")]
    EndsInPast(Timestamp),
    /// That address has one already.
    #[error("that address was invited already; send that invitation again")]
    AlreadyInvited,
    /// They would be nobody's to let back in.
    #[error("the company would have no active admin left")]
    LastAdmin,
    /// By their own hand.
    #[error("nobody can deactivate themselves")]
    Yourself,
    /// Too many people for one company.
    #[error("a company has at most {MAX_PEOPLE} members and open invitations")]
    Full,
}

refusal_codes!(RosterError {
    Begun => "ROSTER_BEGUN",
    MemberNotFound => "MEMBER_NOT_FOUND",
    InvitationNotFound => "INVITATION_NOT_FOUND",
    InvitationEnded => "INVITATION_ENDED",
    EndsInPast => "INVITATION_ENDS_IN_PAST",
    AlreadyInvited => "ALREADY_INVITED",
    LastAdmin => "LAST_ADMIN",
    Yourself => "DEACTIVATES_YOURSELF",
    Full => "ROSTER_FULL",
});

impl Refusal for RosterError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::MemberNotFound | Self::Yourself => Some("member"),
            Self::InvitationNotFound | Self::InvitationEnded(_) => Some("invitation"),
            Self::AlreadyInvited => Some("email"),
            Self::EndsInPast(_) => Some("expires"),
            Self::Begun | Self::LastAdmin | Self::Full => None,
        }
    }
}

/// A member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// What they are.
    pub role: Role,
    /// Whether they are let in.
    pub active: bool,
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where it was sent.
    pub email: Personal<EmailAddress>,
    /// What they will be.
    pub role: Role,
    /// Until when it can be accepted.
    pub expires: Timestamp,
}

/// Members and open invitations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RosterState {
    /// All that there ever were.
    pub members: BTreeMap<ActorId, Member>,
    /// Those that were neither accepted nor taken back.
    pub invitations: BTreeMap<InvitationId, Invitation>,
}

/// Decides for the roster.
pub struct Roster;

impl Decider for Roster {
    const STREAM: StreamType = StreamType::Roster;
    type Command = RosterCommand;
    type Event = RosterEvent;
    type Error = RosterError;
    type State = RosterState;

    fn decide(
        state: &RosterState,
        command: &RosterCommand,
        context: &Context,
    ) -> Result<Vec<RosterEvent>, RosterError> {
        use RosterCommand::{
            Begin, ChangeRole, Deactivate, Invite, Join, Reactivate, RenewInvitation, RevokeInvitation,
        };
        let asks = context.caller.actor;
        match command {
            Begin if state.members.is_empty() => {
                Ok(vec![RosterEvent::Joined { member: asks, role: Role::Admin, invitation: None }])
            }
            Begin if state.members.contains_key(&asks) => Ok(vec![]),
            Begin => Err(RosterError::Begun),
            Invite { invitation, email, role, expires } => state.invite(*invitation, email, *role, (*expires, context)),
            RenewInvitation { invitation, expires } => {
                let known = state.invitations.get(invitation).ok_or(RosterError::InvitationNotFound)?;
                ends_later(*expires, context)?;
                let renewed = RosterEvent::InvitationRenewed { invitation: *invitation, expires: *expires };
                Ok(if known.expires == *expires { vec![] } else { vec![renewed] })
            }
            RevokeInvitation(invitation) => Ok(if state.invitations.contains_key(invitation) {
                vec![RosterEvent::InvitationRevoked { invitation: *invitation }]
            } else {
                vec![]
            }),
            Join(invitation) => state.join(*invitation, context),
            ChangeRole { member, role } => state.change_role(*member, *role),
            Deactivate { member, reason } => state.deactivate(*member, reason.clone(), asks),
            Reactivate(member) => Ok(if state.member(*member)?.active {
                vec![]
            } else {
                vec![RosterEvent::Reactivated { member: *member }]
            }),
        }
    }

    fn evolve(mut state: RosterState, event: &RosterEvent, _: Timestamp) -> RosterState {
        match event {
            RosterEvent::Invited { invitation, email, role, expires } => {
                let made = Invitation { email: email.clone(), role: *role, expires: *expires };
                state.invitations.insert(*invitation, made);
            }
            RosterEvent::InvitationRenewed { invitation, expires } => {
                if let Some(known) = state.invitations.get_mut(invitation) {
                    known.expires = *expires;
                }
            }
            RosterEvent::InvitationRevoked { invitation } => {
                state.invitations.remove(invitation);
            }
            RosterEvent::Joined { member, role, invitation } => {
                state.members.insert(*member, Member { role: *role, active: true });
                if let Some(invitation) = invitation {
                    state.invitations.remove(invitation);
                }
            }
            RosterEvent::RoleChanged { member, role, .. } => state.change(*member, |member| member.role = *role),
            RosterEvent::Deactivated { member, .. } => state.change(*member, |member| member.active = false),
            RosterEvent::Reactivated { member } => state.change(*member, |member| member.active = true),
        }
        state
    }
}

impl RosterState {
    /// The member, if they are let in.
    pub fn active(&self, member: ActorId) -> Option<Member> {
        self.members.get(&member).copied().filter(|member| member.active)
    }

    fn member(&self, member: ActorId) -> Result<Member, RosterError> {
        self.members.get(&member).copied().ok_or(RosterError::MemberNotFound)
    }

    fn change(&mut self, member: ActorId, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.get_mut(&member) {
            change(member);
        }
    }

    fn invite(
        &self,
        invitation: InvitationId,
        email: &Personal<EmailAddress>,
        role: Role,
        (expires, context): (Timestamp, &Context),
    ) -> Result<Vec<RosterEvent>, RosterError> {
        let address = |email: &Personal<EmailAddress>| email.clear().map(EmailAddress::normalised);
        let to = address(email);
        if let Some(known) = self.invitations.get(&invitation) {
            let same = address(&known.email) == to && known.role == role;
            return if same { Ok(vec![]) } else { Err(RosterError::AlreadyInvited) };
        }
        if to.is_some() && self.invitations.values().any(|known| address(&known.email) == to) {
            return Err(RosterError::AlreadyInvited);
        }
        if self.members.len() + self.invitations.len() >= MAX_PEOPLE {
            return Err(RosterError::Full);
        }
        ends_later(expires, context)?;
        Ok(vec![RosterEvent::Invited { invitation, email: email.clone(), role, expires }])
    }

    fn join(&self, invitation: InvitationId, context: &Context) -> Result<Vec<RosterEvent>, RosterError> {
        let member = context.caller.actor;
        let Some(known) = self.invitations.get(&invitation) else {
            return if self.members.contains_key(&member) { Ok(vec![]) } else { Err(RosterError::InvitationNotFound) };
        };
        if context.now >= known.expires {
            return Err(RosterError::InvitationEnded(known.expires));
        }
        Ok(vec![RosterEvent::Joined { member, role: known.role, invitation: Some(invitation) }])
    }

    fn change_role(&self, member: ActorId, role: Role) -> Result<Vec<RosterEvent>, RosterError> {
        let was = self.member(member)?.role;
        if was == role {
            return Ok(vec![]);
        }
        self.keeps_an_admin_without(member)?;
        Ok(vec![RosterEvent::RoleChanged { member, was, role }])
    }

    fn deactivate(
        &self,
        member: ActorId,
        reason: Option<Reason>,
        asks: ActorId,
    ) -> Result<Vec<RosterEvent>, RosterError> {
        if !self.member(member)?.active {
            return Ok(vec![]);
        }
        if member == asks {
            return Err(RosterError::Yourself);
        }
        self.keeps_an_admin_without(member)?;
        Ok(vec![RosterEvent::Deactivated { member, reason }])
    }

    fn keeps_an_admin_without(&self, member: ActorId) -> Result<(), RosterError> {
        let is_admin = |of: &Member| of.active && of.role == Role::Admin;
        let is_one = self.members.get(&member).is_some_and(is_admin);
        let others = self.members.iter().any(|(id, of)| *id != member && is_admin(of));
        if is_one && !others { Err(RosterError::LastAdmin) } else { Ok(()) }
    }
}

fn ends_later(expires: Timestamp, context: &Context) -> Result<(), RosterError> {
    if expires > context.now { Ok(()) } else { Err(RosterError::EndsInPast(expires)) }
}

impl DomainEvent for RosterEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("roster.invited", 1),
        ("roster.invitation_renewed", 1),
        ("roster.invitation_revoked", 1),
        ("roster.joined", 1),
        ("roster.role_changed", 1),
        ("roster.deactivated", 1),
        ("roster.reactivated", 1),
    ];

    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        if let Self::Invited { email, .. } = self {
            visit("email", email);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::{Scenario, minute};
    use crate::kernel::{DataClass, SubjectId};

    const ANNA: ActorId = ActorId(Uuid::from_u128(2));
    const BEN: ActorId = ActorId(Uuid::from_u128(3));

    fn invitation(number: u128) -> InvitationId {
        InvitationId(Uuid::from_u128(number))
    }

    fn email(number: u128, address: &str) -> Personal<EmailAddress> {
        Personal::Clear {
            subject: SubjectId(Uuid::from_u128(number)),
            class: DataClass::Contact,
            value: EmailAddress::try_new(address).unwrap(),
        }
    }

    fn invite(number: u128, address: &str, role: Role) -> RosterCommand {
        RosterCommand::Invite {
            invitation: invitation(number),
            email: email(number, address),
            role,
            expires: minute(60),
        }
    }

    fn begun() -> Scenario<Roster> {
        Scenario::new().given(&RosterCommand::Begin)
    }

    /// Anna is an admin, Ben what `role` says; Anna asks.
    fn of_two(role: Role) -> Scenario<Roster> {
        let invited = begun().given(&invite(1, "ben@example.com", role));
        invited.by(BEN).given(&RosterCommand::Join(invitation(1))).by(ANNA)
    }

    #[test]
    fn who_begins_it_is_its_first_admin_and_nobody_begins_it_again() {
        let joined = RosterEvent::Joined { member: ANNA, role: Role::Admin, invitation: None };
        Scenario::<Roster>::new().when(&RosterCommand::Begin).then(&[joined]);
        begun().when(&RosterCommand::Begin).then_nothing();
        begun().by(BEN).when(&RosterCommand::Begin).then_refused("ROSTER_BEGUN", None);
    }

    #[test]
    fn an_invitation_is_accepted_once_and_before_it_ends() {
        let invited = begun().given(&invite(1, "ben@example.com", Role::Manager)).by(BEN);
        let join = RosterCommand::Join(invitation(1));
        let joined = RosterEvent::Joined { member: BEN, role: Role::Manager, invitation: Some(invitation(1)) };
        invited.clone().when(&join).then(&[joined]);
        invited.clone().at(60).when(&join).then_refused("INVITATION_ENDED", Some("invitation"));
        let accepted = invited.given(&join);
        accepted.clone().when(&join).then_nothing();
        let other = accepted.by(ActorId(Uuid::from_u128(4)));
        other.when(&join).then_refused("INVITATION_NOT_FOUND", Some("invitation"));
    }

    #[test]
    fn one_address_has_one_invitation_however_it_is_spelled() {
        let invited = begun().given(&invite(1, "ben@example.com", Role::Manager));
        invited.clone().when(&invite(1, "ben@example.com", Role::Manager)).then_nothing();
        let again = invite(2, "Ben@Example.com", Role::Operator);
        invited.clone().when(&again).then_refused("ALREADY_INVITED", Some("email"));
        let revoked = invited.given(&RosterCommand::RevokeInvitation(invitation(1)));
        revoked.clone().when(&RosterCommand::RevokeInvitation(invitation(1))).then_nothing();
        revoked
            .clone()
            .by(BEN)
            .when(&RosterCommand::Join(invitation(1)))
            .then_refused("INVITATION_NOT_FOUND", Some("invitation"));
        assert_eq!(revoked.given(&again).state.invitations.len(), 1);
    }

    #[test]
    fn an_invitation_that_is_sent_again_ends_later() {
        let invited = begun().given(&invite(1, "ben@example.com", Role::Manager)).at(61);
        let renew = |expires| RosterCommand::RenewInvitation { invitation: invitation(1), expires };
        invited.clone().when(&renew(minute(60))).then_refused("INVITATION_ENDS_IN_PAST", Some("expires"));
        let renewed = invited.given(&renew(minute(120))).by(BEN);
        assert!(renewed.given(&RosterCommand::Join(invitation(1))).state.active(BEN).is_some());
    }

    #[test]
    fn a_company_keeps_an_active_admin() {
        let demote = RosterCommand::ChangeRole { member: ANNA, role: Role::Manager };
        of_two(Role::Manager).when(&demote).then_refused("LAST_ADMIN", None);
        let bar = |member| RosterCommand::Deactivate { member, reason: None };
        of_two(Role::Manager).by(BEN).when(&bar(ANNA)).then_refused("LAST_ADMIN", None);
        let without = of_two(Role::Admin).given(&bar(BEN));
        without.when(&demote).then_refused("LAST_ADMIN", None);
        let changed = RosterEvent::RoleChanged { member: ANNA, was: Role::Admin, role: Role::Manager };
        of_two(Role::Admin).when(&demote).then(&[changed]);
    }

    #[test]
    fn a_member_is_barred_and_let_back_in_but_not_by_themselves() {
        let bar = |member| RosterCommand::Deactivate { member, reason: None };
        of_two(Role::Admin).when(&bar(ANNA)).then_refused("DEACTIVATES_YOURSELF", Some("member"));
        let barred = of_two(Role::Operator).given(&bar(BEN));
        assert_eq!(barred.state.active(BEN), None);
        barred.clone().when(&bar(BEN)).then_nothing();
        let back = barred.given(&RosterCommand::Reactivate(BEN));
        assert_eq!(back.state.active(BEN).map(|member| member.role), Some(Role::Operator));
        back.when(&RosterCommand::Reactivate(BEN)).then_nothing();
    }

    #[test]
    fn who_is_no_member_is_not_found() {
        let nobody = ActorId(Uuid::from_u128(9));
        for command in [
            RosterCommand::ChangeRole { member: nobody, role: Role::Admin },
            RosterCommand::Deactivate { member: nobody, reason: None },
            RosterCommand::Reactivate(nobody),
        ] {
            begun().when(&command).then_refused("MEMBER_NOT_FOUND", Some("member"));
        }
    }
}
