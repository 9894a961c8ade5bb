//! Verifying opens no connection and reads no clock, file or environment: there is nothing here to do it
//! with.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{fs, path::Path};

/// The libraries, each of which computes and does nothing else.
const LIBRARIES: [&str; 9] = [
    "eloquent-types",
    "base64",
    "hmac",
    "jsonwebtoken",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "zeroize",
];

/// The parts of the standard library by which a program reaches the world, or time.
const WORLD: [&str; 9] = ["net", "fs", "io", "env", "process", "os", "SystemTime", "Instant", "thread"];

#[test]
fn no_library_reaches_the_world() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let table = rest.split("\n[").next().unwrap();
    let names: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(names, LIBRARIES);
}

#[test]
fn no_source_reaches_the_world() {
    let mut read = 0;
    for_each_source(&root().join("src"), &mut |path, text| {
        assert_eq!(reaches(text), Vec::<&str>::new(), "{}", path.display());
        read += 1;
    });
    assert!(read > 20, "{read}");
}

#[test]
fn a_source_that_does_is_found() {
    assert_eq!(reaches("use std::net::TcpStream;"), ["net"]);
    assert_eq!(reaches("let now = std::time::SystemTime::now();"), ["SystemTime"]);
    assert_eq!(reaches("use std::{fmt, fs};"), ["fs"]);
    assert_eq!(reaches("use std::{fmt, sync::Once};"), Vec::<&str>::new());
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What of the world stands in the lines that name the standard library.
fn reaches(text: &str) -> Vec<&'static str> {
    let words = |line: &str, wanted: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == wanted)
    };
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("std::")).collect();
    WORLD.into_iter().filter(|part| lines.iter().any(|line| words(line, part))).collect()
}

fn for_each_source(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_source(&path, see);
        } else {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
