//! The command line of xtask, parsed into a closed set of commands.
//!
//! Written by hand: nine words do not need a parser crate, and xtask's compile time is paid by
//! everybody who tries the demo.

use std::ffi::OsString;

use thiserror::Error;

/// What `cargo xtask help` prints.
pub(crate) const USAGE: &str = "\
usage: cargo xtask <command>

  demo [ARGS…]       set up, build, and run the demo; ARGS go to `eloquent demo`
  test [PART…]       set up, and run every test, or only the named parts:
                     lint, build, native, docs, wasm, e2e, firefox, webkit
  build              build the widget into www/dist, and print its sizes
  sizes              print the sizes of the widget that was built last
  bench-page [ARGS…] measure in Chromium what the chat costs a page; ARGS go to bench/run.mjs
  lint               formatting and clippy, native and wasm32
  setup              install what the tests need
  wasm-pack-tools    put wasm-bindgen's tools into target/tools, where wasm-pack finds them
  help               this text";

/// One command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    /// The words for `eloquent demo`, unread.
    Demo(Vec<OsString>),
    /// In the order given; never empty.
    Test(Vec<Part>),
    Build,
    Sizes,
    /// The words for `bench/run.mjs`, unread.
    BenchPage(Vec<OsString>),
    Lint,
    Setup,
    WasmPackTools,
    /// Hidden: what cargo calls for each wasm test binary. The words are cargo's.
    WasmTest(Vec<OsString>),
}

/// One part of the tests that can be run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Lint,
    Build,
    Native,
    Docs,
    Wasm,
    /// In Chromium, as all that follow in another browser.
    EndToEnd,
    Firefox,
    WebKit,
}

impl Part {
    /// Those that run where none is named, in the order in which a failure is found soonest. Firefox and
    /// WebKit have to be named: some of the tests still fail there.
    pub(crate) const ALL: [Self; 6] =
        [Self::Lint, Self::Build, Self::Native, Self::Docs, Self::Wasm, Self::EndToEnd];
}

/// A command line that means nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum UsageError {
    #[error("there is no command {0:?}")]
    UnknownCommand(OsString),
    #[error("there is no part of the tests called {0:?}")]
    UnknownPart(OsString),
    #[error("{0:?} is one word too many")]
    Superfluous(OsString),
}

impl Command {
    /// Reads the words after the program's name. No word at all asks for help.
    pub(crate) fn parse(words: Vec<OsString>) -> Result<Self, UsageError> {
        let mut words = words.into_iter();
        let Some(name) = words.next() else { return Ok(Self::Help) };
        let rest: Vec<OsString> = words.collect();
        match name.to_str() {
            Some("demo") => Ok(Self::Demo(rest)),
            Some("test") => parts(rest).map(Self::Test),
            Some("wasm-test") => Ok(Self::WasmTest(rest)),
            Some("build") => alone(Self::Build, rest),
            Some("sizes") => alone(Self::Sizes, rest),
            Some("bench-page") => Ok(Self::BenchPage(rest)),
            Some("lint") => alone(Self::Lint, rest),
            Some("setup") => alone(Self::Setup, rest),
            Some("wasm-pack-tools") => alone(Self::WasmPackTools, rest),
            Some("help" | "--help" | "-h") => Ok(Self::Help),
            _ => Err(UsageError::UnknownCommand(name)),
        }
    }
}

fn alone(command: Command, rest: Vec<OsString>) -> Result<Command, UsageError> {
    rest.into_iter().next().map_or(Ok(command), |word| Err(UsageError::Superfluous(word)))
}

fn parts(words: Vec<OsString>) -> Result<Vec<Part>, UsageError> {
    if words.is_empty() {
        return Ok(Part::ALL.to_vec());
    }
    words.into_iter().map(part).collect()
}

fn part(word: OsString) -> Result<Part, UsageError> {
    match word.to_str() {
        Some("lint") => Ok(Part::Lint),
        Some("build") => Ok(Part::Build),
        Some("native") => Ok(Part::Native),
        Some("docs") => Ok(Part::Docs),
        Some("wasm") => Ok(Part::Wasm),
        Some("e2e") => Ok(Part::EndToEnd),
        Some("firefox") => Ok(Part::Firefox),
        Some("webkit") => Ok(Part::WebKit),
        _ => Err(UsageError::UnknownPart(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, UsageError> {
        Command::parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn words_after_demo_are_passed_on_unread() {
        let rest = vec!["--listen".into(), "127.0.0.1:0".into()];
        assert_eq!(parse("demo --listen 127.0.0.1:0"), Ok(Command::Demo(rest)));
    }

    #[test]
    fn test_without_a_part_means_all_of_them() {
        assert_eq!(parse("test"), Ok(Command::Test(Part::ALL.to_vec())));
        assert_eq!(parse("test wasm e2e"), Ok(Command::Test(vec![Part::Wasm, Part::EndToEnd])));
        assert_eq!(parse("test firefox webkit"), Ok(Command::Test(vec![Part::Firefox, Part::WebKit])));
    }

    #[test]
    fn what_means_nothing_is_named() {
        assert_eq!(parse("tset"), Err(UsageError::UnknownCommand("tset".into())));
        assert_eq!(parse("test all"), Err(UsageError::UnknownPart("all".into())));
        assert_eq!(parse("build now"), Err(UsageError::Superfluous("now".into())));
    }

    #[test]
    fn no_word_asks_for_help() {
        assert_eq!(parse(""), Ok(Command::Help));
        assert_eq!(parse("--help"), Ok(Command::Help));
    }
}
