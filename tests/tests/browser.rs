//! The real page in a real browser: the widget, the dashboard, the demo shop and the Express example
//! against the real server. Needs `cargo xtask build` first, and Chromium with its driver.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot set its scene has failed, and says where"
)]

mod browser {
    mod accessibility;
    mod appearance;
    mod chat_ui;
    mod chat_ui_controls;
    mod commands;
    mod connection;
    mod dashboard;
    mod dashboard_profiles;
    mod frame;
    mod gallery;
    mod hostile;
    mod hosts;
    mod identity;
    mod isolation;
    mod keyboard;
    mod languages;
    mod linter;
    mod looks;
    mod package;
    mod pages;
    mod playground;
    mod refresh;
    mod resume;
    mod scene;
    mod screenshots;
    mod shop;
    mod trouble;
    mod watch;
}
