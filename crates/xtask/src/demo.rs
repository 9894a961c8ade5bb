//! `cargo xtask demo`: from a bare machine to a running demo.

use std::ffi::OsString;

use crate::error::Error;
use crate::process;
use crate::sizes;
use crate::widget::{self, Optimise};
use crate::workspace::Workspace;

/// Builds the widget and runs `eloquent demo` with the given words. It needs neither Node.js nor a
/// browser: without Node.js the widget is larger, not different.
pub(crate) fn run(workspace: &Workspace, words: Vec<OsString>) -> Result<(), Error> {
    widget::build(workspace, Optimise::IfPossible)?;
    // Whoever wants to see the demo is not to be stopped by a widget that has grown too large.
    if let Err(error) = sizes::report(workspace) {
        println!("warning: {error}");
    }
    println!("\n== server: building it and starting the demo (the first build takes some minutes)");
    let mut command =
        process::cargo(workspace, ["run", "-p", "eloquent-server", "--bin", "eloquent", "--", "demo"]);
    process::become_command(command.args(words))
}
