//! What happened to the plan: a sentence and the changes. A plan may move thousands of operations: the first are told, the rest
//! counted.

use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::{Changes, Origin, Pin, PlanEvent, PlanPolicies};
use domain::scheduling::solver::Preset;

use super::changes::Told;
use super::sentence::{Reader, capital, counted};
use crate::labels::Thing;

/// Operations that are told one by one.
const TOLD: usize = 20;

/// The sentence that tells of it.
pub(super) fn sentence(event: &PlanEvent, reader: Reader<'_>) -> String {
    match event {
        PlanEvent::Published { changes, origin: Origin::Optimiser { .. }, .. } => {
            format!("A plan of the optimiser was published: {}", told(changes, reader))
        }
        PlanEvent::Published { changes, origin: Origin::Scenario { .. }, .. } => {
            format!("A what-if was published: {}", told(changes, reader))
        }
        PlanEvent::Followed { changes, cause, .. } if cause.is_empty() => {
            format!("The plan followed the clock: {}", told(changes, reader))
        }
        PlanEvent::Followed { changes, .. } => format!("The plan followed the floor: {}", told(changes, reader)),
        PlanEvent::Moved { changes, pin: Some(pin), .. } => {
            format!("{} and pinned: {}", capital(&told(changes, reader)), pin.reason)
        }
        PlanEvent::Moved { changes, pin: None, .. } | PlanEvent::TakenOut { changes, .. } => {
            capital(&told(changes, reader))
        }
        PlanEvent::Undone { changes, undoes, .. } => {
            format!("Change {undoes} of the plan was taken back: {}", told(changes, reader))
        }
        PlanEvent::Pinned { operations, pin } => {
            format!("{} pinned: {}", capital(&were(operations, reader)), pinned(pin, reader))
        }
        PlanEvent::Unpinned { operations } => format!("{} let go", capital(&were(operations, reader))),
        PlanEvent::PoliciesSet { .. } => "What counts in the plan was changed".to_owned(),
    }
}

pub(super) fn told(changes: &Changes, reader: Reader<'_>) -> String {
    if let ([placement], 1) = (changes.placed.as_slice(), changes.len()) {
        return format!(
            "{} was planned{} at {}",
            named(placement.of(), reader),
            reader.on(placement.machine),
            reader.clock(placement.start)
        );
    }
    let parts = [
        (changes.placed.len(), "planned"),
        (changes.removed.len(), "taken out of the plan"),
        (changes.done.len(), "done and left it"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| {
            format!("{} {} {what}", counted(*count, "operation"), if *count == 1 { "was" } else { "were" })
        })
        .collect();
    parts.join(", ")
}

fn were(operations: &[OperationRef], reader: Reader<'_>) -> String {
    match operations {
        [operation] => format!("{} was", named(*operation, reader)),
        many => format!("{} were", counted(many.len(), "operation")),
    }
}

fn pinned(pin: &Pin, reader: Reader<'_>) -> String {
    let until = pin.until.map(|until| format!(", until {}", reader.clock(until))).unwrap_or_default();
    format!("{}{until}", pin.reason)
}

fn named(operation: OperationRef, reader: Reader<'_>) -> String {
    format!("operation {} of {}", operation.operation.0, reader.name(Thing::Job(operation.job)))
}

/// The fields that it changed.
pub(super) fn changes(told: &mut Told, event: &PlanEvent) {
    if let Some((version, changes)) = event.changes() {
        told.turned("version", &version.checked_sub(1).filter(|was| *was > 0), &version);
        told.set("operations", &changes.len());
        changed(told, changes);
    }
    match event {
        PlanEvent::Published { origin: Origin::Optimiser { preset, .. }, .. } => told.set("preset", preset),
        PlanEvent::Moved { reason, pin, .. } => {
            told.set("reason", reason);
            told.set("pin", &pin.as_ref().map(|pin| pin.reason.clone()));
            told.set("pinUntil", &pin.as_ref().and_then(|pin| pin.until));
        }
        PlanEvent::Published { origin: Origin::Scenario { reason, .. }, .. } | PlanEvent::TakenOut { reason, .. } => {
            told.set("reason", reason);
        }
        PlanEvent::Undone { undoes, reason, .. } => {
            told.set("undoes", undoes);
            told.set("reason", reason);
        }
        PlanEvent::Pinned { operations, pin } => {
            told.set("operations", &operations.len());
            told.set("pin", &pin.reason);
            told.set("pinUntil", &pin.until);
            each(told, operations, |_, _| {});
        }
        PlanEvent::Unpinned { operations } => {
            told.set("operations", &operations.len());
            each(told, operations, |_, _| {});
        }
        PlanEvent::PoliciesSet { was, policies } => set(told, was, policies),
        PlanEvent::Followed { .. } => {}
    }
}

pub(super) fn changed(told: &mut Told, changes: &Changes) {
    let placed: Vec<OperationRef> = changes.placed.iter().map(Placement::of).collect();
    each(told, &placed, |told, at| {
        let Some(placement) = changes.placed.get(at) else { return };
        told.set("plannedStart", &placement.start);
        told.set("plannedEnd", &placement.end);
        told.set("machine", &placement.machine);
        told.set("operator", &placement.operator);
    });
    for (field, operations) in [("removed", &changes.removed), ("done", &changes.done)] {
        each(told, operations, |told, _| told.set(field, &true));
    }
}

/// Tells the first of them by job and number, and what else there is to tell of each.
fn each(told: &mut Told, operations: &[OperationRef], tell: impl Fn(&mut Told, usize)) {
    for (at, operation) in operations.iter().take(TOLD).enumerate() {
        let told = told.of(operation.operation);
        told.set("job", &operation.job);
        tell(told, at);
    }
    told.whole();
}

fn set(told: &mut Told, was: &PlanPolicies, is: &PlanPolicies) {
    told.turned("preset", &was.preset, &is.preset);
    told.turned("ownWeights", &was.weights.is_some(), &is.weights.is_some());
    told.turned("freezeSeconds", &was.freeze_seconds, &is.freeze_seconds);
    told.turned("overlap", &was.overlap, &is.overlap);
}

/// The preset's stored name.
pub(super) const fn preset_name(preset: Preset) -> &'static str {
    match preset {
        Preset::OnTimeFirst => "on-time-first",
        Preset::FewChangeovers => "few-changeovers",
        Preset::DoNotDisturb => "do-not-disturb",
        Preset::Makespan => "makespan",
    }
}
