//! The door to a running server: the same commands as GraphQL mutations, several in one document.

use std::fmt::Write as _;

use domain::jobs::job::{JobCommand, JobNumber};
use domain::jobs::operation::{OperationPlan, Phase, WorkFigures};
use domain::kernel::TenantId;
use domain::machines::work_center::WorkCenterCommand;
use domain::ports::Future;
use domain::run::{Command, Request};
use domain::tenancy::company::CompanyCommand;
use domain::workforce::operator::OperatorCommand;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::executor::{Door, DoorError, Outcome};
use crate::client::Client;

/// The server takes twenty fields in the root of a document.
const BATCH: usize = 20;

/// Commands that a server runs.
pub struct ByServer {
    client: Client,
}

impl ByServer {
    /// A server whose token is for this workspace.
    pub async fn open(client: Client, tenant: TenantId) -> Result<Self, DoorError> {
        client.check_tenant(tenant).await?;
        Ok(Self { client })
    }
}

impl Door for ByServer {
    fn run<'a>(&'a self, requests: &'a [Request]) -> Future<'a, Result<Vec<Outcome>, DoorError>> {
        Box::pin(async move {
            if requests.is_empty() {
                return Ok(Vec::new());
            }
            let (document, variables) = document(requests)?;
            let answer = self.client.execute(&document, variables).await?;
            (0..requests.len()).map(|place| outcome(&answer[format!("m{place}")])).collect()
        })
    }

    fn batch(&self) -> usize {
        BATCH
    }
}

fn document(requests: &[Request]) -> Result<(String, Value), DoorError> {
    let (mut declared, mut fields, mut variables) = (String::new(), String::new(), Map::new());
    for (place, request) in requests.iter().enumerate() {
        let (mutation, mut input) = mutation(&request.command).ok_or_else(|| DoorError::Failed {
            code: "INTERNAL".to_owned(),
            message: "an import has no use for this command".to_owned(),
        })?;
        input["commandId"] = json!(request.command_id);
        input["happenedAt"] = json!(request.happened_at);
        let kind = capitalised(mutation);
        // Writing to a String can't fail.
        let _ = write!(declared, "$i{place}:{kind}Input!");
        let _ = write!(fields, "m{place}:{mutation}(input:$i{place}){{appended userErrors{{code message}}}} ");
        variables.insert(format!("i{place}"), input);
    }
    Ok((format!("mutation({declared}){{{fields}}}"), Value::Object(variables)))
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn outcome(payload: &Value) -> Result<Outcome, DoorError> {
    if let Some(refused) = payload.pointer("/userErrors/0") {
        let text = |key: &str| refused[key].as_str().unwrap_or_default().to_owned();
        return Ok(Outcome::Refused { code: text("code"), message: text("message") });
    }
    let appended = payload["appended"].as_u64();
    appended.map(Outcome::Done).ok_or_else(|| DoorError::Failed {
        code: "INTERNAL".to_owned(),
        message: "the server does not say what became of a command".to_owned(),
    })
}

/// The mutation and its input; `None` for commands that no import runs.
fn mutation(command: &Command) -> Option<(&'static str, Value)> {
    Some(match command {
        Command::Company(CompanyCommand::Open { name, zone }) => ("openCompany", json!({ "name": name, "zone": zone })),
        Command::WorkCenter(_, WorkCenterCommand::Create { code, name, area }) => {
            ("createWorkCenter", json!({ "code": code, "name": name, "area": area }))
        }
        Command::Operator(_, OperatorCommand::Register { code, .. }) => ("registerOperator", json!({ "code": code })),
        Command::Job(id, command) => return job_mutation(id.0, command),
        _ => return None,
    })
}

fn job_mutation(job: Uuid, command: &JobCommand) -> Option<(&'static str, Value)> {
    Some(match command {
        JobCommand::Create { number, operations, .. } => ("createJob", create(number, operations)),
        JobCommand::AddOperation(plan) => ("addOperation", json!({ "jobId": job, "operation": operation(plan) })),
        JobCommand::ReportWork { report, operation, figures, overlap_reason } => {
            let mut input = work(figures);
            input["jobId"] = json!(job);
            input["operation"] = json!(operation);
            input["reportId"] = json!(report);
            input["overlapReason"] = json!(overlap_reason);
            ("reportWork", input)
        }
        JobCommand::FinishOperation { operation, operator, .. } => {
            ("finishOperation", json!({ "jobId": job, "operation": operation, "operatorId": operator }))
        }
        _ => return None,
    })
}

fn create(number: &JobNumber, operations: &[OperationPlan]) -> Value {
    json!({ "number": number, "operations": operations.iter().map(operation).collect::<Vec<_>>() })
}

fn operation(plan: &OperationPlan) -> Value {
    json!({ "number": plan.number, "name": plan.name, "workCenterId": plan.work_center })
}

fn work(figures: &WorkFigures) -> Value {
    let phase = match figures.phase {
        Phase::Setup => "SETUP",
        Phase::Run => "RUN",
        Phase::Break => "BREAK",
    };
    json!({
        "operatorId": figures.operator,
        "phase": phase,
        "start": figures.start,
        "end": figures.end,
        "good": figures.quantities.good,
        "scrap": figures.quantities.scrap,
        "rework": figures.quantities.rework,
        "held": figures.quantities.held,
        "isRework": figures.rework,
    })
}
