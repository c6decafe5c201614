//! The GraphQL engine as the edge sees it: whatever the schema's types are, and whatever panics inside.

use std::panic::AssertUnwindSafe;

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use domain::ports::Future;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};

use super::problem::{Code, Problem};
use crate::graphql::KilterSchema;

/// Executes documents.
pub trait Engine: Send + Sync + 'static {
    /// A query or mutation.
    fn execute(&self, request: Request) -> Future<'_, Response>;

    /// A subscription: one response per item.
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<Q, M, S> Engine for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Request) -> Future<'_, Response> {
        Box::pin(AssertUnwindSafe(Self::execute(self, request)).catch_unwind().map(or_fault))
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        AssertUnwindSafe(self.execute_stream(request)).catch_unwind().map(or_fault).boxed()
    }
}

impl Engine for KilterSchema {
    fn execute(&self, request: Request) -> Future<'_, Response> {
        Box::pin(AssertUnwindSafe(Self::execute(self, request)).catch_unwind().map(or_fault))
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        AssertUnwindSafe(self.execute_stream(request)).catch_unwind().map(or_fault).boxed()
    }
}

/// A panic is a fault of ours: told without its text. The panic hook has logged it.
fn or_fault<E>(outcome: Result<Response, E>) -> Response {
    outcome.unwrap_or_else(|_| Problem::new(Code::Internal, "something went wrong on our side").to_response())
}
