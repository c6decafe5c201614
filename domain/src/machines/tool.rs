//! A tool or fixture, of which there are so many: what work takes with it, whatever machine it is on.
//!
//! It protects:
//! - a code is used once and for good;
//! - there are one or more of it while it is in use;
//! - nothing but bringing it back changes what is out of use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::work_center::Reason;
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{StreamType, Timestamp};

/// How many of one tool there are at most.
pub const MOST_TOOLS: u16 = 1_000;

text_value!(
    /// A tool or fixture.
    ToolCode, "a tool code", Code, max = 64,
    datum = Datum::business("tool code", "which tool an operation needs")
);
text_value!(
    /// What people call a tool.
    ToolName, "a tool name", Name, max = 200,
    datum = Datum::business("tool name", "shown where tools are chosen")
);

/// What may be asked of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolCommand {
    /// Sets it up.
    Register {
        /// Its code; the stream's identity is made from it.
        code: ToolCode,
        /// Its name.
        name: ToolName,
        /// How many there are.
        count: u16,
    },
    /// Gives it another name.
    Rename(ToolName),
    /// Says how many there are.
    Count(u16),
    /// Takes it out of use: there are none.
    Retire(Reason),
    /// Takes it into use again, as many as there were.
    BringBack,
}

/// What can have happened to a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ToolEvent {
    /// It was set up.
    #[serde(rename = "tool.registered")]
    Registered {
        /// Its code.
        code: ToolCode,
        /// Its name.
        name: ToolName,
        /// How many there are.
        count: u16,
    },
    /// Its name changed.
    #[serde(rename = "tool.renamed")]
    Renamed {
        /// Before.
        was: ToolName,
        /// After.
        name: ToolName,
    },
    /// There are more or fewer of it.
    #[serde(rename = "tool.counted")]
    Counted {
        /// Before.
        was: u16,
        /// After.
        count: u16,
    },
    /// It is out of use.
    #[serde(rename = "tool.retired")]
    Retired {
        /// Why.
        reason: Reason,
    },
    /// It is in use again.
    #[serde(rename = "tool.brought_back")]
    BroughtBack {},
}

/// Why a tool refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// There is none.
    #[error("there is no such tool")]
    NotFound,
    /// The code is taken.
    #[error("there is a tool {0} already")]
    Exists(ToolCode),
    /// It is out of use.
    #[error("tool {0} is out of use")]
    Retired(ToolCode),
    /// None, or more than anybody has.
    #[error("of a tool there are 1 to {MOST_TOOLS}, not {0}")]
    Count(u16),
}

refusal_codes!(ToolError {
    NotFound => "TOOL_NOT_FOUND",
    Exists => "TOOL_EXISTS",
    Retired => "TOOL_RETIRED",
    Count => "TOOL_COUNT",
});

impl Refusal for ToolError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("code"),
            Self::Count(_) => Some("count"),
            Self::NotFound | Self::Retired(_) => None,
        }
    }
}

/// A tool's situation; nothing where it was never set up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolState(Option<Known>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    code: ToolCode,
    name: ToolName,
    count: u16,
    retired: bool,
}

/// Decides for tools.
pub struct Tool;

impl Decider for Tool {
    const STREAM: StreamType = StreamType::Tool;
    type Command = ToolCommand;
    type Event = ToolEvent;
    type Error = ToolError;
    type State = ToolState;

    fn decide(state: &ToolState, command: &ToolCommand, _: &Context) -> Result<Vec<ToolEvent>, ToolError> {
        let event = match (&state.0, command) {
            (None, ToolCommand::Register { code, name, count }) => {
                let count = counted(*count)?;
                Some(ToolEvent::Registered { code: code.clone(), name: name.clone(), count })
            }
            (None, _) => return Err(ToolError::NotFound),
            (Some(known), command) => known.change(command)?,
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: ToolState, event: &ToolEvent, _: Timestamp) -> ToolState {
        let known = match (state.0, event) {
            (_, ToolEvent::Registered { code, name, count }) => {
                Some(Known { code: code.clone(), name: name.clone(), count: *count, retired: false })
            }
            (Some(known), ToolEvent::Renamed { name, .. }) => Some(Known { name: name.clone(), ..known }),
            (Some(known), ToolEvent::Counted { count, .. }) => Some(Known { count: *count, ..known }),
            (Some(known), ToolEvent::Retired { .. }) => Some(Known { retired: true, ..known }),
            (Some(known), ToolEvent::BroughtBack {}) => Some(Known { retired: false, ..known }),
            (None, _) => None,
        };
        ToolState(known)
    }
}

const fn counted(count: u16) -> Result<u16, ToolError> {
    if count == 0 || count > MOST_TOOLS { Err(ToolError::Count(count)) } else { Ok(count) }
}

impl Known {
    /// The event that does what is asked; none where it is so already.
    fn change(&self, command: &ToolCommand) -> Result<Option<ToolEvent>, ToolError> {
        use ToolCommand::{BringBack, Count, Register, Rename, Retire};
        Ok(match command {
            Register { name, count, .. } if !self.retired && (name, *count) == (&self.name, self.count) => None,
            Register { .. } => return Err(ToolError::Exists(self.code.clone())),
            Retire(reason) => (!self.retired).then(|| ToolEvent::Retired { reason: reason.clone() }),
            BringBack => self.retired.then_some(ToolEvent::BroughtBack {}),
            Rename(_) | Count(_) if self.retired => return Err(ToolError::Retired(self.code.clone())),
            Rename(name) => {
                let renamed = || ToolEvent::Renamed { was: self.name.clone(), name: name.clone() };
                (*name != self.name).then(renamed)
            }
            Count(count) => {
                let count = counted(*count)?;
                (count != self.count).then_some(ToolEvent::Counted { was: self.count, count })
            }
        })
    }
}

impl DomainEvent for ToolEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("tool.registered", 1),
        ("tool.renamed", 1),
        ("tool.counted", 1),
        ("tool.retired", 1),
        ("tool.brought_back", 1),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::scenario::Scenario;

    fn name(text: &str) -> ToolName {
        ToolName::try_new(text).unwrap()
    }

    fn register(count: u16) -> ToolCommand {
        ToolCommand::Register { code: ToolCode::try_new("FIX-1").unwrap(), name: name("Fixture"), count }
    }

    fn registered() -> Scenario<Tool> {
        Scenario::new().given(&register(2))
    }

    fn retire() -> ToolCommand {
        ToolCommand::Retire(Reason::try_new("worn").unwrap())
    }

    #[test]
    fn registering_twice_is_one_event_and_a_taken_code_is_refused() {
        registered().when(&register(2)).then_nothing();
        registered().when(&register(3)).then_refused("TOOL_EXISTS", Some("code"));
        registered().given(&retire()).when(&register(2)).then_refused("TOOL_EXISTS", Some("code"));
    }

    #[test]
    fn there_are_1_to_1000_of_a_tool() {
        for count in [0, 1_001, u16::MAX] {
            Scenario::<Tool>::new().when(&register(count)).then_refused("TOOL_COUNT", Some("count"));
            registered().when(&ToolCommand::Count(count)).then_refused("TOOL_COUNT", Some("count"));
        }
        registered().when(&ToolCommand::Count(1_000)).then(&[ToolEvent::Counted { was: 2, count: 1_000 }]);
        registered().when(&ToolCommand::Count(2)).then_nothing();
    }

    #[test]
    fn a_new_name_keeps_what_was() {
        let rename = ToolCommand::Rename(name("Jig"));
        registered().when(&rename).then(&[ToolEvent::Renamed { was: name("Fixture"), name: name("Jig") }]);
        registered().given(&rename).when(&rename).then_nothing();
    }

    #[test]
    fn what_is_out_of_use_is_brought_back_as_it_was_and_changes_in_no_other_way() {
        let retired = registered().given(&retire());
        retired.clone().when(&retire()).then_nothing();
        retired.clone().when(&ToolCommand::Count(3)).then_refused("TOOL_RETIRED", None);
        retired.clone().when(&ToolCommand::Rename(name("Jig"))).then_refused("TOOL_RETIRED", None);
        retired.clone().when(&ToolCommand::BringBack).then(&[ToolEvent::BroughtBack {}]);
        let back = retired.given(&ToolCommand::BringBack);
        back.clone().when(&register(2)).then_nothing();
        back.clone().when(&ToolCommand::BringBack).then_nothing();
        back.when(&ToolCommand::Count(3)).then(&[ToolEvent::Counted { was: 2, count: 3 }]);
    }

    #[test]
    fn an_unknown_one_is_not_found() {
        for command in [ToolCommand::BringBack, ToolCommand::Count(1), retire()] {
            Scenario::<Tool>::new().when(&command).then_refused("TOOL_NOT_FOUND", None);
        }
    }
}
