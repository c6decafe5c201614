//! `kilter solve` as people run it.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value as Json, json};
use tests::process::{done, kilter, refused, run};
use tests::shops::Dice;

fn instance() -> Json {
    json!({"format": "jobshop-instance-1", "name": "small", "n_machines": 2,
        "jobs": [[[[0, 3]], [[1, 2]]], [[[1, 4]], [[0, 1]]], [[[0, 2]], [[1, 2]]]]})
}

/// Files of a test, gone with it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// The path of what is called so there.
    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    /// A file with this in it, and its path.
    fn with(&self, name: &str, content: &Json) -> String {
        let path = self.path(name);
        fs::write(&path, content.to_string()).expect("a file");
        path
    }
}

fn json_of(path: &str) -> Json {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn a_plan_is_made_drawn_checked_and_told_when_it_breaks_a_rule() {
    let folder = Folder::new();
    let file = folder.with("small.json", &instance());
    let (plan, chart) = (folder.path("plan.json"), folder.path("plan.svg"));
    let told = done(&["solve", &file, "--iterations", "200", "--json", &plan, "--gantt", &chart]);
    assert!(told.contains("makespan"), "{told}");
    let mut answer = json_of(&plan);
    assert_eq!((&answer["makespan"], answer["assignments"].as_array().map(Vec::len)), (&json!(8), Some(6)));
    for field in ["status", "weighted_tardiness", "objective", "bound", "first_plan_ms", "elapsed_ms", "seed"] {
        assert!(answer.get(field).is_some(), "{field} is missing");
    }
    assert!(fs::read_to_string(&chart).expect("a chart").starts_with("<svg"));
    assert!(
        done(&["solve", &file, "--check", &plan]).ends_with("the plan keeps every rule, and everything has a place")
    );

    answer["assignments"][0]["end"] = json!(4);
    fs::write(&plan, answer.to_string()).expect("a plan");
    let (exit, stderr) = refused(&["solve", &file, "--check", &plan]);
    assert!(exit == 12 && stderr.contains("error PLAN_INVALID: "), "{exit} {stderr}");
    fs::write(&file, instance().to_string().replace("[0,3]", "[9,3]")).expect("an instance");
    let (exit, stderr) = refused(&["solve", &file]);
    assert!(exit == 3 && stderr.contains("error FILE_INVALID: ") && stderr.contains("jobs[0][0]"), "{exit} {stderr}");
}

/// Random lengths: nobody proves a plan of that to be the best while these tests run.
fn large() -> Json {
    let mut dice = Dice(1);
    let mut step = |job: usize, k: usize| json!([[(job * 7 + k * [1, 2, 7, 11][job % 4]) % 15, dice.between(1, 99)]]);
    let mut steps = |job: usize| (0..15).map(|k| step(job, k)).collect::<Json>();
    let jobs: Vec<Json> = (0..15).map(&mut steps).collect();
    json!({"format": "jobshop-instance-1", "name": "large", "n_machines": 15, "jobs": jobs})
}

/// `kilter solve` with these arguments, running.
fn solving(arguments: &[&str]) -> Child {
    let mut command = Command::new(kilter());
    command.arg("solve").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("kilter starts")
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").arg("-INT").arg(child.id().to_string()).status().expect("kill runs");
    assert!(sent.success());
}

fn pipe(path: &str) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
}

/// Waits for the first line of progress.
fn searches(child: &mut Child) -> Lines<BufReader<ChildStderr>> {
    let mut progress = BufReader::new(child.stderr.take().expect("progress")).lines();
    assert!(progress.next().expect("a line").expect("text").contains("makespan"));
    progress
}

#[test]
fn whoever_presses_ctrl_c_has_the_best_plan_so_far() {
    let folder = Folder::new();
    let file = folder.with("large.json", &large());
    let (plan, chart) = (folder.path("plan.json"), folder.path("plan.svg"));
    let mut child = solving(&[&file, "--seconds", "600", "--json", &plan, "--gantt", &chart]);
    let _progress = searches(&mut child);
    interrupt(&child);
    let mut told = String::new();
    child.stdout.take().expect("a plan").read_to_string(&mut told).expect("text");
    assert!(child.wait().expect("it ends").success() && told.contains("feasible: makespan"), "{told}");
    let answer = json_of(&plan);
    assert_eq!(answer["assignments"].as_array().map(Vec::len), Some(225));
    assert!(fs::read_to_string(&chart).expect("a chart").trim_end().ends_with("</svg>"));
    assert!(
        done(&["solve", &file, "--check", &plan]).ends_with("the plan keeps every rule, and everything has a place")
    );
}

#[test]
fn ctrl_c_before_there_is_anything_to_search_ends_it_at_once() {
    let folder = Folder::new();
    let file = folder.path("never.json");
    pipe(&file);
    let mut child = solving(&[&file]);
    // It opens the file when it listens already, and this waits until it does.
    let never = fs::OpenOptions::new().write(true).open(&file).expect("it reads");
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(never);
}

#[test]
fn a_second_ctrl_c_ends_it_while_the_plan_is_written() {
    let folder = Folder::new();
    let (file, plan) = (folder.with("small.json", &instance()), folder.path("plan.json"));
    pipe(&plan);
    // Nobody reads the plan: writing it takes for ever.
    let mut child = solving(&[&file, "--iterations", "9", "--json", &plan]);
    let _progress = searches(&mut child);
    let code = loop {
        interrupt(&child);
        if let Some(status) = child.try_wait().expect("a child") {
            break status.code();
        }
    };
    assert_eq!(code, Some(130));
}

#[test]
fn ctrl_c_while_the_plan_is_written_loses_nothing_of_it() {
    let folder = Folder::new();
    let (file, plan) = (folder.with("small.json", &instance()), folder.path("plan.json"));
    pipe(&plan);
    let mut child = solving(&[&file, "--iterations", "9", "--json", &plan]);
    let _progress = searches(&mut child);
    interrupt(&child);
    let answer = json_of(&plan);
    assert_eq!(answer["assignments"].as_array().map(Vec::len), Some(6));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn two_plans_are_compared_after_as_many_iterations_never_after_as_much_time() {
    let folder = Folder::new();
    let file = folder.with("small.json", &instance());
    for without_iterations in [&["--seconds", "1"][..], &[]] {
        let asked = [&["solve", &file, "--what-if", &file], without_iterations].concat();
        assert_eq!(run(&asked).status.code(), Some(2), "{asked:?}");
    }
}

#[test]
fn a_change_of_nothing_brings_nothing_and_any_other_is_told_by_jobs() {
    let folder = Folder::new();
    let mut slow = instance();
    slow["jobs"][1][0] = json!([[1, 9]]);
    let (file, longer) = (folder.with("small.json", &instance()), folder.with("longer.json", &slow));
    let (known, compared) = (folder.path("known.json"), folder.path("compared.json"));
    let ask = |changed: &str| {
        let told = done(&["solve", &file, "--what-if", changed, "--iterations", "50", "--json", &compared]);
        (told, json_of(&compared))
    };
    let (told, answer) = ask(&file);
    assert!(told.ends_with("no job ends at another time"), "{told}");
    assert_eq!((&answer["jobs"], &answer["base"]), (&json!([]), &answer["variant"]));
    assert!(answer["change"].as_object().expect("changes").values().all(|it| it == 0), "{answer}");
    let (told, answer) = ask(&longer);
    assert_eq!(answer["change"]["makespan"], 5, "{told}");
    assert!(!answer["jobs"].as_array().expect("jobs").is_empty() && told.contains("would end"), "{told}");

    // What people know of a job that would be gone does not matter.
    let mut gone = instance();
    gone["jobs"].as_array_mut().expect("jobs").pop();
    let fewer = folder.with("fewer.json", &gone);
    done(&["solve", &file, "--iterations", "50", "--json", &known]);
    let told = done(&["solve", &file, "--what-if", &fewer, "--iterations", "50", "--baseline", &known]);
    assert!(told.lines().any(|line| line.starts_with('2') && line.contains('–')), "{told}");
}

#[test]
fn results_destroy_nothing_and_are_refused_before_the_search() {
    let folder = Folder::new();
    let file = folder.with("small.json", &instance());
    let (plan, nowhere) = (folder.path("plan.json"), folder.path("no/plan.json"));
    let told = |arguments: &[&str], exit: i32, code: &str| {
        let (is, stderr) = refused(&[&["solve", &file, "--seconds", "600"], arguments].concat());
        assert!(is == exit && stderr.starts_with(&format!("error {code}: ")), "{is} {stderr}");
    };
    told(&["--json", &file], 2, "USAGE");
    told(&["--gantt", &folder.path("./small.json")], 2, "USAGE");
    told(&["--json", &plan, "--gantt", &plan], 2, "USAGE");
    told(&["--json", &nowhere], 1, "OUTPUT_FAILED");
    told(&["--gantt", &folder.path("")], 1, "OUTPUT_FAILED");
    assert_eq!(fs::read_to_string(&file).expect("an instance"), instance().to_string());
    assert_eq!(fs::read_dir(&folder.0).expect("a folder").count(), 1, "nothing is left behind");

    // A plan may take its baseline's place, through a link and as private as it was; devices keep nothing.
    done(&["solve", &file, "--iterations", "9", "--json", &plan]);
    let (link, private) = (folder.path("link.json"), fs::Permissions::from_mode(0o600));
    symlink(&plan, &link).expect("a link");
    fs::set_permissions(&plan, private).expect("permissions");
    done(&["solve", &file, "--iterations", "9", "--baseline", &plan, "--json", &link]);
    assert_eq!(fs::metadata(&plan).expect("a plan").permissions().mode() & 0o777, 0o600);
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(fs::read_dir(&folder.0).expect("a folder").count(), 3, "no draft is left");
    done(&["solve", &file, "--iterations", "9", "--json", "/dev/null", "--gantt", "/dev/null"]);
}

#[test]
fn the_checker_speaks_of_rules_and_of_what_has_no_place_in_the_words_of_the_file() {
    let folder = Folder::new();
    let (file, report) = (folder.with("small.json", &instance()), folder.path("report.json"));
    let check = |plan: &Json| {
        let output = Command::new(kilter())
            .args(["solve", &file, "--check", &folder.with("plan.json", plan), "--json", &report])
            .output()
            .expect("kilter runs");
        let told = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
        (output.status.code(), told, json_of(&report))
    };
    let unplaced =
        |reason: &str| (0..6).map(|it| json!({"job": it / 2, "op": it % 2, "reason": reason})).collect::<Json>();
    let (exit, told, found) = check(&json!({"assignments": [], "unplaced": unplaced("out_of_time")}));
    assert_eq!((exit, &found["without_a_place"], &found["violations"]), (Some(13), &json!(6), &json!([])));
    assert!(told[1].contains("error PLAN_INCOMPLETE: incomplete: 6 of 6 operations have no place"), "{told:?}");

    let (exit, told, found) = check(&json!({"assignments": [
        {"job": 0, "op": 0, "machine": 0, "start": 0, "end": 3}, {"job": 0, "op": 1, "machine": 1, "start": 2, "end": 4}]}));
    assert_eq!((exit, &found["by_fault"]), (Some(12), &json!({"missing": 4, "too_early": 1})));
    let order: Vec<&str> = told[0].lines().filter(|line| line.starts_with("rule ")).collect();
    assert_eq!(order, ["rule 11, nothing lost: 4 violations", "rule 7, links: 1 violation"]);
    assert!(told[0].contains("job 0 op 1 runs before what comes first allows it: job 0 op 0, 2 to 3\n"), "{told:?}");
    assert!(told[0].contains("incomplete: 4 of 6 operations have no place"), "{told:?}");
    assert!(told[1].contains("the plan has 5 violations of 2 rules"), "{told:?}");
}

#[test]
fn what_a_check_finds_is_told_though_its_report_can_not_be_written() {
    let folder = Folder::new();
    let plan = json!({"assignments": [{"job": 0, "op": 0, "machine": 0, "start": 0, "end": 3}]});
    let (file, plan) = (folder.with("small.json", &instance()), folder.with("plan.json", &plan));
    let output = Command::new(kilter())
        .args(["solve", &file, "--check", &plan, "--json", "/dev/full"])
        .output()
        .expect("kilter runs");
    let told = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    assert!(told[0].contains("rule 11, nothing lost: 5 violations"), "{told:?}");
    assert!(told[1].contains("error OUTPUT_FAILED: ") && output.status.code() == Some(1), "{told:?}");
}
