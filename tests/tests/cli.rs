//! The program itself, as a process: what it prints, how it ends, what survives it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene has failed, and says where")]

mod cli {
    mod admin;
    mod key;
    mod program;
    mod running;
    mod serve;
    mod settings;
    mod token;
}
