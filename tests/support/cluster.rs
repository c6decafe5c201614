//! Several nodes in one process, over the same log and the same rows on a PostgreSQL server.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::{EventStore, Position};
use infra::event_store::{PostgresEventStore, PostgresOptions};
use infra::postgres::Postgres;
use infra::runner::{ProjectionSet, Runner, Sources};
use infra::views::{
    Checkpoint, Digest, Parked, PostgresViews, Resting, RowKey, RowStore, RowStoreError, Shape, Shelf, TableId, Work,
};
use projections::projection::IndexColumn;
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;

use crate::projecting::codec;
use crate::stores::{Schema, intruder, postgres_url};

/// Far more than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A log and rows that nodes share.
pub struct Cluster {
    url: String,
    events: Schema,
    rows: Schema,
}

/// One node.
pub struct Node {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// Its side of the rows.
    pub views: Arc<PostgresViews>,
    /// Lets its transactions and its comparing pass, or not.
    pub gate: Arc<Gate>,
    /// What fills the rows.
    pub runner: Runner,
    /// Its connections for the rows.
    pub wire: Wire,
}

impl Default for Cluster {
    fn default() -> Self {
        Self::on(postgres_url())
    }
}

impl Cluster {
    /// An empty one on this server.
    pub fn on(url: String) -> Self {
        Self { url, events: Schema::scratch(), rows: Schema::scratch() }
    }

    /// Another node.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn node(&self, set: &ProjectionSet) -> Node {
        let server = |schema: &Schema| Postgres::new(&self.url, schema.name()).expect("a PostgreSQL address");
        let store = PostgresEventStore::open(server(&self.events), PostgresOptions::default()).await.expect("a store");
        let store: Arc<dyn EventStore> = Arc::new(store);
        let wire = Wire::to(&self.url).await;
        let server = Postgres::new(&wire.url, self.rows.name()).expect("a PostgreSQL address");
        let views = Arc::new(PostgresViews::open(server, &set.shapes()).await.expect("views"));
        let gate = Arc::new(Gate::over(Arc::<PostgresViews>::clone(&views)));
        let rows: Arc<dyn RowStore> = Arc::<Gate>::clone(&gate);
        let sources = Sources { store: Arc::clone(&store), codec: codec(), rows };
        let runner = Runner::start(sources, set).await.expect("the runner starts");
        Node { store, views, gate, runner, wire }
    }

    /// Gives the lead of a projection to a node that is not there and never hands it over.
    pub async fn occupy(&self, projection: &str) {
        let occupy = "INSERT INTO leaders (projection, version, node, until)
            VALUES ($1, 1, gen_random_uuid(), now() + interval '1 hour')";
        intruder(self.rows.name()).await.execute(occupy, &[&projection]).await.expect("the server does it");
    }

    /// A node led a projection for a moment and has gone again; it removed what it took for a table left behind.
    pub async fn interlude(&self, projection: &str, stray: &str) {
        let interlude = format!(
            "BEGIN; UPDATE leaders SET node = gen_random_uuid(), until = now() WHERE projection = '{projection}';
            DROP TABLE {stray}; COMMIT"
        );
        intruder(self.rows.name()).await.batch_execute(&interlude).await.expect("the server does it");
    }

    /// The schema of the rows.
    pub fn rows(&self) -> &str {
        self.rows.name()
    }

    /// Does this to the rows behind the nodes' backs.
    pub async fn meddle(&self, statements: &str) {
        intruder(self.rows.name()).await.batch_execute(statements).await.expect("the server does it");
    }

    /// Takes everything back that was committed for a projection, as a crash of the server may with what was committed last.
    pub async fn take_back(&self, projection: &str, table: &str) {
        let take_back = format!(
            "BEGIN; UPDATE checkpoint SET position = 0, event = NULL WHERE projection = '{projection}';
            DELETE FROM {table}; COMMIT"
        );
        intruder(self.rows.name()).await.batch_execute(&take_back).await.expect("the server does it");
    }
}

impl Node {
    /// Stops it.
    pub async fn stop(self) {
        self.runner.stop().await;
    }

    /// Names of what it leads.
    pub fn leads(&self) -> Vec<&'static str> {
        self.runner.status().iter().filter(|status| status.leads).map(|status| status.projection).collect()
    }

    /// Waits until it leads everything; how long that took.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn led(&self) -> Duration {
        let begun = Instant::now();
        self.until("it leads", || self.runner.status().iter().all(|status| status.leads)).await;
        begun.elapsed()
    }

    /// Waits until this holds.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "in vain: {what}; {:?}", self.runner.status());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until everything in the log is folded, as far as this node knows.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn settle(&self) {
        let head = self.store.head().await.expect("a head");
        self.runner.live().wait_for(head, PATIENCE).await.expect("the projections keep up");
    }

    /// Notes the positions of the next `count` events of a tenant that this node tells of.
    pub fn listen(&self, tenant: TenantId, count: usize) -> JoinHandle<Vec<Position>> {
        let mut notices = self.runner.live().subscribe(tenant);
        tokio::spawn(async move {
            let mut told = Vec::with_capacity(count);
            while told.len() < count {
                let notice = tokio::time::timeout(PATIENCE, notices.recv()).await;
                told.push(notice.expect("a notice in time").expect("none is missed").position);
            }
            // Whatever is told twice would come now.
            let more = tokio::time::timeout(Duration::from_millis(300), notices.recv()).await;
            assert!(more.is_err(), "told once more: {more:?}");
            told
        })
    }
}

/// The way to the server, which can be cut.
pub struct Wire {
    url: String,
    cut: watch::Sender<bool>,
}

impl Wire {
    /// To the server of this address, which is one of a socket in a folder.
    async fn to(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().expect("a PostgreSQL address");
        let Some(Host::Unix(folder)) = config.get_hosts().first() else { panic!("{url} is not of a socket") };
        let socket = folder.join(format!(".s.PGSQL.{}", config.get_ports().first().copied().unwrap_or(5432)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let place = listener.local_addr().expect("an address");
        let (user, database) = (config.get_user().expect("a user"), config.get_dbname().expect("a database"));
        let url = format!("postgres://{user}@{place}/{database}");
        let cut = watch::Sender::new(false);
        tokio::spawn(carry(listener, socket, cut.subscribe()));
        Self { url, cut }
    }

    /// Ends all connections and takes no more.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Takes connections again.
    pub fn mend(&self) {
        self.cut.send_replace(false);
    }
}

async fn carry(listener: TcpListener, socket: PathBuf, cut: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (socket, mut cut) = (socket.clone(), cut.clone());
        tokio::spawn(async move {
            let carried = async {
                let mut far = UnixStream::connect(socket).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            };
            tokio::select! {
                _ = cut.wait_for(|cut| *cut) => {}
                _ = carried => {}
            }
        });
    }
}

/// The rows, behind a gate: a node that hangs immediately before it writes or compares.
pub struct Gate {
    rows: Arc<dyn RowStore>,
    closed: Mutex<bool>,
    moved: Condvar,
    /// How many are waiting, and what became of those that have passed since it was closed.
    waiting: AtomicUsize,
    outcomes: Mutex<Vec<Result<(), RowStoreError>>>,
    /// How often it was told that it had lost the lead, how often it asked for it.
    lost: AtomicUsize,
    beats: AtomicUsize,
    /// How often rows were compared, how many are at it.
    compared: AtomicUsize,
    comparing: AtomicUsize,
}

impl Gate {
    fn over(rows: Arc<dyn RowStore>) -> Self {
        let (closed, moved) = (Mutex::new(false), Condvar::new());
        Self {
            rows,
            closed,
            moved,
            waiting: AtomicUsize::new(0),
            outcomes: Mutex::default(),
            lost: AtomicUsize::new(0),
            beats: AtomicUsize::new(0),
            compared: AtomicUsize::new(0),
            comparing: AtomicUsize::new(0),
        }
    }

    /// Lets nobody through.
    pub fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Whether somebody is waiting.
    pub fn holds(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) && self.waiting.load(Ordering::Relaxed) > 0
    }

    /// How many are waiting.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Lets everybody through.
    pub fn open(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.moved.notify_all();
    }

    /// How often the node was told that it had lost the lead and got it again.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// How often the node asked for the lead.
    pub fn beats(&self) -> usize {
        self.beats.load(Ordering::Relaxed)
    }

    /// How often it began to compare rows.
    pub fn compared(&self) -> usize {
        self.compared.load(Ordering::Relaxed)
    }

    /// How many threads compare rows.
    pub fn comparing(&self) -> usize {
        self.comparing.load(Ordering::Relaxed)
    }

    /// What became of the first one that was held.
    pub fn outcome(&self) -> Option<Result<(), RowStoreError>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }

    /// Waits while it is closed; whether it was.
    fn pass(&self) -> bool {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let held = *closed;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        drop(self.moved.wait_while(closed, |closed| *closed).unwrap_or_else(PoisonError::into_inner));
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        held
    }
}

impl Shelf for Gate {
    fn load(&self, table: &TableId, keys: &[Arc<RowKey>]) -> Result<Vec<Resting>, RowStoreError> {
        self.rows.load(table, keys)
    }
}

impl RowStore for Gate {
    fn checkpoints(&self, shapes: &[Shape]) -> Result<Vec<Option<Checkpoint>>, RowStoreError> {
        self.rows.checkpoints(shapes)
    }

    fn parked(&self, shapes: &[Shape]) -> Result<Vec<Parked>, RowStoreError> {
        self.rows.parked(shapes)
    }

    fn transact(&self, work: &mut Work<'_>) -> Result<(), RowStoreError> {
        let held = self.pass();
        let outcome = self.rows.transact(work);
        if held {
            self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome.clone());
        }
        outcome
    }

    fn index(&self, table: &TableId, column: &IndexColumn) -> Result<(), RowStoreError> {
        self.rows.index(table, column)
    }

    fn digests(&self, tables: &[TableId]) -> Result<Vec<Digest>, RowStoreError> {
        self.compared.fetch_add(1, Ordering::Relaxed);
        self.comparing.fetch_add(1, Ordering::Relaxed);
        self.pass();
        let digests = self.rows.digests(tables);
        self.comparing.fetch_sub(1, Ordering::Relaxed);
        digests
    }

    fn lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError> {
        self.beats.fetch_add(1, Ordering::Relaxed);
        let led = self.rows.lead(shapes);
        self.lost.fetch_add(usize::from(led == Err(RowStoreError::LeadLost)), Ordering::Relaxed);
        led
    }

    fn ask_for_lead(&self, shapes: &[Shape]) -> Result<(), RowStoreError> {
        self.rows.ask_for_lead(shapes)
    }

    fn resign(&self) {
        self.rows.resign();
    }

    fn on_commit(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        self.rows.on_commit(wake);
    }
}
