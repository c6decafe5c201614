//! Absences: when somebody is not here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operator::{OperatorError, OperatorEvent, OperatorRecord};
use crate::kernel::{Interval, Timestamp};

/// How many of one person can lie ahead.
pub(super) const MAX_AHEAD: usize = 500;

/// Of which kind an absence is. None says anything of anybody's health, and there is no text to say it in: who is ill is away, and
/// more than that no plan needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// On holiday.
    Holiday,
    /// In training.
    Training,
    /// At work, and not on the floor.
    OtherDuty,
    /// Away.
    Away,
}

impl AbsenceKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::Training => "training",
            Self::OtherDuty => "other_duty",
            Self::Away => "away",
        }
    }
}

/// When somebody is not here. Several may be at one time: who is on holiday during a training is away once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Absence {
    /// From when until when.
    #[serde(flatten)]
    pub when: Interval,
    /// Of which kind.
    pub kind: AbsenceKind,
}

/// What may be asked about absences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceCommand {
    /// They will not be here.
    Add(Absence),
    /// That of this number is another one.
    Change(u32, Absence),
    /// That of this number will not be.
    Remove(u32),
}

impl OperatorRecord {
    /// The event that does what is asked; none where it is so already.
    pub(super) fn be_absent(
        &self,
        command: &AbsenceCommand,
        now: Timestamp,
    ) -> Result<Option<OperatorEvent>, OperatorError> {
        let known = |number| self.absences.get(number).copied().ok_or(OperatorError::AbsenceNotFound(number));
        Ok(match *command {
            AbsenceCommand::Add(absence) if self.absences.holds(&absence) => None,
            AbsenceCommand::Add(absence) => {
                absence.when.check()?;
                if self.absences.iter().filter(|(_, known)| known.when.until > now).count() >= MAX_AHEAD {
                    return Err(OperatorError::AbsencesTooMany);
                }
                Some(OperatorEvent::AbsenceAdded { number: self.absences.next(), absence })
            }
            AbsenceCommand::Change(number, absence) => {
                absence.when.check()?;
                let was = known(number)?;
                (was != absence).then_some(OperatorEvent::AbsenceChanged { number, was, absence })
            }
            AbsenceCommand::Remove(number) if self.absences.is_gone(number) => None,
            AbsenceCommand::Remove(number) => Some(OperatorEvent::AbsenceRemoved { number, was: known(number)? }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator::{Operator, OperatorCode, OperatorCommand};
    use super::*;
    use crate::kernel::scenario::{Scenario, minute};
    use crate::machines::work_center::Reason;

    fn absence(from: i64, until: i64) -> Absence {
        Absence { when: Interval { from: minute(from), until: minute(until) }, kind: AbsenceKind::Holiday }
    }

    fn ask(command: AbsenceCommand) -> OperatorCommand {
        OperatorCommand::Absence(command)
    }

    fn registered() -> Scenario<Operator> {
        let code = OperatorCode::try_new("17").unwrap();
        Scenario::new().given(&OperatorCommand::Register { code, name: None, user: None })
    }

    #[test]
    fn an_absence_is_added_changed_and_removed_under_its_number() {
        let add = ask(AbsenceCommand::Add(absence(60, 120)));
        let added = registered().given(&add);
        added.clone().when(&add).then_nothing();
        let change = ask(AbsenceCommand::Change(1, absence(60, 180)));
        let changed = added.clone().given(&change);
        added.when(&change).then(&[OperatorEvent::AbsenceChanged {
            number: 1,
            was: absence(60, 120),
            absence: absence(60, 180),
        }]);
        changed.clone().when(&change).then_nothing();
        let remove = ask(AbsenceCommand::Remove(1));
        let removed = changed.given(&remove);
        removed.clone().when(&remove).then_nothing();
        removed.clone().when(&change).then_refused("ABSENCE_NOT_FOUND", Some("absence"));
        removed.clone().when(&ask(AbsenceCommand::Remove(2))).then_refused("ABSENCE_NOT_FOUND", Some("absence"));
        removed.when(&add).then(&[OperatorEvent::AbsenceAdded { number: 2, absence: absence(60, 120) }]);
    }

    #[test]
    fn an_absence_goes_forwards_and_does_not_last_for_ever() {
        for (until, code) in [(60, "INTERVAL_REVERSED"), (0, "INTERVAL_REVERSED"), (4_000_000, "INTERVAL_TOO_LONG")] {
            registered().when(&ask(AbsenceCommand::Add(absence(60, until)))).then_refused(code, Some("until"));
            registered().when(&ask(AbsenceCommand::Change(1, absence(60, until)))).then_refused(code, Some("until"));
        }
        let add = |number: i64| ask(AbsenceCommand::Add(absence(number, number + 1)));
        let full = (0..500).fold(registered(), |known, number| known.given(&add(number)));
        full.clone().when(&add(500)).then_refused("ABSENCES_TOO_MANY", None);
        assert_eq!(full.at(1).when(&add(500)).events().len(), 1, "the first is over");
    }

    #[test]
    fn who_does_not_work_here_gets_no_absence_and_may_lose_one() {
        let add = ask(AbsenceCommand::Add(absence(60, 120)));
        let left = registered().given(&add).given(&OperatorCommand::Deactivate(Reason::try_new("left").unwrap()));
        left.clone().when(&ask(AbsenceCommand::Add(absence(0, 9)))).then_refused("OPERATOR_INACTIVE", None);
        assert_eq!(left.when(&ask(AbsenceCommand::Remove(1))).events().len(), 1);
    }
}
