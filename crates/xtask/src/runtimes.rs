//! The languages that the examples below `examples` are written in, apart from Rust and JavaScript.
//!
//! Each is asked to do what its example needs, instead of being believed by its version. What is missing
//! is installed by one call of Debian's package manager; where that is not possible, one message names
//! all of it.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process::{self, find};
use crate::setup::apt_install;
use crate::workspace::Workspace;

/// A language, and how one gets it.
#[derive(Debug)]
pub(crate) struct Runtime {
    name: &'static str,
    /// Debian's packages.
    packages: &'static [&'static str],
    /// What to do elsewhere.
    elsewhere: &'static str,
    works: fn(&Workspace) -> bool,
}

const RUNTIMES: [Runtime; 5] = [
    Runtime {
        name: "Python 3.9 or newer, with venv and pip",
        packages: &["python3", "python3-venv"],
        elsewhere: "brew install python",
        works: |_| {
            answers("python3", &["-c", "import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 9))"])
        },
    },
    Runtime {
        name: "Ruby with the gems jwt and webrick",
        packages: &["ruby", "ruby-jwt", "ruby-webrick"],
        elsewhere: "brew install ruby, then gem install jwt webrick",
        works: |_| answers("ruby", &["-rjwt", "-rwebrick", "-e", ""]),
    },
    Runtime {
        name: "PHP 8 or newer",
        packages: &["php-cli"],
        elsewhere: "brew install php",
        works: |_| {
            answers("php", &["-r", "exit(PHP_VERSION_ID < 80000 || !function_exists('session_start'));"])
        },
    },
    Runtime {
        name: "Go 1.18 or newer, with golang-jwt",
        packages: &["golang-go", "golang-github-golang-jwt-jwt-dev"],
        elsewhere: "brew install go; the library comes from the module proxy",
        works: go_works,
    },
    Runtime {
        name: "a JDK, 11 or newer",
        packages: &["default-jdk-headless"],
        elsewhere: "brew install openjdk",
        works: |_| answers("javac", &["--release", "11", "--version"]),
    },
];

/// Makes sure that every language is there.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Error> {
    let missing = missing(workspace);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|runtime| runtime.packages).copied().collect();
    let installed = apt_install(&named(&missing), &packages)?;
    let missing = if installed { self::missing(workspace) } else { missing };
    if missing.is_empty() { Ok(()) } else { Err(Error::Runtimes { instructions: instructions(&missing) }) }
}

fn missing(workspace: &Workspace) -> Vec<&'static Runtime> {
    RUNTIMES.iter().filter(|runtime| !(runtime.works)(workspace)).collect()
}

fn named(runtimes: &[&Runtime]) -> String {
    runtimes.iter().map(|runtime| runtime.name).collect::<Vec<_>>().join("; ")
}

fn instructions(runtimes: &[&Runtime]) -> String {
    let packages: Vec<&str> = runtimes.iter().flat_map(|runtime| runtime.packages).copied().collect();
    let elsewhere =
        |runtime: &&Runtime| format!("\nelsewhere, {}: for example {}", runtime.name, runtime.elsewhere);
    let packages = packages.join(" ");
    format!(
        "Debian, Ubuntu: sudo apt-get install {packages}{}",
        runtimes.iter().map(elsewhere).collect::<String>()
    )
}

/// Whether the program is there and does this without complaint.
fn answers(program: &str, arguments: &[&str]) -> bool {
    find(&[program]).is_some_and(|program| process::read(Command::new(program).args(arguments)).is_ok())
}

/// The library is Debian's, or one that Go has or can get.
fn go_works(workspace: &Workspace) -> bool {
    const DEBIAN: &str = "/usr/share/gocode/src/github.com/golang-jwt/jwt";
    let Some(go) = find(&["go"]) else { return false };
    let mut download = Command::new(go);
    download.args(["mod", "download"]).current_dir(workspace.path("examples/go"));
    Path::new(DEBIAN).is_dir() || process::read(&mut download).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_there_only_if_it_does_what_it_is_asked() {
        assert!(answers("cargo", &["--version"]));
        assert!(!answers("cargo", &["no-such-command"]));
        assert!(!answers("no-such-program", &[]));
    }

    #[test]
    fn one_message_names_everything_that_is_missing() {
        let missing: Vec<&Runtime> = RUNTIMES
            .iter()
            .filter(|runtime| runtime.name.contains("PHP") || runtime.name.contains("Ruby"))
            .collect();
        assert_eq!(
            instructions(&missing),
            "Debian, Ubuntu: sudo apt-get install ruby ruby-jwt ruby-webrick php-cli\n\
             elsewhere, Ruby with the gems jwt and webrick: for example brew install ruby, then gem install jwt webrick\n\
             elsewhere, PHP 8 or newer: for example brew install php"
        );
    }
}
