//! What becomes of a module that has failed.
//!
//! A panic ends the module where it stands: its state stays borrowed, so that nothing in it runs any
//! more. The browser throws then, into the page that happened to call: a listener, a timer, a promise.
//! Here the glue learns to keep that from the page and to tell the loader instead, which tells the
//! visitor and answers the page's open calls.

use std::{fs, path::Path};

use crate::error::Error;

/// The glue's places, each as often as it must be there, with what takes their stead.
const PLACES: [(&str, usize, &str); 2] = [
    (
        "export function start(boot) {\n",
        1,
        "let crash;\nexport function start(boot) {\n    crash = boot.crash;\n",
    ),
    // Of the two functions that make a JavaScript function of a closure.
    (
        ", ...args);\n        } finally {",
        2,
        ", ...args);\n        } catch (error) {\n            crash(error);\n        } finally {",
    ),
];

/// Rewrites the glue; fails where wasm-bindgen has written another one than is known here.
pub(super) fn guard(glue: &Path) -> Result<(), Error> {
    let text = fs::read_to_string(glue).map_err(Error::file("read", glue))?;
    let guarded = guarded(text).ok_or_else(|| Error::Bindgen("its glue has another form".into()))?;
    fs::write(glue, guarded).map_err(Error::file("write", glue))
}

fn guarded(glue: String) -> Option<String> {
    PLACES.iter().try_fold(glue, |glue, (place, times, instead)| {
        (glue.matches(place).count() == *times).then(|| glue.replace(place, instead))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "export function start(boot) {\n    wasm.b(boot);\n}\n\
        function makeClosure(arg0, arg1, f) {\n        try {\n            return f(state.a, state.b, ...args);\n        } finally {\n        }\n}\n\
        function makeMutClosure(arg0, arg1, f) {\n        try {\n            return f(a, state.b, ...args);\n        } finally {\n        }\n}\n";

    #[test]
    fn both_kinds_of_closures_tell_of_a_failure() {
        let guarded = guarded(GLUE.into()).unwrap();
        assert_eq!(guarded.matches("catch (error) {\n            crash(error);").count(), 2);
        assert_eq!(guarded.matches("crash = boot.crash;").count(), 1);
    }

    #[test]
    fn another_glue_is_refused() {
        assert_eq!(guarded(String::new()), None);
        assert_eq!(guarded(GLUE.replace("start(boot)", "start(options)")), None);
        assert_eq!(guarded([GLUE, GLUE].concat()), None);
    }
}
