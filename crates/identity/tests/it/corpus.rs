//! The fuzz targets' properties, with every input of their corpus: what fuzzing once found or began with
//! holds for ever.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it is surprised")]

use std::{fs, path::Path};

#[path = "../../../../fuzz/properties/claims.rs"]
mod claims;
#[path = "../../../../fuzz/properties/strict.rs"]
mod strict;
#[path = "../../../../fuzz/properties/tokens.rs"]
mod tokens;
#[path = "../../../../fuzz/properties/verifier.rs"]
mod verifier;

/// Runs the property with every input, and gives how many there were.
fn replay(target: &str, property: fn(&[u8])) -> usize {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let inputs = fs::read_dir(corpus).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    inputs.map(|input| property(&input)).count()
}

#[test]
fn verifier_corpus() {
    assert!(replay("verifier", verifier::check) >= 50);
}

#[test]
fn claims_corpus() {
    assert!(replay("claims", claims::check) >= 50);
}
