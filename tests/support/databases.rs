//! PostgreSQL databases that belong to one test each: for what has schemas of fixed names.

use infra::random::random_bytes;
use uuid::Uuid;

use crate::stores::{intruder, postgres_url};

/// An empty database on the server that `KILTER_TEST_POSTGRES_URL` names; dropped with it.
pub struct TestDatabase {
    name: String,
    /// Its address.
    pub url: String,
}

impl TestDatabase {
    /// Makes one.
    ///
    /// # Panics
    /// When the server's user may not make any.
    pub async fn new() -> Self {
        let name = format!("test_{}", Uuid::from_bytes(random_bytes()).simple());
        let server = postgres_url();
        let (server, _) = server.rsplit_once('/').expect("an address ends with a database");
        let url = format!("{server}/{name}");
        intruder("public").await.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
        Self { name, url }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A runtime of its own: that of the test may be the one that is waiting here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let dropped = runtime.block_on(async { intruder("public").await.batch_execute(&drop_it).await });
            dropped.map_err(std::io::Error::other)
        });
        if !matches!(dropping.join(), Ok(Ok(()))) {
            eprintln!("database {} is left behind", self.name);
        }
    }
}
