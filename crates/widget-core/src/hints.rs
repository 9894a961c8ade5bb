//! What the page tells of its visitor by `update`: hints that nobody has verified.

use eloquent_types::text::count_chars;

use crate::{
    command::{CallError, CallId, CommandResult},
    state::State,
};

/// How many hints there can be.
pub(crate) const NAMES_MAX: usize = 50;

/// How long a hint's name and its value can be, in characters.
pub(crate) const CHARS_MAX: usize = 512;

/// How large all of them can be, names and values together, in bytes: they go with each message, whose
/// request the server takes up to 64 KiB of, with a message of 8,000 characters and a token of 8 KiB.
pub(crate) const BYTES_MAX: usize = 16_384;

/// Takes changes over, all of them or, where one breaks a limit, none.
pub(crate) fn update(state: &mut State, call: CallId, changes: Vec<(String, Option<String>)>) {
    let fits = |text: &str| count_chars(text) <= CHARS_MAX;
    let mut fit = true;
    let mut hints = state.visitor.hints.clone();
    for (name, value) in changes {
        if let Some(at) = hints.iter().position(|(other, _)| *other == name) {
            hints.remove(at);
        }
        if let Some(value) = value {
            fit &= !name.is_empty() && fits(&name) && fits(&value);
            hints.push((name, value));
        }
    }
    let mut bytes = 0;
    for (name, value) in &hints {
        bytes += name.len() + value.len();
    }
    if fit && hints.len() <= NAMES_MAX && bytes <= BYTES_MAX {
        state.visitor.hints = hints;
        state.resolve(call, CommandResult::Done);
    } else {
        state.fail(Some(call), CallError::InvalidArgument);
    }
}
