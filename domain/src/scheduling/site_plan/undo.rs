//! What taking a change back comes to: what waits goes back to where it was, with the pin that it had there. What has begun or ended
//! since stays where it is.

use super::state::Moved;
use super::{Changes, Pin, PlanError, PlanEvent, PlanState, check_future, pieces};
use crate::jobs::operation::Standing;
use crate::kernel::context::Context;
use crate::machines::work_center::Reason;
use crate::scheduling::placement::{OperationRef, Placement};

/// A change as it is taken back.
#[derive(Debug, Default)]
pub(super) struct Undone {
    changes: Changes,
    /// Pins as they were, each with the operations that it held.
    pinned: Vec<(Pin, Vec<OperationRef>)>,
    unpinned: Vec<OperationRef>,
}

impl Undone {
    /// The events that tell of it; one append.
    pub(super) fn events(self, version: u64, undoes: u64, reason: Option<&Reason>) -> Vec<PlanEvent> {
        let undone = |changes| PlanEvent::Undone { version, changes, undoes, reason: reason.cloned() };
        let pinned = self.pinned.into_iter().map(|(pin, operations)| PlanEvent::Pinned { operations, pin });
        let unpinned = Some(self.unpinned).filter(|operations| !operations.is_empty());
        let unpinned = unpinned.map(|operations| PlanEvent::Unpinned { operations });
        pieces(self.changes).map(undone).chain(pinned).chain(unpinned).collect()
    }

    fn put_back(&mut self, moved: &Moved, now: Option<&Pin>, context: &Context) {
        let Some(was) = moved.was else {
            // Its pin goes with it.
            self.changes.removed.push(moved.operation);
            return;
        };
        self.changes.placed.push(was);
        // Somebody has let it go since: so it stays.
        if now != moved.pin.is.as_ref() {
            return;
        }
        match moved.pin.was.as_ref().filter(|pin| pin.holds(context.now)) {
            pin if pin == now => {}
            Some(pin) => match self.pinned.iter_mut().find(|(known, _)| known == pin) {
                Some((_, operations)) => operations.push(moved.operation),
                None => self.pinned.push((pin.clone(), vec![moved.operation])),
            },
            None => self.unpinned.extend(now.map(|_| moved.operation)),
        }
    }
}

impl PlanState {
    /// What taking a change back comes to; with `partly` what can't go back is left where it is.
    pub(super) fn undone(&self, version: u64, partly: bool, context: &Context) -> Result<Undone, PlanError> {
        let change = self.reversible(version).ok_or(PlanError::ChangeNotFound(version))?;
        let waits = |moved: &&Moved| context.facts.standing(moved.operation) == Standing::Waits;
        let (since, back): (Vec<&Moved>, Vec<&Moved>) =
            change.moves.iter().filter(waits).partition(|moved| self.is_elsewhere(moved, context));
        if !since.is_empty() && !partly {
            let operations = since.iter().map(|moved| moved.operation).collect();
            return Err(PlanError::Changed { version: self.version, operations });
        }
        let mut undone = Undone::default();
        for moved in back {
            match moved.was.map_or(Ok(()), |was| check_back(&was, context)) {
                Err(error) if !partly => return Err(error),
                Err(_) => {}
                Ok(()) => undone.put_back(moved, self.pins.get(&moved.operation), context),
            }
        }
        Ok(undone)
    }

    /// Whether somebody, or the floor, has moved it since, or somebody has fixed it where it is.
    fn is_elsewhere(&self, moved: &Moved, context: &Context) -> bool {
        let pin = self.pins.get(&moved.operation).filter(|pin| pin.holds(context.now));
        let pinned_since = pin.is_some() && pin != moved.pin.is.as_ref();
        pinned_since || self.placement(moved.operation) != moved.is.as_ref()
    }
}

/// Fails where nobody could move it to where it was.
fn check_back(was: &Placement, context: &Context) -> Result<(), PlanError> {
    if let Some(machine) = was.machine.filter(|machine| context.facts.missing_machines.contains(machine)) {
        return Err(PlanError::MachineNotFound(machine));
    }
    if let Some(operator) = was.operator.filter(|operator| context.facts.missing_operators.contains(operator)) {
        return Err(PlanError::OperatorNotFound(operator));
    }
    check_future(was, context)
}
