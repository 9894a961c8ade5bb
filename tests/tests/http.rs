//! The widget's API over HTTP, by the addresses of its routes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set its scene has failed, and says where"
)]

mod http {
    mod assets;
    mod chat;
    mod config;
    mod identify;
    mod isolation;
    mod stream;
    mod vectors;
}
