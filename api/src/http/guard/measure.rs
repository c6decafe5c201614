//! The size of a document's answer, computed from the tree with every fragment measured once.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Positioned, Value, Variables};

use super::exceeded;
use crate::http::problem::{Code, Problem};
use crate::http::settings::DocumentLimits;

/// Fields of the introspection that are lists. The standard query of every tool asks for nine of them.
const INTROSPECTION_LISTS: [&str; 9] =
    ["types", "fields", "args", "inputFields", "interfaces", "enumValues", "possibleTypes", "directives", "locations"];
/// How many of them one document may ask for.
const MAX_INTROSPECTION_LISTS: u64 = 12;
/// Those that lead from a type to other types: inside each other they multiply.
const TYPE_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What a selection costs.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// Fields, expanded.
    fields: u64,
    /// Fields of the answer, pages counted at their size.
    answer_fields: u64,
    /// Fields inside fields.
    depth: u64,
    /// Lists of the introspection.
    introspection_lists: u64,
    /// Type lists inside type lists.
    type_lists: u64,
}

impl Cost {
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            answer_fields: self.answer_fields.saturating_add(other.answer_fields),
            depth: self.depth.max(other.depth),
            introspection_lists: self.introspection_lists.saturating_add(other.introspection_lists),
            type_lists: self.type_lists.max(other.type_lists),
        }
    }
}

/// The field that checks a password.
const CHECKS_PASSWORD: &str = "changePassword";

/// How many fields the root of an operation has.
pub(super) struct Roots {
    /// All of them.
    pub(super) fields: u32,
    /// Those that check a password.
    pub(super) password_checks: u32,
}

fn saturated(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Refuses a document that costs too much, whichever of its operations is chosen: the engine validates all of them. Gives what
/// stands at the root of the chosen one.
pub(super) fn check(
    document: &ExecutableDocument,
    chosen: &OperationDefinition,
    variables: &Variables,
    limits: &DocumentLimits,
) -> Result<Roots, Problem> {
    Written::of(document).check(limits)?;
    let mut measure = Measure { document, variables, fragments: HashMap::new() };
    let mut all = Cost::default();
    for (_, operation) in document.operations.iter() {
        let cost = measure.selection_set(&operation.node.selection_set, Place::Root)?;
        all = all.beside(cost);
    }
    // What is spread nowhere is validated as well.
    for name in document.fragments.keys() {
        measure.fragment(name, Place::Data)?;
    }
    let roots = measure.roots(chosen, None);
    let checks = [
        ("fields", all.fields, limits.fields),
        ("depth", all.depth, limits.depth),
        ("root fields", roots, limits.root_fields),
        ("fields in the answer", all.answer_fields, limits.answer_fields),
        ("lists of the introspection", all.introspection_lists, MAX_INTROSPECTION_LISTS),
        ("type lists inside each other", all.type_lists, 1),
    ];
    if let Some((limit, _, most)) = checks.into_iter().find(|(_, is, most)| is > most) {
        return Err(exceeded(limit, most));
    }
    let checks = measure.roots(chosen, Some(CHECKS_PASSWORD));
    Ok(Roots { fields: saturated(roots), password_checks: saturated(checks) })
}

/// Where a selection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Root,
    Data,
    Introspection,
}

enum Measured {
    Begun,
    Done(Cost),
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    fragments: HashMap<(&'a str, Place), Measured>,
}

impl<'a> Measure<'a> {
    fn selection_set(&mut self, set: &'a Positioned<SelectionSet>, place: Place) -> Result<Cost, Problem> {
        let mut sum = Cost::default();
        for selection in &set.node.items {
            let cost = match &selection.node {
                Selection::Field(field) => self.field(&field.node, place)?,
                Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set, place)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, place)?,
            };
            sum = sum.beside(cost);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &str, place: Place) -> Result<Cost, Problem> {
        // A name that is not defined costs nothing here: validation tells it.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(Cost::default()) };
        match self.fragments.get(&(name.as_str(), place)) {
            Some(Measured::Done(cost)) => return Ok(*cost),
            Some(Measured::Begun) => {
                return Err(Problem::new(Code::ValidationFailed, "a fragment of the document spreads itself"));
            }
            None => {}
        }
        self.fragments.insert((name, place), Measured::Begun);
        let cost = self.selection_set(&fragment.node.selection_set, place)?;
        self.fragments.insert((name, place), Measured::Done(cost));
        Ok(cost)
    }

    fn field(&mut self, field: &'a Field, place: Place) -> Result<Cost, Problem> {
        let name = field.name.node.as_str();
        let inside = match place {
            Place::Root if name == "__schema" || name == "__type" => Place::Introspection,
            Place::Root | Place::Data => Place::Data,
            Place::Introspection => Place::Introspection,
        };
        if inside == Place::Introspection && field.alias.is_some() {
            return Err(Problem::new(Code::LimitExceeded, "the introspection is asked for without aliases")
                .with("limit", "aliases"));
        }
        let children = self.selection_set(&field.selection_set, inside)?;
        let list = |names: &[&str]| u64::from(inside == Place::Introspection && names.contains(&name));
        let rows = if inside == Place::Data { self.rows(field) } else { 1 };
        Ok(Cost {
            fields: children.fields.saturating_add(1),
            answer_fields: children.answer_fields.saturating_mul(rows).saturating_add(1),
            depth: children.depth + 1,
            introspection_lists: children.introspection_lists.saturating_add(list(&INTROSPECTION_LISTS)),
            type_lists: children.type_lists + list(&TYPE_LISTS),
        })
    }

    /// The rows that a page argument asks for, as far as the document and the variables tell.
    fn rows(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].into_iter().filter_map(|name| field.get_argument(name));
        let known = asked.filter_map(|value| {
            let given = |name| self.variables.get(&name).cloned().ok_or(());
            value.node.clone().into_const_with(given).ok()
        });
        known
            .filter_map(|value| if let Value::Number(number) = value { number.as_u64() } else { None })
            .fold(1, u64::max)
    }

    /// Fields at the root of the operation, or only those of a name, counted where a fragment spreads them too.
    fn roots(&self, operation: &'a OperationDefinition, only: Option<&str>) -> u64 {
        fn count(set: &SelectionSet, document: &ExecutableDocument, (only, budget): (Option<&str>, &mut u64)) -> u64 {
            let mut sum = 0_u64;
            for selection in &set.items {
                if *budget == 0 {
                    return u64::MAX;
                }
                *budget -= 1;
                sum = sum.saturating_add(match &selection.node {
                    Selection::Field(field) => u64::from(only.is_none_or(|only| field.node.name.node == only)),
                    Selection::InlineFragment(inline) => {
                        count(&inline.node.selection_set.node, document, (only, &mut *budget))
                    }
                    Selection::FragmentSpread(spread) => document
                        .fragments
                        .get(&spread.node.fragment_name.node)
                        .map_or(0, |fragment| count(&fragment.node.selection_set.node, document, (only, &mut *budget))),
                });
            }
            sum
        }
        count(&operation.selection_set.node, self.document, (only, &mut 1000))
    }
}

/// What stands in the text, each thing counted once.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    aliases: u64,
    directives: u64,
}

impl Written {
    fn of(document: &ExecutableDocument) -> Self {
        let mut written = Self::default();
        for (_, operation) in document.operations.iter() {
            written.directives(&operation.node.directives);
            for variable in &operation.node.variable_definitions {
                written.directives(&variable.node.directives);
            }
            written.selection_set(&operation.node.selection_set.node);
        }
        for fragment in document.fragments.values() {
            written.directives(&fragment.node.directives);
            written.selection_set(&fragment.node.selection_set.node);
        }
        written
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        self.directives += directives.len() as u64;
    }

    fn selection_set(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    self.aliases += u64::from(field.node.alias.is_some());
                    self.selection_set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn check(self, limits: &DocumentLimits) -> Result<(), Problem> {
        if self.aliases > limits.aliases {
            return Err(exceeded("aliases", limits.aliases));
        }
        if self.directives > limits.directives {
            return Err(exceeded("directives", limits.directives));
        }
        Ok(())
    }
}
