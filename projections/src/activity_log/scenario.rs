//! What happened to a what-if: a sentence and the changes.

use domain::scheduling::scenario::{Assumption, Hand, ScenarioEvent};

use super::changes::Told;
use super::plan;
use super::sentence::{Reader, capital, counted};
use crate::labels::Thing;

/// The sentence that tells of it.
pub(super) fn sentence(event: &ScenarioEvent, label: &str, reader: Reader<'_>) -> String {
    let subject = capital(label);
    match event {
        ScenarioEvent::Opened { name, base } => format!("What-if {name} was made from version {base} of the plan"),
        ScenarioEvent::BasedOn { placements } => {
            format!("{subject} began with {} of the plan", counted(placements.len(), "operation"))
        }
        ScenarioEvent::Renamed { was, name } => format!("What-if {was} is now called {name}"),
        ScenarioEvent::Assumed { assumed, .. } => format!("{subject} assumes that {}", assumed_words(assumed, reader)),
        ScenarioEvent::Withdrawn { was, .. } => {
            format!("{subject} assumes no more that {}", assumed_words(was, reader))
        }
        ScenarioEvent::Changed { changes, by: Hand::Person, .. } => {
            format!("{subject} was changed: {}", plan::told(changes, reader))
        }
        ScenarioEvent::Changed { changes, by: Hand::Optimiser { .. }, .. } => {
            format!("{subject} was planned by the optimiser: {}", plan::told(changes, reader))
        }
        ScenarioEvent::Published { version } => format!("{subject} was published as version {version} of the plan"),
        ScenarioEvent::Rebased { version, .. } => {
            format!("{subject} was published as version {version} of the plan, and goes on with what changed meanwhile")
        }
        ScenarioEvent::Discarded {} => format!("{subject} was discarded"),
    }
}

fn assumed_words(assumed: &Assumption, reader: Reader<'_>) -> String {
    let between = |from, until| format!("from {} to {}", reader.clock(from), reader.clock(until));
    let named = |thing| reader.name(thing);
    match *assumed {
        Assumption::MachineOut { machine, from, until } => {
            format!("{} stands still {}", named(Thing::Machine(machine)), between(from, until))
        }
        Assumption::OperatorOut { operator, from, until } => {
            format!("{} is away {}", named(Thing::Operator(operator)), between(from, until))
        }
        Assumption::MachineOpen { machine, from, until } => {
            format!("{} is open {}", named(Thing::Machine(machine)), between(from, until))
        }
        Assumption::OperatorAtWork { operator, from, until } => {
            format!("{} is at work {}", named(Thing::Operator(operator)), between(from, until))
        }
        Assumption::JobDue { job, due } => format!("{} is due at {}", named(Thing::Job(job)), reader.clock(due)),
        Assumption::JobLeftOut { job } => format!("{} is left out", named(Thing::Job(job))),
        Assumption::ToolCount { tool, count } => format!("there are {count} of {}", named(Thing::Tool(tool))),
    }
}

/// The fields that it changed.
pub(super) fn changes(told: &mut Told, event: &ScenarioEvent) {
    match event {
        ScenarioEvent::Opened { name, base } => {
            told.set("name", name);
            told.set("baseVersion", base);
        }
        ScenarioEvent::BasedOn { placements } => told.set("operations", &placements.len()),
        ScenarioEvent::Renamed { was, name } => told.turned("name", was, name),
        ScenarioEvent::Assumed { assumed, .. } => assumption(assumed, &mut |field, value| told.set(field, value)),
        ScenarioEvent::Withdrawn { was, .. } => assumption(was, &mut |field, value| told.unset(field, value)),
        ScenarioEvent::Changed { version, changes, by } => {
            told.turned("version", &(version - 1), version);
            told.set("operations", &changes.len());
            if let Hand::Optimiser { preset, .. } = by {
                told.set("preset", preset);
            }
            plan::changed(told, changes);
        }
        ScenarioEvent::Published { version } => told.set("publishedVersion", version),
        ScenarioEvent::Rebased { version, changes } => {
            told.set("publishedVersion", version);
            told.set("operations", &changes.len());
            plan::changed(told, changes);
        }
        ScenarioEvent::Discarded {} => told.turned("discarded", &false, &true),
    }
}

fn assumption(assumed: &Assumption, tell: &mut dyn FnMut(&'static str, &dyn super::said::Say)) {
    let (due, from, until) = match assumed {
        Assumption::MachineOut { machine, from, until } => {
            tell("machineOut", machine);
            (None, Some(from), Some(until))
        }
        Assumption::OperatorOut { operator, from, until } => {
            tell("operatorOut", operator);
            (None, Some(from), Some(until))
        }
        Assumption::MachineOpen { machine, from, until } => {
            tell("machineOpen", machine);
            (None, Some(from), Some(until))
        }
        Assumption::OperatorAtWork { operator, from, until } => {
            tell("operatorAtWork", operator);
            (None, Some(from), Some(until))
        }
        Assumption::JobDue { job, due } => {
            tell("job", job);
            (Some(due), None, None)
        }
        Assumption::JobLeftOut { job } => {
            tell("jobLeftOut", job);
            (None, None, None)
        }
        Assumption::ToolCount { tool, count } => {
            tell("tool", tool);
            tell("count", count);
            (None, None, None)
        }
    };
    tell("due", &due.copied());
    tell("from", &from.copied());
    tell("until", &until.copied());
}
