//! Changes taken back: looked at on the shop as it is, as moves by hand are, before they are done.

use std::collections::BTreeSet;

use domain::kernel::Caller;
use domain::machines::work_center::Reason;
use domain::run::{Command, Done, Request};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::{Moved, PlanCommand, PlanEvent, PlanState, Repinned};
use projections::planning::{Conflict, CurrentPlan};
use serde::Serialize;

use super::by_hand::{check_policy, said};
use super::office::{Office, Refusal};
use super::sight::{Seen, Unseen};

/// A change that somebody takes back.
#[derive(Debug, Clone, Serialize)]
pub struct Undo {
    /// The version that it made.
    pub change: u64,
    /// Leaves what can't go back where it is.
    pub partly: bool,
    /// Why.
    pub reason: Option<Reason>,
}

/// What taking a change back would do.
#[derive(Debug)]
pub struct WouldUndo {
    /// The version of the plan that it would be done to.
    pub version: u64,
    /// What goes back to where it was, from where it is now.
    pub moves: Vec<Moved>,
    /// What the change moved, and stays.
    pub stays: Vec<OperationRef>,
    /// What does not go together of what goes back.
    pub conflicts: Vec<Conflict>,
    /// What the policy of the plan says to them.
    pub refused: Option<Refusal>,
    revision: Option<u64>,
}

/// A change that was taken back.
#[derive(Debug)]
pub struct Undone {
    /// The plan after it.
    pub done: Done,
    /// What the change moved, and was left where it is.
    pub left: Vec<OperationRef>,
    /// What does not go together of what went back.
    pub conflicts: Vec<Conflict>,
}

impl Office {
    /// Looks what taking a change back would do now, and does nothing.
    pub async fn would_undo(&self, caller: &Caller, asked: &Undo) -> Result<WouldUndo, Refusal> {
        let seen = self.sight.shop(caller.tenant).await?;
        let command = asked.command(None);
        let (state, events) = self.sight.commands.preview_plan(caller, command).await?;
        let (moves, revision, policy) = (moves(&state, &events), seen.revision, state.policies.overlap);
        let back: BTreeSet<OperationRef> = moves.iter().map(|it| it.operation).collect();
        let change = state.changes().find(|change| change.version == asked.change);
        let changed = change.into_iter().flat_map(|change| &change.moves).map(|it| it.operation);
        let stays = changed.filter(|operation| !back.contains(operation)).collect();
        let version = state.version;
        let mut after = CurrentPlan::from(&*state);
        for it in &moves {
            match it.is {
                Some(is) => _ = after.placements.insert(it.operation, is),
                None => _ = after.placements.remove(&it.operation),
            }
        }
        let look = move || seen.conflicts_after(after, &back);
        let conflicts = tokio::task::spawn_blocking(look).await.map_err(Unseen::from)??;
        let refused = check_policy(policy, &conflicts, asked.reason.as_ref()).err();
        Ok(WouldUndo { version, moves, stays, conflicts, refused, revision })
    }

    /// Takes a change back. What can't go back is named, and nothing is done; with `partly` the rest goes back. Asked again under the
    /// same name, it gives the first answer.
    pub async fn undo(
        &self,
        caller: &Caller,
        asked: Undo,
        request: impl Fn(Command) -> Request,
    ) -> Result<Undone, Refusal> {
        let said = said(&asked)?;
        let _turn = self.turns.take(caller.tenant).await;
        if let Some(done) = self.recall(caller, (None, &said), &request).await? {
            return Ok(Undone { done, left: Vec::new(), conflicts: Vec::new() });
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            let would = self.would_undo(caller, &asked).await?;
            if let Some(refused) = would.refused {
                return Err(refused);
            }
            let command = Command::Plan(Box::new(asked.command(Some(would.version))));
            let wanted = Request { said: Some(said.clone()), ..request(command) };
            if let Some(done) = self.ask_of(caller, (wanted, would.revision), attempt).await? {
                return Ok(Undone { done, left: would.stays, conflicts: would.conflicts });
            }
        }
    }
}

impl Undo {
    fn command(&self, seen: Option<u64>) -> PlanCommand {
        PlanCommand::Undo { change: self.change, partly: self.partly, reason: self.reason.clone(), seen }
    }
}

impl Seen {
    /// What would not go together of these operations in this plan.
    fn conflicts_after(mut self, plan: CurrentPlan, back: &BTreeSet<OperationRef>) -> Result<Vec<Conflict>, Refusal> {
        self.shop.plan = plan;
        self.conflicts(back)
    }
}

/// Where everything goes, from where it is.
fn moves(state: &PlanState, events: &[PlanEvent]) -> Vec<Moved> {
    let mut moves = Vec::new();
    let moved = |operation: OperationRef, is: Option<Placement>| {
        let was = state.placement(operation).copied();
        Moved { operation, was, is, pin: Repinned::default() }
    };
    for (_, changes) in events.iter().filter_map(PlanEvent::changes) {
        moves.extend(changes.placed.iter().map(|it| moved(it.of(), Some(*it))));
        moves.extend(changes.removed.iter().map(|operation| moved(*operation, None)));
    }
    moves
}
