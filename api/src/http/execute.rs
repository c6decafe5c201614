//! One operation, whatever transport it came by: guarded, executed within a time limit, observed.

use std::sync::Arc;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use domain::kernel::Caller;
use futures_util::stream::BoxStream;
use tokio::time::Instant;

use super::live::{self, Asked, Item};
use super::problem::{Code, Problem};
use super::request::{Parameters, RequestContext};
use super::{HttpState, guard, respond};

/// Where the figures of operations go.
pub trait Observer: Send + Sync {
    /// An operation has been executed. `root` is the first field of its root, or empty when the schema refused it.
    fn executed(&self, kind: &'static str, root: &str, seconds: f64, failed: bool);

    /// So many more (or fewer) subscriptions are open.
    fn subscriptions(&self, change: i64);
}

/// Counts nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn executed(&self, _kind: &'static str, _root: &str, _seconds: f64, _failed: bool) {}

    fn subscriptions(&self, _change: i64) {}
}

impl HttpState {
    /// Checks what is asked against the limits.
    pub(super) fn prepare(
        &self,
        parameters: Parameters,
        caller: Caller,
        context: RequestContext,
    ) -> Result<Asked, Problem> {
        let checked = guard::check(&parameters, &self.settings.documents)?;
        Ok(Asked { parameters, checked, caller, context })
    }

    /// Executes a query or a mutation.
    pub(super) async fn execute(&self, asked: &Asked) -> Response {
        let begun = Instant::now();
        let limit = self.settings.requests.operation_time;
        let executed = tokio::time::timeout(limit, self.engine.execute(asked.to_request(None))).await;
        let mut response = executed.unwrap_or_else(|_| {
            Problem::new(Code::Timeout, "the operation took too long; what it changed may or may not stand")
                .to_response()
        });
        respond::polish(&mut response, asked.context.request_id);
        // The name of a root is a label only where the schema knows it: clients can't make up labels.
        let root = if respond::is_request_error(&response) { "" } else { asked.checked.root.as_str() };
        self.observer.executed(
            kind_name(asked.checked.kind),
            root,
            begun.elapsed().as_secs_f64(),
            !response.errors.is_empty(),
        );
        response
    }

    /// Executes any operation as a stream of what it sends.
    pub(super) fn open(&self, asked: Asked) -> BoxStream<'static, Item> {
        use futures_util::StreamExt as _;
        if asked.checked.kind == OperationType::Subscription {
            let open = Open::count(&self.observer);
            let items = live::open(Arc::clone(&self.engine), &self.groups, &self.settings.live, asked);
            return items
                .map(move |item| {
                    let _counted_until_dropped = &open;
                    item
                })
                .boxed();
        }
        let state = self.clone();
        futures_util::stream::once(async move {
            let response = state.execute(&asked).await;
            if respond::is_request_error(&response) {
                Item::Refused(respond::errors_to_json(&response.errors).into())
            } else {
                Item::Next { body: respond::to_json(&response).into(), position: None }
            }
        })
        .boxed()
    }
}

const fn kind_name(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// An open subscription, counted for as long as it lives.
struct Open(Arc<dyn Observer>);

impl Open {
    fn count(observer: &Arc<dyn Observer>) -> Self {
        observer.subscriptions(1);
        Self(Arc::clone(observer))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.subscriptions(-1);
    }
}
