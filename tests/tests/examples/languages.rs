//! What each example needs before it starts, and the command that starts it.
//!
//! The languages themselves are installed by the set-up of the test command; their packages are
//! installed here, below the target directory, where they are not there yet.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

/// A language whose example runs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Node,
    Python,
    Ruby,
    Php,
    Go,
    Java,
    Rust,
}

/// A command that starts an example, and the folder that it needs as long as it runs.
pub(super) struct Prepared {
    pub(super) command: Command,
    folder: Option<TempDir>,
}

impl Prepared {
    /// The same command once more. The folder goes along.
    pub(super) fn again(&mut self) -> Self {
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        Self { command, folder: self.folder.take() }
    }
}

/// Where Debian's packages put Go's JWT library: version 5, and the older one under the same functions.
const DEBIAN_GO: [&str; 2] =
    ["/usr/share/gocode/src/github.com/golang-jwt/jwt/v5", "/usr/share/gocode/src/github.com/golang-jwt/jwt"];

impl Language {
    /// The folder below `examples`.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Node => "express",
            Self::Python => "python",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Go => "go",
            Self::Java => "java",
            Self::Rust => "rust",
        }
    }

    /// Installs and compiles what the example needs. The customers, as `[title, customer]`, are for the
    /// one whose log-in knows its customers already.
    pub(super) fn prepare(self, customers: &Value) -> Prepared {
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples").join(self.folder());
        fs::create_dir_all(&built).unwrap();
        // Another run of the tests may be at it.
        let lock = File::create(built.join("lock")).unwrap();
        lock.lock().unwrap();
        let source = example(self.folder());
        match self {
            Self::Node => node(&source, customers),
            Self::Python => plain(python(&source, &built), &["server.py"], &source),
            Self::Ruby => plain("ruby", &["server.rb"], &source),
            Self::Php => php(&source),
            Self::Go => plain(go(&source, &built), &[], &source),
            Self::Java => plain("java", &["Server.java"], &source),
            Self::Rust => plain(rust(&source, &built), &[], &source),
        }
    }
}

/// The folder of an example.
pub(super) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

fn plain(program: impl AsRef<Path>, arguments: &[&str], folder: &Path) -> Prepared {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).current_dir(folder);
    Prepared { command, folder: None }
}

/// The Express site with other customers: `accounts.mjs` stands for the log-in that a site has already.
fn node(source: &Path, customers: &Value) -> Prepared {
    if !source.join("node_modules/express").is_dir() {
        succeed(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]), source);
    }
    // Below its packages, where Node finds them.
    let folder = TempDir::with_prefix_in(".site-", source.join("node_modules")).unwrap();
    for file in ["server.mjs", "page.html"] {
        fs::copy(source.join(file), folder.path().join(file)).unwrap();
    }
    let accounts = fs::read_to_string(source.join("accounts.mjs")).unwrap();
    let (before, rest) = accounts.split_once("const customers = {").unwrap();
    let (_, after) = rest.split_once("\n};\n").unwrap();
    let accounts = format!("{before}const customers = Object.fromEntries({customers});\n{after}");
    fs::write(folder.path().join("accounts.mjs"), accounts).unwrap();
    let mut prepared = plain("node", &["server.mjs"], folder.path());
    prepared.command.env("ELOQUENT_AGENT_ID", "agt_01h2xcejqtf2nbrexx3vqjhp41");
    Prepared { folder: Some(folder), ..prepared }
}

/// A virtual environment with what the example names; gives its Python.
fn python(source: &Path, built: &Path) -> PathBuf {
    let wanted = fs::read_to_string(source.join("requirements.txt")).unwrap();
    let (environment, installed) = (built.join("environment"), built.join("installed.txt"));
    let program = environment.join("bin/python");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) && program.is_file() {
        return program;
    }
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), source);
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
    succeed(Command::new(&program).args(pip), source);
    fs::write(installed, wanted).unwrap();
    program
}

/// PHP with a place for its sessions. Its arguments are to follow.
fn php(source: &Path) -> Prepared {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = plain("php", &["-d"], source);
    prepared.command.arg(format!("session.save_path={}", folder.path().display()));
    Prepared { folder: Some(folder), ..prepared }
}

/// Compiles the site. Where Debian has installed the library, that one takes the place of the one that
/// the module proxy would have to give.
fn go(source: &Path, built: &Path) -> PathBuf {
    let program = built.join("site");
    let mut compiler = Command::new("go");
    compiler.args(["build", "-o"]).arg(&program).env("GOCACHE", built.join("cache"));
    if let Some(library) = DEBIAN_GO.iter().find(|folder| Path::new(folder).join("token.go").is_file()) {
        let module = fs::read_to_string(source.join("go.mod")).unwrap();
        let replaced = built.join("site.mod");
        fs::write(&replaced, format!("{module}\nreplace github.com/golang-jwt/jwt/v5 => {library}\n"))
            .unwrap();
        compiler.arg("-modfile").arg(replaced).env("GOFLAGS", "-mod=mod").env("GOPROXY", "off");
    }
    succeed(compiler.arg("."), source);
    program
}

/// Compiles the site, by its own lock file.
fn rust(source: &Path, built: &Path) -> PathBuf {
    let target = built.join("target");
    // By the name that the shell knows: some of the packages bring a wish for an old toolchain along, which
    // the program behind that name overrules.
    let mut compiler = Command::new("cargo");
    compiler.args(["build", "--quiet", "--locked", "--target-dir"]).arg(&target);
    succeed(&mut compiler, source);
    target.join("debug/eloquent-example")
}

fn succeed(command: &mut Command, folder: &Path) {
    let output = command.current_dir(folder).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
