//! Compact JSON: no white space, members in the order of their names, strings with no more escapes than
//! they need, numbers as they were.

use std::{borrow::Cow, collections::BTreeMap};

use super::unescaped;

/// Writes a value that is known to be strict JSON. (Of any other text it makes nonsense, never a panic.)
pub(super) fn of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    Walker { rest: text }.value(&mut out);
    out
}

/// Walks a text that is JSON by its grammar, and so needs to know only where a value ends.
struct Walker<'t> {
    rest: &'t str,
}

impl<'t> Walker<'t> {
    fn value(&mut self, out: &mut String) {
        match self.peek() {
            Some(b'{') => self.object(out),
            Some(b'[') => self.array(out),
            Some(b'"') => write_string(self.string(), out),
            _ => out.push_str(self.word()),
        }
    }

    fn object(&mut self, out: &mut String) {
        let mut members = BTreeMap::new();
        self.advance();
        while let Some(b'"') = self.peek() {
            let name = unescaped(self.string());
            self.peek();
            self.advance();
            let mut value = String::new();
            self.value(&mut value);
            members.insert(name, value);
            if self.peek() == Some(b',') {
                self.advance();
            }
        }
        self.advance();
        out.push('{');
        for (index, (name, value)) in members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_text(name, out);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
    }

    fn array(&mut self, out: &mut String) {
        self.advance();
        out.push('[');
        if self.peek() != Some(b']') {
            self.value(out);
        }
        while self.peek() == Some(b',') {
            self.advance();
            out.push(',');
            self.value(out);
        }
        self.advance();
        out.push(']');
    }

    /// What is between the quotes of a string that starts here.
    fn string(&mut self) -> &'t str {
        self.advance();
        let mut end = 0;
        while let Some(at) = self.rest.get(end..).and_then(|rest| rest.find(['"', '\\'])) {
            end += at;
            if self.rest.as_bytes().get(end) == Some(&b'"') {
                break;
            }
            end += 2;
        }
        let (body, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.advance();
        body
    }

    /// A number or literal: up to white space or punctuation.
    fn word(&mut self) -> &'t str {
        let end = self.rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Leaves a character behind.
    fn advance(&mut self) {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.as_bytes().first().copied()
    }
}

/// Writes what stood between quotes.
fn write_string(body: &str, out: &mut String) {
    match unescaped(body) {
        // Without an escape there is nothing in it that needs one.
        Cow::Borrowed(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        Cow::Owned(text) => write_text(&text, out),
    }
}

/// Writes a text with the escapes that it needs.
fn write_text(text: &str, out: &mut String) {
    // Text is always written; an error is for writers that fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
