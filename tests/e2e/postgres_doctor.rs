//! `kilter doctor` where the stores are on PostgreSQL.

use std::process::Output;

use domain::kernel::TenantId;
use infra::event_store::{PostgresEventStore, PostgresOptions};
use infra::postgres::Postgres;
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;

use crate::nodes::Plant;

/// More than a start looks at.
const EVENTS: usize = 600;

/// What an owner of the tables can do, who does not mind to be seen.
const UNFENCED: &str = "SET search_path = kilter_events;
    ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE events NO FORCE ROW LEVEL SECURITY; ";

fn doctor(plant: &Plant, more: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["doctor"][..], more].concat();
    let Output { status, stdout, .. } =
        plant.command(&plant.server.url(), &arguments, &plant.data("first")).output().expect("kilter starts");
    (status.code(), String::from_utf8_lossy(&stdout).into_owned())
}

/// Finds one error, told in one line that names the place and what to do.
fn finds(plant: &Plant, what: &str, advice: &str) {
    let (exit, told) = doctor(plant, &[]);
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!((exit, errors.len()), (Some(16), 1), "{told}");
    assert!(errors[0].contains(what) && errors[0].contains(advice), "{told}");
}

async fn plant_with_history() -> Plant {
    let plant = Plant::start();
    assert_eq!(plant.node("first").stop(), Some(0));
    let server = Postgres::new(&plant.server.url(), "kilter_events").expect("an address");
    let log = PostgresEventStore::open(server, PostgresOptions::default()).await.expect("the log");
    fill(&log, &mut ShopHistory::new(7, TenantId::from_name("muster")), EVENTS).await;
    plant.server.sql("CREATE TABLE public.kept AS SELECT * FROM kilter_events.events WHERE false");
    plant.server.sql("SET kilter.scope = 'system'; INSERT INTO public.kept SELECT * FROM kilter_events.events");
    plant
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_finds_stores_on_postgres_in_good_health() {
    let plant = plant_with_history().await;
    let node = plant.node("first");
    for asked in [&[][..], &["--quick"]] {
        let (exit, told) = doctor(&plant, asked);
        assert_eq!(exit, Some(0), "{told}");
        assert!(told.lines().all(|line| !line.starts_with("error")), "{told}");
        for healthy in
            ["its clock and this one differ by", "it opens with these keys", "events are what their hashes say"]
        {
            assert!(told.contains(healthy), "{healthy}: {told}");
        }
        assert_eq!(told.contains("streams are whole"), asked.is_empty(), "{told}");
    }
    assert_eq!(node.stop(), Some(0), "beside one that serves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_finds_what_is_wrong_on_postgres_and_says_what_to_do() {
    let plant = plant_with_history().await;
    let meddle = |statement: &str| plant.server.sql(&format!("{UNFENCED}{statement}"));
    let restore = "restore the last good backup";

    meddle("UPDATE events SET body = body || ' '::bytea WHERE position = 77");
    finds(&plant, "at position 77: ", restore);
    let (exit, told) = doctor(&plant, &["--quick"]);
    assert!(exit == Some(16) && told.contains("at position 77: "), "so short a log is looked at whole: {told}");
    meddle("UPDATE events SET body = kept.body FROM public.kept WHERE events.position = 77 AND kept.position = 77");
    assert_eq!(doctor(&plant, &[]).0, Some(0), "it is as it was");

    meddle("DELETE FROM events WHERE position = 200");
    finds(&plant, "no event at position 200", restore);
    meddle(
        "INSERT INTO events SELECT * FROM public.kept WHERE position = 200; DELETE FROM events WHERE position = 600",
    );
    finds(&plant, "the last event is at position 599, where 600 belongs", restore);
    meddle("INSERT INTO events SELECT * FROM public.kept WHERE position = 600");
    assert_eq!(doctor(&plant, &[]).0, Some(0), "it is as it was");

    plant.server.sql("ALTER SCHEMA kilter_vault RENAME TO elsewhere");
    finds(&plant, "there is no schema kilter_vault", "check the address");
    plant.server.sql("ALTER SCHEMA elsewhere RENAME TO kilter_vault; DROP SCHEMA kilter_events CASCADE");
    finds(&plant, "there is no schema kilter_events", "check the address");
    plant.server.stop(tests::postgres_server::Stop::Fast);
    finds(&plant, "error connecting to server", "");
    plant.server.resume();
}
