//! Setup families and changeovers: how long it takes to get a machine from one kind of work to another.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::text::{Datum, text_value};

/// How many families the table of a work center names at most.
pub const MOST_FAMILIES: usize = 100;
/// How many changeovers it says at most.
pub const MOST_CHANGEOVERS: usize = 5_000;
/// How long a changeover takes at most: a week.
pub const LONGEST_CHANGEOVER: u32 = 7 * 86_400;

text_value!(
    /// What a machine must be set up for: a color, a die, a clamping. Work of one family goes on without a changeover.
    SetupFamily, "a setup family", Code, max = 64,
    datum = Datum::business("setup family", "tells which work needs the same setup")
);

/// How long it takes from one family to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Changeover {
    /// What the machine is set up for.
    pub from: SetupFamily,
    /// What it is to be set up for.
    pub to: SetupFamily,
    /// Seconds, besides the setup of the operation itself.
    pub seconds: u32,
}

/// The changeovers of the machines of a work center. From one family to another of those named here, of which nothing is said, it
/// takes `default_seconds`; within a family nothing, unless it is said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changeovers {
    /// Seconds where nothing is said.
    pub default_seconds: u32,
    /// What is said, in order.
    pub table: Vec<Changeover>,
}

/// Why changeovers can't be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeoverError {
    /// Said twice.
    #[error("the changeover from {0} to {1} is named twice")]
    Twice(SetupFamily, SetupFamily),
    /// More families than anybody tells apart.
    #[error("a work center has changeovers of at most {MOST_FAMILIES} families, not {0}")]
    Families(usize),
    /// More than can be looked through.
    #[error("a work center has at most {MOST_CHANGEOVERS} changeovers, not {0}")]
    Many(usize),
    /// Longer than a week.
    #[error("a changeover takes at most {LONGEST_CHANGEOVER} seconds, not {0}")]
    Long(u32),
}

impl Changeovers {
    /// In order, if they can be so.
    pub fn checked(mut self) -> Result<Self, ChangeoverError> {
        if self.table.len() > MOST_CHANGEOVERS {
            return Err(ChangeoverError::Many(self.table.len()));
        }
        let all = std::iter::once(self.default_seconds).chain(self.table.iter().map(|it| it.seconds));
        if let Some(long) = all.into_iter().find(|seconds| *seconds > LONGEST_CHANGEOVER) {
            return Err(ChangeoverError::Long(long));
        }
        self.table.sort_unstable();
        let twice = self.table.windows(2).find(|pair| (&pair[0].from, &pair[0].to) == (&pair[1].from, &pair[1].to));
        if let Some(pair) = twice {
            return Err(ChangeoverError::Twice(pair[0].from.clone(), pair[0].to.clone()));
        }
        let families = self.families().len();
        if families > MOST_FAMILIES { Err(ChangeoverError::Families(families)) } else { Ok(self) }
    }

    /// The families that it names.
    pub fn families(&self) -> BTreeSet<&SetupFamily> {
        self.table.iter().flat_map(|it| [&it.from, &it.to]).collect()
    }

    /// What is said, by family before and after.
    pub fn said(&self) -> BTreeMap<(&SetupFamily, &SetupFamily), u32> {
        self.table.iter().map(|it| ((&it.from, &it.to), it.seconds)).collect()
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(number: usize) -> SetupFamily {
        SetupFamily::try_new(&format!("F{number:03}")).unwrap()
    }

    fn table(pairs: impl IntoIterator<Item = (usize, usize)>) -> Changeovers {
        let changeover = |(from, to)| Changeover { from: family(from), to: family(to), seconds: 60 };
        Changeovers { default_seconds: 600, table: pairs.into_iter().map(changeover).collect() }
    }

    #[test]
    fn changeovers_come_in_order_and_each_once() {
        assert_eq!(table([(2, 1), (1, 2)]).checked(), Ok(table([(1, 2), (2, 1)])));
        assert_eq!(table([(1, 2), (2, 1), (1, 2)]).checked(), Err(ChangeoverError::Twice(family(1), family(2))));
    }

    #[test]
    fn families_changeovers_and_their_length_have_limits() {
        let square = |families: usize| (0..families).flat_map(move |from| (0..families).map(move |to| (from, to)));
        assert!(table(square(70)).checked().is_ok());
        assert_eq!(table(square(71)).checked(), Err(ChangeoverError::Many(5_041)));
        assert!(table((0..100).map(|it| (0, it))).checked().is_ok());
        assert_eq!(table((0..101).map(|it| (0, it))).checked(), Err(ChangeoverError::Families(101)));
        let long = Changeovers { default_seconds: LONGEST_CHANGEOVER + 1, ..table([]) };
        assert_eq!(long.checked(), Err(ChangeoverError::Long(LONGEST_CHANGEOVER + 1)));
    }
}
