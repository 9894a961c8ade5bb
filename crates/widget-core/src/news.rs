//! What is new to a visitor who is elsewhere: unread messages, their sound, the preview beside the
//! launcher; and what is said to one who is there and cannot see it.

use eloquent_types::{id::MessageId, text::first_chars};

use crate::{bubble::Content, effect::Effect, event::EventKind, state::State};

/// How many characters of a message stand beside the launcher.
const PREVIEW_CHARS: usize = 120;

/// How long the paragraphs of an answer are, in bytes, that are said before all of it is there: shorter
/// ones wait for the next.
const SAID_BYTES: usize = 200;

pub(crate) fn set_unread(state: &mut State, unread: u32) {
    if state.visitor.unread != unread {
        state.visitor.unread = unread;
        state.push(Effect::Title { unread });
        state.emit(EventKind::Unread { count: unread });
    }
}

/// The visitor looks at the conversation.
pub(crate) fn seen(state: &mut State) {
    if is_looked_at(state) {
        set_unread(state, 0);
    }
}

fn is_looked_at(state: &State) -> bool {
    state.visitor.open && !state.hidden
}

/// Counts and says what arrived.
#[inline(never)]
pub(crate) fn arrived(state: &mut State, message: MessageId) {
    let thread = &mut state.visitor.thread;
    thread.window.fresh += u32::from(thread.window.away);
    let from = if thread.writing.is_none() { std::mem::take(&mut thread.said) } else { 0 };
    let Some(bubble) = thread.bubble_of(message) else { return };
    if state.visitor.open && !state.hidden {
        let text = bubble.plain_text_of(from, usize::MAX);
        return say(state, text);
    }
    let text = bubble.plain_text();
    let preview = first_chars(&text, PREVIEW_CHARS);
    if !state.visitor.open && state.launcher_visible {
        state.preview = if preview.is_empty() { None } else { Some(preview.to_owned()) };
    }
    if state.visitor.sound {
        state.push(Effect::Chime);
    }
    set_unread(state, state.visitor.unread.saturating_add(1));
}

/// Says those paragraphs of an answer that are whole, a long answer's before its end.
#[inline(never)]
pub(crate) fn say_on(state: &mut State, answer: MessageId) {
    let is_looked_at = is_looked_at(state);
    let thread = &mut state.visitor.thread;
    let said = thread.said;
    let Some(bubble) = thread.bubble_of(answer).filter(|_| is_looked_at) else { return };
    let Content::Rich(pieces) = &bubble.content else { return };
    let whole = pieces.len().saturating_sub(1);
    if whole > said {
        let text = bubble.plain_text_of(said, whole);
        if text.len() >= SAID_BYTES {
            thread.said = whole;
            say(state, text);
        }
    }
}

/// Says something to who looks at the conversation and cannot see it.
pub(crate) fn say(state: &mut State, text: String) {
    if is_looked_at(state) && !text.is_empty() {
        state.push(Effect::Announce(text));
    }
}
