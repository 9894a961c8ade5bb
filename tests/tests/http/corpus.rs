//! The property of the fuzz target `prompt`, with every input of its corpus.

use std::{fs, path::Path};

#[path = "../../../fuzz/properties/prompt.rs"]
mod prompt;

#[test]
fn prompt_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/prompt");
    let inputs = fs::read_dir(corpus).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    assert!(inputs.map(|input| prompt::check(&input)).count() >= 20);
}
