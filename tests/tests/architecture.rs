//! The rules of the architecture that the compiler does not keep by itself: which crate may know which,
//! where a dependency may be used, and that no string is ever turned into markup.
//!
//! Each rule is a function from what was read to the list of its violations, so that it is tried
//! against a made-up breach as well as against the work tree. It reads manifests and sources only; what
//! the code does is tested elsewhere.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set its scene has failed, and says where"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Which crates of the workspace each crate may depend on. Nobody may depend on one that is not named
/// here, and a crate that is not named here may not exist.
const EDGES: [(&str, &[&str]); 8] = [
    ("eloquent-types", &[]),
    ("eloquent-identity", &["eloquent-types"]),
    ("eloquent-store", &["eloquent-identity", "eloquent-types"]),
    ("eloquent-server", &["eloquent-identity", "eloquent-store", "eloquent-types"]),
    ("eloquent-widget-core", &["eloquent-types"]),
    ("eloquent-widget", &["eloquent-types", "eloquent-widget-core"]),
    ("eloquent-tests", &["eloquent-identity", "eloquent-server", "eloquent-store", "eloquent-types"]),
    ("xtask", &[]),
];

/// Which crate alone may use a dependency. A `*` at the end stands for any ending.
const OWNERS: [(&str, &str); 10] = [
    ("axum*", "eloquent-server"),
    ("maud", "eloquent-server"),
    ("rusqlite", "eloquent-store"),
    ("jsonwebtoken", "eloquent-identity"),
    ("web-sys", "eloquent-widget"),
    ("js-sys", "eloquent-widget"),
    ("gloo*", "eloquent-widget"),
    ("wasm-bindgen", "eloquent-widget"),
    ("wasm-bindgen-futures", "eloquent-widget"),
    ("serde-wasm-bindgen", "eloquent-widget"),
];

/// Crates without input, output or concurrency, and what would bring it in.
const PURE: [&str; 3] = ["eloquent-types", "eloquent-identity", "eloquent-widget-core"];
const IMPURE: [&str; 6] = ["tokio*", "reqwest", "hyper*", "tracing*", "getrandom", "rand*"];

/// What turns a string into markup or code in a browser.
const SINKS: [&str; 12] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "createContextualFragment",
    "setHTMLUnsafe",
    "parseFromString",
    "srcdoc",
    "set_inner_html",
    "insert_adjacent_html",
    "eval(",
    "new Function",
];

#[test]
fn dependencies_between_the_crates_point_one_way() {
    assert_none(&edge_violations(&metadata()));
}

#[test]
fn a_dependency_in_the_wrong_direction_is_found() {
    let metadata = packages(&[("eloquent-types", &["serde", "eloquent-store"]), ("eloquent-extra", &[])]);
    assert_eq!(
        edge_violations(&metadata),
        ["eloquent-types depends on eloquent-store", "eloquent-extra is not in the table of crates"]
    );
}

#[test]
fn each_library_is_used_by_its_owner_alone() {
    assert_none(&owner_violations(&metadata()));
}

#[test]
fn a_library_in_the_wrong_crate_is_found() {
    let metadata = packages(&[("eloquent-identity", &["rusqlite", "axum-extra"]), ("xtask", &["gloo-net"])]);
    assert_eq!(
        owner_violations(&metadata),
        [
            "eloquent-identity depends on rusqlite, which belongs to eloquent-store",
            "eloquent-identity depends on axum-extra, which belongs to eloquent-server",
            "xtask depends on gloo-net, which belongs to eloquent-widget",
        ]
    );
}

#[test]
fn the_pure_crates_can_do_nothing_but_compute() {
    assert_none(&purity_violations(&metadata()));
}

#[test]
fn an_impure_dependency_of_a_pure_crate_is_found() {
    let metadata =
        packages(&[("eloquent-identity", &["tokio-util", "serde"]), ("eloquent-store", &["tokio"])]);
    assert_eq!(purity_violations(&metadata), ["eloquent-identity depends on tokio-util"]);
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    let metadata = metadata();
    for package in list(&metadata["packages"]) {
        let manifest = text(&package["manifest_path"]);
        assert!(takes_workspace_lints(&read(Path::new(manifest))), "{manifest} has no `[lints] workspace`");
    }
}

#[test]
fn a_manifest_without_the_workspace_lints_is_found() {
    assert!(takes_workspace_lints("[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n"));
    assert!(!takes_workspace_lints("[package]\nversion.workspace = true\n\n[lints]\n"));
    assert!(!takes_workspace_lints("[lints.rust]\nworkspace = true\n"));
}

#[test]
fn axum_is_spoken_only_in_the_http_layer() {
    let sources = root().join("crates/server/src");
    let elsewhere = |file: &Path| {
        let place = file.strip_prefix(&sources).unwrap_or(file);
        !place.starts_with("http") && place != Path::new("http.rs") && place != Path::new("app.rs")
    };
    let files = files_below(&sources, "rs");
    assert!(!files.is_empty(), "the server has no sources");
    let found: Vec<_> = files
        .iter()
        .filter(|file| elsewhere(file))
        .flat_map(|file| mentions(file, &read(file), &["axum::", "use axum"]))
        .collect();
    assert_none(&found);
}

#[test]
fn no_string_becomes_markup_in_the_browser() {
    let mut files = files_below(&root().join("www"), "js");
    files.extend(files_below(&root().join("crates/widget/src"), "rs"));
    files.extend(files_below(&root().join("crates/widget-core/src"), "rs"));
    for needed in ["www/eloquent.js", "crates/widget/src/lib.rs"] {
        assert!(files.contains(&root().join(needed)), "{needed} was not looked at");
    }
    let found: Vec<_> = files.iter().flat_map(|file| mentions(file, &read(file), &SINKS)).collect();
    assert_none(&found);
}

#[test]
fn a_sink_is_found_in_code_and_not_in_a_comment() {
    let script = "\
        // never innerHTML\n\
        /* nor\n\
         * innerHTML */\n\
        node.innerHTML = answer; // a breach\n\
        retrieval(query);\n\
        window.eval(text);\n\
        fetch(\"https://example.com/\").then(parse); document.writeln(text);\n";
    assert_eq!(
        mentions(Path::new("x.js"), script, &SINKS),
        ["x.js:4: innerHTML", "x.js:6: eval(", "x.js:7: document.write"]
    );
    assert_eq!(mentions(Path::new("x.rs"), "*all = eval(\"1\");", &SINKS), ["x.rs:1: eval("]);
}

#[test]
fn the_documentation_shows_the_code_of_the_example() {
    for (file, essence) in
        [("server.mjs", "jwt.sign("), ("public/site.js", "\"identify\", { token, getToken }")]
    {
        let example = read(&root().join("examples/express").join(file));
        let shown = region(&example).expect("the example marks what the documentation shows");
        assert!(shown.contains(essence), "the region of {file} lacks {essence}");
        for document in ["README.md", "docs/identity.md"] {
            assert!(
                read(&root().join(document)).contains(shown),
                "{document} does not quote examples/express/{file} from docs:begin to docs:end"
            );
        }
    }
}

#[test]
fn the_region_is_what_stands_between_the_marks() {
    assert_eq!(region("a\n// docs:begin\nb\nc\n// docs:end\nd\n"), Some("b\nc\n"));
    assert_eq!(region("a\n// docs:begin\nb\n"), None);
}

fn edge_violations(metadata: &Value) -> Vec<String> {
    let packages = list(&metadata["packages"]);
    let members: BTreeSet<_> = packages.iter().map(|package| text(&package["name"])).collect();
    let mut found = Vec::new();
    for package in packages {
        let name = text(&package["name"]);
        let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == name) else {
            found.push(format!("{name} is not in the table of crates"));
            continue;
        };
        for dependency in dependencies(package) {
            let inside = members.contains(dependency) || dependency.starts_with("eloquent");
            if inside && !allowed.contains(&dependency) {
                found.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    found
}

fn owner_violations(metadata: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        let name = text(&package["name"]);
        for dependency in dependencies(package) {
            let owner = OWNERS.iter().find(|(pattern, _)| matches(pattern, dependency));
            if let Some((_, owner)) = owner
                && *owner != name
            {
                found.push(format!("{name} depends on {dependency}, which belongs to {owner}"));
            }
        }
    }
    found
}

fn purity_violations(metadata: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        let name = text(&package["name"]);
        for dependency in dependencies(package) {
            if PURE.contains(&name) && IMPURE.iter().any(|pattern| matches(pattern, dependency)) {
                found.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    found
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.find(|line| !line.is_empty()) == Some("workspace = true")
}

/// Where one of the words stands in the code, as `file:line: word`. Comments do not count.
fn mentions(file: &Path, source: &str, words: &[&str]) -> Vec<String> {
    let place = file.strip_prefix(root()).unwrap_or(file).display();
    let is_script = file.extension().is_some_and(|end| end == "js");
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let code = code_of(line, is_script);
        for word in words.iter().filter(|word| stands_alone(code, word)) {
            found.push(format!("{place}:{}: {word}", number + 1));
        }
    }
    found
}

/// The line without its comment. In a script a line that begins like the inside of a block comment is
/// one; in Rust it could be a dereference.
fn code_of(line: &str, is_script: bool) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") || is_script && (trimmed.starts_with("/*") || trimmed.starts_with('*')) {
        return "";
    }
    line.split_once(" //").map_or(line, |(code, _)| code)
}

/// Whether the word is there, and not as the end of a longer one.
fn stands_alone(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

fn region(source: &str) -> Option<&str> {
    let (_, after) = source.split_once("// docs:begin\n")?;
    let (shown, _) = after.split_once("// docs:end")?;
    Some(shown)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// Normal and build dependencies, and those of the tests, under their real names.
fn dependencies(package: &Value) -> impl Iterator<Item = &str> {
    list(&package["dependencies"]).iter().map(|dependency| text(&dependency["name"]))
}

/// What `cargo metadata` says of the packages of this workspace.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// Metadata as cargo would print it for packages with these dependencies.
fn packages(described: &[(&str, &[&str])]) -> Value {
    let package = |(name, uses): &(&str, &[&str])| {
        let dependencies: Vec<_> = uses.iter().map(|name| json!({ "name": name })).collect();
        json!({ "name": name, "dependencies": dependencies })
    };
    json!({ "packages": described.iter().map(package).collect::<Vec<_>>() })
}

/// Every file of this kind, also in folders below; not what was generated or installed.
fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() && !path.ends_with("dist") && !path.ends_with("node_modules") {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the work tree").to_path_buf()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}
