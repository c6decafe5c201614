//! First plans: dispatch rules. Machines take up work as time goes on, each from its own queue, whatever is most urgent then.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::calendar::FAR;
use super::decode::tied::{self, GoOn, Put};
use super::decode::{Board, Ground, List, list};
use super::kernel::random::Random;
use super::model::{MachineIndex, OperationIndex};
use super::{Problem, Seconds};

/// What makes an operation urgent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Weight by length, less the more slack there is against so many average lengths ("apparent tardiness cost"), and less the
    /// longer the changeover.
    TardinessCost(f64),
    /// The least time to spare.
    Slack,
    /// The earliest due date.
    DueDate,
    /// The most work left in its job.
    WorkLeft,
    /// The most weight by length.
    WeightByLength,
}

/// A rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    /// How many seconds by the clock a second of work left is taken for: shops are closed at night.
    pub(crate) stretch: f64,
}

/// Rules worth trying, the best guess first.
pub(crate) fn rules(ground: &Ground<'_>) -> Vec<Rule> {
    let due = ground.problem.model().jobs.iter().any(|job| job.due.is_some() && job.weight > 0);
    let late = ground.weights.tardiness > 0 || ground.weights.late_job > 0;
    let mut kinds = [
        Kind::TardinessCost(2.0),
        Kind::TardinessCost(0.7),
        Kind::TardinessCost(6.0),
        Kind::Slack,
        Kind::DueDate,
        Kind::WeightByLength,
        Kind::WorkLeft,
    ];
    if !(due && late) {
        kinds.rotate_right(1);
    }
    let rule = |stretch: f64| move |kind: &Kind| Rule { kind: *kind, stretch };
    let mut rules: Vec<Rule> = kinds.iter().map(rule(3.0)).collect();
    rules.extend(kinds[..3].iter().map(rule(1.0)));
    rules.extend(kinds[..3].iter().map(rule(8.0)));
    rules
}

/// Most operations of a queue whose urgency is looked at anew each time.
const LOOKED_AT: usize = 24;

/// What waits for machines that all can do the same.
#[derive(Debug, Default)]
struct Queue {
    /// The machines, by when they were free when that was last looked at.
    machines: BinaryHeap<Reverse<(Seconds, MachineIndex)>>,
    /// By when they can be taken up.
    arriving: BinaryHeap<Reverse<(Seconds, OperationIndex)>>,
    /// By how urgent they were when they came.
    waiting: BinaryHeap<(Urgency, Reverse<OperationIndex>)>,
    /// When its turn comes, if there is anything to wait for.
    turn: Option<Seconds>,
}

/// Queues, and by machine which is its own.
#[derive(Debug)]
struct Queues {
    queues: Vec<Queue>,
    of: Vec<usize>,
}

impl Queues {
    /// One queue for machines that are alternatives of the same operations.
    fn new(problem: &Problem) -> Self {
        let mut alike = vec![0_u64; problem.model().machines.len()];
        for operation in problem.operations() {
            let mark = Random::new(operation.0.into()).next();
            for alternative in problem.operation(operation).alternatives.iter() {
                alike[alternative.machine.at()] ^= mark;
            }
        }
        let mut known = HashMap::new();
        let mut queues: Vec<Queue> = Vec::new();
        let mut of = Vec::with_capacity(alike.len());
        for (alike, machine) in alike.into_iter().zip(0..) {
            let queue = *known.entry(alike).or_insert(queues.len());
            if queue == queues.len() {
                queues.push(Queue::default());
            }
            queues[queue].machines.push(Reverse((-FAR, MachineIndex(machine))));
            of.push(queue);
        }
        Self { queues, of }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Urgency(f64);

impl Eq for Urgency {}

impl PartialOrd for Urgency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Urgency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

struct Dispatch<'b, 'a> {
    board: &'b mut Board<'a>,
    rule: Rule,
    mean_run: f64,
    queues: Queues,
    events: BinaryHeap<Reverse<(Seconds, usize)>>,
    waits_for: Vec<u32>,
    /// Placed or refused.
    seen: Vec<bool>,
    later: Vec<OperationIndex>,
}

/// Dispatches everything. False when `go_on` ended it early.
pub(crate) fn dispatch(board: &mut Board<'_>, rule: Rule, go_on: &mut GoOn<'_>) -> bool {
    let ground = board.ground();
    let problem = ground.problem;
    let free = |operation: OperationIndex| ground.is_free(operation);
    let mut waits_for = vec![0_u32; problem.len()];
    for link in problem.operations().flat_map(|operation| problem.before(operation)) {
        if free(link.before) && !ground.tied.together(link.before, link.after) {
            waits_for[ground.tied.first(link.after).at()] += 1;
        }
    }
    let mut dispatch = Dispatch {
        mean_run: mean_run(ground),
        queues: Queues::new(problem),
        events: BinaryHeap::new(),
        seen: vec![false; problem.len()],
        later: Vec::new(),
        board,
        rule,
        waits_for,
    };
    for &operation in problem.order() {
        if free(operation) && ground.tied.first(operation) == operation && dispatch.waits_for[operation.at()] == 0 {
            dispatch.arrive(operation);
        }
    }
    while let Some(Reverse((at, queue))) = dispatch.events.pop() {
        if !(go_on(Some(dispatch.board)) && dispatch.turn(at, queue, go_on)) {
            return false;
        }
    }
    // What could not be placed is left, with all that waits for it.
    let later = std::mem::take(&mut dispatch.later);
    let mut seen = std::mem::take(&mut dispatch.seen);
    for operation in &later {
        seen[operation.at()] = false;
    }
    let rest = problem.order().iter().copied().filter(|it| free(*it) && !seen[it.at()]);
    let order: Vec<OperationIndex> = later.into_iter().chain(rest).collect();
    let rest = List { order: list::sorted(ground, &order, &seen), ..List::new(ground) };
    list::run(board, &rest, 0..rest.order.len(), go_on)
}

impl Dispatch<'_, '_> {
    /// Queues an operation for all machines that can do it.
    fn arrive(&mut self, operation: OperationIndex) {
        let ground = self.board.ground();
        let data = ground.problem.operation(operation);
        let ready = ground.problem.before(operation).filter_map(|link| self.board.ready(link)).max();
        let at = ready.map_or(ground.release(data.job), |ready| ready.max(ground.release(data.job)));
        let mut queued = None;
        for alternative in data.alternatives.iter() {
            let index = self.queues.of[alternative.machine.at()];
            if queued.replace(index) == Some(index) {
                continue;
            }
            self.queues.queues[index].arriving.push(Reverse((at, operation)));
            if let Some((free, _)) = self.first_free(index) {
                self.call(index, at.max(free));
            }
        }
    }

    /// A queue's turn comes then at the latest.
    fn call(&mut self, queue: usize, at: Seconds) {
        let turn = &mut self.queues.queues[queue].turn;
        if turn.is_none_or(|turn| at < turn) {
            *turn = Some(at);
            self.events.push(Reverse((at, queue)));
        }
    }

    /// Which machine of a queue is free first, and when.
    fn first_free(&mut self, queue: usize) -> Option<(Seconds, MachineIndex)> {
        let machines = &mut self.queues.queues[queue].machines;
        loop {
            let Reverse((known, machine)) = *machines.peek()?;
            let free = self.board.tail(machine);
            if free <= known {
                return Some((known, machine));
            }
            machines.pop();
            machines.push(Reverse((free, machine)));
        }
    }

    /// A queue's turn: the most urgent is taken up, if a machine is free then. False when `go_on` ended it early.
    fn turn(&mut self, at: Seconds, queue: usize, go_on: &mut GoOn<'_>) -> bool {
        let of_now = self.queues.queues[queue].turn.take_if(|turn| *turn == at).is_some();
        let Some((free, machine)) = self.first_free(queue).filter(|_| of_now) else { return true };
        if free > at {
            self.call(queue, free);
            return true;
        }
        while let Some(&Reverse((arrives, operation))) = self.queues.queues[queue].arriving.peek() {
            if arrives > at {
                break;
            }
            self.queues.queues[queue].arriving.pop();
            if !self.seen[operation.at()] {
                let urgency = self.urgency(operation, machine, at);
                self.queues.queues[queue].waiting.push((Urgency(urgency), Reverse(operation)));
            }
        }
        let next = if let Some(operation) = self.most_urgent(queue, machine, at) {
            if !self.take_up(operation, go_on) {
                return false;
            }
            Some(at)
        } else {
            self.queues.queues[queue].arriving.peek().map(|Reverse((arrives, _))| *arrives)
        };
        if let Some(next) = next {
            self.call(queue, next);
        }
        true
    }

    fn most_urgent(&mut self, queue: usize, machine: MachineIndex, at: Seconds) -> Option<OperationIndex> {
        let mut looked_at = Vec::new();
        while looked_at.len() < LOOKED_AT {
            let Some((urgency, Reverse(operation))) = self.queues.queues[queue].waiting.pop() else { break };
            if !self.seen[operation.at()] {
                looked_at.push((urgency, operation));
            }
        }
        let now = |it: &(Urgency, OperationIndex)| Urgency(self.urgency(it.1, machine, at));
        let best = (0..looked_at.len()).map(|at| (now(&looked_at[at]), at)).max()?.1;
        let (_, operation) = looked_at.swap_remove(best);
        let waiting = &mut self.queues.queues[queue].waiting;
        waiting.extend(looked_at.into_iter().map(|(urgency, operation)| (urgency, Reverse(operation))));
        Some(operation)
    }

    fn take_up(&mut self, operation: OperationIndex, go_on: &mut GoOn<'_>) -> bool {
        let ground = self.board.ground();
        let unit = ground.tied.unit(&operation);
        for operation in unit {
            self.seen[operation.at()] = true;
        }
        let put: &Put<'_> = &|board, operation, ends_from| list::place(board, operation, (None, ends_from));
        if !tied::place(self.board, unit, put, &mut self.later, go_on) {
            return false;
        }
        for &operation in unit {
            if self.board.fit(operation).is_none() {
                continue;
            }
            for link in ground.problem.after(operation).filter(|link| ground.is_free(link.after)) {
                let waits = ground.tied.first(link.after);
                if waits != unit[0] {
                    let left = &mut self.waits_for[waits.at()];
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        self.arrive(waits);
                    }
                }
            }
        }
        true
    }

    #[expect(clippy::cast_precision_loss, reason = "urgency is a rough measure")]
    fn urgency(&self, operation: OperationIndex, machine: MachineIndex, at: Seconds) -> f64 {
        let ground = self.board.ground();
        let data = ground.problem.operation(operation);
        let job = &ground.problem.model().jobs[data.job.at()];
        let chosen = data.alternatives.iter().find(|alternative| alternative.machine == machine);
        let run = chosen.map_or(1, |chosen| chosen.run.max(1)) as f64;
        let left = (run + ground.tail[operation.at()] as f64) * self.rule.stretch;
        let slack = job.due.map_or(1e12, |due| due as f64 - left - at as f64);
        let data_machine = ground.problem.machine(machine);
        let changeover = ground.problem.changeover(data_machine, self.board.family(machine), data.family) as f64;
        match self.rule.kind {
            Kind::TardinessCost(spread) => {
                let spread = spread * self.mean_run * self.rule.stretch;
                let weight = (job.weight.max(0) as f64).max(0.1);
                (weight / (run + changeover)) * (-(slack.max(0.0) / spread)).exp().max(1e-200)
            }
            Kind::Slack => 1e15 - slack,
            Kind::DueDate => 1e15 - job.due.map_or(1e14, |due| due as f64),
            Kind::WorkLeft => left,
            Kind::WeightByLength => job.weight as f64 / (run + changeover),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean is a rough measure")]
fn mean_run(ground: &Ground<'_>) -> f64 {
    let runs = || ground.problem.model().operations.iter().filter_map(|it| it.alternatives.first()).map(|it| it.run);
    let count = runs().count().max(1);
    (runs().sum::<Seconds>() as f64 / count as f64).max(1.0)
}
