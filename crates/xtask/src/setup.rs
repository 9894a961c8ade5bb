//! What the builds and the tests need: looked for, installed where that is possible, and named with
//! the exact command where it is not.
//!
//! Nothing that is already there is touched. Only Debian's package manager is ever called, and only as
//! root or through a `sudo` that asks no password.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::browsers;
use crate::error::Error;
use crate::npm::{self, Npm};
use crate::process::{self, find, run};
use crate::runtimes;
use crate::workspace::Workspace;

/// The target that the widget is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs everything that the tests need, and says so at the end.
pub(crate) fn everything(workspace: &Workspace) -> Result<(), Error> {
    rust_components()?;
    wasm_target()?;
    let found = [browsers::chromium()?, browsers::firefox()?, browsers::webkit()?];
    examples(workspace)?;
    npm_packages(workspace)?;
    let programs = found.iter().flat_map(browsers::Browser::programs);
    let programs: Vec<String> = programs.map(|path| path.display().to_string()).collect();
    println!("set-up: complete ({})", programs.join(", "));
    Ok(())
}

/// What the browser tests need besides their browser.
pub(crate) fn end_to_end(workspace: &Workspace) -> Result<(), Error> {
    wasm_target()?;
    npm_packages(workspace)
}

fn npm_packages(workspace: &Workspace) -> Result<(), Error> {
    let npm = node()?;
    npm::folders(workspace)?.iter().try_for_each(|folder| npm.install(workspace, folder))
}

/// Makes sure that every example below `examples` can run.
pub(crate) fn examples(workspace: &Workspace) -> Result<(), Error> {
    runtimes::install(workspace)?;
    node()?.install(workspace, &workspace.path("examples/express"))
}

/// Makes sure that Rust's standard library for wasm32 is there.
pub(crate) fn wasm_target() -> Result<(), Error> {
    let mut query = Command::new("rustc");
    let folder = process::read(query.args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    println!("== set-up: the Rust target {WASM_TARGET}");
    if find(&["rustup"]).is_none() {
        return Err(Error::Missing {
            what: "the Rust target wasm32-unknown-unknown",
            instructions: "Rust does not come from rustup here. Install the target with the package manager\n\
                that installed Rust (Debian: apt-get install libstd-rust-dev-wasm32), or Rust by rustup.",
        });
    }
    run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
}

/// Makes sure that rustfmt and clippy are there.
pub(crate) fn rust_components() -> Result<(), Error> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if process::read(Command::new("cargo").args([subcommand, "--version"])).is_ok() {
            continue;
        }
        println!("== set-up: {component}");
        run(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

/// Makes sure that Node.js and npm are there.
pub(crate) fn node() -> Result<Npm, Error> {
    if let Some(npm) = Npm::find() {
        return Ok(npm);
    }
    let installed = apt_install("Node.js and npm", &["nodejs", "npm"])?;
    installed.then(Npm::find).flatten().ok_or(Error::Missing {
        what: "Node.js 18 or newer, with npm,",
        instructions: "Debian, Ubuntu: sudo apt-get install nodejs npm\n\
            macOS: brew install node\n\
            otherwise: the installer from nodejs.org",
    })
}

/// Installs Debian packages. `false` where there is no apt-get, or no right to use it.
pub(crate) fn apt_install(what: &str, packages: &[&str]) -> Result<bool, Error> {
    let Some(apt) = find(&["apt-get"]) else { return Ok(false) };
    let Some(privilege) = privilege() else { return Ok(false) };
    let sudo = match privilege {
        Privilege::Root => None,
        Privilege::Sudo(program) => Some(program),
    };
    println!("== set-up: {what}, by apt-get (this can take some minutes)");
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(sudo.as_deref().unwrap_or(&apt));
        if sudo.is_some() {
            command.arg("-n").arg(&apt);
        }
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(&mut apt_get(&["update", "-q"]))?;
    let mut install = apt_get(&["install", "-q", "-y", "--no-install-recommends"]);
    run(install.args(packages))?;
    Ok(true)
}

/// By what right packages are installed.
enum Privilege {
    Root,
    Sudo(PathBuf),
}

/// `None` where this is not root and `sudo` is missing or would ask for a password.
fn privilege() -> Option<Privilege> {
    let id = process::read(Command::new("id").arg("-u")).ok()?;
    if id.trim() == "0" {
        return Some(Privilege::Root);
    }
    let sudo = find(&["sudo"])?;
    let allowed = Command::new(&sudo)
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    allowed.then_some(Privilege::Sudo(sudo))
}
