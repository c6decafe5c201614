//! An operator: a person on the floor, with skills that have a level and may expire.
//!
//! It protects:
//! - a code is used once and for good;
//! - a skill has a level of 1 to 5 and is not given when it has lapsed already;
//! - absences go forwards, and a calendar is one in use when it is given;
//! - nobody gets a skill while they do not work here (a name may be corrected at any time).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::absence::{Absence, AbsenceCommand, MAX_AHEAD};
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::person::FullName;
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{
    ActorId, CalendarId, Interval, IntervalError, Numbered, OperatorId, Personal, PersonalSlot, StreamType, Timestamp,
    personal,
};
use crate::machines::work_center::Reason;

text_value!(
    /// Natural key of an operator (badge or staff number), unique in the tenant, never changed.
    OperatorCode, "an operator code", Code, max = 64,
    datum = Datum { access: "all roles of the tenant: who did the work", ..Datum::business("operator code", "ties work to the person who did it") }
);
text_value!(
    /// Something that a person is able to do.
    Skill, "a skill", Code, max = 64,
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
    /// Their user account.
    pub user: Option<ActorId>,
    /// What they can do.
    pub skills: Vec<SkillGrant>,
    /// When they are not here.
    pub absences: Vec<Interval>,
}

/// What may be asked of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorCommand {
    /// Sets the person up, active.
    Register {
        /// Their code; the stream's identity is made from it.
        code: OperatorCode,
        /// Their name; its subject is the operator's own id.
        #[serde(serialize_with = "personal::left_out")]
        name: Option<Personal<FullName>>,
        /// Their user account, where they have one.
        user: Option<ActorId>,
    },
    /// Corrects the name.
    #[serde(serialize_with = "personal::left_out")]
    Rename(Personal<FullName>),
    /// Gives or changes a skill.
    GrantSkill(SkillGrant),
    /// Takes a skill away.
    RevokeSkill(Skill),
    /// They do not work here any more.
    Deactivate(Reason),
    /// They work here again.
    Reactivate,
    /// Says when they work; as the company does where there is none.
    SetCalendar(Option<CalendarId>),
    /// Says when they are not here, or says it otherwise.
    Absence(AbsenceCommand),
    /// Says how they come in at a terminal, or that they do so no more. What it is lies in the vault.
    WayIn(WayIn, bool),
}

/// How an operator comes in at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayIn {
    /// A PIN.
    Pin,
    /// A badge.
    Badge,
}

impl WayIn {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Badge => "badge",
        }
    }
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
    /// They work by another calendar.
    #[serde(rename = "operator.calendar_set")]
    CalendarSet {
        /// Before.
        was: Option<CalendarId>,
        /// After; that of the company where there is none.
        calendar: Option<CalendarId>,
    },
    /// They will not be here for a while.
    #[serde(rename = "operator.absence_added")]
    AbsenceAdded {
        /// Its number, given once.
        number: u32,
        /// When, and of which kind.
        absence: Absence,
    },
    /// They will be away at another time.
    #[serde(rename = "operator.absence_changed")]
    AbsenceChanged {
        /// Its number.
        number: u32,
        /// Before.
        was: Absence,
        /// After.
        absence: Absence,
    },
    /// They will be here after all.
    #[serde(rename = "operator.absence_removed")]
    AbsenceRemoved {
        /// Its number.
        number: u32,
        /// Before.
        was: Absence,
    },
    /// They have another PIN or badge for terminals.
    #[serde(rename = "operator.way_in_set")]
    WayInSet {
        /// Which of them.
        way: WayIn,
    },
    /// They have no PIN or badge any more.
    #[serde(rename = "operator.way_in_removed")]
    WayInRemoved {
        /// Which of them.
        way: WayIn,
    },
}

/// Why an operator refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperatorError {
    /// There is none.
    #[error("there is no such operator")]
    NotFound,
    /// The code is taken.
    #[error("there is an operator {0} already")]
    Exists(OperatorCode),
    /// They do not work here now.
    #[error("operator {0} does not work here now")]
    Inactive(OperatorCode),
    /// Not 1 to 5.
    #[error("a skill level must be 1 to 5, not {0}")]
    LevelOutOfRange(u8),
    /// It would be void from the beginning.
    #[error("the skill lapsed at {0}, before it was given")]
    AlreadyLapsed(Timestamp),
    /// The calendar is not there, or out of use.
    #[error("calendar {0} does not exist or is out of use")]
    CalendarNotFound(CalendarId),
    /// It would end before it begins.
    #[error("{0}")]
    IntervalReversed(IntervalError),
    /// It would last for years.
    #[error("{0}")]
    IntervalTooLong(IntervalError),
    /// There is no such absence.
    #[error("there is no absence {0}")]
    AbsenceNotFound(u32),
    /// More than anybody plans.
    #[error("at most {MAX_AHEAD} absences of one person can lie ahead")]
    AbsencesTooMany,
}

refusal_codes!(OperatorError {
    NotFound => "OPERATOR_NOT_FOUND",
    Exists => "OPERATOR_EXISTS",
    Inactive => "OPERATOR_INACTIVE",
    LevelOutOfRange => "SKILL_LEVEL_OUT_OF_RANGE",
    AlreadyLapsed => "SKILL_ALREADY_LAPSED",
    CalendarNotFound => "CALENDAR_NOT_FOUND",
    IntervalReversed => "INTERVAL_REVERSED",
    IntervalTooLong => "INTERVAL_TOO_LONG",
    AbsenceNotFound => "ABSENCE_NOT_FOUND",
    AbsencesTooMany => "ABSENCES_TOO_MANY",
});

impl Refusal for OperatorError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("code"),
            Self::LevelOutOfRange(_) => Some("level"),
            Self::AlreadyLapsed(_) => Some("expires"),
            Self::CalendarNotFound(_) => Some("calendarId"),
            Self::IntervalReversed(_) | Self::IntervalTooLong(_) => Some("until"),
            Self::AbsenceNotFound(_) => Some("absence"),
            Self::NotFound | Self::Inactive(_) | Self::AbsencesTooMany => None,
        }
    }
}

impl From<IntervalError> for OperatorError {
    fn from(error: IntervalError) -> Self {
        match error {
            IntervalError::Reversed => Self::IntervalReversed(error),
            IntervalError::TooLong => Self::IntervalTooLong(error),
        }
    }
}

/// An operator's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OperatorState {
    /// Never registered.
    #[default]
    Unknown,
    /// Works here.
    Active(OperatorRecord),
    /// Does not work here now.
    Inactive(OperatorRecord),
}

/// What is known of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRecord {
    /// Their code.
    pub code: OperatorCode,
    /// Their name.
    pub name: Option<Personal<FullName>>,
    /// Their user account.
    pub user: Option<ActorId>,
    /// What they can do.
    pub skills: Vec<SkillGrant>,
    /// When they work, where that is not as the company does.
    pub calendar: Option<CalendarId>,
    /// When they are not here.
    pub absences: Numbered<Absence>,
}

impl OperatorState {
    /// What other contexts may know of them.
    pub fn facts(&self, id: OperatorId) -> Option<OperatorFacts> {
        let (person, active) = match self {
            Self::Unknown => return None,
            Self::Active(person) => (person, true),
            Self::Inactive(person) => (person, false),
        };
        let absences = person.absences.iter().map(|(_, absence)| absence.when).collect();
        Some(OperatorFacts { id, active, user: person.user, skills: person.skills.clone(), absences })
    }
}

/// Decides for operators.
pub struct Operator;

impl Decider for Operator {
    const STREAM: StreamType = StreamType::Operator;
    type Command = OperatorCommand;
    type Event = OperatorEvent;
    type Error = OperatorError;
    type State = OperatorState;

    fn decide(
        state: &OperatorState,
        command: &OperatorCommand,
        context: &Context,
    ) -> Result<Vec<OperatorEvent>, OperatorError> {
        use OperatorCommand::{
            Absence, Deactivate, GrantSkill, Reactivate, Register, Rename, RevokeSkill, SetCalendar, WayIn,
        };
        use OperatorState::{Active, Inactive, Unknown};
        Ok(match (state, command) {
            (Unknown, Register { code, name, user }) => {
                vec![OperatorEvent::Registered { code: code.clone(), name: name.clone(), user: *user }]
            }
            (Unknown, _) => return Err(OperatorError::NotFound),
            (Active(person), Register { code, name, user })
                if (&person.code, &person.name, &person.user) == (code, name, user) =>
            {
                vec![]
            }
            (Active(person) | Inactive(person), Register { .. }) => {
                return Err(OperatorError::Exists(person.code.clone()));
            }
            (Active(person) | Inactive(person), Rename(name)) if person.name.as_ref() == Some(name) => vec![],
            (Active(_) | Inactive(_), Rename(name)) => vec![OperatorEvent::Renamed { name: name.clone() }],
            (Active(person), GrantSkill(grant)) => person.grant(grant, context)?,
            (Active(person) | Inactive(person), RevokeSkill(skill)) => {
                person.skill(skill).map(|was| OperatorEvent::SkillRevoked { was: was.clone() }).into_iter().collect()
            }
            (Active(_), Deactivate(reason)) => vec![OperatorEvent::Deactivated { reason: reason.clone() }],
            (Inactive(_), Reactivate) => vec![OperatorEvent::Reactivated {}],
            (Inactive(_), Deactivate(_)) | (Active(_), Reactivate) => vec![],
            (Active(person) | Inactive(person), SetCalendar(calendar)) => {
                person.set_calendar(*calendar, context)?.into_iter().collect()
            }
            (Inactive(person), GrantSkill(_) | WayIn(_, true) | Absence(AbsenceCommand::Add(_))) => {
                return Err(OperatorError::Inactive(person.code.clone()));
            }
            (Active(_), WayIn(way, true)) => vec![OperatorEvent::WayInSet { way: *way }],
            (Active(_) | Inactive(_), WayIn(way, false)) => vec![OperatorEvent::WayInRemoved { way: *way }],
            (Active(person) | Inactive(person), Absence(command)) => {
                person.be_absent(command, context.now)?.into_iter().collect()
            }
        })
    }

    fn evolve(state: OperatorState, event: &OperatorEvent, _: Timestamp) -> OperatorState {
        use OperatorState::{Active, Inactive, Unknown};
        if let OperatorEvent::Registered { code, name, user } = event {
            return Active(OperatorRecord {
                code: code.clone(),
                name: name.clone(),
                user: *user,
                skills: vec![],
                calendar: None,
                absences: Numbered::default(),
            });
        }
        match (state, event) {
            (Active(person) | Inactive(person), OperatorEvent::Deactivated { .. }) => Inactive(person),
            (Active(person) | Inactive(person), OperatorEvent::Reactivated {}) => Active(person),
            (Active(person), event) => Active(person.with(event)),
            (Inactive(person), event) => Inactive(person.with(event)),
            (Unknown, _) => Unknown,
        }
    }
}

impl OperatorRecord {
    fn skill(&self, skill: &Skill) -> Option<&SkillGrant> {
        self.skills.iter().find(|grant| grant.skill == *skill)
    }

    fn grant(&self, grant: &SkillGrant, context: &Context) -> Result<Vec<OperatorEvent>, OperatorError> {
        let was = self.skill(&grant.skill);
        if !(1..=5).contains(&grant.level) {
            return Err(OperatorError::LevelOutOfRange(grant.level));
        }
        if was == Some(grant) {
            return Ok(vec![]);
        }
        match grant.expires {
            Some(expires) if expires <= context.happened_at => Err(OperatorError::AlreadyLapsed(expires)),
            _ => Ok(vec![OperatorEvent::SkillGranted { was: was.cloned(), grant: grant.clone() }]),
        }
    }

    fn set_calendar(
        &self,
        calendar: Option<CalendarId>,
        context: &Context,
    ) -> Result<Option<OperatorEvent>, OperatorError> {
        if calendar == self.calendar {
            return Ok(None);
        }
        match context.facts.missing_calendar {
            Some(missing) => Err(OperatorError::CalendarNotFound(missing)),
            None => Ok(Some(OperatorEvent::CalendarSet { was: self.calendar, calendar })),
        }
    }

    fn with(mut self, event: &OperatorEvent) -> Self {
        match event {
            OperatorEvent::Renamed { name } => self.name = Some(name.clone()),
            OperatorEvent::SkillGranted { grant, .. } => {
                self.skills.retain(|known| known.skill != grant.skill);
                self.skills.push(grant.clone());
            }
            OperatorEvent::SkillRevoked { was } => self.skills.retain(|known| known.skill != was.skill),
            OperatorEvent::CalendarSet { calendar, .. } => self.calendar = *calendar,
            OperatorEvent::AbsenceAdded { number, absence } | OperatorEvent::AbsenceChanged { number, absence, .. } => {
                self.absences.put(*number, *absence);
            }
            OperatorEvent::AbsenceRemoved { number, .. } => self.absences.remove(*number),
            OperatorEvent::Registered { .. }
            | OperatorEvent::Deactivated { .. }
            | OperatorEvent::Reactivated {}
            | OperatorEvent::WayInSet { .. }
            | OperatorEvent::WayInRemoved { .. } => {}
        }
        self
    }
}

impl DomainEvent for OperatorEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("operator.registered", 1),
        ("operator.renamed", 1),
        ("operator.skill_granted", 1),
        ("operator.skill_revoked", 1),
        ("operator.deactivated", 1),
        ("operator.reactivated", 1),
        ("operator.calendar_set", 1),
        ("operator.way_in_set", 1),
        ("operator.way_in_removed", 1),
        ("operator.absence_added", 1),
        ("operator.absence_changed", 1),
        ("operator.absence_removed", 1),
    ];

    fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        match self {
            Self::Registered { name: Some(name), .. } | Self::Renamed { name } => visit("name", name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::scenario::{Scenario, minute};
    use crate::kernel::{DataClass, SubjectId};

    fn name(text: &str) -> Personal<FullName> {
        Personal::Clear {
            subject: SubjectId(Uuid::from_u128(3)),
            class: DataClass::Identity,
            value: FullName::try_new(text).unwrap(),
        }
    }

    fn register(called: &str) -> OperatorCommand {
        OperatorCommand::Register { code: OperatorCode::try_new("ID1").unwrap(), name: Some(name(called)), user: None }
    }

    fn welding(level: u8, expires: Option<Timestamp>) -> SkillGrant {
        SkillGrant { skill: Skill::try_new("welding").unwrap(), level, expires }
    }

    fn leave() -> OperatorCommand {
        OperatorCommand::Deactivate(Reason::try_new("left").unwrap())
    }

    fn registered() -> Scenario<Operator> {
        Scenario::new().given(&register("Anna"))
    }

    #[test]
    fn registering_twice_is_one_event_and_a_taken_code_is_refused() {
        registered().when(&register("Anna")).then_nothing();
        registered().when(&register("Ben")).then_refused("OPERATOR_EXISTS", Some("code"));
    }

    #[test]
    fn a_skill_is_given_changed_and_taken_away() {
        let granted = registered().given(&OperatorCommand::GrantSkill(welding(2, None)));
        granted.clone().when(&OperatorCommand::GrantSkill(welding(2, None))).then_nothing();
        granted
            .clone()
            .when(&OperatorCommand::GrantSkill(welding(3, None)))
            .then(&[OperatorEvent::SkillGranted { was: Some(welding(2, None)), grant: welding(3, None) }]);
        let revoke = OperatorCommand::RevokeSkill(welding(2, None).skill);
        granted.clone().when(&revoke).then(&[OperatorEvent::SkillRevoked { was: welding(2, None) }]);
        granted.given(&revoke).when(&revoke).then_nothing();
    }

    #[test]
    fn a_skill_level_is_1_to_5_and_not_lapsed_already() {
        for level in [0, 6] {
            let grant = OperatorCommand::GrantSkill(welding(level, None));
            registered().when(&grant).then_refused("SKILL_LEVEL_OUT_OF_RANGE", Some("level"));
        }
        let lapsed = OperatorCommand::GrantSkill(welding(2, Some(minute(0))));
        registered().at(1).when(&lapsed).then_refused("SKILL_ALREADY_LAPSED", Some("expires"));
    }

    #[test]
    fn who_left_gets_no_skill_but_the_name_may_be_corrected() {
        let left = registered().given(&leave());
        left.clone().when(&leave()).then_nothing();
        left.clone().when(&OperatorCommand::GrantSkill(welding(2, None))).then_refused("OPERATOR_INACTIVE", None);
        left.clone()
            .when(&OperatorCommand::Rename(name("Anne")))
            .then(&[OperatorEvent::Renamed { name: name("Anne") }]);
        left.when(&OperatorCommand::Reactivate).then(&[OperatorEvent::Reactivated {}]);
    }

    #[test]
    fn an_unknown_one_is_not_found() {
        Scenario::<Operator>::new().when(&leave()).then_refused("OPERATOR_NOT_FOUND", None);
    }

    #[test]
    fn facts_tell_who_works_here_with_which_skills() {
        let id = OperatorId(Uuid::from_u128(3));
        let granted = registered().given(&OperatorCommand::GrantSkill(welding(2, None)));
        let facts = granted.state.facts(id);
        assert_eq!(
            facts,
            Some(OperatorFacts { id, active: true, user: None, skills: vec![welding(2, None)], absences: vec![] })
        );
        assert_eq!(granted.given(&leave()).state.facts(id).map(|facts| facts.active), Some(false));
        assert_eq!(OperatorState::Unknown.facts(id), None);
    }
}
