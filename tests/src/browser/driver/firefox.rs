//! A Firefox with a profile of its own.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{DesiredCapabilities, WebDriver};

use super::{
    COMMAND,
    bidi::Bidi,
    marionette::Marionette,
    process::{Process, program},
};
use crate::browser::{PATIENCE, WATCH};

/// What makes Firefox fit for a test, besides what it sets by itself when it is automated: a free port,
/// English, no traffic and no questions of its own, scroll bars that take no room.
const PREFERENCES: &[(&str, &str)] = &[
    ("marionette.port", "0"),
    ("intl.accept_languages", "\"en-US, en\""),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.aboutwelcome.enabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("app.normandy.enabled", "false"),
    ("app.update.disabledForTesting", "true"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("browser.safebrowsing.update.enabled", "false"),
    ("services.settings.server", "\"http://127.0.0.1:9/\""),
    ("ui.useOverlayScrollbars", "1"),
    ("ui.systemUsesDarkTheme", "0"),
    ("ui.prefersReducedMotion", "0"),
];

/// A running Firefox. Dropping it ends it, and its profile.
pub(in crate::browser) struct Firefox {
    bidi: Bidi,
    marionette: Marionette,
    // The order of the fields is that of their ends: nobody writes into a profile that is gone.
    _process: Process,
    _profile: TempDir,
}

impl Firefox {
    /// Starts it and opens its session.
    pub(super) async fn start() -> (Self, WebDriver) {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let lines: Vec<String> =
            PREFERENCES.iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});")).collect();
        std::fs::write(profile.path().join("user.js"), lines.join("\n")).expect("a profile");
        let program = program("FIREFOX", &["/usr/bin/firefox-esr", "/usr/bin/firefox"]);
        let process = Process::quiet(
            Command::new(program.unwrap_or_else(|| "firefox".into()))
                .args(["--headless", "--no-remote", "--marionette", "--remote-debugging-port", "0"])
                // For preferences that are changed while it runs.
                .arg("--remote-allow-system-access")
                .arg("--profile")
                .arg(profile.path())
                .env("MOZ_CRASHREPORTER_DISABLE", "1"),
        );
        let port = port(profile.path()).await;
        let open = tokio::task::spawn_blocking(move || Marionette::open(port)).await.expect("no panic");
        let marionette = open.expect("Firefox opens a session");
        let bidi = Bidi::connect(&marionette.bidi_url()).await;
        let watch = json!({ "functionDeclaration": format!("() => {{ {WATCH} }}") });
        bidi.ask("script.addPreloadScript", watch).await;
        let session = WebDriver::builder("http://marionette", DesiredCapabilities::firefox())
            .client(marionette.clone())
            .request_timeout(COMMAND)
            .await
            .expect("the session is there");
        (Self { bidi, marionette, _process: process, _profile: profile }, session)
    }

    pub(super) async fn bidi(&self, method: &str, parameters: Value) -> Value {
        self.bidi.ask(method, parameters).await
    }

    pub(super) async fn eval(&self, tab: &str, body: &str, args: &Value) -> Result<Value, String> {
        self.bidi.eval(tab, body, args).await
    }

    pub(super) async fn said(&self) -> Vec<String> {
        self.bidi.said().await
    }

    /// Sets preferences, and forgets those that are null.
    pub(super) async fn set_preferences(&self, preferences: Value) {
        let set = "for (const [name, value] of Object.entries(arguments[0]))
            value === null ? Services.prefs.clearUserPref(name) : Services.prefs.setIntPref(name, value)";
        self.marionette.run_privileged(set, preferences).await;
    }
}

/// The port, from the file in which Firefox tells it.
async fn port(profile: &Path) -> u16 {
    let start = Instant::now();
    loop {
        let told = std::fs::read_to_string(profile.join("MarionetteActivePort"));
        if let Some(port) = told.ok().and_then(|port| port.trim().parse().ok()) {
            return port;
        }
        assert!(start.elapsed() < PATIENCE, "Firefox does not say on which port it listens");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
