//! `kilter solve` as people run it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use tests::process::{done, kilter, refused};
use tests::shops::Dice;

fn instance() -> Json {
    json!({"format": "jobshop-instance-1", "name": "small", "n_machines": 2,
        "jobs": [[[[0, 3]], [[1, 2]]], [[[1, 4]], [[0, 1]]], [[[0, 2]], [[1, 2]]]]})
}

#[test]
fn a_plan_is_made_drawn_checked_and_told_when_it_breaks_a_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (file, plan, chart) = (path("small.json"), path("plan.json"), path("plan.svg"));
    fs::write(&file, instance().to_string()).expect("an instance");
    let told = done(&["solve", &file, "--iterations", "200", "--json", &plan, "--gantt", &chart]);
    assert!(told.contains("makespan"), "{told}");
    let mut answer: Json = serde_json::from_slice(&fs::read(&plan).expect("a plan")).expect("JSON");
    assert_eq!((&answer["makespan"], answer["assignments"].as_array().map(Vec::len)), (&json!(8), Some(6)));
    for field in ["status", "weighted_tardiness", "objective", "bound", "first_plan_ms", "elapsed_ms", "seed"] {
        assert!(answer.get(field).is_some(), "{field} is missing");
    }
    assert!(fs::read_to_string(&chart).expect("a chart").starts_with("<svg"));
    assert!(done(&["solve", &file, "--check", &plan]).ends_with("the plan keeps every rule"));

    answer["assignments"][0]["end"] = json!(4);
    fs::write(&plan, answer.to_string()).expect("a plan");
    let (exit, stderr) = refused(&["solve", &file, "--check", &plan]);
    assert!(exit == 12 && stderr.contains("error PLAN_INVALID: "), "{exit} {stderr}");
    fs::write(&file, instance().to_string().replace("[0,3]", "[9,3]")).expect("an instance");
    let (exit, stderr) = refused(&["solve", &file]);
    assert!(exit == 3 && stderr.contains("error FILE_INVALID: ") && stderr.contains("jobs[0][0]"), "{exit} {stderr}");
}

#[test]
fn whoever_presses_ctrl_c_has_the_best_plan_so_far() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.json");
    // Random lengths: nobody proves a plan of that to be the best while this test runs.
    let mut dice = Dice(1);
    let mut step = |job: usize, k: usize| json!([[(job * 7 + k * [1, 2, 7, 11][job % 4]) % 15, dice.between(1, 99)]]);
    let mut steps = |job: usize| (0..15).map(|k| step(job, k)).collect::<Json>();
    let jobs: Vec<Json> = (0..15).map(&mut steps).collect();
    let large = json!({"format": "jobshop-instance-1", "name": "large", "n_machines": 15, "jobs": jobs});
    fs::write(&file, large.to_string()).expect("an instance");
    let mut command = Command::new(kilter());
    command.arg("solve").arg(&file).args(["--seconds", "600"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kilter starts");
    let mut progress = BufReader::new(child.stderr.take().expect("progress")).lines();
    assert!(progress.next().expect("a line").expect("text").contains("makespan"));
    let interrupted = Command::new("kill").arg("-INT").arg(child.id().to_string()).status().expect("kill runs");
    assert!(interrupted.success());
    let mut told = String::new();
    child.stdout.take().expect("a plan").read_to_string(&mut told).expect("text");
    assert!(child.wait().expect("it ends").success() && told.contains("feasible: makespan"), "{told}");
}
