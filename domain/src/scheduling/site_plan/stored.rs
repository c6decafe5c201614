//! How changes are stored: jobs, machines and people once, and operations as rows of numbers that point at them. A row takes some
//! 30 bytes, a placement by itself some 300.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Changes;
use crate::jobs::operation::OperationNumber;
use crate::kernel::{JobId, MachineId, OperatorId, Timestamp};
use crate::scheduling::placement::{OperationRef, Placement};

/// What numbers of a row count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
    /// Whole seconds: what everything is planned in.
    #[default]
    Second,
    /// Where something is planned in less than that.
    Microsecond,
}

impl Unit {
    const fn micros(self) -> i64 {
        match self {
            Self::Second => 1_000_000,
            Self::Microsecond => 1,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde wants")]
    fn is_second(&self) -> bool {
        *self == Self::Second
    }
}

/// An operation with a place: job, operation, machine, operator, start, and how long setup and run take.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
struct Row(usize, OperationNumber, Option<usize>, Option<usize>, i64, i64, i64);

/// An operation: its job, and which of its operations.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
struct Named(usize, OperationNumber);

/// Changes as they are stored. Rows name jobs, machines and operators by where they are in the lists.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub(super) struct Stored {
    /// From when starts are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    /// What starts and lengths count.
    #[serde(default, skip_serializing_if = "Unit::is_second")]
    unit: Unit,
    /// The jobs that are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    jobs: Vec<JobId>,
    /// The machines that are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    machines: Vec<MachineId>,
    /// The operators that are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    operators: Vec<OperatorId>,
    /// Operations that are planned there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    placed: Vec<Row>,
    /// Operations that are planned no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Named>,
    /// Operations that are finished, or whose job is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    done: Vec<Named>,
}

/// Things in the order in which they are named first.
struct Table<T> {
    listed: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T: Copy + Eq + Hash> Table<T> {
    fn new() -> Self {
        Self { listed: Vec::new(), places: HashMap::new() }
    }

    fn place(&mut self, thing: T) -> usize {
        *self.places.entry(thing).or_insert_with(|| {
            self.listed.push(thing);
            self.listed.len() - 1
        })
    }
}

impl From<Changes> for Stored {
    fn from(changes: Changes) -> Self {
        let whole = |at: Timestamp| at.as_micros() % Unit::Second.micros() == 0;
        let is_whole = |it: &Placement| [it.start, it.run_start, it.end].map(whole) == [true; 3];
        let unit = if changes.placed.iter().all(is_whole) { Unit::Second } else { Unit::Microsecond };
        let from = changes.placed.iter().map(|placement| placement.start).min();
        let (mut jobs, mut machines, mut operators) = (Table::new(), Table::new(), Table::new());
        let count = |until: Timestamp, since: Timestamp| (until.as_micros() - since.as_micros()) / unit.micros();
        let mut row = |it: &Placement| {
            let machine = it.machine.map(|machine| machines.place(machine));
            let operator = it.operator.map(|operator| operators.place(operator));
            let start = count(it.start, from.unwrap_or(it.start));
            let lengths = (count(it.run_start, it.start), count(it.end, it.run_start));
            Row(jobs.place(it.job), it.operation, machine, operator, start, lengths.0, lengths.1)
        };
        let placed = changes.placed.iter().map(&mut row).collect();
        let mut named = |it: &OperationRef| Named(jobs.place(it.job), it.operation);
        let removed = changes.removed.iter().map(&mut named).collect();
        let done = changes.done.iter().map(&mut named).collect();
        let (jobs, machines, operators) = (jobs.listed, machines.listed, operators.listed);
        Self { from, unit, jobs, machines, operators, placed, removed, done }
    }
}

/// What is stored names something that is in no list, or an instant that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(&'static str);

const NO_JOB: Unreadable = Unreadable("a row names a job that is not listed");
const NO_MACHINE: Unreadable = Unreadable("a row names a machine that is not listed");
const NO_OPERATOR: Unreadable = Unreadable("a row names an operator that is not listed");
const NO_FROM: Unreadable = Unreadable("it is not said from when starts are counted");
const NO_INSTANT: Unreadable = Unreadable("a row is at no instant");

impl Stored {
    fn placement(&self, row: Row) -> Result<Placement, Unreadable> {
        let Row(job, operation, machine, operator, start, setup, run) = row;
        let after = |since: Timestamp, length: i64| {
            let micros =
                length.checked_mul(self.unit.micros()).and_then(|length| since.as_micros().checked_add(length));
            micros.and_then(|micros| Timestamp::from_micros(micros).ok()).ok_or(NO_INSTANT)
        };
        let start = after(self.from.ok_or(NO_FROM)?, start)?;
        let run_start = after(start, setup)?;
        Ok(Placement {
            job: self.job(job)?,
            operation,
            machine: machine.map(|at| self.machines.get(at).copied().ok_or(NO_MACHINE)).transpose()?,
            operator: operator.map(|at| self.operators.get(at).copied().ok_or(NO_OPERATOR)).transpose()?,
            start,
            run_start,
            end: after(run_start, run)?,
        })
    }

    fn job(&self, at: usize) -> Result<JobId, Unreadable> {
        self.jobs.get(at).copied().ok_or(NO_JOB)
    }
}

impl TryFrom<Stored> for Changes {
    type Error = Unreadable;

    fn try_from(stored: Stored) -> Result<Self, Unreadable> {
        let named = |Named(job, operation): &Named| Ok(OperationRef { job: stored.job(*job)?, operation: *operation });
        Ok(Self {
            placed: stored.placed.iter().map(|row| stored.placement(*row)).collect::<Result<_, _>>()?,
            removed: stored.removed.iter().map(named).collect::<Result<_, _>>()?,
            done: stored.done.iter().map(named).collect::<Result<_, _>>()?,
        })
    }
}

impl JsonSchema for Changes {
    fn schema_name() -> Cow<'static, str> {
        "Changes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Stored::json_schema(generator)
    }
}

/// Changes as they were stored first, each operation by itself, in the form of today.
pub fn in_rows(first: Value) -> Result<Value, serde_json::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct First {
        placed: Vec<Placement>,
        removed: Vec<OperationRef>,
        done: Vec<OperationRef>,
    }
    let First { placed, removed, done } = serde_json::from_value(first)?;
    serde_json::to_value(Changes { placed, removed, done })
}

/// Placements alone, stored as changes are.
pub(in crate::scheduling) mod placements {
    use serde::{Deserializer, Serializer};

    use super::{Changes, Deserialize, Placement, Serialize};

    pub(in crate::scheduling) fn serialize<S: Serializer>(
        placements: &[Placement],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Changes { placed: placements.to_vec(), ..Changes::default() }.serialize(serializer)
    }

    pub(in crate::scheduling) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Placement>, D::Error> {
        Ok(Changes::deserialize(deserializer)?.placed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn placement() -> impl Strategy<Value = Placement> {
        let times =
            (-5_000_000_000_000_000_i64..5_000_000_000_000_000, 0..9_000_000_i64, 0..9_000_000_i64, any::<bool>());
        let whose = (0_u128..4, 1_u16..60, prop::option::of(0_u128..3), prop::option::of(0_u128..3));
        (whose, times).prop_map(|((job, operation, machine, operator), (start, setup, run, whole))| {
            let unit = if whole { 1_000_000 } else { 1 };
            let at = |micros: i64| Timestamp::from_micros(micros / unit * unit).unwrap();
            Placement {
                job: JobId(Uuid::from_u128(job)),
                operation: OperationNumber(operation),
                machine: machine.map(|machine| MachineId(Uuid::from_u128(machine))),
                operator: operator.map(|operator| OperatorId(Uuid::from_u128(operator))),
                start: at(start),
                run_start: at(start + setup * unit),
                end: at(start + (setup + run) * unit),
            }
        })
    }

    proptest! {
        #[test]
        fn whatever_is_stored_is_read_as_it_was(placed in prop::collection::vec(placement(), 0..12), gone in prop::collection::vec((0_u128..4, 1_u16..60), 0..6)) {
            let named: Vec<OperationRef> = gone
                .into_iter()
                .map(|(job, operation)| OperationRef { job: JobId(Uuid::from_u128(job)), operation: OperationNumber(operation) })
                .collect();
            let (removed, done) = named.split_at(named.len() / 2);
            let changes = Changes { placed, removed: removed.to_vec(), done: done.to_vec() };
            let stored = serde_json::to_string(&changes).unwrap();
            prop_assert_eq!(serde_json::from_str::<Changes>(&stored).unwrap(), changes);
        }
    }

    #[test]
    fn a_placement_is_a_row_of_numbers_and_each_thing_is_named_once() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let place = |operation, start: &str, end: &str| Placement {
            job: JobId(Uuid::from_u128(1)),
            operation: OperationNumber(operation),
            machine: Some(MachineId(Uuid::from_u128(2))),
            operator: None,
            start: at(start),
            run_start: at(start),
            end: at(end),
        };
        let placed = vec![
            place(20, "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"),
            place(10, "2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"),
        ];
        let stored = serde_json::to_value(Changes { placed, ..Changes::default() }).unwrap();
        let wanted = json!({
            "from": "2026-11-23T08:00:00Z",
            "jobs": [Uuid::from_u128(1)], "machines": [Uuid::from_u128(2)],
            "placed": [[0, 20, 0, null, 3600, 0, 3600], [0, 10, 0, null, 0, 0, 3600]],
        });
        assert_eq!(stored, wanted);
        assert_eq!(serde_json::to_value(Changes::default()).unwrap(), json!({}));
    }

    #[test]
    fn what_names_nothing_that_is_listed_is_no_change() {
        let from = "2026-11-23T08:00:00Z";
        let job = Uuid::from_u128(1);
        for broken in [
            json!({ "from": from, "placed": [[0, 10, null, null, 0, 0, 0]] }),
            json!({ "from": from, "jobs": [job], "placed": [[0, 10, 0, null, 0, 0, 0]] }),
            json!({ "from": from, "jobs": [job], "placed": [[0, 10, null, 0, 0, 0, 0]] }),
            json!({ "jobs": [job], "placed": [[0, 10, null, null, 0, 0, 0]] }),
            json!({ "from": from, "jobs": [job], "placed": [[0, 10, null, null, i64::MAX, 0, 0]] }),
            json!({ "from": from, "jobs": [job], "placed": [[0, 10, null, null, 0, i64::MIN, 0]] }),
            json!({ "from": from, "jobs": [job], "placed": [[0, 10, null, null, 0, 0]] }),
            json!({ "removed": [[0, 10]] }),
            json!({ "jobs": [job], "done": [[-1, 10]] }),
        ] {
            assert!(serde_json::from_value::<Changes>(broken.clone()).is_err(), "{broken}");
        }
    }
}
