//! The log: one line an event on standard error, never a token, a secret, a message or an email.
//! (What is logged is ids, codes, counts and times; request bodies, headers and addresses are not.)

use std::{
    io::{self, IsTerminal as _},
    panic,
};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging, of panics too. Called once, by the program; a second call changes nothing.
pub fn start(format: LogFormat, level: &str) {
    let filter = EnvFilter::new(level);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    panic::set_hook(Box::new(log_panic));
    // An error means that a logger runs already.
    let _ = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Where it happened, in one line. What it says is left out: of a text that was cut in the wrong place,
/// it is the text.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
    tracing::error!(file, line, "a bug: the program panicked");
}
