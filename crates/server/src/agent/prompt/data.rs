//! What others wrote, as JSON for a prompt: escaped, and cut where it is long.
//!
//! Escaped as `\uXXXX`, in keys too, are `<`, `>` and `&` (so that no string can end the tags around
//! a block), control characters, the two Unicode line ends, and every character that is invisible or
//! turns the direction of text (so that nothing can be said to the model that a person who reads the
//! same context does not see). What comes out is one line of valid JSON.
//!
//! (Writing to a `String` cannot fail; the results of `write!` are ignored for that reason.)

use std::{collections::BTreeMap, fmt::Write as _};

use eloquent_store::Passage;
use eloquent_types::chat::PageEvent;
use serde_json::Value;

use super::{Hints, PASSAGE_MAX_CHARS};
use crate::agent::Identity;

/// The mark at the end of a string that was cut. A value that is no string (a list, an object, a
/// long number) and is cut stands as a string of its JSON text, with the same mark.
pub const CUT: &str = "…[cut]";

/// The longest value or key, in characters (Unicode scalar values, before escaping); what is longer
/// is cut there and gets the mark [`CUT`].
pub const VALUE_MAX_CHARS: usize = 512;

/// The longest block, in bytes. A member that would take it over is left out, and the block ends
/// with `"left_out": n`, which says how many were: the mark of a block that was cut.
pub const BLOCK_MAX_BYTES: usize = 4_096;

/// What the end of a block can take: closing braces and the mark.
const TAIL_MAX_BYTES: usize = r#"},"left_out":18446744073709551615}"#.len();

/// The block of a verified identity: `user_id`, `email` where there is one, `claims`.
pub(super) fn identity(identity: &Identity<'_>) -> String {
    let mut block = Block::new();
    block.text("user_id", identity.user_id);
    if let Some(email) = identity.email {
        block.text("email", email);
    }
    block.members("claims", identity.claims.iter().map(|(name, json)| (name, value(json))));
    block.end()
}

/// The block of what the page says; none where it says nothing.
pub(super) fn hints(hints: &Hints<'_>) -> Option<String> {
    let attributes = hints.attributes.filter(|attributes| !attributes.is_empty());
    if hints.page.is_none() && hints.locale.is_none() && attributes.is_none() && hints.events.is_empty() {
        return None;
    }
    let mut block = Block::new();
    if let Some(locale) = hints.locale {
        block.text("locale", locale);
    }
    if let Some(page) = hints.page {
        block.text("page_url", &page.url);
        block.text("page_title", &page.title);
    }
    if let Some(attributes) = attributes {
        let members = attributes.iter().map(|(name, text)| (name.as_str(), literal(text, VALUE_MAX_CHARS)));
        block.members("attributes", members);
    }
    if !hints.events.is_empty() {
        // Where the block is full, the older ones are left out.
        block.items("events_newest_first", hints.events.iter().rev().map(event));
    }
    Some(block.end())
}

/// Something that a page says has happened.
fn event(event: &PageEvent) -> String {
    let mut json = format!("{{\"name\":{}", literal(&event.name, VALUE_MAX_CHARS));
    let _ = write!(json, ",\"at\":{}", literal(&event.at.to_string(), VALUE_MAX_CHARS));
    if !event.properties.is_empty() {
        let mut properties = Block::new();
        // In the order of their names, so that two that are one behind the cut come together.
        let by_name: BTreeMap<_, _> = event.properties.iter().map(|(name, text)| (name, text)).collect();
        properties.members(
            "properties",
            by_name.into_iter().map(|(name, text)| (name.as_str(), literal(text, VALUE_MAX_CHARS))),
        );
        let members = properties.end();
        json.push(',');
        json.push_str(members.get(1..members.len() - 1).unwrap_or_default());
    }
    json + "}"
}

/// One passage of an article.
pub(super) fn passage(passage: &Passage) -> String {
    let mut json = format!("{{\"title\":{}", literal(&passage.title, VALUE_MAX_CHARS));
    let heading = passage.heading.as_deref();
    let url = passage.url.as_ref().map(eloquent_types::rich::Href::as_str);
    for (name, text) in [("heading", heading), ("url", url)] {
        if let Some(text) = text {
            let _ = write!(json, ",\"{name}\":{}", literal(text, VALUE_MAX_CHARS));
        }
    }
    json + &format!(",\"text\":{}}}", literal(&passage.text, PASSAGE_MAX_CHARS))
}

/// A JSON object that never grows over [`BLOCK_MAX_BYTES`].
struct Block {
    json: String,
    left_out: usize,
}

impl Block {
    fn new() -> Self {
        Self { json: "{".to_owned(), left_out: 0 }
    }

    /// Adds a member if it fits. Names are this module's own, so they need no escaping.
    fn text(&mut self, name: &str, text: &str) {
        let comma = if self.json.ends_with('{') { "" } else { "," };
        self.add(&format!("{comma}\"{name}\":{}", literal(text, VALUE_MAX_CHARS)));
    }

    /// Adds an object with those of the members that fit.
    fn members<'a>(&mut self, name: &str, members: impl Iterator<Item = (&'a str, String)>) {
        let comma = if self.json.ends_with('{') { "" } else { "," };
        if !self.add(&format!("{comma}\"{name}\":{{")) {
            return;
        }
        let mut last_key = String::new();
        for (name, value) in members {
            let key = literal(name, VALUE_MAX_CHARS);
            let comma = if self.json.ends_with('{') { "" } else { "," };
            // Names that differ only behind the cut would be one key twice; they come in order, so
            // they come one after the other.
            if key == last_key {
                self.left_out += 1;
            } else if self.add(&format!("{comma}{key}:{value}")) {
                last_key = key;
            }
        }
        self.json.push('}');
    }

    /// Adds a list with those of the items that fit, up to the first that does not.
    fn items(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let comma = if self.json.ends_with('{') { "" } else { "," };
        if !self.add(&format!("{comma}\"{name}\":[")) {
            return;
        }
        let before = self.left_out;
        for item in items {
            let comma = if self.json.ends_with('[') { "" } else { "," };
            if self.left_out > before {
                self.left_out += 1;
            } else {
                self.add(&format!("{comma}{item}"));
            }
        }
        self.json.push(']');
    }

    fn add(&mut self, member: &str) -> bool {
        let fits = self.json.len() + member.len() + TAIL_MAX_BYTES <= BLOCK_MAX_BYTES;
        if fits {
            self.json.push_str(member);
        } else {
            self.left_out += 1;
        }
        fits
    }

    fn end(mut self) -> String {
        if self.left_out > 0 {
            let _ = write!(self.json, ",\"left_out\":{}", self.left_out);
        }
        self.json.push('}');
        self.json
    }
}

/// A claim's value, given as JSON text. What is no JSON is shown as a string.
fn value(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => literal(&text, VALUE_MAX_CHARS),
        Ok(value) => {
            let text = value.to_string();
            if text.chars().nth(VALUE_MAX_CHARS).is_some() {
                literal(&text, VALUE_MAX_CHARS)
            } else {
                let mut out = String::new();
                write_value(&mut out, &value);
                out
            }
        }
        Err(_) => literal(json, VALUE_MAX_CHARS),
    }
}

/// Writes a value without cutting it. It was parsed, so its depth is bounded by the parser.
fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::String(text) => write_literal(out, text, usize::MAX),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_literal(out, name, usize::MAX);
                out.push(':');
                write_value(out, member);
            }
            out.push('}');
        }
    }
}

/// A JSON string of at most so many characters of the text, and the mark where there were more.
pub(super) fn literal(text: &str, max_chars: usize) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_literal(&mut out, text, max_chars);
    out
}

fn write_literal(out: &mut String, text: &str, max_chars: usize) {
    out.push('"');
    let end = text.char_indices().nth(max_chars).map(|(index, _)| index);
    for c in text[..end.unwrap_or(text.len())].chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ if must_be_escaped(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            _ => out.push(c),
        }
    }
    if end.is_some() {
        out.push_str(CUT);
    }
    out.push('"');
}

/// Whether the character could end a block, or is not seen by a person who reads the context: the
/// control characters, the line ends, Unicode's bidirectional controls, its default-ignorable
/// characters (zero-width, fillers, variation selectors, tags) and the private-use and unassigned
/// ends of the planes that are used like these.
fn must_be_escaped(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '<' | '>' | '&'
            | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}')
}
