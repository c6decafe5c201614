//! Who people are and how they come in. What they prove it with is in the vault, never here.
pub mod account;
pub mod api_token;
pub mod consent;
pub mod session;
