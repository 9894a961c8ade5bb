//! wasm-bindgen's own command lines, linked in, so that none has to be installed and the version is
//! always the one in Cargo.lock.
//!
//! The program also answers to their names: as `wasm-bindgen` or `wasm-bindgen-test-runner` it is that
//! tool. That is how wasm-pack finds them without a download.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use wasm_bindgen_cli::{wasm_bindgen, wasm_bindgen_test_runner};

use crate::error::Error;
use crate::workspace::Workspace;

/// One of the command lines that this program can be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tool {
    Bindgen,
    TestRunner,
}

impl Tool {
    const ALL: [Self; 2] = [Self::Bindgen, Self::TestRunner];

    /// The tool whose name this program was started under, if it was.
    pub(crate) fn called_as(program: &OsStr) -> Option<Self> {
        let name = Path::new(program).file_stem()?;
        Self::ALL.into_iter().find(|tool| name == tool.name())
    }

    /// Runs the tool with the arguments that its command line would get.
    pub(crate) fn run(self, arguments: &[OsString]) -> Result<(), Error> {
        let words = std::iter::once(OsString::from(self.name())).chain(arguments.iter().cloned());
        let result = match self {
            Self::Bindgen => wasm_bindgen::run_cli_with_args(words),
            Self::TestRunner => wasm_bindgen_test_runner::run_cli_with_args(words),
        };
        result.map_err(|error| Error::Bindgen(error.into()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bindgen => "wasm-bindgen",
            Self::TestRunner => "wasm-bindgen-test-runner",
        }
    }
}

/// Puts both tools into `target/tools`. They are copies: a link would be broken by the next build.
pub(crate) fn link_tools(workspace: &Workspace) -> Result<(), Error> {
    let folder = workspace.target("tools");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let program = std::env::current_exe().map_err(Error::file("find", "xtask"))?;
    for tool in Tool::ALL {
        let file = folder.join(tool.name()).with_extension(std::env::consts::EXE_EXTENSION);
        // Removed first: a file that is being executed cannot be written to.
        if file.exists() {
            fs::remove_file(&file).map_err(Error::file("replace", &file))?;
        }
        fs::copy(&program, &file).map_err(Error::file("write", &file))?;
    }
    println!("wasm-bindgen's tools are in {0}. Now:\n", workspace.shown(&folder));
    println!("  PATH=\"{}:$PATH\" wasm-pack test --headless --chrome crates/widget", folder.display());
    Ok(())
}
