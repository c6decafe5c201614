//! What Kilter keeps in a browser: the table that people are shown, and the names that the rest goes by.

use serde::Serialize;
use utoipa::ToSchema;

/// Of which table people say what may be kept; a change of it asks them anew.
pub const VERSION: u16 = 1;

/// Goes with every request.
pub const ACCESS: &str = "__Host-kilter";
/// Gives the next one.
pub const REFRESH: &str = "__Host-kilter-refresh";
/// Tells a device that has signed in before.
pub const DEVICE: &str = "__Host-kilter-device";
/// Tells the browser that was sent to a provider.
pub const PROVIDER: &str = "__Host-kilter-provider";
/// Tells a tablet that was paired as a terminal.
pub const TERMINAL: &str = "__Host-kilter-terminal";
/// Shows who is at work at a terminal.
pub const FLOOR: &str = "__Host-kilter-floor";
/// As long as browsers keep a cookie: 400 days.
pub const DEVICE_SECONDS: i64 = 400 * 24 * 3600;

/// What something is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Without it nobody can sign in; nobody is asked.
    Necessary,
    /// Makes work easier: language, theme.
    Functional,
    /// Tells us how Kilter is used.
    Analytics,
}

/// One cookie.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    /// Its name.
    pub name: &'static str,
    /// What it is kept for.
    pub category: Category,
    /// The same in words.
    pub purpose: &'static str,
    /// For how long at most, in seconds.
    pub seconds: i64,
}

/// The table.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CookieTable {
    /// Of which version.
    pub version: u16,
    /// Every cookie that Kilter sets.
    pub cookies: &'static [Cookie],
}

/// What there is today.
pub const TABLE: CookieTable = CookieTable {
    version: VERSION,
    cookies: &[
        Cookie {
            name: ACCESS,
            category: Category::Necessary,
            purpose: "shows that you are signed in",
            seconds: crate::auth::SESSION_TTL_SECONDS as i64,
        },
        Cookie {
            name: REFRESH,
            category: Category::Necessary,
            purpose: "keeps you signed in; 30 days if you asked for it, else 7",
            seconds: crate::auth::family::REMEMBERED_LIFE_SECONDS,
        },
        Cookie {
            name: DEVICE,
            category: Category::Necessary,
            purpose: "lets you in on this device while others guess at your password",
            seconds: DEVICE_SECONDS,
        },
        Cookie {
            name: PROVIDER,
            category: Category::Necessary,
            purpose: "tells this browser when it comes back from a provider that you sign in with",
            seconds: crate::identity::AT_PROVIDER_SECONDS,
        },
        Cookie {
            name: TERMINAL,
            category: Category::Necessary,
            purpose: "tells a tablet on the shop floor that was paired with its company",
            seconds: DEVICE_SECONDS,
        },
        Cookie {
            name: FLOOR,
            category: Category::Necessary,
            purpose: "shows who is at work at a tablet on the shop floor; 10 minutes after their last touch it is of no use",
            seconds: crate::auth::LONGEST_SECONDS,
        },
    ],
};
