//! Whatever people ask for, in whatever order: nothing impossible comes of it.

use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// One thing asked at a floor: so many minutes after the one before, and entered so many minutes late.
#[derive(Debug, Clone)]
struct Asked {
    wait: i64,
    late: i64,
    command: JobCommand,
}

fn operations() -> impl Strategy<Value = OperationNumber> {
    prop_oneof![Just(OperationNumber(10)), Just(OperationNumber(20)), Just(OperationNumber(30))]
}

fn operators() -> impl Strategy<Value = OperatorId> {
    prop_oneof![Just(ANNA), Just(BEN), Just(OperatorId(Uuid::from_u128(0x33)))]
}

fn amounts() -> impl Strategy<Value = Quantities> {
    let amount = || prop_oneof![3 => Just(0_u64), 1 => 1..20_u64].prop_map(|pieces| Quantity::whole(pieces).unwrap());
    (amount(), amount(), amount(), amount()).prop_map(|(good, scrap, rework, held)| Quantities {
        good,
        scrap,
        rework,
        held,
    })
}

fn phases() -> impl Strategy<Value = Phase> {
    prop_oneof![Just(Phase::Setup), Just(Phase::Run), Just(Phase::Break)]
}

fn figures() -> impl Strategy<Value = WorkFigures> {
    (operators(), phases(), 0..400_i64, 0..60_i64, amounts()).prop_map(|(operator, phase, from, length, quantities)| {
        WorkFigures { phase, quantities, ..worked(operator, from, from + length) }
    })
}

fn floor_commands() -> impl Strategy<Value = JobCommand> {
    let machine = prop_oneof![Just(None), Just(Some(LATHE))];
    prop_oneof![
        4 => (operations(), operators(), machine, phases()).prop_map(|(operation, operator, machine, phase)| {
            JobCommand::StartOperation { operation, operator, machine, phase }
        }),
        2 => (operations(), proptest::option::of(operators())).prop_map(|(operation, who)| pause(operation, who)),
        2 => (operations(), operators()).prop_map(|(operation, who)| JobCommand::ResumeOperation(operation, who)),
        3 => (operations(), operators(), amounts()).prop_map(|(operation, who, made)| report(operation, who, made)),
        1 => (operations(), proptest::option::of(operators()), amounts()).prop_map(|(operation, operator, quantities)| {
            JobCommand::FinishOperation { operation, operator, quantities, scrap_reason: None }
        }),
        4 => (0..12_u128, operations(), figures()).prop_map(|(number, operation, figures)| {
            report_work(number, operation, figures)
        }),
        2 => (0..12_u128, figures()).prop_map(|(number, figures)| correct(number, figures)),
    ]
}

fn office_commands() -> impl Strategy<Value = JobCommand> {
    let why = || reason("so");
    prop_oneof![
        operations().prop_map(|number| JobCommand::AddOperation(plan(number))),
        operations().prop_map(JobCommand::RemoveOperation),
        (operations(), operators()).prop_map(|(operation, who)| JobCommand::AssignOperator(operation, who)),
        (operations(), operators()).prop_map(|(operation, who)| JobCommand::UnassignOperator(operation, who)),
        (0..3_i64).prop_map(|due| JobCommand::Promise(minute(due))),
        (1..5_u8).prop_map(|priority| JobCommand::Revise(JobDetails { priority, ..details() })),
        Just(JobCommand::Pause(why())),
        Just(block()),
        Just(JobCommand::Resume),
        Just(JobCommand::Complete),
        Just(JobCommand::Cancel(why())),
        Just(JobCommand::Reopen(why())),
        Just(create_with(vec![plan(TURNING), plan(MILLING)])),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let command = prop_oneof![3 => floor_commands(), 1 => office_commands()];
    let late = prop_oneof![4 => Just(0_i64), 1 => 0..90_i64];
    (0..30_i64, late, command).prop_map(|(wait, late, command)| Asked { wait, late, command })
}

/// One operator on one operation, often entered late: as many chances to overlap as possible.
fn asked_of_anna() -> impl Strategy<Value = Asked> {
    let report = |number, from: i64, length| report_work(number, TURNING, worked(ANNA, from, from + length));
    let command = prop_oneof![
        3 => Just(start(TURNING, ANNA)),
        1 => Just(set_up(TURNING, ANNA)),
        3 => Just(pause(TURNING, None)),
        1 => Just(JobCommand::ResumeOperation(TURNING, ANNA)),
        4 => (0..20_u128, 0..200_i64, 0..20_i64).prop_map(move |(number, from, length)| report(number, from, length)),
        2 => (0..20_u128, 0..200_i64, 0..20_i64).prop_map(|(number, from, length)| {
            correct(number, worked(ANNA, from, from + length))
        }),
    ];
    (0..10_i64, 0..20_i64, command).prop_map(|(wait, late, command)| Asked { wait, late, command })
}

fn policies() -> impl Strategy<Value = OverlapPolicy> {
    prop_oneof![Just(OverlapPolicy::Refuse), Just(OverlapPolicy::AllowWithReason), Just(OverlapPolicy::Allow)]
}

/// Runs all that is asked; calls `look` after each command that was not refused with its events.
fn live(policy: OverlapPolicy, asked: &[Asked], mut look: impl FnMut(&mut Scenario<Job>, &JobCommand, &[JobEvent])) {
    let mut scenario = created().knowing(|facts| facts.policies.work_overlap = policy);
    let mut minutes = 0;
    for Asked { wait, late, command } in asked {
        minutes += wait;
        scenario = scenario.at(minutes).happened(minutes - late);
        if let Ok(events) = scenario.decide(command) {
            scenario.fold(&events);
            look(&mut scenario, command, &events);
        }
    }
}

fn check_nobody_works_where_nothing_runs(order: &Order) {
    let at_work = order.operations.values().any(|operation| operation.at_work().next().is_some());
    assert!(!at_work || order.status == JobStatus::Running, "somebody is at work on a {:?} job", order.status);
    for operation in order.operations.values().filter(|operation| operation.finished_at.is_some()) {
        assert!(operation.sessions.is_empty(), "somebody is on a finished operation");
    }
    if order.status == JobStatus::Completed {
        assert_eq!(order.open_operations().next(), None, "a completed job has an open operation");
    }
}

fn check_no_report_ends_after_the_end(order: &Order) {
    for Reported { operation, figures, .. } in order.reports.values() {
        let finished = order.operations.get(operation).and_then(|operation| operation.finished_at);
        assert!(finished.is_none_or(|at| figures.end <= at), "a report ends after its operation was finished");
    }
}

fn check_no_overlap(order: &Order) {
    for operation in order.operations.values() {
        for (operator, intervals) in &operation.intervals {
            let some_time: Vec<_> = intervals.iter().filter(|(start, end, _)| start < end).collect();
            for pair in some_time.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "work of one operator on one operation overlaps");
            }
            let open = operation.since(*operator).zip(some_time.last());
            assert!(open.is_none_or(|(since, last)| last.1 <= since), "open work overlaps what was reported");
        }
    }
}

/// What jobs may become, independent of how the deciders say it.
fn check_life(was: JobStatus, now: JobStatus) {
    use JobStatus::{Blocked, Cancelled, Completed, Paused, Pending, Running, Scheduled};
    let allowed: &[JobStatus] = match was {
        Pending => &[Pending, Scheduled, Running, Paused, Blocked, Completed, Cancelled],
        Scheduled => &[Scheduled, Pending, Running, Paused, Blocked, Completed, Cancelled],
        Running => &[Running, Paused, Blocked, Completed, Cancelled],
        Paused => &[Paused, Pending, Scheduled, Running, Blocked, Cancelled],
        Blocked => &[Blocked, Pending, Scheduled, Running, Cancelled],
        Completed => &[Completed, Pending, Scheduled, Running],
        Cancelled => &[Cancelled, Pending, Scheduled, Running],
    };
    assert!(allowed.contains(&now), "{was:?} became {now:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_reaches_an_impossible_state(policy in policies(), asked in vec(asked(), 1..60)) {
        let mut was = JobStatus::Pending;
        live(policy, &asked, |scenario, command, _| {
            let order = order(scenario);
            check_nobody_works_where_nothing_runs(order);
            check_no_report_ends_after_the_end(order);
            check_life(was, order.status);
            if matches!(was, JobStatus::Completed | JobStatus::Cancelled) && was != order.status {
                assert!(matches!(command, JobCommand::Reopen(_)), "{command:?} took up a closed job");
            }
            was = order.status;
        });
    }

    #[test]
    fn work_of_one_operator_on_one_operation_does_not_overlap_where_that_is_refused(
        asked in vec(asked_of_anna(), 1..80),
    ) {
        live(OverlapPolicy::Refuse, &asked, |scenario, _, _| check_no_overlap(order(scenario)));
    }

    #[test]
    fn sums_are_the_sums_of_the_latest_reports(policy in policies(), asked in vec(asked(), 1..60)) {
        let mut latest: HashMap<ReportId, (OperationNumber, Quantities)> = HashMap::new();
        live(policy, &asked, |scenario, _, events| {
            for event in events {
                match event {
                    JobEvent::WorkReported(work) => {
                        let again = latest.insert(work.report, (work.operation, work.figures.quantities));
                        assert_eq!(again, None, "a report was overwritten");
                    }
                    JobEvent::ReportCorrected { report, operation, figures, .. } => {
                        latest.insert(*report, (*operation, figures.quantities));
                    }
                    _ => {}
                }
            }
            let mut sums: BTreeMap<OperationNumber, Quantities> = BTreeMap::new();
            for (operation, made) in latest.values() {
                let sum = sums.entry(*operation).or_default();
                *sum = sum.with(made, |a, b| a + b);
            }
            for (number, operation) in &order(scenario).operations {
                assert_eq!(operation.made, sums.get(number).copied().unwrap_or_default());
            }
        });
    }

    #[test]
    fn asking_the_same_again_changes_nothing(policy in policies(), asked in vec(asked(), 1..60)) {
        live(policy, &asked, |scenario, command, _| {
            // Only the command id tells a second batch of pieces from the same one told twice.
            let more_pieces = matches!(command, JobCommand::ReportQuantity { quantities, .. } if !quantities.is_none());
            let again = scenario.decide(command).unwrap_or_default();
            assert!(more_pieces || again.is_empty(), "{command:?} gave {again:?} on its own result");
        });
    }

    #[test]
    fn replaying_the_stream_gives_the_same_state(policy in policies(), asked in vec(asked(), 1..60)) {
        let start = created();
        let mut replayed = start.state.clone();
        let mut end = start.state;
        live(policy, &asked, |scenario, _, events| {
            for event in events {
                let json = serde_json::to_vec(event).unwrap();
                let stored: JobEvent = serde_json::from_slice(&json).unwrap();
                replayed = Job::evolve(std::mem::take(&mut replayed), &stored, scenario.context.happened_at);
            }
            end = scenario.state.clone();
        });
        assert_eq!(replayed, end);
    }

    #[test]
    fn folding_has_no_opinion_on_odd_histories(
        asked in vec(asked(), 1..60),
        picks in vec((any::<prop::sample::Index>(), 0..500_i64), 1..120),
    ) {
        let mut history = Vec::new();
        live(OverlapPolicy::Allow, &asked, |_, _, events| history.extend_from_slice(events));
        history.extend(nothing_yet().when(&create_with(vec![plan(TURNING)])).events());
        let mut state = JobState::default();
        for (pick, at) in picks {
            state = Job::evolve(state, pick.get(&history), minute(at));
            let mut scenario = created().at(at);
            scenario.state = state.clone();
            for asked in &asked {
                scenario.decide(&asked.command).ok();
            }
        }
    }
}
