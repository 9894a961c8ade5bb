//! What a text is that is no token, told by how it looks.

use crate::{Secret, Suspicion, Token};

/// What languages and libraries write where there is nothing.
const NOTHING: [&str; 8] = ["undefined", "null", "None", "nil", "NaN", "false", "true", "NULL"];

/// How a place begins that a template or an example leaves to be filled in.
const TEMPLATES: [&str; 10] = ["{{", "${", "<%", "#{", "%(", "__", "$(", "@{", "YOUR_", "your_"];

/// What the text probably is.
pub(crate) fn suspect(token: &Token) -> Option<Suspicion> {
    let text = token.expose();
    let trimmed = text.trim();
    if let Some(nothing) = NOTHING.into_iter().find(|nothing| *nothing == trimmed) {
        return Some(Suspicion::Nothing(nothing));
    }
    of_beginning(trimmed).or_else(|| of_characters(text))
}

fn of_beginning(text: &str) -> Option<Suspicion> {
    let begins = |start: &str| text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    if TEMPLATES.iter().any(|template| text.starts_with(template)) || is_braced_word(text) {
        Some(Suspicion::Template)
    } else if begins("[object promise]") {
        Some(Suspicion::Promise)
    } else if begins("[object ") {
        Some(Suspicion::Object)
    } else if begins("bearer ") || begins("bearer:") {
        Some(Suspicion::Bearer)
    } else if Secret::parse(text).is_ok() {
        Some(Suspicion::SecretInstead)
    } else if text.starts_with('{') || text.starts_with('[') {
        Some(Suspicion::Json)
    } else if text.starts_with('<') {
        Some(Suspicion::Html)
    } else {
        None
    }
}

/// `{token}`, and `:token` as routes have it.
fn is_braced_word(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.or_else(|| text.strip_prefix(':')).is_some_and(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn of_characters(text: &str) -> Option<Suspicion> {
    let dots = text.matches('.').count();
    if text.starts_with(['"', '\'', '`', '“', '‘']) {
        Some(Suspicion::Quoted)
    } else if text.contains(char::is_whitespace) {
        Some(Suspicion::WhiteSpace)
    } else if text.contains('%') {
        Some(Suspicion::UrlEncoded)
    } else if dots == 4 {
        Some(Suspicion::Encrypted)
    } else if text.contains(['+', '/']) {
        Some(Suspicion::StandardAlphabet)
    } else if text.contains('=') {
        Some(Suspicion::Padded)
    } else if text.starts_with("eyJ") && (dots < 2 || text.ends_with(['.', '…'])) {
        Some(Suspicion::Cut)
    } else {
        None
    }
}
