//! The Express example as its readers run it: `node server.mjs`.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use crate::app::TestApp;

/// The running example. Dropping it ends it.
pub struct Express {
    /// Where it listens, like `http://127.0.0.1:41234`.
    pub url: String,
    process: Child,
    // Kept open, so that what the site still prints does not end it.
    _output: BufReader<ChildStdout>,
}

/// Tests start it at the same time; its packages are installed once.
static INSTALLING: Mutex<()> = Mutex::new(());

impl Express {
    /// Starts the example as a host site of the agent, on a free port.
    pub async fn start(app: &TestApp) -> Self {
        let mut command = Command::new("node");
        command
            .arg("server.mjs")
            .current_dir(folder())
            .env("ELOQUENT_SECRET", app.secret.expose())
            .env("ELOQUENT_AGENT_ID", app.agent.to_string())
            .env("ELOQUENT_URL", &app.url)
            .env("PORT", "0");
        tokio::task::spawn_blocking(move || Self::spawn(command)).await.expect("the example starts")
    }

    fn spawn(mut command: Command) -> Self {
        install();
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node does not start: {error}"));
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}"));
        Self { url: url.to_owned(), process, _output: output }
    }
}

impl Drop for Express {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/express")
}

fn install() {
    // A test that failed while it installed has left the others to try again.
    let _guard = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if folder().join("node_modules/express").is_dir() {
        return;
    }
    let status = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder()).status();
    assert!(status.is_ok_and(|status| status.success()), "`npm ci` failed in examples/express");
}
