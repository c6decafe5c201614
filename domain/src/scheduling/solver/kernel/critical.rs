//! The longest way through a schedule: what must change for the makespan to fall.

use super::random::Random;
use super::schedule::Schedule;

/// Writes one critical path into `path`, from its beginning; by chance which, where there are several.
pub(super) fn critical_path(schedule: &Schedule, makespan: i64, random: &mut Random, path: &mut Vec<u32>) {
    let mut last = schedule.nil;
    for (seen, o) in schedule.critical_ends(makespan).enumerate() {
        if seen == 0 || random.below(seen + 1) == 0 {
            last = o;
        }
    }
    path_to(schedule, last, random, path);
}

/// Writes one way that makes `last` start when it does into `path`, from its beginning.
pub(super) fn path_to(schedule: &Schedule, last: u32, random: &mut Random, path: &mut Vec<u32>) {
    path.clear();
    let mut at = last;
    while at != schedule.nil {
        path.push(at);
        let node = schedule.node(at);
        let by_machine = node.prev != schedule.nil && schedule.end(node.prev) == node.head;
        let by_job = node.job_prev != schedule.nil && schedule.end(node.job_prev) == node.head;
        at = match (by_machine, by_job) {
            (true, true) if random.next() & 1 == 0 => node.job_prev,
            (true, _) => node.prev,
            (false, true) => node.job_prev,
            (false, false) => schedule.nil,
        };
    }
    path.reverse();
}
