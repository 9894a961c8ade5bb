//! The administration API, `/api/v1`, by the addresses of its routes.

mod access;
mod agents;
mod claims;
pub(super) mod client;
mod coverage;
mod document;
mod fields;
mod inspect;
mod keys;
mod log;
mod profiles;
mod routes;
