//! Builds the widget's files: `www/dist/eloquent.js`, `widget.js`, `widget_bg.wasm`, and the linter that
//! `debug` loads, the two scripts of a chat in a frame, and the words of each language
//! (`locale-fr.json`), each with a Brotli twin (`….br`) that the server sends as it is.
//!
//! cargo compiles, wasm-bindgen writes the glue, and where Node.js is there, wasm-opt and esbuild make
//! the files small. Everything is made in the target directory first, so that a server that reads
//! `www/dist` while developing never sees half a build.

mod compile;
pub(crate) mod locales;
mod traps;

use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use self::compile::{Library, compile};
use crate::error::Error;
use crate::names;
use crate::npm::{Npm, WidgetTools};
use crate::setup::{self, WASM_TARGET};
use crate::sizes;
use crate::wasm_bindgen::Tool;
use crate::workspace::Workspace;

/// Where the files go, below the root of the work tree.
pub(crate) const DIST: &str = "www/dist";

/// The script of the embed tag.
pub(crate) const LOADER: &str = "eloquent.js";

/// What `debug(true)` loads: no part of what opens the chat.
pub(crate) const LINTER: &str = "eloquent-lint.js";

/// What a page with a frame loads beside the chat, and what the frame does.
pub(crate) const FRAME: [&str; 2] = ["frame-host.js", "frame.js"];

/// The scripts that are written by hand.
const SCRIPTS: [&str; 4] = [LOADER, LINTER, FRAME[0], FRAME[1]];

/// What wasm-bindgen writes.
const MODULE: [&str; 2] = ["widget.js", "widget_bg.wasm"];

/// What is written beside the build, to know whether it is still the build of these sources.
const STAMP: &str = "widget-build.stamp";

/// Whether a build without Node.js, or without the standard library's sources, is good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Optimise {
    /// For the demo and for work on the widget.
    IfPossible,
    /// For the tests, which check the sizes.
    Always,
}

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    Optimised,
    Plain,
}

/// Builds the widget where its sources have changed.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<Files, Error> {
    setup::wasm_target()?;
    let tools = tools(workspace, optimise)?;
    let _lock = lock(workspace)?;
    let library = compile(workspace, optimise)?;
    let wasm = workspace.target(&format!("{WASM_TARGET}/widget/eloquent_widget.wasm"));
    let scripts = SCRIPTS.iter().map(|name| workspace.path("www").join(name));
    let sources: Vec<PathBuf> = std::iter::once(wasm).chain(scripts).collect();
    let small = tools.is_some() && library == Library::Small;
    let files = if small { Files::Optimised } else { Files::Plain };
    let stamp = stamp(&[&sources[..], &locales::sources(workspace)?].concat(), files)?;
    if is_current(workspace, &stamp) {
        println!("{DIST} is up to date");
    } else {
        assemble(workspace, &sources, tools.as_ref())?;
        let file = workspace.target(STAMP);
        fs::write(&file, stamp).map_err(Error::file("write", file))?;
    }
    Ok(files)
}

/// Held while files are made: two builds at once would make them in the same place.
fn lock(workspace: &Workspace) -> Result<File, Error> {
    let path = workspace.target("widget-build.lock");
    let file = File::create(&path).map_err(Error::file("create", &path))?;
    file.lock().map_err(Error::file("lock", path))?;
    Ok(file)
}

/// Every file that is made.
fn names(workspace: &Workspace) -> Result<Vec<String>, Error> {
    let languages = locales::sources(workspace)?;
    let languages = languages.iter().map(|source| locales::served(source));
    Ok(SCRIPTS.iter().chain(&MODULE).map(|&name| name.to_owned()).chain(languages).collect())
}

/// What was built last.
pub(crate) fn built(workspace: &Workspace) -> Result<Files, Error> {
    let stamp = fs::read_to_string(workspace.target(STAMP)).map_err(|_| Error::NotBuilt)?;
    let complete = names(workspace)?.iter().all(|name| workspace.path(DIST).join(name).is_file());
    match (complete, stamp.split_whitespace().next()) {
        (true, Some("optimised")) => Ok(Files::Optimised),
        (true, Some("plain")) => Ok(Files::Plain),
        _ => Err(Error::NotBuilt),
    }
}

fn tools(workspace: &Workspace, optimise: Optimise) -> Result<Option<WidgetTools>, Error> {
    if optimise == Optimise::Always {
        return setup::node()?.widget_tools(workspace).map(Some);
    }
    let Some(npm) = Npm::find() else {
        println!("No Node.js with npm here: the widget is built without wasm-opt and esbuild.");
        return Ok(None);
    };
    npm.widget_tools(workspace).map(Some).or_else(|error| {
        println!("{error}: the widget is built without wasm-opt and esbuild.");
        Ok(None)
    })
}

/// Makes the files in the target directory, and moves them to where they are served from.
fn assemble(workspace: &Workspace, sources: &[PathBuf], tools: Option<&WidgetTools>) -> Result<(), Error> {
    let stage = workspace.target("widget-stage");
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(Error::file("empty", &stage))?;
    }
    fs::create_dir_all(&stage).map_err(Error::file("create", &stage))?;
    println!("== widget: wasm-bindgen");
    let (wasm, scripts) = sources.split_first().ok_or(Error::NotBuilt)?;
    bindgen(wasm, &stage)?;
    names::shorten(&stage.join("widget_bg.wasm"), &stage.join("widget.js"))?;
    traps::guard(&stage.join("widget.js"))?;
    for (name, script) in SCRIPTS.iter().zip(scripts) {
        copy(script, &stage.join(name))?;
    }
    let Some(tools) = tools else {
        locales::pack(workspace, &stage)?;
        return publish(workspace, &stage);
    };
    println!("== widget: making it small");
    let small = stage.join("small");
    fs::create_dir(&small).map_err(Error::file("create", &small))?;
    tools.shrink_wasm(&stage.join("widget_bg.wasm"), &small.join("widget_bg.wasm"))?;
    for name in SCRIPTS.iter().chain(&["widget.js"]) {
        tools.minify(&stage.join(name), &small.join(name))?;
    }
    locales::pack(workspace, &small)?;
    publish(workspace, &small)
}

fn bindgen(wasm: &Path, folder: &Path) -> Result<(), Error> {
    let options = ["--target=web", "--no-typescript", "--remove-name-section", "--remove-producers-section"];
    let mut words: Vec<OsString> = options.iter().map(OsString::from).collect();
    words.extend(["--out-name".into(), "widget".into(), "--out-dir".into(), folder.into(), wasm.into()]);
    Tool::Bindgen.run(&words)
}

/// Writes each file and its compressed twin to where the server finds them; each appears whole.
fn publish(workspace: &Workspace, from: &Path) -> Result<(), Error> {
    let dist = workspace.path(DIST);
    fs::create_dir_all(&dist).map_err(Error::file("create", &dist))?;
    for name in names(workspace)? {
        let file = from.join(&name);
        let twin = from.join(format!("{name}.br"));
        let bytes = fs::read(&file).map_err(Error::file("read", &file))?;
        let compressed = sizes::compress(&bytes).map_err(Error::file("compress", &file))?;
        fs::write(&twin, compressed).map_err(Error::file("write", &twin))?;
        for made in [file, twin] {
            let place = dist.join(made.file_name().unwrap_or_default());
            let beside = place.with_extension("new");
            copy(&made, &beside)?;
            fs::rename(&beside, &place).map_err(Error::file("write", &place))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(Error::file("copy", from))
}

/// One line that differs whenever the files would. A changed hash function only costs a build.
fn stamp(sources: &[PathBuf], files: Files) -> Result<String, Error> {
    let mut hasher = DefaultHasher::new();
    for source in sources {
        fs::read(source).map_err(Error::file("read", source))?.hash(&mut hasher);
    }
    // How the files are made is in this file and its neighbours, and so in the program that runs now.
    let program = std::env::current_exe().map_err(Error::file("find", "xtask"))?;
    fs::read(&program).map_err(Error::file("read", program))?.hash(&mut hasher);
    let word = match files {
        Files::Optimised => "optimised",
        Files::Plain => "plain",
    };
    Ok(format!("{word} {:016x}\n", hasher.finish()))
}

fn is_current(workspace: &Workspace, stamp: &str) -> bool {
    built(workspace).is_ok() && fs::read_to_string(workspace.target(STAMP)).is_ok_and(|last| last == stamp)
}
