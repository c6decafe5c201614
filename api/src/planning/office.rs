//! The planning office: begins runs on the shop as it is, and takes their plans over into the plan of the site.

use std::sync::Arc;

use domain::kernel::{Caller, ScenarioId, StreamType, TenantId};
use domain::run::{Command, Done, Request, RunError, Turns};
use domain::scheduling::placement::OperationRef;
use domain::scheduling::scenario::{Hand, ScenarioCommand};
use domain::scheduling::site_plan::{Origin, PlanCommand};
use domain::scheduling::solver::Preset;
use projections::planning::Conflict;
use tokio::sync::Semaphore;

use super::by_hand::{about, said};
use super::fit::{Broken, Fitted, fit};
use super::planner::{Planner, Refused};
use super::run::{Asked, Best, PlanningRunId, Run, Stage, Wanted};
use super::sight::{Seen, Sight, Unseen};

/// The plan of the site is another one than was seen.
pub(super) const PLAN_CHANGED: &str = "PLAN_CHANGED";
/// Problems that are made at once: each is a whole shop.
const MADE_AT_ONCE: usize = 2;

/// Why a run is not begun, or its plan not taken over.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The planner refuses.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// More than can be taken over at once.
    #[error(
        "{count} operations are to be planned, and a plan of at most {most} can be taken over; close or leave out some jobs"
    )]
    TooLarge {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// The identity was used for something else.
    #[error("this command id was used for another run")]
    IdReused,
    /// No such run, or long over.
    #[error("there is no such run")]
    NoRun,
    /// It waits for its turn.
    #[error("the run has found no plan yet: wait for its first one")]
    NoPlanYet,
    /// It is over, and found none.
    #[error("the run ended before it found a plan: begin another one")]
    NoPlan,
    /// The shop has changed meanwhile.
    #[error("the shop has changed: {} operations can't be where the plan has them", .0.len())]
    Misfits(Vec<OperationRef>),
    /// What is moved by hand gets into the way of something, and nothing may.
    #[error("there are {} conflicts, and the policy of the plan is to refuse them", .0.len())]
    Conflicts(Vec<Conflict>),
    /// It gets into the way of something, and nobody says why.
    #[error("there are {} conflicts, and the policy of the plan is to ask for a reason: give one", .0.len())]
    ReasonNeeded(Vec<Conflict>),
    /// What it changes has changed otherwise since.
    #[error("{} operations have changed otherwise since, have begun or are gone", .0.len())]
    Outdated(Vec<OperationRef>),
    /// The plan of the site refuses.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The shop can't be seen.
    #[error(transparent)]
    Unseen(#[from] Unseen),
    /// What was planned does not keep the rules.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// A plan that was taken over.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The plan of the site after it.
    pub done: Done,
    /// Operations that are elsewhere than the run had them, because the shop has changed since.
    pub moved: Vec<OperationRef>,
}

/// Plans for people.
pub struct Office {
    /// What runs.
    pub planner: Planner,
    /// Where it looks.
    pub sight: Sight,
    /// Who works something out by hand now.
    pub(super) turns: Turns<TenantId>,
    making: Semaphore,
}

impl Office {
    /// With this planner, looking here.
    pub fn new(planner: Planner, sight: Sight) -> Self {
        Self { planner, sight, turns: Turns::default(), making: Semaphore::new(MADE_AT_ONCE) }
    }

    /// Begins a run on the shop as it is now. The same under the same identity is the same run.
    pub async fn start(&self, tenant: TenantId, id: PlanningRunId, wanted: Wanted) -> Result<Arc<Run>, Refusal> {
        self.planner.check(&wanted)?;
        if self.planner.find(tenant, id).is_none() {
            self.planner.room(tenant)?;
            let _making = self.making.acquire().await.map_err(|_| Refused::Closed)?;
            // Those before it may have taken the last place.
            self.planner.room(tenant)?;
            let seen = self.seen(tenant, wanted.scenario).await?;
            let policies = &seen.policies;
            let named = wanted.preset.map(Preset::weights);
            let weights = wanted.weights.or(named).unwrap_or_else(|| policies.weights());
            let planning = seen.problem(seen.options()).await?;
            // A plan that can't be taken over is not worked out.
            let (count, most) = (planning.problem.operations().count(), self.sight.most_operations());
            if count > most {
                return Err(Refusal::TooLarge { count, most });
            }
            let based_on = seen.shop.plan.version;
            let asked = Asked { wanted, weights, planning, shop: Arc::new(seen.shop), based_on };
            let run = self.planner.start(tenant, id, asked)?;
            return if run.asked.wanted == wanted { Ok(run) } else { Err(Refusal::IdReused) };
        }
        let known = self.planner.find(tenant, id).filter(|known| known.asked.wanted == wanted);
        known.ok_or(Refusal::IdReused)
    }

    /// The shop as it is now, or as a what-if assumes it to be.
    pub(super) async fn seen(&self, tenant: TenantId, scenario: Option<ScenarioId>) -> Result<Seen, Refusal> {
        let seen = self.sight.shop(tenant).await?;
        let Some(scenario) = scenario else { return Ok(seen) };
        let (sketch, revision) = self.sight.sketch_at(tenant, scenario).await?;
        Ok(Seen { shop: seen.shop.assuming(&sketch), revision, ..seen })
    }

    /// Takes the best plan of a run over, and ends the run. Where the shop has changed since it began, operations that can't be
    /// where the plan has them are named and nothing is done; with `adjust` they go where they can. That the plan of the site has
    /// followed the floor meanwhile is such a change of the shop; whoever planned meanwhile has won. Once is enough: asking again
    /// gives the first answer.
    pub async fn accept(
        &self,
        caller: &Caller,
        id: PlanningRunId,
        (adjust, request): (bool, impl Fn(Command) -> Request),
    ) -> Result<Accepted, Refusal> {
        let said = said(&(id.0, adjust))?;
        let Some(run) = self.planner.find(caller.tenant, id) else {
            let known = self.accepted_before(caller, &said, &request).await?;
            return known.map(|done| Accepted { done, moved: Vec::new() }).ok_or(Refusal::NoRun);
        };
        let mut accepted = run.accepted.lock().await;
        if let Some(accepted) = &*accepted {
            return Ok(accepted.clone());
        }
        if run.progress().stage == Stage::Waiting {
            return Err(Refusal::NoPlanYet);
        }
        let best = run.finish().await.best.ok_or(Refusal::NoPlan)?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let seen = self.seen(caller.tenant, run.asked.wanted.scenario).await?;
            let revision = seen.revision;
            let (command, moved) = self.taken_over(&run, Arc::clone(&best), (seen, adjust)).await?;
            let wanted = Request { said: Some(said.clone()), ..request(command) };
            // A plan that has followed meanwhile refuses nothing, which would be the answer from then on: it is looked at anew.
            if let Some(done) = self.ask_of(caller, (wanted, revision), attempt).await? {
                return Ok(accepted.insert(Accepted { done, moved }).clone());
            }
        }
    }

    /// What became of the same before, of a run that is forgotten; whose plan it was, the name it was asked under tells.
    async fn accepted_before(
        &self,
        caller: &Caller,
        said: &str,
        request: &impl Fn(Command) -> Request,
    ) -> Result<Option<Done>, Refusal> {
        let Some(id) = request(about(None)).command_id else { return Ok(None) };
        let told = self.sight.commands.told_in(caller.tenant, id).await?;
        let scenario = told.filter(|stream| stream.kind == StreamType::Scenario).map(|stream| ScenarioId(stream.id));
        self.recall(caller, (scenario, said), request).await
    }

    /// What is asked of the plan so that it becomes that of the run, and what is elsewhere than the run had it.
    async fn taken_over(
        &self,
        run: &Arc<Run>,
        best: Arc<Best>,
        (seen, adjust): (Seen, bool),
    ) -> Result<(Command, Vec<OperationRef>), Refusal> {
        let wanted = run.asked.wanted;
        let (preset, seed) = (wanted.preset.unwrap_or(seen.policies.preset), wanted.seed);
        let (mut based_on, mut fitted) = (run.asked.based_on, Fitted::default());
        // Where somebody has planned meanwhile the plan of the site says so, whatever would still fit.
        if seen.has_followed(&run.asked) {
            based_on = seen.shop.plan.version;
            fitted = fit(run, best, seen).await?;
            if !fitted.moved.is_empty() && !adjust {
                return Err(Refusal::Misfits(fitted.moved));
            }
        }
        let Fitted { changes, moved } = fitted;
        let command = match wanted.scenario {
            None => {
                let origin = Origin::Optimiser { preset, seed };
                Command::Plan(Box::new(PlanCommand::Publish { changes, origin, based_on }))
            }
            Some(scenario) => {
                let by = Hand::Optimiser { preset, seed };
                Command::Scenario(scenario, Box::new(ScenarioCommand::Change { changes, by, based_on }))
            }
        };
        Ok((command, moved))
    }
}

impl Seen {
    /// Whether the plan is the one that the run began with, but for what followed the floor.
    fn has_followed(&self, asked: &Asked) -> bool {
        let is_the_same = self.shop.plan.version == asked.based_on;
        is_the_same || (asked.wanted.scenario.is_none() && self.agreed <= asked.based_on)
    }
}
