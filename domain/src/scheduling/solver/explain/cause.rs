//! What time goes into, and problems in which one cause is gone.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::scheduling::solver::Problem;
use crate::scheduling::solver::model::{
    Alternative, Attendance, Labour, MachineIndex, MaterialIndex, Model, OperationIndex, OperatorIndex, ToolIndex,
};

/// What a stretch of time went into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It ran.
    Run,
    /// It was set up.
    Setup,
    /// It was done before the plan begins.
    Done,
    /// A lag after what came first.
    Lag,
    /// The machine had no shift.
    NoShift(MachineIndex),
    /// The machine was down.
    Downtime(MachineIndex),
    /// The operator was not at work.
    Absent(OperatorIndex),
    /// The machine was busy with something else.
    MachineBusy(MachineIndex, OperationIndex),
    /// The operator was busy with something else.
    OperatorBusy(OperatorIndex, OperationIndex),
    /// The tool was taken.
    ToolTaken(ToolIndex),
    /// Material had not come.
    Material(MaterialIndex),
    /// It was before now.
    Now,
    /// Somebody fixed it there.
    Pinned,
    /// Its batch waited for another member.
    Batch(OperationIndex),
    /// Nothing was in the way: the order of work left it, or it waited for time enough in one piece.
    Unused,
}

impl Cause {
    /// Whether an operator is needed while this goes on.
    pub(super) fn is_attended(self, labour: Labour) -> bool {
        match self {
            Self::Run => labour.during != Attendance::Setup,
            Self::Setup => labour.during != Attendance::Run,
            _ => false,
        }
    }
}

/// The model without a cause: one machine, operator or tool more, no closed time, material in stock. `None` where there is
/// nothing that could be done about it.
pub fn relaxed(problem: &Problem, cause: Cause) -> Option<Model> {
    let mut model = problem.model().clone();
    match cause {
        Cause::NoShift(machine) => model.machines[machine.at()].calendar = None,
        Cause::Downtime(machine) => model.machines[machine.at()].downtime.clear(),
        Cause::Absent(operator) => {
            model.operators[operator.at()].calendar = None;
            model.operators[operator.at()].absences.clear();
        }
        Cause::MachineBusy(machine, _) => {
            let twin = MachineIndex(u32::try_from(model.machines.len()).ok()?);
            model.machines.push(model.machines[machine.at()].clone());
            let mut longer: HashMap<*const Alternative, Arc<[Alternative]>> = HashMap::new();
            for alternatives in model.operations.iter_mut().map(|operation| &mut operation.alternatives) {
                if let Some(same) = alternatives.iter().find(|it| it.machine == machine) {
                    let twin = Alternative { machine: twin, ..*same };
                    let with_twin = || alternatives.iter().copied().chain([twin]).collect();
                    let longer = longer.entry(alternatives.as_ptr()).or_insert_with(with_twin);
                    *alternatives = Arc::clone(longer);
                }
            }
        }
        Cause::OperatorBusy(operator, _) => model.operators.push(model.operators[operator.at()].clone()),
        Cause::ToolTaken(tool) => model.tools[tool.at()].count = model.tools[tool.at()].count.saturating_add(1),
        Cause::Material(material) => model.materials[material.at()].stock += 1 << 32,
        Cause::Run
        | Cause::Setup
        | Cause::Done
        | Cause::Lag
        | Cause::Now
        | Cause::Pinned
        | Cause::Batch(_)
        | Cause::Unused => return None,
    }
    Some(model)
}
