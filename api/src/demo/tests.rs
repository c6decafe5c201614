use std::collections::HashMap;

use domain::jobs::job::{Job, JobCommand, JobState, JobStatus, Order};
use domain::jobs::operation::{Phase, Standing};
use domain::kernel::{ActorId, Context, Decider, Facts, MachineId, OperatorId, Quantity, Role, WorkCenterId};
use domain::machines::machine::{MachineFacts, MachineStatus};
use domain::run::Request;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{PlanCommand, PlanState, SitePlan};
use domain::workforce::operator::{OperatorCommand, OperatorFacts, SkillGrant};

use super::*;

const TENANT: TenantId = TenantId(Uuid::from_u128(7));

/// What a planner sees of the shop at a glance.
#[derive(Debug, Default, PartialEq, Eq)]
struct Glance {
    jobs: HashMap<JobStatus, usize>,
    late: usize,
    in_time: usize,
    setup: usize,
    running: usize,
    lapsing: usize,
    good: Quantity,
    scrap: Quantity,
    rework: Quantity,
    held: Quantity,
}

/// Runs the sample's commands on the deciders alone, all that is asked of others being there.
fn glance(now: Timestamp) -> Glance {
    let loaded = CommandId(Uuid::from_u128(1));
    let mut orders: HashMap<Uuid, JobState> = HashMap::new();
    let mut skills: HashMap<Uuid, Vec<SkillGrant>> = HashMap::new();
    let mut glance = Glance::default();
    let mut plan = PlanState::default();
    for step in stages(TENANT, now, loaded).unwrap().into_iter().flatten() {
        let at = step.request.happened_at.unwrap();
        assert!(at <= now, "nothing happens in the future: {step:?}");
        match &step.request.command {
            Command::Operator(id, OperatorCommand::GrantSkill(grant)) => {
                glance.lapsing += usize::from(grant.expires.is_some());
                skills.entry(id.0).or_default().push(grant.clone());
            }
            Command::Plan(command) => {
                let PlanCommand::Move { placements, .. } = &**command else { panic!("moved by hand: {command:?}") };
                let waits = |placement: &Placement| (placement.of(), Standing::Waits);
                let mut context = context(&step.request, (now, at), &skills);
                context.facts.operations = placements.iter().map(waits).collect();
                let events = SitePlan::decide(&plan, command, &context);
                let events = events.unwrap_or_else(|refusal| panic!("{now}: {command:?}: {refusal}"));
                plan = events.iter().fold(plan, |plan, event| SitePlan::evolve(plan, event, at));
            }
            Command::Job(id, command) => {
                let state = orders.entry(id.0).or_default();
                let context = context(&step.request, (now, at), &skills);
                let events = Job::decide(state, command, &context);
                let events = events.unwrap_or_else(|refusal| panic!("{now}: {command:?}: {refusal}"));
                assert!(!events.is_empty(), "{now}: {command:?} says nothing new");
                *state = events.iter().fold(std::mem::take(state), |state, event| Job::evolve(state, event, at));
            }
            _ => {}
        }
    }
    for (id, state) in &orders {
        let JobState::Known(order) = state else { panic!("never created") };
        let planned = plan.placements().any(|placement| placement.job.0 == *id);
        glance.see(order, planned, now);
    }
    glance
}

impl Glance {
    fn see(&mut self, order: &Order, planned: bool, now: Timestamp) {
        let scheduled = planned && order.status == JobStatus::Pending;
        *self.jobs.entry(if scheduled { JobStatus::Scheduled } else { order.status }).or_default() += 1;
        let open = order.closed_at.is_none();
        self.late += usize::from(open && order.due.is_some_and(|due| due < now));
        self.in_time += usize::from(open && order.due.is_some_and(|due| due >= now));
        for operation in order.operations.values() {
            for (work, _) in operation.at_work() {
                match work.phase {
                    Phase::Setup => self.setup += 1,
                    Phase::Run => self.running += 1,
                    Phase::Break => {}
                }
            }
            self.good += operation.made.good;
            self.scrap += operation.made.scrap;
            self.rework += operation.made.rework;
            self.held += operation.made.held;
        }
    }
}

type Skills = HashMap<Uuid, Vec<SkillGrant>>;

fn context(request: &Request, (now, happened_at): (Timestamp, Timestamp), skills: &Skills) -> Context {
    let id = match &request.command {
        Command::Job(_, JobCommand::AssignOperator(_, operator)) => *operator,
        _ => OperatorId(Uuid::nil()),
    };
    let (machine, work_center) = (MachineId(Uuid::nil()), WorkCenterId(Uuid::nil()));
    let skills = skills.get(&id.0).cloned().unwrap_or_default();
    Context {
        caller: Caller::new(TENANT, ActorId(Uuid::nil()), Role::Admin),
        now,
        happened_at,
        command_id: request.command_id.unwrap(),
        fingerprint: None,
        correlation: Uuid::nil(),
        causation: None,
        traceparent: None,
        facts: Facts {
            operator: Some(OperatorFacts { id, active: true, skills, absences: Vec::new() }),
            machine: Some(MachineFacts { id: machine, work_center, status: MachineStatus::Available }),
            ..Facts::default()
        },
    }
}

fn is_alive(glance: &Glance) -> bool {
    let jobs = |status: JobStatus| glance.jobs.get(&status).copied().unwrap_or(0);
    let some = Quantity::default();
    jobs(JobStatus::Running) >= 5
        && (1..=2).contains(&jobs(JobStatus::Blocked))
        && jobs(JobStatus::Paused) == 1
        && jobs(JobStatus::Cancelled) == 1
        && jobs(JobStatus::Scheduled) >= 2
        && jobs(JobStatus::Pending) >= 3
        && jobs(JobStatus::Completed) >= 30
        && (2..=6).contains(&glance.late)
        && glance.in_time >= 8
        && (glance.setup, glance.lapsing) == (1, 1)
        && glance.running >= 4
        && [glance.good, glance.scrap, glance.rework, glance.held].iter().all(|made| *made > some)
}

/// Every hour of these days looks at the shop anew.
fn assert_alive(from: &str, days: usize) {
    let first: jiff::Timestamp = from.parse().unwrap();
    for hour in 0..days * 24 {
        let odd = jiff::SignedDuration::from_secs(i64::try_from(hour * 3_617).unwrap());
        let now = Timestamp::from(first.checked_add(odd).unwrap());
        let glance = glance(now);
        assert!(is_alive(&glance), "{now}: {glance:#?}");
    }
}

#[test]
fn the_shop_is_alive_at_every_hour_of_the_week() {
    assert_alive("2026-11-16T00:00:00Z", 7);
}

#[test]
fn the_shop_is_alive_when_the_clocks_change() {
    assert_alive("2026-03-28T21:59:30Z", 1);
    assert_alive("2026-10-24T21:59:30Z", 1);
}

#[test]
fn a_shift_that_has_only_just_begun_finds_the_former_one_at_work() {
    for seconds in [-1, 0, 1, 59, 60, 61, 299, 300, 301, 360] {
        let handover: jiff::Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        let glance = glance(handover.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap().into());
        assert!(is_alive(&glance), "{seconds}: {glance:#?}");
    }
}
