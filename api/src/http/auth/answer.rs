//! What `/auth/…` answers: an object, or why not. The shape of a refusal is that of GraphQL errors, on one error.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::kernel::Role;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::qr_code;
use crate::http::problem::Problem;
use crate::http::request::RequestContext;
use crate::identity::{
    Ceremony, Entrance, InvitationSeen, Method, NewAuthenticator, OwnFactors, OwnPasskey, ProviderRefusal, Refused,
    Renewed, Step,
};

/// It was done, and there is nothing more to say.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {}

/// A step that is to be taken next.
#[derive(Serialize, ToSchema)]
pub(super) struct NextStep {
    /// Shows that it is the same person; good once.
    token: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires: String,
}

/// The second step of a sign-in.
#[derive(Serialize, ToSchema)]
pub(super) struct SecondStep {
    #[serde(flatten)]
    step: NextStep,
    /// What may be shown.
    methods: Vec<Method>,
}

/// What a page may know of the session that it has.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    /// The company.
    tenant_id: String,
    /// The account in it.
    actor_id: String,
    /// What they are there: `admin`, `manager`, `operator` or `auditor`.
    role: &'static str,
    /// When the access token ends; the session itself goes on by `/auth/refresh`.
    #[schema(format = DateTime)]
    expires: String,
}

/// How far a sign-in has come: a session, or what is to be shown next.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Entered {
    /// They are in.
    In(Session),
    /// They have a second factor to show.
    #[serde(rename_all = "camelCase")]
    SecondFactor {
        /// The step.
        second_factor: SecondStep,
    },
    /// They have to set a second factor up before they are in.
    Enrolment {
        /// The step.
        enrolment: NextStep,
    },
}

/// An invitation, for who opens its link.
#[derive(Serialize, ToSchema)]
pub(super) struct Invitation {
    /// Who asks.
    company: String,
    /// What they would be.
    role: &'static str,
    /// Whom it was sent to.
    email: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires: String,
}

/// An authenticator app that is to be set up; shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct App {
    /// What the app reads: `otpauth://totp/…`.
    address: String,
    /// The same, for who types it.
    key: String,
    /// The same as a picture: an SVG; null where it is too long for one.
    qr_code: Option<String>,
    /// Until when it can be confirmed.
    #[schema(format = DateTime)]
    expires: String,
}

/// A ceremony that has begun: a passkey is made or shown.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    /// Good for one end of it.
    ceremony: String,
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    options: Value,
    /// The only origin that it is good from.
    origin: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires: String,
}

/// What is asked of somebody beyond their password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Factors {
    /// Whether codes of an app are.
    totp: bool,
    /// How many recovery codes are left.
    recovery_codes: u8,
    /// In the order in which they were added.
    passkeys: Vec<PasskeySeen>,
    /// The only origin that passkeys are good at; null where Kilter is not reached by a name.
    passkeys_at: Option<String>,
}

/// A passkey as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeySeen {
    /// Which.
    id: String,
    /// What they call it.
    label: String,
    /// Since when.
    #[schema(format = DateTime)]
    added: String,
    /// When it was shown last.
    #[schema(format = DateTime)]
    used: Option<String>,
}

/// Recovery codes; shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecoveryCodes {
    /// Each is good once.
    pub(super) recovery_codes: Vec<String>,
    /// The session of who was not let in before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Session>,
}

/// Why not. Shaped as the errors of GraphQL are.
#[derive(Serialize, ToSchema)]
pub(super) struct Refusal {
    /// One.
    errors: [Why; 1],
}

/// One refusal.
#[derive(Serialize, ToSchema)]
struct Why {
    /// For people.
    message: String,
    /// For programs.
    extensions: Details,
}

/// What programs go by.
#[derive(Serialize, ToSchema)]
struct Details {
    /// The stable name; API.md lists them.
    code: String,
    /// What else there is to know: `field`, `line`, `resetSeconds`, `requestId`.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl From<&Step> for NextStep {
    fn from(step: &Step) -> Self {
        Self { token: step.token.clone(), expires: step.expires.to_string() }
    }
}

impl From<&Renewed> for Session {
    fn from(tokens: &Renewed) -> Self {
        let Renewed { caller, access_ends, .. } = tokens;
        Self {
            tenant_id: caller.tenant.to_string(),
            actor_id: caller.actor.to_string(),
            role: caller.role.as_str(),
            expires: access_ends.to_string(),
        }
    }
}

impl From<&Entrance> for Entered {
    fn from(entrance: &Entrance) -> Self {
        match entrance {
            Entrance::In(signed_in) => Self::In(Session::from(&signed_in.tokens)),
            Entrance::SecondFactor(step, methods) => {
                Self::SecondFactor { second_factor: SecondStep { step: step.into(), methods: methods.clone() } }
            }
            Entrance::Enrolment(step) => Self::Enrolment { enrolment: step.into() },
        }
    }
}

impl From<InvitationSeen> for Invitation {
    fn from(seen: InvitationSeen) -> Self {
        let InvitationSeen { company, role, email, expires } = seen;
        Self { company, role: Role::as_str(role), email, expires: expires.to_string() }
    }
}

impl From<NewAuthenticator> for App {
    fn from(app: NewAuthenticator) -> Self {
        let qr_code = qr_code::drawn(&app.address);
        Self { address: app.address, key: app.key, qr_code, expires: app.expires.to_string() }
    }
}

impl From<Ceremony> for Begun {
    fn from(ceremony: Ceremony) -> Self {
        let Ceremony { token, options, origin, expires } = ceremony;
        Self { ceremony: token, options, origin, expires: expires.to_string() }
    }
}

impl From<OwnFactors> for Factors {
    fn from(own: OwnFactors) -> Self {
        let OwnFactors { totp, recovery_codes, passkeys, passkeys_at } = own;
        Self { totp, recovery_codes, passkeys: passkeys.into_iter().map(PasskeySeen::from).collect(), passkeys_at }
    }
}

impl From<OwnPasskey> for PasskeySeen {
    fn from(own: OwnPasskey) -> Self {
        let OwnPasskey { id, label, added, used } = own;
        let (label, used) = (label.as_str().to_owned(), used.map(|at| at.to_string()));
        Self { id: id.to_string(), label, added: added.to_string(), used }
    }
}

/// An object.
pub(super) fn object(status: StatusCode, value: &impl Serialize) -> Response {
    // Nothing that is answered has keys which are no text, the only reason not to become JSON.
    let mut response = Response::new(Body::from(serde_json::to_vec(value).unwrap_or_default()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// It was done.
pub(super) fn done(status: StatusCode) -> Response {
    object(status, &Done {})
}

fn why(status: StatusCode, message: String, code: &str, more: Map<String, Value>) -> Response {
    let extensions = Details { code: code.to_owned(), more };
    object(status, &Refusal { errors: [Why { message, extensions }] })
}

/// What the edge refuses.
pub(super) fn problem(problem: &Problem) -> Response {
    let more = problem.details.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))).collect();
    let mut response = why(problem.code.status(), problem.message.to_string(), problem.code.as_str(), more);
    problem.tell_left(response.headers_mut());
    response
}

const fn of_provider(refusal: ProviderRefusal) -> StatusCode {
    match refusal {
        ProviderRefusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProviderRefusal::Answer | ProviderRefusal::NotLinked => StatusCode::UNAUTHORIZED,
        ProviderRefusal::Taken => StatusCode::CONFLICT,
        ProviderRefusal::EmailUnverified => StatusCode::FORBIDDEN,
    }
}

/// What is refused where people come in.
pub(super) fn refused(refused: &Refused, context: &RequestContext) -> Response {
    let (status, code, field) = match refused {
        Refused::Input { field, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "BAD_USER_INPUT", Some(*field)),
        Refused::Credentials => (StatusCode::UNAUTHORIZED, "CREDENTIALS_REFUSED", None),
        Refused::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "SIGN_IN_WAITS", None),
        Refused::Link => (StatusCode::GONE, "LINK_REFUSED", None),
        Refused::Step => (StatusCode::GONE, "STEP_REFUSED", None),
        Refused::Code => (StatusCode::UNAUTHORIZED, "CODE_REFUSED", None),
        Refused::Terminal => (StatusCode::UNAUTHORIZED, "TERMINAL_REFUSED", None),
        Refused::Pin => (StatusCode::UNAUTHORIZED, "PIN_REFUSED", None),
        Refused::Passkey => (StatusCode::UNAUTHORIZED, "PASSKEY_REFUSED", None),
        Refused::NoPasskeys => (StatusCode::CONFLICT, "PASSKEYS_UNAVAILABLE", None),
        Refused::SecondFactorExists => (StatusCode::CONFLICT, "SECOND_FACTOR_EXISTS", None),
        Refused::SecondFactorNeeded => (StatusCode::FORBIDDEN, "SECOND_FACTOR_NEEDED", None),
        Refused::Provider(refusal) => (of_provider(*refusal), refusal.code(), None),
        Refused::Network => (StatusCode::FORBIDDEN, "NETWORK_REFUSED", None),
        Refused::Session => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", None),
        Refused::Denied => (StatusCode::NOT_FOUND, "NOT_FOUND", None),
        Refused::Rejected(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), refusal.field()),
        Refused::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", None),
        Refused::Fault(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", None),
    };
    if let Refused::Fault(reason) | Refused::Unavailable(reason) = refused {
        tracing::error!(event = "auth.failed", request_id = %context.request_id, %reason);
    }
    let mut more = Map::new();
    if let Some(field) = field {
        more.insert("field".to_owned(), Value::from(field));
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        more.insert("requestId".to_owned(), Value::from(context.request_id.to_string()));
    }
    let mut response = why(status, refused.to_string(), code, more);
    if let Refused::Wait { seconds } = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}
