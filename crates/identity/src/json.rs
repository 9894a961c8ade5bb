//! JSON read strictly: no duplicate members at any level, no invalid UTF-8, no lone surrogates, a
//! bounded depth. Numbers keep the digits that were signed, because a 64-bit float loses some of them.
//!
//! One pass over the text validates it, and notes where the members of the outermost object stand; no
//! tree is built. What a value holds is read when somebody asks for it, which for the payload of a token
//! nobody may before its signature has verified.

use std::borrow::Cow;

use scan::Found;

mod compact;
mod number;
mod scan;
#[cfg(test)]
mod tests;

/// How deep arrays and objects may nest, the outermost object included.
const MAX_DEPTH: usize = 32;

/// The text is not JSON as it is wanted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStrict;

/// A JSON object that was read strictly: its text, and where its members stand in it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    text: String,
    members: Vec<Member>,
    escaped: bool,
    finite: bool,
}

/// Where a member's name stands (between its quotes) and its value.
#[derive(Clone, Copy, Debug)]
struct Member {
    name: Span,
    value: Span,
}

/// A piece of the text, in bytes.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn of(self, text: &str) -> &str {
        // Spans start and end beside ASCII characters of the text that they were made for.
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Object {
    /// Reads a text that must be one JSON object.
    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Self, NotStrict> {
        let text = String::from_utf8(bytes).map_err(|_| NotStrict)?;
        let Found { members, escaped, finite } = scan::object(&text)?;
        Ok(Self { text, members, escaped, finite })
    }

    /// Shows the name and value of each member, in the text's order.
    pub(crate) fn each<'o>(&'o self, mut see: impl FnMut(Cow<'o, str>, Value<'o>)) {
        for member in &self.members {
            let name = member.name.of(&self.text);
            let value = Value { text: member.value.of(&self.text) };
            // Two calls, so that where names have no escapes nothing is asked twice.
            if self.escaped { see(unescaped(name), value) } else { see(Cow::Borrowed(name), value) }
        }
    }

    /// The value of this member, if there is one.
    pub(crate) fn get(&self, wanted: &str) -> Option<Value<'_>> {
        let mut found = None;
        self.each(|name, value| {
            if name == wanted {
                found = Some(value);
            }
        });
        found
    }

    /// Whether every number in it, at any level, is finite as a 64-bit float.
    pub(crate) const fn is_finite(&self) -> bool {
        self.finite
    }

    /// The whole object as compact JSON.
    pub(crate) fn compact(&self) -> String {
        compact::of(&self.text)
    }
}

/// A value of an [`Object`]: its text, which is strict JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'t> {
    text: &'t str,
}

impl<'t> Value<'t> {
    /// The string, where it is one.
    pub(crate) fn as_string(self) -> Option<Cow<'t, str>> {
        let body = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(unescaped(body))
    }

    /// Whether it is a number.
    pub(crate) fn is_number(self) -> bool {
        self.text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }

    /// The number as a 64-bit float, where it is one: nearest, and infinite where it is too large.
    pub(crate) fn as_f64(self) -> Option<f64> {
        if self.is_number() { self.text.parse().ok() } else { None }
    }

    /// The object, where it is one.
    pub(crate) fn as_object(self) -> Option<Object> {
        Object::parse(self.text.into()).ok()
    }

    /// Compact JSON: no white space, members in the order of their names, numbers as they were.
    pub(crate) fn compact(self) -> String {
        compact::of(self.text)
    }
}

/// What stands between the quotes of a string, with its escapes resolved.
fn unescaped(body: &str) -> Cow<'_, str> {
    if body.contains('\\') {
        // It was scanned, and so its escapes are ones that the library resolves.
        Cow::Owned(serde_json::from_str(&format!("\"{body}\"")).unwrap_or_default())
    } else {
        Cow::Borrowed(body)
    }
}
