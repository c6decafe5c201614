//! What was told of each order: what lies before now is reported, what is under way is started, what lies ahead is planned.

use domain::jobs::job::{BlockCause, CustomerName, JobCommand, JobDetails, JobNumber, ProductName, Unit};
use domain::jobs::operation::{Phase, Quantities, WorkFigures};
use domain::kernel::{JobId, MachineId, Quantity, ReportId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{Changes, Origin, PlanCommand};
use domain::scheduling::solver::Preset;
use uuid::Uuid;

use super::axis::{Axis, DAY, MINUTE, NOW};
use super::flow::{Order, Slot, TAKEN_OVER, Trouble};
use super::shop::{CUSTOMERS, SCRAP_REASONS};
use super::{BadSample, DOWN, floor, step};
use crate::import::plan::Step;
use crate::import::survey::number;

/// The last look at the counters of the machines.
const COUNTED: i64 = NOW - 10 * MINUTE;
/// The plan was made once a week.
const PLANNED_EVERY: i64 = 7 * DAY;

/// What was told: what is to be made, when it was planned, what came of it.
pub(super) fn stages(tenant: TenantId, axis: &Axis, orders: &[Order]) -> Result<[Vec<Step>; 3], BadSample> {
    let mut work = Vec::new();
    for order in orders {
        let mut told = Told::new(tenant, axis, order);
        for slot in &order.slots {
            told.work(slot)?;
        }
        told.trouble()?;
        work.append(&mut told.steps);
    }
    Ok([taken(tenant, axis, orders)?, plans(tenant, axis, orders), work])
}

/// Orders that come in.
pub(super) fn taken(tenant: TenantId, axis: &Axis, orders: &[Order]) -> Result<Vec<Step>, BadSample> {
    let mut steps = Vec::new();
    for order in orders {
        let mut told = Told::new(tenant, axis, order);
        told.create()?;
        steps.append(&mut told.steps);
    }
    Ok(steps)
}

/// The plans of former weeks.
fn plans(tenant: TenantId, axis: &Axis, orders: &[Order]) -> Vec<Step> {
    let week = |week: i64| {
        let from = week * PLANNED_EVERY;
        let new = orders.iter().filter(move |order| (from..from + PLANNED_EVERY).contains(&order.draft.released));
        let placed = new.flat_map(|order| Told::new(tenant, axis, order).placements()).collect();
        let changes = Changes { placed, ..Changes::default() };
        let origin = Origin::Optimiser { preset: Preset::default(), seed: 1 };
        let based_on = u64::try_from(week).unwrap_or(0);
        let publish = Command::Plan(Box::new(PlanCommand::Publish { changes, origin, based_on }));
        step(tenant.0, &format!("plan:{week}"), publish, axis.at(from))
    };
    (0..=NOW / PLANNED_EVERY).map(week).collect()
}

/// What was told of one order.
struct Told<'a> {
    tenant: TenantId,
    axis: &'a Axis,
    order: &'a Order,
    number: String,
    id: JobId,
    steps: Vec<Step>,
}

impl<'a> Told<'a> {
    fn new(tenant: TenantId, axis: &'a Axis, order: &'a Order) -> Self {
        let (number, id) = (order.draft.number(), order.draft.id(tenant));
        Self { tenant, axis, order, id, number, steps: Vec::new() }
    }

    fn create(&mut self) -> Result<(), BadSample> {
        let draft = &self.order.draft;
        let create = JobCommand::Create {
            number: JobNumber::try_new(&self.number)?,
            details: JobDetails {
                product: Some(ProductName::try_new(draft.product.0)?),
                customer: Some(CustomerName::try_new(CUSTOMERS[draft.place % CUSTOMERS.len()])?),
                quantity: Quantity::whole(draft.pieces).ok(),
                unit: Unit::try_new("pcs")?,
                priority: draft.priority(),
                release: Some(self.axis.at(draft.released)),
                notes: None,
            },
            due: Some(self.axis.hour_of(self.order.due)),
            operations: floor::routing(self.tenant, draft.product)?,
        };
        self.ask("create", create, draft.known);
        Ok(())
    }

    fn placements(&self) -> Vec<Placement> {
        let placement = |slot: &Slot| {
            // Some took longer than was thought, in hours in which somebody is there.
            let late = i64::try_from((self.order.draft.place + slot.place) % 5).unwrap_or(0) * 7 * MINUTE;
            let least = slot.stretches.last().map_or(slot.end, |last| last.from);
            Placement {
                job: self.id,
                operation: number(slot.place),
                machine: Some(slot.machine),
                operator: slot.stretches.first().map(|first| first.operator),
                start: self.axis.at(slot.start),
                run_start: self.axis.at(slot.run),
                end: self.axis.at((slot.end - late).max(least + MINUTE).max(slot.run).min(slot.end)),
            }
        };
        self.order.slots.iter().map(placement).collect()
    }

    /// What has come of an operation by now.
    fn work(&mut self, slot: &Slot) -> Result<(), BadSample> {
        match self.order.trouble {
            Some(Trouble::MachineBroke(at)) if slot.end > at => self.report(slot, at),
            _ if slot.end <= TAKEN_OVER => self.done(slot),
            _ if slot.start <= TAKEN_OVER => self.under_way(slot),
            _ => Ok(()),
        }
    }

    fn done(&mut self, slot: &Slot) -> Result<(), BadSample> {
        self.report(slot, slot.end)?;
        let finish = JobCommand::FinishOperation {
            operation: number(slot.place),
            operator: slot.stretches.last().map(|last| last.operator),
            quantities: Quantities::default(),
            scrap_reason: None,
        };
        self.ask(&format!("finish:{}", slot.place), finish, slot.end);
        Ok(())
    }

    /// Reports the work on an operation before `until`, stretch by stretch.
    fn report(&mut self, slot: &Slot, until: i64) -> Result<(), BadSample> {
        for stretch in slot.stretches.iter().filter(|stretch| stretch.from < until) {
            let (start, end) = (stretch.from, stretch.to.min(until));
            let phase = if stretch.setup { Phase::Setup } else { Phase::Run };
            let quantities = if phase == Phase::Run { self.made(slot, start, end) } else { Quantities::default() };
            let reason = SCRAP_REASONS[self.order.draft.place % SCRAP_REASONS.len()];
            let figures = WorkFigures {
                operator: stretch.operator,
                machine: Some(slot.machine),
                phase,
                start: self.axis.at(start),
                end: self.axis.at(end),
                quantities,
                scrap_reason: if quantities.scrap > Quantity::ZERO { Some(Reason::try_new(reason)?) } else { None },
                rework: false,
            };
            self.report_one(slot, start, figures, end);
        }
        Ok(())
    }

    fn report_one(&mut self, slot: &Slot, start: i64, figures: WorkFigures, end: i64) {
        let operation = number(slot.place);
        let intention = format!("report:{}:{:?}:{start}", operation.0, figures.phase);
        let report = ReportId(Uuid::new_v5(&self.id.0, intention.as_bytes()));
        self.ask(&intention, JobCommand::ReportWork { report, operation, figures, overlap_reason: None }, end);
    }

    /// What came off the machine between these seconds; at the end of a spoilt run some is lost, and some is worked again.
    fn made(&self, slot: &Slot, start: i64, end: i64) -> Quantities {
        let draft = &self.order.draft;
        let all = slot.run_between(slot.run, slot.end);
        let before = |second: i64| pieces_at(draft.pieces, slot.run_between(slot.run, second), all);
        let all = before(end) - before(start);
        let spoilt = draft.place % 4 == 1 && slot.place == 1 && end == slot.end;
        let doubtful = draft.place % 9 == 2 && slot.center == "QC" && end == slot.end;
        let (scrap, rework) = if spoilt { (all.div_ceil(25), all.div_ceil(20)) } else { (0, 0) };
        let held = if doubtful { all.div_ceil(30) } else { 0 };
        let whole = |amount: u64| Quantity::whole(amount).unwrap_or_default();
        Quantities {
            good: whole(all.saturating_sub(scrap + rework + held)),
            scrap: whole(scrap),
            rework: whole(rework),
            held: whole(held),
        }
    }

    /// Former shifts have reported. Who has the shift now is at work; where nobody has, the machine waits for the next one.
    fn under_way(&mut self, slot: &Slot) -> Result<(), BadSample> {
        let Some((operator, began)) = slot.at_work(TAKEN_OVER) else { return self.report(slot, TAKEN_OVER) };
        self.report(slot, began)?;
        let operation = number(slot.place);
        self.ask("assign", JobCommand::AssignOperator(operation, operator), began);
        for (phase, from, to) in [(Phase::Setup, began, slot.run), (Phase::Run, began.max(slot.run), slot.end)] {
            if from < to && from <= TAKEN_OVER {
                let start = JobCommand::StartOperation { operation, operator, machine: Some(slot.machine), phase };
                self.ask(&format!("start:{phase:?}"), start, from);
            }
        }
        let counted = self.made(slot, began.max(slot.run), COUNTED.max(began));
        if began < COUNTED && slot.run < COUNTED && !counted.is_none() {
            let report = JobCommand::ReportQuantity { operation, operator, quantities: counted, scrap_reason: None };
            self.ask("count", report, COUNTED);
        }
        Ok(())
    }

    /// What does not go by plan.
    fn trouble(&mut self) -> Result<(), BadSample> {
        let (intention, command, second) = match self.order.trouble {
            None => return Ok(()),
            Some(Trouble::MachineBroke(at)) => {
                let cause = BlockCause::Machine(MachineId::from_key(self.tenant, DOWN.0));
                ("block", JobCommand::Block { reason: Reason::try_new(DOWN.1)?, cause }, at)
            }
            Some(Trouble::NoMaterial) => {
                let cause = BlockCause::Material(Reason::try_new("steel bars 40 mm")?);
                let reason = Reason::try_new("bars have not arrived")?;
                ("block", JobCommand::Block { reason, cause }, NOW - 3 * MINUTE)
            }
            Some(Trouble::Paused) => {
                let reason = Reason::try_new("the customer asks to wait for a new drawing")?;
                ("pause", JobCommand::Pause(reason), NOW - 2 * MINUTE)
            }
            Some(Trouble::Withdrawn) => {
                let reason = Reason::try_new("the customer withdrew the order")?;
                ("cancel", JobCommand::Cancel(reason), NOW - 40 * MINUTE)
            }
        };
        self.ask(intention, command, second);
        Ok(())
    }

    fn ask(&mut self, intention: &str, command: JobCommand, second: i64) {
        let at = self.axis.at(second);
        self.steps.push(step(self.id.0, intention, Command::Job(self.id, command), at));
    }
}

/// How many of all pieces are made after so many seconds of a run.
fn pieces_at(all: u64, seconds: i64, run: i64) -> u64 {
    let (seconds, run) = (u64::try_from(seconds).unwrap_or(0), u64::try_from(run).unwrap_or(1).max(1));
    all * seconds.min(run) / run
}
