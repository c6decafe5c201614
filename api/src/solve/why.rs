//! Why a job is late, in words: what the time from its release to its end went into, and where.

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::explain::{Cause, Explanation, Stretch};
use domain::scheduling::solver::model::OperationIndex;

use super::instance::Instance;
use super::units::{instant, length};

/// Stretches of waiting that are told one by one.
const TOLD: usize = 5;

/// Sums that add up to the whole time, the longest first, then the longest waits in their order.
pub fn lines(instance: &Instance, explanation: &Explanation) -> Vec<String> {
    let mut sums: Vec<(String, Seconds)> = Vec::new();
    for (cause, seconds) in explanation.totals() {
        let name = named(instance, cause);
        match sums.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += seconds,
            None => sums.push((name, seconds)),
        }
    }
    sums.sort_by_key(|(_, seconds)| -seconds);
    let sums: Vec<String> = sums.iter().map(|(name, seconds)| format!("{name} {}", length(*seconds))).collect();
    let whole = length(explanation.end - explanation.release);
    let mut lines = vec![format!("{whole} from release to end: {}", sums.join(" · "))];
    let mut waits: Vec<&Stretch> = explanation.stretches.iter().filter(|it| is_wait(it.cause)).collect();
    waits.sort_by_key(|it| it.from - it.to);
    waits.truncate(TOLD);
    waits.sort_by_key(|it| it.from);
    lines.extend(waits.into_iter().map(|it| wait(instance, it)));
    lines
}

const fn is_wait(cause: Cause) -> bool {
    !matches!(cause, Cause::Run | Cause::Setup | Cause::Done)
}

fn wait(instance: &Instance, it: &Stretch) -> String {
    let operation = &instance.problem.operation(it.operation).name;
    let with = match it.cause {
        Cause::MachineBusy(_, other) | Cause::OperatorBusy(_, other) | Cause::Batch(other) => {
            format!(" with {}", called(instance, other))
        }
        _ => String::new(),
    };
    let cause = named(instance, it.cause);
    format!(
        "{} – {} operation {operation}: {cause}{with}, {}",
        instant(it.from),
        instant(it.to),
        length(it.to - it.from)
    )
}

fn called(instance: &Instance, operation: OperationIndex) -> String {
    let (job, _) = instance.called(operation);
    format!("{} of {}", instance.problem.operation(operation).name, job.shown())
}

/// A cause in words.
pub fn named(instance: &Instance, cause: Cause) -> String {
    let model = instance.problem.model();
    match cause {
        Cause::Run => "run".to_owned(),
        Cause::Setup => "setup".to_owned(),
        Cause::Done => "done before".to_owned(),
        Cause::Lag => "lag".to_owned(),
        Cause::NoShift(machine) => format!("no shift on {}", model.machines[machine.at()].name),
        Cause::Downtime(machine) => format!("{} down", model.machines[machine.at()].name),
        Cause::Absent(operator) => format!("{} not at work", model.operators[operator.at()].name),
        Cause::MachineBusy(machine, _) => format!("{} busy", model.machines[machine.at()].name),
        Cause::OperatorBusy(operator, _) => format!("{} busy", model.operators[operator.at()].name),
        Cause::ToolTaken(tool) => format!("{} taken", model.tools[tool.at()].name),
        Cause::Material(material) => format!("no {} yet", model.materials[material.at()].name),
        Cause::Now => "before now".to_owned(),
        Cause::Pinned => "fixed there".to_owned(),
        Cause::Batch(_) => "its batch".to_owned(),
        Cause::Unused => "free, yet not used".to_owned(),
    }
}
