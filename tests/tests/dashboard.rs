//! The dashboard over HTTP, as a browser without JavaScript uses it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set its scene has failed, and says where"
)]

mod dashboard {
    mod access;
    mod appearance;
    mod claims;
    mod coverage;
    mod identity;
    mod inspector;
    mod keys;
    mod log;
    mod login;
    mod member;
    mod pages;
    mod people;
    mod playground;
    mod profiles;
    mod samples;
}
