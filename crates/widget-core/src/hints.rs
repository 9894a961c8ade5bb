//! What the page tells of its visitor by `update`: hints that nobody has verified.

use std::collections::BTreeMap;

use crate::{
    command::{CallError, CallId, CommandResult},
    state::State,
};

/// How many hints there can be.
pub(crate) const NAMES_MAX: usize = 50;

/// How long a hint's name and its value can be, in characters.
pub(crate) const CHARS_MAX: usize = 512;

/// Takes changes over, all of them or, where one breaks a limit, none.
pub(crate) fn update(state: &mut State, call: CallId, changes: Vec<(String, Option<String>)>) {
    match merged(&state.visitor.hints, changes) {
        Some(hints) => {
            state.visitor.hints = hints;
            state.resolve(call, CommandResult::Done);
        }
        None => state.fail(Some(call), CallError::InvalidArgument),
    }
}

fn merged(
    hints: &BTreeMap<String, String>,
    changes: Vec<(String, Option<String>)>,
) -> Option<BTreeMap<String, String>> {
    let fits = |text: &str| text.chars().count() <= CHARS_MAX;
    let mut hints = hints.clone();
    for (name, value) in changes {
        match value {
            Some(value) if fits(&name) && fits(&value) && !name.is_empty() => {
                hints.insert(name, value);
            }
            Some(_) => return None,
            None => {
                hints.remove(&name);
            }
        }
    }
    (hints.len() <= NAMES_MAX).then_some(hints)
}
