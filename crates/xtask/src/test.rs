//! `cargo xtask test`: every test there is, each part with a heading and the time that it took.
//!
//! A part that fails does not stop the others: one run tells everything that is wrong. The summary
//! names what failed, and the exit status is that of the whole.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::arguments::Part;
use crate::browsers::{self, Browser};
use crate::error::Error;
use crate::lint;
use crate::process::{self, cargo};
use crate::setup::{self, WASM_TARGET};
use crate::sizes;
use crate::widget::{self, Optimise};
use crate::workspace::Workspace;

/// The browser tests are the test targets of this name. The others run with the native tests.
const BROWSER_TESTS: &str = "browser";

/// What runs in `WebKit`: the chat on customers' pages. Its driver cannot do enough for the rest.
const WEBKIT_TESTS: [&str; 10] = [
    "browser::accessibility",
    "browser::commands",
    "browser::connection",
    "browser::hostile",
    "browser::hosts",
    "browser::identity",
    "browser::keyboard",
    "browser::resume",
    "browser::trouble",
    "browser::watch",
];

/// How one part ended.
struct Outcome {
    name: &'static str,
    took: Duration,
    result: Result<(), Error>,
}

/// Sets up and runs the parts, prints the summary, and fails if any of them failed.
pub(crate) fn run(workspace: &Workspace, parts: Vec<Part>) -> Result<(), Error> {
    println!("== set-up");
    for part in &parts {
        set_up(workspace, *part)?;
    }
    let outcomes: Vec<Outcome> = parts.into_iter().map(|part| timed(workspace, part)).collect();
    println!("\n== summary");
    for outcome in &outcomes {
        let verdict = if outcome.result.is_ok() { "ok" } else { "FAILED" };
        println!("{:<28} {:<7} {:>11}", outcome.name, verdict, shown(outcome.took));
    }
    let total: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    println!("{:<36} {:>11}", "together", shown(total));
    let failed: Vec<_> =
        outcomes.iter().filter(|outcome| outcome.result.is_err()).map(|outcome| outcome.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::TestsFailed { parts: failed }) }
}

/// What a part needs, before any of them starts: who has to install something should not have to wait
/// for the first tests to learn it.
fn set_up(workspace: &Workspace, part: Part) -> Result<(), Error> {
    match part {
        Part::Native => setup::examples(workspace),
        Part::Docs => setup::wasm_target(),
        Part::Lint => setup::rust_components().and_then(|()| setup::wasm_target()),
        Part::Build => setup::wasm_target().and_then(|()| setup::node()).map(drop),
        Part::Wasm => setup::wasm_target().and_then(|()| browsers::chromium()).map(drop),
        Part::EndToEnd => setup::end_to_end(workspace).and_then(|()| browsers::chromium()).map(drop),
        Part::Firefox => setup::end_to_end(workspace).and_then(|()| browsers::firefox()).map(drop),
        Part::WebKit => setup::end_to_end(workspace).and_then(|()| browsers::webkit()).map(drop),
    }
}

fn timed(workspace: &Workspace, part: Part) -> Outcome {
    let name = heading(part);
    println!("\n== {name}");
    let start = Instant::now();
    let result = run_part(workspace, part);
    let took = start.elapsed();
    match &result {
        Ok(()) => println!("-- {name}: ok, {}", shown(took)),
        Err(error) => println!("-- {name}: FAILED, {}: {error}", shown(took)),
    }
    Outcome { name, took, result }
}

fn heading(part: Part) -> &'static str {
    match part {
        Part::Lint => "formatting and clippy",
        Part::Build => "widget and its sizes",
        Part::Native => "native tests",
        Part::Docs => "documentation",
        Part::Wasm => "wasm in headless Chromium",
        Part::EndToEnd => "end to end in Chromium",
        Part::Firefox => "end to end in Firefox",
        Part::WebKit => "end to end in WebKit",
    }
}

fn run_part(workspace: &Workspace, part: Part) -> Result<(), Error> {
    match part {
        Part::Lint => lint::run(workspace),
        Part::Build => widget::build(workspace, Optimise::Always).and_then(|_| sizes::report(workspace)),
        Part::Native => native(workspace),
        Part::Docs => docs(workspace),
        Part::Wasm => wasm(workspace),
        Part::EndToEnd => declarations(workspace)
            .and_then(|()| browsers::chromium())
            .and_then(|it| end_to_end(workspace, &it, &[])),
        Part::Firefox => browsers::firefox().and_then(|it| end_to_end(workspace, &it, &[])),
        Part::WebKit => browsers::webkit().and_then(|it| end_to_end(workspace, &it, &WEBKIT_TESTS)),
    }
}

/// Unit tests, the integration tests that need no browser, doctests; then xtask's own.
fn native(workspace: &Workspace) -> Result<(), Error> {
    let mut tests = cargo(workspace, ["test", "--no-fail-fast", "--lib", "--bins"]);
    for target in test_targets(workspace)?.iter().filter(|name| !is_browser_test(name)) {
        tests.args(["--test", target]);
    }
    process::run(&mut tests)?;
    process::run(&mut cargo(workspace, ["test", "--no-fail-fast", "--doc"]))?;
    // In its own profile: all that it links is already compiled there.
    process::run(&mut cargo(workspace, ["test", "--profile", "xtask", "-p", "xtask"]))
}

fn docs(workspace: &Workspace) -> Result<(), Error> {
    let widget = ["--target", WASM_TARGET, "-p", "eloquent-widget"];
    for which in [&[][..], &widget] {
        let mut doc = cargo(workspace, ["doc", "--no-deps"]);
        process::run(doc.args(which).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

/// The widget's tests, by this program as cargo's runner for wasm32.
fn wasm(workspace: &Workspace) -> Result<(), Error> {
    let browser = browsers::chromium()?;
    let program = std::env::current_exe().map_err(Error::file("find", "xtask"))?;
    // cargo splits the runner at spaces unless it is a list; the path may contain some.
    let runner =
        format!("target.{WASM_TARGET}.runner=[{:?}, \"wasm-test\"]", program.to_string_lossy().into_owned());
    let mut tests = cargo(workspace, ["test", "--target", WASM_TARGET, "-p", "eloquent-widget"]);
    tests.args(["--config", &runner]);
    tests.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30").env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    process::run(browser.choose(&mut tests))
}

/// The real page in a real browser, against the real server: all tests, or those whose names hold one of
/// these words. Tests that need what the browser cannot be made to do say so where they run.
fn end_to_end(workspace: &Workspace, browser: &Browser, only: &[&str]) -> Result<(), Error> {
    let targets = test_targets(workspace)?;
    if !targets.iter().any(|name| is_browser_test(name)) {
        return Err(Error::NoTests { expected: "tests/tests/browser*.rs" });
    }
    widget::build(workspace, Optimise::Always)?;
    let mut tests = cargo(workspace, ["test", "--no-fail-fast"]);
    for target in targets.iter().filter(|name| is_browser_test(name)) {
        tests.args(["--test", target]);
    }
    tests.arg("--").args(only);
    process::run(browser.choose(&mut tests))
}

/// Reads real calls of `window.eloquent` against its declarations, with the TypeScript compiler.
fn declarations(workspace: &Workspace) -> Result<(), Error> {
    let folder = workspace.path("tests/types");
    let mut compiler = Command::new(folder.join("node_modules/.bin/tsc"));
    compiler.args(["--noEmit", "--strict", "--target", "es2022", "calls.ts"]);
    process::run(compiler.current_dir(&folder))
}

fn is_browser_test(target: &str) -> bool {
    target.starts_with(BROWSER_TESTS)
}

/// The integration tests of every package: `tests/x.rs` and `tests/x/main.rs`. They are named to cargo
/// one by one so that every part compiles the same packages with the same features, and none twice.
fn test_targets(workspace: &Workspace) -> Result<Vec<String>, Error> {
    let mut targets = Vec::new();
    for folder in test_folders(workspace)? {
        for entry in fs::read_dir(&folder).map_err(Error::file("read", &folder))? {
            let path = entry.map_err(Error::file("read", &folder))?.path();
            let is_target = path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").is_file();
            if let (true, Some(name)) = (is_target, path.file_stem()) {
                targets.push(name.to_string_lossy().into_owned());
            }
        }
    }
    targets.sort();
    targets.dedup();
    Ok(targets)
}

fn test_folders(workspace: &Workspace) -> Result<Vec<PathBuf>, Error> {
    let crates = workspace.path("crates");
    let mut folders = vec![workspace.path("tests/tests")];
    for entry in fs::read_dir(&crates).map_err(Error::file("read", &crates))? {
        let path = entry.map_err(Error::file("read", &crates))?.path();
        // These two are not among the default members, which is what the native tests run over.
        if !path.ends_with("widget") && !path.ends_with("xtask") {
            folders.push(path.join("tests"));
        }
    }
    folders.retain(|folder| folder.is_dir());
    Ok(folders)
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(shown(Duration::from_millis(1_249)), "1.2 s");
        assert_eq!(shown(Duration::from_mins(1)), "1 min 00 s");
        assert_eq!(shown(Duration::from_secs(754)), "12 min 34 s");
    }

    #[test]
    fn only_the_browser_tests_wait_for_a_browser() {
        assert!(is_browser_test("browser"));
        assert!(is_browser_test("browser_identity"));
        assert!(!is_browser_test("architecture"));
    }
}
