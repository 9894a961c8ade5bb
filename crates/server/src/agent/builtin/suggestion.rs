//! What a visitor may want to ask next: of the articles that came near to the question, and of the agent's
//! own questions those that were not asked yet.

use eloquent_types::conversation::{Role, Source};

use super::BuiltinInput;

/// How many are offered.
pub(super) const SUGGESTIONS_MAX: usize = 3;

/// The longest, in characters.
pub(super) const SUGGESTION_MAX_CHARS: usize = 80;

/// How an English heading that can be read as a question begins.
const ASKING: [&str; 12] =
    ["how", "what", "when", "where", "why", "which", "who", "can", "do", "does", "is", "are"];

/// For an answer from these sources.
pub(super) fn of(input: &BuiltinInput<'_>, sources: &[Source]) -> Vec<String> {
    let quoted = |title: &str| sources.iter().any(|source| source.title == title);
    let others = input.passages.iter().filter_map(|passage| match &passage.heading {
        Some(heading) => Some(question(heading)),
        None if quoted(&passage.title) => None,
        None => Some(question(&passage.title)),
    });
    let asked = |wanted: &str| {
        let turns = input.history.iter().filter(|turn| turn.role == Role::Visitor).map(|turn| turn.text);
        turns.chain([input.question]).any(|text| key(text) == key(wanted))
    };
    let fits = |text: &String| !text.trim().is_empty() && text.chars().count() <= SUGGESTION_MAX_CHARS;
    let mut suggestions: Vec<String> = Vec::new();
    // One place is the agent's own questions', where some are left.
    let starters: Vec<String> =
        input.starters.iter().filter(|text| fits(text) && !asked(text)).cloned().collect();
    let room = SUGGESTIONS_MAX - starters.len().min(1);
    for text in others.filter(|text| fits(text) && !asked(text)).take(room).chain(starters) {
        let known = suggestions.iter().any(|one| key(one) == key(&text));
        if suggestions.len() < SUGGESTIONS_MAX && !known {
            suggestions.push(text);
        }
    }
    suggestions
}

/// A heading as a question.
fn question(heading: &str) -> String {
    let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = heading.split(' ').next().unwrap_or_default().to_lowercase();
    if heading.ends_with(['?', '？']) {
        heading
    } else if ASKING.contains(&first.as_str()) {
        heading + "?"
    } else {
        format!("What about “{heading}”?")
    }
}

/// What makes two questions the same: their letters and digits, whatever their case.
fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
