//! The fields of the format. A field that is not known is refused: it may be a rule that somebody counts on.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use domain::scheduling::solver::Seconds;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    #[serde(rename = "format")]
    pub(super) _format: String,
    pub(super) name: String,
    pub(super) time_unit: Unit,
    pub(super) now: Seconds,
    pub(super) frozen_until: Seconds,
    #[serde(deserialize_with = "distinct")]
    pub(super) calendars: BTreeMap<String, Vec<(Seconds, Seconds)>>,
    pub(super) machines: Vec<MachineShape>,
    pub(super) operators: Vec<OperatorShape>,
    pub(super) downtime: Vec<Downtime>,
    pub(super) setup_matrix: Vec<Vec<Seconds>>,
    pub(super) materials: Vec<MaterialShape>,
    pub(super) jobs: Vec<Work>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Second,
    Minute,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachineShape {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) speed: f64,
    pub(super) shift: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorShape {
    pub(super) id: String,
    #[serde(deserialize_with = "distinct")]
    pub(super) skills: BTreeMap<String, f64>,
    pub(super) shift: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Downtime {
    pub(super) machine: String,
    pub(super) start: Seconds,
    pub(super) end: Seconds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaterialShape {
    pub(super) id: String,
    pub(super) stock: i64,
    pub(super) receipts: Vec<Receipt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    pub(super) t: Seconds,
    pub(super) qty: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    pub(super) id: String,
    pub(super) qty: u32,
    pub(super) ops: Vec<Step>,
    pub(super) priority: i64,
    pub(super) material: Option<String>,
    pub(super) material_qty: i64,
    pub(super) release: Seconds,
    pub(super) due: Seconds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) group: String,
    pub(super) run: Seconds,
    pub(super) setup: Seconds,
    pub(super) family: u32,
    pub(super) skill: Option<String>,
    pub(super) needs_operator: Needs,
    pub(super) interruptible: bool,
    pub(super) min_lag_after: Seconds,
    pub(super) transfer_fraction: f64,
    pub(super) outside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Needs {
    Full,
    SetupOnly,
    None,
}

/// By names that differ: of two alike, the second would silently replace the first.
fn distinct<'de, D: Deserializer<'de>, V: Deserialize<'de>>(from: D) -> Result<BTreeMap<String, V>, D::Error> {
    from.deserialize_map(Distinct(PhantomData))
}

struct Distinct<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Distinct<V> {
    type Value = BTreeMap<String, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut all = BTreeMap::new();
        while let Some((name, value)) = entries.next_entry::<String, V>()? {
            if all.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:?} is there twice")));
            }
            all.insert(name, value);
        }
        Ok(all)
    }
}
