//! What can be begun now, in the sequence of the plan, and what the rest waits for.

use domain::jobs::job::JobStatus;
use domain::kernel::time::later;
use domain::kernel::{MachineId, OperatorId, Timestamp, WorkCenterId};
use domain::machines::machine::MachineStatus;
use domain::scheduling::placement::{OperationRef, Placement};

use super::shop::{Job, Operation, Shop};

/// Whose work is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkOf {
    /// What is planned on the machines of a work center, and what belongs there and has no place yet.
    WorkCenter(WorkCenterId),
    /// What an operator is planned or assigned to do.
    Operator(OperatorId),
}

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitsFor {
    /// An operation before it that is not over, and has not made a transfer batch.
    Predecessor(OperationRef),
    /// The least lag after the operation before it.
    Lag(Timestamp),
    /// The release of its job.
    Release(Timestamp),
    /// Its job, which is paused.
    PausedJob,
    /// Its job, which is blocked.
    BlockedJob,
    /// A call for help on it, which is open.
    AndonCall,
    /// The machine that it is planned on, which is stopped.
    Machine(MachineId),
    /// The operator who is to do it, who is away or does not work here.
    Operator(OperatorId),
}

/// An operation that somebody is to begin or go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Which.
    pub operation: OperationRef,
    /// Where the plan has it; `None` where it has no place.
    pub placement: Option<Placement>,
    /// Whether somebody is at work on it.
    pub is_running: bool,
    /// What it waits for; nothing where it can be begun now.
    pub waits_for: Vec<WaitsFor>,
}

impl Shop {
    /// What is to be done in a work center, or by an operator, in the sequence of the plan; what has no place comes last. Material
    /// has no data yet.
    pub fn ready_to_run(&self, of: WorkOf, now: Timestamp) -> Vec<Ready> {
        let mut found: Vec<(&Job, Ready)> = Vec::new();
        for job in self.jobs.values() {
            for (place, operation) in job.operations.iter().enumerate() {
                let placement = self.plan.placements.get(&job.of(operation)).copied();
                if operation.is_finished() || !self.is_work_of(of, operation, placement.as_ref()) {
                    continue;
                }
                let is_running = operation.is_running();
                let waits_for =
                    if is_running { Vec::new() } else { self.waits_for(job, place, placement.as_ref(), now) };
                found.push((job, Ready { operation: job.of(operation), placement, is_running, waits_for }));
            }
        }
        found.sort_by_key(|(job, it)| {
            let start = it.placement.map(|placement| placement.start);
            (start.is_none(), start, &job.number, it.operation.operation)
        });
        found.into_iter().map(|(_, ready)| ready).collect()
    }

    fn is_work_of(&self, of: WorkOf, operation: &Operation, placement: Option<&Placement>) -> bool {
        match of {
            WorkOf::WorkCenter(center) => {
                let machine = placement.and_then(|placement| self.machines.get(&placement.machine?));
                machine.map_or(operation.plan.work_center, |machine| machine.work_center) == center
            }
            WorkOf::Operator(operator) => {
                placement.and_then(|placement| placement.operator) == Some(operator)
                    || operation.assigned.contains(&operator)
                    || operation.at_work.iter().any(|work| work.operator == operator)
            }
        }
    }

    fn waits_for(&self, job: &Job, place: usize, placement: Option<&Placement>, now: Timestamp) -> Vec<WaitsFor> {
        let mut waits: Vec<WaitsFor> = before(job, place, now).into_iter().collect();
        waits.extend(job.release.filter(|release| now < *release).map(WaitsFor::Release));
        if job.operations[place].is_blocked {
            waits.push(WaitsFor::AndonCall);
        }
        match job.status {
            JobStatus::Paused => waits.push(WaitsFor::PausedJob),
            JobStatus::Blocked => waits.push(WaitsFor::BlockedJob),
            _ => {}
        }
        let stopped = |machine: &MachineId| {
            use MachineStatus::{Down, Maintenance, Retired};
            self.machines.get(machine).is_none_or(|it| matches!(it.status, Down | Maintenance | Retired))
        };
        let away = |operator: &OperatorId| {
            let known = self.operators.get(operator);
            known.is_none_or(|it| !it.active || it.absences.iter().any(|it| it.from <= now && now < it.until))
        };
        waits.extend(placement.and_then(|it| it.machine).filter(stopped).map(WaitsFor::Machine));
        waits.extend(placement.and_then(|it| it.operator).filter(away).map(WaitsFor::Operator));
        waits
    }
}

/// What an operation waits for in its own job: the last before it that is not over, or the lag after it.
fn before(job: &Job, place: usize, now: Timestamp) -> Option<WaitsFor> {
    let operation = &job.operations[place];
    if operation.is_begun() {
        return None;
    }
    let earlier = &job.operations[..place];
    let previous = earlier.last()?;
    let batch = operation.plan.transfer_batch;
    let handed_on = |it: &Operation| {
        let made = it.made.good + it.made.rework + it.made.held;
        batch.is_some_and(|batch| made >= batch)
    };
    if let Some(open) = earlier.iter().rev().find(|it| !it.is_finished()) {
        let enough = std::ptr::eq(open, previous) && handed_on(open);
        return (!enough).then(|| WaitsFor::Predecessor(job.of(open)));
    }
    let until = later(previous.finished_at?, operation.plan.min_lag_seconds.into());
    (now < until).then_some(WaitsFor::Lag(until))
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::OperationNumber;

    use super::*;
    use crate::at_work::WorkNow;
    use crate::planning::sample::{amount, job_id, machine_id, operator_id, shop, work_center};
    use crate::planning::shop::CurrentPlan;
    use crate::tally::Tally;

    const FIRST: OperationRef = OperationRef { job: job_id(0), operation: OperationNumber(10) };
    const SECOND: OperationRef = OperationRef { job: job_id(0), operation: OperationNumber(20) };

    /// One job of two operations in one work center, nothing begun, nothing planned.
    fn two_steps() -> (Shop, Timestamp) {
        let (mut shop, now) = shop(3);
        shop.jobs.retain(|id, _| *id == job_id(0));
        shop.plan = CurrentPlan::default();
        for machine in shop.machines.values_mut() {
            machine.status = MachineStatus::Available;
        }
        let job = shop.jobs.get_mut(&job_id(0)).unwrap();
        (job.status, job.release) = (JobStatus::Running, None);
        let mut step = job.operations[0].clone();
        step.plan.work_center = work_center(0);
        (step.began_at, step.finished_at, step.worked_until, step.assigned) = (None, None, None, Vec::new());
        (step.plan.min_lag_seconds, step.plan.transfer_batch) = (3_600, Some(amount("5")));
        (step.at_work, step.made) = (Vec::new(), Tally::default());
        let mut next = step.clone();
        (step.plan.number, next.plan.number) = (FIRST.operation, SECOND.operation);
        job.operations = vec![step, next];
        (shop, now)
    }

    fn step(shop: &mut Shop, place: usize) -> &mut Operation {
        &mut shop.jobs.get_mut(&job_id(0)).unwrap().operations[place]
    }

    fn asked(shop: &Shop, now: Timestamp) -> Vec<(OperationRef, Vec<WaitsFor>)> {
        let ready = shop.ready_to_run(WorkOf::WorkCenter(work_center(0)), now);
        ready.into_iter().map(|it| (it.operation, it.waits_for)).collect()
    }

    #[test]
    fn an_operation_waits_for_the_one_before_it_for_a_transfer_batch_of_it_or_for_the_lag() {
        let (mut shop, now) = two_steps();
        assert_eq!(asked(&shop, now), [(FIRST, vec![]), (SECOND, vec![WaitsFor::Predecessor(FIRST)])]);
        step(&mut shop, 0).began_at = Some(now);
        step(&mut shop, 0).made.good = amount("4");
        assert_eq!(asked(&shop, now)[1].1, [WaitsFor::Predecessor(FIRST)]);
        step(&mut shop, 0).made.rework = amount("1");
        assert_eq!(asked(&shop, now)[1].1, []);
        step(&mut shop, 0).finished_at = Some(now);
        assert_eq!(asked(&shop, now), [(SECOND, vec![WaitsFor::Lag(later(now, 3_600))])]);
        assert_eq!(asked(&shop, later(now, 3_600)), [(SECOND, vec![])]);
    }

    #[test]
    fn what_is_stopped_away_blocked_or_not_released_yet_is_named() {
        let (mut shop, now) = two_steps();
        let start = later(now, 60);
        let placement = Placement {
            job: job_id(0),
            operation: FIRST.operation,
            machine: Some(machine_id(0)),
            operator: Some(operator_id(0)),
            start,
            run_start: start,
            end: start,
        };
        shop.plan.placements.insert(FIRST, placement);
        shop.machines.get_mut(&machine_id(0)).unwrap().status = MachineStatus::Down;
        shop.operators.get_mut(&operator_id(0)).unwrap().active = false;
        let job = shop.jobs.get_mut(&job_id(0)).unwrap();
        (job.status, job.release) = (JobStatus::Blocked, Some(start));
        job.operations[0].is_blocked = true;
        let waits = [
            WaitsFor::Release(start),
            WaitsFor::AndonCall,
            WaitsFor::BlockedJob,
            WaitsFor::Machine(machine_id(0)),
            WaitsFor::Operator(operator_id(0)),
        ];
        assert_eq!(asked(&shop, now)[0], (FIRST, waits.to_vec()));
        let own = shop.ready_to_run(WorkOf::Operator(operator_id(0)), now);
        assert_eq!(own.iter().map(|it| it.operation).collect::<Vec<_>>(), [FIRST]);
    }

    #[test]
    fn the_list_is_in_the_sequence_of_the_plan_and_what_has_no_place_comes_last() {
        let (mut shop, now) = two_steps();
        let start = later(now, 60);
        let placement = Placement {
            job: job_id(0),
            operation: SECOND.operation,
            machine: Some(machine_id(0)),
            operator: None,
            start,
            run_start: start,
            end: start,
        };
        shop.plan.placements.insert(SECOND, placement);
        assert_eq!(asked(&shop, now).iter().map(|it| it.0).collect::<Vec<_>>(), [SECOND, FIRST]);
        let (work_center, machine, operator) = (work_center(0), None, operator_id(1));
        let phase = domain::jobs::operation::Phase::Run;
        step(&mut shop, 0).at_work = vec![WorkNow {
            job: job_id(0),
            operation: FIRST.operation,
            work_center,
            machine,
            operator,
            phase,
            since: now,
        }];
        let ready = shop.ready_to_run(WorkOf::Operator(operator), now);
        assert_eq!(ready.iter().map(|it| (it.operation, it.is_running)).collect::<Vec<_>>(), [(FIRST, true)]);
    }
}
