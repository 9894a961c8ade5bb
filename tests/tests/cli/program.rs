//! Runs the program with nothing of the tests' own environment in its settings.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
    thread::{self, JoinHandle},
};

/// The program, built from what stands here now: this package does not contain it, so cargo is asked,
/// which has nothing to do where the tests were started together with the program's own.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    // From the root, so that it is built with the features that the tests have built everything with.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--bin", "eloquent", "--message-format", "json"]).current_dir(root);
    let output = build.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the program does not compile");
    let messages = String::from_utf8(output.stdout).unwrap();
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    messages.lines().find_map(executable).unwrap()
});

/// The program with these arguments; its settings come from them alone.
pub(super) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(&*PROGRAM);
    command.args(args).stdin(Stdio::null());
    command.env_clear();
    // No eloquent.toml of whoever runs the tests.
    command.current_dir(std::env::temp_dir());
    command
}

/// Runs it to its end.
pub(super) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// Runs it on this data; it must succeed.
pub(super) fn succeed(data: &Path, args: &[&str]) -> String {
    let mut all = vec!["--data", data.to_str().unwrap()];
    all.extend(args);
    let output = run(&all);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// How it failed: its status and the one line that it printed.
pub(super) fn failure(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.trim_end().lines().count(), 1, "one clear line: {text}");
    assert!(text.starts_with("eloquent: "), "{text}");
    (output.status.code().unwrap(), text)
}

/// Runs it with this text on standard input.
pub(super) fn run_with_input(args: &[&str], input: &str) -> Output {
    let mut child =
        command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A server that runs until it is dropped.
pub(super) struct Server {
    /// Where it listens.
    pub(super) url: String,
    /// What it had printed when it was ready.
    pub(super) greeting: String,
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts `serve` or `demo` on a free port and waits until it is ready; `last` is the beginning of
    /// the last line that it then prints.
    pub(super) fn start(args: &[&str], last: &str) -> Self {
        let mut all = args.to_vec();
        all.extend(["--listen", "127.0.0.1:0"]);
        let mut child = command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut greeting = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        while !greeting.lines().last().is_some_and(|line| line.starts_with(last)) {
            assert_ne!(output.read_line(&mut greeting).unwrap(), 0, "ended early: {greeting}");
        }
        let at = greeting.find("http://").unwrap();
        let url: String = greeting[at..].chars().take_while(|c| !c.is_whitespace()).collect();
        Self { url: url.trim_end_matches("/demo/").to_owned(), greeting, child, log: Some(log) }
    }

    /// `eloquent serve` on this data.
    pub(super) fn serve(data: &Path, more: &[&str]) -> Self {
        let mut args = vec!["serve", "--data", data.to_str().unwrap()];
        args.extend(more);
        Self::start(&args, "Eloquent is listening on")
    }

    /// Ends it as a power cut would; gives its log.
    pub(super) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }

    /// Asks it to stop; gives its exit status and its log.
    #[cfg(unix)]
    pub(super) fn terminate(mut self) -> (Option<i32>, String) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let status = self.child.wait().unwrap();
        (status.code(), self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
