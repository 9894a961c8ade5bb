//! Running other programs so that one sees what is going on.
//!
//! Nothing here reads from the terminal: a program that asks a question gets an end of file, so that
//! an unattended run cannot hang.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::workspace::Workspace;

/// `cargo` with the root of the work tree as its directory.
pub(crate) fn cargo<'a>(workspace: &Workspace, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace.path("")).args(arguments);
    command
}

/// Shows the command, runs it with its output going to the terminal, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().map_err(|source| not_started(command, source))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command: shown(command), status }) }
}

/// Runs a command quietly and returns what it printed.
pub(crate) fn read(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|source| not_started(command, source))?;
    if !output.status.success() {
        return Err(Error::Failed { command: shown(command), status: output.status });
    }
    String::from_utf8(output.stdout).map_err(|_| Error::NotText { command: shown(command) })
}

/// Shows the command and becomes it, so that Ctrl-C and signals reach it alone. Returns only if that
/// is not possible; where a process cannot be replaced, when the command has ended.
pub(crate) fn become_command(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", shown(command));
    #[cfg(unix)]
    {
        let source = std::os::unix::process::CommandExt::exec(command);
        Err(not_started(command, source))
    }
    #[cfg(not(unix))]
    run(command)
}

/// The first of the programs that is on the `PATH`.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = variable("PATH")?;
    names
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|file| is_program(file))
}

/// A variable of the environment, where it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the one place where xtask reads its environment")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

fn not_started(command: &Command, source: io::Error) -> Error {
    Error::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
