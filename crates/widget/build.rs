//! Puts `www/widget.css` without its comments and indentation where the crate can include it: the
//! module carries its style sheet, so that it costs no request and no style element.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let source = "../../www/widget.css";
    println!("cargo::rerun-if-changed={source}");
    println!("cargo::rerun-if-changed=build.rs");
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folder in this way alone")]
    let folder = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&folder).join("widget.css"), squeeze(&fs::read_to_string(source)?))
}

/// Drops comments, indentation, line breaks, and the spaces around what separates by itself. Leaves
/// the inside of values alone, where spaces can mean something.
fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines
        .join(" ")
        .replace(" {", "{")
        .replace("{ ", "{")
        .replace("; ", ";")
        .replace(";}", "}")
        .replace("; }", "}")
        .replace("} ", "}")
        .replace(", ", ",")
        .replace(": ", ":")
}
