//! First plans: dispatch rules. Machines take up work as time goes on, each from its own queue, whatever is most urgent then.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Seconds;
use super::decode::tied::{self, Put};
use super::decode::{Board, Ground, List, list};
use super::kernel::random::Random;
use super::model::{MachineIndex, OperationIndex};

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

/// A rule with its chance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    /// How many seconds by the clock a second of work left is taken for: shops are closed at night.
    pub(crate) stretch: f64,
    /// How far chance may change urgency.
    pub(crate) noise: f64,
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
    let rule = |stretch: f64| move |kind: &Kind| Rule { kind: *kind, stretch, noise: 0.0 };
    let mut rules: Vec<Rule> = kinds.iter().map(rule(3.0)).collect();
    rules.extend(kinds[..3].iter().map(rule(1.0)));
    rules.extend(kinds[..3].iter().map(rule(8.0)));
    rules
}

/// Most operations of a queue whose urgency is looked at anew each time.
const LOOKED_AT: usize = 24;

#[derive(Debug, Default)]
struct Queue {
    /// By when they can be taken up.
    arriving: BinaryHeap<Reverse<(Seconds, OperationIndex)>>,
    /// By how urgent they were when they came.
    waiting: BinaryHeap<(Urgency, Reverse<OperationIndex>)>,
    /// Whether there is an event for it.
    awake: bool,
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
    chance: &'b mut Random,
    mean_run: f64,
    queues: Vec<Queue>,
    events: BinaryHeap<Reverse<(Seconds, MachineIndex)>>,
    waits_for: Vec<u32>,
    /// Placed or refused.
    seen: Vec<bool>,
    later: Vec<OperationIndex>,
}

/// Dispatches everything. `go_on` is asked now and then; false when it ended that early.
pub(crate) fn dispatch(
    board: &mut Board<'_>,
    rule: Rule,
    chance: &mut Random,
    go_on: &mut dyn FnMut(&Board<'_>) -> bool,
) -> bool {
    let ground = board.ground();
    let problem = ground.problem;
    let free = |operation: OperationIndex| ground.is_free(operation);
    let mut waits_for = vec![0_u32; problem.len()];
    for link in problem.operations().flat_map(|operation| problem.before(operation)) {
        if free(link.before) && !ground.tied.together(link.before, link.after) {
            waits_for[first(ground, link.after).at()] += 1;
        }
    }
    let mut dispatch = Dispatch {
        mean_run: mean_run(ground),
        queues: problem.model().machines.iter().map(|_| Queue::default()).collect(),
        events: BinaryHeap::new(),
        seen: vec![false; problem.len()],
        later: Vec::new(),
        board,
        rule,
        chance,
        waits_for,
    };
    for &operation in problem.order() {
        if free(operation) && first(ground, operation) == operation && dispatch.waits_for[operation.at()] == 0 {
            dispatch.arrive(operation);
        }
    }
    while let Some(Reverse((at, machine))) = dispatch.events.pop() {
        if !go_on(dispatch.board) {
            return false;
        }
        dispatch.turn(at, machine);
    }
    // What could not be placed is left, with all that waits for it.
    let later = std::mem::take(&mut dispatch.later);
    let mut seen = std::mem::take(&mut dispatch.seen);
    for operation in &later {
        seen[operation.at()] = false;
    }
    let rest = problem.order().iter().copied().filter(|it| free(*it) && !seen[it.at()]);
    let order: Vec<OperationIndex> = later.into_iter().chain(rest).collect();
    let rest = List { order: list::sorted(ground, &order, &seen), on: vec![None; problem.len()] };
    list::run(board, &rest, 0, go_on)
}

/// The first of those that an operation is tied to: it stands for all of them.
fn first(ground: &Ground<'_>, operation: OperationIndex) -> OperationIndex {
    ground.tied.unit(&operation).first().copied().unwrap_or(operation)
}

impl Dispatch<'_, '_> {
    /// Queues an operation at all machines that can do it.
    fn arrive(&mut self, operation: OperationIndex) {
        let ground = self.board.ground();
        let data = ground.problem.operation(operation);
        let ready = ground.problem.before(operation).filter_map(|link| self.board.ready(link)).max();
        let at = ready.map_or(ground.release(data.job), |ready| ready.max(ground.release(data.job)));
        for alternative in &data.alternatives {
            let queue = &mut self.queues[alternative.machine.at()];
            queue.arriving.push(Reverse((at, operation)));
            if !queue.awake {
                queue.awake = true;
                let at = at.max(self.board.tail(alternative.machine));
                self.events.push(Reverse((at, alternative.machine)));
            }
        }
    }

    /// A machine's turn: takes up the most urgent, if it is free then.
    fn turn(&mut self, at: Seconds, machine: MachineIndex) {
        let free = self.board.tail(machine);
        if free > at {
            self.events.push(Reverse((free, machine)));
            return;
        }
        while let Some(&Reverse((arrives, operation))) = self.queues[machine.at()].arriving.peek() {
            if arrives > at {
                break;
            }
            self.queues[machine.at()].arriving.pop();
            if !self.seen[operation.at()] {
                let urgency =
                    self.urgency(operation, machine, at) * (1.0 + self.rule.noise * (self.chance.unit() - 0.5));
                self.queues[machine.at()].waiting.push((Urgency(urgency), Reverse(operation)));
            }
        }
        let next = if let Some(operation) = self.most_urgent(machine, at) {
            self.take_up(operation);
            Some(at)
        } else {
            self.queues[machine.at()].arriving.peek().map(|Reverse((arrives, _))| *arrives)
        };
        self.queues[machine.at()].awake = next.is_some();
        self.events.extend(next.map(|next| Reverse((next, machine))));
    }

    fn most_urgent(&mut self, machine: MachineIndex, at: Seconds) -> Option<OperationIndex> {
        let mut looked_at = Vec::new();
        while looked_at.len() < LOOKED_AT {
            let Some((urgency, Reverse(operation))) = self.queues[machine.at()].waiting.pop() else { break };
            if !self.seen[operation.at()] {
                looked_at.push((urgency, operation));
            }
        }
        let now = |it: &(Urgency, OperationIndex)| {
            let noise = 1.0 + self.rule.noise * (self.chance_of(it.1) - 0.5);
            Urgency(self.urgency(it.1, machine, at) * noise)
        };
        let best = (0..looked_at.len()).max_by_key(|at| now(&looked_at[*at]))?;
        let (_, operation) = looked_at.swap_remove(best);
        let waiting = &mut self.queues[machine.at()].waiting;
        waiting.extend(looked_at.into_iter().map(|(urgency, operation)| (urgency, Reverse(operation))));
        Some(operation)
    }

    /// A number of an operation's own that stays the same through one dispatch.
    fn chance_of(&self, operation: OperationIndex) -> f64 {
        Random::new(self.chance.peek() ^ u64::from(operation.0)).unit()
    }

    fn take_up(&mut self, operation: OperationIndex) {
        let ground = self.board.ground();
        let unit = ground.tied.unit(&operation);
        for operation in unit {
            self.seen[operation.at()] = true;
        }
        let put: &Put<'_> = &|board, operation, ends_from| list::place(board, operation, (None, ends_from));
        tied::place(self.board, unit, put, &mut self.later);
        for &operation in unit {
            if self.board.fit(operation).is_none() {
                continue;
            }
            for link in ground.problem.after(operation).filter(|link| ground.is_free(link.after)) {
                let waits = first(ground, link.after);
                if waits != unit[0] {
                    let left = &mut self.waits_for[waits.at()];
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        self.arrive(waits);
                    }
                }
            }
        }
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
