//! The store through its public API, on real files. Nothing is mocked; tokens are really signed and
//! verified.

mod accounts;
mod admission;
mod isolation;
mod knowledge;
mod secrets;
mod setup;
mod turns;
mod writing;
