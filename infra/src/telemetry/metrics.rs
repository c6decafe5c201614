//! What `/metrics` tells, in the `OpenMetrics` text format. Every label has a bounded set of values.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::kernel::StreamType;
use domain::run::{Done, RunError};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// GraphQL operations that are told apart; whatever comes after is `other`.
const MAX_OPERATIONS: usize = 200;
const OTHER: &str = "other";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProjectionLabel {
    projection: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TopicLabel {
    topic: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    kind: &'static str,
    operation: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    stream: &'static str,
    outcome: &'static str,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// From 100 µs to 26 s, each four times the one before.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 4.0, 10))
}

/// 1 to 512, doubling: the most events that are committed at once.
fn batch_sizes() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 10))
}

/// Everything that is measured. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Families>);

struct Families {
    registry: Registry,
    append_seconds: Histogram,
    append_batch_events: Histogram,
    lag_positions: Family<ProjectionLabel, Gauge>,
    lag_seconds: Family<ProjectionLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    parked_streams: Family<ProjectionLabel, Gauge>,
    live_subscriptions: Family<TopicLabel, Gauge>,
    open_sockets: Gauge,
    graphql_seconds: Histograms<OperationLabels>,
    operations: Mutex<HashSet<Arc<str>>>,
    http_requests: Family<RouteLabels, Counter>,
    http_seconds: Histogram,
    commands: Family<CommandLabels, Counter>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// With nothing counted yet.
    pub fn new() -> Self {
        let mut families = Families {
            registry: Registry::with_prefix("kilter"),
            append_seconds: seconds(),
            append_batch_events: batch_sizes(),
            lag_positions: Family::default(),
            lag_seconds: Family::default(),
            parked_streams: Family::default(),
            live_subscriptions: Family::default(),
            open_sockets: Gauge::default(),
            graphql_seconds: Family::new_with_constructor(seconds),
            operations: Mutex::default(),
            http_requests: Family::default(),
            http_seconds: seconds(),
            commands: Family::default(),
        };
        families.register_stores();
        families.register_edges();
        Self(Arc::new(families))
    }

    /// A commit of the event store: how many events it held, and how long it took from taking the first to answering.
    pub fn committed(&self, events: usize, took: Duration) {
        self.0.append_seconds.observe(took.as_secs_f64());
        self.0.append_batch_events.observe(f64::from(u32::try_from(events).unwrap_or(u32::MAX)));
    }

    /// How far a projection is behind the log.
    pub fn projection_lag(&self, projection: &'static str, positions: u64, behind: Duration) {
        let label = ProjectionLabel { projection };
        self.0.lag_positions.get_or_create(&label).set(i64::try_from(positions).unwrap_or(i64::MAX));
        self.0.lag_seconds.get_or_create(&label).set(behind.as_secs_f64());
    }

    /// How many streams are parked for a projection because of an event that it can't take.
    pub fn parked_streams(&self, projection: &'static str, streams: usize) {
        let streams = i64::try_from(streams).unwrap_or(i64::MAX);
        self.0.parked_streams.get_or_create(&ProjectionLabel { projection }).set(streams);
    }

    /// A live subscription began; it counts until what is given back is dropped.
    #[must_use]
    pub fn live_subscription(&self, topic: &'static str) -> LiveSubscription {
        let gauge = self.0.live_subscriptions.get_or_create_owned(&TopicLabel { topic });
        gauge.inc();
        LiveSubscription(gauge)
    }

    /// A socket was opened; it counts until what is given back is dropped.
    #[must_use]
    pub fn open_socket(&self) -> OpenSocket {
        self.0.open_sockets.inc();
        OpenSocket(self.0.open_sockets.clone())
    }

    /// A GraphQL query, mutation or subscription (`kind`) was executed. The operation's name is the client's: only the first few
    /// hundred different ones are told apart.
    pub fn graphql(&self, kind: &'static str, operation: &str, took: Duration) {
        let labels = OperationLabels { kind, operation: self.0.known_operation(operation) };
        self.0.graphql_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// An HTTP request was answered. `route` is the route's pattern, never the path that was asked.
    pub fn http_request(&self, route: &'static str, status: u16, took: Duration) {
        self.0.http_requests.get_or_create(&RouteLabels { route, status }).inc();
        self.0.http_seconds.observe(took.as_secs_f64());
    }

    /// A command was run on a stream of this kind.
    pub fn command(&self, kind: StreamType, ran: &Result<Done, RunError>) {
        let outcome = match ran {
            Ok(done) if done.appended > 0 => "done",
            Ok(_) => "nothing",
            Err(RunError::Denied) => "denied",
            Err(RunError::Rejected(_)) => "rejected",
            Err(RunError::Conflict { .. }) => "conflict",
            Err(RunError::CommandIdReused(_)) => "command_id_reused",
            Err(RunError::Unavailable(_)) => "unavailable",
            Err(RunError::OutcomeUnknown(_)) => "outcome_unknown",
            Err(RunError::Fault(_)) => "fault",
        };
        self.0.commands.get_or_create(&CommandLabels { stream: kind.as_str(), outcome }).inc();
    }

    /// All of it, in the `OpenMetrics` text format.
    pub fn encode(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut page, &self.0.registry);
        page
    }
}

impl Families {
    fn register_stores(&mut self) {
        let registry = &mut self.registry;
        let took = "Time from taking the first append of a batch to answering all of it";
        registry.register_with_unit("append", took, Unit::Seconds, self.append_seconds.clone());
        registry.register("append_batch_events", "Events committed at once", self.append_batch_events.clone());
        let lag = "Positions between the end of the log and a projection";
        registry.register("projection_lag_positions", lag, self.lag_positions.clone());
        let lag = "Age of the oldest event that a projection has not taken";
        registry.register_with_unit("projection_lag", lag, Unit::Seconds, self.lag_seconds.clone());
        let parked = "Streams that a projection has parked because of an event that it can't take";
        registry.register("projection_parked_streams", parked, self.parked_streams.clone());
        registry.register("commands", "Commands by kind of stream and outcome", self.commands.clone());
    }

    fn register_edges(&mut self) {
        let registry = &mut self.registry;
        registry.register("live_subscriptions", "Subscriptions that are open now", self.live_subscriptions.clone());
        registry.register("open_sockets", "WebSockets that are open now", self.open_sockets.clone());
        let took = "Time to execute a GraphQL operation";
        registry.register_with_unit("graphql", took, Unit::Seconds, self.graphql_seconds.clone());
        registry.register("http_requests", "HTTP requests by route and status", self.http_requests.clone());
        let took = "Time to answer an HTTP request";
        registry.register_with_unit("http_request", took, Unit::Seconds, self.http_seconds.clone());
    }

    fn known_operation(&self, name: &str) -> Arc<str> {
        let mut known = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name) {
            return Arc::clone(known);
        }
        if known.len() >= MAX_OPERATIONS || name.len() > 64 {
            return OTHER.into();
        }
        let name: Arc<str> = name.into();
        known.insert(Arc::clone(&name));
        name
    }
}

/// A live subscription, as long as it lives.
#[derive(Debug)]
pub struct LiveSubscription(Gauge);

impl Drop for LiveSubscription {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// An open socket, as long as it lives.
#[derive(Debug)]
pub struct OpenSocket(Gauge);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_told() {
        let metrics = Metrics::new();
        metrics.committed(3, Duration::from_millis(2));
        metrics.projection_lag("job_board", 7, Duration::from_millis(1500));
        metrics.parked_streams("job_board", 1);
        metrics.graphql("query", "Jobs", Duration::from_millis(3));
        metrics.http_request("/graphql", 200, Duration::from_millis(3));
        metrics.command(StreamType::Job, &Err(RunError::Denied));
        let page = metrics.encode();
        for line in [
            "kilter_append_seconds_count 1",
            "kilter_append_batch_events_sum 3.0",
            "kilter_projection_lag_positions{projection=\"job_board\"} 7",
            "kilter_projection_lag_seconds{projection=\"job_board\"} 1.5",
            "kilter_projection_parked_streams{projection=\"job_board\"} 1",
            "kilter_graphql_seconds_count{kind=\"query\",operation=\"Jobs\"} 1",
            "kilter_http_requests_total{route=\"/graphql\",status=\"200\"} 1",
            "kilter_commands_total{stream=\"job\",outcome=\"denied\"} 1",
        ] {
            assert!(page.lines().any(|told| told == line), "{line} is not in\n{page}");
        }
    }

    #[test]
    fn a_subscription_counts_as_long_as_it_lives() {
        let metrics = Metrics::new();
        let told = |count| format!("kilter_live_subscriptions{{topic=\"jobChanged\"}} {count}\n");
        let (one, two) = (metrics.live_subscription("jobChanged"), metrics.live_subscription("jobChanged"));
        assert!(metrics.encode().contains(&told(2)));
        drop((one, two));
        assert!(metrics.encode().contains(&told(0)));
    }

    #[test]
    fn names_that_clients_make_up_do_not_grow_the_page_without_end() {
        let metrics = Metrics::new();
        for number in 0..10_000 {
            metrics.graphql("query", &format!("Query{number}"), Duration::ZERO);
        }
        metrics.graphql("query", &"x".repeat(1000), Duration::ZERO);
        let operations =
            metrics.encode().lines().filter(|line| line.starts_with("kilter_graphql_seconds_count")).count();
        assert_eq!(operations, MAX_OPERATIONS + 1);
    }
}
