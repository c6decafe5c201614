use std::collections::HashMap;

use domain::jobs::job::{Job, JobCommand, JobState, JobStatus, Order};
use domain::jobs::operation::{Phase, WorkFigures};
use domain::kernel::{
    ActorId, Context, Decider, Facts, JobId, MachineId, OperatorId, Quantity, Role, ScenarioId, WorkCenterId,
};
use domain::machines::machine::{MachineFacts, MachineStatus};
use domain::run::Request;
use domain::scheduling::scenario::ScenarioState;
use domain::scheduling::site_plan::{PlanState, SitePlan};
use domain::workforce::operator::{OperatorCommand, OperatorFacts, SkillGrant};
use infra::config::{Config, Place, Stores};
use projections::planning::ConflictKind;

use super::*;
use crate::identity::{Came, ClientDescription, Entrance};
use crate::wiring::App;

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

fn axis(now: Timestamp) -> Axis {
    Axis::until(now, &TimeZone::get(ZONE).unwrap())
}

/// Runs the sample's commands on the deciders alone, all that is asked of others being there.
fn glance(now: Timestamp) -> Glance {
    let mut orders: HashMap<Uuid, JobState> = HashMap::new();
    let mut skills: HashMap<Uuid, Vec<SkillGrant>> = HashMap::new();
    let mut glance = Glance::default();
    let mut plan = PlanState::default();
    for step in stages(TENANT, &axis(now)).unwrap().into_iter().flatten() {
        let at = step.request.happened_at.unwrap();
        assert!(at <= now, "nothing happens in the future: {step:?}");
        match &step.request.command {
            Command::Operator(id, OperatorCommand::GrantSkill(grant)) => {
                glance.lapsing += usize::from(grant.expires.is_some());
                skills.entry(id.0).or_default().push(grant.clone());
            }
            Command::Plan(command) => {
                let context = context(&step.request, (now, at), &skills);
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
            operator: Some(OperatorFacts { id, active: true, user: None, skills, absences: Vec::new() }),
            machine: Some(MachineFacts { id: machine, work_center, status: MachineStatus::Available }),
            ..Facts::default()
        },
    }
}

fn is_alive(glance: &Glance) -> bool {
    let jobs = |status: JobStatus| glance.jobs.get(&status).copied().unwrap_or(0);
    let some = Quantity::default();
    jobs(JobStatus::Running) >= 5
        && jobs(JobStatus::Blocked) == 2
        && jobs(JobStatus::Paused) == 1
        && jobs(JobStatus::Cancelled) == 1
        && jobs(JobStatus::Scheduled) >= 2
        && jobs(JobStatus::Pending) >= 3
        && jobs(JobStatus::Completed) >= 40
        && (1..=15).contains(&glance.late)
        && glance.in_time >= 20
        && glance.lapsing == 1
        && glance.running + glance.setup >= 1
        && [glance.good, glance.scrap, glance.rework, glance.held].iter().all(|made| *made > some)
}

/// Every so many hours of these days looks at the shop anew.
fn assert_alive(from: &str, hours: impl Iterator<Item = i64>) {
    let first: jiff::Timestamp = from.parse().unwrap();
    let looks = hours.map(|hour| {
        let now = Timestamp::from(first.checked_add(jiff::SignedDuration::from_secs(hour * 3_617)).unwrap());
        (now, glance(now))
    });
    let dead: Vec<String> = looks.filter(|it| !is_alive(&it.1)).map(|(now, it)| format!("{now}: {it:?}")).collect();
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_shop_is_alive_at_every_hour_of_the_week() {
    assert_alive("2026-11-16T00:00:00Z", (0..7 * 24).step_by(5));
}

#[test]
fn the_shop_is_alive_when_the_clocks_change_and_on_holidays() {
    assert_alive("2026-03-28T21:59:30Z", (0..24).step_by(6));
    assert_alive("2026-10-24T21:59:30Z", (0..24).step_by(6));
    assert_alive("2026-12-24T02:00:00Z", (0..48).step_by(6));
}

#[test]
fn a_shift_that_has_only_just_begun_finds_the_former_one_at_work() {
    for seconds in [-1, 0, 1, 61, 300, 360] {
        let handover: jiff::Timestamp = "2026-11-23T04:00:00Z".parse().unwrap();
        let glance = glance(handover.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap().into());
        assert!(is_alive(&glance), "{seconds}: {glance:#?}");
    }
}

/// What was reported, by job.
fn reports(now: Timestamp) -> Vec<(JobId, WorkFigures)> {
    let steps = stages(TENANT, &axis(now)).unwrap().into_iter().flatten();
    let report = |step: Step| match step.request.command {
        Command::Job(job, JobCommand::ReportWork { figures, .. }) => Some((job, figures)),
        _ => None,
    };
    steps.filter_map(report).collect()
}

#[test]
fn work_was_done_in_hours_in_which_machine_and_operator_were_there_and_at_one_thing_at_a_time() {
    let now = Timestamp::parse("2026-11-18T11:00:00Z").unwrap();
    let axis = axis(now);
    let shop = floor::shop(TENANT, &axis).unwrap();
    let reports = reports(now);
    assert!(reports.len() > 500, "{} reports", reports.len());
    let mut taken: HashMap<Uuid, Vec<(Timestamp, Timestamp)>> = HashMap::new();
    for (job, figures) in &reports {
        let span = (figures.start.as_seconds(), figures.end.as_seconds());
        let (operator, machine) = (&shop.operators[&figures.operator], &shop.machines[&figures.machine.unwrap()]);
        let center = shop.work_centers[&machine.work_center].calendar;
        for calendar in [operator.calendar, machine.calendar.or(center).or(shop.calendar)] {
            let open = shop.calendars[&calendar.unwrap()].open_within(&shop.zone, span).unwrap();
            assert_eq!(open, [span], "{job} {}: {figures:?}", operator.code);
        }
        let apart = |it: &domain::kernel::Interval| it.until <= figures.start || figures.end <= it.from;
        assert!(operator.absences.iter().all(apart), "{job}: {} is away", operator.code);
        for one in [figures.operator.0, machine.id.0] {
            taken.entry(one).or_default().push((figures.start, figures.end));
        }
    }
    for (one, mut spans) in taken {
        spans.sort_unstable();
        assert!(spans.is_sorted_by(|before, after| before.1 <= after.0), "{one} is at two things at once");
    }
}

#[test]
fn the_same_minute_gives_the_same_month() {
    let month = |now: &str| {
        let steps = stages(TENANT, &axis(Timestamp::parse(now).unwrap())).unwrap().into_iter().flatten();
        steps.map(|step| format!("{:?}", step.request)).collect::<Vec<String>>()
    };
    assert_eq!(month("2026-11-18T11:00:05Z"), month("2026-11-18T11:00:55Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_planned_soundly_with_pins_and_a_what_if_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_owned();
    let stores = Stores { data, events: Place::Embedded, views: Place::Embedded, vault: None };
    let app = App::open(&stores).await.unwrap();
    let (caller, _) = app.side.member(super::TENANT, USER, Role::Admin).await.unwrap();
    let tenant = caller.tenant;
    load(&app.side, &app.sight(), caller).await.unwrap();
    let head = app.side.store.head().await.unwrap();
    load(&app.side, &app.sight(), caller).await.unwrap();
    assert_eq!(app.side.store.head().await.unwrap(), head, "loaded again, nothing is added");

    let seen = app.sight().shop(tenant).await.unwrap();
    let plan = &seen.shop.plan;
    // As it was when the plan was made: time that has passed since takes nothing from it.
    let published = app.side.store.find(tenant, named(tenant.0, "plan:ahead").event_id(0)).await.unwrap().unwrap();
    let now = published.event.happened_at;
    let planning = seen.shop.problem(now, &seen.options()).unwrap();
    let places: Vec<_> = plan.placements.values().copied().collect();
    // Some are meant to be late.
    let is_time = |kind| matches!(kind, ConflictKind::Late | ConflictKind::Behind);
    let (time, broken): (Vec<_>, Vec<_>) = planning.conflicts(&places).into_iter().partition(|it| is_time(it.kind));
    let ahead = places.iter().filter(|at| at.start > now).count();
    let days = places.iter().map(|at| at.end.seconds_since(now)).max().unwrap_or_default() / 86_400;
    let late: std::collections::BTreeSet<_> = time.iter().map(|it| it.operation.job).collect();
    println!("{ahead} of {} operations lie ahead, {days} days; {} jobs late", places.len(), late.len());
    assert!(broken.is_empty(), "{broken:?}");
    assert!(time.iter().any(|it| it.kind == ConflictKind::Late), "some jobs will be late");
    assert!(ahead > 100 && days >= 14, "{ahead} operations lie ahead, of {days} days");
    assert!((1..=2).contains(&plan.pins.len()), "{:?}", plan.pins);
    let unplanned = seen.shop.jobs.keys().filter(|job| places.iter().all(|at| at.job != **job)).count();
    assert!((3..=9).contains(&unplanned), "{unplanned} jobs have no place");
    let scenario = ScenarioId(Uuid::new_v5(&tenant.0, b"demo:what-if"));
    let state = app.side.commands.scenario(tenant, scenario).await.unwrap();
    assert!(matches!(&*state, ScenarioState::Open(sketch) if sketch.assumptions.len() == 2), "{state:?}");
    assert_guest_is_let_in_once(&app, caller).await;
    app.close().await;
}

/// By a link, which the next start makes anew.
async fn assert_guest_is_let_in_once(app: &App, caller: Caller) {
    let came = || Came { address: [127, 0, 0, 1].into(), client: ClientDescription::default(), device: None };
    let token = |link: String| link.split_once("/guest#").unwrap().1.to_owned();
    let mut former = None;
    for start in 0..2 {
        let state = app.http(&Config::default(), ([127, 0, 0, 1], 8080).into()).await.unwrap();
        let identity = state.identity.clone().unwrap();
        let link = token(state.guest_link(&caller, GUEST).await.unwrap());
        for bad in ["", "x"].into_iter().chain(former.as_deref()) {
            assert!(identity.let_guest_in(bad, &came()).await.is_err(), "start {start}: {bad}");
        }
        assert!(matches!(identity.let_guest_in(&link, &came()).await, Ok(Entrance::In(_))), "start {start}");
        assert!(identity.let_guest_in(&link, &came()).await.is_err(), "start {start}: once");
        former = Some(link);
    }
}
