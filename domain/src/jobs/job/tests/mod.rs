//! What jobs do, in sentences, and what they never do, as properties.

mod andon;
mod floor;
mod life;
mod planning;
mod properties;
mod reports;

use uuid::Uuid;

use super::*;
use crate::jobs::operation::{OperationName, OperationNumber, OperationPlan, Phase, WorkFigures, WorkReport};
use crate::kernel::scenario::{Scenario, minute};
use crate::kernel::{Interval, ReportId, WorkCenterId};
use crate::machines::machine::{MachineFacts, MachineStatus};
use crate::tenancy::company::OverlapPolicy;
use crate::workforce::operator::OperatorFacts;

const HALL: WorkCenterId = WorkCenterId(Uuid::from_u128(0x11));
const LATHE: MachineId = MachineId(Uuid::from_u128(0x21));
const ANNA: OperatorId = OperatorId(Uuid::from_u128(0x31));
const BEN: OperatorId = OperatorId(Uuid::from_u128(0x32));
const TURNING: OperationNumber = OperationNumber(10);
const MILLING: OperationNumber = OperationNumber(20);

fn reason(text: &str) -> Reason {
    Reason::try_new(text).unwrap()
}

fn details() -> JobDetails {
    JobDetails {
        product: None,
        customer: None,
        quantity: None,
        unit: Unit::try_new("pcs").unwrap(),
        priority: 50,
        release: None,
        notes: None,
    }
}

fn plan(number: OperationNumber) -> OperationPlan {
    OperationPlan {
        number,
        name: OperationName::try_new("work").unwrap(),
        work_center: HALL,
        setup_seconds: 0,
        run: None,
        alternatives: vec![],
        skill: None,
        setup_family: None,
        tools: vec![],
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    }
}

fn create_with(operations: Vec<OperationPlan>) -> JobCommand {
    JobCommand::Create { number: JobNumber::try_new("J1").unwrap(), details: details(), due: None, operations }
}

fn good(pieces: u64) -> Quantities {
    Quantities { good: Quantity::whole(pieces).unwrap(), ..Quantities::NONE }
}

fn start(operation: OperationNumber, operator: OperatorId) -> JobCommand {
    JobCommand::StartOperation { operation, operator, machine: Some(LATHE), phase: Phase::Run }
}

fn set_up(operation: OperationNumber, operator: OperatorId) -> JobCommand {
    JobCommand::StartOperation { operation, operator, machine: Some(LATHE), phase: Phase::Setup }
}

fn pause(operation: OperationNumber, operator: Option<OperatorId>) -> JobCommand {
    JobCommand::PauseOperation { operation, operator, reason: reason("lunch") }
}

fn report(operation: OperationNumber, operator: OperatorId, quantities: Quantities) -> JobCommand {
    JobCommand::ReportQuantity { operation, operator, quantities, scrap_reason: None }
}

fn finish(operation: OperationNumber) -> JobCommand {
    JobCommand::FinishOperation { operation, operator: None, quantities: Quantities::NONE, scrap_reason: None }
}

fn finish_with(operation: OperationNumber, operator: OperatorId, quantities: Quantities) -> JobCommand {
    JobCommand::FinishOperation { operation, operator: Some(operator), quantities, scrap_reason: None }
}

fn worked(operator: OperatorId, from: i64, until: i64) -> WorkFigures {
    WorkFigures {
        operator,
        machine: None,
        phase: Phase::Run,
        start: minute(from),
        end: minute(until),
        quantities: Quantities::NONE,
        scrap_reason: None,
        rework: false,
    }
}

fn report_id(number: u128) -> ReportId {
    ReportId(Uuid::from_u128(0x4000 + number))
}

fn report_work(number: u128, operation: OperationNumber, figures: WorkFigures) -> JobCommand {
    JobCommand::ReportWork { report: report_id(number), operation, figures, overlap_reason: None }
}

fn correct(number: u128, figures: WorkFigures) -> JobCommand {
    JobCommand::CorrectReport { report: report_id(number), figures, reason: reason("miscounted") }
}

fn block() -> JobCommand {
    JobCommand::Block { reason: reason("no bars"), cause: BlockCause::Material(reason("bar 20 mm")) }
}

/// Everybody and every machine that a command names is there and ready.
fn nothing_yet() -> Scenario<Job> {
    Scenario::new().knowing(|facts| {
        facts.operator = Some(OperatorFacts { id: ANNA, active: true, user: None, skills: vec![], absences: vec![] });
        facts.machine = Some(MachineFacts { id: LATHE, work_center: HALL, status: MachineStatus::Available });
    })
}

/// A job with turning and milling.
fn created() -> Scenario<Job> {
    nothing_yet().given(&create_with(vec![plan(TURNING), plan(MILLING)]))
}

fn order(scenario: &Scenario<Job>) -> &Order {
    match &scenario.state {
        JobState::Known(order) => order,
        JobState::Unknown => panic!("there is no job"),
    }
}

fn status(scenario: &Scenario<Job>) -> JobStatus {
    order(scenario).status
}

/// Operator, start and end of the reports among these events.
fn reported(events: &[JobEvent]) -> Vec<(OperatorId, Timestamp, Timestamp)> {
    let reports = events.iter().filter_map(|event| match event {
        JobEvent::WorkReported(WorkReport { figures, .. }) => Some(figures),
        _ => None,
    });
    reports.map(|figures| (figures.operator, figures.start, figures.end)).collect()
}

/// The stored name of each event, without `job.`.
fn names(events: &[JobEvent]) -> Vec<String> {
    let name = |event: &JobEvent| {
        let json = serde_json::to_value(event).unwrap();
        json.as_object().unwrap().keys().next().unwrap().trim_start_matches("job.").to_owned()
    };
    events.iter().map(name).collect()
}
