//! The one place where what went wrong becomes what the caller is told.
//!
//! Refusals of the domain are data: `userErrors` in the payload. Only what says nothing about the business is a top-level
//! error: no caller, bad paging, unavailable, faults. What a caller may not see does not exist for it.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensions, SimpleObject};
use domain::kernel::text::BadText;
use domain::ports::{ReadError, VaultError};
use domain::run::RunError;
use projections::views::ViewError;

use super::GraphqlDeps;
use super::scalars::Revision;
use crate::identity::Refused;

/// Every code that the API itself may answer with, beside those of the domain's refusals (`tests/goldens/error-codes.json`).
pub const CODES: &[&str] = &[
    AS_OF_IN_FUTURE,
    AS_OF_NOT_KEPT,
    AS_OF_NOT_READY,
    AS_OF_TOO_LARGE,
    BAD_CURSOR,
    BAD_ID,
    BAD_PAGE,
    BAD_RANGE,
    BAD_REFERENCE,
    BAD_TEXT,
    COMMAND_ID_REUSED,
    CONFLICT,
    CREDENTIALS_REFUSED,
    INTERNAL,
    LINK_REFUSED,
    NETWORK_REFUSED,
    NOT_FOUND,
    OUTCOME_UNKNOWN,
    PLANNING_BUSY,
    PLANNING_IMPOSSIBLE,
    PLANNING_NO_PLAN,
    PLANNING_SHOP_CHANGED,
    PLANNING_TOO_LARGE,
    PLAN_CONFLICTS,
    PLAN_REASON_NEEDED,
    SCENARIO_OUTDATED,
    SHUTS_YOURSELF_OUT,
    SIGN_IN_WAITS,
    UNAUTHENTICATED,
    UNAVAILABLE,
];

/// `@asOf` asks for a moment that is not over.
pub const AS_OF_IN_FUTURE: &str = "AS_OF_IN_FUTURE";
/// Of this only the present is known: ask for it without `@asOf`.
pub const AS_OF_NOT_KEPT: &str = "AS_OF_NOT_KEPT";
/// The history up to the moment is still being read; asking again goes on from there.
pub const AS_OF_NOT_READY: &str = "AS_OF_NOT_READY";
/// What the company was at that moment is larger than is held of the past.
pub const AS_OF_TOO_LARGE: &str = "AS_OF_TOO_LARGE";
/// The cursor is not one that this field gave out for this sort, or lies ahead of everything that happened.
pub const BAD_CURSOR: &str = "BAD_CURSOR";
/// The text is no identity.
pub const BAD_ID: &str = "BAD_ID";
/// Neither or both of `first` and `last`, or not 1 to 100.
pub const BAD_PAGE: &str = "BAD_PAGE";
/// A number or interval outside what is allowed.
pub const BAD_RANGE: &str = "BAD_RANGE";
/// A thing is named twice or not at all.
pub const BAD_REFERENCE: &str = "BAD_REFERENCE";
/// A text breaks the rule of its kind.
pub const BAD_TEXT: &str = "BAD_TEXT";
/// The plan has changed under what a what-if changes.
pub const SCENARIO_OUTDATED: &str = "SCENARIO_OUTDATED";
/// The command id was used for another command.
pub const COMMAND_ID_REUSED: &str = "COMMAND_ID_REUSED";
/// Somebody else was faster.
pub const CONFLICT: &str = "CONFLICT";
/// The password is not right.
pub const CREDENTIALS_REFUSED: &str = "CREDENTIALS_REFUSED";
/// Kilter is broken; the id finds the cause in the logs.
pub const INTERNAL: &str = "INTERNAL";
/// The link was used or has ended.
pub const LINK_REFUSED: &str = "LINK_REFUSED";
/// The company lets nobody in from there.
pub const NETWORK_REFUSED: &str = "NETWORK_REFUSED";
/// There is no such thing, or the caller may not see it.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// It may or may not have been done; asking again with the same command id tells.
pub const OUTCOME_UNKNOWN: &str = "OUTCOME_UNKNOWN";
/// Too many runs of the optimiser wait.
pub const PLANNING_BUSY: &str = "PLANNING_BUSY";
/// The shop as it is can't be planned at all.
pub const PLANNING_IMPOSSIBLE: &str = "PLANNING_IMPOSSIBLE";
/// More operations than a plan that is taken over can have.
pub const PLANNING_TOO_LARGE: &str = "PLANNING_TOO_LARGE";
/// The run has found no plan.
pub const PLANNING_NO_PLAN: &str = "PLANNING_NO_PLAN";
/// Operations can't be where the plan of the run has them any more.
pub const PLANNING_SHOP_CHANGED: &str = "PLANNING_SHOP_CHANGED";
/// What is moved by hand gets into the way of something, which the policy of the plan does not let pass.
pub const PLAN_CONFLICTS: &str = "PLAN_CONFLICTS";
/// The same, unless a reason is given.
pub const PLAN_REASON_NEEDED: &str = "PLAN_REASON_NEEDED";
/// Who asks could not come in any more.
pub const SHUTS_YOURSELF_OUT: &str = "SHUTS_YOURSELF_OUT";
/// Too many attempts failed.
pub const SIGN_IN_WAITS: &str = "SIGN_IN_WAITS";
/// No or bad credentials.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// Nothing was done; later it may work.
pub const UNAVAILABLE: &str = "UNAVAILABLE";

/// Why a command was not done, in terms of the business.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// Stable code, such as `JOB_NOT_FOUND`.
    pub code: String,
    /// The field of the input that it speaks of, where there is one.
    pub field: Option<String>,
    /// What is the matter, in English.
    pub message: String,
    /// With `CONFLICT`: the revision that the thing has now.
    pub revision: Option<Revision>,
}

impl UserError {
    /// An error of this code about this field of the input.
    pub fn new(code: &str, field: Option<&str>, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), field: field.map(ToOwned::to_owned), message: message.into(), revision: None }
    }

    /// The text in this field breaks its rule.
    pub fn bad_text(field: &'static str) -> impl Fn(BadText) -> Self {
        move |error| Self::new(BAD_TEXT, Some(field), error.to_string())
    }
}

/// What is damaged. Goes with an error inside this process only, for the command line: who has the folder may know.
pub struct Damage(pub String);

/// A top-level error with its code.
pub fn failure(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// There is no such thing, or the caller may not see it: the answer is the same.
pub fn not_found() -> Error {
    failure(NOT_FOUND, "not found")
}

/// Splits what a run gave into what belongs in the payload and what fails the field.
pub fn refusal(deps: &GraphqlDeps, error: RunError) -> Result<UserError, Error> {
    match error {
        RunError::Denied => Ok(UserError::new(NOT_FOUND, None, "not found")),
        RunError::Rejected(refusal) => Ok(UserError::new(refusal.code(), refusal.field(), refusal.to_string())),
        RunError::Conflict { actual } => Ok(UserError {
            revision: actual.map(Revision),
            ..UserError::new(CONFLICT, Some("expectedRevision"), "it has changed in the meantime")
        }),
        error @ RunError::CommandIdReused(_) => {
            Ok(UserError::new(COMMAND_ID_REUSED, Some("commandId"), error.to_string()))
        }
        RunError::Unavailable(cause) => Err(unavailable(&cause)),
        RunError::OutcomeUnknown(cause) => {
            tracing::warn!(cause, "graphql.outcome_unknown");
            Err(failure(OUTCOME_UNKNOWN, "it may or may not have been done: ask again with the same commandId"))
        }
        RunError::Fault(cause) => Err(fault(deps, &cause)),
    }
}

/// The same for what is refused where people come in.
pub fn refused(deps: &GraphqlDeps, refused: Refused) -> Result<UserError, Error> {
    let said = refused.to_string();
    Ok(match refused {
        Refused::Input { field, message } => UserError::new(BAD_TEXT, Some(field), message),
        Refused::Credentials => UserError::new(CREDENTIALS_REFUSED, Some("present"), "the password is not right"),
        Refused::Wait { .. } => UserError::new(SIGN_IN_WAITS, Some("present"), said),
        Refused::Link => UserError::new(LINK_REFUSED, None, said),
        Refused::Network => UserError::new(NETWORK_REFUSED, None, said),
        Refused::Session => return Err(failure(UNAUTHENTICATED, said)),
        Refused::Denied => UserError::new(NOT_FOUND, None, said),
        Refused::Rejected(refusal) => UserError::new(refusal.code(), refusal.field(), refusal.to_string()),
        Refused::Unavailable(cause) => return Err(unavailable(&cause)),
        // Steps of a sign-in are taken at `/auth` only.
        Refused::Step
        | Refused::Code
        | Refused::Terminal
        | Refused::Pin
        | Refused::Provider(_)
        | Refused::Passkey
        | Refused::NoPasskeys
        | Refused::SecondFactorExists
        | Refused::SecondFactorNeeded => return Err(fault(deps, &said)),
        Refused::Fault(cause) => return Err(fault(deps, &cause)),
    })
}

/// Why rows could not be read.
pub fn view_failure(deps: &GraphqlDeps) -> impl Fn(ViewError) -> Error {
    |error| match error {
        ViewError::Unavailable(cause) => unavailable(&cause),
        ViewError::Corrupt(cause) => fault(deps, &cause),
    }
}

/// Why events could not be read.
pub fn read_failure(deps: &GraphqlDeps) -> impl Fn(ReadError) -> Error {
    |error| match error {
        ReadError::Unavailable(cause) => unavailable(&cause),
        ReadError::Corrupt(cause) => {
            let told = fault(deps, &cause);
            Error { source: Some(Arc::new(Damage(cause))), ..told }
        }
    }
}

/// Why the vault did not tell.
pub fn vault_failure(deps: &GraphqlDeps) -> impl Fn(VaultError) -> Error {
    |error| match error {
        VaultError::Unavailable(cause) => unavailable(&cause),
        other => fault(deps, &other),
    }
}

/// Nothing was done; asking again later may work. The cause is for the log alone.
pub fn unavailable(cause: &str) -> Error {
    tracing::warn!(cause, "graphql.unavailable");
    failure(UNAVAILABLE, "unavailable, try again later")
}

/// Something is broken: logged once under an id, and only the id is told.
pub fn fault(deps: &GraphqlDeps, cause: &dyn std::fmt::Display) -> Error {
    let id = deps.ids.next();
    tracing::error!(fault = %id, %cause, "graphql.fault");
    failure(INTERNAL, "an internal fault").extend_with(|_, extensions| extensions.set("id", id.to_string()))
}
