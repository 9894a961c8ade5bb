//! What the tests share: the real server on a free port with a real database, and clients for it.
//! Nothing of ours is mocked here.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot set its scene has failed, and says where"
)]

pub mod app;
pub mod browser;
pub mod client;
pub mod package;
pub mod proxy;
