//! The npm package `eloquent-widget`: its tests, and pages that are bundled from it as customers do, out of
//! the archive that would be published. The packages it is built with come from its lock file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

/// Tests run at the same time; there is one folder to build in.
static BUILDING: Mutex<()> = Mutex::new(());

/// Builds the package and runs its own tests. Fails with what they print.
pub fn test() {
    let _guard = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    install();
    npm(&["test"]);
}

/// A page's script, bundled as for development from `tests/pages/<name>` of the package.
pub fn bundle(name: &str) -> String {
    let _guard = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    install();
    let site = tempfile::tempdir().expect("a folder for the site");
    publish_to(site.path());
    fs::copy(folder().join("tests/pages").join(name), site.path().join(name)).expect("the page is there");
    let mut esbuild = Command::new(folder().join("node_modules/.bin/esbuild"));
    esbuild
        .args([name, "--bundle", "--format=iife", "--jsx=automatic", "--charset=utf8"])
        .args(["--define:process.env.NODE_ENV=\"development\"", "--log-level=error"])
        // What the site would have installed besides.
        .env("NODE_PATH", folder().join("node_modules"))
        .current_dir(site.path());
    printed(&mut esbuild)
}

/// Installs the archive below a site's `node_modules`, as npm would.
fn publish_to(site: &Path) {
    let place = site.join("node_modules/eloquent-widget");
    fs::create_dir_all(&place).expect("a folder for the package");
    let destination = site.to_str().expect("a path in UTF-8");
    npm(&["run", "build"]);
    npm(&["pack", "--ignore-scripts", "--pack-destination", destination]);
    let archive = fs::read_dir(site)
        .expect("the site's folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|end| end == "tgz"))
        .expect("npm has packed the package");
    printed(Command::new("tar").arg("-xzf").arg(archive).arg("--strip-components=1").arg("-C").arg(place));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packages/eloquent-widget")
}

fn install() {
    if !folder().join("node_modules/typescript").is_dir() {
        npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    }
}

fn npm(words: &[&str]) {
    printed(Command::new("npm").args(words).current_dir(folder()));
}

fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} failed:\n{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}
