//! S2, S3: whole commands in one process (permission, facts, decision, sealing, append) on SQLite and on PostgreSQL, beside
//! cqrs-es with postgres-es on the same server. All report work on jobs of their own.

use std::time::Instant;

use domain::kernel::{CommandId, JobId};
use domain::run::Request;
use tests::floor::{Floor, TENANT, create_job_numbered, report_on};
use tests::stores::{TestStore, has_postgres};
use uuid::Uuid;

use crate::figures::{Line, Pace, Wanted, at_once, by_turns, runtime};
use crate::peers::PostgresEs;

pub(crate) const WRITERS: usize = 64;
/// Of each writer.
pub(crate) const JOBS: usize = 6;
/// On each job.
pub(crate) const REPORTS: usize = 20;

pub(crate) fn run() {
    let runtime = runtime();
    let on_sqlite = || runtime.block_on(commands(TestStore::sqlite()));
    let on_postgres = || runtime.block_on(async { commands(TestStore::postgres().await).await });
    let Some(peer) = has_postgres().then(PostgresEs::built).flatten() else {
        let [sqlite] = by_turns([&mut { on_sqlite }]);
        tell("S2", "whole commands, SQLite, 64 at once", sqlite, None);
        println!("skipped: S3: it takes a PostgreSQL server and the peer");
        return;
    };
    let of_peer = |store| peer.run(store, [WRITERS, JOBS, REPORTS]);
    let [sqlite, postgres, events, aggregates] =
        by_turns([&mut { on_sqlite }, &mut { on_postgres }, &mut || of_peer("events"), &mut || of_peer("aggregates")]);
    let peer = Some(faster(events, aggregates));
    tell("S2", "whole commands, SQLite, 64 at once", sqlite, peer);
    tell("S3", "whole commands, PostgreSQL, 64 at once", postgres, peer);
}

/// The better one of the peer's two ways to keep states.
pub(crate) fn faster(one: Pace, other: Pace) -> Pace {
    if one.per_second > other.per_second { one } else { other }
}

fn tell(id: &str, what: &str, ours: Pace, peer: Option<Pace>) {
    let wanted = Wanted::TimesAtLeast(4.0);
    let beside = |figure: fn(Pace) -> f64| peer.map(|peer| ("postgres-es", figure(peer)));
    let rate = beside(|pace| pace.per_second);
    Line { id, what, wanted, measured: ours.per_second, unit: "/s", beside: rate }.tell();
    let late = beside(|pace| pace.p99_ms);
    Line { id, what: "… p99", wanted: Wanted::Nothing, measured: ours.p99_ms, unit: " ms", beside: late }.tell();
}

fn number(writer: usize, job: usize) -> String {
    format!("B{writer}-{job}")
}

async fn commands(store: TestStore) -> Pace {
    let floor = Floor::set_up(store.shared()).await;
    for (writer, job) in (0..WRITERS).flat_map(|writer| (0..JOBS).map(move |job| (writer, job))) {
        floor.run(create_job_numbered(&number(writer, job))).await.expect("a job");
    }
    at_once(0..WRITERS, |writer| {
        let floor = floor.clone();
        async move {
            let mut took = Vec::with_capacity(JOBS * REPORTS);
            for turn in 0..JOBS * REPORTS {
                let job = JobId::from_key(TENANT, &number(writer, turn / REPORTS));
                let command_id = Some(CommandId(Uuid::from_u128((writer * JOBS * REPORTS + turn) as u128)));
                let report = u32::try_from(turn % REPORTS).expect("a small number");
                let began = Instant::now();
                floor.ask(Request { command_id, ..report_on(job, report).into() }).await.expect("a report");
                took.push(began.elapsed());
            }
            took
        }
    })
    .await
}
