use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::jobs::operation::OperationNumber;
use crate::kernel::scenario::{Scenario, minute};
use crate::kernel::{JobId, MachineId, OperatorId, StreamId};

const OPTIMISER: Origin = Origin::Optimiser { preset: Preset::OnTimeFirst, seed: 1 };

fn operation(number: u16) -> OperationRef {
    OperationRef { job: JobId(Uuid::from_u128(7)), operation: OperationNumber(number) }
}

/// Operation `number` for ten minutes from minute `start` on.
fn placed(number: u16, start: i64) -> Placement {
    let OperationRef { job, operation } = operation(number);
    let machine = Some(MachineId(Uuid::from_u128(9)));
    let [start, run_start, end] = [start, start + 2, start + 10].map(minute);
    Placement { job, operation, machine, operator: None, start, run_start, end }
}

fn changes(placed: &[Placement], removed: &[u16]) -> Changes {
    let removed = removed.iter().map(|number| operation(*number)).collect();
    Changes { placed: placed.to_vec(), removed, done: Vec::new() }
}

fn publish(based_on: u64, placed: &[Placement], removed: &[u16]) -> PlanCommand {
    PlanCommand::Publish { changes: changes(placed, removed), origin: OPTIMISER, based_on }
}

fn follow(based_on: u64, placed: &[Placement]) -> PlanCommand {
    let cause = vec![StreamId::new(StreamType::Job, Uuid::from_u128(7))];
    PlanCommand::Follow { changes: changes(placed, &[]), cause, based_on }
}

fn moving(placements: &[Placement]) -> PlanCommand {
    PlanCommand::Move { placements: placements.to_vec(), reason: None, pin: None, pushed: None, seen: None }
}

fn pin(until: Option<i64>) -> Pin {
    Pin { reason: Reason::try_new("promised to the customer").unwrap(), until: until.map(minute) }
}

fn pinning(numbers: &[u16], pin: Pin) -> PlanCommand {
    PlanCommand::Pin { operations: numbers.iter().map(|number| operation(*number)).collect(), pin, seen: None }
}

fn undo(change: u64) -> PlanCommand {
    PlanCommand::Undo { change, partly: false, reason: None, seen: None }
}

/// Takes back what can go back.
fn undo_partly(change: u64) -> PlanCommand {
    PlanCommand::Undo { change, partly: true, reason: None, seen: None }
}

/// Operations 1 to 9 wait.
fn nine_wait() -> Scenario<SitePlan> {
    Scenario::new().knowing(|facts| {
        facts.operations = (1..10).map(|number| (operation(number), Standing::Waits)).collect();
    })
}

/// Operations 1, 2 and 3 are planned one after the other; version 1.
fn three_planned() -> Scenario<SitePlan> {
    nine_wait().given(&publish(0, &[placed(1, 0), placed(2, 10), placed(3, 20)], &[]))
}

fn with_standing(scenario: Scenario<SitePlan>, number: u16, standing: Standing) -> Scenario<SitePlan> {
    scenario.knowing(|facts| {
        for known in facts.operations.iter_mut().filter(|known| known.0 == operation(number)) {
            known.1 = standing;
        }
    })
}

fn starts(scenario: &Scenario<SitePlan>) -> Vec<(u16, Timestamp)> {
    scenario.state.placements().map(|placement| (placement.operation.0, placement.start)).collect()
}

#[test]
fn publishing_what_is_so_already_is_nothing_and_what_differs_is_told_alone() {
    let same = publish(1, &[placed(1, 0), placed(2, 10)], &[8]);
    three_planned().when(&same).then_nothing();
    let event = PlanEvent::Published { version: 2, changes: changes(&[placed(2, 40)], &[3]), origin: OPTIMISER };
    three_planned().when(&publish(1, &[placed(1, 0), placed(2, 40)], &[3])).then(&[event]);
}

#[test]
fn who_planned_against_an_older_plan_learns_what_changed_since() {
    let two = three_planned().given(&moving(&[placed(2, 50)])).given(&moving(&[placed(3, 70)]));
    let refusal = two.clone().when(&publish(1, &[placed(1, 5)], &[])).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 3, operations: vec![operation(2), operation(3)] });
    assert_eq!(refusal.to_string().matches("2 of job").count(), 1);
    two.clone().when(&publish(3, &[placed(1, 5)], &[])).then_events(1);
    two.when(&follow(2, &[placed(1, 5)])).then_refused("PLAN_CHANGED", None);
}

#[test]
fn what_changed_is_told_however_often_the_plan_has_changed_since() {
    let mut busy = three_planned();
    for minutes in 0..60 {
        busy = busy.given(&moving(&[placed(3, 100 + minutes)]));
    }
    let refusal = busy.clone().when(&publish(1, &[placed(1, 5)], &[])).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 61, operations: vec![operation(3)] });
    // Who saw another operation before all that is in nobody's way.
    let seen = |number| PlanCommand::Pin { operations: vec![operation(number)], pin: pin(None), seen: Some(1) };
    busy.clone().when(&seen(2)).then_events(1);
    busy.when(&seen(3)).then_refused("PLAN_CHANGED", None);
}

#[test]
fn a_large_plan_is_taken_over_in_pieces_and_whole() {
    let many: Vec<Placement> = (1..=20_000).map(|number| placed(number, i64::from(number) * 10)).collect();
    let scenario = nine_wait();
    let asked = publish(0, &many, &[]);
    let events = scenario.clone().when(&asked).events();
    assert_eq!(events.iter().map(|event| event.changes().unwrap().1.len()).collect::<Vec<_>>(), [8_000, 8_000, 4_000]);
    assert!(events.iter().all(|event| event.changes().unwrap().0 == 1));
    let published = scenario.given(&asked);
    assert_eq!((published.state.version, published.state.placements().count()), (1, 20_000));
    // Taken back, it is gone whole.
    let gone = published.knowing(|facts| {
        facts.operations = (1..=20_000).map(|number| (operation(number), Standing::Waits)).collect();
    });
    let gone = gone.given(&undo(1));
    assert_eq!((gone.state.version, gone.state.placements().count()), (2, 0));
}

#[test]
fn nothing_moves_what_is_pinned_but_people() {
    let pinned = three_planned().given(&pinning(&[2], pin(Some(60))));
    for asked in [publish(1, &[placed(2, 15)], &[]), publish(1, &[], &[2]), follow(1, &[placed(2, 15)])] {
        pinned.clone().when(&asked).then_refused("PLAN_PINNED", Some("operations"));
        pinned.clone().at(60).when(&asked).then_events(1);
    }
    // It may take longer than was thought.
    let longer = Placement { end: minute(30), ..placed(2, 10) };
    pinned.clone().when(&follow(1, &[longer])).then_events(1);
    // The pin moves along, and goes with what is taken out.
    let moved = pinned.given(&moving(&[placed(2, 30)]));
    moved.clone().when(&follow(2, &[placed(2, 15)])).then_refused("PLAN_PINNED", Some("operations"));
    let out = moved.given(&PlanCommand::TakeOut { operations: vec![operation(2)], reason: None, seen: None });
    out.when(&publish(3, &[placed(2, 15)], &[])).then_events(1);
}

#[test]
fn pins_are_set_once_and_let_go_once() {
    let pinned = three_planned().given(&pinning(&[1, 2], pin(None)));
    pinned.clone().when(&pinning(&[1, 2], pin(None))).then_nothing();
    pinned
        .clone()
        .when(&pinning(&[1, 3], pin(None)))
        .then(&[PlanEvent::Pinned { operations: vec![operation(3)], pin: pin(None) }]);
    three_planned().when(&pinning(&[4], pin(None))).then_refused("PLAN_NOT_PLANNED", Some("operations"));
    three_planned().at(5).when(&pinning(&[1], pin(Some(5)))).then_refused("PLAN_PIN_OVER", Some("until"));
    let unpin = PlanCommand::Unpin(vec![operation(1), operation(3)]);
    pinned.clone().when(&unpin).then(&[PlanEvent::Unpinned { operations: vec![operation(1)] }]);
    pinned.given(&unpin).when(&unpin).then_nothing();
}

#[test]
fn a_move_is_into_the_future_of_work_that_waits_on_what_is_there() {
    let cases = [
        (Standing::Unknown, "PLAN_OPERATION_NOT_FOUND"),
        (Standing::Begun, "PLAN_OPERATION_BEGUN"),
        (Standing::Finished, "PLAN_OPERATION_FINISHED"),
        (Standing::JobClosed, "PLAN_JOB_CLOSED"),
    ];
    for (standing, code) in cases {
        let scenario = with_standing(three_planned(), 2, standing);
        scenario.clone().when(&moving(&[placed(2, 50)])).then_refused(code, Some("operations"));
        scenario.when(&pinning(&[2], pin(None))).then_refused(code, Some("operations"));
    }
    three_planned().at(10).when(&moving(&[placed(2, 8)])).then_refused("PLAN_IN_PAST", Some("start"));
    three_planned().at(10).when(&moving(&[placed(2, 9)])).then_events(1);
    let backwards = Placement { end: minute(1), ..placed(2, 50) };
    let between = Placement { start: Timestamp::from_micros(minute(50).as_micros() + 1).unwrap(), ..placed(2, 50) };
    for wrong in [backwards, between] {
        three_planned().when(&moving(&[wrong])).then_refused("PLAN_OUT_OF_ORDER", Some("start"));
        three_planned().when(&publish(1, &[wrong], &[])).then_refused("PLAN_OUT_OF_ORDER", Some("start"));
    }
    let gone = three_planned().knowing(|facts| facts.missing_machines = vec![MachineId(Uuid::from_u128(9))]);
    gone.when(&moving(&[placed(2, 50)])).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
    let away = three_planned().knowing(|facts| facts.missing_operators = vec![OperatorId(Uuid::from_u128(5))]);
    away.when(&moving(&[placed(2, 50)])).then_refused("OPERATOR_NOT_FOUND", Some("operatorId"));
}

#[test]
fn a_command_names_some_operations_each_once_and_not_too_many() {
    let too_many: Vec<OperationRef> = (1..=1_001).map(operation).collect();
    let take_out = |operations: &[OperationRef]| PlanCommand::TakeOut {
        operations: operations.to_vec(),
        reason: None,
        seen: None,
    };
    let three = three_planned();
    three.clone().when(&take_out(&[])).then_refused("PLAN_NOTHING_NAMED", Some("operations"));
    three.clone().when(&take_out(&too_many)).then_refused("PLAN_TOO_MANY", Some("operations"));
    three.clone().when(&PlanCommand::Unpin(too_many)).then_refused("PLAN_TOO_MANY", Some("operations"));
    three.clone().when(&take_out(&[operation(1); 2])).then_refused("PLAN_NAMED_TWICE", Some("operations"));
    three.clone().when(&moving(&[placed(1, 30), placed(1, 40)])).then_refused("PLAN_NAMED_TWICE", Some("operations"));
    three.when(&publish(1, &[placed(1, 30)], &[1])).then_refused("PLAN_NAMED_TWICE", Some("operations"));
}

#[test]
fn what_waits_or_is_over_leaves_the_plan_once_and_what_goes_on_stays() {
    let out = PlanCommand::TakeOut { operations: vec![operation(2), operation(8)], reason: None, seen: None };
    three_planned().when(&out).then(&[PlanEvent::TakenOut { version: 2, changes: changes(&[], &[2]), reason: None }]);
    three_planned().given(&out).when(&out).then_nothing();
    with_standing(three_planned(), 2, Standing::Finished).when(&out).then_events(1);
    with_standing(three_planned(), 2, Standing::Begun)
        .when(&out)
        .then_refused("PLAN_OPERATION_BEGUN", Some("operations"));
}

#[test]
fn a_job_leaves_the_plan_but_for_what_has_begun() {
    let out = PlanCommand::TakeOutJob { job: operation(1).job, reason: None };
    let begun = with_standing(three_planned(), 1, Standing::Begun).given(&out);
    assert_eq!(starts(&begun), [(1, minute(0))]);
    begun.when(&out).then_nothing();
    let other = PlanCommand::TakeOutJob { job: JobId(Uuid::from_u128(8)), reason: None };
    three_planned().when(&other).then_nothing();
}

#[test]
fn what_was_moved_earlier_may_be_told_late() {
    let late = three_planned().at(100).happened(5);
    late.clone().when(&moving(&[placed(2, 50)])).then_events(1);
    late.when(&moving(&[placed(2, 3)])).then_refused("PLAN_IN_PAST", Some("start"));
}

#[test]
fn undoing_brings_back_what_was_unless_it_changed_since() {
    let undo = undo(2);
    let moved = three_planned().given(&publish(1, &[placed(1, 60), placed(2, 70), placed(4, 80)], &[3]));
    let back = moved.clone().given(&undo);
    assert_eq!(starts(&back), starts(&three_planned()));
    back.when(&undo).then_refused("PLAN_CHANGE_NOT_FOUND", Some("version"));
    let since = moved.clone().given(&moving(&[placed(2, 90)]));
    let refusal = since.when(&undo).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 3, operations: vec![operation(2)] });
    // What has begun stays where it is.
    let begun = with_standing(moved, 1, Standing::Begun).given(&undo);
    assert_eq!(starts(&begun), [(1, minute(60)), (2, minute(10)), (3, minute(20))]);
    let followed = three_planned().given(&follow(1, &[placed(1, 60)]));
    followed.when(&undo).then_refused("PLAN_CHANGE_NOT_FOUND", Some("version"));
}

#[test]
fn policies_have_limits() {
    let set = |policies| PlanCommand::SetPolicies(policies);
    let usual = PlanPolicies::default();
    three_planned().when(&set(usual)).then_nothing();
    let frozen = PlanPolicies { freeze_seconds: 61 * 86_400, ..usual };
    three_planned().when(&set(frozen)).then_refused("OUT_OF_RANGE", Some("freezeSeconds"));
    for weight in [-1, 1_000_000_001] {
        let weights = Some(Weights { setup: weight, ..Preset::OnTimeFirst.weights() });
        three_planned().when(&set(PlanPolicies { weights, ..usual })).then_refused("OUT_OF_RANGE", Some("weights"));
    }
    let calm = PlanPolicies { preset: Preset::DoNotDisturb, freeze_seconds: 3_600, ..usual };
    let set_calm = PlanEvent::PoliciesSet { was: usual, policies: calm };
    three_planned().when(&set(calm)).then(&[set_calm]);
    assert_eq!(calm.weights(), Preset::DoNotDisturb.weights());
}

#[test]
fn a_state_is_the_same_after_it_was_written_and_read() {
    let scenario = three_planned().given(&pinning(&[2], pin(Some(60)))).given(&moving(&[placed(1, 90)]));
    let written = serde_json::to_vec(&scenario.state).unwrap();
    assert_eq!(serde_json::from_slice::<PlanState>(&written).unwrap(), scenario.state);
}

proptest! {
    /// Any history of publishing, moving, pinning and taking out, taken back step by step from its end, ends where it began.
    #[test]
    fn taking_every_change_back_leads_to_the_beginning(
        steps in prop::collection::vec((prop::collection::btree_map(1_u16..10, 0_i64..500, 1..5), 0..4), 1..12),
    ) {
        let mut scenario = nine_wait();
        let mut made = Vec::new();
        for (starts, how) in steps {
            let numbers: Vec<u16> = starts.keys().copied().collect();
            let placements: Vec<Placement> = starts.into_iter().map(|(number, start)| placed(number, start)).collect();
            let before = scenario.state.version;
            let unpinned = |it: &&Placement| !scenario.state.pins.contains_key(&it.of());
            let free: Vec<Placement> = placements.iter().filter(unpinned).copied().collect();
            let promise = Pin { reason: Reason::try_new("promised").unwrap(), until: None };
            let asked = match how {
                0 => publish(before, &free, &[]),
                1 => moving(&placements),
                2 => PlanCommand::Move { placements, reason: None, pin: Some(promise), pushed: None, seen: None },
                _ => take_out(&numbers),
            };
            scenario = scenario.given(&asked);
            if scenario.state.version > before {
                made.push(scenario.state.version);
            }
        }
        for change in made.into_iter().rev() {
            scenario = scenario.given(&undo(change));
        }
        prop_assert_eq!(scenario.state.placements().count(), 0);
        prop_assert_eq!(pins(&scenario), vec![]);
    }
}

#[test]
fn who_names_the_version_that_they_saw_learns_which_of_their_operations_moved_since() {
    let moved = three_planned().given(&moving(&[placed(2, 50)]));
    let seeing = |numbers: &[u16], seen| PlanCommand::Move {
        placements: numbers.iter().map(|number| placed(*number, 90)).collect(),
        reason: None,
        pin: None,
        pushed: None,
        seen: Some(seen),
    };
    let refusal = moved.clone().when(&seeing(&[1, 2], 1)).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 2, operations: vec![operation(2)] });
    // What others moved does not concern who moves something else.
    moved.clone().when(&seeing(&[1], 1)).then_events(1);
    moved.clone().when(&seeing(&[1, 2], 2)).then_events(1);
    let take_out = PlanCommand::TakeOut { operations: vec![operation(2)], reason: None, seen: Some(1) };
    moved.clone().when(&take_out).then_refused("PLAN_CHANGED", None);
    let pinning = PlanCommand::Pin { operations: vec![operation(2)], pin: pin(None), seen: Some(1) };
    moved.when(&pinning).then_refused("PLAN_CHANGED", None);
}

#[test]
fn who_is_pushed_moves_in_the_same_change_and_is_not_pinned() {
    let push = |based_on, others: &[Placement]| PlanCommand::Move {
        placements: vec![placed(1, 10)],
        reason: None,
        pin: Some(pin(None)),
        pushed: Some(Pushed { placements: others.to_vec(), based_on }),
        seen: None,
    };
    let pushed = three_planned().given(&push(1, &[placed(2, 20), placed(3, 30)]));
    assert_eq!(starts(&pushed), [(1, minute(10)), (2, minute(20)), (3, minute(30))]);
    assert_eq!(pushed.state.pins().map(|(operation, _)| operation).collect::<Vec<_>>(), [operation(1)]);
    assert_eq!(starts(&pushed.given(&undo(2))), [(1, minute(0)), (2, minute(10)), (3, minute(20))]);
    three_planned().when(&push(0, &[placed(2, 20)])).then_refused("PLAN_CHANGED", None);
    let pinned = three_planned().given(&pinning(&[2], pin(None)));
    pinned.when(&push(1, &[placed(2, 20)])).then_refused("PLAN_PINNED", Some("operations"));
    three_planned().when(&push(1, &[placed(1, 20)])).then_refused("PLAN_NAMED_TWICE", Some("operations"));
    // However many are pushed, it is one change.
    let many: Vec<Placement> = (10..=16_000).map(|number| placed(number, i64::from(number) * 10)).collect();
    let events = three_planned().when(&push(1, &many)).events();
    assert_eq!(events.iter().filter_map(PlanEvent::changes).map(|(version, _)| version).collect::<Vec<_>>(), [2, 2, 2]);
}

fn take_out(numbers: &[u16]) -> PlanCommand {
    let operations = numbers.iter().map(|number| operation(*number)).collect();
    PlanCommand::TakeOut { operations, reason: None, seen: None }
}

fn pushing(placements: &[Placement], others: &[Placement], pin: Option<Pin>) -> PlanCommand {
    let pushed = Some(Pushed { placements: others.to_vec(), based_on: 1 });
    PlanCommand::Move { placements: placements.to_vec(), reason: None, pin, pushed, seen: None }
}

fn pins(scenario: &Scenario<SitePlan>) -> Vec<(u16, Pin)> {
    scenario.state.pins().map(|(operation, pin)| (operation.operation.0, pin.clone())).collect()
}

#[test]
fn what_was_taken_out_while_it_was_pinned_comes_back_pinned() {
    let pinned = three_planned().given(&pinning(&[1, 2], pin(Some(600))));
    let back = pinned.clone().given(&take_out(&[2, 3])).given(&undo(2));
    assert_eq!(starts(&back), [(1, minute(0)), (2, minute(10)), (3, minute(20))]);
    assert_eq!(pins(&back), pins(&pinned));
    // A pin that has run out meanwhile fixes nothing any more.
    let later = three_planned().given(&pinning(&[3], pin(Some(5)))).given(&take_out(&[3])).at(6).given(&undo(2));
    assert_eq!(pins(&later), []);
}

#[test]
fn what_was_moved_and_pinned_goes_back_and_is_as_it_was() {
    let asked = |pin| PlanCommand::Move {
        placements: vec![placed(1, 50), placed(2, 60)],
        reason: None,
        pin,
        pushed: None,
        seen: None,
    };
    let first = Pin { reason: Reason::try_new("the crane comes").unwrap(), until: None };
    let before = three_planned().given(&pinning(&[2], first.clone()));
    let back = before.clone().given(&asked(Some(pin(None)))).given(&undo(2));
    assert_eq!((starts(&back), pins(&back)), (starts(&before), vec![(2, first)]));
    let pushed = three_planned().given(&pushing(&[placed(1, 10)], &[placed(2, 20)], Some(pin(None))));
    assert_eq!(pins(&pushed), [(1, pin(None))]);
    let back = pushed.given(&undo(2));
    assert_eq!((starts(&back), pins(&back)), (starts(&three_planned()), vec![]));
}

#[test]
fn what_somebody_fixed_or_let_go_since_is_not_overruled_by_an_undo() {
    let moved = three_planned().given(&moving(&[placed(1, 50), placed(2, 60)]));
    let promised = moved.given(&pinning(&[1], pin(None)));
    let refusal = promised.clone().when(&undo(2)).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 2, operations: vec![operation(1)] });
    let partly = promised.given(&undo_partly(2));
    assert_eq!(starts(&partly), [(1, minute(50)), (2, minute(10)), (3, minute(20))]);
    assert_eq!(pins(&partly), [(1, pin(None))]);
    let pinned = three_planned().given(&pinning(&[1], pin(None))).given(&moving(&[placed(1, 50)]));
    let let_go = pinned.given(&PlanCommand::Unpin(vec![operation(1)])).given(&undo(2));
    assert_eq!((starts(&let_go), pins(&let_go)), (starts(&three_planned()), vec![]));
}

#[test]
fn one_operation_that_followed_the_floor_does_not_keep_the_rest_from_going_back() {
    let followed =
        three_planned().given(&publish(1, &[placed(1, 60), placed(2, 70)], &[])).given(&follow(2, &[placed(1, 65)]));
    let refusal = followed.clone().when(&undo(2)).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 3, operations: vec![operation(1)] });
    let event = PlanEvent::Undone { version: 4, changes: changes(&[placed(2, 10)], &[]), undoes: 2, reason: None };
    followed.clone().when(&undo_partly(2)).then(&[event]);
    followed.given(&undo_partly(2)).when(&undo_partly(2)).then_refused("PLAN_CHANGE_NOT_FOUND", Some("version"));
}

#[test]
fn an_undo_puts_nothing_into_the_past_or_onto_what_is_out_of_use() {
    let moved = three_planned().given(&moving(&[placed(1, 50), placed(2, 60)]));
    let late = moved.clone().at(5);
    late.clone().when(&undo(2)).then_refused("PLAN_IN_PAST", Some("start"));
    assert_eq!(starts(&late.given(&undo_partly(2)))[..2], [(1, minute(50)), (2, minute(10))]);
    let retired = moved.clone().knowing(|facts| facts.missing_machines = vec![MachineId(Uuid::from_u128(9))]);
    retired.clone().when(&undo(2)).then_refused("MACHINE_NOT_FOUND", Some("machineId"));
    retired.when(&undo_partly(2)).then_nothing();
    let seen = PlanCommand::Undo { change: 2, partly: true, reason: None, seen: Some(1) };
    moved.when(&seen).then_refused("PLAN_CHANGED", None);
}

#[test]
fn what_follows_the_floor_pushes_nobodys_change_out() {
    let mut busy = three_planned().given(&moving(&[placed(1, 500)]));
    for minutes in 0..200 {
        busy = busy.given(&follow(2 + minutes, &[placed(3, 30 + i64::try_from(minutes).unwrap())]));
    }
    let refusal = busy.clone().when(&publish(2, &[placed(1, 5)], &[])).refusal();
    assert_eq!(refusal, PlanError::Changed { version: 202, operations: vec![operation(3)] });
    assert!(busy.state.changes().count() <= 100);
    assert_eq!((busy.state.agreed, busy.state.version), (2, 202), "what people agreed to last");
    assert_eq!(starts(&busy.given(&undo(2)))[0], (1, minute(0)));
}

#[test]
fn who_is_pushed_may_have_begun_or_be_fixed_where_it_stays() {
    let left = with_standing(three_planned(), 2, Standing::Begun);
    left.when(&pushing(&[placed(1, 50)], &[placed(2, 60)], None)).then_events(1);
    // It stays where it is pinned, in the past by now, and takes longer than was thought.
    let pinned = three_planned().given(&pinning(&[2], pin(None))).at(15);
    let longer = Placement { end: minute(40), ..placed(2, 10) };
    pinned.clone().when(&pushing(&[placed(1, 50)], &[longer], None)).then_events(1);
    pinned.when(&pushing(&[placed(1, 50)], &[placed(2, 60)], None)).then_refused("PLAN_PINNED", Some("operations"));
}

#[test]
fn the_plan_remembers_which_what_if_it_has_taken_over() {
    let id = ScenarioId(Uuid::from_u128(3));
    let origin = Origin::Scenario { id, version: Some(4), reason: None };
    let asked = PlanCommand::Publish { changes: changes(&[placed(1, 60)], &[]), origin, based_on: 1 };
    let published = three_planned().given(&asked);
    assert_eq!(published.state.taken_over(id), Some(&TakenOver { scenario: id, of: Some(4), version: 2 }));
    assert_eq!(published.state.taken_over(ScenarioId(Uuid::from_u128(4))), None);
}
