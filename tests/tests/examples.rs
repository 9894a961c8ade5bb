//! The host sites below `examples/`, run as their readers run them: each logs a customer in, signs a
//! token, and the real server knows who it is. What cannot run here is held to `vectors/signing.json`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set its scene has failed, and says where"
)]

mod examples {
    mod customers;
    mod languages;
    mod region;
    mod signing;
    mod site;
    mod vectors;
}
