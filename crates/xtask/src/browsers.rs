//! The browsers that the tests run in: looked for, and installed by Debian's package manager where they
//! are missing.
//!
//! A variable names another program than the one on the `PATH`. Firefox needs no driver: the tests speak
//! to it directly.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process::{find, variable};
use crate::setup::apt_install;

/// A browser that is there, and how the tests are told of it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The word for it in `BROWSER`.
    engine: &'static str,
    /// Each program with the variable that names it.
    programs: Vec<(&'static str, PathBuf)>,
}

/// Where a program is looked for.
struct Wanted {
    variable: &'static str,
    /// On the `PATH`, the first of these that is there.
    names: &'static [&'static str],
    /// And then here.
    places: &'static [&'static str],
}

const CHROMIUM: [Wanted; 2] = [
    Wanted {
        variable: "CHROME",
        names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        places: &[],
    },
    Wanted { variable: "CHROMEDRIVER", names: &["chromedriver"], places: &[] },
];

const FIREFOX: [Wanted; 1] =
    [Wanted { variable: "FIREFOX", names: &["firefox-esr", "firefox"], places: &[] }];

const WEBKIT: [Wanted; 3] = [
    Wanted { variable: "WEBKITDRIVER", names: &["WebKitWebDriver"], places: &[] },
    Wanted {
        variable: "MINIBROWSER",
        names: &[],
        places: &[
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
        ],
    },
    Wanted { variable: "XVFB", names: &["Xvfb"], places: &[] },
];

impl Browser {
    /// The programs.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &Path> {
        self.programs.iter().map(|(_, path)| path.as_path())
    }

    /// Tells a command to use this browser, and no other.
    pub(crate) fn choose<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for other in ["GECKODRIVER", "SAFARIDRIVER", "MSEDGEDRIVER", "NO_HEADLESS"] {
            command.env_remove(other);
        }
        command.env("BROWSER", self.engine).envs(self.programs.iter().map(|(name, path)| (name, path)))
    }
}

/// Makes sure that Chromium and its driver are there.
pub(crate) fn chromium() -> Result<Browser, Error> {
    there(
        "chromium",
        &CHROMIUM,
        &["chromium", "chromium-driver", "fonts-liberation"],
        Error::Missing {
            what: "Chromium (or Chrome) with a chromedriver of the same version",
            instructions: "Debian: sudo apt-get install chromium chromium-driver\n\
                macOS: brew install --cask google-chrome chromedriver\n\
                otherwise put both on the PATH, or name them by CHROME=… and CHROMEDRIVER=…",
        },
    )
}

/// Makes sure that Firefox is there.
pub(crate) fn firefox() -> Result<Browser, Error> {
    there(
        "firefox",
        &FIREFOX,
        &["firefox-esr", "fonts-liberation"],
        Error::Missing {
            what: "Firefox",
            instructions: "Debian: sudo apt-get install firefox-esr\n\
                macOS: brew install --cask firefox, and name it by FIREFOX=…\n\
                otherwise put it on the PATH, or leave it out: cargo xtask test e2e",
        },
    )
}

/// Makes sure that `WebKit`'s browser and driver are there, and a display for them.
pub(crate) fn webkit() -> Result<Browser, Error> {
    there(
        "webkit",
        &WEBKIT,
        &["webkit2gtk-driver", "xvfb", "fonts-liberation"],
        Error::Missing {
            what: "WebKitGTK with its driver, and Xvfb",
            instructions: "Debian, Ubuntu: sudo apt-get install webkit2gtk-driver xvfb\n\
                elsewhere leave it out: cargo xtask test e2e firefox",
        },
    )
}

fn there(
    engine: &'static str,
    wanted: &[Wanted],
    packages: &[&str],
    missing: Error,
) -> Result<Browser, Error> {
    if let Some(programs) = look(wanted) {
        return Ok(Browser { engine, programs });
    }
    let installed = apt_install(&format!("the browser {engine}"), packages)?;
    let programs = installed.then(|| look(wanted)).flatten().ok_or(missing)?;
    Ok(Browser { engine, programs })
}

fn look(wanted: &[Wanted]) -> Option<Vec<(&'static str, PathBuf)>> {
    let path = |wanted: &Wanted| {
        variable(wanted.variable)
            .map(PathBuf::from)
            .or_else(|| find(wanted.names))
            .or_else(|| wanted.places.iter().map(PathBuf::from).find(|path| path.is_file()))
    };
    wanted.iter().map(|wanted| Some((wanted.variable, path(wanted)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: Wanted =
        Wanted { variable: "NO_SUCH_VARIABLE", names: &["no-such-program", "cargo"], places: &[] };
    const NOTHING: Wanted =
        Wanted { variable: "NO_SUCH_VARIABLE", names: &[], places: &["/no/such/program"] };

    #[test]
    fn a_browser_is_there_only_with_all_of_its_programs() {
        let programs = look(&[CARGO]).unwrap();
        assert!(programs[0].1.ends_with("cargo"), "{programs:?}");
        assert!(look(&[CARGO, NOTHING]).is_none());
    }

    #[test]
    fn a_command_is_told_of_one_browser() {
        let browser = Browser { engine: "firefox", programs: look(&[CARGO]).unwrap() };
        let mut command = Command::new("true");
        let told: Vec<_> = browser.choose(&mut command).get_envs().collect();
        let engine = ("BROWSER".as_ref(), Some("firefox".as_ref()));
        assert!(told.contains(&engine) && told.contains(&("GECKODRIVER".as_ref(), None)), "{told:?}");
    }
}
