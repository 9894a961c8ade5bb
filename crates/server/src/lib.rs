//! Eloquent's server: the widget's API, the agent, the dashboard and the command line.

pub mod agent;
pub mod knowledge;
pub mod markdown;
