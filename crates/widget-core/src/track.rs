//! What has happened on the page (`trackEvent`), and which page it is (`page`): hints that nobody has
//! verified, which go along with the visitor's messages.
//!
//! Invariant: an event reaches the server with one message. It stays here until that message was
//! accepted, and then it is gone.

use eloquent_types::{
    chat::{Page, PageEvent},
    text::{count_chars, first_chars, is_blank},
};

use crate::{
    command::{CallId, CommandKind, CommandResult},
    commands,
    state::State,
};

/// How many events wait for the next message; the oldest make room.
pub(crate) const EVENTS_MAX: usize = 20;

/// How long an event's name can be, in characters.
pub(crate) const NAME_MAX_CHARS: usize = 128;

/// How large one event can be, its name and its properties' names and values together, in bytes.
pub(crate) const EVENT_MAX_BYTES: usize = 2_048;

/// How much of a message's request events may fill up, in bytes of JSON: the server takes 64 KiB.
const REQUEST_BYTES: usize = 60_000;

/// How long a page's address can be, in characters; the rest is cut off.
const URL_MAX_CHARS: usize = 2_000;

/// How long a page's title can be, in characters; the rest is cut off.
const TITLE_MAX_CHARS: usize = 300;

/// What has happened since the last message.
#[derive(Debug, PartialEq)]
pub(crate) struct Tracked {
    events: Vec<PageEvent>,
    /// The id of the message that they were last sent with.
    message: String,
    /// How many of them, the oldest, are with that message.
    sent: usize,
}

impl Tracked {
    /// Nothing has happened.
    pub(crate) const NOTHING: Self = Self { events: Vec::new(), message: String::new(), sent: 0 };

    /// Events for a message, the oldest first, as many as there is room for beside so many bytes of JSON
    /// that go along. A message that is tried again has those that it had: it may have arrived, and then
    /// what it brings now is not read.
    pub(crate) fn send(&mut self, message: &str, mut used: usize) -> Vec<PageEvent> {
        if self.message != message {
            message.clone_into(&mut self.message);
            self.sent = 0;
            for event in &self.events {
                // Beside the name, there are the names of an event's own members, and the time.
                used += json_bytes(&event.name) + 64 + pairs_bytes(&event.properties);
                if used > REQUEST_BYTES {
                    break;
                }
                self.sent += 1;
            }
        }
        self.events.get(..self.sent).unwrap_or_default().to_vec()
    }

    /// The message with which they were sent was accepted.
    pub(crate) fn accepted(&mut self) {
        self.events.drain(..std::mem::take(&mut self.sent));
    }

    fn note(&mut self, event: PageEvent) {
        if self.events.len() == EVENTS_MAX {
            self.events.remove(0);
            self.sent = self.sent.saturating_sub(1);
        }
        self.events.push(event);
    }
}

/// What goes along with the message of this bubble: nothing, where the server has the message already.
pub(crate) fn go_along(state: &mut State, key: u32, message: &str) -> Vec<PageEvent> {
    let visitor = &mut state.visitor;
    if visitor.thread.bubble(key).is_some_and(|bubble| bubble.message.is_some()) {
        return Vec::new();
    }
    let mut used = pairs_bytes(&visitor.hints);
    if let Some(page) = &state.page {
        used += json_bytes(&page.url) + json_bytes(&page.title);
    }
    if let Some(outgoing) = visitor.thread.outbox.first() {
        used += json_bytes(outgoing.text.as_str());
    }
    if let Some(token) = visitor.token() {
        used += json_bytes(token.expose());
    }
    visitor.tracked.send(message, used)
}

/// Notes an event, unless it is too large.
pub(crate) fn track(state: &mut State, call: CallId, name: String, properties: Vec<(String, String)>) {
    let bytes: usize = properties.iter().map(|(name, value)| name.len() + value.len()).sum();
    let small = name.len() + bytes <= EVENT_MAX_BYTES && count_chars(&name) <= NAME_MAX_CHARS;
    if is_blank(&name) || !small {
        return commands::malformed(state, call, CommandKind::TrackEvent);
    }
    let at = state.now;
    state.visitor.tracked.note(PageEvent { name, properties, at });
    state.resolve(call, CommandResult::Done);
}

/// A page as it goes along with a message: its address and its title, each cut where it is too long.
pub fn page(url: &str, title: &str) -> Page {
    Page {
        url: first_chars(url, URL_MAX_CHARS).to_owned(),
        title: first_chars(title, TITLE_MAX_CHARS).to_owned(),
    }
}

/// How many bytes names and values are in JSON.
fn pairs_bytes(pairs: &[(String, String)]) -> usize {
    let mut bytes = 0;
    for (name, value) in pairs {
        bytes += json_bytes(name) + json_bytes(value);
    }
    bytes
}

/// How many bytes a string is in JSON, its quotes and a comma included.
fn json_bytes(text: &str) -> usize {
    let mut bytes = 3;
    for byte in text.bytes() {
        bytes += match byte {
            b'"' | b'\\' => 2,
            0..0x20 => 6,
            _ => 1,
        };
    }
    bytes
}
