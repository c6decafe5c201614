//! `/auth/…`: signing up, in and out. JSON in, JSON out; what a session holds travels in cookies that no script can read.

mod answer;
mod cookies;
mod routes;

pub(super) use self::cookies::access_token;
pub(super) use self::routes::router;
