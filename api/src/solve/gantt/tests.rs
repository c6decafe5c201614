use domain::scheduling::solver::Preset;
use domain::scheduling::solver::model::{MachineIndex, OperationIndex, OperatorIndex};
use domain::scheduling::solver::plan::{Assignment, Reason, Unplaced};

use super::*;
use crate::solve::file::Text;

const SHOP: &str = r#"{"format": "shop-instance-1", "name": "<&\"'> shop", "time_unit": "minute", "now": 0, "frozen_until": 0,
  "calendars": {"day": [[0, 480], [1440, 1920]]}, "setup_matrix": [[0, 5], [5, 0]],
  "machines": [{"id": "saw <1>", "group": "saw", "speed": 1, "shift": "day"}],
  "operators": [{"id": "Ada & Bob", "skills": {"saw": 1}, "shift": "day"}], "downtime": [], "materials": [],
  "jobs": [{"id": "J\u0007\u0000<script>alert(1)</script>", "qty": 1, "priority": 1, "material": null, "material_qty": 0,
    "release": 0, "due": 300, "ops": [{"group": "saw", "run": 600, "setup": 30, "family": 0, "skill": "saw",
      "needs_operator": "full", "interruptible": true, "min_lag_after": 0, "transfer_fraction": 1, "outside": false}]}]}"#;

fn made() -> Made {
    Made { preset: Some(Preset::FewChangeovers), backward: true, at: "2026-11-22 12:00 UTC".to_owned() }
}

fn chart() -> String {
    let instance = Instance::read(&Text::new("shop.json", SHOP)).unwrap();
    let (machine, operator) = (MachineIndex(0), Some(OperatorIndex(0)));
    let it = Assignment { machine, operator, start: 0, run_start: 1_800, end: 1_440 * 60 + 150 * 60 };
    svg(&instance, &Plan { assignments: vec![Some(it)], ..Plan::default() }, &made())
}

#[test]
fn what_people_call_things_is_text_and_never_markup() {
    let chart = chart();
    assert!(!chart.contains("<script") && chart.contains("&lt;script&gt;") && chart.contains("&lt;1&gt;"), "{chart}");
    assert!(chart.chars().all(|c| !c.is_control() || c == '\n'));
    let mut depth = 0_i32;
    let mut reader = quick_xml::Reader::from_str(&chart);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}

#[test]
fn setup_pauses_and_lateness_are_seen() {
    let chart = chart();
    // On the machine's lane and on the operator's: a setup, two pieces of run, and the pause overnight; the legend once.
    assert_eq!(chart.matches("url(#setup)").count(), 3);
    assert_eq!(chart.matches("class=\"p\"").count(), 3);
    assert!(chart.contains(">+21:30</text>"), "{chart}");
}

#[test]
fn a_chart_says_how_much_of_the_plan_is_missing() {
    assert!(chart().contains(" · all done at "));
    let instance = Instance::read(&Text::new("shop.json", SHOP)).unwrap();
    let unplaced = vec![Unplaced { operation: OperationIndex(0), reason: Reason::SkillMissing }];
    let chart = svg(&instance, &Plan { assignments: vec![None], unplaced, ..Plan::default() }, &made());
    assert!(chart.contains("1 operations · 1 without a place, the rest done at "), "{chart}");
    assert!(chart.contains("nobody has the skill (1)") && chart.contains("&lt;/script&gt;·0</text>"), "{chart}");
    assert!(chart.contains("Late jobs: 1") && chart.contains("never done: due 1/05:00, 1 without a place"), "{chart}");
}

#[test]
fn a_chart_fits_a_screen_and_says_how_its_plan_was_made() {
    let chart = chart();
    assert!(chart.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1600\""), "{chart}");
    assert!(
        chart.contains(">few changeovers · planned backward from the due dates · 2026-11-22 12:00 UTC<"),
        "{chart}"
    );
    assert!(chart.contains("Late jobs: 1") && chart.contains("+21:30: due 1/05:00, done 2/02:30, weight 1"), "{chart}");
}

#[test]
fn leading_zeros_of_job_names_are_left_out_where_that_leaves_them_different() {
    assert_eq!(called(vec!["J00012", "J00000", "A007b", "12", ""]), ["J12", "J0", "A7b", "12", ""]);
    assert_eq!(called(vec!["J01", "J1"]), ["J01", "J1"]);
}
