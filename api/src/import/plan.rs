//! From entries to commands. Every identity is made from the log itself, so that the same log gives the same commands.

use std::collections::HashMap;

use domain::jobs::job::{JobCommand, JobDetails, JobNumber, Unit};
use domain::jobs::operation::{OperationPlan, Quantities, WorkFigures};
use domain::kernel::{CommandId, JobId, OperatorId, ReportId, TenantId, Timestamp, WorkCenterId};
use domain::machines::work_center::{Reason, WorkCenterCommand, WorkCenterName};
use domain::run::{Command, Request};
use domain::tenancy::company::{CompanyCommand, CompanyName, ZoneName};
use domain::workforce::operator::OperatorCommand;
use uuid::Uuid;

use super::entry::Entry;
use super::report::Refused;
use super::survey::{Case, CaseOperation, Survey, number};

/// Kept with every report that overlaps another one of its operator: the log is history, it is not argued with.
const OVERLAP_REASON: &str = "as reported in the imported log";
const UNIT: &str = "pcs";
const DEFAULT_PRIORITY: u8 = 50;

/// One command of an import or of the sample company.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is asked.
    pub request: Request,
    /// The row that asks it, where a single one does.
    pub row: Option<u64>,
    /// What remains to be asked when this was already done in an earlier import; refusals of these mean nothing.
    pub when_already_done: Vec<Step>,
}

impl Step {
    /// A command that happened at this time, under an identity of its own.
    pub fn new(command: Command, command_id: CommandId, happened_at: Timestamp) -> Self {
        let request = Request { command_id: Some(command_id), happened_at: Some(happened_at), ..command.into() };
        Self { request, row: None, when_already_done: Vec::new() }
    }

    /// A command of a log: its identity is made of all that it says, so that it is the same in every import, and that of no other.
    pub fn of_log(tenant: TenantId, command: Command, happened_at: Timestamp) -> Self {
        let request = Request { happened_at: Some(happened_at), ..command.into() };
        let said = serde_json::to_string(&(&request.command, happened_at));
        let command_id = said.ok().map(|said| CommandId(Uuid::new_v5(&tenant.0, format!("import:{said}").as_bytes())));
        Self { request: Request { command_id, ..request }, row: None, when_already_done: Vec::new() }
    }

    /// The stream that it is asked of: commands of one stream keep their order.
    pub const fn lane(&self) -> Uuid {
        self.request.command.stream(TenantId(Uuid::nil())).id
    }
}

/// The company, its work centers and operators, as far as the log knows them.
pub fn masters(tenant: TenantId, survey: &Survey, company: CompanyName, zone: ZoneName) -> Vec<Step> {
    let begins = survey.begins.unwrap_or_default();
    let open = Command::Company(CompanyCommand::Open { name: company, zone });
    let mut steps = vec![Step::of_log(tenant, open, begins)];
    for (code, activity, begins) in &survey.centers {
        let Ok(name) = WorkCenterName::try_new(activity.as_str()) else { continue };
        let id = WorkCenterId::from_key(tenant, code.as_str());
        let create = WorkCenterCommand::Create { code: code.clone(), name, area: None };
        steps.push(Step::of_log(tenant, Command::WorkCenter(id, create), *begins));
    }
    for (code, begins) in &survey.operators {
        let id = OperatorId::from_key(tenant, code.as_str());
        let register = OperatorCommand::Register { code: code.clone(), name: None, user: None };
        steps.push(Step::of_log(tenant, Command::Operator(id, register), *begins));
    }
    steps
}

/// Turns the entries of the second reading into commands.
pub struct Planner {
    tenant: TenantId,
    survey: Survey,
    unit: Unit,
    overlap_reason: Reason,
    under_way: HashMap<JobNumber, UnderWay>,
    reports: HashMap<Uuid, u32>,
}

/// How far a case has come in the second reading.
struct UnderWay {
    entries_left: Vec<u32>,
    to_finish: std::vec::IntoIter<usize>,
}

impl Planner {
    /// For the log that was surveyed.
    pub fn new(tenant: TenantId, survey: Survey) -> Result<Self, domain::kernel::text::BadText> {
        Ok(Self {
            tenant,
            survey,
            unit: Unit::try_new(UNIT)?,
            overlap_reason: Reason::try_new(OVERLAP_REASON)?,
            under_way: HashMap::new(),
            reports: HashMap::new(),
        })
    }

    /// The commands that an entry asks for: its job if it is the first of it, its report, and what it finishes.
    pub fn steps(&mut self, entry: &Entry) -> Result<Vec<Step>, Refused> {
        let changed =
            || Refused { row: entry.row, column: None, reason: "the file was changed while it was read".to_owned() };
        let case = self.survey.cases.get(&entry.case).cloned().ok_or_else(changed)?;
        let place = case.place(&entry.center).ok_or_else(changed)?;
        let mut steps = Vec::with_capacity(2);
        if !self.under_way.contains_key(&entry.case) {
            steps.push(self.create(&entry.case, &case));
            let under_way = UnderWay {
                entries_left: case.operations.iter().map(|operation| operation.entries).collect(),
                to_finish: case.finishing_order().into_iter(),
            };
            self.under_way.insert(entry.case.clone(), under_way);
        }
        steps.push(self.report(entry, place));
        steps.extend(self.finishes(entry, &case, place));
        Ok(steps)
    }

    fn create(&self, job_number: &JobNumber, case: &Case) -> Step {
        let job = JobId::from_key(self.tenant, job_number.as_str());
        let plans: Vec<OperationPlan> =
            case.operations.iter().enumerate().map(|(place, operation)| self.operation(place, operation)).collect();
        let missing = plans.iter().map(|plan| {
            Step::of_log(self.tenant, Command::Job(job, JobCommand::AddOperation(plan.clone())), case.begins)
        });
        let when_already_done = missing.collect();
        let create = JobCommand::Create {
            number: job_number.clone(),
            details: JobDetails {
                product: None,
                customer: None,
                quantity: None,
                unit: self.unit.clone(),
                priority: DEFAULT_PRIORITY,
                release: None,
                notes: None,
            },
            due: None,
            operations: plans,
        };
        let step = Step::of_log(self.tenant, Command::Job(job, create), case.begins);
        Step { when_already_done, ..step }
    }

    fn operation(&self, place: usize, operation: &CaseOperation) -> OperationPlan {
        OperationPlan {
            number: number(place),
            name: operation.activity.clone(),
            work_center: WorkCenterId::from_key(self.tenant, operation.center.as_str()),
            setup_seconds: 0,
            run: None,
            alternatives: Vec::new(),
            skill: None,
            setup_family: None,
            tools: Vec::new(),
            min_lag_seconds: 0,
            max_lag_seconds: None,
            transfer_batch: None,
            outside_lead_seconds: None,
            instructions: None,
        }
    }

    fn report(&mut self, entry: &Entry, place: usize) -> Step {
        let job = JobId::from_key(self.tenant, entry.case.as_str());
        let report = self.report_id(job, entry, place);
        let command = JobCommand::ReportWork {
            report,
            operation: number(place),
            figures: WorkFigures {
                operator: OperatorId::from_key(self.tenant, entry.resource.as_str()),
                machine: None,
                phase: entry.phase,
                start: entry.start,
                end: entry.end,
                quantities: entry.quantities,
                scrap_reason: None,
                rework: entry.rework,
            },
            overlap_reason: Some(self.overlap_reason.clone()),
        };
        let step = Step::of_log(self.tenant, Command::Job(job, command), entry.end);
        Step { row: Some(entry.row), ..step }
    }

    /// The same report has the same identity in every import; among equals their order in the file tells them apart.
    fn report_id(&mut self, job: JobId, entry: &Entry, place: usize) -> ReportId {
        let key = format!(
            "report:{}:{}:{}:{}:{:?}",
            number(place).0,
            entry.resource,
            entry.start.as_micros(),
            entry.end.as_micros(),
            entry.phase
        );
        let base = Uuid::new_v5(&job.0, key.as_bytes());
        let count = self.reports.entry(base).or_insert(0);
        let report = Uuid::new_v5(&base, &count.to_be_bytes());
        *count += 1;
        ReportId(report)
    }

    /// Operations are finished in the order in which they end, each as soon as all of it has been reported.
    fn finishes(&mut self, entry: &Entry, case: &Case, place: usize) -> Vec<Step> {
        let Some(under_way) = self.under_way.get_mut(&entry.case) else { return Vec::new() };
        if let Some(left) = under_way.entries_left.get_mut(place) {
            *left = left.saturating_sub(1);
        }
        let mut due = Vec::new();
        while let Some(next) = under_way.to_finish.as_slice().first().copied() {
            if under_way.entries_left.get(next).is_some_and(|left| *left > 0) {
                break;
            }
            due.push(next);
            under_way.to_finish.next();
        }
        let job = JobId::from_key(self.tenant, entry.case.as_str());
        due.into_iter().filter_map(|place| Some(self.finish(job, place, case.operations.get(place)?))).collect()
    }

    fn finish(&self, job: JobId, place: usize, operation: &CaseOperation) -> Step {
        let finish = JobCommand::FinishOperation {
            operation: number(place),
            operator: Some(OperatorId::from_key(self.tenant, operation.last_operator.as_str())),
            quantities: Quantities::default(),
            scrap_reason: None,
        };
        Step::of_log(self.tenant, Command::Job(job, finish), operation.ends)
    }
}
