//! What was told of each order: what lies before now is reported, what is under way is started, what lies ahead is planned.

use domain::jobs::job::{BlockCause, CustomerName, JobCommand, JobDetails, JobNumber, ProductName, Unit};
use domain::jobs::operation::{OperationName, OperationPlan, Phase, Quantities, RunTime, SkillNeed, WorkFigures};
use domain::kernel::{JobId, MachineId, OperatorId, Quantity, ReportId, TenantId, WorkCenterId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::PlanCommand;
use domain::workforce::operator::Skill;
use uuid::Uuid;

use super::calendar::{Calendar, NOW};
use super::flow::{self, BROKE, Order, Slot, Trouble};
use super::shop::{CUSTOMERS, OPERATORS, SCRAP_REASONS, SKILLS, WORK_CENTERS};
use super::{BadSample, DOWN, step};
use crate::import::plan::Step;
use crate::import::survey::number;

const FIRST_NUMBER: usize = 4101;
/// How well somebody must be able to do what they do.
const LEAST_LEVEL: u8 = 2;
/// Whoever has the shift has taken over by now: a shift that has only just begun found the former one at work.
const TAKEN_OVER: i64 = NOW - 5;
/// The last look at the counters of the machines.
const COUNTED: i64 = NOW - 10;

/// All that was told of all orders, stage after stage: what is to be made, when it was planned, what came of it.
pub(super) fn stages(tenant: TenantId, calendar: &Calendar) -> Result<[Vec<Step>; 3], BadSample> {
    let mut stages = [Vec::new(), Vec::new(), Vec::new()];
    for order in flow::orders() {
        let mut told = Told::new(tenant, calendar, &order);
        told.create()?;
        stages[0].append(&mut told.steps);
        told.plan();
        stages[1].append(&mut told.steps);
        for slot in &order.slots {
            told.work(slot)?;
        }
        told.trouble()?;
        stages[2].append(&mut told.steps);
    }
    stages[1].sort_by_key(|step| step.request.happened_at);
    Ok(stages)
}

/// What was told of one order.
struct Told<'a> {
    tenant: TenantId,
    calendar: &'a Calendar,
    order: &'a Order,
    number: String,
    id: JobId,
    steps: Vec<Step>,
}

impl<'a> Told<'a> {
    fn new(tenant: TenantId, calendar: &'a Calendar, order: &'a Order) -> Self {
        let number = (FIRST_NUMBER + order.place).to_string();
        Self { tenant, calendar, order, id: JobId::from_key(tenant, &number), number, steps: Vec::new() }
    }

    fn create(&mut self) -> Result<(), BadSample> {
        let (product, routing) = self.order.product;
        let operations: Result<Vec<OperationPlan>, BadSample> =
            routing.iter().enumerate().map(|(place, operation)| self.operation(place, *operation)).collect();
        let create = JobCommand::Create {
            number: JobNumber::try_new(&self.number)?,
            details: JobDetails {
                product: Some(ProductName::try_new(product)?),
                customer: Some(CustomerName::try_new(CUSTOMERS[self.order.place % CUSTOMERS.len()])?),
                quantity: Quantity::whole(self.order.pieces).ok(),
                unit: Unit::try_new("pcs")?,
                priority: if self.order.place % 7 == 2 { 80 } else { 50 },
                release: None,
                notes: None,
            },
            due: Some(self.calendar.hour_of(self.order.due)),
            operations: operations?,
        };
        self.ask("create", create, self.order.known);
        Ok(())
    }

    fn operation(
        &self,
        place: usize,
        (center, setup, seconds): (&'static str, u32, u32),
    ) -> Result<OperationPlan, BadSample> {
        let name = WORK_CENTERS.iter().find(|(code, ..)| *code == center).map_or(center, |(_, name, _)| name);
        let run = Quantity::whole(u64::from(seconds)).ok().map(|seconds| RunTime::PerUnit { seconds });
        Ok(OperationPlan {
            number: number(place),
            name: OperationName::try_new(name)?,
            work_center: WorkCenterId::from_key(self.tenant, center),
            setup_seconds: setup * 60,
            run,
            alternatives: Vec::new(),
            skill: Some(SkillNeed { skill: Skill::try_new(skill_of(center))?, level: LEAST_LEVEL }),
            tools: Vec::new(),
            min_lag_seconds: 0,
            max_lag_seconds: None,
            transfer_batch: None,
            outside_lead_seconds: None,
            instructions: None,
        })
    }

    fn plan(&mut self) {
        let placement = |slot: &Slot| Placement {
            job: self.id,
            operation: number(slot.place),
            machine: self.machine(slot),
            operator: None,
            start: self.calendar.at(slot.start),
            run_start: self.calendar.at(slot.run.clamp(slot.start, slot.end)),
            end: self.calendar.at(slot.end),
        };
        let placements: Vec<Placement> = self.order.slots.iter().map(placement).collect();
        if !placements.is_empty() {
            let command = Command::Plan(Box::new(PlanCommand::Move { placements, reason: None, pin: None }));
            self.steps.push(step(self.id.0, "schedule", command, self.calendar.at(self.order.planned)));
        }
    }

    /// What has come of an operation by now.
    fn work(&mut self, slot: &Slot) -> Result<(), BadSample> {
        let broke = self.order.trouble == Some(Trouble::MachineBroke) && slot.machine == Some(DOWN.0);
        if broke && slot.end > BROKE {
            self.under_way(slot, BROKE)
        } else if slot.end < NOW {
            self.done(slot)
        } else if slot.start < NOW {
            self.under_way(slot, TAKEN_OVER)
        } else {
            Ok(())
        }
    }

    fn done(&mut self, slot: &Slot) -> Result<(), BadSample> {
        self.report(slot, slot.end)?;
        let finish = JobCommand::FinishOperation {
            operation: number(slot.place),
            operator: Some(self.on_shift(slot, slot.end - 1)),
            quantities: Quantities::default(),
            scrap_reason: None,
        };
        self.ask(&format!("finish:{}", slot.place), finish, slot.end);
        Ok(())
    }

    /// Reports the work on an operation before `until`, shift by shift.
    fn report(&mut self, slot: &Slot, until: i64) -> Result<(), BadSample> {
        for (phase, from, to) in [(Phase::Setup, slot.start, slot.run), (Phase::Run, slot.run, slot.end)] {
            let mut start = from;
            while start < to.min(until) {
                let end = to.min(until).min(self.calendar.shift_end(start));
                let quantities = if phase == Phase::Run { self.made(slot, start, end) } else { Quantities::default() };
                let reason = SCRAP_REASONS[self.order.place % SCRAP_REASONS.len()];
                let figures = WorkFigures {
                    operator: self.on_shift(slot, start),
                    machine: self.machine(slot),
                    phase,
                    start: self.calendar.at(start),
                    end: self.calendar.at(end),
                    quantities,
                    scrap_reason: if quantities.scrap > Quantity::ZERO { Some(Reason::try_new(reason)?) } else { None },
                    rework: false,
                };
                self.report_one(slot, start, figures, end);
                start = end;
            }
        }
        Ok(())
    }

    fn report_one(&mut self, slot: &Slot, start: i64, figures: WorkFigures, end: i64) {
        let operation = number(slot.place);
        let intention = format!("report:{}:{:?}:{start}", operation.0, figures.phase);
        let report = ReportId(Uuid::new_v5(&self.id.0, intention.as_bytes()));
        self.ask(&intention, JobCommand::ReportWork { report, operation, figures, overlap_reason: None }, end);
    }

    /// What came off the machine in these minutes; at the end of a spoilt run some is lost, and some is worked again.
    fn made(&self, slot: &Slot, start: i64, end: i64) -> Quantities {
        let before = |minute: i64| pieces_at(self.order.pieces, minute - slot.run, slot.end - slot.run);
        let all = before(end) - before(start);
        let spoilt = self.order.place % 4 == 1 && slot.place == 1 && end == slot.end;
        let doubtful = self.order.place % 9 == 2 && slot.center == "QC" && end == slot.end;
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

    /// Former shifts have reported; whoever has the shift at this minute is at work.
    fn under_way(&mut self, slot: &Slot, minute: i64) -> Result<(), BadSample> {
        let began = slot.start.max(self.calendar.shift_begin(minute));
        self.report(slot, began)?;
        let (operation, operator) = (number(slot.place), self.on_shift(slot, began));
        self.ask("assign", JobCommand::AssignOperator(operation, operator), began);
        for (phase, from, to) in [(Phase::Setup, began, slot.run), (Phase::Run, began.max(slot.run), slot.end)] {
            if from < to && from <= minute {
                let start = JobCommand::StartOperation { operation, operator, machine: self.machine(slot), phase };
                self.ask(&format!("start:{phase:?}"), start, from);
            }
        }
        let counted = self.made(slot, began.max(slot.run), COUNTED.max(began));
        if minute > BROKE && slot.run < COUNTED && !counted.is_none() {
            let report = JobCommand::ReportQuantity { operation, operator, quantities: counted, scrap_reason: None };
            self.ask("count", report, COUNTED.max(began));
        }
        Ok(())
    }

    /// Who of those who can do it is at an operation in the shift of this minute.
    fn on_shift(&self, slot: &Slot, minute: i64) -> OperatorId {
        let skill = skill_of(slot.center);
        let able = |skills: &[(&str, u8)]| skills.iter().any(|(known, level)| *known == skill && *level >= LEAST_LEVEL);
        let able: Vec<&str> = OPERATORS.iter().filter(|(.., skills)| able(skills)).map(|(code, ..)| *code).collect();
        let turn = self.calendar.shift(minute) + slot.place;
        OperatorId::from_key(self.tenant, able.get(turn % able.len().max(1)).copied().unwrap_or(OPERATORS[0].0))
    }

    fn machine(&self, slot: &Slot) -> Option<MachineId> {
        slot.machine.map(|machine| MachineId::from_key(self.tenant, machine))
    }

    /// What does not go by plan.
    fn trouble(&mut self) -> Result<(), BadSample> {
        let (intention, command, minute) = match self.order.trouble {
            None => return Ok(()),
            Some(Trouble::MachineBroke) => {
                let cause = BlockCause::Machine(MachineId::from_key(self.tenant, DOWN.0));
                ("block", JobCommand::Block { reason: Reason::try_new(DOWN.1)?, cause }, BROKE)
            }
            Some(Trouble::NoMaterial) => {
                let cause = BlockCause::Material(Reason::try_new("steel bars 40 mm")?);
                ("block", JobCommand::Block { reason: Reason::try_new("bars have not arrived")?, cause }, NOW - 3)
            }
            Some(Trouble::Paused) => {
                let reason = Reason::try_new("the customer asks to wait for a new drawing")?;
                ("pause", JobCommand::Pause(reason), NOW - 2)
            }
            Some(Trouble::Withdrawn) => {
                ("cancel", JobCommand::Cancel(Reason::try_new("the customer withdrew the order")?), NOW - 40)
            }
        };
        self.ask(intention, command, minute);
        Ok(())
    }

    fn ask(&mut self, intention: &str, command: JobCommand, minute: i64) {
        let at = self.calendar.at(minute);
        self.steps.push(step(self.id.0, intention, Command::Job(self.id, command), at));
    }
}

/// How many of all pieces are made after so many minutes of a run.
fn pieces_at(all: u64, minutes: i64, run: i64) -> u64 {
    let (minutes, run) = (u64::try_from(minutes).unwrap_or(0), u64::try_from(run).unwrap_or(1).max(1));
    all * minutes.min(run) / run
}

fn skill_of(center: &str) -> &'static str {
    SKILLS.iter().find(|(code, _)| *code == center).map_or("packing", |(_, skill)| skill)
}
