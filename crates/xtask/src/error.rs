//! Why an xtask command failed.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

/// Why a command failed. The message is for the person at the terminal: where something has to be
/// installed by hand it says what and how.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("no workspace here: run this inside the work tree of Eloquent")]
    NoWorkspace,
    #[error("could not start `{program}`")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: ExitStatus },
    #[error("`{command}` printed something that is not UTF-8")]
    NotText { command: String },
    #[error("could not {action} {}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("wasm-bindgen failed")]
    Bindgen(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{what} is missing, and cannot be installed from here.\n{instructions}")]
    Missing { what: &'static str, instructions: &'static str },
    #[error("languages of the examples are missing, and cannot be installed from here.\n{instructions}")]
    Runtimes { instructions: String },
    #[error("the widget has not been built yet: run `cargo xtask build`")]
    NotBuilt,
    #[error("the widget is larger than it may be: {}", over.join(", "))]
    TooLarge { over: Vec<String> },
    #[error("there is no test to run: expected {expected}")]
    NoTests { expected: &'static str },
    #[error("failed: {}", parts.join(", "))]
    TestsFailed { parts: Vec<&'static str> },
}

impl Error {
    /// Turns an error of the file system into one that says what was tried, and where.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
