//! What the widget's files weigh: as they are, and as they travel.
//!
//! The two limits are part of the product. They hold for the optimised build only; without Node.js, or
//! without the standard library's sources, the files are larger, and the table says so.

use std::fs;
use std::path::Path;

use brotli::enc::BrotliEncoderParams;

use crate::error::Error;
use crate::widget::{self, FRAME, Files, LINTER, LOADER, locales};
use crate::workspace::Workspace;

/// The loader, which every page view pays for. Bytes after Brotli.
const LOADER_LIMIT: usize = 2_560;

/// The module with its glue and its styles: what is fetched when somebody means to chat. Bytes after Brotli.
const OPENING_LIMIT: usize = 71_680;

/// One file's size in bytes.
#[derive(Debug)]
struct Size {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Prints the table of what was built last. Fails if the files are optimised and too large.
pub(crate) fn report(workspace: &Workspace) -> Result<(), Error> {
    let files = widget::built(workspace)?;
    let sizes = measure(&workspace.path(widget::DIST))?;
    println!("\n{:<18} {:>9} {:>9} {:>9}", "bytes", "raw", "Brotli", "limit");
    for size in &sizes {
        let limit = if size.name == LOADER { LOADER_LIMIT.to_string() } else { String::new() };
        println!("{:<18} {:>9} {:>9} {:>9}", size.name, size.raw, size.brotli, limit);
    }
    let raw: usize = opening(&sizes).map(|size| size.raw).sum();
    println!("{:<18} {:>9} {:>9} {:>9}", "to open the chat", raw, total(&sizes), OPENING_LIMIT);
    match files {
        Files::Plain => {
            println!("Not optimised: that needs Node.js with npm, and rust-src. The limits are not applied.");
            Ok(())
        }
        Files::Optimised => {
            let over = over(&sizes);
            if over.is_empty() { Ok(()) } else { Err(Error::TooLarge { over }) }
        }
    }
}

/// Compresses as a server does that has the time: quality 11, the largest window that browsers take.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 24, ..BrotliEncoderParams::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

/// Every file of the folder that has a compressed twin.
fn measure(folder: &Path) -> Result<Vec<Size>, Error> {
    let length = |path: &Path| fs::read(path).map(|bytes| bytes.len()).map_err(Error::file("read", path));
    let mut sizes = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let twin = folder.join(format!("{name}.br"));
        if twin.is_file() {
            sizes.push(Size { raw: length(&path)?, brotli: length(&twin)?, name });
        }
    }
    sizes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sizes)
}

/// What is fetched to open the chat: all but the loader, which is there by then, the linter, which `debug`
/// loads, the languages, which come while it opens, and the two scripts that a frame takes besides.
fn opening(sizes: &[Size]) -> impl Iterator<Item = &Size> {
    let is_beside = |name: &str| {
        [LOADER, LINTER].contains(&name) || FRAME.contains(&name) || name.starts_with(locales::PREFIX)
    };
    sizes.iter().filter(move |size| !is_beside(&size.name))
}

fn total(sizes: &[Size]) -> usize {
    opening(sizes).map(|size| size.brotli).sum()
}

fn over(sizes: &[Size]) -> Vec<String> {
    let loader = sizes.iter().filter(|size| size.name == LOADER).map(|size| size.brotli).sum();
    [("the loader", loader, LOADER_LIMIT), ("what opens the chat", total(sizes), OPENING_LIMIT)]
        .into_iter()
        .filter(|(_, bytes, limit)| bytes > limit)
        .map(|(what, bytes, limit)| format!("{what} has {bytes} bytes instead of {limit}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(loader: usize, wasm: usize) -> Vec<Size> {
        let size = |name: &str, brotli| Size { name: name.into(), raw: 2 * brotli, brotli };
        vec![size(LOADER, loader), size("widget_bg.wasm", wasm)]
    }

    #[test]
    fn a_size_at_its_limit_is_not_over_it() {
        assert_eq!(over(&sizes(LOADER_LIMIT, OPENING_LIMIT)), Vec::<String>::new());
    }

    #[test]
    fn each_limit_is_applied() {
        assert_eq!(over(&sizes(LOADER_LIMIT + 1, 0)).len(), 1);
        assert_eq!(over(&sizes(1, OPENING_LIMIT + 1)).len(), 1);
        assert_eq!(over(&sizes(LOADER_LIMIT + 1, OPENING_LIMIT + 1)).len(), 2);
    }

    #[test]
    fn the_linter_is_no_part_of_what_opens_the_chat() {
        let mut sizes = sizes(LOADER_LIMIT, OPENING_LIMIT);
        sizes.push(Size { name: LINTER.into(), raw: 9_000, brotli: 3_000 });
        assert_eq!(over(&sizes), Vec::<String>::new());
    }

    #[test]
    fn compression_can_be_undone() {
        let text = "launcher ".repeat(200);
        let compressed = compress(text.as_bytes()).unwrap();
        assert!(compressed.len() < 100);
        let mut restored = Vec::new();
        brotli::BrotliDecompress(&mut &*compressed, &mut restored).unwrap();
        assert_eq!(restored, text.as_bytes());
    }
}
