//! Subscriptions. Those that ask the same share one execution, whose payloads are serialised once.
//!
//! A [`reader`] begins with an execution of its own (snapshot or backlog), then takes what follows from the ring of its
//! [`group`]. The ring is small and never waits: a reader that it has left behind goes on from the log by an execution
//! of its own until the ring holds what it needs next. So the memory of a reader is bounded however slow it is.

mod group;
mod reader;
mod ring;

use std::sync::Arc;

use async_graphql::{Request, Response};
use domain::kernel::{ActionSet, Caller, Role, TenantId};
use domain::ports::Position;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::engine::Engine;
use super::guard::Checked;
use super::limits::Left;
use super::request::{Parameters, RequestContext};
use super::respond;
use super::settings::LiveLimits;
use crate::live_handoff::{Handoff, SHAREABLE};

pub use group::Groups;

/// What a subscription sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A payload: the JSON text of a GraphQL response.
    Next {
        /// The text, shared by all who get it.
        body: Arc<str>,
        /// Where to resume after it, if the subscription can resume.
        position: Option<Position>,
    },
    /// The operation was refused before it began: the JSON text of the list of errors. Nothing follows.
    Refused(Arc<str>),
    /// The reader was behind for too long. Nothing follows.
    Slow {
        /// Where to resume.
        resume: Position,
    },
}

/// An operation with who asks for it; enough to execute it again.
#[derive(Clone)]
pub struct Asked {
    /// What is asked.
    pub parameters: Parameters,
    /// What the guard found out about it.
    pub checked: Checked,
    /// Who asks.
    pub caller: Caller,
    /// The request that it came with.
    pub context: RequestContext,
    /// What is left of what they may ask, where that is counted.
    pub left: Option<Left>,
}

/// What makes two subscriptions the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sameness {
    tenant: TenantId,
    role: Role,
    within: ActionSet,
    query: String,
    variables: String,
    operation_name: Option<String>,
}

impl Asked {
    /// A request for the engine.
    pub fn to_request(&self, handoff: Option<Handoff>) -> Request {
        let mut request = Request::new(self.parameters.query.clone())
            .variables(self.parameters.variables.clone())
            .data(self.caller)
            .data(self.context.clone());
        if let Some(name) = &self.parameters.operation_name {
            request = request.operation_name(name.clone());
        }
        if let Some(handoff) = handoff {
            request = request.data(handoff);
        }
        request.set_parsed_query(self.checked.document.clone());
        request
    }

    fn is_shareable(&self) -> bool {
        SHAREABLE.contains(&self.checked.root.as_str())
    }

    /// Where a reader resumes does not matter to what it shares with others.
    fn sameness(&self) -> Sameness {
        let resume = self.checked.resume_variable.as_deref();
        let variables = self.parameters.variables.iter().filter(|(name, _)| Some(name.as_str()) != resume);
        let variables: std::collections::BTreeMap<_, _> = variables.collect();
        Sameness {
            tenant: self.caller.tenant,
            role: self.caller.role,
            within: self.caller.within,
            query: self.parameters.query.clone(),
            variables: serde_json::to_string(&variables).unwrap_or_default(),
            operation_name: self.parameters.operation_name.clone(),
        }
    }
}

/// Opens a subscription.
pub fn open(engine: Arc<dyn Engine>, groups: &Groups, limits: &LiveLimits, asked: Asked) -> BoxStream<'static, Item> {
    if asked.is_shareable() {
        reader::Reader::new(engine, groups.clone(), limits.behind_time, asked).into_stream()
    } else {
        let request_id = asked.context.request_id;
        engine.subscribe(asked.to_request(None)).map(move |response| item(response, None, request_id)).boxed()
    }
}

/// A response as what is sent.
fn item(mut response: Response, position: Option<Position>, request_id: uuid::Uuid) -> Item {
    respond::polish(&mut response, request_id);
    if respond::is_request_error(&response) {
        Item::Refused(respond::errors_to_json(&response.errors).into())
    } else {
        Item::Next { body: respond::to_json(&response).into(), position }
    }
}
