//! What the builds and the tests need: looked for, installed where that is possible, and named with
//! the exact command where it is not.
//!
//! Nothing that is already there is touched. Only Debian's package manager is ever called, and only as
//! root or through a `sudo` that asks no password.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::npm::{self, Npm};
use crate::process::{self, find, run, variable};
use crate::runtimes;
use crate::workspace::Workspace;

/// The target that the widget is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A Chromium and the driver that belongs to it, known to be there.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Installs everything that the tests need, and says so at the end.
pub(crate) fn everything(workspace: &Workspace) -> Result<(), Error> {
    rust_components()?;
    wasm_target()?;
    let Browser { chromium, driver } = browser()?;
    examples(workspace)?;
    let npm = node()?;
    for folder in npm::folders(workspace)? {
        npm.install(workspace, &folder)?;
    }
    println!("set-up: complete ({}, {})", chromium.display(), driver.display());
    Ok(())
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

/// Makes sure that Chromium and its driver are there. `CHROME` and `CHROMEDRIVER` name others than
/// those on the `PATH`.
pub(crate) fn browser() -> Result<Browser, Error> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    let installed =
        apt_install("Chromium and its driver", &["chromium", "chromium-driver", "fonts-liberation"])?;
    installed.then(find_browser).flatten().ok_or(Error::Missing {
        what: "Chromium (or Chrome) with a chromedriver of the same version",
        instructions: "Debian: sudo apt-get install chromium chromium-driver\n\
            macOS: brew install --cask google-chrome chromedriver\n\
            otherwise put both on the PATH, or name them by CHROME=… and CHROMEDRIVER=…",
    })
}

fn find_browser() -> Option<Browser> {
    let chromium = variable("CHROME")
        .map(PathBuf::from)
        .or_else(|| find(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]))?;
    let driver = variable("CHROMEDRIVER").map(PathBuf::from).or_else(|| find(&["chromedriver"]))?;
    Some(Browser { chromium, driver })
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
