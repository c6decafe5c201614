//! The e2e suite.

mod account;
mod api_tokens;
mod calendars;
mod command_line;
mod company_security;
mod consent;
mod edge;
mod floor;
mod identity;
mod isolation;
mod live;
mod members;
mod nodes;
mod nodes_people;
mod nodes_start;
mod postgres_doctor;
mod postgres_tls;
mod providers;
mod providers_of_others;
mod published;
mod recount;
mod routes;
mod second_factors;
mod shop;
mod solve;
mod truth;
