use super::{Board, Ground, List, list};
use crate::scheduling::solver::construct::{dispatch, rules};
use crate::scheduling::solver::model::{Model, OperationIndex};
use crate::scheduling::solver::plan::Reason;
use crate::scheduling::solver::validate::validate;
use crate::scheduling::solver::{Plan, Preset, Problem, repair, sample};

fn planned(problem: &Problem, make: impl Fn(&mut Board<'_>)) -> Plan {
    let ground = Ground::new(problem, None, Preset::OnTimeFirst.weights());
    let mut board = Board::new(&ground);
    make(&mut board);
    let plan = board.plan();
    let found = validate(problem, &plan, None);
    assert!(found.is_empty(), "{found:#?}");
    plan
}

fn by_list(board: &mut Board<'_>) {
    let list = List::new(board.ground());
    list::run(board, &list, 0..list.order.len(), &mut |_| true);
}

/// The model without the jobs that could not be planned even if nothing else were to be done.
fn with_what_is_possible(model: &Model) -> Model {
    let mut possible = model.clone();
    for (job, data) in model.jobs.iter().enumerate() {
        let mut alone = model.clone();
        let theirs = |it: OperationIndex| model.operations[it.at()].job.at() == job;
        let first = model.operations.iter().position(|it| it.job.at() == job).unwrap_or(0);
        alone.operations.retain(|it| it.job.at() == job);
        alone.links.retain(|link| theirs(link.before));
        for link in &mut alone.links {
            link.before.0 -= u32::try_from(first).unwrap();
            link.after.0 -= u32::try_from(first).unwrap();
        }
        let plan = planned(&Problem::new(alone).unwrap(), by_list);
        if !plan.unplaced.is_empty() {
            assert!(plan.unplaced.iter().any(|it| it.reason != Reason::PredecessorUnplaced), "{}", data.name);
            possible.links.retain(|link| !theirs(link.before));
        }
    }
    possible
}

#[test]
fn what_has_to_follow_closely_has_a_place_wherever_it_could_have_one_alone() {
    for seed in 0..300 {
        let problem = Problem::new(with_what_is_possible(&sample::tight(seed, 9))).unwrap();
        let plan = planned(&problem, by_list);
        assert_eq!(plan.unplaced, vec![], "seed {seed}");
        let ground = Ground::new(&problem, None, Preset::OnTimeFirst.weights());
        for rule in rules(&ground) {
            let dispatched = planned(&problem, |board| assert!(dispatch(board, rule, &mut |_| true)));
            assert_eq!(dispatched.unplaced, vec![], "seed {seed} {rule:?}");
        }
        let mut broken = problem.model().clone();
        broken.machines[0].downtime.push((30, 190));
        let broken = Problem::new(with_what_is_possible(&broken)).unwrap();
        let repaired = repair(&broken, &plan, &Preset::OnTimeFirst.weights());
        assert!(validate(&broken, &repaired, Some(&plan)).is_empty());
        assert_eq!(repaired.unplaced, vec![], "seed {seed}");
    }
}
