//! `cargo xtask bench-page`: what the chat costs a page, measured in a real browser beside the page alone
//! and beside a chat that was written by hand for it (`bench/run.mjs`).
//!
//! Times depend on the machine and on what else it does: they are printed, and nothing is asserted of them.

use std::ffi::OsString;
use std::process::Command;

use crate::browsers;
use crate::error::Error;
use crate::process::{self, cargo};
use crate::setup;
use crate::widget::{self, Optimise};
use crate::workspace::Workspace;

/// The real server with something to measure in it.
const SERVER: &str = "page-bench-server";

/// Builds the widget as it is shipped and the server as it is released, and measures. The words go to the
/// script.
pub(crate) fn run(workspace: &Workspace, words: Vec<OsString>) -> Result<(), Error> {
    let npm = setup::node()?;
    let chromium = browsers::chromium()?;
    let folder = workspace.path("bench");
    npm.install(workspace, &folder)?;
    widget::build(workspace, Optimise::Always)?;
    println!("== server: building it as it is released");
    process::run(&mut cargo(
        workspace,
        ["build", "--release", "-p", "eloquent-server", "--example", SERVER],
    ))?;
    println!("== measuring (this takes minutes; let the machine do nothing else)");
    let server = workspace.target("release/examples").join(SERVER);
    let server = server.with_extension(std::env::consts::EXE_EXTENSION);
    let mut script = Command::new("node");
    script.current_dir(folder).arg("run.mjs").arg("--server").arg(server).args(words);
    process::run(chromium.choose(&mut script))
}
