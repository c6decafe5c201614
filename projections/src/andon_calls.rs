//! Every call for help from the floor: open ones, and how long the others took.

use domain::catalog::Event;
use domain::jobs::job::{BlockCause, JobEvent};
use domain::jobs::operation::OperationNumber;
use domain::kernel::{ActorId, AndonCallId, JobId, MachineId, Timestamp, WorkCenterId};
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, id_value, instant_value, row_key};
use crate::stored;
use crate::views::{Condition, Test};

/// One row per call.
pub struct AndonCalls;

/// A call for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AndonCallRow {
    /// Which call.
    pub id: AndonCallId,
    /// On which job.
    pub job: JobId,
    /// On which of its operations.
    pub operation: OperationNumber,
    /// Where that operation is done.
    pub work_center: WorkCenterId,
    /// At which machine, where that is known.
    pub machine: Option<MachineId>,
    /// What is wrong.
    pub reason: Reason,
    /// What stands in the way.
    pub cause: BlockCause,
    /// When, and who called.
    pub called: Step,
    /// When it escalates unless somebody answers before.
    #[serde(with = "stored::instant_option")]
    pub escalates_at: Option<Timestamp>,
    /// When it escalated.
    #[serde(with = "stored::instant_option")]
    pub escalated_at: Option<Timestamp>,
    /// Since when somebody takes care of it, and who.
    pub answered: Option<Step>,
    /// When it was over, and who said so.
    pub ended: Option<Step>,
    /// What was done about it.
    pub remedy: Option<Reason>,
    /// Position of the last event folded.
    pub position: Position,
}

/// Something that somebody did about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    #[serde(with = "stored::instant")]
    pub at: Timestamp,
    /// Who.
    pub by: ActorId,
}

impl AndonCallRow {
    fn called(envelope: &Envelope, event: &JobEvent) -> Option<Self> {
        let JobEvent::AndonCalled { call, operation, work_center, machine, reason, cause, escalates_at } = event else {
            return None;
        };
        Some(Self {
            id: *call,
            job: JobId(envelope.stream.id),
            operation: *operation,
            work_center: *work_center,
            machine: *machine,
            reason: reason.clone(),
            cause: cause.clone(),
            called: Step { at: envelope.happened_at, by: envelope.actor },
            escalates_at: *escalates_at,
            escalated_at: None,
            answered: None,
            ended: None,
            remedy: None,
            position: envelope.position,
        })
    }

    /// When it is to escalate; never where somebody has answered, where it has, and where it is over.
    pub fn escalation_due(&self) -> Option<Timestamp> {
        let waits = self.answered.is_none() && self.escalated_at.is_none() && self.ended.is_none();
        self.escalates_at.filter(|_| waits)
    }

    fn apply(&mut self, envelope: &Envelope, event: &JobEvent) {
        // Clocks of tablets and offices differ by a little: nothing is done about a call before it.
        let step = Step { at: envelope.happened_at.max(self.called.at), by: envelope.actor };
        match event {
            JobEvent::AndonAnswered { .. } => self.answered = Some(step),
            JobEvent::AndonEscalated { .. } => self.escalated_at = Some(envelope.happened_at),
            JobEvent::AndonEnded { remedy, .. } => {
                self.ended = Some(step);
                self.remedy.clone_from(remedy);
            }
            _ => {}
        }
    }
}

/// The call that an event is about.
pub const fn call_of(event: &JobEvent) -> Option<AndonCallId> {
    match event {
        JobEvent::AndonCalled { call, .. }
        | JobEvent::AndonAnswered { call, .. }
        | JobEvent::AndonEscalated { call, .. }
        | JobEvent::AndonEnded { call, .. } => Some(*call),
        _ => None,
    }
}

/// Calls that are not over.
pub fn open() -> Condition {
    Condition { column: "ended", test: Test::Is(Value::Null) }
}

/// Calls that are over.
pub fn over() -> Condition {
    Condition { column: "ended", test: Test::AtLeast(Value::Integer(i64::MIN)) }
}

/// Calls that wait for an answer, and escalate where none comes.
pub fn waiting() -> Condition {
    Condition { column: "escalation_due", test: Test::AtLeast(Value::Integer(i64::MIN)) }
}

impl Projection for AndonCalls {
    const NAME: &'static str = "andon_calls";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[
        IndexColumn::integer("called"),
        IndexColumn::integer("ended"),
        IndexColumn::integer("escalation_due"),
        IndexColumn::text("job"),
        IndexColumn::text("machine"),
    ];
    type Row = AndonCallRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Job(event) => call_of(event).map(|call| row_key(call.0)).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<AndonCallRow>, _key: &str, event: &Recorded) -> Option<AndonCallRow> {
        let (envelope, Event::Job(change)) = (&event.envelope, &event.event) else { return row };
        let Some(mut row) = row else { return AndonCallRow::called(envelope, change) };
        if envelope.position > row.position {
            row.position = envelope.position;
            row.apply(envelope, change);
        }
        Some(row)
    }

    fn index(row: &AndonCallRow) -> Vec<Value> {
        vec![
            instant_value(Some(row.called.at)),
            instant_value(row.ended.map(|ended| ended.at)),
            instant_value(row.escalation_due()),
            id_value(row.job.0),
            row.machine.map_or(Value::Null, |machine| id_value(machine.0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, JOB, LATHE, LATHES, TURN, at, fold, reason};

    const CALL: AndonCallId = AndonCallId(Uuid::from_u128(0xca11));

    fn called() -> Given {
        let mut given = Given::job();
        given.on_job(
            "2012-01-02T08:00:00Z",
            JobEvent::AndonCalled {
                call: CALL,
                operation: TURN,
                work_center: LATHES,
                machine: Some(LATHE),
                reason: reason("tool broke"),
                cause: BlockCause::Other,
                escalates_at: Some(at("2012-01-02T08:10:00Z")),
            },
        );
        given
    }

    fn escalated(given: &mut Given) {
        let called_at = at("2012-01-02T08:00:00Z");
        given.on_job("2012-01-02T08:10:01Z", JobEvent::AndonEscalated { call: CALL, operation: TURN, called_at });
    }

    fn row(given: &Given) -> AndonCallRow {
        given.row::<AndonCalls>(CALL.0)
    }

    #[test]
    fn a_call_is_due_until_somebody_answers_it_escalates_or_is_over() {
        let due = Some(at("2012-01-02T08:10:00Z"));
        assert_eq!((row(&called()).escalation_due(), row(&called()).job), (due, JOB));
        let mut answered = called();
        answered.on_job("2012-01-02T08:04:00Z", JobEvent::AndonAnswered { call: CALL, operation: TURN });
        assert_eq!(row(&answered).escalation_due(), None);
        assert_eq!(row(&answered).answered.map(|it| it.at), Some(at("2012-01-02T08:04:00Z")));
        let mut late = called();
        escalated(&mut late);
        assert_eq!((row(&late).escalation_due(), row(&late).escalated_at), (None, Some(at("2012-01-02T08:10:01Z"))));
        let mut over = called();
        let ended = JobEvent::AndonEnded { call: CALL, operation: TURN, remedy: Some(reason("new insert")) };
        over.on_job("2012-01-02T08:05:00Z", ended.clone());
        assert_eq!((row(&over).escalation_due(), row(&over).remedy), (None, Some(reason("new insert"))));
        let mut by_another_clock = called();
        by_another_clock.on_job("2012-01-02T07:59:57Z", ended);
        assert_eq!(row(&by_another_clock).ended.map(|it| it.at), Some(at("2012-01-02T08:00:00Z")));
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let mut given = called();
        escalated(&mut given);
        let once = given.rows::<AndonCalls>();
        assert!(fold::<AndonCalls>(once.clone(), &given.events) == once);
    }
}
