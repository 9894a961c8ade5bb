//! Compiles the module, with the standard library along where that is possible.
//!
//! The library that Rust ships prepares a message for every panic, with all that formats numbers and
//! text for it: 5 kB after Brotli, of 67, that nobody ever reads, since all that a visitor has to know
//! is that the chat has stopped (`traps.rs`). Compiled along, and told to end at once, it has none of
//! that. cargo still calls this unstable, so a release of Rust may come that does it otherwise: then the
//! library as it is shipped does, and the files are that much larger.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Optimise;
use crate::error::Error;
use crate::process::{self, cargo, find};
use crate::setup::WASM_TARGET;
use crate::workspace::Workspace;

/// Which standard library is in the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    /// Compiled along, without messages.
    Small,
    /// As Rust ships it.
    Shipped,
}

/// Compiles; fails where the small library is demanded and cannot be had.
pub(super) fn compile(workspace: &Workspace, optimise: Optimise) -> Result<Library, Error> {
    println!("== widget: compiling for {WASM_TARGET}");
    let small = library_sources().and_then(|()| process::run(&mut command(workspace, Library::Small)));
    let Err(error) = small else { return Ok(Library::Small) };
    println!("{error}: the widget is built with the standard library as it is shipped.");
    process::run(&mut command(workspace, Library::Shipped))?;
    if optimise == Optimise::Always { Err(error) } else { Ok(Library::Shipped) }
}

/// Makes sure that the standard library's sources are there.
fn library_sources() -> Result<(), Error> {
    let root = process::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(root.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Ok(());
    }
    println!("== set-up: the sources of Rust's standard library");
    if find(&["rustup"]).is_none() {
        return Err(Error::Missing {
            what: "the source code of Rust's standard library",
            instructions: "Rust does not come from rustup here. Install the sources with the package manager\n\
                that installed Rust (Debian: apt-get install rust-src), or Rust by rustup.",
        });
    }
    process::run(Command::new("rustup").args(["component", "add", "rust-src"]))
}

/// What LLVM takes a call to be worth when it thinks about inlining: less of it than by its own figures
/// makes a module that is larger and travels in 600 bytes less. Measured; in LLVM's own units.
const INLINING: [&str; 3] = ["-inline-instr-cost=100", "-inline-threshold=100", "-inline-call-penalty=1000"];

/// Without the names of this machine's folders in the module: they would cost bytes, and they are no
/// business of whoever visits the page.
fn command(workspace: &Workspace, library: Library) -> Command {
    let cargo_home = process::variable("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| process::variable("HOME").map(|home| Path::new(&home).join(".cargo")));
    let mut flags: Vec<String> = cargo_home
        .into_iter()
        .map(|home| format!("--remap-path-prefix={}=", home.join("registry/src").display()))
        .chain([format!("--remap-path-prefix={}=", workspace.path("").display())])
        .collect();
    flags.extend(INLINING.map(|option| ["-Cllvm-args=", option].concat()));
    let mut command =
        cargo(workspace, ["build", "--profile", "widget", "--target", WASM_TARGET, "-p", "eloquent-widget"]);
    if library == Library::Small {
        flags.extend(["-Zunstable-options".into(), "-Cpanic=immediate-abort".into()]);
        command.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    command
}
