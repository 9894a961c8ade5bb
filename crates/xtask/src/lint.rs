//! Formatting and clippy, for the machine's own target and for wasm32.

use crate::error::Error;
use crate::process::{self, cargo};
use crate::setup;
use crate::workspace::Workspace;

/// Checks formatting and runs clippy over every crate for each target that it is built for.
/// A warning is a failure.
pub(crate) fn run_all(workspace: &Workspace) -> Result<(), Error> {
    process::run(&mut cargo(workspace, ["fmt", "--all", "--check"]))?;
    process::run(&mut cargo(
        workspace,
        ["clippy", "--workspace", "--exclude", "eloquent-widget", "--all-targets", "--", "-D", "warnings"],
    ))?;
    // Only the shell has tests that run in a browser; the other two crates' tests are native.
    let wasm = ["clippy", "--target", "wasm32-unknown-unknown"];
    let shell = ["-p", "eloquent-widget", "--all-targets", "--", "-D", "warnings"];
    process::run(cargo(workspace, wasm).args(shell))?;
    let shared = ["-p", "eloquent-types", "-p", "eloquent-widget-core", "--", "-D", "warnings"];
    process::run(cargo(workspace, wasm).args(shared))
}

/// `cargo xtask lint`: sets up what is needed, then [`run_all`].
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    setup::rust_components()?;
    setup::wasm_target()?;
    run_all(workspace)
}
