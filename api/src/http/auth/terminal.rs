//! `/auth/terminal`: a tablet is paired, tells who works there, and lets operators in and out.

use async_graphql::{Request as Question, Variables};
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::kernel::{Action, ActionSet, ActorId, Caller, OperatorId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::{Done, Refusal};
use super::routes::{Asked, Nothing, answered, answered_at_terminal};
use super::{answer, cookies};
use crate::http::HttpState;
use crate::http::request::RequestContext;
use crate::identity::{AtHand, AtWork, Refused, Shown};

/// Who works here, page by page.
const OPERATORS: &str = "query($after: String) { company { name } operators(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { id code name } } } }";

/// The paths below `/auth/terminal`.
pub(super) fn router() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new().routes(routes!(pair)).routes(routes!(see)).routes(routes!(enter)).routes(routes!(leave))
}

/// What pairs a tablet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithCode {
    code: String,
}

/// What an operator shows: who they are and their PIN, or their badge.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    /// Who they say they are; with a PIN.
    operator_id: Option<String>,
    /// Their PIN.
    pin: Option<String>,
    /// What the scanner read, in the place of both.
    badge: Option<String>,
}

impl Entry {
    fn shown(self) -> Result<Shown, Refused> {
        match self {
            Self { operator_id: Some(id), pin: Some(pin), badge: None } => {
                Ok(Shown::Pin(OperatorId(Uuid::parse_str(&id).map_err(|_| Refused::Pin)?), pin))
            }
            Self { operator_id: None, pin: None, badge: Some(badge) } => Ok(Shown::Badge(badge)),
            _ => Err(Refused::Input { field: "pin", message: "show a PIN with who you are, or a badge".to_owned() }),
        }
    }
}

/// A terminal that is paired.
#[derive(Serialize, ToSchema)]
struct Paired {
    /// Which.
    id: String,
    /// What it is called.
    name: String,
}

/// An operator whom a terminal shows.
#[derive(Serialize, ToSchema)]
struct Colleague {
    /// Identity.
    id: String,
    /// Staff number.
    code: String,
    /// What they are called; null where that was not said.
    name: Option<String>,
}

/// What a terminal knows by itself.
#[derive(Serialize, ToSchema)]
struct Terminal {
    /// Which.
    id: String,
    /// What it is called.
    name: String,
    /// The company; null where it is not set up.
    company: Option<String>,
    /// Who works there, by code.
    operators: Vec<Colleague>,
    /// The server's time, for tablets whose clock is wrong.
    #[schema(format = DateTime)]
    now: String,
}

/// Who is in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OnTheFloor {
    /// Who.
    operator_id: String,
    /// Staff number.
    code: String,
    /// What they are called.
    name: String,
    /// When the session ends unless it is used.
    #[schema(format = DateTime)]
    expires: String,
    /// The server's time.
    #[schema(format = DateTime)]
    now: String,
}

/// Pairs a tablet by the code that somebody made for it. What tells it comes as a cookie.
#[utoipa::path(
    post, path = "/pair", request_body = WithCode,
    responses((status = 200, body = Paired), (status = "default", body = Refusal)),
)]
async fn pair(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithCode>| {
        let (cookie, at) = asked.identity.pair(&asked.said.code, &asked.came).await?;
        let paired = Paired { id: at.id.to_string(), name: at.name.to_string() };
        let mut response = answer::object(StatusCode::OK, &paired);
        cookies::pair(response.headers_mut(), &cookie);
        Ok(response)
    })
    .await
}

/// Tells a paired tablet who works there, and nothing else.
#[utoipa::path(
    post, path = "/see", request_body = Nothing,
    responses((status = 200, body = Terminal), (status = "default", body = Refusal)),
)]
async fn see(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_at_terminal(&state, &context, request, async |asked: Asked<Nothing>| {
        let cookie = cookies::terminal(&asked.headers);
        let at = asked.identity.terminal(cookie, &asked.came).await?;
        let seen = terminal(&state, &context, &at).await?;
        let mut response = answer::object(StatusCode::OK, &seen);
        // It is kept as long as it is used.
        cookies::pair(response.headers_mut(), cookie.unwrap_or_default());
        Ok(response)
    })
    .await
}

/// Lets an operator in at a paired tablet. A session comes as a cookie, good for what is done on the floor.
#[utoipa::path(
    post, path = "/enter", request_body = Entry,
    responses((status = 200, body = OnTheFloor), (status = "default", body = Refusal)),
)]
async fn enter(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_at_terminal(&state, &context, request, async |asked: Asked<Entry>| {
        let at = asked.identity.terminal(cookies::terminal(&asked.headers), &asked.came).await?;
        let shown = asked.said.shown()?;
        let entered = asked.identity.enter_floor(&at, shown, &asked.came).await?;
        if let Some(member) = cookies::refresh_token(&asked.headers) {
            asked.identity.sign_out(member).await?;
        }
        let mut response = answer::object(StatusCode::OK, &told(&entered, state.authenticator.now()));
        cookies::at_work(response.headers_mut(), &entered.token);
        Ok(response)
    })
    .await
}

/// Ends the session of who is at the tablet, if there is one.
#[utoipa::path(
    post, path = "/leave", request_body = Nothing,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn leave(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_at_terminal(&state, &context, request, async |asked: Asked<Nothing>| {
        if let Some(token) = cookies::floor_token(&asked.headers) {
            asked.identity.leave_floor(token).await?;
        }
        let mut response = answer::done(StatusCode::OK);
        cookies::leave(response.headers_mut());
        Ok(response)
    })
    .await
}

fn told(entered: &AtWork, now: Timestamp) -> OnTheFloor {
    OnTheFloor {
        operator_id: entered.operator.to_string(),
        code: entered.code.clone(),
        name: entered.name.clone(),
        expires: entered.ends.to_string(),
        now: now.to_string(),
    }
}

/// Asked through the same door as everything else, as somebody who may look and no more.
async fn terminal(state: &HttpState, context: &RequestContext, at: &AtHand) -> Result<Terminal, Refused> {
    let within = ActionSet::of([Action::ViewShop]);
    let caller = Caller { within, ..Caller::new(at.tenant, ActorId(at.id.0), Role::Operator) };
    let (mut operators, mut after, mut company) = (Vec::new(), Json::Null, None);
    loop {
        let variables = Variables::from_json(json!({ "after": after }));
        let question = Question::new(OPERATORS).variables(variables).data(caller).data(context.clone());
        let answer = state.engine.execute(question).await;
        if let Some(error) = answer.errors.first() {
            return Err(Refused::Unavailable(error.message.clone()));
        }
        let data = answer.data.into_json().map_err(|error| Refused::Fault(error.to_string()))?;
        company = data["company"]["name"].as_str().map(str::to_owned).or(company);
        let text = |value: &Json| value.as_str().map(str::to_owned);
        for edge in data["operators"]["edges"].as_array().into_iter().flatten() {
            let node = &edge["node"];
            let (id, code) = (text(&node["id"]).unwrap_or_default(), text(&node["code"]).unwrap_or_default());
            operators.push(Colleague { id, code, name: text(&node["name"]) });
        }
        if data["operators"]["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = data["operators"]["pageInfo"]["endCursor"].clone();
    }
    let now = state.authenticator.now().to_string();
    Ok(Terminal { id: at.id.to_string(), name: at.name.to_string(), company, operators, now })
}
