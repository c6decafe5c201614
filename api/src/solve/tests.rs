use domain::scheduling::solver::model::{Attendance, Capacity, MachineIndex, MaterialIndex, OperationIndex, Transfer};
use domain::scheduling::solver::plan::{Assignment, Plan, Reason, Unplaced};
use domain::scheduling::solver::validate::validate;
use serde_json::{Value, json};

use super::file::Text;
use super::*;

fn read(instance: &Value) -> Result<Instance, InstanceError> {
    Instance::read(&Text::new("f.json", &instance.to_string()))
}

fn refused(instance: &Value) -> String {
    read(instance).expect_err("refused").to_string()
}

fn abstracted() -> Value {
    json!({"format": "jobshop-instance-1", "name": "tiny", "n_machines": 2, "jobs": [[[[0, 3]], [[1, 2], [0, 4]]], [[[1, 5]]]]})
}

fn shop() -> Value {
    json!({
        "format": "shop-instance-1", "name": "small", "time_unit": "minute", "now": 480, "frozen_until": 720,
        "calendars": {"1s": [[480, 720], [750, 960], [1920, 2400]]}, "setup_matrix": [[0, 5], [6, 0]],
        "machines": [
            {"id": "saw-1", "group": "saw", "speed": 1, "shift": "1s"},
            {"id": "saw-2", "group": "saw", "speed": 1.25, "shift": "1s"}],
        "operators": [{"id": "op1", "skills": {"saw": 0.8}, "shift": "1s"}],
        "downtime": [{"machine": "saw-1", "start": 500, "end": 560}],
        "materials": [{"id": "M0", "stock": 5, "receipts": [{"t": 600, "qty": 10}]}],
        "jobs": [{"id": "J0", "qty": 10, "priority": 4, "material": "M0", "material_qty": 10, "release": 0, "due": 900, "ops": [
            {"group": "saw", "run": 33, "setup": 10, "family": 1, "skill": "saw", "needs_operator": "setup_only",
             "interruptible": false, "min_lag_after": 240, "transfer_fraction": 0.5, "outside": false},
            {"group": "subcontract", "run": 4320, "setup": 0, "family": 0, "skill": null, "needs_operator": "none",
             "interruptible": true, "min_lag_after": 0, "transfer_fraction": 1, "outside": true}]}]
    })
}

fn changed(mut instance: Value, place: &str, value: Value) -> Value {
    *instance.pointer_mut(place).expect("a place") = value;
    instance
}

#[test]
fn jobs_of_alternatives_follow_in_order() {
    let instance = read(&abstracted()).unwrap();
    let model = instance.problem.model();
    assert_eq!((instance.kind, instance.unit, model.operations.len(), model.links.len()), (Kind::Makespan, 1, 3, 1));
    assert_eq!(model.operations[1].alternatives.len(), 2);
    assert_eq!(instance.called(OperationIndex(1)), (Id::Number(0), 1));
}

#[test]
fn a_graph_of_operations_is_a_job_for_each_part_that_hangs_together() {
    let instance = read(&json!({"format": "jobshop-instance-1", "name": "tree", "n_machines": 1, "n_jobs": null,
        "ops": [[[0, 1]], [[0, 2]], [[0, 3]], [[0, 4]]], "prec": [[3, 1], [0, 1]]}))
    .unwrap();
    let jobs: Vec<u32> = instance.problem.model().operations.iter().map(|operation| operation.job.0).collect();
    assert_eq!(jobs, [0, 0, 1, 0]);
    assert_eq!(instance.called(OperationIndex(3)), (Id::Number(0), 3));
}

#[test]
fn due_dates_make_tardiness_count() {
    let mut with_dates = abstracted();
    with_dates["due"] = json!([4, 5]);
    with_dates["weight"] = json!([4, 1]);
    with_dates["release"] = json!([0, 2]);
    let instance = read(&with_dates).unwrap();
    let job = &instance.problem.model().jobs[0];
    assert_eq!((instance.kind, job.due, job.weight), (Kind::Tardiness, Some(4), 4));
    assert_eq!((instance.weights().tardiness, instance.weights().makespan), (1, 0));
}

#[test]
fn every_field_of_a_shop_has_its_meaning() {
    let instance = read(&shop()).unwrap();
    let model = instance.problem.model();
    let first = &model.operations[0];
    assert_eq!((model.now, model.frozen_until, instance.unit), (28_800, 43_200, 60));
    assert_eq!(
        first.alternatives.iter().map(|it| (it.setup, it.run)).collect::<Vec<_>>(),
        [(600, 1_980), (600, 1_584)]
    );
    assert_eq!(first.labour.map(|labour| labour.during), Some(Attendance::Setup));
    assert_eq!((first.uses.as_slice(), first.interruptible), (&[(MaterialIndex(0), 10)][..], false));
    assert_eq!(model.operators[0].skills[0].percent, 80);
    assert_eq!((model.links[0].min_lag, model.links[0].transfer), (14_400, Some(Transfer { first: 5, of: 10 })));
    assert_eq!(model.machines[0].downtime, [(30_000, 33_600)]);
    assert_eq!(model.changeovers[0][1][0], 360);
    let outside = &model.machines[2];
    assert_eq!((outside.name.as_str(), outside.capacity, outside.calendar), ("subcontract", Capacity::Unlimited, None));
    assert_eq!((model.jobs[0].weight, model.jobs[0].due), (4, Some(54_000)));
    assert_eq!(instance.called(OperationIndex(1)), (Id::Name("J0".to_owned()), 1));
}

#[test]
fn a_refusal_names_file_and_field() {
    let told = |place: &str, value: Value| refused(&changed(abstracted(), place, value));
    assert_eq!(told("/format", json!("other")), "f.json: format: is none of jobshop-instance-1 and shop-instance-1");
    assert_eq!(told("/jobs/0/0", json!([[2, 1]])), "f.json: jobs[0][0]: names machine 2; there are 2");
    assert_eq!(told("/jobs/0/1", json!([])), "f.json: jobs[0][1]: has no machine that can do it");
    assert_eq!(told("/jobs/1/0", json!([[0, -1]])), "f.json: jobs[1][0]: takes -1; it must be 0 or more");
    assert!(told("/jobs/1/0", json!([[0, i64::MAX]])).contains("run is 9223372036854775807"));
    assert!(told("/n_machines", json!(4_000_000_000_u32)).starts_with("f.json: n_machines: is 4000000000; at most"));
    assert!(told("/jobs", json!("x")).contains("field `jobs`: invalid type: string"));
    let cycle = json!({"format": "jobshop-instance-1", "name": "c", "n_machines": 1,
        "ops": [[[0, 1]], [[0, 2]]], "prec": [[0, 1], [1, 0]]});
    assert!(refused(&cycle).contains("operations wait for one another"), "{}", refused(&cycle));
    assert_eq!(refused(&changed(cycle, "/prec/0/1", json!(7))), "f.json: prec[0]: names operation 7; there are 2");
    let mut both = abstracted();
    both["prec"] = json!([[0, 1]]);
    assert_eq!(refused(&both), "f.json: prec: goes with `ops`; operations of `jobs` follow in order");
}

#[test]
fn what_collections_say_besides_is_passed_over_and_any_other_field_is_refused() {
    let mut described = abstracted();
    for field in ["kind", "family", "n_jobs", "n_ops", "lower_bound", "upper_bound", "status", "source"] {
        described[field] = json!(null);
    }
    assert!(read(&described).is_ok());
    described["setup"] = json!([[0, 1], [1, 0]]);
    assert!(refused(&described).contains("unknown field `setup`"), "it may be a rule: {}", refused(&described));
}

#[test]
fn more_choices_of_machines_than_can_be_looked_at_are_refused_before_they_take_memory() {
    let mut wide = shop();
    let saw = |index: u32| json!({"id": format!("saw-{index}"), "group": "saw", "speed": 1, "shift": "1s"});
    wide["machines"] = (0..20_000).map(saw).collect();
    wide["downtime"] = json!([]);
    wide["jobs"][0]["ops"] = vec![wide["jobs"][0]["ops"][0].clone(); 20_000].into();
    let told = refused(&wide);
    assert!(told.starts_with("f.json: jobs[0].ops[13421].group: \"saw\" has 20000 machines"), "{told}");
    assert!(told.ends_with("more choices than the 268435456 that can be planned at once"), "{told}");
    for (index, op) in wide["jobs"][0]["ops"].as_array_mut().unwrap().iter_mut().enumerate() {
        op["run"] = json!(index);
    }
    let told = refused(&wide);
    assert!(told.starts_with("f.json: jobs[0].ops[838].group: ") && told.contains("than the 16777216"), "{told}");
}

#[test]
fn a_late_job_of_which_something_has_no_place_is_told_with_the_reason() {
    let instance = read(&shop()).unwrap();
    let operation = |index| Unplaced { operation: OperationIndex(index), reason: Reason::SkillMissing };
    let plan = Plan { assignments: vec![None; 2], unplaced: vec![operation(0), operation(1)], ..Plan::default() };
    let late = table::late_jobs(&instance, &plan);
    assert_eq!((late.len(), late[0].end, late[0].lost.len()), (1, None, 2));
    let told = table::late(&instance, &late, |_| Vec::new());
    assert!(
        told.starts_with("J0 is never done: due 1/15:00, weight 4\n    operation 0 saw has no place: nobody"),
        "{told}"
    );
}

#[test]
fn a_refusal_of_a_shop_names_the_place() {
    let told = |place: &str, value: Value| refused(&changed(shop(), place, value));
    assert_eq!(
        told("/jobs/0/ops/0/group", json!("lathe")),
        "f.json: jobs[0].ops[0].group: there is no group of machines \"lathe\""
    );
    assert_eq!(told("/machines/1/id", json!("saw-1")), "f.json: machines[1].id: \"saw-1\" is there twice");
    assert_eq!(told("/machines/1/shift", json!("9s")), "f.json: machines[1].shift: there is no calendar \"9s\"");
    assert_eq!(
        told("/machines/1/speed", json!(0)),
        "f.json: machines[1].speed: is 0.0; it must be 0.01 to 100 in whole hundredths"
    );
    assert!(told("/jobs/0/ops/0/transfer_fraction", json!(1.5)).contains("ops[0].transfer_fraction: is 1.5"));
    assert!(told("/jobs/0/ops/0/run", json!(-5)).contains("jobs[0].ops[0].run: is -5"));
    assert!(told("/jobs/0/ops/0/skill", Value::Null).contains("ops[0].skill: is missing"));
    assert!(told("/jobs/0/ops/0/family", json!(2)).contains("family: is 2; setup_matrix has 2 rows"));
    assert!(told("/jobs/0/due", json!(i64::MAX)).contains("jobs[0].due: 9223372036854775807 is too far away"));
    assert!(told("/jobs/0/material", json!("M9")).contains("jobs[0].material: there is no material \"M9\""));
    assert!(told("/downtime/0/end", json!(1)).contains("downtime[0].end: is before the start"));
    assert!(told("/setup_matrix/0", json!([0])).contains("setup_matrix[0]: has 1 columns"));
    assert!(told("/jobs/0/ops/1/transfer_fraction", json!(-1)).contains("ops[1].transfer_fraction: is -1"));
    assert!(told("/jobs/0/ops/1/min_lag_after", json!(-1)).contains("ops[1].min_lag_after: is -1"));
    assert!(
        told("/machines/0/speed", json!(1e300))
            .ends_with("speed: is 1e300; it must be 0.01 to 100 in whole hundredths")
    );
    assert!(told("/machines/1/id", json!("subcontract")).contains("ops[1].group: \"subcontract\" is done outside"));
    let mut unknown = shop();
    unknown["jobs"][0]["ops"][0]["fixture"] = json!("F1");
    assert!(refused(&unknown).contains("unknown field `fixture`"), "it may be a rule: {}", refused(&unknown));
    assert!(read(&changed(shop(), "/jobs/0/qty", json!(u32::MAX))).is_ok());
}

#[test]
fn a_refusal_of_a_calendar_names_the_piece_and_a_name_that_is_there_twice() {
    let calendars = |calendars: &str| {
        let whole = changed(shop(), "/calendars", json!("HERE")).to_string().replace("\"HERE\"", calendars);
        Instance::read(&Text::new("f.json", &whole)).expect_err("refused").to_string()
    };
    let back = calendars(r#"{"1s": [[480, 720], [960, 750]]}"#);
    assert_eq!(back, "f.json: calendars.1s[1]: ends at 750, before it starts at 960");
    let twice = calendars(r#"{"1s": [[480, 720]], "1s": []}"#);
    assert!(twice.contains("field `1s`: \"1s\" is there twice"), "{twice}");
}

#[test]
fn a_plan_as_far_as_times_go_comes_back() {
    let far = json!({"format": "jobshop-instance-1", "name": "far", "n_machines": 1, "jobs": [[[[0, 5]]]],
        "release": [1_i64 << 50]});
    let instance = read(&far).unwrap();
    let plan = json!({"assignments": [
        {"job": 0, "op": 0, "machine": 0, "start": 1_i64 << 50, "end": (1_i64 << 50) + 5}]});
    assert!(plan_file::read(&instance, &Text::new("plan.json", &plan.to_string())).is_ok());
    let odd = changed(plan, "/assignments/0/job", json!(-1));
    let told = plan_file::read(&instance, &Text::new("plan.json", &odd.to_string())).expect_err("refused").to_string();
    assert!(told.contains("field `job`: must be a name, or a whole number"), "{told}");
}

#[test]
fn a_plan_comes_back_from_its_file_and_its_run_starts_are_found_where_it_does_not_say() {
    let instance = read(&shop()).unwrap();
    let sawn = Assignment {
        machine: MachineIndex(0),
        operator: Some(domain::scheduling::solver::model::OperatorIndex(0)),
        start: 36_000,
        run_start: 36_750,
        end: 38_730,
    };
    let away = Assignment { machine: MachineIndex(2), operator: None, start: 53_130, run_start: 53_130, end: 312_330 };
    let plan = Plan { assignments: vec![Some(sawn), Some(away)], ..Plan::default() };
    assert_eq!(validate(&instance.problem, &plan, None), []);
    let file = json!({"assignments": [
        {"job": "J0", "op": 0, "machine": "saw-1", "worker": "op1", "start": 600, "end": 645.5},
        {"job": "J0", "op": 1, "machine": "subcontract", "start": 885.5, "end": 5205.5}]});
    let text = |file: &Value| Text::new("plan.json", &file.to_string());
    assert_eq!(plan_file::read(&instance, &text(&file)).unwrap(), plan);
    let told = |place: &str, value: Value| {
        plan_file::read(&instance, &text(&changed(file.clone(), place, value))).expect_err("refused").to_string()
    };
    assert_eq!(told("/assignments/0/op", json!(1)), "plan.json: assignments[1].op: is there twice");
    assert_eq!(
        told("/assignments/0/op", json!(9)),
        "plan.json: assignments[0].op: there is no operation 9 of job \"J0\""
    );
    assert_eq!(told("/assignments/0/machine", json!("x")), "plan.json: assignments[0].machine: there is no \"x\"");
    assert!(told("/assignments/0/start", json!(1e30)).contains("is too far away"));
}
