//! The widget's API over HTTP, by the addresses of its routes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set its scene has failed, and says where"
)]

mod http {
    mod admin;
    mod appearance;
    mod assets;
    mod chat;
    mod config;
    mod connection;
    mod context;
    mod corpus;
    mod coverage;
    mod enforcement;
    mod followers;
    mod frame;
    mod history;
    mod identify;
    mod identity_log;
    mod isolation;
    mod limits;
    mod people;
    mod stream;
    mod vectors;
}
