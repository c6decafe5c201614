//! Moves by hand: what they come to on the calendars, and what they get into the way of.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::kernel::{Caller, MachineId, OperatorId, ScenarioId, TenantId, Timestamp};
use domain::machines::work_center::Reason;
use domain::run::{Command, Done, Named, Request, RunError};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::scenario::{Hand, ScenarioCommand, ScenarioError};
use domain::scheduling::site_plan::{Changes, MOST_BY_HAND, Pin, PlanCommand, PlanError, Pushed};
use domain::scheduling::solver::{Plan, repair};
use domain::tenancy::company::OverlapPolicy;
use projections::planning::{Conflict, ConflictKind, Machine, Options, Planning, Shop};
use serde::Serialize;

use super::office::{Office, Refusal};
use super::sight::{Seen, Unseen};

/// How often a change is worked out anew where the plan changes meanwhile.
const ATTEMPTS: usize = 5;

/// Where somebody puts an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Followers {
    /// They stay where they are.
    Stay,
    /// They go later, or elsewhere.
    Push,
}

/// Moves of one person at once.
#[derive(Debug, Clone, Serialize)]
pub struct Moves {
    /// Where to; each operation once.
    pub moves: Vec<Move>,
    /// What becomes of others.
    pub followers: Followers,
    /// Why.
    pub reason: Option<Reason>,
    /// Pins them there.
    pub pin: Option<Pin>,
    /// In which what-if, instead of the plan of the site.
    pub scenario: Option<ScenarioId>,
    /// The version in which whoever asks saw them. It says nothing of what is asked.
    #[serde(skip)]
    pub seen: Option<u64>,
}

/// Operations that somebody takes out of a what-if.
#[derive(Debug, Clone, Serialize)]
pub struct TakeOut {
    /// Which.
    pub operations: Vec<OperationRef>,
    /// Of which what-if.
    pub scenario: ScenarioId,
    /// The version in which whoever asks saw it.
    #[serde(skip)]
    pub seen: Option<u64>,
}

/// What moves came to.
#[derive(Debug)]
pub struct Moved {
    /// The plan after them.
    pub done: Done,
    /// What they get into the way of.
    pub conflicts: Vec<Conflict>,
}

/// What moves come to before they are done.
#[derive(Debug)]
struct WorkedOut {
    command: Command,
    conflicts: Vec<Conflict>,
}

impl Office {
    /// Moves operations on the shop as it is. Refused where the policy does not let a conflict pass. Asked again under the same name, it
    /// gives the first answer, whatever the shop is by then.
    pub async fn move_by_hand(
        &self,
        caller: &Caller,
        asked: Moves,
        request: impl Fn(Command) -> Request,
    ) -> Result<Moved, Refusal> {
        let (said, scenario) = (said(&asked)?, asked.scenario);
        let _turn = self.turns.take(caller.tenant).await;
        if let Some(done) = self.recall(caller, (scenario, &said), &request).await? {
            let named = asked.moves.iter().map(|it| it.operation).collect();
            return Ok(Moved { done, conflicts: self.conflicts_now(caller.tenant, scenario, named).await? });
        }
        self.by_hand(caller, (scenario, said), request, move |seen| moved(seen, asked.clone())).await
    }

    /// Puts operations exactly there. Refused where the policy does not let a conflict pass; nobody is asked for a reason here.
    pub async fn put_exactly(
        &self,
        caller: &Caller,
        placements: Vec<Placement>,
        request: impl Fn(Command) -> Request,
    ) -> Result<Moved, Refusal> {
        let said = said(&placements)?;
        let _turn = self.turns.take(caller.tenant).await;
        if let Some(done) = self.recall(caller, (None, &said), &request).await? {
            return Ok(Moved { done, conflicts: Vec::new() });
        }
        self.by_hand(caller, (None, said), request, move |seen| exactly(seen, &placements)).await
    }

    /// Takes operations out of a what-if.
    pub async fn take_out(
        &self,
        caller: &Caller,
        asked: TakeOut,
        request: impl Fn(Command) -> Request,
    ) -> Result<Moved, Refusal> {
        let (said, scenario) = (said(&asked)?, Some(asked.scenario));
        let _turn = self.turns.take(caller.tenant).await;
        if let Some(done) = self.recall(caller, (scenario, &said), &request).await? {
            return Ok(Moved { done, conflicts: Vec::new() });
        }
        self.by_hand(caller, (scenario, said), request, move |seen| taken_out(seen, &asked)).await
    }

    /// What does not go together with operations where they are now; nothing of a what-if that is not worked on any more.
    async fn conflicts_now(
        &self,
        tenant: TenantId,
        scenario: Option<ScenarioId>,
        named: BTreeSet<OperationRef>,
    ) -> Result<Vec<Conflict>, Refusal> {
        let seen = match self.seen(tenant, scenario).await {
            Err(Refusal::Run(RunError::Rejected(_))) => return Ok(Vec::new()),
            seen => seen?,
        };
        tokio::task::spawn_blocking(move || seen.conflicts(&named)).await.map_err(Unseen::from)?
    }

    /// What became of the same before.
    pub(super) async fn recall(
        &self,
        caller: &Caller,
        (scenario, said): (Option<ScenarioId>, &str),
        request: &impl Fn(Command) -> Request,
    ) -> Result<Option<Done>, Refusal> {
        // Of the request only its name is asked, and of the command only whose plan it is about.
        let asked = request(about(scenario));
        let Request { command, command_id: Some(id), happened_at, .. } = asked else { return Ok(None) };
        let named = Named { id, said, happened_at };
        Ok(self.sight.commands.recall(caller.tenant, command.stream(caller.tenant), &named).await?)
    }

    /// Asks for what was worked out on the plan as of this revision, for the so-many-th time; `None` where the plan has changed before it
    /// was done, and it is to be worked out anew. Who names the revision that they expect is told instead.
    pub(super) async fn ask_of(
        &self,
        caller: &Caller,
        (request, revision): (Request, Option<u64>),
        attempt: usize,
    ) -> Result<Option<Done>, Refusal> {
        let anew = request.expected_revision.is_none() && attempt < ATTEMPTS;
        let expected_revision = request.expected_revision.or(revision);
        match self.sight.commands.run(caller, Request { expected_revision, ..request }).await {
            Ok(done) => Ok(Some(done)),
            Err(RunError::Conflict { .. }) if anew => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Works something out on the plan as it is, and asks for that of this very plan; again, where it has changed before it is done.
    async fn by_hand(
        &self,
        caller: &Caller,
        (scenario, said): (Option<ScenarioId>, String),
        request: impl Fn(Command) -> Request,
        work: impl Fn(&Seen) -> Result<WorkedOut, Refusal> + Send + Sync + 'static,
    ) -> Result<Moved, Refusal> {
        let work = Arc::new(work);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let seen = self.seen(caller.tenant, scenario).await?;
            let (revision, work) = (seen.revision, Arc::clone(&work));
            let worked_out = tokio::task::spawn_blocking(move || work(&seen)).await.map_err(Unseen::from)?;
            let WorkedOut { command, conflicts } = worked_out?;
            let asked = Request { said: Some(said.clone()), ..request(command) };
            if let Some(done) = self.ask_of(caller, (asked, revision), attempt).await? {
                return Ok(Moved { done, conflicts });
            }
        }
    }
}

/// A command about a plan, that of the site or of a what-if; what it would do is of no interest.
pub(super) fn about(scenario: Option<ScenarioId>) -> Command {
    match scenario {
        None => Command::Plan(Box::new(PlanCommand::Unpin(Vec::new()))),
        Some(id) => {
            let (changes, by) = (Changes::default(), Hand::Person);
            Command::Scenario(id, Box::new(ScenarioCommand::Change { changes, by, based_on: 0 }))
        }
    }
}

pub(super) fn said(asked: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(asked).map_err(|error| RunError::Fault(format!("a request can't be spelled: {error}")).into())
}

fn refused(error: impl Into<RunError>) -> Refusal {
    Refusal::Run(error.into())
}

fn moved(seen: &Seen, asked: Moves) -> Result<WorkedOut, Refusal> {
    check_seen(seen, asked.scenario.and(asked.seen))?;
    if asked.scenario.is_some() && asked.pin.is_some() {
        return Err(refused(ScenarioError::NoPins));
    }
    let mut shop = seen.shop.clone();
    // Fixed while the rest is worked out, whether or not it is pinned afterwards.
    let fixed = Pin { reason: Reason::try_new("by hand").map_err(|it| RunError::Fault(it.to_string()))?, until: None };
    for asked in &asked.moves {
        let placement = put(seen, asked)?;
        shop.plan.placements.insert(asked.operation, placement);
        shop.plan.pins.insert(asked.operation, fixed.clone());
    }
    let named: BTreeSet<OperationRef> = asked.moves.iter().map(|it| it.operation).collect();
    let mut planning = shop.problem(seen.now, &Options::default()).map_err(Unseen::from)?;
    // Who was told to do it goes on doing it, where nobody says otherwise and they are free.
    let was = named.iter().filter_map(|it| planning.index.assignment(seen.shop.plan.placements.get(it)?));
    for (operation, at) in was.collect::<Vec<_>>() {
        planning.baseline.assignments[operation.at()] = Some(at);
    }
    let repaired = repair(&planning.problem, &planning.baseline, &seen.policies.weights());
    let places = places(&seen.shop, &planning, (&repaired, &named), &asked);
    let conflicts = conflicts(&planning, &places, &named);
    check_policy(seen.policies.overlap, &conflicts, asked.reason.as_ref())?;
    Ok(command(&seen.shop, (places, &named), asked, conflicts))
}

fn exactly(seen: &Seen, placements: &[Placement]) -> Result<WorkedOut, Refusal> {
    let mut places = seen.shop.plan.placements.clone();
    places.extend(placements.iter().map(|placement| (placement.of(), *placement)));
    let places: Vec<Placement> = places.into_values().collect();
    let named = placements.iter().map(Placement::of).collect();
    let planning = seen.shop.problem(seen.now, &Options::default()).map_err(Unseen::from)?;
    let conflicts = conflicts(&planning, &places, &named);
    check_policy(seen.policies.overlap, &conflicts, None)?;
    let placements = placements.to_vec();
    let put = PlanCommand::Move { placements, reason: None, pin: None, pushed: None, seen: None };
    Ok(WorkedOut { command: Command::Plan(Box::new(put)), conflicts })
}

/// Fails where the policy of the plan does not let these conflicts pass.
pub(super) fn check_policy(
    policy: OverlapPolicy,
    conflicts: &[Conflict],
    reason: Option<&Reason>,
) -> Result<(), Refusal> {
    match policy {
        _ if !conflicts.iter().any(counts) => Ok(()),
        OverlapPolicy::Refuse => Err(Refusal::Conflicts(conflicts.to_vec())),
        OverlapPolicy::AllowWithReason if reason.is_none() => Err(Refusal::ReasonNeeded(conflicts.to_vec())),
        OverlapPolicy::AllowWithReason | OverlapPolicy::Allow => Ok(()),
    }
}

/// What waits leaves a what-if; work that goes on is where it is.
fn taken_out(seen: &Seen, asked: &TakeOut) -> Result<WorkedOut, Refusal> {
    match asked.operations.len() {
        0 => return Err(refused(PlanError::Empty)),
        count if count > MOST_BY_HAND => return Err(refused(PlanError::TooMany { count })),
        _ => {}
    }
    check_seen(seen, asked.seen)?;
    let begun = |it: &&OperationRef| seen.shop.operation(**it).is_some_and(|(_, known)| known.is_begun());
    if let Some(begun) = asked.operations.iter().find(begun) {
        return Err(refused(PlanError::OperationBegun(*begun)));
    }
    let changes = Changes { removed: asked.operations.clone(), ..Changes::default() };
    let change = ScenarioCommand::Change { changes, by: Hand::Person, based_on: seen.shop.plan.version };
    let command = Command::Scenario(asked.scenario, Box::new(change));
    Ok(WorkedOut { command, conflicts: Vec::new() })
}

/// Fails where a what-if has changed since whoever asks saw it.
fn check_seen(seen: &Seen, version: Option<u64>) -> Result<(), Refusal> {
    let now = seen.shop.plan.version;
    match version.filter(|version| *version != now) {
        Some(_) => Err(refused(ScenarioError::Changed { version: now })),
        None => Ok(()),
    }
}

/// Where an operation is put, as far as it is known before the calendars are asked.
fn put(seen: &Seen, asked: &Move) -> Result<Placement, Refusal> {
    let shop = &seen.shop;
    let OperationRef { job, operation } = asked.operation;
    let (_, known) =
        shop.operation(asked.operation).ok_or_else(|| refused(PlanError::OperationNotFound(asked.operation)))?;
    if known.is_finished() {
        return Err(refused(PlanError::OperationFinished(asked.operation)));
    }
    if known.is_begun() {
        return Err(refused(PlanError::OperationBegun(asked.operation)));
    }
    if known.is_outside() && asked.machine.is_some() {
        return Err(refused(PlanError::Outside(asked.operation)));
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
    let anywhere = || if known.is_outside() { None } else { now.map_or_else(first, |now| now.machine) };
    let machine = asked.machine.or_else(anywhere);
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
pub(super) fn conflicts(planning: &Planning, places: &[Placement], named: &BTreeSet<OperationRef>) -> Vec<Conflict> {
    let concerns = |it: &Conflict| named.contains(&it.operation) || it.with.is_some_and(|with| named.contains(&with));
    planning.conflicts(places).into_iter().filter(concerns).collect()
}

/// Whether a conflict is one that a policy may refuse: that a job is late is nobody's fault who moves it.
const fn counts(conflict: &Conflict) -> bool {
    !matches!(conflict.kind, ConflictKind::Late | ConflictKind::Behind)
}

/// What to ask for: one change for all that move.
fn command(
    shop: &Shop,
    (mut placements, named): (Vec<Placement>, &BTreeSet<OperationRef>),
    asked: Moves,
    conflicts: Vec<Conflict>,
) -> WorkedOut {
    placements.retain(|it| named.contains(&it.of()) || shop.plan.placements.get(&it.of()) != Some(it));
    let (Moves { reason, pin, scenario, seen, .. }, based_on) = (asked, shop.plan.version);
    if let Some(scenario) = scenario {
        let changes = Changes { placed: placements, ..Changes::default() };
        let change = ScenarioCommand::Change { changes, by: Hand::Person, based_on };
        return WorkedOut { command: Command::Scenario(scenario, Box::new(change)), conflicts };
    }
    let (placements, others): (Vec<_>, Vec<_>) = placements.into_iter().partition(|it| named.contains(&it.of()));
    let pushed = (!others.is_empty()).then_some(Pushed { placements: others, based_on });
    let command = Command::Plan(Box::new(PlanCommand::Move { placements, reason, pin, pushed, seen }));
    WorkedOut { command, conflicts }
}

impl Seen {
    /// What does not go together with operations where they are.
    pub(super) fn conflicts(&self, named: &BTreeSet<OperationRef>) -> Result<Vec<Conflict>, Refusal> {
        let planning = self.shop.problem(self.now, &Options::default()).map_err(Unseen::from)?;
        let places: Vec<Placement> = self.shop.plan.placements.values().copied().collect();
        Ok(conflicts(&planning, &places, named))
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::OperationNumber;
    use domain::kernel::JobId;
    use domain::kernel::time::later;
    use uuid::Uuid;

    use super::*;
    use crate::planning::sample;

    const ANNA: OperatorId = OperatorId(Uuid::from_u128(9));
    const BEN: OperatorId = OperatorId(Uuid::from_u128(10));
    const SAW: MachineId = MachineId(Uuid::from_u128(1));
    const OTHER_SAW: MachineId = MachineId(Uuid::from_u128(2));

    fn first_of(job: u128) -> OperationRef {
        OperationRef { job: JobId(Uuid::from_u128(job)), operation: OperationNumber(10) }
    }

    /// At nine, for an hour.
    fn sawn(of: OperationRef, machine: MachineId, operator: OperatorId, hours: i64) -> Placement {
        let start = later(sample::now(), 3_600 * hours);
        let (run_start, end) = (later(start, 300), later(start, 3_600));
        let (machine, operator) = (Some(machine), Some(operator));
        Placement { job: of.job, operation: of.operation, machine, operator, start, run_start, end }
    }

    /// Both can saw, and both are to.
    fn two_who_can_saw(placements: &[Placement]) -> Seen {
        let mut shop = sample::shop(2);
        let ben = projections::planning::Operator { id: BEN, ..shop.operators[&ANNA].clone() };
        shop.operators.insert(BEN, ben);
        shop.plan.placements = placements.iter().map(|it| (it.of(), *it)).collect();
        sample::seen(shop, sample::now())
    }

    fn who_does(seen: &Seen, operation: OperationRef, start: Timestamp) -> Option<OperatorId> {
        let asked = Moves {
            moves: vec![Move { operation, machine: Some(OTHER_SAW), operator: None, start }],
            followers: Followers::Stay,
            reason: None,
            pin: None,
            scenario: None,
            seen: None,
        };
        let WorkedOut { command, .. } = moved(seen, asked).expect("it is worked out");
        let Command::Plan(command) = command else { panic!("of the plan") };
        let PlanCommand::Move { placements, .. } = *command else { panic!("a move") };
        placements[0].operator
    }

    #[test]
    fn who_was_to_do_what_is_moved_does_it_unless_they_are_to_be_elsewhere_then() {
        let (at_nine, at_eleven) = (later(sample::now(), 3_600), later(sample::now(), 3 * 3_600));
        for (one, other) in [(ANNA, BEN), (BEN, ANNA)] {
            let seen = two_who_can_saw(&[sawn(first_of(0), SAW, one, 1), sawn(first_of(1), OTHER_SAW, other, 5)]);
            assert_eq!(who_does(&seen, first_of(1), at_eleven), Some(other), "both are free: it stays theirs");
            assert_eq!(who_does(&seen, first_of(1), at_nine), Some(other), "the other one is at the saw then");
            let busy = two_who_can_saw(&[sawn(first_of(0), SAW, one, 1), sawn(first_of(1), OTHER_SAW, one, 5)]);
            assert_eq!(who_does(&busy, first_of(1), at_nine), Some(other), "whoever is free");
        }
    }
}
