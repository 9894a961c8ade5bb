//! npm packages: found, installed from their lock files, and never needed by the demo.
//!
//! `npm ci` takes exactly what the lock file names, checked by its hash, and `--ignore-scripts` lets no
//! package run anything while it is being installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// The oldest major version of Node.js that every package here runs on.
const OLDEST_NODE: u32 = 18;

/// Node.js and npm, known to be there and recent enough.
#[derive(Debug)]
pub(crate) struct Npm {
    program: PathBuf,
}

/// The two programs that make the widget's files small.
#[derive(Debug)]
pub(crate) struct WidgetTools {
    wasm_opt: PathBuf,
    esbuild: PathBuf,
}

impl Npm {
    /// `None` where Node.js or npm is missing or too old.
    pub(crate) fn find() -> Option<Self> {
        let node = process::find(&["node"])?;
        let version = process::read(Command::new(node).arg("--version")).ok()?;
        let major = major_version(&version)?;
        let program = process::find(&["npm"])?;
        (major >= OLDEST_NODE).then_some(Self { program })
    }

    /// Installs what the folder's lock file names, unless that is what is already there.
    pub(crate) fn install(&self, workspace: &Workspace, folder: &Path) -> Result<(), Error> {
        if is_installed(folder) {
            return Ok(());
        }
        println!("== npm packages of {}", workspace.shown(folder));
        let mut command = Command::new(&self.program);
        command.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        process::run(&mut command)
    }

    /// Installs wasm-opt and esbuild.
    pub(crate) fn widget_tools(&self, workspace: &Workspace) -> Result<WidgetTools, Error> {
        let folder = workspace.path("crates/xtask/npm");
        self.install(workspace, &folder)?;
        let programs = folder.join("node_modules/.bin");
        Ok(WidgetTools { wasm_opt: programs.join("wasm-opt"), esbuild: programs.join("esbuild") })
    }
}

impl WidgetTools {
    /// Rewrites a WebAssembly file for size.
    pub(crate) fn shrink_wasm(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut command = Command::new(&self.wasm_opt);
        // Smaller before Brotli is not smaller after it: flattened, and with nothing inlined, it is 1 kB less.
        // The lowest KiB is the far end of the stack, which Rust puts first: no pointer is ever that small.
        command.args(["-Oz", "--flatten", "--rereloop", "-Oz", "--converge", "--low-memory-unused"]);
        command.arg("--one-caller-inline-max-function-size=0");
        command.args(["--strip-debug", "--strip-producers", "--strip-target-features"]);
        process::run(command.arg(from).arg("-o").arg(to))
    }

    /// Minifies a script or a style sheet.
    pub(crate) fn minify(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut outfile = std::ffi::OsString::from("--outfile=");
        outfile.push(to);
        let mut command = Command::new(&self.esbuild);
        command.args(["--minify", "--target=es2020", "--charset=utf8", "--legal-comments=none"]);
        process::run(command.args(["--log-level=warning", "--allow-overwrite"]).arg(from).arg(outfile))
    }
}

/// Every folder of the work tree with npm packages that the tests need.
pub(crate) fn folders(workspace: &Workspace) -> Result<Vec<PathBuf>, Error> {
    let mut found = vec![workspace.path("crates/xtask/npm")];
    for group in ["examples", "packages", "tests"].map(|group| workspace.path(group)) {
        for entry in fs::read_dir(&group).map_err(Error::file("read", &group))? {
            found.push(entry.map_err(Error::file("read", &group))?.path());
        }
    }
    found.retain(|folder| folder.join("package-lock.json").is_file());
    found.sort();
    Ok(found)
}

/// npm leaves its own copy of the lock file behind when it has finished.
fn is_installed(folder: &Path) -> bool {
    let modified = |file: &str| folder.join(file).metadata().and_then(|data| data.modified()).ok();
    match (modified("node_modules/.package-lock.json"), modified("package-lock.json")) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        _ => false,
    }
}

fn major_version(printed: &str) -> Option<u32> {
    printed.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_node_prints() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("v8.0.0"), Some(8));
        assert_eq!(major_version("command not found"), None);
    }
}
