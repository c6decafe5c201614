//! Upcasters: what an old version of an event's body means in the next one.

use std::collections::HashMap;

use domain::scheduling::site_plan::in_rows;
use serde_json::{Value, json};

/// Rewrites a body from one version to the next; says what is wrong when it can't.
pub type Upcast = fn(Value) -> Result<Value, String>;

/// One step for each (stored name, version) that was ever written and is not current.
#[derive(Debug, Clone, Default)]
pub struct Upcasters(HashMap<(&'static str, u16), Upcast>);

impl Upcasters {
    /// All that this build has.
    pub fn current() -> Self {
        Self::default()
            .with("company.opened", 1, andon_escalates)
            .with("company.policies_changed", 1, andon_escalates)
            .with("plan.published", 1, scenario_told_more)
            .with("plan.published", 2, changes_in_rows)
            .with("plan.followed", 1, changes_in_rows)
            .with("plan.moved", 1, changes_in_rows)
            .with("plan.taken_out", 1, changes_in_rows)
            .with("plan.undone", 1, as_it_is)
            .with("plan.undone", 2, changes_in_rows)
            .with("scenario.changed", 1, changes_in_rows)
            .with("scenario.rebased", 1, changes_in_rows)
            .with("scenario.based_on", 1, placements_in_rows)
    }

    /// Adds the step from `version` to the next.
    #[must_use]
    pub fn with(mut self, name: &'static str, version: u16, step: Upcast) -> Self {
        self.0.insert((name, version), step);
        self
    }

    /// The body in version `to`, through every version between.
    pub fn raise(&self, name: &str, versions: std::ops::Range<u16>, body: &[u8]) -> Result<Vec<u8>, String> {
        let mut value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        for version in versions {
            let step = self
                .0
                .iter()
                .find_map(|((known, from), step)| (*known == name && *from == version).then_some(step))
                .ok_or_else(|| format!("nothing leads on from version {version}"))?;
            value = step(value)?;
        }
        serde_json::to_vec(&value).map_err(|error| error.to_string())
    }
}

/// What came to it may be absent.
#[expect(clippy::unnecessary_wraps, reason = "a step may fail")]
const fn as_it_is(body: Value) -> Result<Value, String> {
    Ok(body)
}

/// Calls for help came later: they escalate after ten minutes where nobody has said otherwise.
#[expect(clippy::unnecessary_wraps, reason = "a step may fail")]
fn andon_escalates(mut body: Value) -> Result<Value, String> {
    for policies in ["was", "policies"] {
        if let Some(policies) = body.get_mut(policies).and_then(Value::as_object_mut) {
            policies.insert("andon_escalates_after_minutes".to_owned(), json!(10));
        }
    }
    Ok(body)
}

/// A what-if was named by its identity alone.
fn scenario_told_more(mut body: Value) -> Result<Value, String> {
    let origin = body.get_mut("origin").and_then(Value::as_object_mut).ok_or("no origin")?;
    if let Some(scenario) = origin.get_mut("scenario") {
        *scenario = json!({ "id": scenario.take(), "version": null, "reason": null });
    }
    Ok(body)
}

/// Each operation said by itself where it is.
fn changes_in_rows(mut body: Value) -> Result<Value, String> {
    let changes = body.get_mut("changes").ok_or("no changes")?;
    *changes = in_rows(changes.take()).map_err(|error| error.to_string())?;
    Ok(body)
}

/// The same where nothing else is said.
fn placements_in_rows(mut body: Value) -> Result<Value, String> {
    let placements = body.get_mut("placements").ok_or("no placements")?;
    *placements = in_rows(json!({ "placed": placements.take() })).map_err(|error| error.to_string())?;
    Ok(body)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn rename_width(mut body: Value) -> Result<Value, String> {
        let object = body.as_object_mut().ok_or("not an object")?;
        let width = object.remove("width").ok_or("no width")?;
        object.insert("width_mm".to_owned(), width);
        Ok(body)
    }

    fn add_height(mut body: Value) -> Result<Value, String> {
        body.as_object_mut().ok_or("not an object")?.insert("height_mm".to_owned(), json!(0));
        Ok(body)
    }

    fn upcasters() -> Upcasters {
        Upcasters::default().with("plate.cut", 1, rename_width).with("plate.cut", 2, add_height)
    }

    #[test]
    fn an_old_body_is_raised_through_every_version() {
        let raised = upcasters().raise("plate.cut", 1..3, br#"{"width":7}"#).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&raised).unwrap(), json!({"width_mm": 7, "height_mm": 0}));
    }

    #[test]
    fn a_missing_step_and_a_body_that_does_not_fit_are_told() {
        assert_eq!(
            upcasters().raise("plate.cut", 1..4, br#"{"width":7}"#),
            Err("nothing leads on from version 3".into())
        );
        assert_eq!(upcasters().raise("plate.cut", 1..2, b"{}"), Err("no width".into()));
        assert!(upcasters().raise("plate.cut", 1..2, b"{").is_err());
    }
}
