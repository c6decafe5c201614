//! Why an operation has no place, in words that name what is missing.

use domain::scheduling::placement::OperationRef;

use super::problem::NotPlanned;
use super::shop::{Job, Operation, Shop};

impl Shop {
    /// The reason in words; `None` of an operation that is not there.
    pub fn told(&self, operation: OperationRef, why: NotPlanned) -> Option<String> {
        let (job, known) = self.operation(operation)?;
        Some(match why {
            NotPlanned::NotYet => "nobody has planned it yet".to_owned(),
            NotPlanned::NoMachine => self.no_machine(known),
            NotPlanned::TooLong => "it would take longer than five years".to_owned(),
            NotPlanned::SkillMissing => format!("nobody who works here has {}", skill(known)),
            NotPlanned::AssignedUnable => {
                format!("none of those it is assigned to works here and has {}", skill(known))
            }
            NotPlanned::SkillExpires => {
                format!("whoever has {} has it no longer when the work could be done", skill(known))
            }
            NotPlanned::CalendarsNeverMeet => {
                "no machine and operator are there together long enough before the calendars end".to_owned()
            }
            NotPlanned::NoOpeningLongEnough => "no opening is long enough".to_owned(),
            NotPlanned::LagTooLong => match known.plan.max_lag_seconds {
                Some(most) => format!("it can't begin within {most} s of the operation before it"),
                None => "the longest lag after the operation before it can't be kept".to_owned(),
            },
            NotPlanned::PredecessorUnplanned => predecessor(job, known),
            NotPlanned::ToolMissing => "a tool is missing".to_owned(),
            NotPlanned::MaterialNeverArrives => "a material never arrives".to_owned(),
            NotPlanned::OutOfTime => "the search was ended before it came to it".to_owned(),
        })
    }

    fn no_machine(&self, operation: &Operation) -> String {
        let code = |id| self.work_centers.get(id).map(|it| it.code.to_string());
        let others = operation.plan.alternatives.iter().map(|it| &it.work_center);
        let codes: Vec<String> = [&operation.plan.work_center].into_iter().chain(others).filter_map(code).collect();
        format!("no machine of {} is in use", codes.join(" or "))
    }
}

fn skill(operation: &Operation) -> String {
    let need = operation.plan.skill.as_ref();
    need.map_or_else(|| "what it needs".to_owned(), |need| format!("skill {} at level {}", need.skill, need.level))
}

fn predecessor(job: &Job, operation: &Operation) -> String {
    let mut before = job.operations.iter().filter(|it| it.plan.number < operation.plan.number && !it.is_finished());
    match before.next_back() {
        Some(before) => format!("operation {} before it has no place", before.plan.number.0),
        None => "an operation before it has no place".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::WorkCenterId;
    use uuid::Uuid;

    use super::*;
    use crate::planning::sample::shop;

    #[test]
    fn a_reason_names_what_is_missing() {
        let (mut shop, _) = shop(1);
        let (id, job) = shop.jobs.iter_mut().find(|(_, job)| job.operations.len() > 1).unwrap();
        job.operations.truncate(2);
        for operation in &mut job.operations {
            (operation.finished_at, operation.plan.skill) = (None, None);
            operation.plan.alternatives.clear();
        }
        let (id, numbers) = (*id, [0, 1].map(|at| job.operations[at].plan.number));
        let place = job.operations[1].plan.work_center;
        let of = OperationRef { job: id, operation: numbers[1] };
        let told = |why| shop.told(of, why).unwrap();
        assert_eq!(
            told(NotPlanned::PredecessorUnplanned),
            format!("operation {} before it has no place", numbers[0].0)
        );
        let code = shop.work_centers[&place].code.to_string();
        assert_eq!(told(NotPlanned::NoMachine), format!("no machine of {code} is in use"));
        assert_eq!(told(NotPlanned::SkillMissing), "nobody who works here has what it needs");
        let nowhere = OperationRef { job: domain::kernel::JobId(WorkCenterId(Uuid::nil()).0), ..of };
        assert_eq!(shop.told(nowhere, NotPlanned::NotYet), None);
    }
}
