//! Runs steps: those of one stream in their order, those of different streams side by side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ports::Future;
use domain::run::Request;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::plan::Step;
use super::report::{Refused, Report};
use crate::graphql::errors::COMMAND_ID_REUSED;

const LANES: usize = 64;
const WAITING_IN_LANE: usize = 64;

/// Where commands are run: in this process, or by a server.
pub trait Door: Send + Sync {
    /// Runs commands one after the other; one outcome for each, in the same order.
    fn run<'a>(&'a self, requests: &'a [Request]) -> Future<'a, Result<Vec<Outcome>, DoorError>>;

    /// How many commands it likes to be given at once.
    fn batch(&self) -> usize;
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It appended so many events.
    Done(u64),
    /// It was refused.
    Refused {
        /// Stable code.
        code: String,
        /// What the domain says.
        message: String,
    },
}

impl Outcome {
    /// Whether it was refused because it, or the same with other words, was done before.
    fn is_already_done(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.ends_with("_EXISTS") || code == COMMAND_ID_REUSED)
    }
}

/// Why no command can be run any more.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Nobody answers there.
    #[error("{url} does not answer: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
    /// The token is not accepted.
    #[error("the token is not accepted")]
    Unauthenticated,
    /// The caller may not do this.
    #[error("this token may not do this")]
    Denied,
    /// The token is for another workspace.
    #[error("the token is for another workspace than --tenant says")]
    OtherTenant,
    /// It answers with something else than a result.
    #[error("{message}")]
    Failed {
        /// Stable code.
        code: String,
        /// What it says.
        message: String,
    },
}

/// Counts what becomes of steps, and shows it.
pub struct Tally {
    report: Mutex<Report>,
    on_row: Box<dyn Fn() + Send + Sync>,
}

impl Tally {
    /// Calls `on_row` for each row that is dealt with.
    pub fn new(on_row: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { report: Mutex::default(), on_row }
    }

    /// The report so far.
    pub fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row that never became a command.
    pub fn refuse(&self, refused: Refused) {
        self.report().refuse(refused);
        (self.on_row)();
    }

    fn count(&self, step: &Step, outcome: Outcome) {
        let mut report = self.report();
        report.commands += 1;
        match outcome {
            Outcome::Done(events) => report.events_appended += events,
            outcome if outcome.is_already_done() => {}
            Outcome::Refused { message, .. } => match step.row {
                Some(row) => report.refuse(Refused { row, column: None, reason: message }),
                None => report.problems.push(format!("{}: {message}", in_words(step))),
            },
        }
        drop(report);
        if step.row.is_some() {
            (self.on_row)();
        }
    }
}

fn in_words(step: &Step) -> String {
    format!("{:?}", step.request.command).chars().take(120).collect()
}

/// Parallel lanes; a stream always takes the same one.
pub struct Lanes {
    senders: Vec<mpsc::Sender<Step>>,
    workers: JoinSet<Result<(), DoorError>>,
}

impl Lanes {
    /// Opens the lanes before a door.
    pub fn open(door: &Arc<dyn Door>, tally: &Arc<Tally>) -> Self {
        let mut workers = JoinSet::new();
        let senders = (0..LANES)
            .map(|_| {
                let (sender, steps) = mpsc::channel(WAITING_IN_LANE);
                workers.spawn(work(Arc::clone(door), Arc::clone(tally), steps));
                sender
            })
            .collect();
        Self { senders, workers }
    }

    /// Where steps are put in; each goes to the lane of its stream.
    pub fn entrance(&mut self) -> Entrance {
        Entrance { senders: std::mem::take(&mut self.senders) }
    }

    /// Waits until every lane is empty; the first failure stops all.
    pub async fn finish(mut self) -> Result<(), DoorError> {
        self.senders.clear();
        while let Some(ended) = self.workers.join_next().await {
            ended.map_err(|error| DoorError::Failed { code: "INTERNAL".to_owned(), message: error.to_string() })??;
        }
        Ok(())
    }
}

/// Where steps are put in.
pub struct Entrance {
    senders: Vec<mpsc::Sender<Step>>,
}

impl Entrance {
    /// Puts a step in its lane, waiting for room; false when the lanes have stopped. Not for asynchronous code.
    pub fn put(&self, step: Step) -> bool {
        let lane = step.lane().as_u128() % LANES as u128;
        let sender = usize::try_from(lane).ok().and_then(|lane| self.senders.get(lane));
        sender.is_some_and(|sender| sender.blocking_send(step).is_ok())
    }
}

/// Runs all these steps and tells what became of them.
pub async fn run_all(door: &Arc<dyn Door>, steps: Vec<Step>) -> Result<Report, DoorError> {
    let tally = Arc::new(Tally::new(Box::new(|| {})));
    run_into(door, &tally, steps).await?;
    let report = std::mem::take(&mut *tally.report());
    Ok(report)
}

/// Runs all these steps and counts what becomes of them.
pub async fn run_into(door: &Arc<dyn Door>, tally: &Arc<Tally>, steps: Vec<Step>) -> Result<(), DoorError> {
    let mut lanes = Lanes::open(door, tally);
    let entrance = lanes.entrance();
    // The lanes tell themselves why they stop.
    let feeder = tokio::task::spawn_blocking(move || steps.into_iter().all(|step| entrance.put(step)));
    lanes.finish().await?;
    let fed = feeder.await;
    fed.map(drop).map_err(|error| DoorError::Failed { code: "INTERNAL".to_owned(), message: error.to_string() })
}

async fn work(door: Arc<dyn Door>, tally: Arc<Tally>, mut steps: mpsc::Receiver<Step>) -> Result<(), DoorError> {
    let mut batch = Vec::with_capacity(door.batch());
    while steps.recv_many(&mut batch, door.batch()).await > 0 {
        let mut rest = std::mem::take(&mut batch);
        while !rest.is_empty() {
            rest = run_batch(door.as_ref(), &tally, rest).await?;
        }
    }
    Ok(())
}

/// Runs steps up to the first one that may ask for more when it was already done; gives back those that come after it.
async fn run_batch(door: &dyn Door, tally: &Tally, mut steps: Vec<Step>) -> Result<Vec<Step>, DoorError> {
    let pause = steps.iter().position(|step| !step.when_already_done.is_empty());
    let rest = steps.split_off(pause.map_or(steps.len(), |pause| pause + 1));
    let requests: Vec<Request> = steps.iter().map(|step| step.request.clone()).collect();
    let mut outcomes = door.run(&requests).await?;
    ask_anew(door, &requests, &mut outcomes).await?;
    let already_done = outcomes.last().is_none_or(|outcome| !matches!(outcome, Outcome::Done(1..)));
    for (step, outcome) in steps.iter().zip(outcomes) {
        tally.count(step, outcome);
    }
    if already_done && let Some(step) = steps.pop() {
        let requests: Vec<Request> = step.when_already_done.into_iter().map(|step| step.request).collect();
        for chunk in requests.chunks(door.batch().max(1)) {
            let outcomes = door.run(chunk).await?;
            let mut report = tally.report();
            report.commands += chunk.len() as u64;
            report.events_appended += outcomes
                .iter()
                .map(|outcome| if let Outcome::Done(events) = outcome { *events } else { 0 })
                .sum::<u64>();
        }
    }
    Ok(rest)
}

/// Asks what was refused once more, without its identity: under it Kilter would repeat a refusal of an earlier import, though its
/// cause may be gone.
async fn ask_anew(door: &dyn Door, requests: &[Request], outcomes: &mut [Outcome]) -> Result<(), DoorError> {
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused { .. }) && !outcome.is_already_done();
    let places: Vec<usize> = (0..outcomes.len()).filter(|place| is_refused(&outcomes[*place])).collect();
    let anew: Vec<Request> =
        places.iter().map(|place| Request { command_id: None, ..requests[*place].clone() }).collect();
    if anew.is_empty() {
        return Ok(());
    }
    for (place, outcome) in places.into_iter().zip(door.run(&anew).await?) {
        outcomes[place] = outcome;
    }
    Ok(())
}
