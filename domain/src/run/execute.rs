//! The only load–decide–append loop.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::cache::{Folded, Key};
use super::needs::{Needs, Runnable};
use super::together::{all, both};
use super::{Commands, Done, RequestError, RunError};
use crate::calendars::calendar::{Calendar, CalendarState};
use crate::catalog::Catalogued;
use crate::jobs::job::{Job, JobState};
use crate::jobs::operation::Standing;
use crate::kernel::context::{Context, Facts};
use crate::kernel::{CalendarId, JobId, MachineId, OperatorId, StreamId, TenantId, ToolId, WorkCenterId};
use crate::machines::machine::{Machine, MachineStatus};
use crate::machines::tool::{Tool, ToolState};
use crate::machines::work_center::{WorkCenter, WorkCenterState};
use crate::ports::{
    Append, AppendError, Appended, CodecError, Direction, Expected, Future, NewEvent, ReadError, Recorded, StoredEvent,
};
use crate::scheduling::placement::OperationRef;
use crate::scheduling::site_plan::SitePlan;
use crate::tenancy::company::Company;
use crate::workforce::operator::Operator;

/// How often a decision is made anew after a conflict, and an append repeated after an unknown outcome.
const ATTEMPTS: u32 = 5;
/// Events of one stream read at once: few enough that the store reads them on the spot, also when many streams are read.
const PAGE: usize = 64;

/// What is asked besides the command itself.
pub(super) struct Ask {
    pub(super) stream: StreamId,
    pub(super) context: Context,
    pub(super) expected_revision: Option<u64>,
}

/// Jobs and tools that nobody ever made.
type NeverWere = (Vec<JobId>, Vec<ToolId>);

impl Ask {
    pub(super) const fn key(&self) -> Key {
        (self.context.caller.tenant, self.stream)
    }
}

impl Commands {
    pub(super) async fn ask<A: Runnable>(&self, command: &A::Command, mut ask: Ask) -> Result<Done, RunError> {
        // The name before the stream: whoever has their turn at a stream waits for nobody.
        let _name = match ask.context.fingerprint {
            Some(_) => Some(self.command_ids.take((ask.context.caller.tenant, ask.context.command_id)).await),
            None => None,
        };
        let _turn = self.streams.take(ask.key()).await;
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt::<A>(command, &mut ask).await {
                Err(RunError::Conflict { .. }) if ask.expected_revision.is_none() && attempt < ATTEMPTS => {
                    self.back_off(attempt).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<A: Runnable>(&self, command: &A::Command, ask: &mut Ask) -> Result<Done, RunError> {
        let key = ask.key();
        // What is needed by the state as it was known last is asked for at once, and seldom something else afterwards.
        let likely = A::needs(&A::shelf(&self.shelves).get(&key).state, command);
        let (folded, (first, facts)) = both(
            pin!(self.load::<A>(key)),
            pin!(both(pin!(self.first_answer::<A>(command, ask)), pin!(self.facts(ask.key(), &likely)))),
        )
        .await;
        let folded = folded?;
        if let Some(done) = first? {
            return Ok(done);
        }
        let needs = A::needs(&folded.state, command);
        ask.context.facts = if needs == likely { facts? } else { self.facts(ask.key(), &needs).await? };
        if ask.expected_revision.is_some_and(|expected| folded.revision != Some(expected)) {
            let conflict = RunError::Conflict { actual: folded.revision };
            return self.without_events::<A>(command, ask, Err(conflict)).await;
        }
        let events = match A::decide(&folded.state, command, &ask.context) {
            Ok(events) => events,
            Err(refusal) => return self.without_events::<A>(command, ask, Err(refusal.into())).await,
        };
        if events.is_empty() {
            let revision = folded.revision.unwrap_or_default();
            let unchanged = Done { stream: ask.stream, revision, position: folded.position, appended: 0 };
            return self.without_events::<A>(command, ask, Ok(unchanged)).await;
        }
        let appended = events.len();
        let events = events.into_iter().map(Catalogued::into_event).collect();
        let events = self.codec.encode(ask.stream, events, &ask.context).await?;
        let expected = folded.revision.map_or(Expected::NoStream, Expected::Exact);
        match self.append(ask, expected, events).await {
            Ok(Appended { revision, position }) => Ok(Done { stream: ask.stream, revision, position, appended }),
            // Another node ran a command of this id in the meantime.
            Err(AppendError::IdTaken(_)) => {
                let first = self.first_answer::<A>(command, ask).await?;
                first.ok_or(RunError::CommandIdReused(ask.context.command_id))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How a command ends that leaves no event. Its own events, by the hand of another node, may have come since they were looked for:
    /// so they are looked for once more, after the answer is remembered, and what was done is never answered as refused.
    async fn without_events<A: Runnable>(
        &self,
        command: &A::Command,
        ask: &Ask,
        outcome: Result<Done, RunError>,
    ) -> Result<Done, RunError> {
        let outcome = match outcome {
            Err(RunError::Rejected(refusal)) => self.answer(ask, Err(refusal)).await,
            // Names are in no fingerprint: whether another one comes under this id could not be told.
            Ok(unchanged) if A::personal(command).is_empty() => self.answer(ask, Ok(unchanged)).await,
            outcome => outcome,
        };
        match self.done_before::<A>(command, ask).await? {
            Some(done) => Ok(done),
            None => outcome,
        }
    }

    /// Appends; as long as the outcome is unknown, appends the very same again, which tells.
    async fn append(&self, ask: &Ask, expected: Expected, events: Vec<NewEvent>) -> Result<Appended, AppendError> {
        let append = Append { stream: ask.stream, expected, events };
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.store.append(ask.context.caller.tenant, append.clone()).await {
                Err(AppendError::OutcomeUnknown(_)) if attempt < ATTEMPTS => self.back_off(attempt).await,
                outcome => return outcome,
            }
        }
    }

    /// Waits 1 to 2 ms after the first attempt, twice as long after each further one.
    async fn back_off(&self, attempt: u32) {
        let [.., low, lower] = *self.ids.next().as_bytes();
        let jitter_us = u64::from(u16::from_be_bytes([low, lower])) * 1_000 / u64::from(u16::MAX);
        self.clock.pause(Duration::from_micros((1_000 + jitter_us) << (attempt - 1))).await;
    }

    /// The state of a stream as it is now. What this process appended is read back like what others did: the store alone knows
    /// what stands in a stream.
    pub(super) async fn load<A: Runnable>(&self, key: Key) -> Result<Folded<A>, RunError> {
        let cache = A::shelf(&self.shelves);
        let mut folded = cache.get(&key);
        let mut read = 0;
        loop {
            let from = folded.revision.map_or(0, |revision| revision + 1);
            let mut page = self.store.read_stream(key.0, key.1, from, Direction::Forward, PAGE).await?;
            if from == 0
                && page.len() == PAGE
                && let Some((after, rest)) = self.jump::<A>(key).await?
            {
                (folded, page) = (after, rest);
                cache.put(key, folded.clone());
            }
            let Some(last) = page.last().map(|stored| stored.event.event_id) else { return Ok(folded) };
            let events = self.codec.decode_open(&page).await?;
            // It lets go of the state first, so that it is changed in place.
            cache.forget(&key);
            folded = fold(folded, &events)?;
            cache.put(key, folded.clone());
            read += page.len();
            if page.len() < PAGE {
                self.keep_snapshot(key, &folded, (read, last)).await;
                return Ok(folded);
            }
        }
    }

    /// A long stream's snapshot with the events after it, where there is one that fits.
    async fn jump<A: Runnable>(&self, key: Key) -> Result<Option<(Folded<A>, Vec<StoredEvent>)>, RunError> {
        let Some((folded, event)) = self.snapshot::<A>(key, PAGE as u64).await else { return Ok(None) };
        let from = folded.revision.unwrap_or_default();
        let mut page = self.store.read_stream(key.0, key.1, from, Direction::Forward, PAGE + 1).await?;
        // Of another log, or of a stream whose bodies were removed, it is of no use.
        let fits = page.first().is_some_and(|first| first.event.event_id == event && !first.is_truncated());
        Ok(fits.then(|| (folded, page.split_off(1))))
    }

    /// Of what a command at this stream needs.
    pub(super) async fn facts(&self, (tenant, stream): Key, needs: &Needs) -> Result<Facts, RunError> {
        let policies = async {
            let company = if needs.policies { Some(self.state_of::<Company>(tenant, tenant.0).await?) } else { None };
            Ok::<_, RunError>(company.map(|company| company.policies()).unwrap_or_default())
        };
        let operator = async {
            let Some(operator) = needs.operator else { return Ok::<_, RunError>(None) };
            Ok(self.state_of::<Operator>(tenant, operator.0).await?.facts(operator))
        };
        let machine = async {
            let Some(machine) = needs.machine else { return Ok::<_, RunError>(None) };
            Ok(self.state_of::<Machine>(tenant, machine.0).await?.facts(machine))
        };
        let work_centers = needs.work_centers.iter().map(|id| self.missing_work_center(tenant, *id)).collect();
        let machines = needs.machines.iter().map(|id| self.missing_machine(tenant, *id)).collect();
        let operators = needs.operators.iter().map(|id| self.missing_operator(tenant, *id)).collect();
        let placement = async {
            let Some(operation) = needs.placement else { return Ok::<_, RunError>(None) };
            let named = OperationRef { job: JobId(stream.id), operation };
            Ok(self.state_of::<SitePlan>(tenant, tenant.0).await?.placement(named).copied())
        };
        let operations = self.standings(tenant, &needs.operations);
        let assumed = self.missing(tenant, &needs.jobs, &needs.tools);
        let calendar = async {
            let Some(calendar) = needs.calendar else { return Ok::<_, RunError>(None) };
            self.missing_calendar(tenant, calendar).await
        };
        let (
            (policies, (operator, machine)),
            ((work_centers, machines), ((calendar, placement), (operators, (operations, assumed)))),
        ) = both(
            pin!(both(pin!(policies), pin!(both(pin!(operator), pin!(machine))))),
            pin!(both(
                pin!(both(pin!(all(work_centers)), pin!(all(machines)))),
                pin!(both(
                    pin!(both(pin!(calendar), pin!(placement))),
                    pin!(both(pin!(all(operators)), pin!(both(operations, assumed)))),
                )),
            )),
        )
        .await;
        let (missing_jobs, missing_tools) = assumed?;
        Ok(Facts {
            policies: policies?,
            operator: operator?,
            machine: machine?,
            missing_work_centers: present(work_centers)?,
            missing_machines: present(machines)?,
            missing_operators: present(operators)?,
            placement: placement?,
            operations: operations?,
            missing_jobs,
            missing_tools,
            missing_calendar: calendar?,
        })
    }

    /// The work center, if it can't be used.
    async fn missing_work_center(&self, tenant: TenantId, id: WorkCenterId) -> Result<Option<WorkCenterId>, RunError> {
        let state = self.state_of::<WorkCenter>(tenant, id.0).await?;
        Ok((!matches!(*state, WorkCenterState::InUse(_))).then_some(id))
    }

    /// The machine, if it can't be planned with.
    async fn missing_machine(&self, tenant: TenantId, id: MachineId) -> Result<Option<MachineId>, RunError> {
        let known = self.state_of::<Machine>(tenant, id.0).await?.facts(id);
        Ok(known.is_none_or(|known| known.status == MachineStatus::Retired).then_some(id))
    }

    /// The operator, if nothing can be planned for them.
    async fn missing_operator(&self, tenant: TenantId, id: OperatorId) -> Result<Option<OperatorId>, RunError> {
        let known = self.state_of::<Operator>(tenant, id.0).await?.facts(id);
        Ok(known.is_none_or(|known| !known.active).then_some(id))
    }

    /// How far these operations are, sorted as they are. Each job is read once. Boxed: few commands ask.
    fn standings<'a>(
        &'a self,
        tenant: TenantId,
        operations: &'a [OperationRef],
    ) -> Future<'a, Result<Vec<(OperationRef, Standing)>, RunError>> {
        let standings = move |named: &'a [OperationRef]| async move {
            let Some(JobId(job)) = named.first().map(|first| first.job) else { return Ok(Vec::new()) };
            let job = self.state_of::<Job>(tenant, job).await?;
            Ok(named.iter().map(|operation| (*operation, job.standing(operation.operation))).collect())
        };
        Box::pin(async move {
            let jobs = operations.chunk_by(|one, other| one.job == other.job).map(standings).collect();
            let found: Result<Vec<Vec<_>>, RunError> = all(jobs).await.into_iter().collect();
            Ok(found?.into_iter().flatten().collect())
        })
    }

    /// Those of the jobs and of the tools that never were. Boxed: few commands ask.
    fn missing<'a>(
        &'a self,
        tenant: TenantId,
        jobs: &'a [JobId],
        tools: &'a [ToolId],
    ) -> Future<'a, Result<NeverWere, RunError>> {
        let missing_job = move |id: &'a JobId| async move {
            let state = self.state_of::<Job>(tenant, id.0).await?;
            Ok((*state == JobState::Unknown).then_some(*id))
        };
        let missing_tool = move |id: &'a ToolId| async move {
            let state = self.state_of::<Tool>(tenant, id.0).await?;
            Ok((*state == ToolState::default()).then_some(*id))
        };
        Box::pin(async move {
            let jobs = present(all(jobs.iter().map(missing_job).collect()).await)?;
            Ok((jobs, present(all(tools.iter().map(missing_tool).collect()).await)?))
        })
    }

    /// The calendar, if nobody can be given it.
    async fn missing_calendar(&self, tenant: TenantId, id: CalendarId) -> Result<Option<CalendarId>, RunError> {
        let state = self.state_of::<Calendar>(tenant, id.0).await?;
        Ok((!matches!(*state, CalendarState::InUse(_))).then_some(id))
    }

    /// Boxed: several of them wait in one command.
    pub(super) fn state_of<A: Runnable>(
        &self,
        tenant: TenantId,
        id: uuid::Uuid,
    ) -> Future<'_, Result<Arc<A::State>, RunError>> {
        Box::pin(async move { Ok(self.load::<A>((tenant, StreamId::new(A::STREAM, id))).await?.state) })
    }
}

fn present<T>(found: Vec<Result<Option<T>, RunError>>) -> Result<Vec<T>, RunError> {
    found.into_iter().filter_map(Result::transpose).collect()
}

fn fold<A: Runnable>(folded: Folded<A>, events: &[Recorded]) -> Result<Folded<A>, RunError> {
    let Folded { mut revision, mut position, state } = folded;
    let mut state = Arc::unwrap_or_clone(state);
    for Recorded { envelope, event } in events {
        let event = <A::Event as Catalogued>::of(event)
            .ok_or_else(|| RunError::Fault(format!("{} holds an event of another kind", envelope.stream)))?;
        state = A::evolve(state, event, envelope.happened_at);
        (revision, position) = (Some(envelope.revision), envelope.position);
    }
    Ok(Folded { revision, position, state: Arc::new(state) })
}

impl From<ReadError> for RunError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(reason) => Self::Unavailable(reason),
            ReadError::Corrupt(_) => Self::Fault(error.to_string()),
        }
    }
}

impl From<CodecError> for RunError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Vault(_) => Self::Unavailable(error.to_string()),
            // A newer node wrote it, while this one is still to be upgraded: the same command is done there, or here after that.
            CodecError::Unknown { .. } => Self::Unavailable(format!("{error}: a newer Kilter wrote it")),
            CodecError::Malformed { .. } => Self::Fault(error.to_string()),
        }
    }
}

impl From<AppendError> for RunError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { actual } => Self::Conflict { actual },
            AppendError::Deleted => RequestError::Deleted.into(),
            AppendError::TooLarge { bytes, limit } => RequestError::TooLarge { bytes, limit }.into(),
            AppendError::Unavailable(reason) => Self::Unavailable(reason),
            AppendError::OutcomeUnknown(reason) => Self::OutcomeUnknown(reason),
            AppendError::IdTaken(_) | AppendError::Empty => Self::Fault(error.to_string()),
        }
    }
}
