//! The truth: what GraphQL says of an imported log is what the log says, to the last piece and second.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::import::in_process::InProcess;
use api::import::{EventLog, Mapping, Progress, Report};
use domain::kernel::roles::Role;
use domain::kernel::{Caller, Timestamp};
use domain::tenancy::company::CompanyName;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use tests::golden::workspace_root;

use crate::recount::{Recount, Sums, recount};

const ZONE: &str = "Asia/Jerusalem";
const LOG: &str = "../shared/data/machine-shop-log.csv";

const TOTALS: &str =
    "query($by: TotalsBy!, $from: DateTime, $to: DateTime) { shopTotals(by: $by, from: $from, to: $to) {
    label good scrap rework held setupSeconds runSeconds jobsFinished } }";

struct Quiet;

impl Progress for Quiet {
    fn total(&self, _rows: u64) {}
    fn row(&self) {}
}

async fn import(app: &TestApp, caller: Caller) -> Report {
    let log = EventLog {
        file: workspace_root().join(LOG),
        mapping: Mapping::default(),
        zone: TimeZone::get(ZONE).expect("a zone"),
        tenant: caller.tenant,
        company: CompanyName::try_new("Machine shop").expect("a name"),
    };
    let door = Arc::new(InProcess::new(Arc::clone(&app.deps.commands), caller));
    log.import(door, Arc::new(Quiet)).await.expect("an import")
}

/// The sums that GraphQL answers, by label; what is nothing is left out.
async fn asked(app: &TestApp, caller: Caller, variables: Json) -> BTreeMap<String, Sums> {
    let answer = app.data(caller, TOTALS, variables).await;
    let number = |total: &Json, field: &str| -> i64 {
        let value = &total[field];
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{field}: {total}"))
    };
    let sums = |total: &Json| Sums {
        good: number(total, "good"),
        scrap: number(total, "scrap"),
        rework: number(total, "rework"),
        held: number(total, "held"),
        setup_seconds: number(total, "setupSeconds"),
        run_seconds: number(total, "runSeconds"),
        jobs_finished: number(total, "jobsFinished"),
    };
    let totals = answer["shopTotals"].as_array().expect("totals").iter();
    worth(totals.map(|total| (total["label"].as_str().expect("a label").to_owned(), sums(total))))
}

fn worth(sums: impl IntoIterator<Item = (String, Sums)>) -> BTreeMap<String, Sums> {
    sums.into_iter().filter(|(_, sums)| *sums != Sums::default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_an_imported_log_are_what_a_recount_gives() {
    let Ok(log) = std::fs::read_to_string(workspace_root().join(LOG)) else {
        eprintln!("skipped: there is no {LOG}");
        return;
    };
    let app = TestApp::start().await;
    app.clock.set(Timestamp::parse("2012-06-01T00:00:00Z").expect("an instant"));
    let caller = app.caller("machine-shop", Role::Admin).await;
    let report = import(&app, caller).await;
    app.settle().await;

    assert_eq!((report.rows, &report.problems), (3_642, &Vec::new()));
    assert!(report.refused_rows * 100 <= report.rows * 3, "{} rows refused", report.refused_rows);
    let refused: BTreeSet<u64> = report.refused.iter().map(|refused| refused.row).collect();
    let Recount { by_work_center, by_operator, by_day, by_job } = recount(&log, ZONE, &refused);
    for (by, counted) in [("WORK_CENTER", by_work_center), ("OPERATOR", by_operator), ("DAY", by_day), ("JOB", by_job)]
    {
        assert_eq!(asked(&app, caller, json!({ "by": by })).await, worth(counted), "by {by}");
    }

    let days = app.data(caller, "{ shopTotals(by: DAY) { label wip running } }", json!({})).await;
    let worked_on = |day: &str| {
        let days = days["shopTotals"].as_array().into_iter().flatten();
        days.filter(|total| total["label"] == day).any(|total| total["running"] != 0 && total["wip"] != 0)
    };
    assert!(worked_on("2012-01-02") && worked_on("2012-02-14"), "a day shows how the floor stood");

    let again = import(&app, caller).await;
    assert_eq!((again.events_appended, again.refused_rows), (0, report.refused_rows));
    app.assert_rebuilt_is_live().await;
}
