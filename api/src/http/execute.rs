//! One operation, whatever transport it came by: guarded, executed within a time limit, observed.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, value};
use futures_util::stream::BoxStream;
use tokio::time::Instant;

use super::limits::Left;
use super::live::{self, Asked, Item};
use super::problem::{Code, Problem};
use super::request::{Parameters, RequestContext};
use super::{HttpState, guard, respond};
use crate::auth::Authenticated;
use crate::live_handoff::SHAREABLE;

impl HttpState {
    /// Checks what is asked against the limits.
    pub(super) async fn prepare(
        &self,
        parameters: Parameters,
        authenticated: &Authenticated,
        context: RequestContext,
    ) -> Result<Asked, Problem> {
        let checked = guard::check(&parameters, &self.settings.documents)?;
        let caller = authenticated.caller;
        if authenticated.at_terminal {
            guard::floor::check(&checked, &parameters, caller.actor.0)?;
        }
        // Who has the keys may ask as much as they like: nothing is kept from them.
        let left = if authenticated.session.is_some() {
            let (of, now) = ((caller.tenant, caller.actor), self.authenticator.now());
            let left =
                self.limits.charge_fields(of, checked.root_fields.saturating_add(checked.past.into()), now).await?;
            if checked.password_checks > 0 {
                self.limits.charge_checks(of, checked.password_checks, now).await?;
            }
            Some(left)
        } else {
            None
        };
        let context = RequestContext { session: authenticated.session, ..context };
        Ok(Asked { parameters, checked, caller, context, left })
    }

    /// Executes a query or a mutation.
    pub(super) async fn execute(&self, asked: &Asked) -> Response {
        let begun = Instant::now();
        let limit = self.settings.requests.operation_time;
        let request = asked.to_request(None).data(self.metrics.clone());
        let executed = tokio::time::timeout(limit, self.engine.execute(request)).await;
        let mut response = executed.unwrap_or_else(|_| {
            Problem::new(Code::Timeout, "the operation took too long; what it changed may or may not stand")
                .to_response()
        });
        respond::polish(&mut response, asked.context.request_id);
        if let Some(Left { limit, remaining, reset_seconds }) = asked.left {
            let left = value!({ "limit": limit, "remaining": remaining, "resetSeconds": reset_seconds });
            response.extensions.insert("rateLimit".to_owned(), left);
        }
        // The name of a root is a label only where the schema knows it: clients can't make up labels.
        let root = if respond::is_request_error(&response) { "refused" } else { asked.checked.root.as_str() };
        self.metrics.graphql(kind_name(asked.checked.kind), root, begun.elapsed());
        response
    }

    /// Executes any operation as a stream of what it sends.
    pub(super) fn open(&self, asked: Asked) -> BoxStream<'static, Item> {
        use futures_util::StreamExt as _;
        if asked.checked.kind == OperationType::Subscription {
            let topics = SHAREABLE.iter().find(|root| **root == asked.checked.root);
            let open = self.metrics.live_subscription(topics.unwrap_or(&"other"));
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
