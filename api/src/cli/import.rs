//! `kilter import eventlog`.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use domain::kernel::{Role, TenantId};
use domain::tenancy::company::CompanyName;
use jiff::tz::TimeZone;

use super::args::{ColumnOptions, ImportEventlog};
use super::failure::Failure;
use super::output::{self, Bar};
use super::target;
use crate::import::by_server::ByServer;
use crate::import::executor::Door;
use crate::import::in_process::InProcess;
use crate::import::{EventLog, Field, ImportError, Mapping, Report};
use crate::wiring::WriteSide;

/// Who is said to have imported, without a token that says so.
const IMPORTER: &str = "kilter import";

/// Imports a log and tells what became of it.
pub async fn run(asked: ImportEventlog) -> Result<(), Failure> {
    let log = EventLog {
        mapping: mapping(&asked)?,
        zone: TimeZone::get(&asked.zone).map_err(|_| ImportError::Zone(asked.zone.clone()))?,
        tenant: TenantId::from_name(&asked.tenant),
        company: CompanyName::try_new(&asked.tenant).map_err(|error| Failure::Usage(error.to_string()))?,
        file: asked.file,
    };
    if log.file.is_dir() {
        let file = log.file.display().to_string();
        return Err(ImportError::Unreadable { file, reason: "it is a folder".to_owned() }.into());
    }
    let report = match target::of(&asked.target)? {
        target::Target::Folder(stores) => {
            let side = WriteSide::open(&stores).await?;
            let (caller, made) = side.member(&asked.tenant, IMPORTER, Role::Admin).await?;
            if made {
                output::note(&format!("new workspace {}", asked.tenant));
            }
            let log = EventLog { tenant: caller.tenant, ..log };
            import(log, Arc::new(InProcess::new(Arc::clone(&side.commands), caller))).await?
        }
        target::Target::Server(client) => {
            let door = ByServer::open(client, log.tenant).await?;
            import(log, Arc::new(door)).await?
        }
    };
    if let Some(path) = &asked.report {
        write_report(path, &report)?;
    }
    tell(&report)
}

async fn import(log: EventLog, door: Arc<dyn Door>) -> Result<Report, Failure> {
    let bar = Arc::new(Bar::default());
    let outcome = log.import(door, Arc::clone(&bar) as Arc<_>).await;
    bar.clear();
    Ok(outcome?)
}

fn mapping(asked: &ImportEventlog) -> Result<Mapping, Failure> {
    let mut mapping = asked.map.as_deref().map_or_else(|| Ok(Mapping::default()), Mapping::read)?;
    for field in Field::ALL {
        if let Some(column) = named(&asked.columns, field) {
            *mapping.columns.slot(field) = Some(column.clone());
        }
    }
    mapping.delimiter = asked.delimiter.or(mapping.delimiter);
    mapping.time_format = asked.time_format.clone().or(mapping.time_format);
    Ok(mapping)
}

const fn named(columns: &ColumnOptions, field: Field) -> Option<&String> {
    match field {
        Field::Case => columns.case_column.as_ref(),
        Field::Activity => columns.activity_column.as_ref(),
        Field::Resource => columns.resource_column.as_ref(),
        Field::Start => columns.start_column.as_ref(),
        Field::Complete => columns.complete_column.as_ref(),
        Field::Completed => columns.completed_column.as_ref(),
        Field::Rejected => columns.rejected_column.as_ref(),
        Field::Held => columns.held_column.as_ref(),
        Field::ReportType => columns.report_type_column.as_ref(),
        Field::Rework => columns.rework_column.as_ref(),
    }
}

fn write_report(path: &Path, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(report).map_err(|error| Failure::Fault(error.to_string()))?;
    let written = fs::File::create(path).and_then(|mut file| file.write_all(&json));
    written.map_err(|error| Failure::Output(format!("{}: {error}", path.display())))
}

fn tell(report: &Report) -> Result<(), Failure> {
    const SHOWN: usize = 20;
    for refused in report.refused.iter().take(SHOWN) {
        let column = refused.column.as_ref().map_or_else(String::new, |column| format!(", {column}"));
        output::note(&format!("row {}{column}: {}", refused.row, refused.reason));
    }
    if report.refused_rows > SHOWN as u64 {
        output::note(&format!("… and {} more refused rows: see --report", report.refused_rows - SHOWN as u64));
    }
    for problem in &report.problems {
        output::note(problem);
    }
    output::line(&format!(
        "{} rows, {} refused; {} commands appended {} events in {} ms",
        report.rows, report.refused_rows, report.commands, report.events_appended, report.elapsed_ms
    ))
}
