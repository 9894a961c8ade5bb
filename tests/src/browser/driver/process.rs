//! A program that runs for one browser, and where programs are.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A running program. Dropping it ends it.
pub(super) struct Process(pub(super) Child);

impl Process {
    /// Starts a program that says nothing that matters.
    pub(super) fn quiet(command: &mut Command) -> Self {
        Self::spawn(command.stdout(Stdio::null()))
    }

    /// Starts a program whose output is read.
    pub(super) fn spawn(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        let program = command.get_program().to_string_lossy();
        Self(child.unwrap_or_else(|error| panic!("{program} does not start: {error}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program that a variable names, or the first of the usual ones that is there.
pub(super) fn program(variable: &str, usual: &[&str]) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own settings, the same as of cargo xtask")]
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| usual.iter().map(PathBuf::from).find(|path| path.is_file()))
}
