//! `cargo xtask <command>`: builds the widget, runs the demo and the tests, and sets up what they need.
//!
//! It is the one place that knows how the parts are built together, and it needs nothing but Rust and
//! a C compiler to start: wasm-bindgen is linked in, so that no tool has to be installed first. It is
//! not part of the product and nothing depends on it.
//!
//! Invariants: every command says what it is doing before it does it; what is missing is installed, or
//! the message says exactly what to install; the exit status is 0 only if everything succeeded.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod arguments;
mod bench;
mod browsers;
mod demo;
mod error;
mod lint;
mod names;
mod npm;
mod process;
mod runtimes;
mod setup;
mod sizes;
mod test;
mod wasm_bindgen;
mod widget;
mod workspace;

use std::process::ExitCode;

use arguments::{Command, USAGE};
use error::Error;
use widget::Optimise;
use workspace::Workspace;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let called_as = words.next().unwrap_or_default();
    let words: Vec<_> = words.collect();
    if let Some(tool) = wasm_bindgen::Tool::called_as(&called_as) {
        return finish(tool.run(&words));
    }
    match Command::parse(words) {
        Ok(command) => finish(execute(command)),
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn execute(command: Command) -> Result<(), Error> {
    match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(())
        }
        Command::Demo(rest) => demo::run(&Workspace::find()?, rest),
        Command::Test(parts) => test::run(&Workspace::find()?, parts),
        Command::Build => build(&Workspace::find()?),
        Command::Sizes => sizes::report(&Workspace::find()?),
        Command::BenchPage(rest) => bench::run(&Workspace::find()?, rest),
        Command::Lint => lint::run(&Workspace::find()?),
        Command::Setup => setup::everything(&Workspace::find()?),
        Command::WasmPackTools => wasm_bindgen::link_tools(&Workspace::find()?),
        Command::WasmTest(rest) => wasm_bindgen::Tool::TestRunner.run(&rest),
    }
}

/// A widget that is too large is built, and is a failure.
fn build(workspace: &Workspace) -> Result<(), Error> {
    widget::build(workspace, Optimise::IfPossible)?;
    sizes::report(workspace)
}

fn finish(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                eprintln!("  because: {inner}");
                cause = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}
