//! What a visitor may want to ask next: of the articles that came near to the question, and of the agent's
//! own questions those that were not asked yet.

use eloquent_types::conversation::Role;

use super::{Answer, BuiltinInput, text};

/// How many are offered.
pub(super) const SUGGESTIONS_MAX: usize = 3;

/// The longest, in characters.
pub(super) const SUGGESTION_MAX_CHARS: usize = 80;

/// How an English heading that can be read as a question begins.
const ASKING: [&str; 12] =
    ["how", "what", "when", "where", "why", "which", "who", "can", "do", "does", "is", "are"];

/// Behind this answer: nothing that it has just quoted.
pub(super) fn of(input: &BuiltinInput<'_>, answer: &Answer) -> Vec<String> {
    let is_source = |title: &str| answer.sources.iter().any(|source| source.title == title);
    let is_quoted = |heading: &str| answer.text.contains(&format!("“{}”", text::escape(heading)));
    let others = input.passages.iter().filter_map(|passage| match &passage.heading {
        Some(heading) if is_quoted(heading) => None,
        Some(heading) => Some(question(heading)),
        None if is_source(&passage.title) => None,
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

#[cfg(test)]
mod tests {
    use eloquent_store::Passage;
    use eloquent_types::id::ArticleId;

    use super::super::{super::Turn, answer};
    use super::*;

    fn passage(title: &str, heading: Option<&str>, text: &str) -> Passage {
        Passage {
            article_id: ArticleId::from_u128(1),
            title: title.to_owned(),
            url: None,
            heading: heading.map(str::to_owned),
            text: text.to_owned(),
            score: 1.0,
        }
    }

    fn suggested(passages: &[Passage], history: &[Turn<'_>], starters: &[&str]) -> Vec<String> {
        let starters: Vec<_> = starters.iter().map(|&text| text.to_owned()).collect();
        let input = BuiltinInput {
            agent_name: "Fern",
            identity: None,
            passages,
            history,
            question: "How long do refunds take?",
            starters: &starters,
        };
        answer(&input).suggestions
    }

    #[test]
    fn headings_become_questions_and_what_was_quoted_is_none() {
        let passages = [
            passage("Refunds", Some("How long refunds take"), "Refunds take five days."),
            passage("Refunds", Some("How to ask for one"), "Ask."),
            passage("Delivery", None, "We deliver."),
            passage("Exchange", Some("Is it free?"), "It is."),
            passage("Long", Some(&"x".repeat(80)), "Long."),
        ];
        assert_eq!(
            suggested(&passages, &[], &[]),
            ["How to ask for one?", "What about “Delivery”?", "Is it free?"]
        );
        // One place is a starter's.
        assert_eq!(suggested(&passages, &[], &["Which plan am I on?"])[2], "Which plan am I on?");
    }

    #[test]
    fn what_was_asked_is_not_offered_again() {
        let asked = [Turn { role: Role::Visitor, text: "which PLAN am I on" }];
        let starters =
            ["Which plan am I on?", "How long do refunds take?", "Who are you?", "Who are you", " "];
        assert_eq!(suggested(&[], &asked, &starters), ["Who are you?"]);
        assert_eq!(suggested(&[], &[], &["A?", "B?", "C?", "D?"]), ["A?", "B?", "C?"]);
        let long = "x".repeat(81);
        assert!(suggested(&[], &[], &[&long]).is_empty());
    }
}
