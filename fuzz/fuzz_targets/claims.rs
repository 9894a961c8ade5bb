#![no_main]

#[path = "../properties/claims.rs"]
mod property;
#[path = "../properties/strict.rs"]
mod strict;
#[path = "../properties/tokens.rs"]
mod tokens;

libfuzzer_sys::fuzz_target!(|data: &[u8]| property::check(data));
