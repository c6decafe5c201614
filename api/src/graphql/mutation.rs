//! What all mutations share: the fields of every input, references by identity or by natural key, and the outcome.

use async_graphql::{Context, Error, ID, InputObject, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::text::BadText;
use domain::kernel::{CalendarId, CommandId, JobId, MachineId, OperatorId, StreamId, TenantId, ToolId, WorkCenterId};
use domain::ports::Direction;
use domain::run::{Command, Done, Request, RunError};
use infra::telemetry::Metrics;
use uuid::Uuid;

use super::activity::{ActivityEntry, dress};
use super::errors::{self, UserError};
use super::scalars::{DateTime, Position, Revision, UuidText};
use super::{GraphqlDeps, deps};
use crate::auth::caller;
use crate::http::request::RequestContext;
use crate::identity::Refused;

/// How many later events a refused stale edit is told.
const CHANGES_TOLD: usize = 50;

/// The fields that every input has.
#[derive(Debug, Clone, Default, InputObject)]
pub struct CommandFields {
    /// Your name for this intention. The same again changes nothing and gives the first answer, so it is safe to retry; another
    /// intention under it is refused.
    command_id: Option<UuidText>,
    /// Refuse with `CONFLICT` when the thing has moved on from this revision.
    expected_revision: Option<Revision>,
    /// When it happened on the floor; now when absent.
    happened_at: Option<DateTime>,
}

impl CommandFields {
    /// The client's name for the intention.
    pub fn command_id(&self) -> Option<Uuid> {
        self.command_id.map(|id| id.0)
    }

    /// Of an intention with this name, or none.
    pub fn named(command_id: Option<UuidText>) -> Self {
        Self { command_id, ..Self::default() }
    }
}

/// An input that asks for one command.
pub trait CommandInput {
    /// The command, and the fields that every input has.
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError>;
}

/// What became of a command: the common part of every payload.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct Outcome {
    #[graphql(skip)]
    stream: Option<Uuid>,
    /// The revision of the thing after the command.
    revision: Option<Revision>,
    /// The position to wait for (`minPosition`) to read your own write.
    position: Option<Position>,
    /// How many events it appended: 0 when it was already so, or already done under the same `commandId`.
    appended: usize,
    /// Why it was not done; empty when it was.
    user_errors: Vec<UserError>,
    /// With `CONFLICT`, for who may see the activity log: what happened to the thing since `expectedRevision`, oldest first, at most 50
    /// entries.
    changed_since: Vec<ActivityEntry>,
}

impl Outcome {
    /// The thing that was changed, and the position that shows it; `None` when nothing was done.
    pub fn changed(&self) -> Option<(Uuid, domain::ports::Position)> {
        self.stream.zip(self.position.map(|position| position.0))
    }

    /// Whether it was done, or was so already.
    pub const fn is_done(&self) -> bool {
        self.user_errors.is_empty()
    }

    /// It was done, or was so already.
    pub fn done(done: &Done) -> Self {
        Self {
            stream: Some(done.stream.id),
            revision: Some(Revision(done.revision)),
            position: Some(done.position.into()),
            appended: done.appended,
            ..Self::default()
        }
    }

    /// The same of a thing whose row another stream has changed.
    #[must_use]
    pub fn about(self, thing: Uuid) -> Self {
        Self { stream: self.stream.map(|_| thing), ..self }
    }

    /// What became of what was asked where people come in.
    pub fn told(deps: &GraphqlDeps, done: Result<Done, Refused>) -> Result<Self, Error> {
        match done {
            Ok(done) => Ok(Self::done(&done)),
            Err(refused) => errors::refused(deps, refused).map(Self::refused),
        }
    }

    /// It was not done.
    pub fn refused(error: UserError) -> Self {
        Self { revision: error.revision, user_errors: vec![error], ..Self::default() }
    }
}

/// Runs what the input asks for as the caller.
pub async fn run(ctx: &Context<'_>, input: impl CommandInput) -> Result<Outcome, Error> {
    match input.into_command(caller(ctx)?.tenant) {
        Ok((command, fields)) => run_command(ctx, command, fields).await,
        Err(error) => Ok(Outcome::refused(error)),
    }
}

/// Runs a command as the caller.
pub async fn run_command(ctx: &Context<'_>, command: Command, fields: CommandFields) -> Result<Outcome, Error> {
    let (caller, deps, request) = (caller(ctx)?, deps(ctx)?, request(ctx, command, &fields));
    let (stream, expected) = (request.command.stream(caller.tenant), request.expected_revision);
    let ran = deps.commands.run(&caller, request).await;
    if let Some(metrics) = ctx.data_opt::<Metrics>() {
        metrics.command(stream.kind, &ran);
    }
    match ran {
        Ok(done) => Ok(Outcome::done(&done)),
        Err(error @ RunError::Conflict { .. }) => {
            let expected = expected.filter(|_| caller.may(Action::ViewActivity));
            let changed_since = changed_since(deps, caller.tenant, stream, expected).await?;
            Ok(Outcome { changed_since, ..Outcome::refused(errors::refusal(deps, error)?) })
        }
        Err(error) => errors::refusal(deps, error).map(Outcome::refused),
    }
}

/// A command with all that the client and the edge say about it.
pub fn request(ctx: &Context<'_>, command: Command, fields: &CommandFields) -> Request {
    let trace = ctx.data_opt::<RequestContext>();
    Request {
        command_id: fields.command_id.map(|id| CommandId(id.0)),
        expected_revision: fields.expected_revision.map(|revision| revision.0),
        happened_at: fields.happened_at.map(|instant| instant.0),
        correlation: trace.map(|trace| trace.request_id),
        traceparent: trace.and_then(|trace| trace.traceparent.clone()),
        ..Request::from(command)
    }
}

/// What happened to a thing after the revision that the caller knew; nothing when they named none.
async fn changed_since(
    deps: &GraphqlDeps,
    tenant: TenantId,
    stream: StreamId,
    known: Option<u64>,
) -> Result<Vec<ActivityEntry>, Error> {
    let Some(next) = known.and_then(|known| known.checked_add(1)) else { return Ok(Vec::new()) };
    let read = deps.store.read_stream(tenant, stream, next, Direction::Forward, CHANGES_TOLD);
    let stored = read.await.map_err(errors::read_failure(deps))?;
    let decode = |event| deps.codec.decode(event).map_err(|error| errors::fault(deps, &error));
    let events = stored.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    dress(deps, tenant, &events).await
}

/// Reads a text of one kind from a field of the input.
pub fn text<T>(field: &'static str, read: fn(&str) -> Result<T, BadText>, text: &str) -> Result<T, UserError> {
    read(text).map_err(UserError::bad_text(field))
}

/// The same for a text that may be absent; white space alone counts as absent.
pub fn optional_text<T>(
    field: &'static str,
    read: fn(&str) -> Result<T, BadText>,
    given: Option<&str>,
) -> Result<Option<T>, UserError> {
    given.filter(|given| !given.trim().is_empty()).map(|given| text(field, read, given)).transpose()
}

/// Reads an identity from a field of the input.
pub fn identity(field: &'static str, id: &ID) -> Result<Uuid, UserError> {
    Uuid::parse_str(id).map_err(|_| UserError::new(errors::BAD_ID, Some(field), "not an identity"))
}

/// Declares a reference: a thing named by its identity or by its natural key.
macro_rules! reference {
    ($(#[$doc:meta])* $name:ident => $id:ident, $(#[$id_doc:meta])* $id_field:ident $id_name:literal, $(#[$key_doc:meta])* $key_field:ident $key_name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, InputObject)]
        pub struct $name {
            $(#[$id_doc])*
            pub $id_field: Option<ID>,
            $(#[$key_doc])*
            pub $key_field: Option<String>,
        }

        impl $name {
            /// The identity; `None` when nothing is named.
            pub fn find(&self, tenant: TenantId) -> Result<Option<$id>, UserError> {
                match (&self.$id_field, &self.$key_field) {
                    (Some(id), None) => identity($id_name, id).map($id).map(Some),
                    (None, Some(key)) => Ok(Some($id::from_key(tenant, key.trim()))),
                    (None, None) => Ok(None),
                    (Some(_), Some(_)) => Err(Self::unclear()),
                }
            }

            /// The identity of what must be named.
            pub fn require(&self, tenant: TenantId) -> Result<$id, UserError> {
                self.find(tenant)?.ok_or_else(Self::unclear)
            }

            fn unclear() -> UserError {
                let rule = concat!("give either ", $id_name, " or ", $key_name);
                UserError::new(errors::BAD_REFERENCE, Some($id_name), rule)
            }
        }
    };
}

reference!(
    /// A job, by its identity or its number.
    JobRef => JobId,
    /// Identity of the job; give this or `jobNumber`.
    job_id "jobId",
    /// Number of the job; give this or `jobId`.
    job_number "jobNumber"
);
reference!(
    /// A work center, by its identity or its code.
    WorkCenterRef => WorkCenterId,
    /// Identity of the work center; give this or `workCenterCode`.
    work_center_id "workCenterId",
    /// Code of the work center; give this or `workCenterId`.
    work_center_code "workCenterCode"
);
reference!(
    /// A machine, by its identity or its code.
    MachineRef => MachineId,
    /// Identity of the machine; give this or `machineCode`.
    machine_id "machineId",
    /// Code of the machine; give this or `machineId`.
    machine_code "machineCode"
);
reference!(
    /// An operator, by identity or code.
    OperatorRef => OperatorId,
    /// Identity of the operator; give this or `operatorCode`.
    operator_id "operatorId",
    /// Code of the operator (badge or staff number); give this or `operatorId`.
    operator_code "operatorCode"
);
reference!(
    /// A calendar, by its identity or its code.
    CalendarRef => CalendarId,
    /// Identity of the calendar; give this or `calendarCode`.
    calendar_id "calendarId",
    /// Code of the calendar; give this or `calendarId`.
    calendar_code "calendarCode"
);
reference!(
    /// A tool, by its identity or its code.
    ToolRef => ToolId,
    /// Identity of the tool; give this or `toolCode`.
    tool_id "toolId",
    /// Code of the tool; give this or `toolId`.
    tool_code "toolCode"
);
