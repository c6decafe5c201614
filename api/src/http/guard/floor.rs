//! What an operator at a terminal may ask: their own queue and day, the thing in front of them, and what they do with it.

use std::collections::BTreeSet;

use async_graphql::Value;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use uuid::Uuid;

use super::{Checked, choose};
use crate::http::problem::{Code, Problem};
use crate::http::request::Parameters;

/// What may be asked of nobody in particular.
const FREE: [&str; 10] = [
    "__typename",
    "company",
    "job",
    "machine",
    "machines",
    "changeMachineStatus",
    "viewer",
    "callAndon",
    "answerAndon",
    "endAndon",
];
/// What names an operator by an argument, who must be oneself.
const OWN: [&str; 2] = ["operatorDay", "readyToRun"];
/// What names an operator in its input, who must be oneself.
const OWN_WORK: [&str; 5] =
    ["startOperation", "pauseOperation", "resumeOperation", "reportQuantity", "finishOperation"];

/// Refuses what is not for a terminal. Whoever asks learns no more than that it is not there.
pub fn check(checked: &Checked, parameters: &Parameters, own: Uuid) -> Result<(), Problem> {
    let operation = choose(&checked.document, parameters.operation_name.as_deref())?;
    let mut look = Look { document: &checked.document, operation, parameters, own, seen: BTreeSet::new() };
    if !checked.past && look.all_fit(&operation.selection_set.node) {
        Ok(())
    } else {
        Err(Problem::new(
            Code::NotFound,
            "a terminal is for one's own work on the floor: sign in elsewhere for the rest",
        ))
    }
}

struct Look<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    parameters: &'a Parameters,
    own: Uuid,
    seen: BTreeSet<&'a str>,
}

impl<'a> Look<'a> {
    fn all_fit(&mut self, set: &'a SelectionSet) -> bool {
        set.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => self.fits(&field.node),
            Selection::InlineFragment(inline) => self.all_fit(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                // What was looked at once is as it was.
                if !self.seen.insert(name) {
                    return true;
                }
                let fragment = self.document.fragments.get(name);
                fragment.is_none_or(|fragment| self.all_fit(&fragment.node.selection_set.node))
            }
        })
    }

    fn fits(&self, field: &Field) -> bool {
        let name = field.name.node.as_str();
        if OWN.contains(&name) {
            return self.is_own(self.argument(field, "operatorId").as_ref());
        }
        if OWN_WORK.contains(&name) {
            return match self.argument(field, "input") {
                Some(Value::Object(input)) => self.is_own(input.get("operatorId")),
                _ => false,
            };
        }
        FREE.contains(&name)
    }

    fn is_own(&self, value: Option<&Value>) -> bool {
        matches!(value, Some(Value::String(id)) if Uuid::parse_str(id) == Ok(self.own))
    }

    /// An argument with its variables filled in; one that was left out is null.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let written = field.get_argument(name)?.node.clone();
        let filled = written.into_const_with(|name| {
            let declared = || {
                let mut all = self.operation.variable_definitions.iter();
                let declared = all.find(|declared| declared.node.name.node == name)?;
                declared.node.default_value().cloned()
            };
            let given = self.parameters.variables.get(&name).cloned().or_else(declared);
            Ok::<_, std::convert::Infallible>(given.unwrap_or_default())
        });
        filled.ok()
    }
}
