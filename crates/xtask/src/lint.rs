//! Formatting and clippy, for the machine's own target and for wasm32.

use crate::error::Error;
use crate::process::{self, cargo};
use crate::setup;
use crate::workspace::Workspace;

/// `cargo xtask lint`: sets up what is needed, then checks everything.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    setup::rust_components()?;
    setup::wasm_target()?;
    check(workspace)
}

/// What is checked: formatting, and every crate for each target that it is built for. A warning is a
/// failure. The tests of the last two crates run natively, so that they are checked there only.
const CHECKS: [&str; 4] = [
    "fmt --all --check",
    "clippy --workspace --exclude eloquent-widget --all-targets -- -D warnings",
    "clippy --target wasm32-unknown-unknown -p eloquent-widget --all-targets -- -D warnings",
    "clippy --target wasm32-unknown-unknown -p eloquent-types -p eloquent-widget-core -- -D warnings",
];

/// One check that fails does not keep the others from saying what they have to say.
fn check(workspace: &Workspace) -> Result<(), Error> {
    let results = CHECKS.map(|words| process::run(&mut cargo(workspace, words.split_whitespace())));
    results.into_iter().collect()
}
