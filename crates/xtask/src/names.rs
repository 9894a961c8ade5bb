//! Short names for what the widget's module imports and exports.
//!
//! wasm-bindgen's names carry hashes, which stand in the module and again in its glue and which no
//! compression can shorten. Nobody but these two files uses them.

use std::{collections::HashMap, fs, path::Path};

use walrus::Module;

use crate::error::Error;

/// Renames in both files.
pub(crate) fn shorten(wasm: &Path, glue: &Path) -> Result<(), Error> {
    let mut module = Module::from_file(wasm).map_err(|error| Error::Bindgen(error.into()))?;
    let text = fs::read_to_string(glue).map_err(Error::file("read", glue))?;
    let (mut imports, mut exports) = (HashMap::new(), HashMap::new());
    for import in module.imports.iter_mut() {
        let short = short_name(imports.len());
        imports.insert(std::mem::replace(&mut import.name, short.clone()), short);
    }
    for export in module.exports.iter_mut() {
        let short = short_name(exports.len());
        exports.insert(std::mem::replace(&mut export.name, short.clone()), short);
    }
    module.emit_wasm_file(wasm).map_err(|error| Error::Bindgen(error.into()))?;
    fs::write(glue, rename(&text, &imports, &exports)).map_err(Error::file("write", glue))
}

/// The glue with its names replaced: an import wherever it is a whole word, an export only as a member
/// of `wasm`, since functions of the glue bear the names of exports too.
fn rename(glue: &str, imports: &HashMap<String, String>, exports: &HashMap<String, String>) -> String {
    let mut out = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_word(c)).unwrap_or(from.len()));
        out.push_str(before);
        let names = if out.ends_with("wasm.") { exports } else { imports };
        out.push_str(names.get(word).map_or(word, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// `a` to `z`, then `ba`, `bb`, …
fn short_name(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + u8::try_from(index % 26).unwrap_or_default()));
        index /= 26;
        if index == 0 {
            break letters.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(long, short)| ((*long).to_owned(), (*short).to_owned())).collect()
    }

    #[test]
    fn short_names_differ() {
        let mut all: Vec<_> = (0..2_000).map(short_name).collect();
        assert_eq!((all[0].as_str(), all[25].as_str(), all[26].as_str()), ("a", "z", "ba"));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2_000);
    }

    #[test]
    fn only_whole_names_in_their_place_are_replaced() {
        let imports = names(&[("__wbg_get_1f", "a"), ("f", "b")]);
        let exports = names(&[("f", "c"), ("__wbindgen_malloc", "d")]);
        let glue = "__wbg_get_1f: function() { wasm.__wbindgen_malloc(1); wasm.f; f2(); __wbg_get_1f2 }";
        assert_eq!(
            rename(glue, &imports, &exports),
            "a: function() { wasm.d(1); wasm.c; f2(); __wbg_get_1f2 }"
        );
    }
}
