//! Where things lie in the work tree.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// The work tree, and cargo's target directory.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the work tree from the current directory upwards, and the target directory from where
    /// this program itself was built to (`target/xtask/xtask`), so that a configured one is respected.
    pub(crate) fn find() -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(Error::file("read", "."))?;
        let root =
            here.ancestors().find(|path| is_root(path)).map(Path::to_path_buf).ok_or(Error::NoWorkspace)?;
        let program = std::env::current_exe().map_err(Error::file("find", "xtask"))?;
        let target = program.ancestors().nth(2).map_or_else(|| root.join("target"), Path::to_path_buf);
        Ok(Self { root, target })
    }

    /// A path below the root of the work tree.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path below cargo's target directory.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// A path as it is read best: relative to the work tree where it lies in it.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

fn is_root(path: &Path) -> bool {
    path.join("Cargo.lock").is_file() && path.join("crates/xtask/Cargo.toml").is_file()
}
