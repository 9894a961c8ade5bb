//! Eloquent's server: the widget's API, the agent, the dashboard and the command line.
//!
//! `http` speaks HTTP and decides nothing about conversations; `turn` runs one turn of a conversation;
//! `stream` says what a reader has not seen yet; `agent` answers; `live` wakes who waits; `limits` says
//! who asks too often; `identity_log` writes down who was identified, and why not. What is kept is kept
//! by `eloquent-store`, who somebody is is decided by `eloquent-identity`.

pub mod agent;
pub mod api_key;
pub mod app;
pub mod appearance;
pub mod cli;
pub mod client_address;
pub mod clock;
pub mod config;
pub mod data;
pub mod demo;
pub mod entropy;
pub mod http;
pub mod identity_log;
pub mod inspector;
pub mod knowledge;
pub mod limits;
pub mod live;
pub mod log;
pub mod markdown;
pub mod password;
pub mod stream;
pub mod turn;
pub mod view;
