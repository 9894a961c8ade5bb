//! The words of the widget's languages: `www/locales/fr.json` becomes `locale-fr.json`, the words alone.
//!
//! Their names are for those who translate; the module knows the words by their order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::workspace::Workspace;

/// Where the languages are, below the root of the work tree.
const SOURCES: &str = "www/locales";

/// How the names of the files begin that are made.
pub(crate) const PREFIX: &str = "locale-";

/// Every language's file, in the order of their names.
pub(super) fn sources(workspace: &Workspace) -> Result<Vec<PathBuf>, Error> {
    let folder = workspace.path(SOURCES);
    let entries = fs::read_dir(&folder).map_err(Error::file("read", &folder))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::file("read", &folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a language's file is called where it is served.
pub(super) fn served(source: &Path) -> String {
    [PREFIX, &source.file_name().unwrap_or_default().to_string_lossy()].concat()
}

/// Writes the words of each language into a folder.
pub(super) fn pack(workspace: &Workspace, folder: &Path) -> Result<(), Error> {
    for source in sources(workspace)? {
        let text = fs::read_to_string(&source).map_err(Error::file("read", &source))?;
        let place = folder.join(served(&source));
        fs::write(&place, words(&text)).map_err(Error::file("write", &place))?;
    }
    Ok(())
}

/// The words of a file that has one on each line, behind its name.
fn words(text: &str) -> String {
    let word =
        |line: &str| line.trim().split_once("\": ").map(|(_, word)| word.trim_end_matches(',').to_owned());
    let words: Vec<String> = text.lines().filter_map(word).collect();
    ["[", &words.join(","), "]\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stay_in_their_order() {
        let file = "{\n  \"send\": \"Envoyer\",\n  \"busy\": \"Non envoyé\u{a0}: \\\"x\\\", y,\"\n}\n";
        assert_eq!(words(file), "[\"Envoyer\",\"Non envoyé\u{a0}: \\\"x\\\", y,\"]\n");
        assert_eq!(words("{}\n"), "[]\n");
        assert_eq!(served(Path::new("www/locales/zh-Hans.json")), "locale-zh-Hans.json");
    }
}
