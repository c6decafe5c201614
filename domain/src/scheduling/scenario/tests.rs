use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::jobs::operation::OperationNumber;
use crate::kernel::scenario::{Scenario as Given, minute};
use crate::kernel::{JobId, ToolId};
use crate::scheduling::placement::OperationRef;
use crate::scheduling::site_plan::{Origin, PlanCommand, PlanState, SitePlan};

fn operation(number: u16) -> OperationRef {
    OperationRef { job: JobId(Uuid::from_u128(7)), operation: OperationNumber(number) }
}

fn placed(number: u16, start: i64) -> Placement {
    let OperationRef { job, operation } = operation(number);
    let [start, run_start, end] = [start, start, start + 10].map(minute);
    Placement { job, operation, machine: None, operator: None, start, run_start, end }
}

fn changes(placed: &[Placement], removed: &[u16]) -> Changes {
    let removed = removed.iter().map(|number| operation(*number)).collect();
    Changes { placed: placed.to_vec(), removed, done: Vec::new() }
}

/// The plan after these were published one after the other.
fn plan(published: &[Changes]) -> PlanState {
    let mut plan = Given::<SitePlan>::new();
    for (version, changes) in (0..).zip(published) {
        let origin = Origin::Optimiser { preset: Preset::OnTimeFirst, seed: 1 };
        plan = plan.given(&PlanCommand::Publish { changes: changes.clone(), origin, based_on: version });
    }
    plan.state
}

fn open(plan: &PlanState) -> ScenarioCommand {
    let name = ScenarioName::try_new("Rush order").unwrap();
    ScenarioCommand::Open { name, base: plan.version, placements: plan.placements().copied().collect() }
}

fn changing(based_on: u64, changes: Changes) -> ScenarioCommand {
    ScenarioCommand::Change { changes, by: Hand::Person, based_on }
}

fn publish(version: u64, of: Option<u64>) -> ScenarioCommand {
    ScenarioCommand::Publish { version, of, changes: changes(&[placed(1, 60), placed(2, 70)], &[3]) }
}

fn three() -> Changes {
    changes(&[placed(1, 0), placed(2, 10), placed(3, 20)], &[])
}

fn opened() -> Given<Scenario> {
    Given::new().given(&open(&plan(&[three()])))
}

fn sketch(scenario: &Given<Scenario>) -> &Sketch {
    match &scenario.state {
        ScenarioState::Open(sketch) => sketch,
        other => panic!("it is open: {other:?}"),
    }
}

fn out(from: i64, until: i64) -> Assumption {
    Assumption::MachineOut { machine: MachineId(Uuid::from_u128(9)), from: minute(from), until: minute(until) }
}

const FIRST: AssumptionId = AssumptionId(Uuid::from_u128(1));

#[test]
fn an_empty_change_is_no_difference() {
    assert_eq!(sketch(&opened()).onto(&plan(&[three()])), Onto::default());
    opened().when(&changing(0, three())).then_nothing();
    opened().when(&changing(0, Changes::default())).then_nothing();
}

#[test]
fn publishing_after_an_intervening_change_lists_exactly_what_changed_otherwise() {
    let changed = opened().given(&changing(0, changes(&[placed(1, 60), placed(2, 70), placed(4, 80)], &[3])));
    let meanwhile = changes(&[placed(2, 15), placed(4, 80)], &[]);
    let onto = sketch(&changed).onto(&plan(&[three(), meanwhile]));
    assert_eq!(onto, Onto { changes: changes(&[placed(1, 60)], &[3]), conflicts: vec![operation(2)] });
}

#[test]
fn who_saw_an_older_version_changes_nothing() {
    let changed = opened().given(&changing(0, changes(&[placed(1, 60)], &[])));
    changed.clone().when(&changing(0, changes(&[placed(2, 60)], &[]))).then_refused("SCENARIO_CHANGED", None);
    changed.when(&changing(1, changes(&[placed(2, 60)], &[]))).then_events(1);
}

#[test]
fn assumptions_are_made_and_withdrawn_once_and_make_sense() {
    let assumed = opened().given(&ScenarioCommand::Assume(FIRST, out(5, 9)));
    assumed.clone().when(&ScenarioCommand::Assume(FIRST, out(5, 9))).then_nothing();
    let other = ScenarioCommand::Assume(FIRST, out(5, 10));
    assumed.clone().when(&other).then_refused("SCENARIO_ASSUMPTION_EXISTS", Some("assumption"));
    for (from, until) in [(9, 9), (9, 5)] {
        opened()
            .when(&ScenarioCommand::Assume(FIRST, out(from, until)))
            .then_refused("INTERVAL_REVERSED", Some("until"));
    }
    let withdrawn = assumed.given(&ScenarioCommand::Withdraw(FIRST));
    assert!(sketch(&withdrawn).assumptions.is_empty());
    withdrawn.when(&ScenarioCommand::Withdraw(FIRST)).then_nothing();
    let many = (0..200).fold(opened(), |many, number| {
        many.given(&ScenarioCommand::Assume(AssumptionId(Uuid::from_u128(100 + number)), out(5, 9)))
    });
    let one_more = ScenarioCommand::Assume(FIRST, out(5, 9));
    many.when(&one_more).then_refused("SCENARIO_ASSUMPTIONS_TOO_MANY", Some("assumption"));
}

#[test]
fn nothing_is_assumed_of_what_is_not_there() {
    let asking = ScenarioCommand::Assume(FIRST, out(5, 9));
    let without = |missing: fn(&mut Facts)| opened().knowing(missing).when(&asking);
    without(|facts| facts.missing_machines = vec![MachineId(Uuid::from_u128(9))])
        .then_refused("MACHINE_NOT_FOUND", Some("machineId"));
    without(|facts| facts.missing_operators = vec![OperatorId(Uuid::from_u128(8))])
        .then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
    without(|facts| facts.missing_jobs = vec![JobId(Uuid::from_u128(7))]).then_refused("JOB_NOT_FOUND", Some("jobId"));
    without(|facts| facts.missing_tools = vec![ToolId(Uuid::from_u128(6))])
        .then_refused("TOOL_NOT_FOUND", Some("toolId"));
    // What was assumed before is so, whatever became of the machine.
    let assumed = opened().given(&asking).knowing(|facts| facts.missing_machines = vec![MachineId(Uuid::from_u128(9))]);
    assumed.when(&asking).then_nothing();
}

#[test]
fn of_a_tool_nobody_assumes_more_than_there_can_be() {
    let count = |count| {
        let tool = ToolId(Uuid::from_u128(6));
        opened().when(&ScenarioCommand::Assume(FIRST, Assumption::ToolCount { tool, count }))
    };
    count(1_001).then_refused("TOOL_COUNT", Some("count"));
    count(1_000).then_events(1);
    count(0).then_events(1);
}

#[test]
fn what_can_not_be_placed_is_refused_as_in_the_plan() {
    let backwards = Placement { end: minute(1), ..placed(1, 60) };
    opened().when(&changing(0, changes(&[backwards], &[]))).then_refused("PLAN_OUT_OF_ORDER", Some("start"));
    opened().when(&changing(0, changes(&[placed(1, 60)], &[1]))).then_refused("PLAN_NAMED_TWICE", Some("operations"));
}

#[test]
fn nothing_changes_after_it_was_published_or_discarded() {
    let published = opened().given(&publish(2, None));
    published.clone().when(&publish(2, None)).then_nothing();
    published.when(&ScenarioCommand::Discard).then_refused("SCENARIO_PUBLISHED", None);
    let discarded = opened().given(&ScenarioCommand::Discard);
    discarded.clone().when(&ScenarioCommand::Discard).then_nothing();
    discarded.when(&ScenarioCommand::Assume(FIRST, out(5, 9))).then_refused("SCENARIO_DISCARDED", None);
    Given::<Scenario>::new().when(&ScenarioCommand::Discard).then_refused("SCENARIO_NOT_FOUND", None);
    opened().when(&open(&plan(&[three()]))).then_refused("SCENARIO_EXISTS", None);
}

#[test]
fn what_changed_while_it_was_published_is_left_to_publish() {
    let first = changes(&[placed(1, 60), placed(2, 70)], &[3]);
    let before = opened().given(&changing(0, first.clone()));
    before.clone().when(&publish(2, Some(1))).then(&[ScenarioEvent::Published { version: 2 }]);
    let meanwhile = before.given(&changing(1, changes(&[placed(2, 75), placed(3, 90)], &[])));
    let rebased = meanwhile.given(&publish(2, Some(1)));
    let onto = sketch(&rebased).onto(&plan(&[three(), first]));
    assert_eq!(onto, Onto { changes: changes(&[placed(2, 75), placed(3, 90)], &[]), conflicts: vec![] });
    assert_eq!(sketch(&rebased).base, 2);
    rebased.clone().when(&publish(2, Some(1))).then_nothing();
    rebased.when(&publish(3, Some(2))).then(&[ScenarioEvent::Published { version: 3 }]);
}

#[test]
fn a_large_plan_is_the_base_in_pieces() {
    let many: Vec<Placement> = (1..=20_000).map(|number| placed(number, i64::from(number))).collect();
    let plan = plan(&[changes(&many, &[])]);
    Given::<Scenario>::new().when(&open(&plan)).then_events(4);
    assert_eq!(sketch(&Given::new().given(&open(&plan))).placements().len(), 20_000);
}

proptest! {
    /// Whatever is changed on the side while nobody touches the plan: published onto it, the plan is as the what-if has it.
    #[test]
    fn published_onto_an_untouched_plan_it_is_the_plan(
        steps in prop::collection::vec((prop::collection::btree_map(1_u16..10, 0_i64..50, 0..4), prop::collection::btree_set(10_u16..13, 0..3)), 0..6),
    ) {
        let first: Vec<Placement> = (1..=12).map(|number| placed(number, i64::from(number))).collect();
        let live = plan(&[changes(&first, &[])]);
        let mut scenario = Given::<Scenario>::new().given(&open(&live));
        for (starts, removed) in steps {
            let placed: Vec<Placement> = starts.into_iter().map(|(number, start)| placed(number, start)).collect();
            let removed: Vec<u16> = removed.into_iter().collect();
            let version = sketch(&scenario).version;
            scenario = scenario.given(&changing(version, changes(&placed, &removed)));
        }
        let Onto { changes: onto, conflicts } = sketch(&scenario).onto(&live);
        prop_assert_eq!(conflicts, vec![]);
        let published = if onto.is_empty() { live } else { plan(&[changes(&first, &[]), onto]) };
        prop_assert!(published.placements().eq(sketch(&scenario).placements()));
    }
}
