//! Moves by hand: what they come to on the calendars, and what they get into the way of.

use std::collections::BTreeSet;

use domain::kernel::{MachineId, OperatorId, TenantId, Timestamp};
use domain::machines::work_center::Reason;
use domain::run::RunError;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::{Pin, PlanCommand, PlanError};
use domain::scheduling::solver::{Plan, repair};
use domain::tenancy::company::OverlapPolicy;
use projections::planning::{Conflict, ConflictKind, Machine, Options, Planning, Shop};

use super::office::{Office, Refusal};
use super::sight::{Seen, Unseen};

/// Where somebody puts an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub operation: OperationRef,
    /// On which machine; where it is, or could be first, where nobody says.
    pub machine: Option<MachineId>,
    /// By whom; whoever is free, where nobody says.
    pub operator: Option<OperatorId>,
    /// When its setup starts.
    pub start: Timestamp,
}

/// What becomes of those who are in the way, or wait for what is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followers {
    /// They stay where they are.
    Stay,
    /// They go later, or elsewhere.
    Push,
}

/// Moves of one person at once.
#[derive(Debug, Clone)]
pub struct Moves {
    /// Where to; each operation once.
    pub moves: Vec<Move>,
    /// What becomes of others.
    pub followers: Followers,
    /// Why.
    pub reason: Option<Reason>,
    /// Pins them there.
    pub pin: Option<Pin>,
}

/// What moves come to.
#[derive(Debug)]
pub struct Moved {
    /// What to ask of the plan: one change for all that move.
    pub moves: PlanCommand,
    /// And what after it: what was pushed is not pinned.
    pub pins: Option<PlanCommand>,
    /// What they get into the way of.
    pub conflicts: Vec<Conflict>,
}

impl Office {
    /// What moves come to on the shop as it is now. Nothing is done yet. Refused where the policy does not let a conflict pass.
    pub async fn moved(&self, tenant: TenantId, asked: Moves) -> Result<Moved, Refusal> {
        let seen = self.sight.shop(tenant).await?;
        let moved = tokio::task::spawn_blocking(move || moved(&seen, asked));
        moved.await.map_err(Unseen::from)?
    }
}

fn moved(seen: &Seen, asked: Moves) -> Result<Moved, Refusal> {
    let mut shop = seen.shop.clone();
    // Fixed while the rest is worked out, whether or not it is pinned afterwards.
    let fixed = Pin { reason: Reason::try_new("by hand").map_err(|it| RunError::Fault(it.to_string()))?, until: None };
    for asked in &asked.moves {
        let placement = put(&shop, asked)?;
        shop.plan.placements.insert(asked.operation, placement);
        shop.plan.pins.insert(asked.operation, fixed.clone());
    }
    let named: BTreeSet<OperationRef> = asked.moves.iter().map(|it| it.operation).collect();
    let planning = shop.problem(seen.now, &Options::default()).map_err(Unseen::from)?;
    let repaired = repair(&planning.problem, &planning.baseline, &seen.policies.weights());
    let places = places(&seen.shop, &planning, (&repaired, &named), &asked);
    let conflicts = conflicts(&planning, &places, &named);
    match seen.policies.overlap {
        _ if !conflicts.iter().any(counts) => {}
        OverlapPolicy::Refuse => return Err(Refusal::Conflicts(conflicts)),
        OverlapPolicy::AllowWithReason if asked.reason.is_none() => return Err(Refusal::ReasonNeeded(conflicts)),
        OverlapPolicy::AllowWithReason | OverlapPolicy::Allow => {}
    }
    let (moves, pins) = commands(&seen.shop, places, &named, asked);
    Ok(Moved { moves, pins, conflicts })
}

/// Where an operation is put, as far as it is known before the calendars are asked.
fn put(shop: &Shop, asked: &Move) -> Result<Placement, Refusal> {
    let refused = |error| Refusal::Run(RunError::Rejected(Box::new(error)));
    let OperationRef { job, operation } = asked.operation;
    let (_, known) =
        shop.operation(asked.operation).ok_or_else(|| refused(PlanError::OperationNotFound(asked.operation)))?;
    if known.is_finished() {
        return Err(refused(PlanError::OperationFinished(asked.operation)));
    }
    if known.is_running() {
        return Err(refused(PlanError::OperationBegun(asked.operation)));
    }
    if let Some(machine) = asked.machine.filter(|machine| !shop.machines.get(machine).is_some_and(Machine::is_in_use)) {
        return Err(refused(PlanError::MachineNotFound(machine)));
    }
    if let Some(operator) = asked.operator.filter(|operator| !shop.operators.get(operator).is_some_and(|it| it.active))
    {
        return Err(refused(PlanError::OperatorNotFound(operator)));
    }
    let first = || shop.machines_of(known.plan.work_center).first().map(|machine| machine.id);
    let now = shop.plan.placements.get(&asked.operation);
    let machine = asked.machine.or_else(|| now.map_or_else(first, |now| now.machine));
    let at = asked.start;
    Ok(Placement { job, operation, machine, operator: asked.operator, start: at, run_start: at, end: at })
}

/// Where everything is after the moves: the moved operations as they come out, others where they are or where they are pushed to.
fn places(
    shop: &Shop,
    planning: &Planning,
    (repaired, named): (&Plan, &BTreeSet<OperationRef>),
    asked: &Moves,
) -> Vec<Placement> {
    let begun = |operation| shop.operation(operation).is_some_and(|(_, it)| it.is_running());
    let moves = |it: &OperationRef| match asked.followers {
        Followers::Stay => named.contains(it),
        Followers::Push => named.contains(it) || (shop.plan.placements.contains_key(it) && !begun(*it)),
    };
    let mut places = shop.plan.placements.clone();
    let moved = planning.index.placements(repaired).into_iter().filter(|it| moves(&it.of()));
    places.extend(moved.map(|it| (it.of(), it)));
    places.into_values().collect()
}

/// What does not go together with what was moved.
fn conflicts(planning: &Planning, places: &[Placement], named: &BTreeSet<OperationRef>) -> Vec<Conflict> {
    let concerns = |it: &Conflict| named.contains(&it.operation) || it.with.is_some_and(|with| named.contains(&with));
    planning.conflicts(places).into_iter().filter(concerns).collect()
}

/// Whether a conflict is one that a policy may refuse: that a job is late is nobody's fault who moves it.
pub(super) const fn counts(conflict: &Conflict) -> bool {
    !matches!(conflict.kind, ConflictKind::Late | ConflictKind::Behind)
}

/// What to ask of the plan for the moves, and for their pins where others are pushed.
fn commands(
    shop: &Shop,
    mut placements: Vec<Placement>,
    named: &BTreeSet<OperationRef>,
    asked: Moves,
) -> (PlanCommand, Option<PlanCommand>) {
    placements.retain(|it| named.contains(&it.of()) || shop.plan.placements.get(&it.of()) != Some(it));
    let alone = placements.len() == named.len();
    let Moves { reason, pin, .. } = asked;
    let operations = || named.iter().copied().collect();
    let pins = pin.clone().filter(|_| !alone).map(|pin| PlanCommand::Pin { operations: operations(), pin });
    (PlanCommand::Move { placements, reason, pin: pin.filter(|_| alone) }, pins)
}
