//! An operator: a person on the floor, with skills that have a level and may expire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::decider::DomainEvent;
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{ActorId, OperatorId, Personal, PersonalSlot, Timestamp};
use crate::machines::work_center::Reason;

text_value!(
    /// Natural key of an operator (badge or staff number), unique in the tenant, never changed.
    OperatorCode, "an operator code", max = 64,
    datum = Datum { access: "all roles of the tenant: who did the work", ..Datum::business("operator code", "ties work to the person who did it") }
);
text_value!(
    /// A person's full name.
    FullName, "a full name", max = 200,
    datum = Datum::personal("full name", "shown to colleagues on boards and in the activity log")
);
text_value!(
    /// Something that a person is able to do.
    Skill, "a skill", max = 64,
    datum = Datum::business("skill", "who may do which operation")
);

/// How well, and until when, a person has a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillGrant {
    /// The skill.
    pub skill: Skill,
    /// 1 (learning) to 5 (teaches it).
    pub level: u8,
    /// When it lapses; `None` means never.
    pub expires: Option<Timestamp>,
}

/// What other contexts may know of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorFacts {
    /// Which one.
    pub id: OperatorId,
    /// Whether they work here now.
    pub active: bool,
    /// What they can do.
    pub skills: Vec<SkillGrant>,
}

/// What may be asked of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorCommand {
    /// Sets the person up, active.
    Register {
        /// Their code; the stream's identity is made from it.
        code: OperatorCode,
        /// Their name; its subject is the operator's own id.
        name: Option<Personal<FullName>>,
        /// Their user account, where they have one.
        user: Option<ActorId>,
    },
    /// Corrects the name.
    Rename(Personal<FullName>),
    /// Gives or changes a skill.
    GrantSkill(SkillGrant),
    /// Takes a skill away.
    RevokeSkill(Skill),
    /// They do not work here any more.
    Deactivate(Reason),
    /// They work here again.
    Reactivate,
}

/// What can have happened to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OperatorEvent {
    /// The person was set up.
    #[serde(rename = "operator.registered")]
    Registered {
        /// Their code.
        code: OperatorCode,
        /// Their name.
        name: Option<Personal<FullName>>,
        /// Their user account.
        user: Option<ActorId>,
    },
    /// The name was corrected.
    #[serde(rename = "operator.renamed")]
    Renamed {
        /// After.
        name: Personal<FullName>,
    },
    /// A skill was given or changed.
    #[serde(rename = "operator.skill_granted")]
    SkillGranted {
        /// Before.
        was: Option<SkillGrant>,
        /// After.
        grant: SkillGrant,
    },
    /// A skill was taken away.
    #[serde(rename = "operator.skill_revoked")]
    SkillRevoked {
        /// Before.
        was: SkillGrant,
    },
    /// They do not work here any more.
    #[serde(rename = "operator.deactivated")]
    Deactivated {
        /// Why.
        reason: Reason,
    },
    /// They work here again.
    #[serde(rename = "operator.reactivated")]
    Reactivated {},
}

impl DomainEvent for OperatorEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("operator.registered", 1),
        ("operator.renamed", 1),
        ("operator.skill_granted", 1),
        ("operator.skill_revoked", 1),
        ("operator.deactivated", 1),
        ("operator.reactivated", 1),
    ];

    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        match self {
            Self::Registered { name: Some(name), .. } | Self::Renamed { name } => visit("name", name),
            _ => {}
        }
    }
}
