//! The people of the shop floor: who they are, what they can do, what they are doing now.

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::kernel::person::FullName;
use domain::kernel::{ActorId, CalendarId, Numbered, OperatorId, Personal};
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use domain::workforce::absence::Absence;
use domain::workforce::operator::{OperatorCode, OperatorEvent, SkillGrant};
use serde::{Deserialize, Serialize};

use crate::at_work::{self, WorkNow};
use crate::projection::{IndexColumn, Projection, Value, row_key, text_value};

/// One row per operator.
pub struct Operators;

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRow {
    /// Who.
    pub id: OperatorId,
    /// Their code.
    pub code: OperatorCode,
    /// Their name, sealed.
    pub name: Option<Personal<FullName>>,
    /// Their user account.
    pub user: Option<ActorId>,
    /// Whether they work here now.
    pub active: bool,
    /// Why they do not work here any more.
    pub reason: Option<Reason>,
    /// What they can do, by skill.
    pub skills: Vec<SkillGrant>,
    /// When they work, where that is not as the company does.
    pub calendar: Option<CalendarId>,
    /// When they are not here.
    pub absences: Numbered<Absence>,
    /// What they are doing now.
    pub at_work: Vec<WorkNow>,
    /// Revision of their stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl OperatorRow {
    fn registered(envelope: &Envelope, event: &Event) -> Option<Self> {
        let Event::Operator(OperatorEvent::Registered { code, name, user }) = event else { return None };
        Some(Self {
            id: OperatorId(envelope.stream.id),
            code: code.clone(),
            name: name.clone(),
            user: *user,
            active: true,
            reason: None,
            skills: Vec::new(),
            calendar: None,
            absences: Numbered::default(),
            at_work: Vec::new(),
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    fn apply(&mut self, event: &OperatorEvent) {
        match event {
            OperatorEvent::Registered { .. } | OperatorEvent::WayInSet { .. } | OperatorEvent::WayInRemoved { .. } => {}
            OperatorEvent::Renamed { name } => self.name = Some(name.clone()),
            OperatorEvent::SkillGranted { grant, .. } => {
                self.skills.retain(|known| known.skill != grant.skill);
                self.skills.push(grant.clone());
                self.skills.sort_by(|one, other| one.skill.cmp(&other.skill));
            }
            OperatorEvent::SkillRevoked { was } => self.skills.retain(|known| known.skill != was.skill),
            OperatorEvent::Deactivated { reason } => (self.active, self.reason) = (false, Some(reason.clone())),
            OperatorEvent::Reactivated {} => (self.active, self.reason) = (true, None),
            OperatorEvent::CalendarSet { calendar, .. } => self.calendar = *calendar,
            OperatorEvent::AbsenceAdded { number, absence } | OperatorEvent::AbsenceChanged { number, absence, .. } => {
                self.absences.put(*number, *absence);
            }
            OperatorEvent::AbsenceRemoved { number, .. } => self.absences.remove(*number),
        }
    }
}

/// The operators who begin or stop by this event.
fn moved(event: &JobEvent) -> Vec<OperatorId> {
    match event {
        JobEvent::OperationStarted { operator, .. }
        | JobEvent::OperationPaused { operator, .. }
        | JobEvent::OperationResumed { operator, .. } => vec![*operator],
        JobEvent::OperationFinished { left, .. } => left.iter().map(|work| work.operator).collect(),
        _ => Vec::new(),
    }
}

impl Projection for Operators {
    const NAME: &'static str = "operators";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("code"), IndexColumn::integer("active")];
    type Row = OperatorRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Operator(_) => vec![row_key(event.envelope.stream.id)],
            Event::Job(job) => moved(job).into_iter().map(|operator| row_key(operator.0)).collect(),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<OperatorRow>, _key: &str, event: &Recorded) -> Option<OperatorRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else { return OperatorRow::registered(envelope, &event.event) };
        if envelope.position <= row.position {
            return Some(row);
        }
        row.position = envelope.position;
        match &event.event {
            Event::Operator(change) => {
                row.revision = envelope.revision;
                row.apply(change);
            }
            Event::Job(job) => {
                let id = row.id;
                at_work::fold(&mut row.at_work, envelope, job, |work| work.operator == id);
            }
            _ => {}
        }
        Some(row)
    }

    fn index(row: &OperatorRow) -> Vec<Value> {
        vec![text_value(Some(row.code.as_str())), Value::Integer(i64::from(row.active))]
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;
    use domain::workforce::operator::Skill;

    use super::*;
    use crate::given::{ANN, BOB, Given, LATHE, LATHES, TURN, fold, reason, run};

    const NINE: &str = "2012-01-02T09:00:00Z";

    fn skill(name: &str, level: u8) -> SkillGrant {
        SkillGrant { skill: Skill::try_new(name).unwrap(), level, expires: None }
    }

    fn about_ann(given: &mut Given, event: OperatorEvent) {
        given.that(NINE, StreamType::Operator, ANN.0, Event::Operator(event));
    }

    #[test]
    fn skills_are_kept_by_name_and_replaced() {
        let mut given = Given::shop();
        for grant in [skill("turning", 2), skill("grinding", 1), skill("turning", 4)] {
            about_ann(&mut given, OperatorEvent::SkillGranted { was: None, grant });
        }
        assert_eq!(given.row::<Operators>(ANN.0).skills, [skill("grinding", 1), skill("turning", 4)]);
        about_ann(&mut given, OperatorEvent::SkillRevoked { was: skill("grinding", 1) });
        assert_eq!(given.row::<Operators>(ANN.0).skills, [skill("turning", 4)]);
    }

    #[test]
    fn who_left_may_come_back() {
        let mut given = Given::shop();
        about_ann(&mut given, OperatorEvent::Deactivated { reason: reason("moved away") });
        let row = given.row::<Operators>(ANN.0);
        assert_eq!((row.active, row.reason), (false, Some(reason("moved away"))));
        about_ann(&mut given, OperatorEvent::Reactivated {});
        let row = given.row::<Operators>(ANN.0);
        assert_eq!((row.active, row.reason, row.revision), (true, None, 2));
    }

    #[test]
    fn each_operator_shows_their_own_work() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, Some(LATHE)), None).starts(NINE, run(BOB, None), None);
        given.on_job(
            NINE,
            JobEvent::OperationPaused {
                operation: TURN,
                work_center: LATHES,
                operator: BOB,
                machine: None,
                reason: reason("lunch"),
            },
        );
        assert_eq!(given.row::<Operators>(ANN.0).at_work.len(), 1);
        assert!(given.row::<Operators>(BOB.0).at_work.is_empty());
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let mut given = Given::job();
        given.starts(NINE, run(ANN, None), None);
        about_ann(&mut given, OperatorEvent::Deactivated { reason: reason("moved away") });
        let once = given.rows::<Operators>();
        assert!(fold::<Operators>(once.clone(), &given.events) == once);
    }
}
