//! Who can do what, as the optimiser asks it: everything that a person may be needed for becomes a skill.

use std::collections::HashMap;

use domain::kernel::{OperatorId, Timestamp};
use domain::scheduling::placement::OperationRef;
use domain::scheduling::solver::model::{self, Attendance, Labour, SkillIndex};
use domain::workforce::operator::Skill;

use super::index::Index;
use super::shop::{Operation, Operator, Shop};

/// Name of the skills that only those have whom work is assigned to; no skill of people has a space in front.
pub(super) const ASSIGNED: &str = " assigned";

/// Who may do some work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// Whoever works here, is one of these (or anybody, where there are none), and has the skill at that level.
    Able { need: Option<(Skill, u8)>, among: Vec<OperatorId> },
    /// This one, as the floor or a planner said, whatever else is known.
    Named(OperatorId),
}

impl Who {
    /// Whoever an operation needs; `None` where nobody.
    pub(super) fn for_operation(operation: &Operation) -> Option<Self> {
        if operation.is_outside() {
            return None;
        }
        let need = operation.plan.skill.as_ref().map(|need| (need.skill.clone(), need.level));
        let mut among = operation.assigned.clone();
        among.sort_unstable();
        among.dedup();
        (need.is_some() || !among.is_empty()).then_some(Self::Able { need, among })
    }

    /// Until when an operator is one of them; `None` where they are not.
    fn admits(&self, operator: &Operator) -> Option<Until> {
        match self {
            Self::Named(named) => (*named == operator.id).then_some(Until::Always),
            Self::Able { among, .. } if !operator.active || !(among.is_empty() || among.contains(&operator.id)) => None,
            Self::Able { need: None, .. } => Some(Until::Always),
            Self::Able { need: Some((skill, level)), .. } => {
                let held = operator.skills.iter().find(|held| held.skill == *skill && held.level >= *level)?;
                Some(held.expires.map_or(Until::Always, Until::At))
            }
        }
    }

    /// How the problem calls it.
    fn name(&self) -> String {
        match self {
            Self::Able { need: Some((skill, level)), among } if among.is_empty() => format!("{skill} {level}"),
            Self::Able { .. } | Self::Named(_) => ASSIGNED.to_owned(),
        }
    }
}

/// How long somebody may do some work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Always,
    /// Not at this instant, nor later.
    At(Timestamp),
}

/// The people of a shop, and the skills that its work asks for.
pub(super) struct People<'s> {
    operators: Vec<&'s Operator>,
    skills: HashMap<Who, SkillIndex>,
    pub(super) names: Vec<String>,
    pub(super) model: Vec<model::Operator>,
}

impl<'s> People<'s> {
    /// Everybody by code; nobody is in the model yet.
    pub(super) fn new(shop: &'s Shop, index: &mut Index) -> Self {
        let mut operators: Vec<&Operator> = shop.operators.values().collect();
        operators.sort_unstable_by(|one, other| one.code.cmp(&other.code));
        for operator in &operators {
            index.operators.add(&operator.id);
        }
        Self { operators, skills: HashMap::new(), names: Vec::new(), model: Vec::new() }
    }

    pub(super) fn operators(&self) -> &[&'s Operator] {
        &self.operators
    }

    /// That work needs one of them from its start to its end.
    pub(super) fn labour(&mut self, who: Who, index: &Index) -> Labour {
        let skill = match self.skills.get(&who) {
            Some(known) => *known,
            None => self.grant(who, index),
        };
        Labour { skill, during: Attendance::Full }
    }

    fn grant(&mut self, who: Who, index: &Index) -> SkillIndex {
        let skill = SkillIndex(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        for (operator, model) in self.operators.iter().zip(&mut self.model) {
            let Some(until) = who.admits(operator) else { continue };
            let expires = match until {
                Until::Always => None,
                Until::At(expires) => Some(index.second(expires)),
            };
            model.skills.push(model::SkillGrant { skill, percent: 100, expires });
        }
        self.names.push(who.name());
        self.skills.insert(who, skill);
        skill
    }
}

/// Of each operator at work, the operation that they began first: what they tend besides goes on without them.
pub(super) fn tended(shop: &Shop) -> HashMap<OperatorId, OperationRef> {
    let at_work = shop.jobs.values().flat_map(|job| &job.operations).flat_map(|operation| &operation.at_work);
    let mut first: HashMap<OperatorId, (Timestamp, OperationRef)> = HashMap::new();
    for work in at_work {
        let this = (work.since, OperationRef { job: work.job, operation: work.operation });
        let first = first.entry(work.operator).or_insert(this);
        *first = this.min(*first);
    }
    first.into_iter().map(|(operator, (_, operation))| (operator, operation)).collect()
}
