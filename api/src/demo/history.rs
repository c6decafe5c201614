//! A month of work: jobs go through the shop one operation after the other, on the machine that is free first, by whoever
//! of those who can do it has the shift. What lies before now is reported, what is under way is started, what lies ahead is planned.

use std::collections::HashMap;

use domain::jobs::job::{BlockCause, CustomerName, JobCommand, JobDetails, JobNumber, ProductName, Unit};
use domain::jobs::operation::{
    OperationName, OperationNumber, OperationPlan, Phase, PlannedWindow, Quantities, RunTime, SkillNeed, WorkFigures,
};
use domain::kernel::{JobId, MachineId, OperatorId, Quantity, ReportId, TenantId, WorkCenterId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::workforce::operator::Skill;
use uuid::Uuid;

use super::calendar::{Calendar, DAY, SHIFT};
use super::shop::{CUSTOMERS, LOT_SIZES, MACHINES, OPERATORS, PRODUCTS, SCRAP_REASONS, SKILLS, WORK_CENTERS};
use super::{BadSample, DOWN, step};
use crate::import::plan::Step;

const JOBS: usize = 60;
/// Jobs that have not been planned yet.
const UNPLANNED: usize = 5;
const FIRST_NUMBER: usize = 4101;
/// How well somebody must be able to do what they do.
const LEAST_LEVEL: u8 = 2;

/// What is free from when, in minutes.
pub(super) struct History<'a> {
    tenant: TenantId,
    calendar: &'a Calendar,
    machines: HashMap<&'static str, i64>,
}

/// One job on its way.
struct Order {
    place: usize,
    id: JobId,
    pieces: u64,
    routing: &'static [(&'static str, u32, u32)],
    steps: Vec<Step>,
    windows: Vec<PlannedWindow>,
}

/// One operation on its way: its place, where, and when.
struct Slot {
    operation: OperationNumber,
    center: &'static str,
    machine: Option<MachineId>,
    start: i64,
    run: i64,
    end: i64,
}

impl<'a> History<'a> {
    /// Of a shop where everybody is free.
    pub(super) fn new(tenant: TenantId, calendar: &'a Calendar) -> Self {
        Self { tenant, calendar, machines: HashMap::new() }
    }

    /// All jobs.
    pub(super) fn steps(mut self) -> Result<Vec<Step>, BadSample> {
        let mut steps = Vec::new();
        for place in 0..JOBS {
            steps.extend(self.job(place)?);
        }
        Ok(steps)
    }

    fn job(&mut self, place: usize) -> Result<Vec<Step>, BadSample> {
        let (product, routing) = PRODUCTS[place * 5 % PRODUCTS.len()];
        let number = format!("{}", FIRST_NUMBER + place);
        let mut order = Order {
            place,
            id: JobId::from_key(self.tenant, &number),
            pieces: LOT_SIZES[place % LOT_SIZES.len()],
            routing,
            steps: Vec::new(),
            windows: Vec::new(),
        };
        let released =
            self.calendar.now() * i64::try_from(place).unwrap_or(0) * 105 / (100 * i64::try_from(JOBS).unwrap_or(1));
        let slots: Vec<Slot> = if place + UNPLANNED < JOBS { self.slots(&order, released) } else { Vec::new() };
        let planned_end = slots.last().map_or(released + 4 * DAY, |slot| slot.end);
        // Two of five promises were too bold.
        let slack = match place % 5 {
            1 => -2 * DAY,
            3 => -5 * DAY,
            _ => 2 * DAY,
        };
        let due = planned_end + slack;
        self.create(&mut order, (product, number.as_str()), (released, due))?;
        for slot in &slots {
            self.work(&mut order, slot)?;
        }
        self.plan(&mut order, released);
        self.trouble(&mut order, &slots)?;
        Ok(order.steps)
    }

    /// Puts each operation on the machine that is free first.
    fn slots(&mut self, order: &Order, released: i64) -> Vec<Slot> {
        let mut ready = released;
        let mut slots = Vec::new();
        for (place, (center, setup, seconds)) in order.routing.iter().enumerate() {
            let machines = MACHINES.iter().filter(|(code, _, at, ..)| at == center && *code != DOWN.0);
            let machine = machines.map(|(code, ..)| *code).min_by_key(|code| self.machines.get(code).copied());
            let free = machine.and_then(|machine| self.machines.get(machine)).copied().unwrap_or(0);
            let start = ready.max(free);
            let run = start + i64::from(*setup);
            let end = run + i64::from(*seconds) * i64::try_from(order.pieces).unwrap_or(0) / 60 + 1;
            machine.map(|machine| self.machines.insert(machine, end));
            slots.push(Slot {
                operation: operation_number(place),
                center,
                machine: machine.map(|machine| MachineId::from_key(self.tenant, machine)),
                start,
                run,
                end,
            });
            ready = end;
        }
        slots
    }

    fn create(
        &self,
        order: &mut Order,
        (product, number): (&str, &str),
        (released, due): (i64, i64),
    ) -> Result<(), BadSample> {
        let plans: Result<Vec<OperationPlan>, BadSample> =
            order.routing.iter().enumerate().map(|(place, operation)| self.operation(place, *operation)).collect();
        let create = JobCommand::Create {
            number: JobNumber::try_new(number)?,
            details: JobDetails {
                product: Some(ProductName::try_new(product)?),
                customer: Some(CustomerName::try_new(CUSTOMERS[order.place % CUSTOMERS.len()])?),
                quantity: Quantity::whole(order.pieces).ok(),
                unit: Unit::try_new("pcs")?,
                priority: if order.place % 7 == 2 { 80 } else { 50 },
                release: None,
                notes: None,
            },
            due: Some(self.calendar.at(due)),
            operations: plans?,
        };
        // Orders come in a day before work on them may begin, but not in the future.
        let known = self.calendar.at((released - DAY).clamp(0, self.calendar.now() - 1));
        order.steps.push(step(order.id.0, "create", Command::Job(order.id, create), known));
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
            number: operation_number(place),
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

    /// What has come of an operation by now.
    fn work(&self, order: &mut Order, slot: &Slot) -> Result<(), BadSample> {
        let now = self.calendar.now();
        if slot.end <= now {
            self.done(order, slot)
        } else if slot.start < now - 1 {
            self.under_way(order, slot)
        } else {
            let (start, end) = (self.calendar.at(slot.start), self.calendar.at(slot.end));
            order.windows.push(PlannedWindow { operation: slot.operation, machine: slot.machine, start, end });
            Ok(())
        }
    }

    fn done(&self, order: &mut Order, slot: &Slot) -> Result<(), BadSample> {
        self.report(order, slot, slot.end)?;
        let finish = JobCommand::FinishOperation {
            operation: slot.operation,
            operator: Some(self.on_shift(slot, slot.end - 1)),
            quantities: Quantities::default(),
            scrap_reason: None,
        };
        order.ask(&format!("finish:{}", slot.operation.0), finish, self.calendar.at(slot.end));
        Ok(())
    }

    /// Reports the work on an operation before `until`, shift by shift.
    fn report(&self, order: &mut Order, slot: &Slot, until: i64) -> Result<(), BadSample> {
        let spoilt = order.place % 4 == 1 && slot.operation.0 == 20;
        for (phase, from, to) in [(Phase::Setup, slot.start, slot.run), (Phase::Run, slot.run, slot.end)] {
            let mut start = from;
            while start < to.min(until) {
                let end = to.min(until).min((start / SHIFT + 1) * SHIFT);
                let before = |minute: i64| pieces_at(order.pieces, minute - slot.run, slot.end - slot.run);
                let made = if phase == Phase::Run { before(end) - before(start) } else { 0 };
                let scrap = if spoilt && end == slot.end { made / 25 } else { 0 };
                let quantities = Quantities {
                    good: Quantity::whole(made - scrap).unwrap_or_default(),
                    scrap: Quantity::whole(scrap).unwrap_or_default(),
                    ..Quantities::default()
                };
                let reason = SCRAP_REASONS[order.place % SCRAP_REASONS.len()];
                let figures = WorkFigures {
                    operator: self.on_shift(slot, start),
                    machine: slot.machine,
                    phase,
                    start: self.calendar.at(start),
                    end: self.calendar.at(end),
                    quantities,
                    scrap_reason: if scrap > 0 { Some(Reason::try_new(reason)?) } else { None },
                    rework: false,
                };
                order.report(slot.operation, start, figures);
                start = end;
            }
        }
        Ok(())
    }

    /// Former shifts have reported; whoever has the shift is at work.
    fn under_way(&self, order: &mut Order, slot: &Slot) -> Result<(), BadSample> {
        let now = self.calendar.now();
        let began = slot.start.max((now - 1) / SHIFT * SHIFT);
        self.report(order, slot, began)?;
        let (operation, operator) = (slot.operation, self.on_shift(slot, now - 1));
        order.ask("assign", JobCommand::AssignOperator(operation, operator), self.calendar.at(began));
        let phases = [(Phase::Setup, began, slot.run), (Phase::Run, began.max(slot.run), slot.end)];
        for (phase, from, to) in phases {
            if from < to && from < now - 1 {
                let start = JobCommand::StartOperation { operation, operator, machine: slot.machine, phase };
                order.ask(&format!("start:{phase:?}"), start, self.calendar.at(from));
            }
        }
        Ok(())
    }

    /// Who of those who can do it is at an operation in the shift of this minute.
    fn on_shift(&self, slot: &Slot, minute: i64) -> OperatorId {
        let skill = skill_of(slot.center);
        let able = |skills: &[(&str, u8)]| skills.iter().any(|(known, level)| *known == skill && *level >= LEAST_LEVEL);
        let able: Vec<&str> = OPERATORS.iter().filter(|(.., skills)| able(skills)).map(|(code, ..)| *code).collect();
        let turn = usize::try_from(minute / SHIFT).unwrap_or(0) + usize::from(slot.operation.0);
        OperatorId::from_key(self.tenant, able.get(turn % able.len().max(1)).copied().unwrap_or(OPERATORS[0].0))
    }

    fn plan(&self, order: &mut Order, released: i64) {
        if order.windows.len() == order.routing.len() {
            let windows = std::mem::take(&mut order.windows);
            let at = released.min(self.calendar.now() - 1);
            order.ask("schedule", JobCommand::Schedule(windows), self.calendar.at(at));
        }
    }

    /// What does not go by plan.
    fn trouble(&self, order: &mut Order, slots: &[Slot]) -> Result<(), BadSample> {
        let now = self.calendar.now();
        let open = slots.last().is_none_or(|slot| slot.end > now);
        let began = slots.first().is_some_and(|slot| slot.start < now - 1);
        let at = self.calendar.at(now - 1);
        let down = MachineId::from_key(self.tenant, DOWN.0);
        let (intention, command) = match order.place % 8 {
            1 if open && began => {
                ("pause", JobCommand::Pause(Reason::try_new("the customer asks to wait for a new drawing")?))
            }
            4 if open && began => {
                let reason = Reason::try_new(DOWN.1)?;
                ("block", JobCommand::Block { reason, cause: BlockCause::Machine(down) })
            }
            6 if open && began => {
                let bars = Reason::try_new("steel bars 40 mm")?;
                let reason = Reason::try_new("bars have not arrived")?;
                ("block", JobCommand::Block { reason, cause: BlockCause::Material(bars) })
            }
            5 if open && !began => ("cancel", JobCommand::Cancel(Reason::try_new("the customer withdrew the order")?)),
            _ => return Ok(()),
        };
        order.ask(intention, command, at);
        Ok(())
    }
}

impl Order {
    fn report(&mut self, operation: OperationNumber, start: i64, figures: WorkFigures) {
        let intention = format!("report:{}:{:?}:{start}", operation.0, figures.phase);
        let report = ReportId(Uuid::new_v5(&self.id.0, intention.as_bytes()));
        let end = figures.end;
        self.ask(&intention, JobCommand::ReportWork { report, operation, figures, overlap_reason: None }, end);
    }

    fn ask(&mut self, intention: &str, command: JobCommand, at: domain::kernel::Timestamp) {
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

fn operation_number(place: usize) -> OperationNumber {
    crate::import::survey::number(place)
}
